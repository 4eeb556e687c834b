//! Completing a consumer's `scaling` with what the controller that it names does by default.

use super::{insert, rename};
use crate::broker::autoscalers::{ALL, ENTRIES};
use crate::broker::{Fact, autoscaler, source};
use crate::scenario::problem::{Place, PresetFact, Problem};
use crate::scenario::tree::{Entry, Node, Table, Value};
use crate::scenario::written::{DirectionWritten, ScalingStep, ScalingTable, SpeedLimitWritten};

/// Renames and fills in; `partitions` of the stream that the consumer reads, where it reads one.
pub(super) fn complete(consumer: &mut Table, partitions: Option<u64>, problems: &mut Vec<Problem>) {
    let lanes = partitions.map(|partitions| partitions.saturating_mul(whole(consumer, "parallelization").unwrap_or(1)));
    let Some(Value::Table(table)) = inner(consumer, "scaling") else { return };
    let named = table.get("policy").and_then(Node::as_text).and_then(autoscaler);
    // A key of another controller is told as such, under our name for it.
    let others = ALL.iter().filter(|other| named.is_none_or(|named| named.name != other.name));
    let all: Vec<Fact> = named.into_iter().chain(others).flat_map(|one| one.all_facts().copied()).collect();
    let kept_out = rename::apply(table, &all, &ScalingTable::keys(), problems);
    let Some(named) = named else { return };
    let of_stream = named.name == "lambda" && lanes.is_some();
    let facts: Vec<Fact> = named
        .all_facts()
        .filter(|fact| !(of_stream && ["start", "ramp", "max"].contains(&fact.key)))
        .copied()
        .collect();
    insert(table, named.name, &facts, &kept_out);
    for (key, facts) in [("scale_up", named.scale_up), ("scale_down", named.scale_down)] {
        if let Some(first) = facts.first() {
            let place = preset(named.name, first);
            direction(table, key, facts, &place, named.name, problems);
        }
    }
    entries(inner(table, "steps"), &ScalingStep::keys(), problems);
    let replicas = replicas(table, named.name, lanes);
    if let Some(node) = replicas.filter(|_| consumer.get("replicas").is_none()) {
        consumer.entries.push(Entry { key: "replicas".into(), key_place: node.place.clone(), node });
    }
}

/// A whole number that a table says.
pub(super) fn whole(table: &Table, key: &str) -> Option<u64> {
    match table.get(key)?.value {
        Value::Whole(number) => u64::try_from(number).ok(),
        _ => None,
    }
}

fn inner<'a>(table: &'a mut Table, key: &str) -> Option<&'a mut Value> {
    table.entries.iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.node.value)
}

fn preset(name: &'static str, fact: &Fact) -> Place {
    let source = source(fact.source).unwrap_or(fact.source);
    Place::Preset(PresetFact { broker: name, source, grade: fact.grade })
}

fn direction(
    table: &mut Table,
    key: &'static str,
    facts: &[Fact],
    place: &Place,
    name: &'static str,
    problems: &mut Vec<Problem>,
) {
    if table.get(key).is_none() {
        let node = Node { value: Value::Table(Table::default()), place: place.clone() };
        table.entries.push(Entry { key: key.into(), key_place: place.clone(), node });
    }
    let Some(Value::Table(direction)) = inner(table, key) else { return };
    let kept_out = rename::apply(direction, facts, &DirectionWritten::keys(), problems);
    lower(inner(direction, "select"));
    entries(inner(direction, "policies"), &SpeedLimitWritten::keys(), problems);
    insert(direction, name, facts, &kept_out);
}

/// Renames in each table of a list.
fn entries(list: Option<&mut Value>, keys: &[&str], problems: &mut Vec<Problem>) {
    let Some(Value::List(list)) = list else { return };
    for node in list {
        if let Value::Table(table) = &mut node.value {
            let facts: Vec<Fact> = ENTRIES.iter().filter(|fact| keys.contains(&fact.key)).copied().collect();
            rename::apply(table, &facts, keys, problems);
            lower(inner(table, "type"));
        }
    }
}

/// Kubernetes writes its words with a capital.
fn lower(value: Option<&mut Value>) {
    if let Some(Value::Text(text)) = value {
        *text = text.to_lowercase();
    }
}

/// How many there are at the beginning where the consumer does not say.
fn replicas(table: &Table, policy: &str, lanes: Option<u64>) -> Option<Node> {
    match (policy, lanes) {
        ("schedule", _) => None,
        ("lambda", Some(lanes)) => {
            Some(Node { value: Value::Whole(lanes.into()), place: table.get("policy")?.place.clone() })
        }
        ("lambda", None) => {
            let (start, max) = (table.get("start")?, table.get("max")?);
            Some(if whole(table, "max") < whole(table, "start") { max } else { start }.clone())
        }
        _ => table.get("min").cloned(),
    }
}
