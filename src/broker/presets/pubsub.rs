//! Google Cloud Pub/Sub: subscriptions as queues, and topics.

use crate::broker::{BrokerMetric, Fact, Form, Preset, Setting, Shape};

const AS_OF: &str = "2026-11";

pub(super) const QUEUE: Preset = Preset {
    name: "pubsub",
    shape: Shape::Queue,
    title: "Google Cloud Pub/Sub, one pull subscription",
    version: "API v1, Python client 2.44",
    as_of: AS_OF,
    own: &[
        Fact::new("visibility_timeout", Setting::Text("10s"), "P-SUB")
            .named(&[("ackDeadlineSeconds", Form::Seconds)])
            .range("10s to 10m"),
        Fact::new("lease_extension", Setting::Text("1h"), "P-PY")
            .named(&[("max_lease_duration", Form::Seconds)])
            .range("of the client library"),
        Fact::new("stale_ack", Setting::Text("accepted"), "P-EOD")
            .named(&[("enableExactlyOnceDelivery", Form::Words(&[("true", "rejected"), ("false", "accepted")]))])
            .range("with exactly-once delivery only the latest ack id works"),
        Fact::new("on_nack", Setting::Text("requeue"), "P-RET")
            .range("at once without a retry policy; one of its own is the consumer's `retry`"),
        Fact::new("max_deliveries", Setting::Number(5), "P-DLQ")
            .named(&[("maxDeliveryAttempts", Form::Same)])
            .only_with("dead_letter")
            .range("5 to 100"),
        Fact::new("dead_letter", Setting::Unset, "P-DLQ")
            .named(&[("deadLetterTopic", Form::Same)])
            .range("name a queue that stands for the topic's subscription"),
        Fact::new("ttl", Setting::Text("7d"), "P-SUB")
            .named(&[("messageRetentionDuration", Form::Same)])
            .range("10m to 31d"),
        Fact::new("order", Setting::Unset, "P-SUB")
            .named(&[("enableMessageOrdering", Form::Words(&[("true", "key"), ("false", "fifo")]))])
            .range("off unless asked for; the key is the ordering key"),
    ],
    consumer: &[
        Fact::assumed("heartbeat", Setting::Text("5s")).range("how often the client library extends; it adapts"),
        Fact::new("prefetch", Setting::Number(1_000), "P-PY")
            .named(&[("max_messages", Form::Same), ("max_outstanding_messages", Form::Same)])
            .range("flow control of the client library, which also stops at 100 MiB"),
    ],
    producer: &[],
    subscriber: &[],
    metrics: &[
        BrokerMetric::new("num_undelivered_messages", &["backlog"]),
        BrokerMetric::new("oldest_unacked_message_age", &["oldest_age_s"]),
    ],
    not_modelled: &[
        "A redelivery with ordering does not deliver the later messages of its key again.",
        "Deadlines and delivery counts are exact, while the real ones are best effort.",
        "The client's deadline does not adapt to past times of acknowledgement, and its byte limit is left out.",
        "Push and export subscriptions, and quotas on regions and on ordering keys, are left out.",
    ],
};

pub(super) const TOPIC: Preset = Preset {
    name: "pubsub",
    shape: Shape::Topic,
    title: "Google Cloud Pub/Sub, topic",
    version: "API v1",
    as_of: AS_OF,
    own: &[Fact::new("publish_limit", Setting::Unset, "P-Q").range("quotas are in bytes per second of a region")],
    consumer: &[],
    producer: &[],
    subscriber: &[],
    metrics: &[],
    not_modelled: &[
        "A subscription is a queue: give it broker = \"pubsub\" for its deadline and its client's flow control.",
        "Batching by the publisher and quotas are left out; there is no deduplication of publishes in Pub/Sub either.",
    ],
};
