//! The checked scenario: names resolved, defaults filled in, every number within its rule.
//!
//! Plain data with public fields. Only `Scenario::parse` makes one, so what stands here has been judged already.

use crate::arrivals::{BatchSize, Keys, Process, RateCurve, Row};
use crate::policy::retry::Backoff;
use crate::random::Distribution;
use crate::units::{Duration, Nanos};

/// A scenario that can be simulated.
#[derive(Debug, Clone)]
pub struct Scenario {
    pub title: String,
    pub duration: Duration,
    /// Left out of the statistics; the baseline of recovery is taken after it.
    pub warmup: Duration,
    pub seed: u64,
    pub runs: u32,
    /// Sampling step of the time series.
    pub tick: Duration,
    pub slos: Vec<Slo>,
    /// Share of runs in which a per-run SLO must hold.
    pub slo_runs: f64,
    pub producers: Vec<Producer>,
    /// Queues in the file's order, then the dead-letter queues that were made because a queue names them.
    pub queues: Vec<Queue>,
    pub topics: Vec<Topic>,
    pub streams: Vec<Stream>,
    pub consumers: Vec<Consumer>,
    pub faults: Vec<Fault>,
    pub windows: Vec<Window>,
    /// Every effective value with its origin, for the report.
    pub assumptions: Vec<Assumption>,
    /// Keys of recordings that are no whole numbers: the key with bit 31 set is an index into this list.
    pub key_names: Vec<String>,
}

/// Where a producer or a `then` publishes to; the number is an index into `Scenario::queues`, `topics` or `streams`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Queue(usize),
    Topic(usize),
    Stream(usize),
}

/// What a consumer reads; an index into `Scenario::queues` or `streams`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feed {
    Queue(usize),
    Stream(usize),
}

impl Feed {
    /// The queue, where it is one.
    pub fn queue(self) -> Option<usize> {
        match self {
            Feed::Queue(queue) => Some(queue),
            Feed::Stream(_) => None,
        }
    }
}

/// How a producer with several targets chooses among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Balance {
    #[default]
    RoundRobin,
    Random,
    LeastBacklog,
}

#[derive(Debug, Clone)]
pub struct Producer {
    pub name: String,
    pub to: Vec<Target>,
    pub balance: Balance,
    pub source: Source,
    pub batch: BatchSize,
    /// Share of messages by level, in the order of the target queue's `priorities`; empty without priorities. Sums to
    /// 1.
    pub priority: Vec<f64>,
    /// Share of messages that fail at every attempt.
    pub poison: f64,
    /// `None`: messages without a key, or a recording's own.
    pub keys: Option<Keys>,
    /// Bytes of one message, where its row does not say.
    pub size: u64,
    /// Share of messages published a second time at once, as after a lost confirm.
    pub duplicate: f64,
    /// Bytes of unkeyed messages that go to one partition of a stream before the next is chosen.
    pub sticky: u64,
    pub reply: Option<Reply>,
    pub on_reject: OnReject,
}

/// What makes a producer publish.
#[derive(Debug, Clone)]
pub enum Source {
    /// A rate over time, turned into instants by a process.
    Curve { curve: RateCurve, process: Process },
    /// Markov-modulated Poisson: (rate per second, mean stay); the first phase is drawn by its share of time.
    Mmpp(Vec<(f64, Duration)>),
    /// Rows replayed exactly, in order of time.
    Messages(Vec<Row>),
    /// Closed loop: so many clients, each thinking between its requests.
    Clients { count: u32, think: Distribution },
}

/// The publisher waits for completion and publishes again when it does not come in time.
#[derive(Debug, Clone)]
pub struct Reply {
    pub timeout: Duration,
    /// `None`: gives up at the first timeout.
    pub retry: Option<Retry>,
}

#[derive(Debug, Clone)]
pub enum OnReject {
    Drop,
    Block,
    Retry(Retry),
}

/// A retry policy. `max_attempts` counts the first attempt too; `None` is no limit.
#[derive(Debug, Clone)]
pub struct Retry {
    pub backoff: Backoff,
    pub max_attempts: Option<u32>,
    pub place: RetryPlace,
    pub position: RetryPosition,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RetryPlace {
    #[default]
    Queue,
    Process,
}

/// Where a message joins the queue again when its retry is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RetryPosition {
    #[default]
    Tail,
    Head,
}

#[derive(Debug, Clone)]
pub struct Queue {
    pub name: String,
    /// The preset's name; `generic` so far.
    pub broker: String,
    /// Made because another queue names it as `dead_letter`, without a table of its own.
    pub implied: bool,
    pub visibility_timeout: Option<Duration>,
    /// `true`: the first success completes the message even after its lease ran out.
    pub stale_ack_accepted: bool,
    /// A late ack that is accepted withdraws the copy that waits for redelivery; otherwise that copy is delivered all
    /// the same, and ends as a duplicate.
    pub withdraw: bool,
    pub max_deliveries: Option<u32>,
    /// Index into `Scenario::queues`.
    pub dead_letter: Option<usize>,
    pub ttl: Option<Distribution>,
    /// Bound on `ready`.
    pub capacity: Option<u64>,
    pub overflow: Overflow,
    pub order: Order,
    /// Levels for `order = "priority"`, served first to last; empty otherwise.
    pub priorities: Vec<String>,
    pub delivery_delay: Duration,
    pub max_in_flight: Option<u64>,
    /// What else brokers differ in.
    pub traits: QueueTraits,
    pub subscribe: Option<Subscription>,
    pub initial: Option<Initial>,
    pub recovered_when: Option<RecoveredWhen>,
    pub hold: Duration,
}

/// What happens to a publish that finds the queue full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overflow {
    #[default]
    Reject,
    /// Refused, and the message goes to the dead-letter queue.
    RejectDeadLetter,
    DropHead,
    DropNew,
    Block,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    #[default]
    Fifo,
    Priority,
    Lifo,
    /// One unfinished delivery per key at a time.
    Key,
    /// A key belongs to one work slot as long as it has messages, and for `QueueTraits::session_idle` after.
    Session,
}

/// Mechanisms in which brokers differ. The default is a broker that does none of it. Where a count or size is `None`
/// there is no limit.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueTraits {
    /// Bound on the bytes of ready messages.
    pub capacity_bytes: Option<u64>,
    /// With `Order::Session`.
    pub session_idle: Duration,
    /// With `Order::Key` or `Session`: of the oldest unfinished messages only so many are looked at.
    pub scan_depth: Option<u64>,
    /// A publish of a message that was accepted less than this ago is accepted and forgotten.
    pub dedup_window: Duration,
    /// Per second. Publishes beyond are refused.
    pub publish_limit: Option<f64>,
    /// Per second. Deliveries beyond wait.
    pub deliver_limit: Option<f64>,
    /// Per second, publishes and deliveries together.
    pub operation_limit: Option<f64>,
    /// Share of completed messages that the broker delivers once more all the same.
    pub duplicate_delivery: f64,
    /// Delayed messages count towards `max_in_flight`.
    pub in_flight_includes_delayed: bool,
    /// A failed attempt returns only when its lease ends, rather than at once.
    pub nack_waits_for_lease: bool,
    /// Failed and expired deliveries return to the tail rather than to the head.
    pub redelivery_at_tail: bool,
    pub counts: DeliveryCounts,
    /// A lease that ran out is noticed at multiples of this only; zero: at once.
    pub lease_check: Duration,
    /// A consumer's `heartbeat` extends a lease up to so long after the hand-over; `None`: for ever.
    pub lease_extension: Option<Duration>,
    /// A time to live is noticed only at the head of the queue.
    pub ttl_at_head: bool,
    /// Expired messages go to the dead-letter queue and are counted so.
    pub dead_letter_expired: bool,
    /// Messages dropped from the head of a full queue go to the dead-letter queue and are counted so.
    pub dead_letter_overflow: bool,
    /// In this queue's dead-letter queue, the time to live runs on from the original publish.
    pub dead_letter_keeps_clock: bool,
    /// One replica at a time takes messages; the others stand by.
    pub single_active: bool,
    /// The log keeps so many entries, finished or not: older ones that still wait are lost.
    pub log_length: Option<u64>,
    /// A message that cannot be handled at once by somebody connected is lost: nothing comes back.
    pub at_most_once: bool,
    /// Publishers to the queue are blocked from so many bytes of unfinished messages on, until fewer are left.
    pub memory_alarm: Option<u64>,
    /// How long an empty receive waits for a message before the consumer's `poll` pause begins.
    pub receive_wait: Duration,
}

impl Default for QueueTraits {
    fn default() -> QueueTraits {
        QueueTraits {
            capacity_bytes: None,
            session_idle: Duration::ZERO,
            scan_depth: None,
            dedup_window: Duration::ZERO,
            publish_limit: None,
            deliver_limit: None,
            operation_limit: None,
            duplicate_delivery: 0.0,
            in_flight_includes_delayed: false,
            nack_waits_for_lease: false,
            redelivery_at_tail: false,
            counts: DeliveryCounts { nack: true, lease: true, crash: true },
            lease_check: Duration::ZERO,
            lease_extension: None,
            ttl_at_head: false,
            dead_letter_expired: false,
            dead_letter_overflow: false,
            dead_letter_keeps_clock: false,
            single_active: false,
            log_length: None,
            at_most_once: false,
            memory_alarm: None,
            receive_wait: Duration::ZERO,
        }
    }
}

/// Which ends of a delivery count towards `max_deliveries`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryCounts {
    /// A failed attempt.
    pub nack: bool,
    /// A lease that ran out.
    pub lease: bool,
    /// The consumer died.
    pub crash: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Subscription {
    /// Index into `Scenario::topics`.
    pub topic: usize,
    /// Share of the topic's messages that the filter lets through.
    pub share: f64,
}

/// A backlog at time 0 whose ages are spread evenly up to `age`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Initial {
    pub messages: u64,
    pub age: Duration,
}

/// Replaces the baseline in the definition of recovery.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RecoveredWhen {
    /// `backlog <= n` (`< n` is stored as `<= n - 1`).
    BacklogAtMost(u64),
    /// `oldest_age < d`.
    OldestAgeBelow(Duration),
}

#[derive(Debug, Clone)]
pub struct Topic {
    pub name: String,
    pub broker: String,
    /// Per second. Publishes beyond are refused.
    pub publish_limit: Option<f64>,
    pub dedup_window: Duration,
    /// How a copy that a subscriber's queue refused is offered again; empty: it is lost.
    pub delivery_retry: Vec<RetryPhase>,
}

/// Part of a schedule of retries: so many attempts, the delays growing evenly from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPhase {
    pub attempts: u32,
    /// Before its first attempt.
    pub from: Duration,
    /// Before its last; delays in between grow by a constant factor.
    pub to: Duration,
}

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

#[derive(Debug, Clone)]
pub struct Consumer {
    pub name: String,
    pub from: Feed,
    /// With `Feed::Stream`.
    pub group: Option<GroupRules>,
    pub replicas: u32,
    /// (time, replicas), in order of time, after the initial `replicas`.
    pub schedule: Vec<(Duration, u32)>,
    /// Messages worked on at once by one replica.
    pub concurrency: u32,
    pub service: Service,
    /// The slot stays busy for this long after a success, after the message is settled.
    pub overhead_success: Option<Distribution>,
    /// The same after a failure.
    pub overhead_failure: Option<Distribution>,
    /// One entry a replica (service is divided by it); empty: all 1. Shorter lists repeat.
    pub speeds: Vec<f64>,
    pub failure_service: Option<Distribution>,
    /// Messages handed over ahead to one replica, work slots included.
    pub prefetch: Option<u32>,
    pub batch: Option<ConsumerBatch>,
    /// Acknowledge before the work: at most once.
    pub ack_before: bool,
    pub failure: f64,
    pub permanent_failure: f64,
    pub retry: Option<Retry>,
    /// Of the whole attempt.
    pub timeout: Option<Duration>,
    pub then: Vec<Then>,
    /// At most one of `then`, rather than each on its own.
    pub route_one: bool,
    pub crash: Option<Crash>,
    /// Messages taken by one receive call and worked on before the next; `None`: as they are free.
    pub receive: Option<u32>,
    /// Pause after an empty receive of a queue; time between two fetches of a stream.
    pub poll: Duration,
    /// Interval at which a live replica extends the leases it holds.
    pub heartbeat: Option<Duration>,
    pub idempotent: Option<Idempotent>,
}

/// A store of what was done already.
#[derive(Debug, Clone, PartialEq)]
pub struct Idempotent {
    /// How long it remembers.
    pub window: Duration,
    /// Of asking it, at every attempt.
    pub cost: Distribution,
}

#[derive(Debug, Clone)]
pub enum Service {
    Drawn(Distribution),
    /// The message's own `service_s`.
    Message,
    /// One distribution a level of the queue's `priorities`.
    ByPriority(Vec<Distribution>),
}

#[derive(Debug, Clone)]
pub struct ConsumerBatch {
    pub size: u32,
    /// How long a batch that is not full waits after its first message.
    pub wait: Duration,
    /// Only the failed messages of a batch fail.
    pub partial: bool,
    /// For the whole batch, instead of `service` for each message in sequence.
    pub service_per_batch: Option<Distribution>,
}

/// Publish onward at completion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Then {
    pub to: Target,
    pub share: f64,
    pub times: u32,
}

#[derive(Debug, Clone)]
pub struct Crash {
    /// Mean time between failures of one replica, exponential.
    pub mtbf: Duration,
    pub restart: Distribution,
}

#[derive(Debug, Clone)]
pub struct Fault {
    pub name: String,
    pub at: Duration,
    pub lasts: Duration,
    pub effect: Effect,
}

/// What a fault does, with its target (an index into the scenario's list of that kind).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Effect {
    /// Attempts that start in the window fail with this probability, besides the consumer's own `failure`.
    ConsumerErrors { consumer: usize, error_rate: f64 },
    /// Service of attempts that start in the window takes so many times as long.
    ConsumerSlow { consumer: usize, factor: f64 },
    /// Replicas die and come back when the window ends.
    ConsumerCrash { consumer: usize, replicas: Portion },
    /// Replicas stay alive and never finish; they are restarted when the window ends.
    ConsumerHang { consumer: usize, replicas: Portion },
    /// The group takes no new messages.
    ConsumerPause { consumer: usize },
    /// The queue delivers nothing.
    QueuePause { queue: usize },
    /// The queue delivers nothing and refuses publishes; with `silent` the publisher is not told.
    QueueDown { queue: usize, silent: bool },
    /// No group is delivered anything.
    StreamPause { stream: usize },
    /// The same, and publishes are refused; with `silent` the publisher is not told.
    StreamDown { stream: usize, silent: bool },
    /// The producer's rate is multiplied.
    ProducerTimes { producer: usize, factor: f64 },
    /// The producer publishes nothing.
    ProducerPause { producer: usize },
}

/// A count, or a share rounded to the nearest whole replica and at least one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Portion {
    Count(u32),
    Share(f64),
}

/// Only marks a time to be judged.
#[derive(Debug, Clone)]
pub struct Window {
    pub name: String,
    pub at: Duration,
    pub lasts: Duration,
}

/// One effective value and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Assumption {
    /// TOML path: `queue.orders.hold`.
    pub path: String,
    pub value: String,
    pub origin: Origin,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// Written in the file, at this line.
    File {
        line: usize,
    },
    /// Given with `--set`.
    Argument,
    /// Filled in by a broker's preset.
    Preset {
        broker: &'static str,
        /// Where the fact was read.
        source: &'static str,
        grade: Grade,
    },
    Default,
}

pub use crate::broker::Grade;

/// `COMPONENT.METRIC[.STAT] OP VALUE`, checked against the component's kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Slo {
    /// As written.
    pub expression: String,
    pub component: String,
    /// Without its unit: `oldest_age`, `latency`, `recovery_time`.
    pub metric: String,
    /// `max`, `mean`, `p95` …; `None` for totals, `peak_backlog` and `recovery_time`.
    pub stat: Option<String>,
    pub op: Comparison,
    /// In seconds, per second, or a bare count.
    pub value: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Less,
    AtMost,
    Greater,
    AtLeast,
    Equal,
}

impl Comparison {
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Comparison::Less => left < right,
            Comparison::AtMost => left <= right,
            Comparison::Greater => left > right,
            Comparison::AtLeast => left >= right,
            Comparison::Equal => left == right,
        }
    }
}

impl Scenario {
    /// The end of the run on the scenario's own clock, in nanoseconds.
    pub fn end(&self) -> Nanos {
        self.duration.ns()
    }
}
