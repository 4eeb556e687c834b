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
    let lead = lead_s(recording);
    let (start, end) = recording.disturbance();
    let (start, end) = (start + lead, end + lead);
    let read = |name: String| {
        let component = match partitions(recording) {
            Some(_) => format!("{name}/{name}-worker"),
            None => name.clone(),
        };
        let queue = findings.component(&component).expect("the subscriber's queue");
        let from = recording.scenario["base_from"].as_f64().unwrap_or(BASELINE_FROM_S) + lead;
        let figures = figures(&findings, queue, from, start, end);
        (name, figures)
    };
    recording.subscribers().into_iter().map(read).collect()
}

fn rows(recording: &Recording) -> String {
    let (prioritized, keyed) = (prioritized(recording), recording.keyed());
    let lead = lead_s(recording);
    let mut out = String::from("time_s,service_s,poison");
    out += if prioritized { ",priority" } else { "" };
    out += if keyed { ",key\n" } else { "\n" };
    for message in &recording.messages {
        let Message { sent, service, poison, .. } = message;
        let (sent, service) = (*sent as f64 / 1e4 + lead, *service as f64 / 1e4);
        write!(out, "{sent:.4},{service:.4},{}", u8::from(*poison)).expect("a string takes all");
        if prioritized {
            write!(out, ",{}", if message.high_priority { "high" } else { "low" }).expect("a string takes all");
        }
        if keyed {
            write!(out, ",{}", message.key).expect("a string takes all");
        }
        out.push('\n');
    }
    out
}

/// Consumers that start before the first message: the run begins with them.
fn lead_s(recording: &Recording) -> f64 {
    recording.scenario["lead_s"].as_f64().unwrap_or(0.0)
}

/// Partitions make it a stream.
fn partitions(recording: &Recording) -> Option<f64> {
    recording.scenario["partitions"].as_f64()
}

fn broker(recording: &Recording) -> &str {
    recording.scenario["broker"].as_str().expect("a broker")
}

fn prioritized(recording: &Recording) -> bool {
    recording.scenario["queue"]["max_priority"].is_number()
}

fn scenario(recording: &Recording, overhead: bool) -> String {
    let subscribers = recording.subscribers();
    let fan_out = subscribers.len() > 1;
    let duration = recording.scenario["max_s"].as_f64().expect("max_s") + lead_s(recording);
    let mut out = format!(
        "title = \"{}\"\nduration = \"{duration}s\"\nseed = 1\nruns = 1\ntick = \"{TICK_S}s\"\n\n\
            [producer.driver]\nto = \"{}\"\n\
         messages = \"messages.csv\"\n\n",
        recording.name,
        if fan_out { "events" } else { &subscribers[0] }
    );
    if fan_out {
        out += "[topic.events]\nbroker = \"rabbitmq-fanout\"\n\n";
    }
    for (i, name) in subscribers.iter().enumerate() {
        if let Some(partitions) = partitions(recording) {
            out += &stream(recording, name, partitions);
            out += &consumer(recording, i, name, fan_out, overhead);
            out += &faults(recording, name, fan_out, duration);
            continue;
        }
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

/// The emulator of Kafka takes so long for every rebalance, from join to assignment, and its consumers were set to hear of
/// one within a second: both stand in the recorded assignments, and neither is a figure of the backlog.
const EMULATOR_REBALANCE_S: f64 = 5.0;
const EMULATOR_HEARTBEAT_S: f64 = 1.0;

fn stream(recording: &Recording, name: &str, partitions: f64) -> String {
    // Redis has no partitions: the recorder kept one stream each, with one consumer that reads it.
    let preset = if broker(recording) == "kafka" { "kafka" } else { "generic" };
    format!("[stream.{name}]\nbroker = \"{preset}\"\npartitions = {partitions}\n\n")
}

fn queue(recording: &Recording) -> String {
    let scenario = &recording.scenario;
    let settings = &scenario["queue"];
    let number = |value: &Value| value.as_f64();
    let mut out = match broker(recording) {
        "rabbitmq" if settings["type"] == "quorum" => "broker = \"rabbitmq-quorum\"\n",
        "rabbitmq" => "broker = \"rabbitmq\"\n",
        "jetstream" => "broker = \"jetstream\"\n",
        "redis" => "broker = \"redis-stream\"\n",
        "sqs" if settings["fifo"] == true => "broker = \"sqs-fifo\"\n",
        "sqs" => "broker = \"sqs\"\n",
        other => panic!("broker {other} is new to this test"),
    }
    .to_owned();
    if let Some(limit) = number(&settings["max_length"]) {
        out += &format!("x-max-length = {limit}\nx-overflow = {}\n", settings["overflow"]);
    }
    if prioritized(recording) {
        out += "order = \"priority\"\npriorities = [\"high\", \"low\"]\n";
    }
    if let Some(limit) = number(&settings["delivery_limit"]) {
        // RabbitMQ 3.10 counted every return, as those before 4.3 did.
        out += &format!("x-delivery-limit = {limit}\ndelivery_count = [\"nack\", \"crash\"]\ndead_letter = \"dlq\"\n");
    } else if let Some(receives) = number(&settings["max_receive"]) {
        out += &format!("maxReceiveCount = {receives}\ndead_letter = \"dlq\"\n");
    } else if broker(recording) == "redis" && scenario["max_attempts"].is_number() {
        out += "dead_letter = \"dlq\"\n";
    } else if let Some(attempts) = number(&scenario["max_attempts"]) {
        out += &format!("max_deliveries = {attempts}\ndead_letter = \"dlq\"\n");
    }
    for (key, name) in [("ack_wait_s", "ack_wait"), ("visibility_s", "visibility_timeout")] {
        if let Some(lease) = number(&settings[key]) {
            out += &format!("{name} = \"{lease}s\"\n");
        }
    }
    if let Some(idle) = number(&scenario["claim"]["min_idle_s"]) {
        // Every consumer looks for idle messages at its own moments.
        let every = number(&scenario["claim"]["every_s"]).expect("every_s") / count_of_consumers(recording);
        out += &format!("min-idle-time = {}\nlease_check = \"{every}s\"\n", idle * 1000.0);
    }
    if let Some(pending) = number(&settings["max_ack_pending"]) {
        out += &format!("max_ack_pending = {pending}\n");
    }
    out.push('\n');
    out
}

fn count_of_consumers(recording: &Recording) -> f64 {
    let groups = recording.scenario["consumers"].as_array().expect("consumers");
    let first = groups.iter().filter(|group| group["start"].is_null());
    first.map(|group| group["n"].as_f64().unwrap_or(1.0)).sum()
}

/// The groups of one subscriber as one group of ours.
fn consumer(recording: &Recording, index: usize, name: &str, fan_out: bool, overhead: bool) -> String {
    let groups = groups(recording, name, fan_out);
    let number = |group: &Value, key: &str| group[key].as_f64();
    let count = |group: &Value| number(group, "n").unwrap_or(1.0);
    let lead = lead_s(recording);
    // Those that start before the first message are there from the start.
    let from_start = |group: &Value| number(group, "start").is_none_or(|start| start < 0.0);
    let first: f64 = groups.iter().filter(|group| from_start(group)).map(|group| count(group)).sum();
    let mut out = format!("[consumer.{name}-worker]\nfrom = \"{name}\"\nreplicas = {first}\nservice = \"message\"\n");
    let (mut total, mut steps) = (first, vec![]);
    for group in groups.iter().filter(|group| !from_start(group)) {
        total += count(group);
        let start = number(group, "start").expect("a start") + lead;
        steps.push(format!("{{ at = \"{start}s\", replicas = {total} }}"));
    }
    if !steps.is_empty() {
        out += &format!("schedule = [{}]\n", steps.join(", "));
    }
    let speeds = speeds(&groups);
    if speeds.iter().any(|slowness| *slowness != 1.0) {
        let list: Vec<String> = speeds.iter().map(|slowness| format!("{:?}", 1.0 / slowness)).collect();
        out += &format!("speeds = [{}]\n", list.join(", "));
    }
    out += &taking(recording, number(groups[0], "prefetch").unwrap_or(1.0));
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

/// How the recorder's consumers took messages.
fn taking(recording: &Recording, prefetch: f64) -> String {
    let kafka = &recording.scenario["kafka"];
    match broker(recording) {
        "rabbitmq" => format!("prefetch_count = {prefetch}\n"),
        // librdkafka's client hands out, and the recorder commits, one record at a time.
        "kafka" => format!(
            "max_poll_interval = \"{}s\"\ncommit_interval = \"0s\"\nmax_poll_records = 1\nrebalance_delay = \"{EMULATOR_REBALANCE_S}s\"\n\
             heartbeat_interval = \"{EMULATOR_HEARTBEAT_S}s\"\n",
            kafka["max_poll_s"].as_f64().expect("max_poll_s")
        ),
        "redis" if partitions(recording).is_some() => String::new(),
        "redis" if prefetch > 1.0 => format!("count = {prefetch}\n"),
        "sqs" => "poll = \"100ms\"\n".into(),
        _ => String::new(),
    }
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
    let mean = turnaround["mean"].as_f64().unwrap_or(0.0);
    let over = overshoot_ms(recording, index, speeds);
    let ms = |value: Option<f64>| value.unwrap_or(mean) + over;
    // A client that fetches ahead pays only for a fetch when it has run dry: a few turnarounds are long, and their mean says
    // nothing of a record in a backlog. The typical one does.
    let fetches_ahead = broker(recording) == "kafka";
    let typical = turnaround["p50"].as_f64().filter(|_| fetches_ahead);
    let success = ms(own.or(typical).or(turnaround["after_ok"].as_f64()));
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
        // Nobody says anything: the message is back when its visibility ends, or when somebody claims it; the recorder's
        // Redis consumer gives up by itself.
        Some("visibility") => String::new(),
        Some("claim") => format!("retry = {{ max_attempts = {} }}\n", scenario["max_attempts"]),
        Some(mode @ ("ttl" | "nak_delay")) => {
            let cap = n("cap_s").map_or(String::new(), |cap| format!(", cap = \"{cap}s\""));
            let (base, factor) = (n("base_s").expect("base_s"), n("factor").expect("factor"));
            // JetStream serves what is to be redelivered before new messages; a RabbitMQ message comes back from its
            // delay queue behind all others.
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
        let at = at + lead_s(recording);
        let (lasts, count) = (duration - at, group["n"].as_f64().unwrap_or(1.0));
        // The recorder's Kafka consumer does not die: it stops polling.
        let how = if broker(recording) == "kafka" { "hang" } else { "crash" };
        out += &format!(
            "[[fault]]\nname = \"kill-{i}\"\nat = \"{at}s\"\nfor = \"{lasts}s\"\n\
            consumer = \"{name}-worker\"\n{how} = {count}\n\n"
        );
    }
    out
}

/// The recorder's figures, from our series: outstanding is what we call backlog.
fn figures(findings: &Findings, queue: &ComponentFindings, from: f64, start: f64, end: f64) -> Figures {
    let total = |name: &str| queue.total(name).unwrap_or_else(|| panic!("no total {name}")).mean;
    let backlog = &queue.series("backlog").expect("a backlog").mean;
    let ticks = || findings.time_s.iter().copied().zip(backlog.iter().copied());
    let mut before: Vec<f64> = ticks().filter(|(t, _)| (from..start).contains(t)).map(|(_, depth)| depth).collect();
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
