//! Azure Service Bus, standard tier: queues and topics.

use crate::broker::{BrokerMetric, Fact, Form, Preset, Setting, Shape};

const AS_OF: &str = "2026-11";

const DEDUP_WINDOW: Fact = Fact::new("dedup_window", Setting::Unset, "A-DUP")
    .named(&[("DuplicateDetectionHistoryTimeWindow", Form::Same)])
    .range("off unless asked for; then 10m, 20s to 7d");

/// What counts as an operation where `price` has one for requests.
const BILLING: Fact = Fact::new("billing", Setting::Toml("{ chunk = \"64 KiB\" }"), "A-PR")
    .secondary()
    .only_with("price")
    .range("every call counts: sends, receives, settlements, renewals of locks");

pub(super) const QUEUE: Preset = Preset {
    name: "service-bus",
    shape: Shape::Queue,
    title: "Azure Service Bus, queue of the standard tier, peek-lock",
    version: "service of 2026",
    as_of: AS_OF,
    own: &[
        Fact::new("on_crash", Setting::Text("requeue"), "A-SET").range("a lost connection drops its locks"),
        Fact::new("visibility_timeout", Setting::Text("60s"), "A-LOCK")
            .named(&[("LockDuration", Form::Same)])
            .range("up to 5m"),
        Fact::new("lease_extension", Setting::Text("5m"), "A-REN")
            .named(&[
                ("MaxAutoLockRenewalDuration", Form::Same),
                ("max_lock_renewal_duration", Form::Seconds),
                ("maxAutoLockRenewalDurationInMs", Form::Milliseconds),
            ])
            .range("of the SDK's processor"),
        Fact::new("stale_ack", Setting::Text("rejected"), "A-LOST"),
        Fact::new("on_nack", Setting::Text("requeue"), "A-SET").range("an abandoned message is free at once"),
        Fact::new("redelivery", Setting::Text("head"), "A-SET").range("at or near the front"),
        Fact::new("max_deliveries", Setting::Number(10), "A-SES2").named(&[("MaxDeliveryCount", Form::Same)]),
        Fact::assumed("ttl", Setting::Unset).named(&[("DefaultMessageTimeToLive", Form::Same)]),
        Fact::assumed("dead_letter_expired", Setting::Unset)
            .named(&[("DeadLetteringOnMessageExpiration", Form::Same)])
            .range("false unless asked for"),
        Fact::new("order", Setting::Unset, "A-SES")
            .named(&[("RequiresSession", Form::Words(&[("true", "session"), ("false", "fifo")]))])
            .range("sessions are off unless asked for; the key is the SessionId"),
        DEDUP_WINDOW,
        BILLING,
        Fact::new("operation_limit", Setting::Text("1000/s"), "A-THR")
            .range("credits of the namespace, standard tier; premium has none"),
        Fact::new("capacity_bytes", Setting::Unset, "A-Q").range("1 GB to 5 GB; 80 GB in premium"),
    ],
    consumer: &[
        Fact::assumed("heartbeat", Setting::Text("30s")).range("how often the processor renews; not a setting"),
        Fact::new("prefetch", Setting::Unset, "A-PF")
            .named(&[("PrefetchCount", Form::Same)])
            .range("0 = off, the default; locks run in the buffer"),
    ],
    producer: &[],
    subscriber: &[],
    metrics: &[
        BrokerMetric::new("ActiveMessages", &["ready", "in_flight"]),
        BrokerMetric::new("ScheduledMessages", &["delayed"]),
    ],
    not_modelled: &[
        "The credits are this queue's alone; a real namespace shares them among all its queues and topics.",
        "Completing a message costs no credit, and a throttled client does not wait the two seconds it is told to.",
        "There is no dead-letter queue unless `dead_letter` names one; the real one comes with the queue.",
        "The lock of a session is that of its message: it does not expire alone.",
        "The 5000 concurrent receives, message sizes, transactions and deferred messages are left out.",
    ],
};

pub(super) const TOPIC: Preset = Preset {
    name: "service-bus",
    shape: Shape::Topic,
    title: "Azure Service Bus, topic of the standard tier",
    version: "service of 2026",
    as_of: AS_OF,
    own: &[
        DEDUP_WINDOW,
        BILLING,
        Fact::new("publish_limit", Setting::Text("1000/s"), "A-THR")
            .range("credits of the namespace, standard tier; each filter that is looked at costs one more"),
    ],
    consumer: &[],
    producer: &[],
    subscriber: &[],
    metrics: &[],
    not_modelled: &[
        "A subscription is a queue: give it broker = \"service-bus\" for its lock and its delivery limit.",
        "Topic and subscriptions have limits of their own here, while a real namespace has one for all of them.",
        "Filters cost nothing; what passes is the subscription's `share`.",
    ],
};
