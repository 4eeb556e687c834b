//! The producer's side, worked out by hand: herds by the clock, an outbox, a spill, budgets, and what comes back at once.

mod budgets;
mod crowd;
mod faults;
mod herds;
mod mix;
mod stores;

use std::collections::BTreeMap;
use tailback::study::{ComponentFindings, Findings};

/// One run of `text`, to which this adds what all these scenarios share.
fn run(duration: &str, text: &str) -> Findings {
    let text = format!("title = \"by hand\"\nduration = \"{duration}\"\nruns = 1\nseed = 3\ntick = \"1s\"\n{text}");
    tailback::simulate(&text, &BTreeMap::new()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn component<'a>(findings: &'a Findings, name: &str) -> &'a ComponentFindings {
    findings.component(name).unwrap_or_else(|| panic!("findings have no component {name}"))
}

fn total(findings: &Findings, name: &str, metric: &str) -> f64 {
    let found = component(findings, name).total(metric);
    found.unwrap_or_else(|| panic!("{name} has no total {metric}")).mean
}

/// The value of a series at each whole second.
fn series(findings: &Findings, name: &str, metric: &str) -> Vec<f64> {
    let found = component(findings, name).series(metric);
    found.unwrap_or_else(|| panic!("{name} has no series {metric}")).mean.clone()
}
