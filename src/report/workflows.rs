//! How the executions of workflows ended: a table, and a line for a screen.

use super::figures::{NOTHING, Quantity, count, duration};
use super::table::Table;
use crate::study::{ComponentFindings, ComponentKind, Findings};

/// What executions can have come to, in the order of the columns.
const ENDS: [&str; 6] = ["started", "completed", "compensated", "failed", "stuck", "running"];

pub(super) fn workflows(findings: &Findings) -> impl Iterator<Item = &ComponentFindings> {
    findings.components.iter().filter(|part| part.kind == ComponentKind::Workflow)
}

/// Every workflow: ends of its executions over the whole run, and how long the completed ones took.
pub(super) fn table(findings: &Findings) -> Table {
    let rows = workflows(findings).map(|part| {
        let ends = ENDS.iter().map(|name| figure(part, name));
        let took = part.duration.as_ref();
        let lengths = [took.map(|d| d.p50), took.map(|d| d.p99), took.map(|d| d.max)]
            .map(|length| length.map_or_else(|| NOTHING.into(), duration));
        [part.name.clone()].into_iter().chain(ends).chain(lengths).collect()
    });
    let header = ["workflow"].into_iter().chain(ENDS).chain(["duration p50", "p99", "max"]);
    Table {
        title: "Workflows, executions of the whole run; durations of those completed and started after warm-up",
        header: header.collect(),
        figures: (1..=ENDS.len() + 3).collect(),
        rows: rows.collect(),
        below: Vec::new(),
    }
}

fn figure(part: &ComponentFindings, name: &str) -> String {
    part.total(name).map_or_else(|| NOTHING.into(), |stat| Quantity::Count.stat(stat))
}

/// What became of the executions, in a sentence; nothing where none was started.
pub(super) fn sentence(part: &ComponentFindings) -> Option<String> {
    let started = part.total("started").filter(|started| started.mean > 0.0)?;
    let ends = ENDS[1..].iter().filter_map(|name| Some((name, part.total(name)?))).filter(|(_, stat)| stat.max > 0.0);
    let ends = ends.map(|(name, stat)| format!("{} {}", count(stat.mean), said(name))).collect::<Vec<_>>().join(", ");
    let took = part.duration.as_ref().map_or_else(String::new, |took| {
        format!(" Half of the completed took at most {}, 99 % at most {}.", duration(took.p50), duration(took.p99))
    });
    Some(format!("{}: of {} executions {ends}.{took}", part.name, count(started.mean)))
}

fn said(end: &str) -> &str {
    match end {
        "completed" => "completed",
        "compensated" => "were undone",
        "failed" => "failed with nothing undone",
        "stuck" => "are stuck",
        _ => "still run",
    }
}

/// The same of one workflow, for a screen.
pub(super) fn brief(part: &ComponentFindings) -> Vec<(&'static str, String)> {
    let ends = ENDS.iter().filter_map(|name| Some(format!("{} {name}", count(part.total(name)?.mean))));
    let mut pairs = vec![("executions", ends.collect::<Vec<_>>().join(", "))];
    if let Some(took) = &part.duration {
        let lengths = format!(
            "mean {}, p50 {}, p99 {}, max {}",
            Quantity::Seconds.interval(took.mean, took.ci95),
            duration(took.p50),
            duration(took.p99),
            duration(took.max)
        );
        pairs.push(("duration", lengths));
    }
    pairs
}
