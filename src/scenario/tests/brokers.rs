//! What brokers differ in, as it is read: streams and groups, keys, names of brokers, "none".

use super::everything::EVERYTHING;
use super::{BASE, parse, shown};
use crate::arrivals::Keys;
use crate::scenario::{
    Assignment, DeliveryCounts, Feed, OnFailure, Order, Origin, Overflow, Scenario, Source, Start, Target, schema,
};
use crate::units::Duration;

#[track_caller]
fn sound(text: &str) -> Scenario {
    parse(text).unwrap_or_else(|_| panic!("{text}\n{}", shown(text)))
}

fn seconds(length: f64) -> Duration {
    Duration::from_seconds(length)
}

#[test]
fn streams_and_groups_are_read() {
    let scenario = sound(EVERYTHING);
    let log = &scenario.streams[0];
    assert_eq!((log.partitions, log.retention_bytes), (12, Some(1_000_000_000)));
    assert_eq!((log.write.records, log.read.bytes, log.fetches), (Some(1000.0), Some(2e6), Some(5.0)));
    let consumer = |name: &str| scenario.consumers.iter().find(|consumer| consumer.name == name).expect("it is there");
    let rules = |name: &str| consumer(name).group.clone().expect("a group");
    assert_eq!(consumer("member").from, Feed::Stream(0));
    let member = rules("member");
    assert_eq!((member.assignment, member.session_timeout), (Assignment::Eager, seconds(45.0)));
    assert_eq!((member.max_poll_records, member.fetch_min_bytes, member.parallelization), (500, 1000, 2));
    assert!(member.static_membership && member.enhanced && member.reset_to_latest && !member.bisect);
    assert_eq!(member.dead_letter.map(|queue| scenario.queues[queue].name.as_str()), Some("dead-records"));
    assert_eq!((rules("batcher").start, rules("retrier").start), (Start::Lag(1000), Start::Latest));
    assert_eq!(rules("retrier").on_failure, OnFailure::RetryTopic);
    let attempts = |name: &str| consumer(name).retry.as_ref().and_then(|retry| retry.max_attempts);
    assert_eq!((attempts("member"), attempts("batcher")), (Some(3), Some(1)), "without a retry, one attempt");
    assert!(consumer("leaser").group.is_none());
    assert_eq!((consumer("leaser").receive, consumer("leaser").heartbeat), (Some(10), Some(seconds(10.0))));
}

#[test]
fn traits_and_keys_are_read() {
    let scenario = sound(EVERYTHING);
    let queue = |name: &str| scenario.queues.iter().find(|queue| queue.name == name).expect("it is there");
    let by_key = queue("by-key");
    assert_eq!((by_key.order, by_key.traits.scan_depth), (Order::Key, Some(20_000)));
    assert_eq!(by_key.traits.counts, DeliveryCounts { nack: true, lease: true, crash: false });
    assert!(by_key.traits.nack_waits_for_lease && by_key.traits.dead_letter_keeps_clock && !by_key.withdraw);
    assert_eq!((by_key.traits.lease_check, by_key.traits.lease_extension), (seconds(5.0), Some(seconds(43_200.0))));
    let classic = queue("classic");
    assert_eq!((classic.overflow, classic.traits.log_length), (Overflow::RejectDeadLetter, Some(50_000)));
    assert!(classic.traits.redelivery_at_tail && classic.traits.single_active);
    assert!(queue("by-session").traits.dead_letter_overflow);
    assert_eq!(scenario.topics[1].delivery_retry.len(), 2);
    let producer = |name: &str| scenario.producers.iter().find(|other| other.name == name).expect("it is there");
    assert_eq!(producer("keyed").keys, Some(Keys::Zipf { count: 1000, exponent: 1.1 }));
    assert_eq!((producer("keyed").size, producer("keyed").sticky), (2000, 16_384));
    assert_eq!(producer("keyed").to, [Target::Stream(0)]);
    assert_eq!(producer("accounts").keys, Some(Keys::Hot { count: 100, shares: vec![0.3, 0.1] }));
}

/// Small whole numbers are themselves; every other text is its place in the scenario's list of names.
#[test]
fn keys_of_recordings() {
    let scenario = sound(&BASE.replace("rate = \"10/s\"", "messages = \"keyed.csv\""));
    let Source::Messages(rows) = &scenario.producers[0].source else { panic!("a recording") };
    let keys: Vec<Option<u32>> = rows.iter().map(|row| row.key).collect();
    assert_eq!(keys, [Some(7), Some(1 << 31), Some(7), Some(1 << 31 | 1), Some(1 << 31 | 2)]);
    assert_eq!(scenario.key_names, ["anna", "bob", "2147483648"]);
    assert_eq!(rows[1].size, Some(2000));
    let text = BASE
        .replace("rate = \"10/s\"", "messages = \"keyed.csv\"")
        .replace("[queue.orders]", "[queue.orders]\norder = \"key\"");
    sound(&text.replace("service = \"50ms\"", "service = \"message\""));
}

#[test]
fn accepted_forms() {
    for (from, to) in [
        ("[queue.orders]", "[queue.orders]\nvisibility_timeout = \"30s\"\non_nack = \"lease\"\nlease_check = \"0s\""),
        (
            "[queue.orders]",
            "[queue.orders]\norder = \"key\"\n[producer.k]\nto = \"orders\"\nrate = \"1/s\"\nkeys = { count = 3 }",
        ),
        ("[queue.orders]", "[queue.orders]\nat_most_once = true"),
        ("[queue.orders]", "[queue.orders]\nsingle_active = true"),
        ("[queue.orders]", "[queue.orders]\ncapacity_bytes = \"1 KB\"\noverflow = \"drop-head\""),
        ("[queue.orders]", "[stream.orders]"),
        ("[queue.orders]", "[stream.orders]\npartition_limit = { write = \"1000/s\" }"),
        ("[queue.orders]", "[stream.orders]\nbroker = \"kafka\"\npartitions = 12"),
        ("[queue.orders]", "[stream.orders]\nbroker = \"kinesis\""),
    ] {
        // The shop's own messages have keys too, so that every order is possible.
        let text = BASE.replace("rate = \"10/s\"", "rate = \"10/s\"\nkeys = { count = 100 }").replace(from, to);
        sound(&text);
        let validator = jsonschema::validator_for(&schema()).unwrap_or_else(|error| panic!("{error}"));
        let value: toml::Value = toml::from_str(&text).unwrap_or_else(|error| panic!("{error}"));
        assert!(validator.is_valid(&serde_json::to_value(value).unwrap_or_default()), "{text}");
    }
    // Messages multiply and die out again; each group has a copy of its own.
    let text = BASE.replace("[queue.orders]", "[stream.orders]") + "then = [{ to = \"orders\", share = 0.4 }]\n";
    sound(&text);
    let twice = format!("{text}[consumer.second]\nfrom = \"orders\"\nservice = \"1s\"\n");
    sound(&format!("{twice}then = [{{ to = \"orders\", share = 0.5 }}]\n"));
    assert!(parse(&format!("{twice}then = [{{ to = \"orders\", share = 0.6 }}]\n")).is_err());
}

/// The names that three brokers' own documents use, and how they are written there.
#[test]
fn brokers_names_for_our_keys() {
    let sqs = sound(&BASE.replace(
        "[queue.orders]",
        "[queue.orders]\nbroker = \"sqs\"\nVisibilityTimeout = 45\nmaxReceiveCount = 3\ndead_letter = \"dlq\"\nDelaySeconds = 5",
    ));
    let queue = &sqs.queues[0];
    assert_eq!((queue.visibility_timeout, queue.max_deliveries), (Some(seconds(45.0)), Some(3)));
    assert_eq!(queue.delivery_delay, seconds(5.0));
    let origin = |path: &str| sqs.assumptions.iter().find(|a| a.path == path).map(|a| a.origin.clone());
    assert_eq!(origin("queue.orders.max_deliveries"), Some(Origin::File { line: 8 }));
    assert!(matches!(origin("queue.orders.max_in_flight"), Some(Origin::Preset { broker: "sqs", .. })));

    let rabbit = sound(&BASE.replace(
        "[queue.orders]",
        "[queue.orders]\nbroker = \"rabbitmq-quorum\"\n\"x-delivery-limit\" = 4\n\"x-max-length\" = 1000\n\"x-overflow\" = \"reject-publish\"",
    ));
    let queue = &rabbit.queues[0];
    assert_eq!((queue.max_deliveries, queue.capacity, queue.overflow), (Some(5), Some(1000), Overflow::Reject));

    for (poll, commit) in [
        ("\"max.poll.records\" = 50", "\"auto.commit.interval.ms\" = 1500"),
        ("max.poll.records = 50", "auto.commit.interval.ms = 1500"),
        ("max_poll_records = 50", "auto_commit_interval_ms = 1500"),
        ("maxPollRecords = 50", "autoCommitIntervalMs = 1500"),
    ] {
        let text = BASE
            .replace("[queue.orders]", "[stream.orders]\nbroker = \"kafka\"\n\"retention.ms\" = 60000")
            .replace("service = \"50ms\"", &format!("service = \"50ms\"\n{poll}\n{commit}"));
        let kafka = sound(&text);
        assert_eq!(kafka.streams[0].retention, Some(seconds(60.0)));
        let group = kafka.consumers[0].group.as_ref().expect("a group");
        assert_eq!((group.max_poll_records, group.commit_interval), (50, seconds(1.5)), "{poll}");
    }
}

/// "none" leaves a quantity out, on every table, with a preset and without one.
#[test]
fn none_is_left_out() {
    let keys = |key: &str| format!("{key} = \"none\"\n");
    let of_queue = [
        "visibility_timeout",
        "max_deliveries",
        "ttl",
        "capacity",
        "delivery_delay",
        "max_in_flight",
        "capacity_bytes",
        "scan_depth",
        "session_idle",
        "dedup_window",
        "publish_limit",
        "deliver_limit",
        "operation_limit",
        "duplicate_delivery",
        "lease_check",
        "lease_extension",
        "log_length",
        "memory_alarm",
        "receive_wait",
    ];
    let of_stream = ["retention", "retention_bytes", "publish_limit", "deliver_limit"];
    let of_consumer = ["poll", "timeout"];
    let of_group = [
        "session_timeout",
        "heartbeat_interval",
        "max_poll_interval",
        "max_poll_records",
        "fetch_min_bytes",
        "fetch_wait",
        "commit_interval",
        "rebalance_delay",
        "max_record_age",
        "parallelization",
    ];
    let validator = jsonschema::validator_for(&schema()).unwrap_or_else(|error| panic!("{error}"));
    let takes = |text: &str| {
        let value: toml::Value = toml::from_str(text).unwrap_or_else(|error| panic!("{error}"));
        assert!(validator.is_valid(&serde_json::to_value(value).unwrap_or_default()), "{text}");
        sound(text)
    };
    let consumer: String = of_consumer.into_iter().chain(["prefetch", "receive", "heartbeat"]).map(keys).collect();
    let group: String = of_consumer.into_iter().chain(of_group).map(keys).collect();
    for broker in ["generic", "sqs"] {
        let queue: String = of_queue.into_iter().map(keys).collect();
        let text = BASE.replace("[queue.orders]", &format!("[queue.orders]\nbroker = \"{broker}\"\n{queue}"));
        let scenario = takes(&(text + &consumer));
        let queue = &scenario.queues[0];
        assert_eq!((queue.capacity, queue.max_in_flight, queue.visibility_timeout), (None, None, None), "{broker}");
        assert_eq!((queue.max_deliveries, &queue.ttl, queue.traits.lease_extension), (None, &None, None), "{broker}");
        assert_eq!((scenario.consumers[0].prefetch, scenario.consumers[0].receive), (None, None), "{broker}");
    }
    for broker in ["generic", "kafka"] {
        let stream: String = of_stream.into_iter().map(keys).collect();
        let text = BASE.replace("[queue.orders]", &format!("[stream.orders]\nbroker = \"{broker}\"\n{stream}"));
        let scenario = takes(&(text + &group));
        assert_eq!((scenario.streams[0].retention, scenario.streams[0].retention_bytes), (None, None), "{broker}");
        let rules = scenario.consumers[0].group.as_ref().expect("a group");
        assert_eq!((rules.max_poll_interval, rules.max_poll_records), (None, 1), "{broker}");
    }
}

#[test]
fn what_is_needed_or_has_a_default_is_not_left_out() {
    for (from, to) in [
        ("rate = \"10/s\"", "rate = \"none\""),
        ("service = \"50ms\"", "service = \"none\""),
        ("service = \"50ms\"", "service = \"50ms\"\nconcurrency = \"none\""),
        ("duration = \"10m\"", "duration = \"none\""),
    ] {
        assert!(parse(&BASE.replace(from, to)).is_err(), "{to}");
    }
}
