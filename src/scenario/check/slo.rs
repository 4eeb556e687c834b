//! Objectives: `COMPONENT.METRIC[.STAT] OP VALUE`, checked against the component's kind.

use super::{Checker, entries};
use crate::scenario::problem::{Problem, listed, nearest};
use crate::scenario::reader::Placed;
use crate::scenario::value::{Comparison, Slo};
use crate::units::{Duration, Rate, Share};

/// What a metric's value is written in.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Unit {
    Count,
    Time,
    PerTime,
    Ratio,
}

/// Which statistics a metric takes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// Over time within a run; `max` unless said otherwise.
    Series,
    /// Pooled over messages; one must be named.
    Pooled,
    /// One number a run.
    Total,
}

type Metric = (&'static str, Kind, Unit);

const SERIES_STATS: [&str; 4] = ["max", "mean", "p95", "p99"];
const POOLED_STATS: [&str; 7] = ["mean", "p50", "p90", "p95", "p99", "p999", "max"];

const OF_QUEUE: &[Metric] = &[
    ("ready", Kind::Series, Unit::Count),
    ("in_flight", Kind::Series, Unit::Count),
    ("delayed", Kind::Series, Unit::Count),
    ("backlog", Kind::Series, Unit::Count),
    ("oldest_age", Kind::Series, Unit::Time),
    ("publish_rate", Kind::Series, Unit::PerTime),
    ("deliver_rate", Kind::Series, Unit::PerTime),
    ("complete_rate", Kind::Series, Unit::PerTime),
    ("redeliver_rate", Kind::Series, Unit::PerTime),
    ("reject_rate", Kind::Series, Unit::PerTime),
    ("drop_rate", Kind::Series, Unit::PerTime),
    ("expire_rate", Kind::Series, Unit::PerTime),
    ("dead_letter_rate", Kind::Series, Unit::PerTime),
    ("wait", Kind::Pooled, Unit::Time),
    ("latency", Kind::Pooled, Unit::Time),
    ("journey", Kind::Pooled, Unit::Time),
    ("published", Kind::Total, Unit::Count),
    ("rejected", Kind::Total, Unit::Count),
    ("deliveries", Kind::Total, Unit::Count),
    ("redeliveries", Kind::Total, Unit::Count),
    ("completed", Kind::Total, Unit::Count),
    ("duplicates", Kind::Total, Unit::Count),
    ("dead_lettered", Kind::Total, Unit::Count),
    ("expired", Kind::Total, Unit::Count),
    ("dropped", Kind::Total, Unit::Count),
    ("out_of_order", Kind::Total, Unit::Count),
    ("deduplicated", Kind::Total, Unit::Count),
    ("redriven", Kind::Total, Unit::Count),
    ("shed", Kind::Total, Unit::Count),
    ("skipped", Kind::Total, Unit::Count),
    ("work_amplification", Kind::Total, Unit::Ratio),
    ("peak_backlog", Kind::Total, Unit::Count),
    ("peak_at", Kind::Total, Unit::Time),
    ("recovery_time", Kind::Total, Unit::Time),
];

const OF_GROUP: &[Metric] = &{
    let mut all = [("lag", Kind::Series, Unit::Count); OF_QUEUE.len() + 1];
    let mut i = 0;
    while i < OF_QUEUE.len() {
        all[i + 1] = OF_QUEUE[i];
        i += 1;
    }
    all
};

const OF_CONSUMER: &[Metric] = &[
    ("utilization", Kind::Series, Unit::Ratio),
    ("busy", Kind::Series, Unit::Count),
    ("replicas", Kind::Series, Unit::Count),
    ("desired_replicas", Kind::Series, Unit::Count),
];

const OF_DEPENDENCY: &[Metric] = &[
    ("busy", Kind::Series, Unit::Count),
    ("waiting", Kind::Series, Unit::Count),
    ("open_breakers", Kind::Series, Unit::Count),
    ("call_rate", Kind::Series, Unit::PerTime),
    ("complete_rate", Kind::Series, Unit::PerTime),
    ("error_rate", Kind::Series, Unit::PerTime),
    ("timeout_rate", Kind::Series, Unit::PerTime),
    ("abandoned_rate", Kind::Series, Unit::PerTime),
    ("latency", Kind::Pooled, Unit::Time),
    ("calls", Kind::Total, Unit::Count),
    ("completed", Kind::Total, Unit::Count),
    ("errors", Kind::Total, Unit::Count),
    ("rejected", Kind::Total, Unit::Count),
    ("throttled", Kind::Total, Unit::Count),
    ("refused", Kind::Total, Unit::Count),
    ("abandoned", Kind::Total, Unit::Count),
    ("skipped", Kind::Total, Unit::Count),
    ("lost", Kind::Total, Unit::Count),
    ("retries", Kind::Total, Unit::Count),
    ("hedges", Kind::Total, Unit::Count),
    ("timeouts", Kind::Total, Unit::Count),
    ("short_circuited", Kind::Total, Unit::Count),
    ("bulkhead_rejected", Kind::Total, Unit::Count),
    ("budget_denied", Kind::Total, Unit::Count),
    ("utilization", Kind::Total, Unit::Ratio),
];

/// Where everything is worked on at once there is no whole that could be in use.
const WITHOUT_UTILIZATION: &[Metric] = OF_DEPENDENCY.split_at(OF_DEPENDENCY.len() - 1).0;

const OF_PRODUCER: &[Metric] = &[
    ("published", Kind::Total, Unit::Count),
    ("rejected", Kind::Total, Unit::Count),
    ("requests", Kind::Total, Unit::Count),
    ("gave_up", Kind::Total, Unit::Count),
    ("client_retries", Kind::Total, Unit::Count),
    ("waiting", Kind::Series, Unit::Count),
];

const OF_ASKING_PRODUCER: &[Metric] = &[
    ("published", Kind::Total, Unit::Count),
    ("rejected", Kind::Total, Unit::Count),
    ("answered", Kind::Total, Unit::Count),
    ("timeouts", Kind::Total, Unit::Count),
    ("client_retries", Kind::Total, Unit::Count),
    ("requests", Kind::Total, Unit::Count),
    ("gave_up", Kind::Total, Unit::Count),
    ("waiting", Kind::Series, Unit::Count),
    ("goodput", Kind::Total, Unit::PerTime),
    ("publish_amplification", Kind::Total, Unit::Ratio),
];

const OF_WORKFLOW: &[Metric] = &[
    ("duration", Kind::Pooled, Unit::Time),
    ("started", Kind::Total, Unit::Count),
    ("completed", Kind::Total, Unit::Count),
    ("compensated", Kind::Total, Unit::Count),
    ("failed", Kind::Total, Unit::Count),
    ("stuck", Kind::Total, Unit::Count),
    ("running", Kind::Series, Unit::Count),
    ("compensating", Kind::Series, Unit::Count),
    ("waiting", Kind::Series, Unit::Count),
    ("start_rate", Kind::Series, Unit::PerTime),
    ("complete_rate", Kind::Series, Unit::PerTime),
    ("compensate_rate", Kind::Series, Unit::PerTime),
    ("fail_rate", Kind::Series, Unit::PerTime),
    ("stuck_rate", Kind::Series, Unit::PerTime),
];

impl Checker<'_> {
    pub(super) fn slos(&mut self) -> Vec<Slo> {
        let file = self.file;
        let mut slos = vec![];
        for text in entries(&file.slo) {
            let slo = self.slo(text);
            slos.extend(self.keep(slo));
        }
        slos
    }

    fn slo(&self, text: &Placed<String>) -> Result<Slo, Problem> {
        let refuse = |message: String, way_out: String| Err(Problem::new(&text.place, message).way_out(way_out));
        let shape = "write COMPONENT.METRIC[.STAT] OP VALUE, such as \"orders.latency.p99 < 2s\"";
        let Some((left, op, right)) = split(text) else {
            return refuse(format!("the objective {:?} has no comparison", text.value), shape.into());
        };
        let parts: Vec<&str> = left.split('.').map(str::trim).collect();
        let (component, metric, stat) = match parts.as_slice() {
            [component, metric] => (*component, *metric, None),
            [component, metric, stat] => (*component, *metric, Some(*stat)),
            _ => return refuse(format!("{left:?} is not COMPONENT.METRIC or COMPONENT.METRIC.STAT"), shape.into()),
        };
        let (what, metrics) = self.metrics(component, text)?;
        let Some((_, kind, unit)) = metrics.iter().find(|(name, ..)| *name == metric) else {
            return Err(no_metric(text, component, what, metric, metrics));
        };
        let stat = stat_of(text, metric, *kind, stat)?;
        let value = value(text, metric, *unit, right)?;
        let op = match op {
            "<=" => Comparison::AtMost,
            ">=" => Comparison::AtLeast,
            "==" => Comparison::Equal,
            "<" => Comparison::Less,
            _ => Comparison::Greater,
        };
        Ok(Slo {
            expression: text.trim().into(),
            component: component.into(),
            metric: metric.into(),
            stat: stat.map(String::from),
            op,
            value,
        })
    }

    /// What the component is, and what can be said of it.
    fn reads(&self, consumer: &str, stream: &str) -> bool {
        let consumers = self.file.consumer.iter().flat_map(|named| &named.0);
        consumers.into_iter().any(|(name, written)| name.value == consumer && written.from.value == stream)
    }

    fn metrics(&self, component: &str, text: &Placed<String>) -> Result<(&'static str, &'static [Metric]), Problem> {
        let has = |names: &[String]| has_name(names, component);
        if has(&self.names.queues) {
            return Ok(("queue", OF_QUEUE));
        }
        if let Some((stream, consumer)) = component.split_once('/')
            && has_name(&self.names.streams, stream)
            && self.reads(consumer, stream)
        {
            return Ok(("group of a stream", OF_GROUP));
        }
        if has_name(&self.names.streams, component) {
            let problem = Problem::new(
                &text.place,
                format!("`{component}` is a stream: what is judged is a group of it, such as `{component}/worker`"),
            );
            return Err(problem.way_out("write STREAM/CONSUMER"));
        }
        if has(&self.names.consumers) {
            return Ok(("consumer", OF_CONSUMER));
        }
        if has(&self.names.dependencies) {
            let mut all = self.file.dependency.iter().flat_map(|named| &named.0);
            let bounded = all.any(|(name, written)| name.value == component && written.concurrency.is_some());
            return Ok(if bounded {
                ("dependency", OF_DEPENDENCY)
            } else {
                ("dependency without `concurrency`", WITHOUT_UTILIZATION)
            });
        }
        if has(&self.names.workflows) {
            return Ok(("workflow", OF_WORKFLOW));
        }
        if has(&self.names.producers) {
            let asks = self
                .file
                .producer
                .iter()
                .flat_map(|named| &named.0)
                .any(|(name, producer)| name.value == component && producer.reply.is_some());
            return Ok(if asks {
                ("producer with `reply`", OF_ASKING_PRODUCER)
            } else {
                ("producer without `reply`", OF_PRODUCER)
            });
        }
        if has(&self.names.topics) {
            let problem = Problem::new(
                &text.place,
                format!("`{component}` is a topic, which keeps nothing that could be judged"),
            );
            return Err(problem.way_out("name one of the queues that subscribe to it"));
        }
        let names = &self.names;
        let kinds = [&names.queues, &names.consumers, &names.producers, &names.dependencies, &names.workflows];
        let known = kinds.into_iter().flatten().map(String::as_str);
        let problem =
            Problem::new(&text.place, format!("the objective is about `{component}`, and nothing has this name"));
        Err(match nearest(component, known.clone()) {
            Some(near) => problem.way_out(format!("did you mean `{near}`?")),
            None => problem.way_out(format!("there is {}", listed(known))),
        })
    }
}

/// Left side, operator, right side.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    let at = text.find(['<', '>', '='])?;
    let op = ["<=", ">=", "==", "<", ">"].into_iter().find(|op| text[at..].starts_with(op))?;
    Some((text[..at].trim(), op, text[at + op.len()..].trim()))
}

fn no_metric(text: &Placed<String>, component: &str, what: &str, metric: &str, metrics: &[Metric]) -> Problem {
    let names = metrics.iter().map(|(name, ..)| *name);
    let problem = Problem::new(&text.place, format!("`{component}` is a {what}, which has no metric `{metric}`"));
    let bare = metric.trim_end_matches("_per_s").trim_end_matches("_s");
    match nearest(bare, names.clone()) {
        Some(near) => problem.way_out(format!("did you mean `{near}`?")),
        None => problem.way_out(format!("it has {}", listed(names))),
    }
}

fn stat_of<'s>(
    text: &Placed<String>,
    metric: &str,
    kind: Kind,
    stat: Option<&'s str>,
) -> Result<Option<&'s str>, Problem> {
    let allowed: &[&'static str] = match kind {
        Kind::Series => &SERIES_STATS,
        Kind::Pooled => &POOLED_STATS,
        Kind::Total => &[],
    };
    match (stat, kind) {
        (None, Kind::Series) => Ok(Some("max")),
        (None, Kind::Total) => Ok(None),
        (None, Kind::Pooled) => {
            let problem =
                Problem::new(&text.place, format!("`{metric}` is a distribution: say which of its statistics"));
            Err(problem.way_out(format!("write {metric}.p99; it has {}", listed(allowed.iter().copied()))))
        }
        (Some(stat), _) if allowed.contains(&stat) => Ok(Some(stat)),
        (Some(stat), Kind::Total) => {
            let problem =
                Problem::new(&text.place, format!("`{metric}` is one number a run and takes no statistic `{stat}`"));
            Err(problem.way_out(format!("write {metric} alone")))
        }
        (Some(stat), _) => {
            let problem = Problem::new(&text.place, format!("`{metric}` has no statistic `{stat}`"));
            Err(problem.way_out(format!("it has {}", listed(allowed.iter().copied()))))
        }
    }
}

fn value(text: &Placed<String>, metric: &str, unit: Unit, right: &str) -> Result<f64, Problem> {
    let refuse = |wanted: &str, way_out: &str| {
        Err(Problem::new(&text.place, format!("`{metric}` is {wanted}, and {right:?} is none")).way_out(way_out))
    };
    let number = right.replace('_', "").parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    match unit {
        Unit::Time => match Duration::parse(right) {
            Ok(duration) => Ok(duration.seconds()),
            Err(_) => refuse("a length of time", "write it with its unit, such as 5m or 250ms"),
        },
        Unit::PerTime => match Rate::parse(right) {
            Ok(rate) => Ok(rate.per_second()),
            Err(_) => refuse("a rate", "write it with its unit, such as 800/s"),
        },
        Unit::Count => number.map_or_else(|| refuse("a count", "write a bare number, such as 1000"), Ok),
        Unit::Ratio => match (number, Share::parse(right)) {
            (Some(number), _) => Ok(number),
            (None, Ok(share)) => Ok(share.value()),
            (None, Err(_)) => refuse("a ratio", "write a bare number such as 0.8, or \"80%\""),
        },
    }
}

fn has_name(names: &[String], name: &str) -> bool {
    names.iter().any(|other| other == name)
}
