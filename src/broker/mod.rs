//! The few mechanisms in which brokers differ, as plain data, and the presets that fill them in.
//!
//! Architecture invariant: nothing here acts; the engine reads the mechanisms from the model.

pub mod presets;

/// A named set of defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct Preset {
    pub name: &'static str,
    /// Where the facts come from.
    pub source: &'static str,
    pub mechanisms: Mechanisms,
}

/// What a queue does unless its table says otherwise. Lengths of time are written as in a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Mechanisms {
    /// Lease of a delivery; `None` for a broker that redelivers only when the consumer dies.
    pub visibility_timeout: Option<&'static str>,
    /// The first success completes a message even after its lease ran out.
    pub stale_ack_accepted: bool,
    /// Deliveries in all.
    pub max_deliveries: Option<u32>,
    pub ttl: Option<&'static str>,
    /// Bound on waiting messages.
    pub capacity: Option<u64>,
    pub overflow: Overflow,
    pub delivery_delay: &'static str,
    pub max_in_flight: Option<u64>,
}

/// What happens to a publish that finds the queue full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overflow {
    #[default]
    Reject,
    DropHead,
    DropNew,
    Block,
}

/// Brokers that the scenario language names for a queue, whether there is a preset yet or not.
pub const QUEUE_BROKERS: [&str; 10] = [
    "generic",
    "rabbitmq",
    "rabbitmq-quorum",
    "sqs",
    "sqs-fifo",
    "service-bus",
    "pubsub",
    "jetstream",
    "redis-stream",
    "kafka-share",
];

/// The same for a topic.
pub const TOPIC_BROKERS: [&str; 7] =
    ["generic", "sns", "rabbitmq-fanout", "pubsub", "service-bus", "eventbridge", "nats"];

/// The same for a stream; used to point people who write one as a queue or topic to the right table.
pub const STREAM_BROKERS: [&str; 6] = ["generic", "kafka", "kafka-kip848", "kinesis", "event-hubs", "rabbitmq-stream"];

/// The same for a workflow.
pub const WORKFLOW_BROKERS: [&str; 4] = ["generic", "temporal", "step-functions", "durable-functions"];

/// The preset of this name, where there is one.
pub fn preset(name: &str) -> Option<&'static Preset> {
    presets::ALL.into_iter().find(|preset| preset.name == name)
}
