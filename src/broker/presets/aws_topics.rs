//! Amazon SNS topics and EventBridge buses.

use crate::broker::{Fact, Form, Preset, Setting, Shape};

const AS_OF: &str = "2026-11";

pub(super) const SNS: Preset = Preset {
    name: "sns",
    shape: Shape::Topic,
    title: "Amazon SNS, topic with SQS or Lambda subscribers",
    version: "API of 2026",
    as_of: AS_OF,
    own: &[
        Fact::new(
            "delivery_retry",
            Setting::Toml(
                "[{ attempts = 3, from = \"0s\" }, { attempts = 2, from = \"1s\" }, \
                 { attempts = 10, from = \"1s\", to = \"20s\" }, { attempts = 100000, from = \"20s\" }]",
            ),
            "N-RET",
        )
        .range("100015 attempts over 23 days; fixed for SQS and Lambda"),
        Fact::new("dedup_window", Setting::Unset, "N-API").range("5m on a FIFO topic, none on a standard one"),
        Fact::new("publish_limit", Setting::Unset, "N-Q").secondary().range("about 3000/s on a FIFO topic"),
        Fact::assumed("billing", Setting::Toml("{ chunk = \"64 KiB\", counts = [\"publish\"] }"))
            .only_with("price")
            .range("deliveries to SQS and Lambda are free"),
    ],
    consumer: &[],
    producer: &[],
    subscriber: &[],
    metrics: &[],
    not_modelled: &[
        "Delivery retries have no jitter, and what runs out of them is lost: a subscription has no dead-letter queue.",
        "Filter policies cost nothing; what passes is the subscription's `share`.",
        "Subscriptions over HTTP, and limits on sizes and batches, are left out.",
    ],
};

pub(super) const EVENTBRIDGE: Preset = Preset {
    name: "eventbridge",
    shape: Shape::Topic,
    title: "Amazon EventBridge, event bus",
    version: "service of 2026",
    as_of: AS_OF,
    own: &[
        Fact::assumed("delivery_retry", Setting::Toml("[{ attempts = 185, from = \"1s\", to = \"63m\" }]")).range(
            "documented are 185 attempts within 24h, exponentially spaced; the first and last delay are fitted to that",
        ),
        Fact::new("publish_limit", Setting::Text("10000/s"), "EB-Q")
            .named(&[("PutEvents", Form::PerSecond)])
            .range("calls of an account in us-east-1; 2400/s in us-east-2, less in most regions"),
        Fact::new("billing", Setting::Toml("{ chunk = \"64 KiB\", counts = [\"publish\"] }"), "EB-PR")
            .secondary()
            .only_with("price")
            .range("custom events; deliveries within the account are free"),
    ],
    consumer: &[],
    producer: &[],
    subscriber: &[],
    metrics: &[],
    not_modelled: &[
        "The quota on invocations, which delays deliveries, and the latency of a bus are left out.",
        "Delivery retries have no jitter, and what runs out of them is lost: a target has no dead-letter queue.",
        "Rules cost nothing; what passes is the subscription's `share`.",
    ],
};
