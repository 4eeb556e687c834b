//! What was seen in one run, in bounded memory: counters, areas, histograms, series and recoveries.
//!
//! Architecture invariant: this room only counts. It never decides what happens next.

mod area;
mod counters;
mod decision;
mod dependency;
mod histogram;
mod parts;
mod recovery;
mod series;
mod traffic;
mod weight;
mod workflow;

pub use area::Gauge;
pub use counters::Counters;
pub use decision::{Decision, ScalingSeen};
pub use dependency::{DependencyCounters, DependencySeen};
pub use histogram::{Histogram, RELATIVE_ERROR};
pub use parts::{KeySeen, PartitionSeen};
pub use recovery::{Backlog, DisturbanceSeen, Snapshot};
pub use series::SeriesSet;
pub use traffic::Traffic;
pub use workflow::{WorkflowCounters, WorkflowSeen};

use crate::units::Nanos;

/// Everything one run leaves behind.
#[derive(Debug, Clone)]
pub struct Observations {
    pub queues: Vec<QueueSeen>,
    pub producers: Vec<ProducerSeen>,
    pub consumers: Vec<ConsumerSeen>,
    pub dependencies: Vec<DependencySeen>,
    pub workflows: Vec<WorkflowSeen>,
    /// One entry a topic, and a stream; `None` where no price asks for it.
    pub topics: Vec<Option<Traffic>>,
    pub streams: Vec<Option<Traffic>>,
    /// Events handled: a measure of work, not of the scenario.
    pub events: u64,
}

#[derive(Debug, Clone)]
pub struct QueueSeen {
    pub totals: Counters,
    /// The counters as they stood when warm-up ended.
    pub warmup: Counters,
    /// ∫ state dt in message·nanoseconds: over the whole run, and after warm-up.
    pub ready_area: (u128, u128),
    pub in_flight_area: (u128, u128),
    pub delayed_area: (u128, u128),
    /// What was left when the run ended.
    pub unfinished: (u64, u64, u64),
    /// Σ over all messages of their time in the queue within the run, unfinished ones included: Little's other side.
    pub time_in_system: u128,
    pub peak: u64,
    /// Engine time.
    pub peak_at: Nanos,
    pub wait: Histogram,
    pub latency: Histogram,
    pub journey: Option<Histogram>,
    pub levels: Vec<LevelSeen>,
    /// One entry a partition; empty for what is no group of a stream.
    pub partitions: Vec<PartitionSeen>,
    /// The busiest keys, the busiest first; empty without keys.
    pub keys: Vec<KeySeen>,
    /// The key with the most unfinished messages at the end of the run, and how many.
    pub deepest_key: Option<(u32, u64)>,
    pub disturbances: Vec<DisturbanceSeen>,
    /// `None` where no price asks for it.
    pub traffic: Option<Traffic>,
    pub series: SeriesSet,
}

/// One level of priority.
#[derive(Debug, Clone, Default)]
pub struct LevelSeen {
    pub completed: u64,
    pub wait: Histogram,
    pub latency: Histogram,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProducerCounters {
    /// Requests made: messages the producer wanted to publish.
    pub requests: u64,
    /// Publish attempts, copies and retries included.
    pub published: u64,
    pub rejected: u64,
    pub answered: u64,
    pub timeouts: u64,
    pub client_retries: u64,
    /// Gave up: no answer within the last attempt's timeout, or rejected to the last.
    pub gave_up: u64,
}

#[derive(Debug, Clone)]
pub struct ProducerSeen {
    pub totals: ProducerCounters,
    pub warmup: ProducerCounters,
    /// Publishes waiting outside the broker, blocked or between retries: ∫ dt, whole run and after warm-up.
    pub waiting_area: (u128, u128),
    pub waiting: u64,
    pub series: SeriesSet,
}

#[derive(Debug, Clone)]
pub struct ConsumerSeen {
    pub busy_area: (u128, u128),
    /// Live replicas × concurrency.
    pub slots_area: (u128, u128),
    pub replicas_area: (u128, u128),
    /// Replicas that are there, from the call for them until they are gone: starting, draining and crashed ones too.
    pub kept_area: u128,
    /// Times that work on a message or batch began; 0 where no price asks for it.
    pub invocations: u64,
    /// `None` without an autoscaler.
    pub scaling: Option<ScalingSeen>,
    pub series: SeriesSet,
}
