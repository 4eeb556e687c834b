//! Topics and streams as written.

use super::{BillingWritten, InitialWritten, OneOr, StreamPrice, TopicPrice};
use crate::scenario::quantity::{Positive, Span};
use crate::scenario::reader::Placed;
use crate::units::{Duration, Rate, Size};

written! {
    /// Fan-out: every message goes to each queue that says `subscribe`. It keeps nothing itself.
    Topic called "a topic" {
        /// Whose rules it follows.
        broker: default String = "generic";
        /// Publishes beyond this rate are refused.
        publish_limit: optional Rate;
        /// A repeated publish of the same message within this time is accepted and forgotten.
        dedup_window: optional Duration;
        /// How a copy that a subscriber's queue refused is offered again: phases one after another. Default: it is lost.
        delivery_retry: optional Vec<Placed<PhaseWritten>>;
        /// What it costs: "0.50/M" for publishes, or a table.
        price: optional OneOr<TopicPrice>;
        /// How the publishes are counted that a price is for.
        billing: optional BillingWritten;
    }
}

written! {
    /// Part of a schedule of retries, the delays growing evenly from the first to the last.
    PhaseWritten called "a phase of retries" {
        /// How many.
        attempts: required Positive = "write { attempts = 10, from = \"1s\", to = \"20s\" }";
        /// Delay before the first of them.
        from: required Duration = "write { attempts = 10, from = \"1s\", to = \"20s\" }";
        /// Delay before the last. Default: as the first.
        to: optional Duration;
    }
}

written! {
    /// A partitioned log that is kept for a while: every consumer is a group of its own and reads all of it, each
    /// partition in order.
    Stream called "a stream" {
        /// Whose rules it follows: the preset that fills in what is not set here, and for its consumers.
        broker: default String = "generic";
        /// How many partitions (shards).
        partitions: default Positive = 1;
        /// How long records are kept, read or not. Default: for ever.
        retention: optional Span;
        /// How many bytes of a partition are kept. Default: all.
        retention_bytes: optional Size;
        /// What one partition takes and gives.
        partition_limit: optional LimitWritten;
        /// Publishes to the whole stream beyond this rate are refused.
        publish_limit: optional Rate;
        /// Records delivered beyond this rate, by the whole stream to all groups, wait.
        deliver_limit: optional Rate;
        /// Records at time 0 that no group has read.
        initial: optional InitialWritten;
        /// When a disturbance is over: "backlog <= 20" or "oldest_age < 5s". Default: the backlog is back at its
        /// baseline.
        recovered_when: optional String;
        /// How long it must stay recovered.
        hold: default Duration = "30s";
        /// What it costs: a table, such as { partition = "0.015/h", requests = "0.014/M" }.
        price: optional OneOr<StreamPrice>;
        /// How the publishes are counted that a price is for.
        billing: optional BillingWritten;
    }
    later {
        "replication_factor" => "replicas of partitions come with a later version; nothing depends on them yet";
    }
    instead {
        "shards" => "partitions";
        "retention_period" => "retention";
    }
}

written! {
    /// Limits of one partition, per second.
    LimitWritten called "a partition's limit" {
        /// Records published; beyond, the partition refuses.
        write: optional Rate;
        /// Bytes published per second.
        write_bytes: optional Size;
        /// Records read, by all groups together unless a group has `fan_out = "enhanced"`.
        read: optional Rate;
        /// Bytes read per second, in the same way.
        read_bytes: optional Size;
        /// Fetches, in the same way.
        fetches: optional Rate;
    }
}
