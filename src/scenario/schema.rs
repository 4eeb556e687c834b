//! The JSON Schema of the language, for editors.

use super::written::ScenarioFile;
use crate::broker::{Fact, Shape, autoscalers, presets};

/// JSON Schema (draft 2020-12) made from the same definitions that the reader uses.
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::SchemaGenerator::default().into_root_schema_for::<ScenarioFile>().to_value();
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".into(), "Tailback scenario".into());
    }
    add_names_of_brokers(&mut schema);
    schema
}

/// The brokers' own names for keys, as the brokers spell them and in snake case; the reader takes other spellings too.
fn add_names_of_brokers(schema: &mut serde_json::Value) {
    for preset in presets::ALL {
        let (table, consumer) = match preset.shape {
            Shape::Queue => ("Queue", "Consumer"),
            Shape::Topic => ("Topic", "Consumer"),
            Shape::Stream => ("Stream", "Consumer"),
            Shape::Workflow => ("Workflow", "StepWritten"),
        };
        // What stands before the dot of a fact's key is the table in which it stands.
        let parts = [
            (table, "", preset.own),
            (consumer, "", preset.consumer),
            ("CompensateWritten", "", if preset.shape == Shape::Workflow { preset.consumer } else { &[] }),
            ("DecisionsWritten", "decisions", preset.own),
            ("StepRetry", "retry", preset.consumer),
            ("Producer", "", preset.producer),
            ("Queue", "", preset.subscriber),
        ];
        for (table, before, facts) in parts {
            add_names(schema, (table, before), preset.title, facts);
        }
    }
    for controller in &autoscalers::ALL {
        for facts in controller.facts {
            add_names(schema, ("ScalingTable", ""), controller.title, facts);
        }
        add_names(schema, ("DirectionWritten", ""), controller.title, controller.scale_up);
    }
    for table in ["SpeedLimitWritten", "ScalingStep"] {
        add_names(schema, (table, ""), "the controller", autoscalers::ENTRIES);
    }
    // Kubernetes writes its words with a capital.
    for (table, key) in [("SpeedLimitWritten", "type"), ("DirectionWritten", "select")] {
        if let Some(property) = schema.pointer_mut(&format!("/$defs/{table}/properties/{key}")) {
            *property = serde_json::json!({ "description": property.get("description"), "type": "string" });
        }
    }
}

/// To a table that has their keys: of the facts, those with `before` and a dot in front of the key.
fn add_names(schema: &mut serde_json::Value, (table, before): (&str, &str), title: &str, facts: &[Fact]) {
    let Some(properties) = schema.pointer_mut(&format!("/$defs/{table}/properties")) else { return };
    let Some(properties) = properties.as_object_mut() else { return };
    for (fact, name) in facts.iter().flat_map(|fact| fact.names.iter().map(move |(name, _)| (fact, *name))) {
        let (inside, key) = fact.key.split_once('.').unwrap_or(("", fact.key));
        if inside != before || !properties.contains_key(key) {
            continue;
        }
        for spelling in [name.to_owned(), snake(name)] {
            let says = format!("{title}'s name for `{key}`.");
            properties.entry(spelling).or_insert_with(|| serde_json::json!({ "description": says }));
        }
    }
}

fn snake(name: &str) -> String {
    let mut out = String::new();
    for (place, letter) in name.chars().enumerate() {
        match letter {
            '.' | '-' => out.push('_'),
            _ if letter.is_ascii_uppercase() => {
                if place > 0 && !out.ends_with('_') {
                    out.push('_');
                }
                out.push(letter.to_ascii_lowercase());
            }
            _ => out.push(letter),
        }
    }
    out
}
