//! Values that may be written in more than one shape.

use super::{ClientRetry, Phase, SpillWritten};
use crate::arrivals::BatchSize;
use crate::random::Distribution;
use crate::scenario::problem::Problem;
use crate::scenario::quantity::{Factor, Finite, Positive};
use crate::scenario::reader::{Named, Placed, Read, Reader};
use crate::scenario::tree::{Node, Value};
use crate::scenario::written::law::{LAWS, normalised};
use crate::units::Share;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// A name, or several.
#[derive(Debug, Clone)]
pub(in crate::scenario) struct Targets(pub(in crate::scenario) Vec<Placed<String>>);

impl Read for Targets {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Targets> {
        match &node.value {
            Value::List(list) if list.is_empty() => reader.refuse(node, "is empty", "name a queue or topic"),
            Value::List(_) => Some(Targets(Read::read(node, reader)?)),
            _ => Some(Targets(vec![Placed { value: String::read(node, reader)?, place: node.place.clone() }])),
        }
    }
}

/// How a rate becomes instants.
#[derive(Debug, Clone)]
pub(in crate::scenario) enum Process {
    Simple(crate::arrivals::Process),
    Mmpp(Vec<Placed<Phase>>),
}

impl Read for Process {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Process> {
        let Value::Table(table) = &node.value else {
            return match node.as_text() {
                Some("poisson") => Some(Process::Simple(crate::arrivals::Process::Poisson)),
                Some("constant") => Some(Process::Simple(crate::arrivals::Process::Constant)),
                Some("mmpp") => reader.wrong(
                    node,
                    "the phases of MMPP",
                    "write { mmpp = [{ rate = \"900/s\", mean_stay = \"30s\" }, …] }",
                ),
                _ => crate::scenario::quantity::not_a_word(node, reader, &["poisson", "constant"]),
            };
        };
        reader.known(table, "a process", &["cv", "mmpp"], &[]);
        let cv: Option<Placed<Factor>> = reader.optional(table, "cv");
        let phases: Option<Placed<Vec<Placed<Phase>>>> = reader.optional(table, "mmpp");
        match (cv, phases) {
            (Some(cv), None) if table.get("mmpp").is_none() => {
                if !(1e-3..=1e3).contains(&cv.0) {
                    let problem = Problem::new(&cv.place, format!("`cv` = {} lies outside 0.001 … 1000", cv.0));
                    reader.note(problem.way_out("evenly spaced arrivals are process = \"constant\""));
                    return None;
                }
                Some(Process::Simple(crate::arrivals::Process::Renewal { cv: cv.0 }))
            }
            (None, Some(phases)) if table.get("cv").is_none() => {
                let entries = table.get("mmpp").and_then(Node::as_list).map_or(0, <[Node]>::len);
                if entries < 2 {
                    let problem =
                        Problem::new(&phases.place, "`mmpp` switches between phases, so it needs two or more");
                    reader.note(problem.way_out("a single phase is a plain `rate`"));
                    return None;
                }
                if phases.len() == entries && phases.iter().all(|phase| phase.rate.per_second() == 0.0) {
                    let problem =
                        Problem::new(&phases.place, "every phase of `mmpp` has rate 0: nothing is ever published");
                    reader.note(problem.way_out("give one phase a rate"));
                    return None;
                }
                Some(Process::Mmpp(phases.value))
            }
            _ if table.get("cv").is_some() == table.get("mmpp").is_some() => {
                reader.wrong(node, "either `cv` or `mmpp`", "write { cv = 2.0 }, or { mmpp = [ … ] }")
            }
            _ => None,
        }
    }
}

/// Messages per arrival.
pub(in crate::scenario) type Batch = BatchSize;

impl Read for BatchSize {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<BatchSize> {
        let Value::Table(table) = &node.value else {
            return Some(BatchSize::Fixed(Positive::read(node, reader)?.u32()));
        };
        reader.known(table, "a batch of arrivals", &["geometric", "pmf"], &[]);
        match (table.get("geometric"), table.get("pmf")) {
            (Some(inner), None) => {
                let mean: Placed<Finite> = reader.optional(table, "geometric")?;
                if !(1.0..=1e6).contains(&mean.0) {
                    let message = format!("`geometric` = {} is a mean below 1 or above a million", mean.0);
                    let problem = Problem::new(&inner.place, message);
                    reader.note(problem.way_out("an arrival brings one message or more: write a mean such as 20"));
                    return None;
                }
                Some(BatchSize::Geometric { mean: mean.0 })
            }
            (None, Some(inner)) => pmf(inner, reader),
            _ => reader.wrong(
                node,
                "either `geometric` or `pmf`",
                "write 25, { geometric = 20 } or { pmf = [[1, 0.8], [10, 0.2]] }",
            ),
        }
    }
}

fn pmf(node: &Node, reader: &mut Reader<'_>) -> Option<BatchSize> {
    let way_out = "write { pmf = [[1, 0.8], [10, 0.2]] }: a size and its share";
    let Some(list) = node.as_list() else { return reader.wrong(node, "a list of pairs", way_out) };
    let mut pairs = vec![];
    for inner in list {
        let Some([size, share]) = inner.as_list() else {
            return reader.wrong(inner, "pairs of a size and its share", way_out);
        };
        pairs.push((Positive::read(size, reader), Share::read(share, reader)));
    }
    let pairs: Option<Vec<(u32, f64)>> =
        pairs.into_iter().map(|(size, share)| Some((size?.u32(), share?.value()))).collect();
    let (sizes, shares): (Vec<u32>, Vec<f64>) = pairs?.into_iter().unzip();
    Some(BatchSize::Pmf { sizes, shares: normalised(node, shares, reader)? })
}

/// What a refused publish leads to.
#[derive(Debug, Clone)]
pub(in crate::scenario) enum OnRejectWritten {
    Drop,
    Block,
    Retry(Box<Placed<ClientRetry>>),
    Spill(Box<Placed<SpillWritten>>),
}

impl Read for OnRejectWritten {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<OnRejectWritten> {
        let Value::Table(table) = &node.value else {
            return match node.as_text() {
                Some("drop") => Some(OnRejectWritten::Drop),
                Some("block") => Some(OnRejectWritten::Block),
                Some("retry") => reader.wrong(node, "the terms of the retry", "write { retry = { backoff = \"1s\" } }"),
                _ => crate::scenario::quantity::not_a_word(node, reader, &["drop", "block"]),
            };
        };
        reader.known(table, "on_reject", &["retry", "spill"], &[]);
        match (table.get("retry"), table.get("spill")) {
            (Some(_), None) => Some(OnRejectWritten::Retry(Box::new(reader.optional(table, "retry")?))),
            (None, Some(_)) => Some(OnRejectWritten::Spill(Box::new(reader.optional(table, "spill")?))),
            (None, None) => reader.wrong(
                node,
                "\"drop\", \"block\", a retry or a spill",
                "write { retry = { backoff = \"1s\" } } or { spill = { capacity = 100000, rate = \"500/s\" } }",
            ),
            (Some(_), Some(_)) => reader.wrong(
                node,
                "either `retry` or `spill`",
                "keep one: what lies on the disk is tried again by itself",
            ),
        }
    }
}

/// The topic a queue receives, and the share that its filter lets through.
#[derive(Debug, Clone)]
pub(in crate::scenario) struct SubscribeWritten {
    pub(in crate::scenario) topic: Placed<String>,
    pub(in crate::scenario) share: f64,
}

written! {
    /// A topic and the share of its messages that the filter lets through.
    Filtered called "a subscription" {
        /// The topic.
        topic: required String = "write { topic = \"events\", share = 0.3 }";
        /// The share.
        share: default Share = 1;
    }
}

impl Read for SubscribeWritten {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<SubscribeWritten> {
        if matches!(node.value, Value::Table(_)) {
            let table = Filtered::read(node, reader)?;
            return Some(SubscribeWritten { share: table.share.value.value(), topic: table.topic });
        }
        let topic = Placed { value: String::read(node, reader)?, place: node.place.clone() };
        Some(SubscribeWritten { topic, share: 1.0 })
    }
}

/// Time of the work on one message.
#[derive(Debug, Clone)]
pub(in crate::scenario) enum ServiceWritten {
    Drawn(Distribution),
    Message,
    ByPriority(Named<Distribution>),
}

impl Read for ServiceWritten {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<ServiceWritten> {
        match &node.value {
            Value::Text(text) if text == "message" => Some(ServiceWritten::Message),
            Value::Table(table) if table.get("by_priority").is_some() => {
                reader.known(table, "a service by priority", &["by_priority"], &[]);
                let named: Placed<Named<Distribution>> = reader.optional(table, "by_priority")?;
                Some(ServiceWritten::ByPriority(named.value))
            }
            _ => Some(ServiceWritten::Drawn(Distribution::read(node, reader)?)),
        }
    }
}

/// Time that a slot stays busy after the message is settled.
#[derive(Debug, Clone)]
pub(in crate::scenario) struct OverheadWritten {
    pub(in crate::scenario) success: Option<Distribution>,
    pub(in crate::scenario) failure: Option<Distribution>,
}

written! {
    /// Overhead by outcome; what is left out is zero.
    ByOutcome called "an overhead by outcome" {
        /// After a success.
        success: optional Distribution;
        /// After a failure.
        failure: optional Distribution;
    }
}

impl Read for OverheadWritten {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<OverheadWritten> {
        let is_law = |table: &crate::scenario::tree::Table| {
            table.entries.iter().any(|entry| LAWS.contains(&entry.key.as_str()) || entry.key == "shift")
        };
        match &node.value {
            Value::Table(table) if !is_law(table) => {
                let table = ByOutcome::read(node, reader)?;
                let value = |placed: Option<Placed<Distribution>>| placed.map(|placed| placed.value);
                Some(OverheadWritten { success: value(table.success), failure: value(table.failure) })
            }
            _ => {
                let law = Distribution::read(node, reader)?;
                Some(OverheadWritten { success: Some(law.clone()), failure: Some(law) })
            }
        }
    }
}

/// A number of replicas, or a share of them.
#[derive(Debug, Clone, Copy)]
pub(in crate::scenario) enum PortionWritten {
    Count(u32),
    Share(f64),
}

impl Read for PortionWritten {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<PortionWritten> {
        match &node.value {
            Value::Text(text) if text.contains('%') => {
                let share = Share::read(node, reader)?.value();
                if share == 0.0 {
                    return reader.refuse(node, "means nothing", "write a share such as \"50%\" or a count such as 3");
                }
                Some(PortionWritten::Share(share))
            }
            Value::Whole(_) => Some(PortionWritten::Count(Positive::read(node, reader)?.u32())),
            _ => reader.wrong(node, "a count or a share of the replicas", "write 3 or \"50%\""),
        }
    }
}

macro_rules! either {
    ($( $type:ty, $name:literal, $doc:literal, |$generator:ident| [$($choice:expr),* $(,)?]; )*) => {
        $( impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }
            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                let choices: Vec<serde_json::Value> = vec![$($choice),*];
                json_schema!({ "description": $doc, "anyOf": choices })
            }
        } )*
    };
}

fn only(key: &str, schema: Schema) -> serde_json::Value {
    serde_json::json!({
        "type": "object", "properties": { key: schema }, "required": [key], "additionalProperties": false
    })
}

either! {
    Targets, "Targets", "A queue or topic, or a list of them.", |generator| [
        generator.subschema_for::<String>().to_value(),
        serde_json::json!({ "type": "array", "items": { "type": "string" }, "minItems": 1 }),
    ];
    Process, "Process", "\"poisson\", \"constant\" (evenly spaced), { cv } (gamma gaps) or { mmpp } (a rate that jumps between phases).", |generator| [
        serde_json::json!({ "enum": ["poisson", "constant"] }),
        only("cv", generator.subschema_for::<Factor>()),
        only("mmpp", generator.subschema_for::<Vec<Phase>>()),
    ];
    BatchSize, "BatchSize", "A count, { geometric = mean }, or { pmf = [[size, share], …] }.", |generator| [
        generator.subschema_for::<Positive>().to_value(),
        only("geometric", json_schema!({ "type": "number", "minimum": 1 })),
        only("pmf", json_schema!({ "type": "array", "items": { "type": "array", "minItems": 2, "maxItems": 2 } })),
    ];
    OnRejectWritten, "OnReject", "\"drop\", \"block\" (wait for room), { retry } or { spill } (to a local disk).", |generator| [
        serde_json::json!({ "enum": ["drop", "block"] }),
        only("retry", generator.subschema_for::<ClientRetry>()),
        only("spill", generator.subschema_for::<SpillWritten>()),
    ];
    SubscribeWritten, "Subscribe", "A topic, or { topic, share } with a filter.", |generator| [
        generator.subschema_for::<String>().to_value(),
        generator.subschema_for::<Filtered>().to_value(),
    ];
    ServiceWritten, "Service", "A distribution, \"message\" (each message's own `service_s`) or { by_priority = { LEVEL = … } }.", |generator| [
        serde_json::json!({ "const": "message" }),
        only("by_priority", generator.subschema_for::<Named<Distribution>>()),
        generator.subschema_for::<Distribution>().to_value(),
    ];
    OverheadWritten, "Overhead", "A distribution, or { success, failure }.", |generator| [
        generator.subschema_for::<Distribution>().to_value(),
        generator.subschema_for::<ByOutcome>().to_value(),
    ];
    PortionWritten, "Portion", "A count of replicas, or a share: 3 or \"50%\".", |generator| [
        generator.subschema_for::<Positive>().to_value(),
        serde_json::json!({ "type": "string", "pattern": r"^\s*[0-9._]+\s*%\s*$" }),
    ];
}
