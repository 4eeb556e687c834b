//! Redis Streams with a consumer group.

use crate::broker::{BrokerMetric, Fact, Form, Preset, Setting, Shape};

pub(super) const QUEUE: Preset = Preset {
    name: "redis-stream",
    shape: Shape::Queue,
    title: "Redis Streams, one consumer group",
    version: "8.8",
    as_of: "2026-11",
    own: &[
        Fact::new("visibility_timeout", Setting::Unset, "X-AC")
            .named(&[("min-idle-time", Form::Milliseconds)])
            .range("no timer of its own: what is idle longer comes back when somebody claims it"),
        Fact::new("lease_check", Setting::Unset, "X-AC").range("how often your consumers claim"),
        Fact::new("on_nack", Setting::Text("lease"), "X-RG").only_with("visibility_timeout"),
        Fact::new("log_length", Setting::Unset, "X-TR")
            .named(&[("maxlen", Form::Same)])
            .range("drops the oldest entries, delivered or not; exact here, also for MAXLEN ~"),
        Fact::new("dedup_window", Setting::Unset, "X-ID")
            .named(&[("idmp-duration", Form::Seconds)])
            .range("1s to 1d; 100s where IDMP is used without a length of its own"),
    ],
    consumer: &[Fact::new("receive", Setting::Unset, "X-RG").named(&[("count", Form::Same)])],
    producer: &[],
    subscriber: &[],
    metrics: &[
        BrokerMetric::new("XPENDING", &["in_flight", "delayed"]),
        BrokerMetric::new("XINFO GROUPS lag", &["ready"]),
    ],
    not_modelled: &[
        "Without `visibility_timeout` an entry comes back when its consumer dies; in Redis somebody has to claim it.",
        "Claims are free: the one client that scans for idle entries does not become a bottleneck.",
        "Deduplication keeps every id for its time, also beyond the 100 ids per producer that Redis remembers.",
        "Full memory, which makes writes fail or evicts keys, and the loss of entries in a failover, are left out.",
        "XNACK puts an entry back at once; write on_nack = \"requeue\" for it.",
    ],
};
