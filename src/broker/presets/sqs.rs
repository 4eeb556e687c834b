//! Amazon SQS: standard and FIFO queues.

use crate::broker::{BrokerMetric, Fact, Form, Preset, Setting, Shape};

const AS_OF: &str = "2026-11";

const VISIBILITY_TIMEOUT: Fact = Fact::new("visibility_timeout", Setting::Text("30s"), "S-API")
    .named(&[("VisibilityTimeout", Form::Seconds)])
    .range("0s to 12h");
/// SQS knows no refusal: a consumer that fails simply does not delete.
const ON_NACK: Fact = Fact::new("on_nack", Setting::Text("lease"), "S-API")
    .range("at once where the consumer sets the message's visibility to 0");
const MAX_DELIVERIES: Fact = Fact::new("max_deliveries", Setting::Number(10), "S-API")
    .named(&[("maxReceiveCount", Form::Same)])
    .only_with("dead_letter");
const DEAD_LETTER: Fact = Fact::new("dead_letter", Setting::Unset, "S-API")
    .named(&[("deadLetterTargetArn", Form::Same)])
    .range("name the queue, not its ARN");
const TTL: Fact = Fact::new("ttl", Setting::Text("4d"), "S-API")
    .named(&[("MessageRetentionPeriod", Form::Seconds)])
    .range("60s to 14d");
const IN_FLIGHT_DELAYED: Fact = Fact::new("in_flight_includes_delayed", Setting::Flag(true), "S-API")
    .range("a message that waits out its visibility is in flight");
const RECEIVE_WAIT: Fact = Fact::new("receive_wait", Setting::Text("0s"), "S-API")
    .named(&[("ReceiveMessageWaitTimeSeconds", Form::Seconds), ("WaitTimeSeconds", Form::Seconds)])
    .range("0s (short polling) to 20s");
const DELIVERY_DELAY: Fact = Fact::new("delivery_delay", Setting::Text("0s"), "S-API")
    .named(&[("DelaySeconds", Form::Seconds)])
    .range("0s to 15m");

/// What counts as a request where `price` has one for requests.
const BILLING: Fact = Fact::new("billing", Setting::Toml("{ chunk = \"64 KiB\", receive_batch = 10 }"), "S-PR")
    .secondary()
    .only_with("price")
    .range("every call counts, empty receives too; `publish_batch` and `settle_batch` up to 10");

const CONSUMER: &[Fact] = &[
    Fact::new("receive", Setting::Number(1), "S-API").named(&[("MaxNumberOfMessages", Form::Same)]).range("1 to 10"),
    Fact::assumed("poll", Setting::Text("20ms")).range("one round trip: a loop that asks again at once"),
];

const METRICS: &[BrokerMetric] = &[
    BrokerMetric::new("ApproximateNumberOfMessagesVisible", &["ready"]),
    BrokerMetric::new("ApproximateNumberOfMessagesNotVisible", &["in_flight", "delayed"]),
    BrokerMetric::new("ApproximateAgeOfOldestMessage", &["oldest_age_s"]),
];

pub(super) const STANDARD: Preset = Preset {
    name: "sqs",
    shape: Shape::Queue,
    title: "Amazon SQS, standard queue",
    version: "API of 2026",
    as_of: AS_OF,
    own: &[
        VISIBILITY_TIMEOUT,
        ON_NACK,
        MAX_DELIVERIES,
        DEAD_LETTER,
        Fact::new("dead_letter_clock", Setting::Text("original"), "S-DLQ").only_with("dead_letter"),
        TTL,
        Fact::new("max_in_flight", Setting::Number(120_000), "S-API").range("about; receiving then fails"),
        IN_FLIGHT_DELAYED,
        RECEIVE_WAIT,
        DELIVERY_DELAY,
        BILLING,
        Fact::assumed("redelivery", Setting::Text("head"))
            .range("order is best effort: a message keeps its place while it is invisible"),
        Fact::new("duplicate_delivery", Setting::Unset, "S-QM").range("at least once: rare, no figure is published"),
    ],
    consumer: CONSUMER,
    producer: &[],
    subscriber: &[],
    metrics: METRICS,
    not_modelled: &[
        "Messages come in the order of publishing, while the real order is only roughly so.",
        "A short poll finds every message; the real one asks some of the hosts and may come back empty.",
        "At the in-flight ceiling the queue falls silent instead of answering OverLimit.",
        "A delete with the handle of an earlier receive counts; SQS may ignore it after a newer receive.",
        "Fair queues by message group, and the limit on message size, are left out.",
        "Of what is billed: moves to a dead-letter queue and back are free here, and so are copies from a topic.",
    ],
};

pub(super) const FIFO: Preset = Preset {
    name: "sqs-fifo",
    shape: Shape::Queue,
    title: "Amazon SQS, FIFO queue",
    version: "API of 2026, standard throughput",
    as_of: AS_OF,
    own: &[
        Fact::new("order", Setting::Text("key"), "S-KC").range("the key is the MessageGroupId"),
        Fact::new("scan_depth", Setting::Number(120_000), "S-BK"),
        VISIBILITY_TIMEOUT,
        ON_NACK,
        Fact::new("stale_ack", Setting::Text("rejected"), "S-HANDLE"),
        MAX_DELIVERIES,
        DEAD_LETTER,
        Fact::new("dead_letter_clock", Setting::Text("reset"), "S-DLQ").only_with("dead_letter"),
        TTL,
        Fact::new("max_in_flight", Setting::Number(120_000), "S-API").range("receives come back empty then"),
        IN_FLIGHT_DELAYED,
        RECEIVE_WAIT,
        DELIVERY_DELAY,
        BILLING,
        Fact::new("dedup_window", Setting::Text("5m"), "S-KEY"),
        Fact::new("publish_limit", Setting::Text("300/s"), "S-FT")
            .range("300 calls/s without batching; 3000/s with batches of 10"),
        Fact::new("deliver_limit", Setting::Text("300/s"), "S-FT")
            .range("300 calls/s without batching; 3000/s with batches of 10"),
    ],
    consumer: CONSUMER,
    producer: &[],
    subscriber: &[],
    metrics: METRICS,
    not_modelled: &[
        "The limits count messages, not calls: raise them to 3000/s where publisher and consumer use batches of 10.",
        "Limits on deletes and visibility changes are left out; write high throughput mode as higher limits.",
        "A receive takes the oldest free messages; SQS fills it with messages of one group first.",
        "Deduplication looks at the message published twice, whatever scope the queue is set to.",
    ],
};
