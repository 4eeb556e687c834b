//! Autoscalers, checked.

use crate::policy::scaling::{Limits, Rules};
use crate::random::Distribution;
use crate::units::Duration;

/// What decides over a consumer's replicas, and what it takes until a decision is true.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaling {
    pub rules: Rules,
    /// `Consumer::replicas` lies within.
    pub limits: Limits,
    pub metric: ScalingMetric,
    /// The controller sees what was so long ago.
    pub metric_delay: Duration,
    /// It sees the mean (utilization) or the value at the end (all others) of the last full period of so long; zero:
    /// the value of the moment.
    pub metric_period: Duration,
    /// Time until a node stands, for replicas beyond those for which one does; `None`: there are always enough.
    pub provision: Option<Distribution>,
    /// Replicas beyond the initial ones for which nodes stand from the beginning.
    pub headroom: u32,
    /// An empty node is kept for so long.
    pub node_idle: Duration,
    /// From a node to serving: image, process, connections.
    pub startup: Option<Distribution>,
    pub warm: Option<Warm>,
    /// A replica that is scaled in is killed when its work takes longer; `None`: it finishes.
    pub drain: Option<Duration>,
    /// Invocations that the account allows: those beyond are throttled after the message was received.
    pub reserved_concurrency: Option<u32>,
}

/// A new replica is slow at first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Warm {
    /// Service is divided by it.
    pub speed: f64,
    pub lasts: Duration,
}

/// What a controller looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalingMetric {
    /// Ready, in flight and delayed.
    Backlog,
    Ready,
    /// Of a stream: log end − committed offset, over all partitions.
    Lag,
    /// Seconds.
    OldestAge,
    /// Mean over the serving replicas, 0 … 1.
    Utilization,
}

impl ScalingMetric {
    /// The word in the scenario language.
    pub fn word(self) -> &'static str {
        match self {
            ScalingMetric::Backlog => "backlog",
            ScalingMetric::Ready => "ready",
            ScalingMetric::Lag => "lag",
            ScalingMetric::OldestAge => "oldest_age",
            ScalingMetric::Utilization => "utilization",
        }
    }
}
