//! Amazon Kinesis Data Streams, provisioned shards, read with the Kinesis Client Library.

use crate::broker::{BrokerMetric, Fact, Form, Preset, Setting, Shape};

pub(super) const STREAM: Preset = Preset {
    name: "kinesis",
    shape: Shape::Stream,
    title: "Amazon Kinesis Data Streams, provisioned shards",
    version: "API of 2026",
    as_of: "2026-11",
    own: &[
        Fact::new("partitions", Setting::Unset, "KD-API").named(&[("ShardCount", Form::Same)]),
        Fact::new(
            "partition_limit",
            Setting::Toml("{ write = \"1000/s\", write_bytes = \"1 MB\", read_bytes = \"2 MB\", fetches = \"5/s\" }"),
            "KD-LIM",
        )
        .range("of one shard; reads are shared by all consumers without enhanced fan-out"),
        Fact::new("retention", Setting::Text("24h"), "KD-API").range("24h to 365d"),
        Fact::new("billing", Setting::Toml("{ chunk = \"25 KiB\", counts = [\"publish\"] }"), "KD-PR")
            .only_with("price")
            .range("PUT payload units of a record; on-demand capacity bills bytes instead: round_up = \"1 KiB\""),
    ],
    consumer: &[
        Fact::assumed("assignment", Setting::Text("server")).range("leases move one by one"),
        Fact::new("session_timeout", Setting::Text("10s"), "KD-KCL")
            .named(&[("failoverTimeMillis", Form::Milliseconds)]),
        Fact::new("poll", Setting::Text("1500ms"), "KD-KCL")
            .named(&[
                ("idleTimeBetweenReadsInMillis", Form::Milliseconds),
                ("idleTimeBetweenReads", Form::Milliseconds),
            ])
            .range("1s in older versions of the library"),
        Fact::new("max_poll_records", Setting::Number(10_000), "KD-LIM")
            .named(&[("maxRecords", Form::Same), ("Limit", Form::Same)])
            .range("up to 10000 records or 10 MB a call"),
        Fact::assumed("offset_reset", Setting::Text("earliest")),
        Fact::new("max_record_age", Setting::Unset, "L-KIN")
            .named(&[("MaximumRecordAgeInSeconds", Form::Seconds)])
            .range("of Lambda; -1 = no limit, the default"),
        Fact::new("bisect", Setting::Unset, "L-KIN")
            .named(&[("BisectBatchOnFunctionError", Form::Same)])
            .range("of Lambda; off by default"),
        Fact::new("parallelization", Setting::Unset, "L-KIN")
            .named(&[("ParallelizationFactor", Form::Same)])
            .range("of Lambda; 1 to 10"),
        Fact::new("fan_out", Setting::Unset, "KD-API").range("shared unless written; up to 20 enhanced consumers"),
    ],
    producer: &[],
    subscriber: &[],
    metrics: &[BrokerMetric {
        times: 1_000.0,
        ..BrokerMetric::new("GetRecords.IteratorAgeMilliseconds", &["oldest_age_s"])
    }],
    not_modelled: &[
        "Shards are split and merged by nobody: neither resharding nor on-demand capacity is simulated.",
        "Calls with many records are not one call here: each record succeeds or fails alone, and in its order.",
        "The limit of 10 MB on a call, and the pause after it, are left out.",
        "Workers balance shards by number, not by load, and the lease table has no limits of its own.",
        "The newer queue API on streams is left out: use broker = \"sqs\" with its values.",
    ],
};
