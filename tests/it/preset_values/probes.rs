//! For each key, values that differ from what presets ship, and what must stand around it for it to matter.

/// Where a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Queue,
    Topic,
    Stream,
    /// The queue that subscribes to a topic.
    Subscriber,
    QueueConsumer,
    StreamConsumer,
    Producer,
}

pub(super) struct Probe {
    pub(super) key: &'static str,
    pub(super) parts: &'static [Part],
    /// As TOML; the first one that is not the preset's own is taken.
    pub(super) alternatives: &'static [&'static str],
    /// Lines for the queue, topic or stream; for a topic's subscriber, those of the queue.
    pub(super) own: &'static str,
    pub(super) consumer: &'static str,
    pub(super) producer: &'static str,
}

const QUEUES: &[Part] = &[Part::Queue, Part::Subscriber];

const fn probe(key: &'static str, parts: &'static [Part], alternatives: &'static [&'static str]) -> Probe {
    Probe { key, parts, alternatives, own: "", consumer: "", producer: "" }
}

impl Probe {
    const fn own(self, own: &'static str) -> Probe {
        Probe { own, ..self }
    }

    const fn consumer(self, consumer: &'static str) -> Probe {
        Probe { consumer, ..self }
    }

    const fn producer(self, producer: &'static str) -> Probe {
        Probe { producer, ..self }
    }
}

const FLAG: &[&str] = &["true", "false"];
/// A client that loses patience publishes the same message again.
const IMPATIENT: &str = "reply = { timeout = \"2s\", retry = { max_attempts = 3 } }\n";

pub(super) const PROBES: &[Probe] = &[
    probe("visibility_timeout", QUEUES, &["\"2s\""]),
    probe("lease_extension", QUEUES, &["\"4s\""]).own("visibility_timeout = \"3s\"\n").consumer("heartbeat = \"2s\"\n"),
    probe("stale_ack", QUEUES, &["\"rejected\"", "\"accepted\""]).own("visibility_timeout = \"2s\"\n"),
    probe("withdraw", QUEUES, FLAG).own("visibility_timeout = \"2s\"\n"),
    probe("lease_check", QUEUES, &["\"7s\""]).own("visibility_timeout = \"2s\"\n"),
    probe("on_nack", QUEUES, &["\"requeue\"", "\"lease\""]),
    probe("on_crash", QUEUES, &["\"lease\"", "\"requeue\""]),
    probe("redelivery", QUEUES, &["\"head\"", "\"tail\""]),
    probe("max_deliveries", QUEUES, &["1"]),
    probe("delivery_count", QUEUES, &["[\"nack\"]"]).own("max_deliveries = 2\n"),
    probe("dead_letter", QUEUES, &["\"other\""]).own("max_deliveries = 2\n"),
    probe("dead_letter_clock", QUEUES, &["\"reset\"", "\"original\""]).own("max_deliveries = 2\n"),
    probe("dead_letter_expired", QUEUES, FLAG).own("ttl = \"3s\"\ndead_letter = \"dlq\"\n"),
    probe("dead_letter_overflow", QUEUES, FLAG).own("capacity = 10\noverflow = \"drop-head\"\ndead_letter = \"dlq\"\n"),
    probe("ttl", QUEUES, &["\"3s\""]),
    probe("ttl_at", QUEUES, &["\"any\"", "\"head\""]).own("ttl = { exp = \"20s\" }\n"),
    probe("max_in_flight", QUEUES, &["3"]),
    probe("in_flight_includes_delayed", QUEUES, FLAG)
        .own("max_in_flight = 5\n")
        .consumer("retry = { backoff = \"5s\" }\n"),
    probe("receive_wait", QUEUES, &["\"10s\""]),
    probe("delivery_delay", QUEUES, &["\"2s\""]),
    probe("duplicate_delivery", QUEUES, &["0.1"]),
    probe("order", QUEUES, &["\"session\"", "\"key\""]),
    probe("scan_depth", QUEUES, &["1"]),
    probe("dedup_window", QUEUES, &["\"1s\""]).producer(IMPATIENT),
    probe("dedup_window", &[Part::Topic], &["\"5s\""]).producer("duplicate = 0.1\n"),
    probe("publish_limit", &[Part::Queue, Part::Topic, Part::Stream], &["\"7/s\""]),
    probe("deliver_limit", &[Part::Queue, Part::Stream], &["\"7/s\""]),
    probe("operation_limit", QUEUES, &["\"15/s\""]),
    probe("capacity", QUEUES, &["10"]),
    probe("capacity_bytes", QUEUES, &["\"20 KB\""]),
    probe("overflow", QUEUES, &["\"reject\"", "\"drop-new\""]).own("capacity = 10\n"),
    probe("log_length", QUEUES, &["20"]),
    probe("single_active", QUEUES, &["true"]),
    probe("memory_alarm", QUEUES, &["\"20 KB\""]),
    probe("at_most_once", QUEUES, FLAG),
    probe("receive", &[Part::QueueConsumer], &["10"]),
    probe("poll", &[Part::QueueConsumer, Part::StreamConsumer], &["\"900ms\""]),
    // Longer than the lease, it comes too late to extend it.
    probe("heartbeat", &[Part::QueueConsumer], &["\"50s\""]).own("visibility_timeout = \"35s\"\n"),
    probe("prefetch", &[Part::QueueConsumer], &["3"]),
    probe("delivery_retry", &[Part::Topic], &["[{ attempts = 2, from = \"3s\" }]"]),
    probe("partitions", &[Part::Stream], &["3"]),
    probe("retention", &[Part::Stream], &["\"5s\""]),
    probe("retention_bytes", &[Part::Stream], &["\"20 KB\""]),
    probe("partition_limit", &[Part::Stream], &["{ write = \"3/s\" }"]),
    probe("assignment", &[Part::StreamConsumer], &["\"cooperative\"", "\"eager\""]),
    probe("static_membership", &[Part::StreamConsumer], &["true"]),
    probe("session_timeout", &[Part::StreamConsumer], &["\"7s\""]).consumer("heartbeat_interval = \"1s\"\n"),
    probe("heartbeat_interval", &[Part::StreamConsumer], &["\"1s\""]),
    probe("max_poll_interval", &[Part::StreamConsumer], &["\"10s\""]),
    probe("max_poll_records", &[Part::StreamConsumer], &["2"]),
    probe("fetch_wait", &[Part::StreamConsumer], &["\"3s\""]).consumer("fetch_min_bytes = \"20 KB\"\n"),
    probe("fetch_min_bytes", &[Part::StreamConsumer], &["\"20 KB\""]),
    probe("commit_interval", &[Part::StreamConsumer], &["\"20s\""]),
    probe("offset_reset", &[Part::StreamConsumer], &["\"latest\"", "\"earliest\""]).own("retention = \"5s\"\n"),
    probe("rebalance_delay", &[Part::StreamConsumer], &["\"5s\""]),
    probe("max_record_age", &[Part::StreamConsumer], &["\"1s\""]),
    probe("bisect", &[Part::StreamConsumer], &["true"]).consumer("batch = { size = 8 }\n"),
    probe("parallelization", &[Part::StreamConsumer], &["3"]),
    probe("fan_out", &[Part::StreamConsumer], &["\"enhanced\""]),
    // Of messages of 2 KB.
    probe("billing", &[Part::Queue, Part::Topic, Part::Stream], &["{ chunk = \"1 KB\" }"]),
    probe("batch_size", &[Part::Producer], &["\"1 KB\""]),
];
