//! A recording as a scenario: the recorded arrivals and service times, the recorded consumers, the broker's rules.

use super::recording::{Figures, Message, Recording};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use tailback::study::{ComponentFindings, Findings};

const TICK_S: f64 = 0.05;
/// The recorder's baseline starts so many seconds into the run.
const BASELINE_FROM_S: f64 = 3.0;

/// Simulates the recording, with the measured overhead or without; one set of figures a subscriber.
pub(crate) fn replay(recording: &Recording, overhead: bool) -> Vec<(String, Figures)> {
    let text = scenario(recording, overhead);
    let files = BTreeMap::from([("messages.csv".to_owned(), rows(recording).into_bytes())]);
    let findings = tailback::simulate(&text, &files).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let (start, end) = recording.disturbance();
    let read = |name: String| {
        let queue = findings.component(&name).expect("the subscriber's queue");
        let figures = figures(&findings, queue, start, end);
        (name, figures)
    };
    recording.subscribers().into_iter().map(read).collect()
}

fn rows(recording: &Recording) -> String {
    let prioritized = prioritized(recording);
    let mut out =
        String::from(if prioritized { "time_s,service_s,poison,priority\n" } else { "time_s,service_s,poison\n" });
    for message in &recording.messages {
        let Message { sent, service, poison, .. } = message;
        let (sent, service) = (*sent as f64 / 1e4, *service as f64 / 1e4);
        write!(out, "{sent:.4},{service:.4},{}", u8::from(*poison)).expect("a string takes all");
        if prioritized {
            write!(out, ",{}", if message.high_priority { "high" } else { "low" }).expect("a string takes all");
        }
        out.push('\n');
    }
    out
}

fn prioritized(recording: &Recording) -> bool {
    recording.scenario["queue"]["max_priority"].is_number()
}

fn scenario(recording: &Recording, overhead: bool) -> String {
    let subscribers = recording.subscribers();
    let fan_out = subscribers.len() > 1;
    let duration = recording.scenario["max_s"].as_f64().expect("max_s");
    let mut out = format!(
        "title = \"{}\"\nduration = \"{duration}s\"\nseed = 1\nruns = 1\ntick = \"{TICK_S}s\"\n\n\
            [producer.driver]\nto = \"{}\"\n\
         messages = \"messages.csv\"\n\n",
        recording.name,
        if fan_out { "events" } else { &subscribers[0] }
    );
    if fan_out {
        out += "[topic.events]\n\n";
    }
    for (i, name) in subscribers.iter().enumerate() {
        out += &format!("[queue.{name}]\n");
        if fan_out {
            out += "subscribe = \"events\"\n";
        }
        out += &queue(recording);
        out += &consumer(recording, i, name, fan_out, overhead);
        out += &faults(recording, name, fan_out, duration);
    }
    out
}

fn queue(recording: &Recording) -> String {
    let scenario = &recording.scenario;
    let settings = &scenario["queue"];
    let number = |value: &Value| value.as_f64();
    let mut out = String::new();
    if let Some(limit) = number(&settings["max_length"]) {
        let overflow = if settings["overflow"] == "drop-head" { "drop-head" } else { "reject" };
        out += &format!("capacity = {limit}\noverflow = \"{overflow}\"\n");
    }
    if prioritized(recording) {
        out += "order = \"priority\"\npriorities = [\"high\", \"low\"]\n";
    }
    // RabbitMQ counts redeliveries, the recorder's `max_attempts` counts attempts.
    let deliveries = number(&settings["delivery_limit"]).map(|limit| limit + 1.0);
    if let Some(deliveries) = deliveries.or(number(&scenario["max_attempts"])) {
        out += &format!("max_deliveries = {deliveries}\ndead_letter = \"dlq\"\n");
    }
    // JetStream's AckWait; Redis hands a dead consumer's messages on when they have been idle for long enough.
    if let Some(lease) = number(&settings["ack_wait_s"]).or(number(&scenario["crash_redelivery_s"])) {
        out += &format!("visibility_timeout = \"{lease}s\"\n");
        // JetStream delivers a copy that it has queued for redelivery even if an acknowledgement comes meanwhile.
        if scenario["broker"] == "jetstream" {
            out += "withdraw = false\n";
        }
    }
    if let Some(pending) = number(&settings["max_ack_pending"]) {
        out += &format!("max_in_flight = {pending}\n");
    }
    out.push('\n');
    out
}

/// The groups of one subscriber as one group of ours.
fn consumer(recording: &Recording, index: usize, name: &str, fan_out: bool, overhead: bool) -> String {
    let groups = groups(recording, name, fan_out);
    let number = |group: &Value, key: &str| group[key].as_f64();
    let count = |group: &Value| number(group, "n").unwrap_or(1.0);
    let first: f64 = groups.iter().filter(|group| group["start"].is_null()).map(|group| count(group)).sum();
    let mut out = format!("[consumer.{name}-worker]\nfrom = \"{name}\"\nreplicas = {first}\nservice = \"message\"\n");
    let (mut total, mut steps) = (first, vec![]);
    for group in groups.iter().filter(|group| !group["start"].is_null()) {
        total += count(group);
        steps.push(format!("{{ at = \"{}s\", replicas = {total} }}", number(group, "start").expect("a start")));
    }
    if !steps.is_empty() {
        out += &format!("schedule = [{}]\n", steps.join(", "));
    }
    let speeds = speeds(&groups);
    if speeds.iter().any(|slowness| *slowness != 1.0) {
        let list: Vec<String> = speeds.iter().map(|slowness| format!("{:?}", 1.0 / slowness)).collect();
        out += &format!("speeds = [{}]\n", list.join(", "));
    }
    if let Some(prefetch) = number(groups[0], "prefetch") {
        out += &format!("prefetch = {prefetch}\n");
    }
    if let Some(fail) = number(&recording.scenario, "fail_ms") {
        out += &format!("failure_service = \"{fail}ms\"\n");
    }
    if overhead {
        out += &overhead_line(recording, index, name, &speeds);
    }
    out += &retry(&recording.scenario);
    out.push('\n');
    out
}

fn groups<'a>(recording: &'a Recording, name: &str, fan_out: bool) -> Vec<&'a Value> {
    let all = recording.scenario["consumers"].as_array().expect("consumers").iter();
    all.filter(|group| !fan_out || group["sub"] == name).collect()
}

/// Multiplier of the service time, one entry a replica.
fn speeds(groups: &[&Value]) -> Vec<f64> {
    let of = |group: &&Value| {
        let count = group["n"].as_f64().unwrap_or(1.0) as usize;
        vec![group["speed"].as_f64().unwrap_or(1.0); count]
    };
    groups.iter().flat_map(of).collect()
}

/// Mean turnaround plus the sleep's overshoot.
fn overhead_line(recording: &Recording, index: usize, name: &str, speeds: &[f64]) -> String {
    let turnaround = &recording.summary["turnaround_ms"];
    let own = turnaround["by_subscriber"][name].as_f64();
    let mean = turnaround["mean"].as_f64().expect("a mean turnaround");
    let over = overshoot_ms(recording, index, speeds);
    let ms = |value: Option<f64>| value.unwrap_or(mean) + over;
    let success = ms(own.or(turnaround["after_ok"].as_f64()));
    let failure = ms(turnaround["after_fail"].as_f64());
    format!("overhead = {{ success = \"{success:.4}ms\", failure = \"{failure:.4}ms\" }}\n")
}

/// Actual minus nominal service. The summary's two means stand for it only where all replicas have speed 1; otherwise
/// each message's own work is set against its nominal time on the replica that fits best.
fn overshoot_ms(recording: &Recording, index: usize, speeds: &[f64]) -> f64 {
    let unequal = recording.scenario["consumers"].as_array().expect("consumers");
    if unequal.iter().all(|group| group["speed"].is_null()) {
        let service = &recording.summary["service"];
        let mean = |key: &str| service[key].as_f64().expect("a mean");
        return mean("actual_mean_ms") - mean("nominal_mean_ms");
    }
    // Below 10 ms of work speeds cannot be told apart.
    let clear = recording.messages.iter().filter(|message| message.service >= 100);
    let overs: Vec<f64> = clear
        .filter_map(|message| {
            let worked = message.worked[index]? as f64;
            let off = speeds.iter().map(|slowness| worked - message.service as f64 * slowness);
            off.min_by(|a, b| a.abs().total_cmp(&b.abs()))
        })
        .collect();
    overs.iter().sum::<f64>() / overs.len() as f64 / 10.0
}

fn retry(scenario: &Value) -> String {
    let retry = &scenario["retry"];
    let n = |key: &str| retry[key].as_f64();
    match retry["mode"].as_str() {
        // A failed message goes back to the head at once: what a queue does without `retry`.
        None | Some("requeue" | "nak") => String::new(),
        Some(mode @ ("ttl" | "nak_delay" | "claim")) => {
            let cap = n("cap_s").map_or(String::new(), |cap| format!(", cap = \"{cap}s\""));
            let (base, factor) = (n("base_s").expect("base_s"), n("factor").expect("factor"));
            // JetStream serves what is to be redelivered before new messages, a Redis claim goes straight to its
            // claimer; a RabbitMQ message comes back from its delay queue behind all others.
            let position = if mode == "ttl" { "" } else { ", position = \"head\"" };
            format!("retry = {{ backoff = \"{base}s\", factor = {factor}{cap}{position} }}\n")
        }
        Some(other) => panic!("retry mode {other} is new to this test"),
    }
}

fn faults(recording: &Recording, name: &str, fan_out: bool, duration: f64) -> String {
    let mut out = String::new();
    for (i, window) in recording.scenario["failures"].as_array().into_iter().flatten().enumerate() {
        let n = |key: &str| window[key].as_f64().expect("a number");
        let (from, lasts, p) = (n("from"), n("to") - n("from"), n("p"));
        out += &format!(
            "[[fault]]\nname = \"failures-{i}\"\nat = \"{from}s\"\nfor = \"{lasts}s\"\n\
            consumer = \"{name}-worker\"\nerror_rate = {p:?}\n\n"
        );
    }
    for (i, group) in groups(recording, name, fan_out).iter().enumerate() {
        let Some(at) = group["kill_at"].as_f64() else { continue };
        let (lasts, count) = (duration - at, group["n"].as_f64().unwrap_or(1.0));
        out += &format!(
            "[[fault]]\nname = \"kill-{i}\"\nat = \"{at}s\"\nfor = \"{lasts}s\"\n\
            consumer = \"{name}-worker\"\ncrash = {count}\n\n"
        );
    }
    out
}

/// The recorder's figures, from our series: outstanding is what we call backlog.
fn figures(findings: &Findings, queue: &ComponentFindings, start: f64, end: f64) -> Figures {
    let total = |name: &str| queue.total(name).unwrap_or_else(|| panic!("no total {name}")).mean;
    let backlog = &queue.series("backlog").expect("a backlog").mean;
    let ticks = || findings.time_s.iter().copied().zip(backlog.iter().copied());
    let mut before: Vec<f64> =
        ticks().filter(|(t, _)| (BASELINE_FROM_S..start).contains(t)).map(|(_, depth)| depth).collect();
    before.sort_by(f64::total_cmp);
    let baseline_p95 = before[(before.len() as f64 * 0.95) as usize];
    let peak_at = total("peak_at_s");
    let recovered = ticks().find(|(t, depth)| *t > peak_at && *depth <= baseline_p95);
    Figures {
        peak: total("peak_backlog"),
        recovery_s: recovered.map_or(f64::NAN, |(t, _)| t - end),
        area: queue.average("backlog").expect("a mean backlog").mean * findings.duration_s,
        p99_s: queue.latency.as_ref().expect("latencies").p99,
        deliveries: total("deliveries"),
        dead: total("dead_lettered"),
        rejected: total("rejected"),
        dropped: total("dropped"),
        baseline_p95,
    }
}
