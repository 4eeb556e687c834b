//! Faults and windows.

use crate::units::Duration;

#[derive(Debug, Clone)]
pub struct Fault {
    pub name: String,
    pub at: Duration,
    pub lasts: Duration,
    pub effect: Effect,
    /// With an effect on a stream: the partitions that it hits; empty for all.
    pub partitions: Vec<u32>,
}

/// What a fault does, with its target (an index into the scenario's list of that kind).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Effect {
    /// Attempts that start in the window fail with this probability, besides the consumer's own `failure`.
    ConsumerErrors { consumer: usize, error_rate: f64 },
    /// Service of attempts that start in the window takes so many times as long.
    ConsumerSlow { consumer: usize, factor: f64 },
    /// Replicas die and come back when the window ends.
    ConsumerCrash { consumer: usize, replicas: Portion },
    /// Replicas stay alive and never finish; they are restarted when the window ends.
    ConsumerHang { consumer: usize, replicas: Portion },
    /// Every replica is restarted; the deploy is an index into `Scenario::deploys`.
    ConsumerDeploy { consumer: usize, deploy: usize },
    /// The group takes no new messages.
    ConsumerPause { consumer: usize },
    /// The queue delivers nothing.
    QueuePause { queue: usize },
    /// The queue delivers nothing and refuses publishes; with `silent` the publisher is not told.
    QueueDown { queue: usize, silent: bool },
    /// No group is delivered anything.
    StreamPause { stream: usize },
    /// The same, and publishes are refused; with `silent` the publisher is not told.
    StreamDown { stream: usize, silent: bool },
    /// The topic keeps what it is given until the fault ends.
    TopicPause { topic: usize },
    /// The topic refuses publishes; with `silent` the publisher is not told.
    TopicDown { topic: usize, silent: bool },
    /// Calls that start in the window fail with this probability, besides the dependency's own `error_rate`.
    DependencyErrors { dependency: usize, error_rate: f64 },
    /// Service of calls that start in the window takes so many times as long.
    DependencySlow { dependency: usize, factor: f64 },
    /// Calls are refused at once; with `silent` nothing is answered until the window ends, and then they fail.
    DependencyDown { dependency: usize, silent: bool },
    /// The producer's rate is multiplied.
    ProducerTimes { producer: usize, factor: f64 },
    /// The producer publishes nothing.
    ProducerPause { producer: usize },
}

impl Effect {
    /// Copies that the topic owes its subscribers are late.
    pub fn stops_topic(self, topic: usize) -> bool {
        matches!(self, Effect::TopicPause { topic: at } | Effect::TopicDown { topic: at, .. } if at == topic)
    }
}

/// A count, or a share rounded to the nearest whole replica and at least one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Portion {
    Count(u32),
    Share(f64),
}

/// Only marks a time to be judged.
#[derive(Debug, Clone)]
pub struct Window {
    pub name: String,
    pub at: Duration,
    pub lasts: Duration,
}
