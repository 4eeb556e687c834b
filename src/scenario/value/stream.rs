//! Streams and the groups that read them.

use super::{Initial, RecoveredWhen};
use crate::units::Duration;

/// A partitioned, retained log, read by every group once.
#[derive(Debug, Clone)]
pub struct Stream {
    pub name: String,
    pub broker: String,
    pub partitions: u32,
    pub retention: Option<Duration>,
    /// Per partition.
    pub retention_bytes: Option<u64>,
    /// Of one partition.
    pub write: PartitionLimit,
    /// Of one partition; shared by all groups that are not `enhanced`.
    pub read: PartitionLimit,
    /// Fetches per second of one partition, shared in the same way.
    pub fetches: Option<f64>,
    /// Per second, of the whole stream.
    pub publish_limit: Option<f64>,
    /// Per second, of the whole stream: all groups together.
    pub deliver_limit: Option<f64>,
    pub initial: Option<Initial>,
    pub recovered_when: Option<RecoveredWhen>,
    pub hold: Duration,
}

/// Per second.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PartitionLimit {
    pub records: Option<f64>,
    pub bytes: Option<f64>,
}

/// How a consumer reads a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupRules {
    pub assignment: Assignment,
    /// A member that is back before its session ends keeps its partitions.
    pub static_membership: bool,
    /// A member that died is noticed so long after its last heartbeat.
    pub session_timeout: Duration,
    /// Also how long a member takes to hear of a rebalance.
    pub heartbeat_interval: Duration,
    /// A member that does not poll for so long leaves the group.
    pub max_poll_interval: Option<Duration>,
    pub max_poll_records: u32,
    pub fetch_min_bytes: u64,
    /// How long a fetch waits for `fetch_min_bytes`.
    pub fetch_wait: Duration,
    /// Zero: after every record.
    pub commit_interval: Duration,
    pub start: Start,
    /// Overtaken by retention, the group skips all that waits in the partition, rather than going on with the oldest
    /// record that is left.
    pub reset_to_latest: bool,
    pub on_failure: OnFailure,
    /// The least time that a rebalance takes.
    pub rebalance_delay: Duration,
    /// Has its own read limit rather than a share of the common one.
    pub enhanced: bool,
    /// A failing batch is halved before it is tried again.
    pub bisect: bool,
    /// A record older than this is given up rather than tried again.
    pub max_record_age: Option<Duration>,
    /// Batches of one partition in work at once, by key.
    pub parallelization: u32,
    /// Index into `Scenario::queues`.
    pub dead_letter: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Assignment {
    /// Every member gives up all its partitions at every rebalance.
    Eager,
    /// Only partitions that move stop, after two rounds in which all members take part.
    Cooperative,
    /// The broker moves partitions one by one as members report.
    #[default]
    Server,
}

/// Where a group starts to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Start {
    /// With the oldest record there is at time 0.
    #[default]
    Earliest,
    /// With the first record published after time 0.
    Latest,
    /// So many records behind at time 0.
    Lag(u64),
}

/// What happens to a record whose attempts are used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnFailure {
    /// Tried again in place for ever: everything behind it in its partition waits.
    #[default]
    Block,
    /// Given up: dropped.
    Skip,
    DeadLetter,
    /// Leaves its partition's order and is tried again by the same group after the retry's delays.
    RetryTopic,
}
