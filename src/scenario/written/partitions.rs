//! Which partitions of a stream a fault hits.

use crate::scenario::quantity::{Positive, Whole};
use crate::scenario::reader::{Placed, Read, Reader};
use crate::scenario::tree::{Node, Value};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// A count, from the first on, or the numbers of some.
#[derive(Debug, Clone)]
pub(in crate::scenario) enum PartitionsWritten {
    Count(u32),
    Numbers(Vec<Placed<Whole<0, 99_999>>>),
}

impl Read for PartitionsWritten {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<PartitionsWritten> {
        match &node.value {
            Value::List(list) if list.is_empty() => reader.refuse(node, "is empty", "name partitions: [0, 3]"),
            Value::List(_) => Some(PartitionsWritten::Numbers(Read::read(node, reader)?)),
            Value::Whole(_) => Some(PartitionsWritten::Count(Positive::read(node, reader)?.u32())),
            _ => reader.wrong(node, "a count or a list of partitions", "write 2 (the first two) or [0, 3]"),
        }
    }
}

impl JsonSchema for PartitionsWritten {
    fn schema_name() -> Cow<'static, str> {
        "Partitions".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let choices = vec![
            generator.subschema_for::<Positive>().to_value(),
            serde_json::json!({ "type": "array", "items": { "type": "integer", "minimum": 0 }, "minItems": 1 }),
        ];
        json_schema!({ "description": "A count, from the first on, or the numbers of some: 2 or [0, 3].", "anyOf": choices })
    }
}
