//! Dependencies over the runs: what became of the calls, and how busy they kept it.

use super::statistics::{pooled, series, stat};
use super::{ComponentFindings, ComponentKind, Named, Stat, summary};
use crate::model::{Model, UNLIMITED};
use crate::observe::{DependencyCounters, DependencySeen, Observations, SeriesSet};
use crate::units::Nanos;

pub(super) fn findings(model: &Model, runs: &[Observations], index: usize) -> ComponentFindings {
    let each: Vec<&DependencySeen> = runs.iter().map(|run| &run.dependencies[index]).collect();
    let dependency = &model.dependencies[index];
    let span = model.end - model.warm;
    let mut totals = counters(&each, &|seen| seen.totals);
    totals.push(("unfinished_waiting", over(&each, &|seen| seen.unfinished.0 as f64)));
    totals.push(("unfinished_busy", over(&each, &|seen| seen.unfinished.1 as f64)));
    // Without a limit on what is worked on at once there is no whole that could be in use.
    if dependency.concurrency != UNLIMITED {
        totals.push(("utilization", over(&each, &|seen| per_span(seen.busy_area.1, span) / seen.slots as f64)));
    }
    ComponentFindings {
        name: dependency.name.clone(),
        kind: ComponentKind::Dependency,
        totals,
        after_warmup: counters(&each, &|seen| seen.totals.since(&seen.warmup)),
        time_average: vec![
            ("busy", over(&each, &|seen| per_span(seen.busy_area.1, span))),
            ("waiting", over(&each, &|seen| per_span(seen.waiting_area.1, span))),
        ],
        latency: pooled(each.iter().map(|seen| &seen.latency)),
        series: series(&each.iter().map(|seen| &seen.series).collect::<Vec<&SeriesSet>>()),
        ..summary::empty()
    }
}

fn over(each: &[&DependencySeen], value: &dyn Fn(&DependencySeen) -> f64) -> Stat {
    stat(&each.iter().map(|seen| value(seen)).collect::<Vec<f64>>())
}

fn counters(each: &[&DependencySeen], of: &dyn Fn(&DependencySeen) -> DependencyCounters) -> Vec<Named> {
    let names = DependencyCounters::default().named().map(|(name, _)| name);
    (0..names.len()).map(|i| (names[i], over(each, &|seen| of(seen).named()[i].1 as f64))).collect()
}

/// Call·nanoseconds over a span as a time average.
fn per_span(area: u128, span: Nanos) -> f64 {
    if span == 0 { f64::NAN } else { area as f64 / span as f64 }
}
