//! Consumers without limit: messages in work are Poisson around the arrival curve smoothed by the service law.

use super::case::{Case, FileMap, Law, per_s, s, shared};
use super::observe;
use super::replicate::{mean_and_se, repeat, simulate};
use super::transient::tick_s;
use super::verdict::{Comparison, KNOWN, judge};

/// Nobody waits for one of so many.
const REPLICAS: u32 = 20_000;

/// The producer's lines, the time before the truth's clock starts, and the whole duration.
fn arrivals(case: &Case, service: &Law) -> (String, f64, f64) {
    let base = case.number("base_per_s");
    if let Some(period) = case.parameters["period_s"].as_f64() {
        // Whole periods, at least ten service times.
        let lead = (10.0 * service.mean_s / period).ceil() * period;
        let amplitude = per_s(case.number("amplitude_per_s"));
        let lines = format!("rate = {}\nwave = {{ amplitude = {amplitude}, period = {} }}", per_s(base), s(period));
        return (lines, lead, lead + period);
    }
    let lead = (30.0 * service.mean_s / 10.0).ceil() * 10.0;
    let (from, lasts) = (case.number("spike_from_s"), case.number("spike_for_s"));
    let spike = format!(
        "spikes = [{{ at = {}, for = {}, rate = {} }}]",
        s(lead + from),
        s(lasts),
        per_s(case.number("spike_per_s"))
    );
    (format!("rate = {}\n{spike}", per_s(base)), lead, lead + lasts + 40.0)
}

fn compare(case: &Case) -> Vec<Comparison> {
    let service = case.service();
    let (producer, lead, duration) = arrivals(case, &service);
    let listed = case.expected["in_flight_mean_at"].as_array().expect("in_flight_mean_at");
    let number = |at: &serde_json::Value, key: &str| at[key].as_f64().expect("a number");
    let times: Vec<f64> = listed.iter().map(|at| lead + number(at, "t_s")).collect();
    let least = listed.iter().map(|at| number(at, "mean")).fold(f64::INFINITY, f64::min);
    // A Poisson number: this many runs bring its standard error under 1 % at the lowest instant.
    let runs = (1.2e4 / least).ceil().max(24.0);
    let text = |seed: u64| {
        format!(
            "title = \"{}\"\nduration = {}\nseed = {seed}\nruns = 1\ntick = {}\n\n\
            [producer.p]\nto = \"q\"\n{producer}\n\n\
             [queue.q]\n\n[consumer.w]\nfrom = \"q\"\nreplicas = {REPLICAS}\nservice = {}\n",
            case.id,
            s(duration),
            s(tick_s(&times)),
            service.toml
        )
    };
    let rows = repeat(runs as u64, |seed| {
        let findings = simulate(&text(seed), &FileMap::new());
        times.iter().map(|t| observe::at(&findings, "q", "in_flight", *t)).collect::<Vec<f64>>()
    });
    let compare = |(i, at): (usize, &serde_json::Value)| {
        let expected = number(at, "mean");
        let (got, _) = mean_and_se(rows.iter().map(|row| row[i]));
        let name = format!("in_flight at {} s", number(at, "t_s"));
        let se = (expected / runs).sqrt();
        Comparison {
            wanted_se: Some(0.01),
            allowed_se: Some(0.01),
            ..Comparison::known(&case.id, &name, expected, got, se)
        }
    };
    listed.iter().enumerate().map(compare).collect()
}

#[test]
fn infinite_server() {
    let rows: Vec<Comparison> = shared("infinite_server").iter().flat_map(compare).collect();
    judge("infinite_server", KNOWN, &rows);
}
