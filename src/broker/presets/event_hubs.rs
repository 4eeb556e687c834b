//! Azure Event Hubs with one throughput unit, read with the .NET event processor.

use crate::broker::{BrokerMetric, Fact, Form, Preset, Setting, Shape};

pub(super) const STREAM: Preset = Preset {
    name: "event-hubs",
    shape: Shape::Stream,
    title: "Azure Event Hubs, standard tier, one throughput unit",
    version: "service of 2026, .NET processor 5.7 and later",
    as_of: "2026-11",
    own: &[
        Fact::new("partitions", Setting::Unset, "E-TL").named(&[("PartitionCount", Form::Same)]).range("1 to 32"),
        Fact::new("publish_limit", Setting::Text("1000/s"), "E-TL")
            .range("one throughput unit, of up to 40; also 1 MB/s"),
        Fact::new("deliver_limit", Setting::Text("4096/s"), "E-TL")
            .range("one throughput unit, of up to 40; also 2 MB/s"),
        Fact::assumed("retention", Setting::Text("1d")).range("up to 7d in the standard tier"),
        Fact::new("billing", Setting::Toml("{ chunk = \"64 KiB\", counts = [\"publish\"] }"), "E-PR")
            .only_with("price")
            .range("ingress events"),
    ],
    consumer: &[
        Fact::assumed("assignment", Setting::Text("server")).range("the greedy strategy of .NET, claim by claim"),
        Fact::new("session_timeout", Setting::Text("2m"), "E-NET")
            .named(&[
                ("partitionOwnershipExpirationInterval", Form::Seconds),
                ("partitionOwnershipExpirationIntervalInMs", Form::Milliseconds),
            ])
            .range("60s in JavaScript, 180s in Python"),
        Fact::new("heartbeat_interval", Setting::Text("30s"), "E-LB")
            .named(&[
                ("loadBalancingUpdateInterval", Form::Seconds),
                ("load_balancing_interval", Form::Seconds),
                ("updateIntervalInMs", Form::Milliseconds),
            ])
            .range("10s in JavaScript, 30s in Python"),
        Fact::assumed("offset_reset", Setting::Text("earliest")),
    ],
    producer: &[],
    subscriber: &[],
    metrics: &[BrokerMetric::new("ConsumerLag", &["lag"])],
    not_modelled: &[
        "The throughput unit is this hub's alone; a real namespace shares its units among all its hubs.",
        "The limits in bytes are left out, as is growing by more units under load.",
        "The balanced strategy, which claims one partition a round, is left out.",
        "A checkpoint is written after each record unless the consumer's `commit_interval` says otherwise.",
    ],
};
