//! SLOs: what was asked, what was seen, whether it holds.

use super::SloFindings;
use super::seen::{Seen, column_of, over_runs};
use crate::model::Model;
use crate::observe::{Observations, QueueSeen};
use crate::scenario::{Scenario, Slo};
use crate::units::seconds;

/// `own` are the models of the runs.
pub(super) fn slos(scenario: &Scenario, own: &[&Model], runs: &[Observations]) -> Vec<SloFindings> {
    let judged = |slo: &Slo| {
        let seen: Vec<Seen> = own.iter().zip(runs).map(|(own, run)| Seen::of(own, run, &slo.figure)).collect();
        judge(slo, &seen.iter().collect::<Vec<&Seen>>(), scenario.slo_runs)
    };
    scenario.slos.iter().map(judged).collect()
}

/// Judges one objective by what all runs say of its figure. `slo_runs` is the share of the runs in which one on a
/// per-run figure must hold.
pub fn judge(slo: &Slo, runs: &[&Seen], slo_runs: f64) -> SloFindings {
    let all = over_runs(&slo.figure, runs);
    let (share_of_runs, holds) = if slo.figure.pooled {
        (None, all.value.is_some_and(|value| slo.op.holds(value, slo.value)))
    } else {
        let own = runs.iter().filter_map(|seen| seen.own(&slo.figure));
        let share = own.filter(|value| slo.op.holds(*value, slo.value)).count() as f64 / runs.len() as f64;
        (Some(share), share >= slo_runs - 1e-12)
    };
    SloFindings {
        expression: slo.expression.clone(),
        value: all.value,
        share_of_runs,
        holds,
        component: slo.figure.component.clone(),
        metric: slo.figure.metric.clone(),
        stat: slo.figure.stat.clone(),
        bound: slo.value,
    }
}

/// Seconds in breach of a depth or age SLO from the disturbance's start to its recovery, to a tick.
pub(super) fn breach_s(model: &Model, q: &QueueSeen, disturbance: usize, slo: &Slo) -> f64 {
    let seen = &q.disturbances[disturbance];
    let until = seen.recovered.unwrap_or(model.end);
    let Some(values) = column_of(&q.series, &slo.figure.metric).and_then(|column| q.series.column(&column)) else {
        return 0.0;
    };
    let ticks = values
        .enumerate()
        .filter(|(i, value)| {
            let at = model.origin + *i as u64 * model.tick;
            (seen.start..until).contains(&at) && !slo.op.holds(*value, slo.value)
        })
        .count();
    ticks as f64 * seconds(model.tick)
}
