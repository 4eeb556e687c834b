//! What autoscalers decided, over the runs and in the first of them.

use super::Named;
use super::statistics::stat;
use crate::model::Model;
use crate::observe::{Observations, ScalingSeen};
use crate::policy::scaling::Form;
use crate::units::seconds;

/// Of a consumer under an autoscaler.
#[derive(Debug, Clone, PartialEq)]
pub struct ScalingFindings {
    /// The controller's name in the scenario language.
    pub policy: &'static str,
    /// What it looks at: `backlog`, `utilization` …; empty where it looks at nothing but the clock.
    pub metric: &'static str,
    /// In the metric's own unit; `None` where the controller holds the metric to no single value.
    pub target: Option<f64>,
    /// The target is a share for each replica.
    pub per_replica: bool,
    /// Of the first run, in order of time: what changed the number of replicas, and what began to hold it back.
    pub decisions: Vec<DecisionFindings>,
    /// More decisions of that kind than are listed.
    pub left_out: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DecisionFindings {
    pub time_s: f64,
    /// Messages, seconds or a share; `None` where the metric was missing.
    pub metric: Option<f64>,
    /// Replicas that existed, serving or on their way.
    pub current: u32,
    pub desired: u32,
    pub why: &'static str,
}

fn seen(run: &Observations, consumer: usize) -> Option<&ScalingSeen> {
    run.consumers[consumer].scaling.as_ref()
}

/// Totals of the whole run; none without an autoscaler.
pub(super) fn totals(model: &Model, runs: &[Observations], consumer: usize) -> Vec<Named> {
    let Some(scaling) = &model.consumers[consumer].scaling else { return vec![] };
    let over = |name: &'static str, value: &dyn Fn(&ScalingSeen) -> f64| {
        let each: Vec<f64> = runs.iter().filter_map(|run| seen(run, consumer)).map(value).collect();
        (name, stat(&each))
    };
    let mut totals = vec![
        over("scale_outs", &|seen| seen.scale_outs as f64),
        over("scale_ins", &|seen| seen.scale_ins as f64),
        over("scale_lag_s", &|seen| seconds(seen.longest_start)),
    ];
    if scaling.drain.is_some() {
        totals.push(over("killed", &|seen| seen.killed as f64));
    }
    if scaling.reserved_concurrency.is_some() {
        totals.push(over("throttled", &|seen| seen.throttled as f64));
    }
    totals
}

pub(super) fn findings(model: &Model, runs: &[Observations], consumer: usize) -> Option<ScalingFindings> {
    let scaling = model.consumers[consumer].scaling.as_ref()?;
    let first = seen(runs.first()?, consumer)?;
    let target = scaling.rules.target();
    let looks = scaling.rules.word() != "schedule";
    let decision = |it: &crate::observe::Decision| DecisionFindings {
        time_s: model.scenario_seconds(it.at),
        metric: it.metric.filter(|_| looks),
        current: it.current,
        desired: it.desired,
        why: it.why,
    };
    Some(ScalingFindings {
        policy: scaling.rules.word(),
        metric: if looks { scaling.metric.word() } else { "" },
        target: target.map(|target| target.value),
        per_replica: target.is_some_and(|target| target.form == Form::PerReplica),
        decisions: first.decisions.iter().map(decision).collect(),
        left_out: first.left_out,
    })
}
