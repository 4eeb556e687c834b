//! The scenario made dense for the engine: ids for names, engine time for durations, nothing optional left to decide.
//!
//! Architecture invariant: `Model::compile` cannot fail; all that can fail was refused by `scenario`.

mod compile;
mod dependency;
mod disturbance;
mod scaled;
mod stream;
mod traffic;
mod without;
mod workflow;

pub use dependency::{CallModel, DependencyModel};
pub use disturbance::Disturbance;
pub use scaled::{Bound, Pool, Rounded, Scaled};
pub use workflow::{DecisionsModel, StepModel, TaskModel, WorkflowModel};

use crate::arrivals::{BatchSize, Keys, Process, RateCurve, Row};
pub use crate::policy::scaling::Form;
use crate::policy::{budget, retry::Backoff};
use crate::random::Distribution;
pub use crate::scenario::{
    Assignment, Balance, Billing, ConsumerBatch, Crash, DeliveryCounts, DependencyOrder, Deploy, Effect, EventCounts,
    GroupRules, Idempotent, Initial, OnFailure, Order, Outbox, Overflow, PartitionLimit, Portion, Priced, Prices,
    QueueTraits, RecoveredWhen, Redrive, RetryPhase, Scaling, ScalingMetric, Shed, Spill, Start, Stream, Target, Then,
};
use crate::units::{Duration, Nanos};

/// No limit, for the counts below.
pub const UNLIMITED: u64 = u64::MAX;

const MOST_STRATA: u32 = 1024;

/// What the engine runs. Times are engine time: scenario time plus `origin`.
#[derive(Debug, Clone)]
pub struct Model {
    pub seed: u64,
    /// Engine time of the scenario's start. Messages of an initial backlog were published before it.
    pub origin: Nanos,
    pub warm: Nanos,
    pub end: Nanos,
    pub tick: Nanos,
    pub producers: Vec<ProducerModel>,
    pub queues: Vec<QueueModel>,
    pub topics: Vec<TopicModel>,
    pub streams: Vec<StreamModel>,
    pub consumers: Vec<ConsumerModel>,
    pub dependencies: Vec<DependencyModel>,
    pub workflows: Vec<WorkflowModel>,
    /// Planned changes in order of time; at one instant in the order: warm-up, disturbance, replicas, fault.
    pub timeline: Vec<(Nanos, Control)>,
    pub disturbances: Vec<Disturbance>,
    pub effects: Vec<Effect>,
    pub deploys: Vec<Deploy>,
    /// Partitions that each of them hits; empty: the whole stream.
    pub lost_partitions: Vec<Vec<u32>>,
    /// Names of keys with bit 31 set.
    pub key_names: Vec<String>,
    /// Real messages that each one stands for; 1 but for what `scaled` makes.
    pub weight: u32,
    pub prices: Prices,
}

/// A planned change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Control {
    WarmupEnds,
    DisturbanceStarts(usize),
    DisturbanceEnds(usize),
    Replicas { consumer: usize, count: u32 },
    FaultStarts(usize),
    FaultEnds(usize),
}

#[derive(Debug, Clone)]
pub struct ProducerModel {
    pub name: String,
    pub to: Vec<Target>,
    pub balance: Balance,
    pub source: SourceModel,
    pub batch: BatchSize,
    pub priority: Vec<f64>,
    pub poison: f64,
    pub keys: Option<Keys>,
    /// Bytes of one message.
    pub size: u64,
    pub duplicate: f64,
    /// Bytes of unkeyed messages that go to one partition before the next is chosen.
    pub sticky: u64,
    pub reply: Option<ReplyModel>,
    pub on_reject: OnRejectModel,
    pub cron: Option<CronModel>,
    pub outbox: Option<Outbox>,
    /// Its messages carry nothing but their time of publishing, as long as the queue agrees.
    pub plain: bool,
}

#[derive(Debug, Clone)]
pub enum SourceModel {
    Curve { curve: RateCurve, process: Process },
    Mmpp(Vec<(f64, Duration)>),
    Messages(Vec<Row>),
    Clients { count: u32, think: Distribution },
}

/// Herds by the clock of the scenario.
#[derive(Debug, Clone)]
pub struct CronModel {
    pub at: Nanos,
    pub every: Nanos,
    pub count: u32,
    pub jitter: Nanos,
    /// (start, end, factor): what faults of the producer make of a herd that begins then.
    pub factors: Vec<(Nanos, Nanos, f64)>,
}

#[derive(Debug, Clone)]
pub struct ReplyModel {
    pub timeout: Nanos,
    /// Copies published in all; 1 gives up at the first timeout.
    pub max_attempts: u32,
    pub backoff: Backoff,
    pub budget: Option<budget::Rules>,
}

#[derive(Debug, Clone)]
pub enum OnRejectModel {
    Drop,
    Block,
    Retry { max_attempts: u32, backoff: Backoff, budget: Option<budget::Rules> },
    Spill(Spill),
}

#[derive(Debug, Clone)]
pub struct QueueModel {
    pub name: String,
    /// `UNLIMITED`: no lease.
    pub lease: Nanos,
    pub stale_ack_accepted: bool,
    pub withdraw: bool,
    pub max_deliveries: u32,
    pub dead_letter: Option<usize>,
    pub ttl: Option<Distribution>,
    pub capacity: u64,
    pub overflow: Overflow,
    pub order: Order,
    /// With more ready messages than this the youngest goes first: 0 in a LIFO queue, `UNLIMITED` in others.
    pub lifo_above: u64,
    /// Levels of priority, at least 1.
    pub levels: usize,
    pub level_names: Vec<String>,
    pub delivery_delay: Nanos,
    pub max_in_flight: u64,
    pub initial: Option<Initial>,
    pub recovered_when: Option<RecoveredWhen>,
    pub hold: Nanos,
    pub traits: QueueTraits,
    /// Every one of `traits` is at its default, and this is no group of a stream.
    pub plain: bool,
    /// The queue is what one group has still to do of a stream.
    pub group: Option<GroupModel>,
    /// It holds the tasks of a workflow's step.
    pub task: Option<TaskModel>,
    /// Messages bring keys: order by key is watched.
    pub keyed: bool,
    /// Name of the preset behind it.
    pub broker: String,
    /// Every message needs a record of its own; otherwise a waiting message is 8 bytes.
    pub rich: bool,
    /// Messages arrive through `then` or a dead letter, so their journey is longer than their time here.
    pub hops: bool,
    /// Reached only as somebody's dead letter.
    pub is_dead_letter: bool,
    pub redrive: Option<Redrive>,
    /// Its requests, bytes or storage have a price: how they are counted.
    pub meter: Option<Billing>,
    /// Real receivers that each of its consumers' slots stands for; 1 but for what `scaled` makes.
    pub receivers: f64,
}

/// A group of a stream. The consumer is the only one of its queue, and each work slot is a member of the group.
#[derive(Debug, Clone)]
pub struct GroupModel {
    /// Index into `Model::streams`.
    pub stream: usize,
    /// Index into `Model::consumers`.
    pub consumer: usize,
    pub rules: GroupRules,
}

#[derive(Debug, Clone)]
pub struct StreamModel {
    pub name: String,
    pub rules: Stream,
    /// Indices into `Model::queues`.
    pub groups: Vec<usize>,
    /// Its publishes, bytes or storage have a price: how they are counted.
    pub meter: Option<Billing>,
}

#[derive(Debug, Clone)]
pub struct TopicModel {
    pub name: String,
    pub publish_limit: Option<f64>,
    pub dedup_window: Nanos,
    pub delivery_retry: Vec<RetryPhase>,
    /// (queue, share that its filter lets through).
    pub subscriptions: Vec<(usize, f64)>,
    /// Its publishes or copies have a price: how they are counted.
    pub meter: Option<Billing>,
}

#[derive(Debug, Clone)]
pub struct ConsumerModel {
    pub name: String,
    pub queue: usize,
    pub replicas: u32,
    /// The most there will ever be: room is laid out for them.
    pub max_replicas: u32,
    pub concurrency: u32,
    pub service: ServiceModel,
    pub overhead_success: Option<Distribution>,
    pub overhead_failure: Option<Distribution>,
    /// One a replica of `max_replicas`; empty where all are 1.
    pub speeds: Vec<f64>,
    pub failure_service: Option<Distribution>,
    /// 0: taken only when a slot is free.
    pub prefetch: u32,
    pub batch: Option<ConsumerBatch>,
    pub ack_before: bool,
    pub failure: f64,
    pub permanent_failure: f64,
    pub max_attempts: u32,
    /// `None`: requeue at once, at the head.
    pub backoff: Option<Backoff>,
    /// A retry that is due goes before all that waits.
    pub retry_at_head: bool,
    /// Retries happen inside the process: they hold slot and lease.
    pub in_process: bool,
    /// `UNLIMITED`: none.
    pub timeout: Nanos,
    pub then: Vec<Then>,
    pub route_one: bool,
    pub crash: Option<Crash>,
    pub receive: Option<u32>,
    /// 0: none.
    pub poll: Nanos,
    /// The first of pauses that double up to `poll`; 0: all are alike.
    pub poll_from: Nanos,
    /// `None`: leases run from the hand-over.
    pub heartbeat: Option<Nanos>,
    pub idempotent: Option<Idempotent>,
    pub shed: Option<Shed>,
    pub skip_expired_requests: bool,
    /// One of the two: messages are looked at before work on them starts.
    pub turns_away: bool,
    /// Made one after another once the own work of an attempt is done.
    pub calls: Vec<CallModel>,
    /// Of one replica's retries.
    pub budget: Option<budget::Rules>,
    pub scaling: Option<Scaling>,
    /// What a slot has to do for the other messages that the one it has just settled stands for.
    pub others: Option<Others>,
    /// Its invocations have a price.
    pub metered: bool,
}

/// See `Model::scaled`.
#[derive(Debug, Clone)]
pub struct Others {
    /// So many times the overhead, and the time for which the slot had the message, where `work` does not say.
    pub times: f64,
    /// The work itself, at the speed of the replica.
    pub work: Option<Distribution>,
}

impl ConsumerModel {
    /// The most replicas that are ever wanted at once; an autoscaler has more places laid out, for those that drain.
    pub fn most_replicas(&self) -> u32 {
        self.scaling.as_ref().map_or(self.max_replicas, |scaling| scaling.limits.max)
    }
}

#[derive(Debug, Clone)]
pub enum ServiceModel {
    Drawn(Distribution),
    Message,
    ByPriority(Vec<Distribution>),
}

impl Model {
    /// So many in a row of the draws that decide on failure, service and partition are spread evenly; 1: none are.
    pub fn strata(&self) -> u16 {
        self.weight.min(MOST_STRATA) as u16
    }

    /// Engine time as seconds of the scenario.
    pub fn scenario_seconds(&self, at: Nanos) -> f64 {
        (at as f64 - self.origin as f64) / 1e9
    }

    /// Instants at which the series are sampled: 0, tick, 2·tick … up to the end.
    pub fn samples(&self) -> usize {
        ((self.end - self.origin) / self.tick) as usize + 1
    }
}
