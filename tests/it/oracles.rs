//! Small oracles: what each broker must show, worked out by hand from its documented behaviour.
//!
//! Arrivals and service are constant wherever that makes the number exact; intervals say why they are as wide as they are.

mod guarantees;
mod queues;
mod rabbitmq;
mod rebalance;
mod streams;
mod topics;

use std::collections::BTreeMap;
use tailback::study::{ComponentFindings, Findings};

/// One run of `text`, to which this adds what all these scenarios share.
pub(crate) fn run(duration: &str, text: &str) -> Findings {
    run_with(duration, &BTreeMap::new(), text)
}

/// One run in which producers replay the rows of `messages.csv`.
pub(crate) fn replay(duration: &str, rows: &str, text: &str) -> Findings {
    let files = BTreeMap::from([("messages.csv".to_owned(), rows.as_bytes().to_vec())]);
    run_with(duration, &files, text)
}

fn run_with(duration: &str, files: &BTreeMap<String, Vec<u8>>, text: &str) -> Findings {
    let text = format!("title = \"oracle\"\nduration = \"{duration}\"\nruns = 1\nseed = 3\ntick = \"1s\"\n{text}");
    tailback::simulate(&text, files).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Rows of `messages.csv` for so many plain messages at one instant.
pub(crate) fn at_once(count: usize, at_s: f64) -> String {
    format!("time_s\n{}", format!("{at_s}\n").repeat(count))
}

pub(crate) fn component<'a>(findings: &'a Findings, name: &str) -> &'a ComponentFindings {
    findings.component(name).unwrap_or_else(|| panic!("findings have no component {name}"))
}

pub(crate) fn total(findings: &Findings, name: &str, metric: &str) -> f64 {
    let found = component(findings, name).total(metric);
    found.unwrap_or_else(|| panic!("{name} has no total {metric}")).mean
}

/// The total without what was counted in the first seconds, which `warmup` in the scenario sets apart.
pub(crate) fn after_warmup(findings: &Findings, name: &str, metric: &str) -> f64 {
    let totals = &component(findings, name).after_warmup;
    let found = totals.iter().find(|(key, _)| *key == metric);
    found.unwrap_or_else(|| panic!("{name} has no total {metric}")).1.mean
}

/// The value of a series at each whole second.
pub(crate) fn series(findings: &Findings, name: &str, metric: &str) -> Vec<f64> {
    let found = component(findings, name).series(metric);
    found.unwrap_or_else(|| panic!("{name} has no series {metric}")).mean.clone()
}

pub(crate) fn latency_max_s(findings: &Findings, name: &str) -> f64 {
    component(findings, name).latency.as_ref().expect("a message was completed").max
}

#[track_caller]
pub(crate) fn assert_within(what: &str, value: f64, low: f64, high: f64) {
    assert!((low..=high).contains(&value), "{what} is {value}, not within {low} to {high}");
}
