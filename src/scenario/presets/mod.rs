//! Completing the tree with what brokers' presets say, so that readers and checks meet one uniform scenario.
//!
//! A preset speaks the scenario language: each of its facts is an entry that the file may write itself. What the file
//! writes under the broker's own name is renamed first; what it does not write is inserted, marked as the preset's.

mod clients;
mod convert;
mod rename;
mod scaling;
#[cfg(test)]
mod tests;
mod workflow;

pub(super) use rename::plain;

use super::problem::{Place, PresetFact, Problem};
use super::tree::{Entry, Node, Table, Value, read_bare};
use super::written;
use crate::broker::{self, Fact, Preset, Setting, Shape};

/// Fills in the facts of every broker, and of every client's retries, that the scenario names.
pub(super) fn complete(tree: &mut Node, problems: &mut Vec<Problem>) {
    complete_with(tree, &broker::preset, problems);
    clients::complete(tree, problems);
}

type Lookup<'a> = &'a dyn Fn(&str, Shape) -> Option<&'static Preset>;

/// The tables with a broker and the keys that they have.
const SHAPES: [(&str, Shape); 3] = [("queue", Shape::Queue), ("topic", Shape::Topic), ("stream", Shape::Stream)];

fn complete_with(tree: &mut Node, lookup: Lookup<'_>, problems: &mut Vec<Problem>) {
    let Value::Table(root) = &mut tree.value else { return };
    // Who names which broker is looked up before anything is renamed.
    let brokers = Brokers::collect(root, lookup);
    for (kind, shape) in SHAPES {
        for (name, table) in tables(root, kind) {
            let Some(preset) = brokers.of(name, shape) else { continue };
            if let Some(topic) = brokers.subscribed(table) {
                fill(table, topic.name, topic.subscriber, &own_keys(shape), problems);
            }
            fill(table, preset.name, preset.own, &own_keys(shape), problems);
        }
    }
    workflow::complete(root, lookup, problems);
    let streams: Vec<(String, Option<u64>)> =
        tables(root, "stream").map(|(name, table)| (name.into(), scaling::whole(table, "partitions"))).collect();
    for (_, table) in tables(root, "consumer") {
        let Some(name) = table.get("from").and_then(Node::as_text).map(String::from) else { continue };
        if let Some(preset) = brokers.of(&name, Shape::Queue).or_else(|| brokers.of(&name, Shape::Stream)) {
            fill(table, preset.name, preset.consumer, &written::Consumer::keys(), problems);
        }
        let partitions =
            streams.iter().find(|(stream, _)| *stream == name).map(|(_, partitions)| partitions.unwrap_or(1));
        scaling::complete(table, partitions, problems);
    }
    for (_, table) in tables(root, "producer") {
        let Some(name) = table.get("to").and_then(first_target) else { continue };
        if let Some(preset) = SHAPES.iter().find_map(|(_, shape)| brokers.of(name, *shape)) {
            fill(table, preset.name, preset.producer, &written::Producer::keys(), problems);
        }
    }
}

fn own_keys(shape: Shape) -> Vec<&'static str> {
    match shape {
        Shape::Queue => written::Queue::keys(),
        Shape::Topic => written::Topic::keys(),
        Shape::Stream => written::Stream::keys(),
        Shape::Workflow => written::Workflow::keys(),
    }
}

/// The tables of one kind with their names; what is no table is the reader's to refuse.
fn tables<'a>(root: &'a mut Table, kind: &str) -> impl Iterator<Item = (&'a str, &'a mut Table)> {
    let named = root.entries.iter_mut().find(|entry| entry.key == kind).map(|entry| &mut entry.node.value);
    let entries = match named {
        Some(Value::Table(named)) => named.entries.as_mut_slice(),
        _ => &mut [],
    };
    entries.iter_mut().filter_map(|entry| match &mut entry.node.value {
        Value::Table(table) => Some((entry.key.as_str(), table)),
        _ => None,
    })
}

/// A name, or the first of a list of them.
fn first_target(node: &Node) -> Option<&str> {
    match node.as_list() {
        Some(list) => list.first()?.as_text(),
        None => node.as_text(),
    }
}

/// The preset behind each queue, topic and stream.
struct Brokers(Vec<(String, &'static Preset)>);

impl Brokers {
    fn collect(root: &mut Table, lookup: Lookup<'_>) -> Brokers {
        let mut brokers = vec![];
        for (kind, shape) in SHAPES {
            for (name, table) in tables(root, kind) {
                let broker = table.get("broker").map_or(Some("generic"), Node::as_text);
                let preset = broker.and_then(|broker| lookup(broker, shape));
                brokers.extend(preset.map(|preset| (name.to_string(), preset)));
            }
        }
        Brokers(brokers)
    }

    fn of(&self, name: &str, shape: Shape) -> Option<&'static Preset> {
        self.0.iter().find(|(other, preset)| other == name && preset.shape == shape).map(|(_, preset)| *preset)
    }

    /// The preset of the topic to which a table subscribes, unless it names a broker of its own.
    fn subscribed(&self, table: &Table) -> Option<&'static Preset> {
        let subscribe = table.get("subscribe").filter(|_| table.get("broker").is_none())?;
        let topic = subscribe.as_text().or_else(|| subscribe.as_table()?.get("topic")?.as_text())?;
        self.of(topic, Shape::Topic)
    }
}

/// Renames what the table writes in the broker's words, then inserts what it does not write.
fn fill(table: &mut Table, name: &'static str, facts: &[Fact], keys: &[&str], problems: &mut Vec<Problem>) {
    let kept_out = rename::apply(table, facts, keys, problems);
    insert(table, name, facts, &kept_out);
}

/// Inserts the facts that the table does not write.
fn insert(table: &mut Table, name: &'static str, facts: &[Fact], kept_out: &[&str]) {
    // Those that stand alone first: others depend on them.
    for (dependent, fact) in [false, true].into_iter().flat_map(|later| facts.iter().map(move |fact| (later, fact))) {
        let wanted = fact.only_with.is_some() == dependent
            && fact.only_with.is_none_or(|other| table.get(other).is_some())
            && table.get(fact.key).is_none()
            && !kept_out.contains(&fact.key);
        if !wanted {
            continue;
        }
        let source = broker::source(fact.source).unwrap_or(fact.source);
        let place = Place::Preset(PresetFact { broker: name, source, grade: fact.grade });
        if let Some(node) = node(fact.value, &place) {
            table.entries.push(Entry { key: fact.key.into(), key_place: place, node });
        }
    }
}

fn node(setting: Setting, place: &Place) -> Option<Node> {
    let node = |value| Node { value, place: place.clone() };
    Some(match setting {
        Setting::Text(text) => node(text.into()),
        Setting::Number(number) => node(Value::Whole(number.into())),
        Setting::Flag(flag) => node(flag.into()),
        Setting::Words(words) => node(Value::List(words.iter().map(|word| node((*word).into())).collect())),
        Setting::Toml(text) => read_bare(text, place),
        Setting::Unset | Setting::Times(..) => return None,
    })
}
