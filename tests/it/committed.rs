//! A few runs of the committed scenarios, and their figures by name.

use std::collections::BTreeMap;
use std::fs;

use tailback::study::{ComponentFindings, Findings};

use crate::program::repository;

/// Runs of each variant.
pub(crate) const RUNS: u32 = 3;

/// Runs the committed file after replacing texts of it, each of which must be there.
#[track_caller]
pub(crate) fn run(name: &str, changes: &[(&str, &str)]) -> Findings {
    let path = repository().join("scenarios").join(format!("{name}.toml"));
    let mut text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let runs = text.lines().find(|line| line.starts_with("runs = ")).expect("a line with the runs").to_string();
    text = text.replace(&runs, &format!("runs = {RUNS}"));
    for (old, new) in changes {
        assert!(text.contains(old), "{name} has no `{old}`");
        text = text.replace(old, new);
    }
    tailback::simulate(&text, &BTreeMap::new()).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"))
}

#[track_caller]
pub(crate) fn component<'a>(findings: &'a Findings, name: &str) -> &'a ComponentFindings {
    findings.component(name).unwrap_or_else(|| panic!("no {name}"))
}

/// Mean over the runs of a total or headline figure.
#[track_caller]
pub(crate) fn mean(findings: &Findings, name: &str, figure: &str) -> f64 {
    component(findings, name).total(figure).unwrap_or_else(|| panic!("{name} has no {figure}")).mean
}

/// Mean of a series over from < time ≤ to, seconds; of the mean over the runs at each tick.
#[track_caller]
pub(crate) fn between(findings: &Findings, name: &str, metric: &str, (from, to): (f64, f64)) -> f64 {
    let series = component(findings, name).series(metric).unwrap_or_else(|| panic!("{name} has no {metric}"));
    let seen: Vec<f64> = findings
        .time_s
        .iter()
        .zip(&series.mean)
        .filter(|(time, value)| **time > from && **time <= to && !value.is_nan())
        .map(|(_, value)| *value)
        .collect();
    assert!(!seen.is_empty(), "{name}.{metric}: nothing between {from} s and {to} s");
    seen.iter().sum::<f64>() / seen.len() as f64
}

#[track_caller]
pub(crate) fn recovery(findings: &Findings, name: &str) -> f64 {
    let recovery = component(findings, name).recovery.as_ref().expect("a disturbance");
    assert_eq!(recovery.never, 0, "{name} does not recover");
    recovery.stat.as_ref().expect("it recovers").mean
}

#[track_caller]
pub(crate) fn close(what: &str, seen: f64, expected: f64, margin: f64) {
    assert!((seen - expected).abs() <= margin * expected, "{what}: {seen}, by hand {expected} ± {margin}");
}
