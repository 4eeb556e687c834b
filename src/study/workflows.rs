//! Workflows over the runs: how their executions ended, and how long the completed ones took.

use super::statistics::{pooled, series, stat};
use super::{ComponentFindings, ComponentKind, Named, Stat, summary};
use crate::model::Model;
use crate::observe::{Observations, SeriesSet, WorkflowCounters, WorkflowSeen};
use crate::units::Nanos;

pub(super) fn findings(model: &Model, runs: &[Observations], index: usize) -> ComponentFindings {
    let each: Vec<&WorkflowSeen> = runs.iter().map(|run| &run.workflows[index]).collect();
    let mut totals = counters(&each, &|seen| seen.totals);
    totals.push(("running", over(&each, &|seen| seen.running as f64)));
    if each.iter().any(|seen| seen.history_full > 0) {
        totals.push(("history_full", over(&each, &|seen| seen.history_full as f64)));
    }
    let span = model.end - model.warm;
    let average = |name: &'static str, area: &dyn Fn(&WorkflowSeen) -> u128| {
        (name, over(&each, &|seen| per_span(area(seen), span)))
    };
    ComponentFindings {
        name: model.workflows[index].name.clone(),
        kind: ComponentKind::Workflow,
        totals,
        after_warmup: counters(&each, &|seen| seen.totals.since(&seen.warmup)),
        time_average: vec![
            average("running", &|seen| seen.running_area.1),
            average("compensating", &|seen| seen.compensating_area.1),
            average("waiting", &|seen| seen.waiting_area.1),
        ],
        duration: pooled(each.iter().map(|seen| &seen.duration)),
        series: series(&each.iter().map(|seen| &seen.series).collect::<Vec<&SeriesSet>>()),
        ..summary::empty()
    }
}

fn over(each: &[&WorkflowSeen], value: &dyn Fn(&WorkflowSeen) -> f64) -> Stat {
    stat(&each.iter().map(|seen| value(seen)).collect::<Vec<f64>>())
}

fn counters(each: &[&WorkflowSeen], of: &dyn Fn(&WorkflowSeen) -> WorkflowCounters) -> Vec<Named> {
    let names = WorkflowCounters::default().named().map(|(name, _)| name);
    (0..names.len()).map(|i| (names[i], over(each, &|seen| of(seen).named()[i].1 as f64))).collect()
}

/// Execution·nanoseconds over a span as a time average.
fn per_span(area: u128, span: Nanos) -> f64 {
    if span == 0 { f64::NAN } else { area as f64 / span as f64 }
}
