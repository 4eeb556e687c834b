//! NATS: JetStream's consumers as work queues, and core NATS subjects as topics.

use crate::broker::{BrokerMetric, Fact, Form, Preset, Setting, Shape};

pub(super) const QUEUE: Preset = Preset {
    name: "jetstream",
    shape: Shape::Queue,
    title: "NATS JetStream, one durable consumer of a stream",
    version: "server source of 2026",
    as_of: "2026-11",
    own: &[
        Fact::new("visibility_timeout", Setting::Text("30s"), "J-SRC").named(&[("ack_wait", Form::Same)]),
        Fact::new("stale_ack", Setting::Text("accepted"), "J-MD"),
        Fact::new("withdraw", Setting::Flag(false), "J-MD")
            .range("a copy that waits for redelivery is delivered although the late ack counted"),
        Fact::new("on_nack", Setting::Text("requeue"), "J-C").range("at once, unless the nack asks for a delay"),
        Fact::new("max_deliveries", Setting::Unset, "J-SRC")
            .named(&[("max_deliver", Form::CountOrUnlimited)])
            .range("-1 = no limit, the default"),
        Fact::new("max_in_flight", Setting::Number(1_000), "J-SRC")
            .named(&[("max_ack_pending", Form::CountOrUnlimited)])
            .range("over all subscribers together"),
        Fact::new("in_flight_includes_delayed", Setting::Flag(true), "J-C"),
        Fact::new("log_length", Setting::Unset, "J-S")
            .named(&[("max_msgs", Form::CountOrUnlimited)])
            .range("with discard = old, the default; -1 = no bound"),
        Fact::new("ttl", Setting::Unset, "J-S").named(&[("max_age", Form::Same)]).range("0 = for ever, the default"),
        Fact::new("dedup_window", Setting::Text("2m"), "J-MD").named(&[("duplicate_window", Form::Same)]),
    ],
    consumer: &[],
    producer: &[],
    subscriber: &[],
    metrics: &[
        BrokerMetric::new("num_pending", &["ready"]),
        BrokerMetric::new("num_ack_pending", &["in_flight", "delayed"]),
    ],
    not_modelled: &[
        "A delayed NAK comes back behind what waits, unless the consumer's `retry` says position = \"head\".",
        "The `backoff` list of a consumer is left out: the lease has one length.",
        "A message at its delivery limit leaves the queue; JetStream keeps it in the stream and sends an advisory.",
        "With discard = new write `capacity` and overflow = \"reject\", which bound the ready messages alone.",
        "The limit on waiting pull requests, limits by subject, and what the server buffers for its disk are left out.",
    ],
};

pub(super) const TOPIC: Preset = Preset {
    name: "nats",
    shape: Shape::Topic,
    title: "core NATS, a subject without persistence",
    version: "clients of 2026",
    as_of: "2026-11",
    own: &[],
    consumer: &[],
    producer: &[],
    subscriber: &[
        Fact::new("at_most_once", Setting::Flag(true), "N-CORE"),
        Fact::new("capacity", Setting::Number(500_000), "N-GO")
            .secondary()
            .named(&[("pending_limit", Form::CountOrUnlimited), ("pending_msgs_limit", Form::CountOrUnlimited)])
            .range("pending limit of the Go client; 1024 in .NET"),
        Fact::new("overflow", Setting::Text("drop-new"), "N-SLOW"),
    ],
    metrics: &[],
    not_modelled: &[
        "The limit on pending bytes of a subscription is left out; so is the server's cutting off of slow clients.",
        "Queue groups are the consumers of one queue that subscribes.",
    ],
};
