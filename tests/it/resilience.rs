//! What a system does about trouble on the consumer's and the broker's side, worked out by hand: constant times throughout.

mod deadline;
mod delay;
mod deploy;
mod hang;
mod order;
mod redrive;
mod shed;

use std::collections::BTreeMap;
use tailback::study::{ComponentFindings, Findings};

/// One run of `text` with `rows` for producers that replay `messages.csv`.
fn replay(duration: &str, rows: &str, text: &str) -> Findings {
    let files = BTreeMap::from([("messages.csv".to_owned(), rows.as_bytes().to_vec())]);
    let text = format!("title = \"by hand\"\nduration = \"{duration}\"\nruns = 1\nseed = 3\ntick = \"1s\"\n{text}");
    tailback::simulate(&text, &files).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// So many plain messages at one instant.
fn at_once(count: usize, at_s: f64) -> String {
    format!("time_s\n{}", format!("{at_s}\n").repeat(count))
}

fn component<'a>(findings: &'a Findings, name: &str) -> &'a ComponentFindings {
    findings.component(name).unwrap_or_else(|| panic!("findings have no component {name}"))
}

fn total(findings: &Findings, name: &str, metric: &str) -> f64 {
    let found = component(findings, name).total(metric);
    found.unwrap_or_else(|| panic!("{name} has no total {metric}")).mean
}

/// Several totals of one component, as whole numbers.
fn totals<const N: usize>(findings: &Findings, name: &str, metrics: [&str; N]) -> [u64; N] {
    metrics.map(|metric| total(findings, name, metric).round() as u64)
}

/// A series at these seconds, as whole numbers.
fn series<const N: usize>(findings: &Findings, name: &str, metric: &str, at: [usize; N]) -> [u64; N] {
    let found = component(findings, name).series(metric);
    let values = &found.unwrap_or_else(|| panic!("{name} has no series {metric}")).mean;
    at.map(|second| values[second].round() as u64)
}
