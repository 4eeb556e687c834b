//! Apache Kafka: consumer groups of both protocols.

use crate::broker::{BrokerMetric, Fact, Form, Preset, Setting, Shape};

const AS_OF: &str = "2026-11";

const OWN: &[Fact] = &[
    Fact::new("partitions", Setting::Number(1), "K-39").named(&[("num.partitions", Form::Same)]),
    Fact::new("retention", Setting::Text("7d"), "K-39")
        .named(&[("retention.ms", Form::Milliseconds), ("log.retention.ms", Form::Milliseconds)]),
    Fact::new("retention_bytes", Setting::Unset, "K-39")
        .named(&[("retention.bytes", Form::Bytes), ("log.retention.bytes", Form::Bytes)])
        .range("of one partition"),
];

const MAX_POLL_INTERVAL: Fact = Fact::new("max_poll_interval", Setting::Text("5m"), "K-CONS")
    .named(&[("max.poll.interval.ms", Form::Milliseconds)])
    .range("a hung member is put out after it");
const MAX_POLL_RECORDS: Fact =
    Fact::new("max_poll_records", Setting::Number(500), "K-CONS").named(&[("max.poll.records", Form::Same)]);
const FETCH_WAIT: Fact =
    Fact::new("fetch_wait", Setting::Text("500ms"), "K-CONS").named(&[("fetch.max.wait.ms", Form::Milliseconds)]);
const FETCH_MIN_BYTES: Fact =
    Fact::new("fetch_min_bytes", Setting::Text("1 B"), "K-CONS").named(&[("fetch.min.bytes", Form::Bytes)]);
const COMMIT_INTERVAL: Fact = Fact::new("commit_interval", Setting::Text("5s"), "K-CONS")
    .named(&[("auto.commit.interval.ms", Form::Milliseconds)])
    .range("with enable.auto.commit, the default");
const OFFSET_RESET: Fact = Fact::new("offset_reset", Setting::Text("latest"), "K-CONS")
    .named(&[("auto.offset.reset", Form::Same)])
    .range("latest, earliest");
const REBALANCE_DELAY: Fact = Fact::new("rebalance_delay", Setting::Unset, "K-GRP")
    .named(&[("group.initial.rebalance.delay.ms", Form::Milliseconds)])
    .range("3s in Kafka, and only for the first members of an empty group");
const STATIC_MEMBERSHIP: Fact =
    Fact::new("static_membership", Setting::Unset, "K-CONS").range("true where every member has a group.instance.id");

const PRODUCER: &[Fact] = &[Fact::new("batch_size", Setting::Text("16 KiB"), "K-PROD")
    .named(&[("batch.size", Form::Bytes)])
    .range("records without a key stay with one partition for so long")];

const METRICS: &[BrokerMetric] = &[BrokerMetric::new("records-lag", &["lag"])];

pub(super) const CLASSIC: Preset = Preset {
    name: "kafka",
    shape: Shape::Stream,
    title: "Apache Kafka, consumer groups of the classic protocol",
    version: "4.x",
    as_of: AS_OF,
    own: OWN,
    consumer: &[
        Fact::new("assignment", Setting::Text("eager"), "K-CONS")
            .named(&[(
                "partition.assignment.strategy",
                Form::Words(&[
                    ("range", "eager"),
                    ("RangeAssignor", "eager"),
                    ("org.apache.kafka.clients.consumer.RangeAssignor", "eager"),
                    ("roundrobin", "eager"),
                    ("RoundRobinAssignor", "eager"),
                    ("org.apache.kafka.clients.consumer.RoundRobinAssignor", "eager"),
                    ("sticky", "eager"),
                    ("StickyAssignor", "eager"),
                    ("org.apache.kafka.clients.consumer.StickyAssignor", "eager"),
                    ("cooperative-sticky", "cooperative"),
                    ("CooperativeStickyAssignor", "cooperative"),
                    ("org.apache.kafka.clients.consumer.CooperativeStickyAssignor", "cooperative"),
                ]),
            )])
            .range("the default list, range before cooperative-sticky, works as range"),
        STATIC_MEMBERSHIP,
        Fact::new("session_timeout", Setting::Text("45s"), "K-CONS")
            .named(&[("session.timeout.ms", Form::Milliseconds)])
            .range("6s to 30m"),
        Fact::new("heartbeat_interval", Setting::Text("3s"), "K-CONS")
            .named(&[("heartbeat.interval.ms", Form::Milliseconds)]),
        MAX_POLL_INTERVAL,
        MAX_POLL_RECORDS,
        FETCH_WAIT,
        FETCH_MIN_BYTES,
        COMMIT_INTERVAL,
        OFFSET_RESET,
        REBALANCE_DELAY,
    ],
    producer: PRODUCER,
    subscriber: &[],
    metrics: METRICS,
    not_modelled: &[
        "Brokers, replicas, leaders and acknowledgements by in-sync replicas are left out; so are quotas.",
        "Batching by the producer costs no time: linger.ms, buffer.memory and delivery.timeout.ms are left out.",
        "Byte limits of a fetch are left out; a fetch brings up to max.poll.records of one member.",
        "Retention removes single records, not whole segments; compaction and transactions are left out.",
        "A group without committed offsets starts at the oldest record unless the consumer's `start` says otherwise.",
    ],
};

pub(super) const KIP848: Preset = Preset {
    name: "kafka-kip848",
    shape: Shape::Stream,
    title: "Apache Kafka, consumer groups of the protocol of KIP-848",
    version: "4.x",
    as_of: AS_OF,
    own: OWN,
    consumer: &[
        Fact::new("assignment", Setting::Text("server"), "K-REB").range("group.protocol = consumer"),
        STATIC_MEMBERSHIP,
        Fact::new("session_timeout", Setting::Text("45s"), "K-GRP")
            .named(&[("group.consumer.session.timeout.ms", Form::Milliseconds)])
            .range("45s to 60s, set by the broker"),
        Fact::new("heartbeat_interval", Setting::Text("5s"), "K-GRP")
            .named(&[("group.consumer.heartbeat.interval.ms", Form::Milliseconds)])
            .range("5s to 15s, set by the broker"),
        MAX_POLL_INTERVAL,
        MAX_POLL_RECORDS,
        FETCH_WAIT,
        FETCH_MIN_BYTES,
        COMMIT_INTERVAL,
        OFFSET_RESET,
    ],
    producer: PRODUCER,
    subscriber: &[],
    metrics: METRICS,
    not_modelled: &[
        "The pause between two assignments, 1s at the broker, is left out.",
        "Brokers, replicas, leaders and acknowledgements by in-sync replicas are left out; so are quotas.",
        "Batching by the producer costs no time: linger.ms, buffer.memory and delivery.timeout.ms are left out.",
        "Byte limits of a fetch are left out; a fetch brings up to max.poll.records of one member.",
        "Retention removes single records, not whole segments; compaction and transactions are left out.",
        "A group without committed offsets starts at the oldest record unless the consumer's `start` says otherwise.",
    ],
};

pub(super) const SHARE: Preset = Preset {
    name: "kafka-share",
    shape: Shape::Queue,
    title: "Apache Kafka, a share group on one partition (KIP-932)",
    version: "4.x, trunk of 2026",
    as_of: AS_OF,
    own: &[
        Fact::new("visibility_timeout", Setting::Text("30s"), "K-SGC")
            .named(&[
                ("group.share.record.lock.duration.ms", Form::Milliseconds),
                ("share.record.lock.duration.ms", Form::Milliseconds),
                ("record.lock.duration.ms", Form::Milliseconds),
            ])
            .range("15s to 60s"),
        Fact::assumed("stale_ack", Setting::Text("rejected")),
        Fact::new("on_nack", Setting::Text("requeue"), "K-1222").range("a released record is free at once"),
        Fact::new("max_deliveries", Setting::Number(5), "K-SGC")
            .named(&[
                ("group.share.delivery.count.limit", Form::Same),
                ("share.delivery.count.limit", Form::Same),
                ("delivery.count.limit", Form::Same),
            ])
            .range("2 to 10"),
        Fact::new("dead_letter", Setting::Unset, "K-44")
            .named(&[("errors.deadletterqueue.topic.name", Form::Same)])
            .range("since 4.4; without it records are dropped"),
        Fact::new("max_in_flight", Setting::Number(2_000), "K-SGC")
            .named(&[
                ("group.share.partition.max.record.locks", Form::Same),
                ("share.partition.max.record.locks", Form::Same),
                ("partition.max.record.locks", Form::Same),
            ])
            .range("of one partition: multiply by the partitions that the queue stands for"),
        Fact::new("ttl", Setting::Text("7d"), "K-39").named(&[("retention.ms", Form::Milliseconds)]),
    ],
    consumer: &[Fact::assumed("receive", Setting::Number(500))
        .named(&[("max.poll.records", Form::Same)])
        .range("the locks of all records of a fetch start together")],
    producer: &[],
    subscriber: &[],
    metrics: &[BrokerMetric::new("LAG of kafka-share-groups", &["ready", "in_flight", "delayed"])],
    not_modelled: &[
        "The queue is one partition: records do not lie apart by key, and one limit on locks rules them all.",
        "Renewal of a lock (KIP-1222) is the consumer's `heartbeat`, which is off unless written.",
        "The limit of 200 members in a share group is left out.",
    ],
};
