//! One figure of one run, and of several runs together.

use super::statistics::stat;
use super::{Stat, cost, summary};
use crate::model::Model;
use crate::observe::{Histogram, Observations, QueueSeen, SeriesSet};
use crate::scenario::{Figure, FigureUnit};
use crate::units::seconds;

/// What one run says of a figure.
#[derive(Debug, Clone)]
pub enum Seen {
    /// `None` where there is none: never recovered.
    Value(Option<f64>),
    /// Of a figure that is judged on the messages of all runs together.
    Pooled(Box<Histogram>),
}

/// A figure over several runs.
#[derive(Debug, Clone, PartialEq)]
pub struct FigureOverRuns {
    /// Mean over the runs that have one, or of the pooled messages; `None` where nothing was seen.
    pub value: Option<f64>,
    /// Over the runs that have one, of their own numbers; `None` where none has.
    pub stat: Option<Stat>,
    /// Runs without a number: never recovered, or no message seen.
    pub never: u32,
}

impl Seen {
    /// Looks at one run.
    pub fn of(model: &Model, run: &Observations, figure: &Figure) -> Seen {
        match histogram(model, run, figure) {
            Some(histogram) => Seen::Pooled(Box::new(histogram)),
            None => Seen::Value(value(model, run, figure)),
        }
    }

    /// The run's own number.
    pub fn own(&self, figure: &Figure) -> Option<f64> {
        match self {
            Seen::Value(value) => *value,
            Seen::Pooled(histogram) => pooled_stat(std::iter::once(&**histogram), figure),
        }
    }
}

/// Sums a figure up over runs, in their order.
pub fn over_runs(figure: &Figure, runs: &[&Seen]) -> FigureOverRuns {
    let own: Vec<Option<f64>> = runs.iter().map(|seen| seen.own(figure)).collect();
    let numbers: Vec<f64> = own.iter().flatten().copied().collect();
    let value = if figure.pooled {
        let histograms = runs.iter().filter_map(|seen| match seen {
            Seen::Pooled(histogram) => Some(&**histogram),
            Seen::Value(_) => None,
        });
        pooled_stat(histograms, figure)
    } else {
        (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / numbers.len() as f64)
    };
    FigureOverRuns {
        value,
        stat: (!numbers.is_empty()).then(|| stat(&numbers)),
        never: (own.len() - numbers.len()) as u32,
    }
}

fn pooled_stat<'a>(runs: impl Iterator<Item = &'a Histogram>, figure: &Figure) -> Option<f64> {
    let mut all = Histogram::default();
    runs.for_each(|run| all.merge(run));
    (!all.is_empty()).then(|| match (figure.stat.as_deref(), figure.quantile()) {
        (Some("max"), _) => all.max(),
        (_, Some(share)) => all.quantile(share),
        (_, None) => all.mean(),
    })
}

/// Where a component stands in the model.
#[derive(Debug, Clone, Copy)]
enum Place {
    Queue(usize),
    Producer(usize),
    Consumer(usize),
    Dependency(usize),
    Workflow(usize),
}

fn place(model: &Model, name: &str) -> Option<Place> {
    let queue = model.queues.iter().position(|q| q.name == name).map(Place::Queue);
    let producer = || model.producers.iter().position(|p| p.name == name).map(Place::Producer);
    let consumer = || model.consumers.iter().position(|c| c.name == name).map(Place::Consumer);
    let dependency = || model.dependencies.iter().position(|d| d.name == name).map(Place::Dependency);
    let workflow = || model.workflows.iter().position(|w| w.name == name).map(Place::Workflow);
    queue.or_else(producer).or_else(consumer).or_else(dependency).or_else(workflow)
}

fn histogram(model: &Model, run: &Observations, figure: &Figure) -> Option<Histogram> {
    match place(model, &figure.component)? {
        Place::Queue(index) => {
            let q = &run.queues[index];
            match figure.metric.as_str() {
                "wait" => Some(q.wait.clone()),
                "latency" => Some(q.latency.clone()),
                "journey" => Some(q.journey.clone().unwrap_or_else(|| q.latency.clone())),
                _ => None,
            }
        }
        Place::Workflow(index) => (figure.metric == "duration").then(|| run.workflows[index].duration.clone()),
        Place::Dependency(index) => (figure.metric == "latency").then(|| run.dependencies[index].latency.clone()),
        Place::Producer(_) | Place::Consumer(_) => None,
    }
}

/// One run's value; `None` where there is none, which never holds.
fn value(model: &Model, run: &Observations, figure: &Figure) -> Option<f64> {
    if figure.unit == FigureUnit::Money {
        return Some(cost::figure(model, run, figure));
    }
    match place(model, &figure.component)? {
        Place::Queue(index) => queue_value(model, &run.queues[index], figure),
        Place::Dependency(index) => dependency_value(model, run, index, figure),
        Place::Consumer(index) => series_value(model, &run.consumers[index].series, figure),
        Place::Workflow(index) => {
            let seen = &run.workflows[index];
            match seen.totals.named().into_iter().find(|(name, _)| *name == figure.metric) {
                Some((_, count)) => Some(count as f64),
                None => series_value(model, &seen.series, figure),
            }
        }
        Place::Producer(index) => {
            let seen = &run.producers[index];
            let t = &seen.totals;
            Some(match figure.metric.as_str() {
                "published" => t.published as f64,
                "rejected" => t.rejected as f64,
                "answered" => t.answered as f64,
                "timeouts" => t.timeouts as f64,
                "client_retries" => t.client_retries as f64,
                "requests" => t.requests as f64,
                "gave_up" => t.gave_up as f64,
                "publish_amplification" => t.published as f64 / t.requests.max(1) as f64,
                "goodput" if figure.stat.is_none() => {
                    (t.answered - seen.warmup.answered) as f64 / seconds(model.end - model.warm)
                }
                _ => return series_value(model, &seen.series, figure),
            })
        }
    }
}

fn dependency_value(model: &Model, run: &Observations, index: usize, figure: &Figure) -> Option<f64> {
    let seen = &run.dependencies[index];
    if figure.metric == "utilization" {
        return Some(seen.busy_area.1 as f64 / (model.end - model.warm) as f64 / seen.slots as f64);
    }
    match seen.totals.named().into_iter().find(|(name, _)| *name == figure.metric) {
        Some((_, count)) => Some(count as f64),
        None => series_value(model, &seen.series, figure),
    }
}

fn queue_value(model: &Model, q: &QueueSeen, figure: &Figure) -> Option<f64> {
    match figure.metric.as_str() {
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
            None => series_value(model, &q.series, figure),
        },
    }
}

/// A statistic over time, within a run, after warm-up. Nothing seen is not a breach of an upper bound: 0.
fn series_value(model: &Model, set: &SeriesSet, figure: &Figure) -> Option<f64> {
    let column = column_of(set, &figure.metric)?;
    let mut values: Vec<f64> = summary::after_warmup(model, set, &column).collect();
    if values.is_empty() {
        return Some(0.0);
    }
    values.sort_by(f64::total_cmp);
    let rank = |p: f64| values[((p * values.len() as f64).ceil() as usize).clamp(1, values.len()) - 1];
    Some(match figure.stat.as_deref() {
        Some("mean") => values.iter().sum::<f64>() / values.len() as f64,
        Some("p95") => rank(0.95),
        Some("p99") => rank(0.99),
        _ => rank(1.0),
    })
}

/// The series of a metric: an SLO says `oldest_age`, the column `oldest_age_s`.
pub(super) fn column_of(set: &SeriesSet, metric: &str) -> Option<String> {
    let found = set.names.iter().find(|name| {
        *name == metric || name.strip_suffix("_s") == Some(metric) || name.strip_suffix("_per_s") == Some(metric)
    });
    found.map(|name| name.to_string())
}
