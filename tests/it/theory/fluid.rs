//! Evenly spaced arrivals, constant service: peaks, drain and delay as a fluid has them.

use super::case::{Case, FileMap, per_s, s, shared};
use super::observe;
use super::replicate::simulate;
use super::verdict::{Comparison, KNOWN, judge, leave_out};
use serde_json::Value;
use tailback::study::Findings;

fn pairs(value: &Value) -> Vec<(f64, f64)> {
    let pair = |point: &Value| (point[0].as_f64().expect("a time"), point[1].as_f64().expect("a rate"));
    value.as_array().expect("points").iter().map(pair).collect()
}

/// `rate` and `stages` of a piecewise linear curve; two points at one time are a jump.
pub(crate) fn curve(points: &[(f64, f64)]) -> String {
    let stage =
        |pair: &[(f64, f64)]| format!("{{ duration = {}, target = {} }}", s(pair[1].0 - pair[0].0), per_s(pair[1].1));
    let stages: Vec<String> = points.windows(2).map(stage).collect();
    format!("rate = {}\nstages = [{}]\n", per_s(points[0].1), stages.join(", "))
}

/// Points of a case whose rate is `piecewise_linear`.
pub(crate) fn points(case: &Case) -> Vec<(f64, f64)> {
    pairs(&case.parameters["rate"]["points_t_s_rate_per_s"])
}

/// (at, servers); one entry where the number never changes.
pub(crate) fn servers(case: &Case) -> Vec<(f64, f64)> {
    let step = |step: &Value| (step["at_s"].as_f64().expect("at"), step["servers"].as_f64().expect("servers"));
    match case.parameters["servers"].as_array() {
        Some(steps) => steps.iter().map(step).collect(),
        None => vec![(0.0, case.servers())],
    }
}

/// `replicas` and `schedule`, but for steps to no servers at all, which are a pause.
pub(crate) fn replicas(steps: &[(f64, f64)]) -> String {
    let later: Vec<String> =
        steps[1..].iter().map(|(at, count)| format!("{{ at = {}, replicas = {count} }}", s(*at))).collect();
    let schedule = if later.is_empty() { String::new() } else { format!("schedule = [{}]\n", later.join(", ")) };
    format!("replicas = {}\n{schedule}", steps[0].1)
}

fn text(case: &Case) -> String {
    let steps = servers(case);
    let outage = steps.iter().position(|(_, count)| *count == 0.0);
    let (consumer, fault) = match outage {
        None => (replicas(&steps), String::new()),
        Some(i) => {
            let (at, back) = (steps[i].0, steps[i + 1].0);
            let fault = format!(
                "[[fault]]\nname = \"outage\"\nat = {}\nfor = {}\nconsumer = \"w\"\npause = true\n",
                s(at),
                s(back - at)
            );
            (replicas(&steps[..1]), fault)
        }
    };
    let start = case.expected("queue_starts_at_s").expect("start");
    let end = case.number("disturbance_ends_s");
    format!(
        r#"title = "{id}"
duration = {duration}
seed = 1
runs = 1
tick = {tick}

[producer.p]
to = "q"
process = "constant"
{curve}
[queue.q]
recovered_when = "backlog <= {most}"
hold = "0s"

[consumer.w]
from = "q"
{consumer}service = {service}

[[window]]
name = "disturbance"
at = {start}
for = {length}

{fault}"#,
        id = case.id,
        duration = s(case.number("duration_s")),
        tick = s(case.service().mean_s),
        curve = curve(&points(case)),
        most = steps.iter().map(|(_, count)| *count).fold(0.0, f64::max),
        service = case.service().toml,
        start = s(start),
        length = s(end - start),
    )
}

/// First tick after `from` at which nothing is ready.
fn drained_at(findings: &Findings, from: f64) -> f64 {
    let ready = &observe::component(findings, "q").series("ready").expect("ready").mean;
    let mut ticks = findings.time_s.iter().zip(ready);
    ticks.find(|(t, ready)| **t > from && **ready <= 0.0).map_or(f64::INFINITY, |(t, _)| *t)
}

/// When the backlog peaks. Where the rate falls through the capacity the fluid's top is a parabola, which whole messages
/// turn into a plateau of seconds: `peak_at_s` is its first instant, the expected time its middle. So a time outside the
/// tolerance passes where the backlog at the expected instant is our peak but for one message. That loosens nothing:
/// one message is the resolution of the curve, and a peak that stood elsewhere would be lower there by more than that.
fn peak_time(case: &Case, findings: &Findings, slack: f64) -> Comparison {
    let q = observe::component(findings, "q");
    let expected = case.expected("peak_at_s").expect("an expected number");
    let got = observe::total(q, "peak_at_s");
    let backlog = &q.series("backlog").expect("backlog").mean;
    // The ticks around the expected instant, which need not lie on one.
    let tick = expected / findings.tick_s;
    let there = backlog[tick.floor() as usize].max(backlog[tick.ceil() as usize]);
    if there >= observe::total(q, "peak_backlog") - 1.0 {
        let slack = slack.max((got - expected).abs());
        return Comparison::exact(&case.id, "peak_at_s (or on its plateau)", expected, got, slack);
    }
    Comparison::exact(&case.id, "peak_at_s", expected, got, slack)
}

fn compare(case: &Case) -> Vec<Comparison> {
    let findings = simulate(&text(case), &FileMap::new());
    let q = observe::component(&findings, "q");
    let expected = |name: &str| case.expected(name).expect("an expected number");
    let most = servers(case).iter().map(|(_, count)| *count).fold(0.0, f64::max);
    let service = case.service().mean_s;
    let depth = |expected: f64| most.max(0.002 * expected);
    let time = |expected: f64| 2.0 * service + 0.002 * expected;
    let peak = expected("ready_peak");
    let ready = q.series("ready").expect("ready");
    let highest = ready.mean.iter().copied().fold(0.0, f64::max);
    let mut rows = vec![
        Comparison::exact(&case.id, "ready_peak (on the tick)", peak, highest, depth(peak)),
        // `peak_backlog` counts those in service too: between 0 and all servers above.
        Comparison::exact(&case.id, "ready_peak", peak + most, observe::total(q, "peak_backlog"), most + depth(peak)),
    ];
    let drained = case.expected("drained_at_s");
    let peak_at = expected("peak_at_s");
    if let Some(drained) = drained {
        let slack = time(drained);
        rows.push(peak_time(case, &findings, time(peak_at)));
        rows.push(Comparison::exact(&case.id, "drained_at_s", drained, drained_at(&findings, peak_at), slack));
    }
    let area = expected("ready_area_message_s");
    let delayed_s = drained.unwrap_or(findings.duration_s) - expected("queue_starts_at_s");
    let got = observe::average(q, "ready") * findings.duration_s;
    rows.push(Comparison::exact(&case.id, "ready_area_message_s", area, got, 0.005 * area + most * delayed_s));
    let wait = expected("max_wait_s");
    let max = observe::pooled(q, "wait").max;
    rows.push(Comparison::exact(&case.id, "max_wait_s", wait, max, time(wait)));
    let recovery = q.recovery.as_ref().expect("a disturbance");
    match case.expected("recovery_time_s") {
        Some(expected) => {
            let got = recovery.stat.as_ref().map_or(f64::INFINITY, |stat| stat.mean);
            rows.push(Comparison::exact(&case.id, "recovery_time_s", expected, got, time(expected)));
        }
        None => {
            rows.push(Comparison::exact(&case.id, "never recovered", 1.0, f64::from(recovery.never), 0.0));
        }
    }
    for point in case.expected["ready_at"].as_array().expect("ready_at") {
        let (t, expected) = (point["t_s"].as_f64().expect("t_s"), point["ready"].as_f64().expect("ready"));
        let got = observe::at(&findings, "q", "ready", t);
        rows.push(Comparison::exact(&case.id, &format!("ready at {t} s"), expected, got, depth(expected)));
    }
    rows
}

#[test]
fn fluid() {
    let rows: Vec<Comparison> = shared("fluid").iter().flat_map(compare).collect();
    leave_out("fluid", "messages_delayed, mean_wait_of_delayed_s", "findings do not tell delayed messages from others");
    judge("fluid", KNOWN, &rows);
}
