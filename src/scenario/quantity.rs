//! Reading single values: quantities with units, counts, shares, names; each with its schema.

use super::problem::{Place, Problem, nearest};
use super::reader::{Read, Reader, sentence};
use super::tree::{Node, Value};
use crate::units::{Duration, Rate, Share, Size};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// A length of time above zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::scenario) struct Span(pub(in crate::scenario) Duration);

/// A length of time above zero, or `"none"`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::scenario) struct Lease(pub(in crate::scenario) Option<Duration>);

/// A length of time, or `"auto"` (`None`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::scenario) struct LeadIn(pub(in crate::scenario) Option<Duration>);

/// A whole number from `LEAST` to `MOST`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::scenario) struct Whole<const LEAST: u64, const MOST: u64>(pub(in crate::scenario) u64);

/// The counts that fit 32 bits.
pub(in crate::scenario) type Count = Whole<0, 4_294_967_295>;
pub(in crate::scenario) type Positive = Whole<1, 4_294_967_295>;
/// The counts of messages.
pub(in crate::scenario) type Messages = Whole<0, 9_007_199_254_740_992>;
pub(in crate::scenario) type SomeMessages = Whole<1, 9_007_199_254_740_992>;

/// A finite number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::scenario) struct Finite(pub(in crate::scenario) f64);

/// A finite number above zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::scenario) struct Factor(pub(in crate::scenario) f64);

impl<const LEAST: u64, const MOST: u64> Whole<LEAST, MOST> {
    /// For the counts whose `MOST` fits.
    pub(in crate::scenario) fn u32(self) -> u32 {
        u32::try_from(self.0).unwrap_or(u32::MAX)
    }
}

impl Read for Duration {
    const IS_QUANTITY: bool = true;

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Duration> {
        match &node.value {
            Value::Text(text) => match Duration::parse(text) {
                Ok(duration) => Some(duration),
                Err(sentence) => {
                    let subject = reader.subject();
                    reader.note(Problem::from_sentence(&node.place, &subject, &sentence));
                    None
                }
            },
            Value::Whole(_) | Value::Number(_) => {
                let number = node.written();
                let way_out = match number.as_str() {
                    "0" => "write \"0s\"".into(),
                    number => format!("write \"{number}s\", \"{number}ms\" or \"{number}m\""),
                };
                reader.wrong(node, "a length of time with its unit", way_out)
            }
            _ => reader.wrong(node, "a length of time", "durations are written \"250ms\", \"1h30m\" or \"7d\""),
        }
    }
}

impl Read for Span {
    const IS_QUANTITY: bool = true;

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Span> {
        let duration = Duration::read(node, reader)?;
        if duration == Duration::ZERO {
            return reader.refuse(node, "means nothing: it must be longer than zero", "give a length such as \"30s\"");
        }
        Some(Span(duration))
    }
}

impl Read for Lease {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Lease> {
        if node.as_text() == Some("none") {
            return Some(Lease(None));
        }
        let duration = Duration::read(node, reader)?;
        if duration == Duration::ZERO {
            return reader.refuse(
                node,
                "would run out before any work begins",
                "for no lease at all write \"none\", else a length such as \"60s\"",
            );
        }
        Some(Lease(Some(duration)))
    }
}

impl Read for LeadIn {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<LeadIn> {
        if node.as_text() == Some("auto") {
            return Some(LeadIn(None));
        }
        Some(LeadIn(Some(Duration::read(node, reader)?)))
    }
}

impl Read for Rate {
    const IS_QUANTITY: bool = true;

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Rate> {
        match &node.value {
            Value::Text(text) => match Rate::parse(text) {
                Ok(rate) => Some(rate),
                Err(sentence) => {
                    let subject = reader.subject();
                    reader.note(Problem::from_sentence(&node.place, &subject, &sentence));
                    None
                }
            },
            Value::Whole(_) | Value::Number(_) => {
                let number = node.written();
                reader.wrong(node, "a rate with its unit", format!("write \"{number}/s\" or \"{number}/min\""))
            }
            _ => reader.wrong(node, "a rate", "rates are written \"800/s\", \"12k/min\" or \"1.2M/h\""),
        }
    }
}

impl Read for Size {
    const IS_QUANTITY: bool = true;

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Size> {
        match &node.value {
            Value::Text(text) => match Size::parse(text) {
                Ok(size) => Some(size),
                Err(sentence) => {
                    let subject = reader.subject();
                    reader.note(Problem::from_sentence(&node.place, &subject, &sentence));
                    None
                }
            },
            Value::Whole(_) => Some(Size(Messages::read(node, reader)?.0)),
            _ => reader.wrong(node, "a size", "sizes are written \"4 KB\" or \"1 MiB\", or as a whole number of bytes"),
        }
    }
}

impl Read for Share {
    const IS_QUANTITY: bool = true;

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Share> {
        let parsed = match &node.value {
            Value::Text(text) => Share::parse(text),
            Value::Whole(number) => Share::from_number(*number as f64),
            Value::Number(number) => Share::from_number(*number),
            _ => return reader.wrong(node, "a share from 0 to 1", "write 0.02 or \"2%\""),
        };
        match parsed {
            Ok(share) => Some(share),
            Err(sentence) => {
                let mut problem = Problem::from_sentence(&node.place, &reader.subject(), &sentence);
                problem.way_out.get_or_insert_with(|| "write 0.02 or \"2%\"".into());
                reader.note(problem);
                None
            }
        }
    }
}

impl<const LEAST: u64, const MOST: u64> Read for Whole<LEAST, MOST> {
    const IS_QUANTITY: bool = true;

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Whole(number) => match u64::try_from(*number) {
                Ok(number) if (LEAST..=MOST).contains(&number) => Some(Whole(number)),
                _ if *number < i128::from(LEAST) => {
                    let rule = if *number < 0 { "is negative" } else { "means nothing" };
                    reader.refuse(node, rule, &format!("write a whole number of {LEAST} or more"))
                }
                _ => reader.refuse(node, "is too large", &format!("write a whole number up to {MOST}")),
            },
            Value::Number(number) if number.is_finite() && matches!(node.place, Place::Drawn(_)) => {
                let rounded = Node { value: Value::Whole(number.round() as i128), place: node.place.clone() };
                reader.rounded.push(node.place.clone());
                Self::read(&rounded, reader)
            }
            Value::Number(number) if number.is_finite() => {
                reader.refuse(node, "is not a whole number", &format!("write {}", number.round().max(LEAST as f64)))
            }
            Value::Text(text) if text.trim().parse::<u64>().is_ok() => {
                reader.wrong(node, "a whole number", format!("write it without quotes: {}", text.trim()))
            }
            _ => reader.wrong(node, "a whole number", "write it without quotes or unit, such as 20"),
        }
    }
}

impl Read for Finite {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Finite> {
        match &node.value {
            Value::Whole(number) => Some(Finite(*number as f64)),
            Value::Number(number) if number.is_finite() => Some(Finite(*number)),
            Value::Number(_) => reader.refuse(node, "is not a number to reckon with", "write a finite number"),
            _ => reader.wrong(node, "a number", "write it without quotes, such as 1.5"),
        }
    }
}

impl Read for Factor {
    const IS_QUANTITY: bool = true;

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Factor> {
        let number = Finite::read(node, reader)?.0;
        if number <= 0.0 {
            let rule = if number < 0.0 { "is negative" } else { "means nothing" };
            return reader.refuse(node, rule, "write a number above zero, such as 2 or 0.5");
        }
        Some(Factor(number))
    }
}

impl Read for String {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<String> {
        match &node.value {
            Value::Text(text) if text.trim().is_empty() => {
                reader.refuse(node, "is empty", "give it a text, or leave it out")
            }
            Value::Text(text) => Some(text.clone()),
            _ => reader.wrong(node, "a text in quotes", format!("write \"{}\"", node.written().trim_matches('"'))),
        }
    }
}

impl Read for bool {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<bool> {
        match node.value {
            Value::Flag(flag) => Some(flag),
            _ => reader.wrong(node, "true or false", "write true or false, without quotes"),
        }
    }
}

pub(in crate::scenario) fn not_a_word<T>(node: &Node, reader: &mut Reader<'_>, words: &[&str]) -> Option<T> {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    let all = format!("it takes {}", quoted.join(", "));
    match node.as_text() {
        Some(text) => {
            let message = format!("{} has no choice {text:?}", reader.subject());
            let way_out = match nearest(text, words.iter().copied()) {
                Some(near) => format!("did you mean \"{near}\"? {all}"),
                None => all,
            };
            reader.note(Problem::new(&node.place, message).way_out(way_out));
            None
        }
        None => reader.wrong(node, "one of its words", all),
    }
}

pub(in crate::scenario) fn words_schema(doc: &[&str], words: &[(&str, &[&str])]) -> Schema {
    let choices: Vec<serde_json::Value> =
        words.iter().map(|(word, doc)| serde_json::json!({ "const": word, "description": sentence(doc) })).collect();
    json_schema!({ "description": sentence(doc), "oneOf": choices })
}

const TIME: &str = r"^\s*(\+?[0-9][0-9._]*\s*(ns|us|µs|μs|ms|s|sec|m|min|h|d|w)\s*)+$";

macro_rules! schemas {
    ($( $type:ty, $name:literal, $schema:tt; )*) => {
        $( impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        } )*
    };
}

schemas! {
    Duration, "Duration", {
        "description": "A length of time with its units: \"250ms\", \"1h30m\", \"7d\".", "type": "string", "pattern": TIME
    };
    Span, "PositiveDuration", {
        "description": "A length of time above zero: \"250ms\", \"1h30m\", \"7d\".",
        "type": "string", "pattern": TIME, "not": { "pattern": r"^[\s0._a-zµμ]*$" }
    };
    Lease, "Lease", {
        "description": "A length of time above zero, or \"none\".",
        "anyOf": [{ "const": "none" }, { "type": "string", "pattern": TIME }]
    };
    LeadIn, "LeadIn", {
        "description": "A length of time, or \"auto\".",
        "anyOf": [{ "const": "auto" }, { "type": "string", "pattern": TIME }]
    };
    Rate, "Rate", {
        "description": "Messages per time: \"800/s\", \"12k/min\", \"1.2M/h\".",
        "type": "string", "pattern": r"^\s*\+?[0-9][0-9._]*\s*[kKMG]?\s*/\s*(ms|s|sec|second|m|min|minute|h|hour|d|day)\s*$"
    };
    Size, "Size", {
        "description": "Bytes: \"4 KB\" (base 10), \"1 MiB\" (base 2), or a whole number.",
        "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "string", "pattern": r"^\s*\+?[0-9][0-9._]*\s*(B|[kKMGT]i?B)?\s*$" }]
    };
    Share, "Share", {
        "description": "A share from 0 to 1, as a number or in per cent: 0.02 or \"2%\".",
        "anyOf": [{ "type": "number", "minimum": 0, "maximum": 1 }, { "type": "string", "pattern": r"^\s*\+?[0-9._]+\s*%?\s*$" }]
    };
    Finite, "Number", { "description": "A number.", "type": "number" };
    Factor, "Factor", { "description": "A number above zero.", "type": "number", "exclusiveMinimum": 0 };
}

impl<const LEAST: u64, const MOST: u64> JsonSchema for Whole<LEAST, MOST> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("WholeFrom{LEAST}To{MOST}").into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": LEAST, "maximum": MOST })
    }
}
