//! What many runs said, ready to be shown: plain data, no strings for people in it beyond names.
//!
//! Every quantity is in seconds, per second or bare counts; time series start at 0 and step by `tick_s`.

pub use crate::scenario::{Assumption, Figure, FigureUnit, Origin};

use super::verdict::{Outcome, Verdict};
use super::{PrecisionFindings, UncertaintyFindings};
use std::borrow::Cow;

pub use crate::envelope::Line as EnvelopeLine;

/// One number per run, summed up over the runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Stat {
    pub mean: f64,
    /// Student t, 95 %; `None` with one run.
    pub ci95: Option<(f64, f64)>,
    pub p05: f64,
    pub p50: f64,
    pub p95: f64,
    pub min: f64,
    pub max: f64,
}

/// Recovery times: `never` runs are counted and stay out of the figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Recovery {
    /// Over the runs that recovered; `None` when none did.
    pub stat: Option<Stat>,
    pub never: u32,
}

/// Messages of all runs together, published after warm-up.
#[derive(Debug, Clone, PartialEq)]
pub struct Pooled {
    pub count: u64,
    pub mean: f64,
    /// Of the mean, from the means per run; `None` with one run.
    pub ci95: Option<(f64, f64)>,
    pub p50: f64,
    pub p90: f64,
    pub p95: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
    /// (seconds, share of messages at or below), ascending: the distribution for charts, thinned to a few hundred points.
    pub cdf: Vec<(f64, f64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComponentKind {
    Queue,
    /// A queue that is only reached as another queue's dead letter.
    DeadLetterQueue,
    /// What one consumer group has still to do of a stream.
    Group,
    Producer,
    Consumer,
    /// What consumers call.
    Dependency,
    /// Executions of a durable workflow; its task queues are components of their own.
    Workflow,
}

impl ComponentKind {
    /// The word in `summary.json`.
    pub fn word(self) -> &'static str {
        match self {
            ComponentKind::Queue | ComponentKind::DeadLetterQueue => "queue",
            ComponentKind::Group => "group",
            ComponentKind::Producer => "producer",
            ComponentKind::Consumer => "consumer",
            ComponentKind::Dependency => "dependency",
            ComponentKind::Workflow => "workflow",
        }
    }

    /// Messages wait in it: it has the figures of a queue.
    pub fn holds_messages(self) -> bool {
        self.is_worked_off() || self == ComponentKind::DeadLetterQueue
    }

    /// Messages wait in it for somebody whose work it is to finish them.
    pub fn is_worked_off(self) -> bool {
        matches!(self, ComponentKind::Queue | ComponentKind::Group)
    }
}

/// A named number over the runs; the name is the JSON key (`published`, `oldest_age_max_s` …).
pub type Named = (&'static str, Stat);

#[derive(Debug, Clone, PartialEq)]
pub struct ComponentFindings {
    pub name: String,
    pub kind: ComponentKind,
    /// Totals of the whole run and the headline figures that are not totals (`work_amplification`, `peak_backlog`,
    /// `peak_at_s`, `oldest_age_max_s`, a consumer's `utilization` …), in the order they are printed.
    pub totals: Vec<Named>,
    /// The totals again, without warm-up.
    pub after_warmup: Vec<Named>,
    /// `ready`, `in_flight`, `delayed`, `backlog`; a consumer's `busy`, `replicas`. After warm-up.
    pub time_average: Vec<Named>,
    /// The worst disturbance's; `None` without a disturbance.
    pub recovery: Option<Recovery>,
    /// Whether it gets over its disturbances, and if not, why; `None` without a disturbance, and for what is no queue.
    pub verdict: Option<Verdict>,
    pub wait: Option<Pooled>,
    pub latency: Option<Pooled>,
    pub journey: Option<Pooled>,
    /// Of a workflow's completed executions, from start to end.
    pub duration: Option<Pooled>,
    pub by_priority: Vec<LevelFindings>,
    /// Of the stream that a group reads; `None` for all others.
    pub partitions: Option<u32>,
    /// In the order of their numbers; empty for all but groups.
    pub by_partition: Vec<PartitionFindings>,
    /// The busiest keys, at most ten, the busiest first; empty without keys.
    pub by_key: Vec<KeyFindings>,
    /// One entry for each of `Findings::disturbances`, in the same order; empty for producers and consumers.
    pub disturbances: Vec<DisturbanceFindings>,
    pub series: Vec<Series>,
    /// What the broker's own monitoring would show, under its own names; empty unless asked for.
    pub broker_metrics: Vec<Series>,
    /// Of a consumer under an autoscaler.
    pub scaling: Option<super::ScalingFindings>,
}

/// One partition of a stream, as its group saw it.
#[derive(Debug, Clone, PartialEq)]
pub struct PartitionFindings {
    /// From 0.
    pub partition: u32,
    pub published: Stat,
    pub rejected: Stat,
    pub completed: Stat,
    pub redeliveries: Stat,
    pub peak_backlog: Stat,
    pub unfinished: Stat,
    /// Over the whole run.
    pub mean_backlog: Stat,
    pub oldest_age_max_s: Stat,
    /// Its share of the group's lag at the tick at which it was deepest itself; `None` where there is no series of each
    /// partition, or never was a lag.
    pub share_at_peak: Option<Stat>,
}

/// One key. A run that does not count it among its ten busiest stands in for it with 0.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyFindings {
    pub key: String,
    pub published: Stat,
    pub completed: Stat,
    pub peak_backlog: Stat,
    /// Mean of its completed messages, over the runs that have one; `None` where none has.
    pub latency_s: Option<Stat>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct LevelFindings {
    pub level: String,
    pub completed: Stat,
    pub wait: Option<Pooled>,
    pub latency: Option<Pooled>,
}

/// A disturbance, overlapping ones already joined.
#[derive(Debug, Clone, PartialEq)]
pub struct Disturbance {
    /// `spike of checkout`, `fault payments-down`, joined by ` + `.
    pub label: String,
    pub start_s: f64,
    pub end_s: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DisturbanceFindings {
    pub peak_backlog: Stat,
    pub peak_at_s: Stat,
    pub oldest_age_max_s: Stat,
    pub recovery: Recovery,
    pub dead_lettered: Stat,
    pub expired: Stat,
    pub dropped: Stat,
    /// Publishes that the queue refused.
    pub rejected: Stat,
    pub duplicates: Stat,
    /// (SLO expression, seconds in breach of it), for each depth or age SLO of this component.
    pub slo_breach_s: Vec<(String, Stat)>,
}

/// A time series over the runs, one entry a tick. NaN where nothing was seen (no completion in the tick).
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// CSV name with its unit: `backlog`, `oldest_age_s`, `publish_rate_per_s`, `latency_p99_s`.
    pub metric: Cow<'static, str>,
    pub mean: Vec<f64>,
    pub p05: Vec<f64>,
    pub p50: Vec<f64>,
    pub p95: Vec<f64>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SloFindings {
    pub expression: String,
    /// Mean over the runs, or pooled; `None` where nothing was seen to judge (never recovered, no message).
    pub value: Option<f64>,
    /// Share of the runs in which it holds; `None` for one judged on pooled messages.
    pub share_of_runs: Option<f64>,
    pub holds: bool,
    /// Component and metric as in the expression, and the bound: for lines in charts.
    pub component: String,
    pub metric: String,
    pub stat: Option<String>,
    pub bound: f64,
}

/// Everything a report needs.
#[derive(Debug, Clone)]
pub struct Findings {
    pub title: String,
    /// As given on the command line.
    pub path: String,
    /// Hex SHA-256 of the scenario's text.
    pub sha256: String,
    pub seed: u64,
    pub runs: u32,
    pub duration_s: f64,
    pub warmup_s: f64,
    pub tick_s: f64,
    /// Published messages of all runs, copies by fan-out and dead-lettering included; real ones, also where each
    /// simulated one stands for many.
    pub messages: u64,
    /// Instants of the series, seconds: 0, tick, 2·tick … up to the duration.
    pub time_s: Vec<f64>,
    pub disturbances: Vec<Disturbance>,
    /// Queues and groups, then dead-letter queues, producers, consumers, workflows, dependencies; each in the file's order.
    pub components: Vec<ComponentFindings>,
    /// Which queue a consumer reads: (consumer, queue).
    pub reads: Vec<(String, String)>,
    pub slo: Vec<SloFindings>,
    pub slo_runs: f64,
    /// `None` where nothing has a price.
    pub cost: Option<super::CostFindings>,
    pub envelope: Vec<EnvelopeLine>,
    pub assumptions: Vec<Assumption>,
    /// Sentences worth a reader's attention: one run has no interval, a queue without a consumer …
    pub notes: Vec<String>,
    /// Of what is drawn once a run; `None` where nothing is.
    pub uncertainty: Option<UncertaintyFindings>,
    /// `None` where no precision was asked for.
    pub precision: Option<PrecisionFindings>,
    /// How the runs were simulated.
    pub engine: super::EngineFindings,
    /// Filled in by the caller who owns a clock; not part of what must be reproducible.
    pub wall_time_s: Option<f64>,
}

impl ComponentFindings {
    /// A total or headline figure by name.
    pub fn total(&self, name: &str) -> Option<&Stat> {
        self.totals.iter().find(|(key, _)| *key == name).map(|(_, stat)| stat)
    }

    pub fn average(&self, name: &str) -> Option<&Stat> {
        self.time_average.iter().find(|(key, _)| *key == name).map(|(_, stat)| stat)
    }

    pub fn series(&self, metric: &str) -> Option<&Series> {
        self.series.iter().find(|series| series.metric == metric)
    }
}

impl Findings {
    pub fn component(&self, name: &str) -> Option<&ComponentFindings> {
        self.components.iter().find(|component| component.name == name)
    }

    /// The worst verdict, and whose it is. A queue that nobody reads has the word only where there is no other.
    pub fn verdict(&self) -> Option<(&ComponentFindings, &Verdict)> {
        let is_read = |part: &ComponentFindings| self.reads.iter().any(|(_, queue)| *queue == part.name);
        let weight = |(part, verdict): &(&ComponentFindings, &Verdict)| {
            let outcome = match verdict.outcome {
                Outcome::Never => 2,
                Outcome::Mixed => 1,
                Outcome::Recovered => 0,
            };
            (is_read(part), outcome, verdict.never, verdict.mechanism.is_some())
        };
        let all = self.components.iter().filter_map(|part| Some((part, part.verdict.as_ref()?)));
        // Of equals the first.
        all.reduce(|worst, next| if weight(&next) > weight(&worst) { next } else { worst })
    }

    /// Messages that were simulated, of all runs.
    pub fn simulated(&self) -> f64 {
        self.messages as f64 / f64::from(self.engine.weight.max(1))
    }

    /// Every SLO holds.
    pub fn slo_holds(&self) -> bool {
        self.slo.iter().all(|slo| slo.holds)
    }
}
