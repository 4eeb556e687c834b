//! Parts of a queue's work: partitions of a stream's group, and keys.

use crate::units::Nanos;

/// What one group did on one partition.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PartitionSeen {
    /// Accepted by the partition.
    pub published: u64,
    /// Refused by it.
    pub rejected: u64,
    pub completed: u64,
    pub redeliveries: u64,
    pub peak_backlog: u64,
    /// Engine time.
    pub peak_at: Nanos,
    pub unfinished: u64,
    /// ∫ backlog dt in message·nanoseconds over the whole run.
    pub backlog_area: u128,
    /// Age of its oldest unfinished record, the highest seen at a tick after warm-up.
    pub oldest_age_max: Nanos,
}

/// One key in one queue or group.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct KeySeen {
    pub key: u32,
    pub published: u64,
    pub completed: u64,
    pub peak_backlog: u64,
    /// Σ over its completed messages of the time from publish to completion.
    pub latency_sum: u128,
}
