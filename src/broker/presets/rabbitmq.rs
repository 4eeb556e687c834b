//! RabbitMQ: classic and quorum queues, fanout exchanges, streams.

use crate::broker::{BrokerMetric, Fact, Form, Preset, Setting, Shape};

const AS_OF: &str = "2026-11";

const TTL: Fact = Fact::new("ttl", Setting::Unset, "R-TTL")
    .named(&[("x-message-ttl", Form::Milliseconds), ("message-ttl", Form::Milliseconds)]);
const TTL_AT: Fact = Fact::new("ttl_at", Setting::Text("head"), "R-TTL");
const CAPACITY: Fact = Fact::new("capacity", Setting::Unset, "R-ML")
    .named(&[("x-max-length", Form::Same), ("max-length", Form::Same)])
    .range("counts ready messages only");
const CAPACITY_BYTES: Fact = Fact::new("capacity_bytes", Setting::Unset, "R-ML")
    .named(&[("x-max-length-bytes", Form::Bytes), ("max-length-bytes", Form::Bytes)])
    .range("counts ready messages only");
const DEAD_LETTER: Fact = Fact::new("dead_letter", Setting::Unset, "R-DLX")
    .named(&[("x-dead-letter-exchange", Form::Same), ("dead-letter-exchange", Form::Same)])
    .range("name the queue that the exchange leads to");
const DEAD_LETTER_EXPIRED: Fact =
    Fact::new("dead_letter_expired", Setting::Flag(true), "R-DLX").only_with("dead_letter");
const DEAD_LETTER_OVERFLOW: Fact =
    Fact::new("dead_letter_overflow", Setting::Flag(true), "R-DLX").only_with("dead_letter");
/// Without `only_with`: the bound may be one of messages or of bytes, and without a bound the word means nothing.
const OVERFLOW: Fact = Fact::new("overflow", Setting::Text("drop-head"), "R-ML")
    .named(&[(
        "x-overflow",
        Form::Words(&[
            ("reject-publish", "reject"),
            ("reject-publish-dlx", "reject-dead-letter"),
            ("drop-head", "drop-head"),
        ]),
    )])
    .range("drop-head, reject-publish, reject-publish-dlx");
const SINGLE_ACTIVE: Fact =
    Fact::new("single_active", Setting::Unset, "R-CO").named(&[("x-single-active-consumer", Form::Same)]);
const MEMORY_ALARM: Fact = Fact::new("memory_alarm", Setting::Unset, "R-MEM")
    .named(&[("vm_memory_high_watermark.absolute", Form::Same)])
    .range("the broker's own default is 0.6 of the machine's memory");

const METRICS: &[BrokerMetric] = &[
    BrokerMetric::new("messages_ready", &["ready"]),
    BrokerMetric::new("messages_unacknowledged", &["in_flight"]),
    BrokerMetric::new("messages", &["ready", "in_flight"]),
];

pub(super) const CLASSIC: Preset = Preset {
    name: "rabbitmq",
    shape: Shape::Queue,
    title: "RabbitMQ, classic queue",
    version: "4.3",
    as_of: AS_OF,
    own: &[
        TTL,
        TTL_AT,
        CAPACITY,
        CAPACITY_BYTES,
        OVERFLOW,
        DEAD_LETTER,
        DEAD_LETTER_EXPIRED,
        DEAD_LETTER_OVERFLOW,
        Fact::new("redelivery", Setting::Text("head"), "R-CF").range("the original place, where that is possible"),
        SINGLE_ACTIVE,
        MEMORY_ALARM,
    ],
    consumer: &[Fact::new("prefetch", Setting::Number(1_000_000), "R-PF")
        .named(&[("prefetch_count", Form::ZeroMeans(1_000_000))])
        .range("0 = no limit, the default: everything is handed over at once")],
    producer: &[],
    subscriber: &[],
    metrics: METRICS,
    not_modelled: &[
        "Classic queues of this version have no acknowledgement timeout, so a stuck consumer keeps its messages.",
        "The memory alarm covers this queue alone; a real one stops the publishers of a whole cluster.",
        "The disk alarm, flow control and the latency of publisher confirms are left out.",
        "Messages reach the dead-letter queue without fail; the real transfer may lose some when a node dies.",
    ],
};

pub(super) const QUORUM: Preset = Preset {
    name: "rabbitmq-quorum",
    shape: Shape::Queue,
    title: "RabbitMQ, quorum queue",
    version: "4.3",
    as_of: AS_OF,
    own: &[
        Fact::new("on_crash", Setting::Text("requeue"), "R-CF")
            .range("a closed connection returns what it held at once"),
        Fact::new("visibility_timeout", Setting::Text("30m"), "R-CO")
            .named(&[("consumer_timeout", Form::Milliseconds), ("x-consumer-timeout", Form::Milliseconds)])
            .range("the acknowledgement timeout; since 4.3 only quorum queues enforce it"),
        Fact::new("lease_check", Setting::Text("1m"), "R-CO"),
        Fact::assumed("stale_ack", Setting::Text("rejected")),
        Fact::new("max_deliveries", Setting::Number(21), "R-QQ")
            .named(&[("x-delivery-limit", Form::Redeliveries), ("delivery-limit", Form::Redeliveries)])
            .range("delivery-limit 20 means 20 redeliveries; -1 = no limit"),
        Fact::new("delivery_count", Setting::Words(&["crash"]), "R-QQ")
            .range("since 4.3 a negative acknowledgement and a timeout count no more"),
        TTL,
        TTL_AT,
        CAPACITY,
        CAPACITY_BYTES,
        OVERFLOW,
        DEAD_LETTER,
        DEAD_LETTER_EXPIRED,
        DEAD_LETTER_OVERFLOW,
        Fact::new("redelivery", Setting::Text("head"), "R-QQ").range("a list of its own, served first"),
        SINGLE_ACTIVE,
        MEMORY_ALARM,
    ],
    consumer: &[Fact::new("prefetch", Setting::Number(2_000), "R-CF")
        .named(&[("prefetch_count", Form::ZeroMeans(2000))])
        .range("0 = no limit, which is 2000 here; 100 to 300 are recommended")],
    producer: &[],
    subscriber: &[],
    metrics: METRICS,
    not_modelled: &[
        "Every failed attempt is taken as basic.nack, which does not count; basic.reject would.",
        "Delayed retry (off by default) is written as the consumer's `retry` instead.",
        "Replicas, elections and the hold on messages of a suspected node are left out.",
        "The queue never overshoots its bound, and reject-publish-dlx, which quorum queues lack, is not refused.",
        "At-least-once dead-lettering is what every dead-letter queue does here.",
        "The memory alarm covers this queue alone; a real one stops the publishers of a whole cluster.",
    ],
};

pub(super) const FANOUT: Preset = Preset {
    name: "rabbitmq-fanout",
    shape: Shape::Topic,
    title: "RabbitMQ, fanout exchange with classic queues bound to it",
    version: "4.3",
    as_of: AS_OF,
    own: &[],
    consumer: &[],
    producer: &[],
    subscriber: &[TTL_AT, OVERFLOW, DEAD_LETTER_EXPIRED, DEAD_LETTER_OVERFLOW],
    metrics: &[],
    not_modelled: &[
        "A bound queue that should have the prefetch of RabbitMQ needs broker = \"rabbitmq\" of its own.",
        "A full queue that refuses loses its own copy; a publisher with confirms would see the whole publish refused.",
        "Topic and header exchanges are a subscription's `share`.",
    ],
};

pub(super) const STREAM: Preset = Preset {
    name: "rabbitmq-stream",
    shape: Shape::Stream,
    title: "RabbitMQ, stream or super stream",
    version: "4.3",
    as_of: AS_OF,
    own: &[
        Fact::new("retention", Setting::Unset, "R-ST")
            .named(&[("x-max-age", Form::Same), ("max-age", Form::Same)])
            .range("none by default"),
        Fact::new("retention_bytes", Setting::Unset, "R-ST")
            .named(&[("x-max-length-bytes", Form::Bytes), ("max-length-bytes", Form::Bytes)])
            .range("none by default; of one partition of a super stream"),
    ],
    consumer: &[
        Fact::new("assignment", Setting::Text("server"), "R-ST").range("single active consumer of each partition"),
        Fact::assumed("offset_reset", Setting::Text("earliest")),
    ],
    producer: &[],
    subscriber: &[],
    metrics: &[BrokerMetric::new("rabbitmq_stream_consumer_max_offset_lag", &["lag"])],
    not_modelled: &[
        "Records are handed over one by one, while the real credit is one of chunks.",
        "Retention removes single records; RabbitMQ drops whole segments of 500 MB.",
        "Deduplication by publishing id is left out, as is the pause of a publisher at 50000 unconfirmed messages.",
        "Independent readers are consumers of their own here, each with a group of its own.",
        "Replicas and the quorum of their confirms are left out.",
    ],
};
