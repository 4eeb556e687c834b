//! Time stamps replayed exactly: every figure to the nanosecond.

use super::case::{Case, FileMap, s, shared};
use super::observe;
use super::replicate::simulate;
use super::verdict::{Comparison, KNOWN, judge, leave_out};
use std::fmt::Write as _;

/// Arrivals in nanoseconds. All rates divide a second into whole nanoseconds, so that stepping is exact.
fn arrivals(case: &Case) -> Vec<u64> {
    let steps = |fast: u64, (from, to): (u64, u64), slow: u64, end: u64| {
        const SECOND: u64 = 1_000_000_000;
        let mut at = 0;
        let mut out = vec![];
        while at < end * SECOND {
            out.push(at);
            at += SECOND / if (from * SECOND..to * SECOND).contains(&at) { fast } else { slow };
        }
        out
    };
    match case.id.as_str() {
        "dd1-spike" => steps(40, (10, 20), 8, 100),
        "dd4-spike-alternating" => steps(100, (5, 15), 20, 60),
        "batch-1000-c8" => vec![0; 1000],
        other => panic!("{other} is new to this test"),
    }
}

fn service_s(case: &Case, index: usize) -> f64 {
    let service = &case.parameters["service"];
    let key = match service["dist"].as_str().expect("dist") {
        "const" => "value_s",
        _ if index.is_multiple_of(2) => "even_s",
        _ => "odd_s",
    };
    service[key].as_f64().expect("a service time")
}

fn compare(case: &Case) -> Vec<Comparison> {
    let arrivals = arrivals(case);
    let mut rows = String::from("time_s,service_s\n");
    for (i, at) in arrivals.iter().enumerate() {
        writeln!(rows, "{}.{:09},{}", at / 1_000_000_000, at % 1_000_000_000, service_s(case, i)).expect("a string");
    }
    let expected = |name: &str| case.expected(name).expect("an expected number");
    let duration = expected("last_completion_s") + 1.0;
    let text = format!(
        "title = \"{}\"\nduration = {}\nseed = 1\nruns = 1\ntick = \"1s\"\n\n[producer.p]\nto = \"q\"\n\
         messages = \"messages.csv\"\n\n[queue.q]\n\n[consumer.w]\n\
            from = \"q\"\nreplicas = {}\nservice = \"message\"\n",
        case.id,
        s(duration),
        case.servers()
    );
    let findings = simulate(&text, &FileMap::from([("messages.csv".to_owned(), rows.into_bytes())]));
    let q = observe::component(&findings, "q");
    let (wait, latency) = (observe::pooled(q, "wait"), observe::pooled(q, "latency"));
    let published = observe::total(q, "published");
    let row = |metric: &str, got: f64, slack: f64| {
        let expected = expected(metric);
        Comparison::exact(&case.id, metric, expected, got, slack.max(1e-9 * expected))
    };
    let busy = observe::average(observe::component(&findings, "w"), "busy") * duration;
    vec![
        row("messages", published, 0.0),
        Comparison::exact(&case.id, "completed", published, observe::total(q, "completed"), 0.0),
        row("wait_mean_s", wait.mean, 1e-9),
        row("wait_sum_s", wait.mean * published, 1e-9 * published),
        row("wait_max_s", wait.max, 1e-9),
        row("messages_that_wait", (1.0 - observe::share_at_zero(wait)) * published, 1.0),
        row("latency_mean_s", latency.mean, 1e-9),
        row("latency_max_s", latency.max, 1e-9),
        row("peak_backlog", observe::total(q, "peak_backlog"), 1.0),
        row("peak_at_s", observe::total(q, "peak_at_s"), 1e-9),
        row("busy_time_s", busy, 1e-6),
    ]
}

#[test]
fn exact_trace() {
    let rows: Vec<Comparison> = shared("exact_trace").iter().flat_map(compare).collect();
    leave_out("exact_trace", "peak_ready, last_completion_s", "findings do not hold them");
    judge("exact_trace", KNOWN, &rows);
}
