//! Worked examples printed in textbooks, and the fleets that meet a wait target: M/M/c numbers under other names.

use super::case::{Case, Law, shared};
use super::replicate::{Experiment, Metric};
use super::station::{Station, measure_all, plain};
use super::verdict::{REPLICATIONS, judge, leave_out};
use serde_json::Value;

/// Hours, days … in seconds, by the ending of a key.
const UNITS: [(&str, f64); 6] =
    [("_s", 1.0), ("_min", 60.0), ("_h", 3600.0), ("_days", 86_400.0), ("_yr", 365.0 * 86_400.0), ("", 1.0)];

fn unit_s(key: &str) -> f64 {
    UNITS.iter().find(|(ending, _)| key.ends_with(ending)).expect("the empty ending fits all").1
}

/// Arrival rate and service time of a printed example, per second and in seconds.
fn inputs(case: &Case) -> (f64, f64) {
    let (mut rate, mut mean_s) = (0.0, 0.0);
    for (key, value) in case.parameters.as_object().expect("parameters") {
        let value = value.as_f64().expect("a number");
        if key.starts_with("lambda") {
            rate = value / unit_s(key);
        } else if key.starts_with("mu") {
            mean_s = unit_s(key) / value;
        } else if key.starts_with("service") {
            mean_s = value * unit_s(key);
        }
    }
    (rate, mean_s)
}

/// Our metric for a printed symbol, the unit it is printed in (0 for none), and whether it is printed as one minus ours.
fn symbol(key: &str, servers: f64) -> Option<(&'static str, f64, bool)> {
    let unit = unit_s(key);
    Some(match key {
        "L" => ("backlog_mean", 0.0, false),
        "Lq" => ("ready_mean", 0.0, false),
        "p0" if servers == 1.0 => ("utilization", 0.0, true),
        "p_wait" => ("p_wait", 0.0, false),
        "wait_mean_s" => ("wait_mean_s", 1.0, false),
        key if key.starts_with("Wq") => ("wait_mean_s", unit, false),
        key if key.starts_with("W_") => ("latency_mean_s", unit, false),
        _ => return None,
    })
}

/// Half a unit of the last digit printed.
fn half_digit(value: &Value) -> f64 {
    let text = value.to_string();
    let decimals = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    0.5 * 10_f64.powi(-(decimals as i32))
}

/// The clock counts services as seconds: with the printed days and years, long runs would outlast it.
fn printed(case: &Case) -> Experiment {
    let (rate, mean_s) = inputs(case);
    let servers = case.servers();
    let service = Law { toml: super::station::exp(1.0), mean_s: 1.0, scv: 1.0 };
    let mut experiment = Station::poisson(rate * mean_s, &service, servers).experiment(case, &[]);
    experiment.metrics.clear();
    experiment.pool = false;
    for (key, value) in case.expected.as_object().expect("expected") {
        let Some((name, unit, complement)) = symbol(key, servers) else {
            leave_out("published", &format!("{} {key}", case.id), "findings do not hold it");
            continue;
        };
        let number = value.as_f64().expect("a number");
        let scale = if unit > 0.0 { unit / mean_s } else { 1.0 };
        let expected = if complement { 1.0 - number } else { number * scale };
        let digits = half_digit(value) * scale / expected;
        experiment.metrics.push(Metric { numeric_error: digits, ..plain(case, name, expected) });
    }
    experiment
}

#[test]
fn published_examples() {
    let experiments: Vec<Experiment> = shared("published").iter().map(printed).collect();
    judge("published", REPLICATIONS, &measure_all(&experiments));
}

/// The figures that the smallest fleet achieves.
fn staffed(mut case: Case) -> Experiment {
    let servers = case.expected("min_servers").expect("min_servers");
    case.expected = case.expected["achieved"].clone();
    Station::poisson(case.number("arrival_rate_per_s"), &case.service(), servers).experiment(&case, &[])
}

#[test]
fn staffing() {
    let experiments: Vec<Experiment> = shared("staffing").into_iter().map(staffed).collect();
    leave_out(
        "staffing",
        "min_servers",
        "the search is `plan`, which is refused so far; its figures are compared here",
    );
    judge("staffing", REPLICATIONS, &measure_all(&experiments));
}
