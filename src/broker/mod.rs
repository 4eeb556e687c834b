//! The few mechanisms in which brokers and autoscalers differ, as plain data: presets that fill in a scenario's keys.
//!
//! A preset speaks the scenario language: each fact is a key, the value that it has unless the file says otherwise, the
//! broker's own names for it, and where the value was read. Nothing here acts.

pub mod autoscalers;
pub mod presets;
mod redrive;
mod sources;
#[cfg(test)]
mod tests;

pub use autoscalers::autoscaler;
pub use redrive::redrive_limit;
pub use sources::source;

/// A named set of defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct Preset {
    pub name: &'static str,
    pub shape: Shape,
    /// What it stands for, in a few words.
    pub title: &'static str,
    /// Version or edition that the facts are about.
    pub version: &'static str,
    /// Month in which the sources were read.
    pub as_of: &'static str,
    /// Keys of the queue, topic, stream or workflow itself. Here and below `a.b` is the key `b` of the table `a`.
    pub own: &'static [Fact],
    /// Keys of the consumers that read it; of a workflow, of each step and compensation.
    pub consumer: &'static [Fact],
    /// Keys of the producers that publish to it.
    pub producer: &'static [Fact],
    /// Keys of the queues that subscribe to it, where their own broker says nothing.
    pub subscriber: &'static [Fact],
    /// What the broker's own monitoring would show.
    pub metrics: &'static [BrokerMetric],
    /// What of the broker is not modelled, a sentence each.
    pub not_modelled: &'static [&'static str],
}

/// How a client tries again by default: keys of a `retry`.
#[derive(Debug, Clone, PartialEq)]
pub struct Client {
    pub name: &'static str,
    pub title: &'static str,
    pub version: &'static str,
    pub as_of: &'static str,
    /// More attempts it never makes, whatever it is told.
    pub attempts_limit: Option<u32>,
    pub facts: &'static [Fact],
    /// Besides, in the `retry` of a call.
    pub calls: &'static [Fact],
    /// Instead, in the `retry` of an `on_reject`.
    pub on_reject: &'static [Fact],
}

/// Which table a preset belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Queue,
    Topic,
    Stream,
    Workflow,
}

/// One value of a broker.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fact {
    /// The key of the scenario language.
    pub key: &'static str,
    pub value: Setting,
    /// Filled in only where this other key stands in the same table.
    pub only_with: Option<&'static str>,
    /// The broker's own names for it and how it writes the value there.
    pub names: &'static [(&'static str, Form)],
    /// What the broker allows, in words; empty where the source does not say.
    pub range: &'static str,
    /// Key of `source`.
    pub source: &'static str,
    pub grade: Grade,
}

impl Fact {
    /// A documented fact without names, which holds whatever else the table says.
    const fn new(key: &'static str, value: Setting, source: &'static str) -> Fact {
        Fact { key, value, only_with: None, names: &[], range: "", source, grade: Grade::Documented }
    }

    /// A value that is believed, without a source.
    const fn assumed(key: &'static str, value: Setting) -> Fact {
        Fact { grade: Grade::Assumed, ..Fact::new(key, value, "ASSUMED") }
    }

    /// The broker's own names for it.
    const fn named(self, names: &'static [(&'static str, Form)]) -> Fact {
        Fact { names, ..self }
    }

    const fn range(self, range: &'static str) -> Fact {
        Fact { range, ..self }
    }

    const fn only_with(self, key: &'static str) -> Fact {
        Fact { only_with: Some(key), ..self }
    }

    const fn secondary(self) -> Fact {
        Fact { grade: Grade::Secondary, ..self }
    }
}

/// A value as the scenario file would hold it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Setting {
    Text(&'static str),
    Number(u64),
    Flag(bool),
    /// A list of words.
    Words(&'static [&'static str]),
    /// Anything else, as TOML.
    Toml(&'static str),
    /// So many times the value of another key of the same table.
    Times(u64, &'static str),
    /// The key is the broker's too, but has no value by default.
    Unset,
}

/// How the broker writes a value that the scenario language writes otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// In the same way.
    Same,
    /// A bare number of seconds or milliseconds.
    Seconds,
    Milliseconds,
    /// A bare number of bytes, or of KiB.
    Bytes,
    /// A bare number of per cent.
    Percent,
    /// Messages per second as a bare number.
    PerSecond,
    /// Redeliveries after the first delivery: one less than deliveries in all.
    Redeliveries,
    /// A number where a negative one, or 0, means no limit.
    CountOrUnlimited,
    /// A number where 0 means this many.
    ZeroMeans(u64),
    /// The words on the left are those on the right here.
    Words(&'static [(&'static str, &'static str)]),
}

/// How well a fact is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// Read in the vendor's own documents or source.
    Documented,
    /// Read in somebody else's.
    Secondary,
    /// Believed; not verified.
    Assumed,
}

impl BrokerMetric {
    const fn new(name: &'static str, sum_of: &'static [&'static str]) -> BrokerMetric {
        BrokerMetric { name, sum_of, times: 1.0 }
    }
}

impl Grade {
    pub fn word(self) -> &'static str {
        match self {
            Grade::Documented => "documented",
            Grade::Secondary => "secondary",
            Grade::Assumed => "assumed",
        }
    }
}

/// A metric of the broker's own monitoring, as a sum of series that Tailback keeps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BrokerMetric {
    pub name: &'static str,
    pub sum_of: &'static [&'static str],
    /// What one unit of the sum is in the broker's own unit.
    pub times: f64,
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

/// The preset of this name for this kind of table.
pub fn preset(name: &str, shape: Shape) -> Option<&'static Preset> {
    presets::ALL.into_iter().find(|preset| preset.name == name && preset.shape == shape)
}

/// Clients whose retries are known.
pub fn clients() -> &'static [&'static Client] {
    &presets::CLIENTS
}
