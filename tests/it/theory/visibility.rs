//! Leases shorter than the work, with consumers to spare: how often a message is delivered.

use super::case::{Case, FileMap, s, shared};
use super::observe;
use super::replicate::{repeat, simulate};
use super::verdict::{Comparison, KNOWN, judge, leave_out};

const RUNS: u64 = 16;
const RATE_PER_S: f64 = 100.0;
const PUBLISH_S: f64 = 200.0;
/// Nobody waits for one: 100/s times the longest work of 45 s, delivered at most twice.
const REPLICAS: u32 = 20_000;

fn text(case: &Case, seed: u64) -> String {
    let service = case.service();
    let (lease, deliveries) = (case.number("visibility_timeout_s"), case.number("max_deliveries"));
    let duration = PUBLISH_S + lease * deliveries + 20.0 * service.mean_s;
    format!(
        r#"title = "{id}"
duration = "{duration}s"
seed = {seed}
runs = 1
tick = "60s"

[producer.p]
to = "q"
rate = "{RATE_PER_S}/s"
stages = [{{ duration = "{PUBLISH_S}s", target = "{RATE_PER_S}/s" }}, {{ duration = "0s", target = "0/s" }}]

[queue.q]
visibility_timeout = {lease}
max_deliveries = {deliveries}
stale_ack = "{stale}"
dead_letter = "dlq"

[consumer.w]
from = "q"
replicas = {REPLICAS}
service = {service}
"#,
        id = case.id,
        lease = s(lease),
        stale = case.parameters["stale_ack"].as_str().expect("stale_ack"),
        service = service.toml,
    )
}

/// Published, deliveries, dead-lettered, duplicates.
fn run(case: &Case, seed: u64) -> [f64; 4] {
    let findings = simulate(&text(case, seed), &FileMap::new());
    let q = observe::component(&findings, "q");
    ["published", "deliveries", "dead_lettered", "duplicates"].map(|name| observe::total(q, name))
}

/// Standard deviation of deliveries per message: from the tail of their law, or between the runs where it is not given.
fn deliveries_se(case: &Case, runs: &[[f64; 4]], n: f64) -> f64 {
    match case.expected["delivery_survival"].as_array() {
        Some(tail) => {
            let tail: Vec<f64> = tail.iter().filter_map(|p| p.as_f64()).collect();
            let mean: f64 = tail.iter().sum();
            // E[N²] = Σ (2k + 1)·P(N > k).
            let square: f64 = tail.iter().enumerate().map(|(k, p)| (2 * k + 1) as f64 * p).sum();
            ((square - mean * mean).max(0.0) / n).sqrt()
        }
        None => super::replicate::mean_and_se(runs.iter().map(|run| run[1] / run[0])).1,
    }
}

fn compare(case: &Case) -> Vec<Comparison> {
    let runs = repeat(RUNS, |seed| run(case, seed));
    let sum = |i: usize| runs.iter().map(|run| run[i]).sum::<f64>();
    let n = sum(0);
    let se = deliveries_se(case, &runs, n);
    let expected = |name: &str| case.expected(name).expect("an expected number");
    let mut rows = vec![Comparison::known(&case.id, "deliveries_mean", expected("deliveries_mean"), sum(1) / n, se)];
    match case.expected("dead_letter_fraction") {
        Some(p) => {
            let se = (p * (1.0 - p) / n).sqrt();
            rows.push(Comparison::known(&case.id, "dead_letter_fraction", p, sum(2) / n, se));
        }
        None => {
            let expected = expected("duplicate_effects_mean");
            rows.push(Comparison::known(&case.id, "duplicate_effects_mean", expected, sum(3) / n, se));
        }
    }
    rows
}

#[test]
fn visibility_timeout() {
    let rows: Vec<Comparison> = shared("visibility_timeout").iter().flat_map(compare).collect();
    let reason = "an ack that comes too late counts for nothing, so it is no duplicate completion";
    leave_out("visibility_timeout", "duplicate_effects_mean where stale acks are rejected", reason);
    leave_out("visibility_timeout", "p_redelivered, delivery_survival", "findings do not hold deliveries per message");
    judge("visibility_timeout", KNOWN, &rows);
}
