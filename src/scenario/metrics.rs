//! Every metric that an objective or a study may name, by the kind of its component.

use super::value::FigureUnit as Unit;

/// Which statistics a metric takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// Over time within a run; `max` unless said otherwise.
    Series,
    /// Pooled over messages; one must be named.
    Pooled,
    /// One number a run.
    Total,
}

pub(super) type Metric = (&'static str, Kind, Unit);

pub(super) const SERIES_STATS: [&str; 4] = ["max", "mean", "p95", "p99"];
pub(super) const POOLED_STATS: [&str; 7] = ["mean", "p50", "p90", "p95", "p99", "p999", "max"];

pub(super) const OF_QUEUE: &[Metric] = &[
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

pub(super) const OF_GROUP: &[Metric] = &{
    let mut all = [("lag", Kind::Series, Unit::Count); OF_QUEUE.len() + 1];
    let mut i = 0;
    while i < OF_QUEUE.len() {
        all[i + 1] = OF_QUEUE[i];
        i += 1;
    }
    all
};

pub(super) const OF_CONSUMER: &[Metric] = &[
    ("utilization", Kind::Series, Unit::Ratio),
    ("busy", Kind::Series, Unit::Count),
    ("replicas", Kind::Series, Unit::Count),
    ("desired_replicas", Kind::Series, Unit::Count),
];

pub(super) const OF_DEPENDENCY: &[Metric] = &[
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
pub(super) const WITHOUT_UTILIZATION: &[Metric] = OF_DEPENDENCY.split_at(OF_DEPENDENCY.len() - 1).0;

pub(super) const OF_PRODUCER: &[Metric] = &[
    ("published", Kind::Total, Unit::Count),
    ("rejected", Kind::Total, Unit::Count),
    ("requests", Kind::Total, Unit::Count),
    ("gave_up", Kind::Total, Unit::Count),
    ("client_retries", Kind::Total, Unit::Count),
    ("waiting", Kind::Series, Unit::Count),
];

pub(super) const OF_ASKING_PRODUCER: &[Metric] = &[
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

pub(super) const OF_WORKFLOW: &[Metric] = &[
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
