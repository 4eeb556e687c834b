//! Keys that would change nothing: a mistake where somebody wrote them, but not where a preset says them.

use super::{BASE, QUEUE, SERVICE, differs};
use crate::scenario::tests::parse;

#[test]
fn keys_that_would_change_nothing() {
    let rows = [
        ("on_crash = \"requeue\"", "6:12", "`on_crash`", "without a lease"),
        ("visibility_timeout = \"30s\"\nlease_extension = \"1h\"", "7:19", "`lease_extension`", "`heartbeat`"),
        ("receive_wait = \"20s\"", "6:16", "`receive_wait`", "`poll`"),
        ("in_flight_includes_delayed = true", "6:30", "`in_flight_includes_delayed`", "`max_in_flight`"),
        ("delivery_count = [\"crash\"]", "6:18", "`delivery_count`", "`max_deliveries`"),
        ("dead_letter = \"d\"\ndead_letter_expired = true", "7:23", "`dead_letter_expired`", "`ttl`"),
        ("dead_letter = \"d\"\ndead_letter_overflow = true", "7:24", "`dead_letter_overflow`", "drop-head"),
        ("dead_letter = \"d\"\ndead_letter_clock = \"original\"", "7:21", "`dead_letter_clock`", "with a `ttl`"),
    ];
    let of_queues = rows.map(|(lines, at, key, way_out)| {
        let text = BASE.replace(QUEUE, &format!("{QUEUE}\n{lines}"));
        differs(&text, at, &format!("{key} would change nothing here"), way_out)
    });
    let stream = BASE.replace(QUEUE, "[stream.orders]\npartitions = 4");
    let rows = [
        ("offset_reset = \"latest\"", "10:16", "`offset_reset`", "`retention`"),
        ("fan_out = \"enhanced\"", "10:11", "`fan_out`", "`partition_limit`"),
    ];
    let of_groups = rows.map(|(line, at, key, way_out)| {
        let text = stream.replace(SERVICE, &format!("{SERVICE}\n{line}"));
        differs(&text, at, &format!("{key} would change nothing here"), way_out)
    });
    let wrong: Vec<String> = of_queues.into_iter().chain(of_groups).flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_presets_say_is_nobodys_mistake() {
    for broker in ["sqs", "rabbitmq", "rabbitmq-quorum", "pubsub", "jetstream", "service-bus", "redis-stream"] {
        assert!(parse(&BASE.replace(QUEUE, &format!("{QUEUE}\nbroker = \"{broker}\""))).is_ok(), "{broker}");
    }
    let stream = |broker: &str| BASE.replace(QUEUE, &format!("[stream.orders]\nbroker = \"{broker}\""));
    for broker in ["kafka", "kafka-kip848", "kinesis", "event-hubs", "rabbitmq-stream"] {
        assert!(parse(&stream(broker)).is_ok(), "{broker}");
    }
}
