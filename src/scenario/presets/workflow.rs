//! What the engines of workflows say: of the workflow, of each step and compensation, and of tables inside them.

use super::{Lookup, fill, tables};
use crate::broker::{self, Fact, Preset, Setting, Shape};
use crate::scenario::problem::{Place, PresetFact, Problem};
use crate::scenario::tree::{Entry, Node, Table, Value};
use crate::scenario::written;
use crate::units::Duration;

pub(super) fn complete(root: &mut Table, lookup: Lookup<'_>, problems: &mut Vec<Problem>) {
    for (_, table) in tables(root, "workflow") {
        let engine = table.get("engine").map_or(Some("generic"), Node::as_text);
        let Some(preset) = engine.and_then(|engine| lookup(engine, Shape::Workflow)) else { continue };
        fill_deeply(table, preset, preset.own, &written::Workflow::keys(), problems);
        let steps = table.entries.iter_mut().find(|entry| entry.key == "steps").map(|entry| &mut entry.node.value);
        let Some(Value::List(steps)) = steps else { continue };
        for step in steps {
            let Value::Table(step) = &mut step.value else { continue };
            fill_deeply(step, preset, preset.consumer, &written::StepWritten::keys(), problems);
            if let Some(undo) = inner(step, "compensate") {
                fill_deeply(undo, preset, preset.consumer, &written::CompensateWritten::keys(), problems);
            }
        }
    }
}

fn inner<'t>(table: &'t mut Table, key: &str) -> Option<&'t mut Table> {
    let node = table.entries.iter_mut().find(|entry| entry.key == key)?;
    match &mut node.node.value {
        Value::Table(table) => Some(table),
        _ => None,
    }
}

/// Fills in a table, then those of its tables that facts name with a dot: `retry.backoff`.
fn fill_deeply(
    table: &mut Table,
    preset: &'static Preset,
    facts: &'static [Fact],
    keys: &[&str],
    problems: &mut Vec<Problem>,
) {
    let own: Vec<Fact> = facts.iter().copied().filter(|fact| !fact.key.contains('.')).collect();
    fill(table, preset.name, &own, keys, problems);
    for (name, keys) in [("retry", written::StepRetry::keys()), ("decisions", written::DecisionsWritten::keys())] {
        let below = |fact: &Fact| {
            let (of, key) = fact.key.split_once('.')?;
            (of == name).then_some(Fact { key, ..*fact })
        };
        let inside: Vec<Fact> = facts.iter().filter_map(below).collect();
        // A table that nobody wrote is made where something stands in it whatever is written.
        let always = inside.iter().find(|fact| fact.only_with.is_none() && fact.value != Setting::Unset);
        if let Some(fact) = always.filter(|_| table.get(name).is_none()) {
            let place = place_of(preset, fact);
            let node = Node { value: Value::Table(Table::default()), place: place.clone() };
            table.entries.push(Entry { key: name.into(), key_place: place, node });
        }
        let Some(table) = inner(table, name) else { continue };
        let inside: Vec<Fact> = inside.into_iter().map(|fact| Fact { only_with: None, ..fact }).collect();
        fill(table, preset.name, &inside, &keys, problems);
        inside.iter().for_each(|fact| fill_multiple(table, preset, fact));
    }
}

/// A value that is so many times another of the same table.
fn fill_multiple(table: &mut Table, preset: &'static Preset, fact: &Fact) {
    let Setting::Times(factor, other) = fact.value else { return };
    let length = table.get(other).and_then(Node::as_text).and_then(|text| Duration::parse(text).ok());
    let Some(length) = length.filter(|_| table.get(fact.key).is_none()) else { return };
    let place = place_of(preset, fact);
    let text = Duration(length.ns().saturating_mul(factor)).to_string();
    let node = Node { value: Value::Text(text), place: place.clone() };
    table.entries.push(Entry { key: fact.key.into(), key_place: place, node });
}

fn place_of(preset: &'static Preset, fact: &Fact) -> Place {
    let source = broker::source(fact.source).unwrap_or(fact.source);
    Place::Preset(PresetFact { broker: preset.name, source, grade: fact.grade })
}
