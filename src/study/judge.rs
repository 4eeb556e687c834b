//! SLOs: what was asked, what was seen, whether it holds.

use super::statistics::pooled;
use super::{SloFindings, summary};
use crate::model::Model;
use crate::observe::{Histogram, Observations, QueueSeen, SeriesSet};
use crate::scenario::{Scenario, Slo};
use crate::units::seconds;

/// Where a component stands in the model.
#[derive(Debug, Clone, Copy)]
enum Place {
    Queue(usize),
    Producer(usize),
    Consumer(usize),
    Dependency(usize),
    Workflow(usize),
}

pub(super) fn slos(scenario: &Scenario, model: &Model, runs: &[Observations]) -> Vec<SloFindings> {
    scenario
        .slos
        .iter()
        .map(|slo| {
            let (value, share_of_runs, holds) = match pooled_value(model, runs, slo) {
                Some(value) => (value, None, value.is_some_and(|value| slo.op.holds(value, slo.value))),
                None => per_run(scenario, model, runs, slo),
            };
            SloFindings {
                expression: slo.expression.clone(),
                value,
                share_of_runs,
                holds,
                component: slo.component.clone(),
                metric: slo.metric.clone(),
                stat: slo.stat.clone(),
                bound: slo.value,
            }
        })
        .collect()
}

fn place(model: &Model, name: &str) -> Option<Place> {
    let queue = model.queues.iter().position(|q| q.name == name).map(Place::Queue);
    let producer = || model.producers.iter().position(|p| p.name == name).map(Place::Producer);
    let consumer = || model.consumers.iter().position(|c| c.name == name).map(Place::Consumer);
    let dependency = || model.dependencies.iter().position(|d| d.name == name).map(Place::Dependency);
    let workflow = || model.workflows.iter().position(|w| w.name == name).map(Place::Workflow);
    queue.or_else(producer).or_else(consumer).or_else(dependency).or_else(workflow)
}

/// `Some` for a metric judged on all messages together; the inner value is `None` where no message was seen.
fn pooled_value(model: &Model, runs: &[Observations], slo: &Slo) -> Option<Option<f64>> {
    let place = place(model, &slo.component)?;
    let of_queue = |q: &QueueSeen| -> Option<Histogram> {
        match slo.metric.as_str() {
            "wait" => Some(q.wait.clone()),
            "latency" => Some(q.latency.clone()),
            "journey" => Some(q.journey.clone().unwrap_or_else(|| q.latency.clone())),
            _ => None,
        }
    };
    let histogram = |run: &Observations| match place {
        Place::Queue(index) => of_queue(&run.queues[index]),
        Place::Workflow(index) => (slo.metric == "duration").then(|| run.workflows[index].duration.clone()),
        Place::Dependency(index) => (slo.metric == "latency").then(|| run.dependencies[index].latency.clone()),
        Place::Producer(_) | Place::Consumer(_) => None,
    };
    let all: Option<Vec<Histogram>> = runs.iter().map(histogram).collect();
    let pooled = pooled(all?.iter());
    Some(pooled.map(|pooled| match slo.stat.as_deref() {
        Some("p50") => pooled.p50,
        Some("p90") => pooled.p90,
        Some("p95") => pooled.p95,
        Some("p99") => pooled.p99,
        Some("p999") => pooled.p999,
        Some("max") => pooled.max,
        _ => pooled.mean,
    }))
}

/// Value (mean over the runs that have one), share of the runs in which it holds, verdict.
fn per_run(scenario: &Scenario, model: &Model, runs: &[Observations], slo: &Slo) -> (Option<f64>, Option<f64>, bool) {
    let values: Vec<Option<f64>> = runs.iter().map(|run| value(model, run, slo)).collect();
    let seen: Vec<f64> = values.iter().flatten().copied().collect();
    let mean = (!seen.is_empty()).then(|| seen.iter().sum::<f64>() / seen.len() as f64);
    let holding = values.iter().flatten().filter(|value| slo.op.holds(**value, slo.value)).count();
    let share = holding as f64 / runs.len() as f64;
    (mean, Some(share), share >= scenario.slo_runs - 1e-12)
}

/// One run's value; `None` where there is none, which never holds.
fn value(model: &Model, run: &Observations, slo: &Slo) -> Option<f64> {
    match place(model, &slo.component)? {
        Place::Queue(index) => queue_value(model, &run.queues[index], slo),
        Place::Dependency(index) => dependency_value(model, run, index, slo),
        Place::Consumer(index) => series_value(model, &run.consumers[index].series, slo),
        Place::Workflow(index) => {
            let seen = &run.workflows[index];
            match seen.totals.named().into_iter().find(|(name, _)| *name == slo.metric) {
                Some((_, count)) => Some(count as f64),
                None => series_value(model, &seen.series, slo),
            }
        }
        Place::Producer(index) => {
            let seen = &run.producers[index];
            let t = &seen.totals;
            Some(match slo.metric.as_str() {
                "published" => t.published as f64,
                "rejected" => t.rejected as f64,
                "answered" => t.answered as f64,
                "timeouts" => t.timeouts as f64,
                "client_retries" => t.client_retries as f64,
                "requests" => t.requests as f64,
                "gave_up" => t.gave_up as f64,
                "publish_amplification" => t.published as f64 / t.requests.max(1) as f64,
                "goodput" if slo.stat.is_none() => {
                    (t.answered - seen.warmup.answered) as f64 / seconds(model.end - model.warm)
                }
                _ => return series_value(model, &seen.series, slo),
            })
        }
    }
}

fn dependency_value(model: &Model, run: &Observations, index: usize, slo: &Slo) -> Option<f64> {
    let seen = &run.dependencies[index];
    if slo.metric == "utilization" {
        let slots = model.dependencies[index].concurrency as f64;
        return Some(seen.busy_area.1 as f64 / (model.end - model.warm) as f64 / slots);
    }
    match seen.totals.named().into_iter().find(|(name, _)| *name == slo.metric) {
        Some((_, count)) => Some(count as f64),
        None => series_value(model, &seen.series, slo),
    }
}

fn queue_value(model: &Model, q: &QueueSeen, slo: &Slo) -> Option<f64> {
    match slo.metric.as_str() {
        "recovery_time" => {
            if q.disturbances.is_empty() {
                return Some(0.0);
            }
            summary::recovery_of_run(q)
        }
        "peak_backlog" => Some(q.peak as f64),
        "peak_at" => Some(model.scenario_seconds(q.peak_at)),
        "work_amplification" => Some(q.totals.work_amplification()),
        metric => match q.totals.named().into_iter().find(|(name, _)| *name == metric) {
            Some((_, count)) => Some(count as f64),
            None => series_value(model, &q.series, slo),
        },
    }
}

/// A statistic over time, within a run, after warm-up. Nothing seen is not a breach of an upper bound: 0.
fn series_value(model: &Model, set: &SeriesSet, slo: &Slo) -> Option<f64> {
    let column = column_of(set, &slo.metric)?;
    let mut values: Vec<f64> = summary::after_warmup(model, set, &column).collect();
    if values.is_empty() {
        return Some(0.0);
    }
    values.sort_by(f64::total_cmp);
    let rank = |p: f64| values[((p * values.len() as f64).ceil() as usize).clamp(1, values.len()) - 1];
    Some(match slo.stat.as_deref() {
        Some("mean") => values.iter().sum::<f64>() / values.len() as f64,
        Some("p95") => rank(0.95),
        Some("p99") => rank(0.99),
        _ => rank(1.0),
    })
}

/// The series of a metric: an SLO says `oldest_age`, the column `oldest_age_s`.
fn column_of(set: &SeriesSet, metric: &str) -> Option<String> {
    let found = set.names.iter().find(|name| {
        *name == metric || name.strip_suffix("_s") == Some(metric) || name.strip_suffix("_per_s") == Some(metric)
    });
    found.map(|name| name.to_string())
}

/// Seconds in breach of a depth or age SLO from the disturbance's start to its recovery, to a tick.
pub(super) fn breach_s(model: &Model, q: &QueueSeen, disturbance: usize, slo: &Slo) -> f64 {
    let seen = &q.disturbances[disturbance];
    let until = seen.recovered.unwrap_or(model.end);
    let Some(values) = column_of(&q.series, &slo.metric).and_then(|column| q.series.column(&column)) else {
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
