//! The checked scenario: names resolved, defaults filled in, every number within its rule.
//!
//! Plain data with public fields. Only `Scenario::parse` makes one, so what stands here has been judged already.

use crate::arrivals::{BatchSize, Process, RateCurve, Row};
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
    pub consumers: Vec<Consumer>,
    pub faults: Vec<Fault>,
    pub windows: Vec<Window>,
    /// Every effective value with its origin, for the report.
    pub assumptions: Vec<Assumption>,
}

/// Where a producer or a `then` publishes to; the number is an index into `Scenario::queues` or `topics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Queue(usize),
    Topic(usize),
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
    pub subscribe: Option<Subscription>,
    pub initial: Option<Initial>,
    pub recovered_when: Option<RecoveredWhen>,
    pub hold: Duration,
}

pub use crate::broker::Overflow;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    #[default]
    Fifo,
    Priority,
    Lifo,
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
}

#[derive(Debug, Clone)]
pub struct Consumer {
    pub name: String,
    /// Index into `Scenario::queues`.
    pub from: usize,
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
    Default,
}

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
