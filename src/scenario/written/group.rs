//! What a consumer of a stream may say, as written; and its store of what was done.

use crate::random::Distribution;
use crate::scenario::quantity::{Messages, Span};
use crate::scenario::reader::{Placed, Read, Reader};
use crate::scenario::tree::{Node, Value};
use crate::scenario::value::{Assignment, OnFailure, Start};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

written! {
    /// A store of what was done already: a message that it knows is not worked on again.
    IdempotentWritten called "a dedup store" {
        /// How long it remembers.
        window: required Span = "write { window = \"24h\", cost = \"2ms\" }";
        /// Time of asking it, at every attempt.
        cost: default Distribution = "0s";
    }
}

words! {
    /// How partitions are dealt out when members come and go.
    Assignment {
        /// Every member gives up all of them first.
        "eager" => Assignment::Eager;
        /// Only those that move stop, in two rounds.
        "cooperative" => Assignment::Cooperative;
        /// The broker moves them one by one as members report.
        "server" => Assignment::Server;
    }
}

words! {
    /// What becomes of a record whose attempts are used up.
    OnFailure {
        /// It is tried again in place for ever; its partition waits.
        "block" => OnFailure::Block;
        /// It is dropped.
        "skip" => OnFailure::Skip;
        /// It goes to `dead_letter`.
        "dead-letter" => OnFailure::DeadLetter;
        /// It leaves its partition's order and is tried again after the delays of `retry`.
        "retry-topic" => OnFailure::RetryTopic;
    }
}

/// Where a group goes on that retention has overtaken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum OffsetReset {
    Earliest,
    Latest,
}

words! {
    /// Where a group goes on that retention has overtaken.
    OffsetReset {
        /// With the oldest record that is left.
        "earliest" => OffsetReset::Earliest;
        /// At the end: all that waits is skipped.
        "latest" => OffsetReset::Latest;
    }
}

/// Whose read limits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum FanOut {
    Shared,
    Enhanced,
}

words! {
    /// Whose read limits count.
    FanOut {
        /// All groups share those of the partition.
        "shared" => FanOut::Shared;
        /// The group has a way of its own that keeps up.
        "enhanced" => FanOut::Enhanced;
    }
}

/// Where a group begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) struct StartWritten(pub(in crate::scenario) Start);

written! {
    /// So many records behind.
    LagWritten called "a start" {
        /// Records not read at time 0.
        lag: required Messages = "write { lag = 1000 }";
    }
}

impl Read for StartWritten {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<StartWritten> {
        if matches!(node.value, Value::Table(_)) {
            let table: LagWritten = LagWritten::read(node, reader)?;
            let lag: &Placed<Messages> = &table.lag;
            return Some(StartWritten(Start::Lag(lag.0)));
        }
        match node.as_text() {
            Some("earliest") => Some(StartWritten(Start::Earliest)),
            Some("latest") => Some(StartWritten(Start::Latest)),
            _ => crate::scenario::quantity::not_a_word(node, reader, &["earliest", "latest"]),
        }
    }
}

impl JsonSchema for StartWritten {
    fn schema_name() -> Cow<'static, str> {
        "Start".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "\"earliest\", \"latest\", or { lag = 1000 } records behind.",
            "anyOf": [{ "enum": ["earliest", "latest"] }, generator.subschema_for::<LagWritten>().to_value()]
        })
    }
}
