//! Made-up brokers, so that the rules are tested rather than the presets.

use super::complete_with;
use crate::broker::{self, Fact, Form, Grade, Preset, Setting, Shape, preset};
use crate::scenario::problem::{Place, Problem};
use crate::scenario::tree::{self, Node, Value};
use crate::scenario::{written, written::Queue};
use Form::{Bytes, CountOrUnlimited, Milliseconds, PerSecond, Redeliveries, Same, Seconds, Words};

const fn fact(key: &'static str, value: Setting, names: &'static [(&'static str, Form)]) -> Fact {
    Fact { key, value, only_with: None, names, range: "", source: "TAILBACK", grade: Grade::Documented }
}

const fn only_with(other: &'static str, fact: Fact) -> Fact {
    Fact { only_with: Some(other), ..fact }
}

const PRODUCER: &[Fact] = &[fact("batch_size", Setting::Text("1 KiB"), &[("batch.size", Bytes)])];
const SUBSCRIBER: &[Fact] = &[fact("max_deliveries", Setting::Number(9), &[("num_retries", Redeliveries)])];

const fn made_up(shape: Shape, own: &'static [Fact], consumer: &'static [Fact]) -> Preset {
    Preset {
        name: "post",
        shape,
        title: "letters",
        version: "1",
        as_of: "2026-11",
        own,
        consumer,
        producer: PRODUCER,
        subscriber: SUBSCRIBER,
        metrics: &[],
        not_modelled: &[],
    }
}

static QUEUE: Preset = made_up(
    Shape::Queue,
    &[
        // Stands before what it depends on.
        only_with("capacity", fact("overflow", Setting::Text("drop-head"), &[])),
        fact("visibility_timeout", Setting::Text("30s"), &[("VisibilityTimeout", Seconds)]),
        fact("max_deliveries", Setting::Number(20), &[("max_receive_count", Same), ("delivery-limit", Redeliveries)]),
        fact("ttl", Setting::Toml("{ exp = \"1h\" }"), &[("x-message-ttl", Milliseconds)]),
        fact("capacity", Setting::Unset, &[("x-max-length", CountOrUnlimited)]),
        fact("capacity_bytes", Setting::Unset, &[("x-max-length-bytes", Bytes)]),
        fact("deliver_limit", Setting::Unset, &[("rate", PerSecond)]),
        fact("order", Setting::Text("fifo"), &[("FifoQueue", Words(&[("true", "lifo"), ("false", "fifo")]))]),
        fact("withdraw", Setting::Flag(true), &[("tombstones", Words(&[("keep", "false"), ("drop", "true")]))]),
        fact("delivery_count", Setting::Words(&["nack", "lease"]), &[]),
    ],
    &[fact("prefetch", Setting::Number(10), &[("basic.qos", CountOrUnlimited)])],
);
static TOPIC: Preset = made_up(Shape::Topic, &[fact("dedup_window", Setting::Text("5m"), &[])], &[]);
static STREAM: Preset = made_up(
    Shape::Stream,
    &[fact("retention", Setting::Text("7d"), &[("retention.ms", Milliseconds)])],
    &[
        fact("max_poll_records", Setting::Number(500), &[("max.poll.records", Same)]),
        fact("max_poll_interval", Setting::Text("5m"), &[("max.poll.interval.ms", Milliseconds)]),
        fact("heartbeat_interval", Setting::Text("3s"), &[("heartbeat.interval.ms", Milliseconds)]),
    ],
);

fn completed(text: &str) -> (Node, Vec<Problem>) {
    let mut tree = tree::read(text).unwrap_or_else(|problem| panic!("{problem:?}"));
    let mut problems = vec![];
    let lookup = |name: &str, shape| match (name, shape) {
        ("post", Shape::Queue) => Some(&QUEUE),
        ("post", Shape::Topic) => Some(&TOPIC),
        ("post", Shape::Stream) => Some(&STREAM),
        _ => preset(name, shape),
    };
    complete_with(&mut tree, &lookup, &mut problems);
    (tree, problems)
}

fn get<'t>(tree: &'t Node, path: &str) -> Option<&'t Node> {
    path.split('.').try_fold(tree, |node, key| node.as_table()?.get(key))
}

/// The value at a path as it would be written; empty where there is none.
fn written(tree: &Node, path: &str) -> String {
    get(tree, path).map(Node::written).unwrap_or_default()
}

/// A queue of the made-up broker with these lines, and what a key of it says in the end.
fn queue(lines: &str, key: &str) -> String {
    let (tree, problems) = completed(&format!("[queue.q]\nbroker = \"post\"\n{lines}\n"));
    assert_eq!(problems, [], "{lines}");
    written(&tree, &format!("queue.q.{key}"))
}

#[test]
fn facts_fill_in_what_the_table_does_not_say() {
    let (tree, problems) = completed("[queue.q]\nbroker = \"post\"\nmax_deliveries = 3\n[queue.plain]\n");
    assert_eq!(problems, []);
    assert_eq!(written(&tree, "queue.q.max_deliveries"), "3");
    assert_eq!(written(&tree, "queue.q.visibility_timeout"), "\"30s\"");
    assert_eq!(written(&tree, "queue.q.ttl"), "{ exp = \"1h\" }");
    assert_eq!(written(&tree, "queue.q.withdraw"), "true");
    assert_eq!(written(&tree, "queue.q.delivery_count"), "[\"nack\", \"lease\"]");
    for (key, why) in [("capacity", "the broker has no default"), ("overflow", "it means nothing without capacity")] {
        assert_eq!(get(&tree, &format!("queue.q.{key}")), None, "{why}");
    }
    assert_eq!(get(&tree, "queue.plain").and_then(Node::as_table).map(|table| table.entries.len()), Some(0));
    assert_eq!(queue("capacity = 5", "overflow"), "\"drop-head\"");
    assert_eq!(queue("x-max-length = 5", "overflow"), "\"drop-head\"");
    assert_eq!(queue("x-max-length = 0", "overflow"), "");
}

#[test]
fn every_node_of_a_fact_names_the_preset() {
    let (tree, _) = completed("[queue.q]\nbroker = \"post\"\n");
    let source = broker::source("TAILBACK");
    for path in ["queue.q.ttl", "queue.q.ttl.exp", "queue.q.visibility_timeout"] {
        match get(&tree, path).map(|node| &node.place) {
            Some(Place::Preset(fact)) => {
                assert_eq!((fact.broker, Some(fact.source), fact.grade), ("post", source, Grade::Documented));
            }
            other => panic!("{path}: {other:?}"),
        }
    }
}

#[test]
fn the_brokers_names_and_ways_of_writing_are_understood() {
    for (line, key, value) in [
        ("VisibilityTimeout = 45", "visibility_timeout", "\"45s\""),
        ("visibilityTimeout = 0.5", "visibility_timeout", "\"0.5s\""),
        ("VisibilityTimeout = \"2m\"", "visibility_timeout", "\"2m\""),
        ("maxReceiveCount = 4", "max_deliveries", "4"),
        ("max_receive_count = 4", "max_deliveries", "4"),
        ("delivery_limit = 4", "max_deliveries", "5"),
        ("delivery-limit = -1", "max_deliveries", ""),
        ("x-message-ttl = 1500", "ttl", "\"1500ms\""),
        ("x_message_ttl = -1", "ttl", ""),
        ("xMaxLength = 7", "capacity", "7"),
        ("x-max-length-bytes = 16384", "capacity_bytes", "\"16384 B\""),
        ("rate = 300", "deliver_limit", "\"300/s\""),
        ("FifoQueue = true", "order", "\"lifo\""),
        ("fifo_queue = \"TRUE\"", "order", "\"lifo\""),
        ("fifo_queue = \"perhaps\"", "order", "\"perhaps\""),
        ("tombstones = \"keep\"", "withdraw", "false"),
        // Our own key is never converted.
        ("visibility_timeout = 45", "visibility_timeout", "45"),
    ] {
        assert_eq!(queue(line, key), value, "{line}");
    }
    let text = "[queue.q]\nbroker = \"post\"\nmaxReceiveCount = 4\n";
    let (tree, _) = completed(text);
    let entries = &get(&tree, "queue.q").and_then(Node::as_table).expect("a table").entries;
    let entry = entries.iter().find(|entry| entry.key == "max_deliveries").expect("it is renamed");
    let at = |words: &str| Place::File(text.find(words).map(|at| at..at + words.len()).expect("it is there"));
    assert_eq!((&entry.key_place, &entry.node.place), (&at("maxReceiveCount"), &at("4")));
}

#[test]
fn none_keeps_the_brokers_value_out() {
    assert_eq!(queue("max_deliveries = \"none\"", "max_deliveries"), "");
    assert_eq!(queue("max_receive_count = \"none\"", "max_deliveries"), "");
    assert_eq!(queue("capacity = \"none\"", "capacity"), "");
    assert_eq!(queue("visibility_timeout = \"none\"", "visibility_timeout"), "\"none\"");
    assert_eq!(queue("VisibilityTimeout = \"none\"", "visibility_timeout"), "\"none\"");
    // The broker says nothing about this key.
    assert_eq!(queue("max_in_flight = \"none\"", "max_in_flight"), "\"none\"");
}

#[test]
fn saying_it_twice_is_refused_at_the_second() {
    for (first, second) in [
        ("max_deliveries", "max_receive_count"),
        ("maxReceiveCount", "max_deliveries"),
        ("delivery_limit", "max_receive_count"),
    ] {
        let text = format!("[queue.q]\nbroker = \"post\"\n{first} = 3\n{second} = 3\n");
        let (_, mut problems) = completed(&text);
        problems.iter_mut().for_each(|problem| problem.locate(&text));
        let said: Vec<(usize, String)> = problems.into_iter().map(|problem| (problem.line, problem.message)).collect();
        assert_eq!(said, [(4, format!("`{second}` says the same as `{first}`"))]);
    }
    let (_, problems) = completed("[queue.q]\nbroker = \"post\"\nmax_deliveries = \"none\"\nmax_receive_count = 3\n");
    assert_eq!(problems.len(), 1);
}

#[test]
fn the_command_line_replaces_the_file_in_whichever_words() {
    for (file, argument) in [("max_deliveries", "max_receive_count"), ("maxReceiveCount", "max_deliveries")] {
        let mut tree = tree::read(&format!("[queue.q]\nbroker = \"post\"\n{file} = 3\n")).expect("TOML");
        let mut problems = vec![];
        let overrides = [(format!("queue.q.{argument}"), "8".to_string())];
        crate::scenario::arguments::apply(&mut tree, &overrides, &mut problems);
        complete_with(&mut tree, &|_, shape| Some(&QUEUE).filter(|_| shape == Shape::Queue), &mut problems);
        assert_eq!((written(&tree, "queue.q.max_deliveries").as_str(), problems), ("8", vec![]), "{file}");
    }
}

const AROUND: &str = r#"
[producer.p]
to = ["s", "q"]
batch.size = 16384
[stream.s]
broker = "post"
retention.ms = 1000
[topic.t]
broker = "post"
[queue.q]
subscribe = "t"
[queue.named]
subscribe = { topic = "t", share = 0.5 }
broker = "generic"
[queue.own]
broker = "post"
[consumer.c]
from = "s"
max.poll.records = 50
max.poll.unheard.of = 1
heartbeat.interval.ms = 1500
[consumer.d]
from = "own"
"basic.qos" = 3
[consumer.e]
from = "q"
"#;

#[test]
fn those_around_a_broker_get_its_facts_too() {
    let (tree, problems) = completed(AROUND);
    assert_eq!(problems, []);
    for (path, value) in [
        ("producer.p.batch_size", "\"16384 B\""),
        ("stream.s.retention", "\"1000ms\""),
        ("topic.t.dedup_window", "\"5m\""),
        ("queue.q.max_deliveries", "9"),
        ("queue.q.visibility_timeout", ""),
        ("queue.named.max_deliveries", ""),
        ("queue.own.max_deliveries", "20"),
        ("consumer.c.max_poll_records", "50"),
        ("consumer.c.max_poll_interval", "\"5m\""),
        ("consumer.c.heartbeat_interval", "\"1500ms\""),
        // What spells no name stays for the reader to refuse.
        ("consumer.c.max", "{ poll = { unheard = { of = 1 } } }"),
        ("consumer.c.heartbeat", ""),
        ("consumer.d.prefetch", "3"),
        ("consumer.e.prefetch", ""),
    ] {
        assert_eq!(written(&tree, path), value, "{path}");
    }
}

#[test]
fn what_is_no_table_or_no_broker_is_left_to_the_reader() {
    for text in [
        "queue = 3",
        "queue.q = 3",
        "[queue.q]\nbroker = 7",
        "[queue.q]\nbroker = \"nobody\"\nmax_receive_count = 3",
        "[consumer.c]\nfrom = [\"q\"]\n[queue.q]",
        "[producer.p]\nto = []\n[queue.q]",
    ] {
        let (tree, problems) = completed(text);
        assert_eq!((tree, problems), (tree::read(text).expect("TOML"), vec![]), "{text}");
    }
}

/// The presets that ship: their keys are the language's, their sources are listed, their TOML is TOML.
#[test]
fn presets_speak_the_language() {
    for preset in broker::presets::ALL {
        let own = match preset.shape {
            Shape::Queue => Queue::keys(),
            Shape::Topic => written::Topic::keys(),
            Shape::Stream => written::Stream::keys(),
            Shape::Workflow => written::Workflow::keys(),
        };
        let consumer = match preset.shape {
            Shape::Workflow => written::CompensateWritten::keys(),
            _ => written::Consumer::keys(),
        };
        let parts = [
            (preset.own, own),
            (preset.consumer, consumer),
            (preset.producer, written::Producer::keys()),
            (preset.subscriber, Queue::keys()),
        ];
        for (facts, keys) in parts {
            for fact in facts {
                let what = format!("{} {}", preset.name, fact.key);
                let known = match fact.key.split_once('.') {
                    Some(("retry", key)) => written::StepRetry::keys().contains(&key),
                    Some((_, key)) => written::DecisionsWritten::keys().contains(&key),
                    None => keys.contains(&fact.key),
                };
                assert!(known, "{what} is no key");
                assert!(fact.only_with.is_none_or(|other| keys.contains(&other)), "{what}: {:?}", fact.only_with);
                assert!(broker::source(fact.source).is_some(), "{what}: no source {}", fact.source);
                if let Setting::Toml(text) = fact.value {
                    let node = tree::read_bare(text, &Place::Default);
                    assert!(!matches!(node.value, Value::Text(_)), "{what}: {text} is not TOML, or a plain text");
                }
            }
        }
    }
}
