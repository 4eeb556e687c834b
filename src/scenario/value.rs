//! The checked scenario: names resolved, defaults filled in, every number within its rule.
//!
//! Plain data with public fields. Only `Scenario::parse` makes one, so what stands here has been judged already.

mod assumption;
mod dependency;
mod deploy;
mod fault;
mod price;
mod redrive;
mod scaling;
mod shed;
mod slo;
mod steady;
mod stream;
mod topic;
mod traits;
mod uncertain;
mod upstream;
mod workflow;

use super::unsettled::Unsettled;
use crate::arrivals::{BatchSize, Keys, Process, RateCurve, Row};
use crate::policy::budget;
use crate::policy::retry::Backoff;
use crate::random::Distribution;
use crate::units::{Duration, Nanos};
use std::sync::Arc;

pub use assumption::*;
pub use dependency::*;
pub use deploy::*;
pub use fault::*;
pub use price::*;
pub use redrive::*;
pub use scaling::*;
pub use shed::*;
pub use slo::*;
pub use steady::*;
pub use stream::*;
pub use topic::*;
pub use traits::*;
pub use uncertain::*;
pub use upstream::*;
pub use workflow::*;

/// A scenario that can be simulated.
#[derive(Debug, Clone)]
pub struct Scenario {
    pub title: String,
    pub duration: Duration,
    /// Left out of the statistics; the baseline of recovery is taken after it.
    pub warmup: Duration,
    pub warmup_rule: WarmupRule,
    pub seed: u64,
    pub runs: u32,
    /// Sampling step of the time series.
    pub tick: Duration,
    pub slos: Vec<Slo>,
    /// Share of runs in which a per-run SLO must hold.
    pub slo_runs: f64,
    pub producers: Vec<Producer>,
    /// Queues in the file's order, then the dead-letter queues that were made because a queue names them,
    /// then the workflows' task queues.
    pub queues: Vec<Queue>,
    pub topics: Vec<Topic>,
    pub streams: Vec<Stream>,
    /// In the file's order, then the workers of the workflows' task queues.
    pub consumers: Vec<Consumer>,
    pub dependencies: Vec<Dependency>,
    pub workflows: Vec<Workflow>,
    pub faults: Vec<Fault>,
    /// Rolling restarts, to which faults refer.
    pub deploys: Vec<Deploy>,
    pub windows: Vec<Window>,
    pub prices: Prices,
    /// Every effective value with its origin, for the report.
    pub assumptions: Vec<Assumption>,
    /// Keys of recordings that are no whole numbers: the key with bit 31 set is an index into this list.
    pub key_names: Vec<String>,
    /// What every run draws for itself; here, and on paper, the medians stand.
    pub uncertain: Vec<Uncertain>,
    /// `None` where nothing is uncertain.
    pub unsettled: Option<Arc<Unsettled>>,
}

/// Where a producer or a `then` publishes to; the number is an index into `Scenario::queues`, `topics`,
/// `streams` or `workflows`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Queue(usize),
    Topic(usize),
    Stream(usize),
    /// Each message starts an execution.
    Workflow(usize),
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
    /// Beside what `source` says.
    pub cron: Option<Cron>,
    pub outbox: Option<Outbox>,
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
    Spill(Spill),
}

/// A retry policy. `max_attempts` counts the first attempt too; `None` is no limit.
#[derive(Debug, Clone)]
pub struct Retry {
    pub backoff: Backoff,
    pub max_attempts: Option<u32>,
    pub place: RetryPlace,
    pub position: RetryPosition,
    /// Of a consumer: one for each replica; of a producer: one for all of it. A retry that it does not grant is given up.
    pub budget: Option<budget::Rules>,
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
    /// For `order = "adaptive-lifo"`.
    pub lifo_above: Option<u64>,
    pub delivery_delay: Duration,
    pub max_in_flight: Option<u64>,
    /// What else brokers differ in.
    pub traits: QueueTraits,
    pub subscribe: Option<Subscription>,
    pub initial: Option<Initial>,
    pub recovered_when: Option<RecoveredWhen>,
    pub hold: Duration,
    pub redrive: Option<Redrive>,
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
    /// Lifo while more than `Queue::lifo_above` messages are ready, else fifo.
    AdaptiveLifo,
    /// One unfinished delivery per key at a time.
    Key,
    /// A key belongs to one work slot as long as it has messages, and for `QueueTraits::session_idle` after.
    Session,
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
    /// The first pause of a queue's consumer, where they double up to `poll`; zero: all are alike.
    pub poll_from: Duration,
    /// Interval at which a live replica extends the leases it holds.
    pub heartbeat: Option<Duration>,
    pub idempotent: Option<Idempotent>,
    pub shed: Option<Shed>,
    /// It does not start on a copy for which no client waits any more.
    pub skip_expired_requests: bool,
    /// Made one after another, after the consumer's own work.
    pub calls: Vec<Call>,
    /// What decides over `replicas` later on; `schedule` is empty then.
    pub scaling: Option<Scaling>,
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

impl Scenario {
    /// The end of the run on the scenario's own clock, in nanoseconds.
    pub fn end(&self) -> Nanos {
        self.duration.ns()
    }
}
