//! Attempts, dead letters and backoff of independent messages: so many consumers that nobody queues.

use super::case::{Case, FileMap, s, shared};
use super::observe;
use super::replicate::{mean_and_se, repeat, simulate};
use super::verdict::{Comparison, KNOWN, judge, leave_out};

const RUNS: u64 = 16;
const RATE_PER_S: f64 = 1000.0;
const PUBLISH_S: f64 = 60.0;

/// Publishes for a minute, then runs on until the slowest message is through.
fn text(case: &Case, seed: u64) -> String {
    let backoff = &case.parameters["backoff"];
    let n = |key: &str| backoff[key].as_f64().expect("a number");
    let attempts = case.number("max_attempts");
    let jitter = backoff["jitter"].as_str().expect("jitter");
    let longest: f64 =
        case.expected["backoff_caps_s"].as_array().expect("caps").iter().filter_map(|cap| cap.as_f64()).sum();
    let duration = PUBLISH_S + longest + 1.0;
    format!(
        r#"title = "{id}"
duration = "{duration}s"
seed = {seed}
runs = 1
tick = "10s"

[producer.p]
to = "q"
rate = "{RATE_PER_S}/s"
stages = [{{ duration = "{PUBLISH_S}s", target = "{RATE_PER_S}/s" }}, {{ duration = "0s", target = "0/s" }}]

[queue.q]
dead_letter = "dlq"

[consumer.w]
from = "q"
replicas = 2000
service = "1ms"
failure = {failure}
retry = {{ max_attempts = {attempts}, backoff = {base}, factor = {factor}, cap = {cap}, jitter = "{jitter}" }}
"#,
        id = case.id,
        failure = case.number("failure_probability"),
        base = s(n("base_s")),
        factor = n("factor"),
        cap = s(n("cap_s")),
    )
}

struct Run {
    published: f64,
    deliveries: f64,
    dead: f64,
    work_amplification: f64,
    /// Seconds spent waiting for retries, all messages together.
    delayed_s: f64,
}

fn run(case: &Case, seed: u64) -> Run {
    let findings = simulate(&text(case, seed), &FileMap::new());
    let q = observe::component(&findings, "q");
    Run {
        published: observe::total(q, "published"),
        deliveries: observe::total(q, "deliveries"),
        dead: observe::total(q, "dead_lettered"),
        work_amplification: observe::total(q, "work_amplification"),
        delayed_s: observe::average(q, "delayed") * findings.duration_s,
    }
}

fn compare(case: &Case) -> Vec<Comparison> {
    let runs = repeat(RUNS, |seed| run(case, seed));
    let sum = |pick: fn(&Run) -> f64| runs.iter().map(pick).sum::<f64>();
    let n = sum(|run| run.published);
    let expected = |name: &str| case.expected(name).expect("an expected number");
    let p = expected("dead_letter_fraction");
    let row = |metric: &str, got: f64, se: f64| Comparison::known(&case.id, metric, expected(metric), got, se);
    let attempts_se = (expected("attempts_var") / n).sqrt();
    // Backoff per message has no variance in the truth set: measured over the runs.
    let (_, backoff_se) = mean_and_se(runs.iter().map(|run| run.delayed_s / run.published));
    let (work, _) = mean_and_se(runs.iter().map(|run| run.work_amplification));
    vec![
        row("attempts_mean", sum(|run| run.deliveries) / n, attempts_se),
        row("work_amplification", work, attempts_se),
        row("dead_letter_fraction", sum(|run| run.dead) / n, (p * (1.0 - p) / n).sqrt()),
        row("backoff_total_mean_s", sum(|run| run.delayed_s) / n, backoff_se),
    ]
}

#[test]
fn retry_arithmetic() {
    let rows: Vec<Comparison> = shared("retry_arithmetic").iter().flat_map(compare).collect();
    leave_out("retry_arithmetic", "attempt_pmf", "findings do not hold how often one message was delivered");
    leave_out("retry_arithmetic", "time_to_dead_letter", "findings do not hold latencies of dead-lettered messages");
    judge("retry_arithmetic", KNOWN, &rows);
}
