//! The state of one queue.

use super::calendar::{Heap, Pending};
use super::group::Group;
use super::keys::KeyBook;
use super::limits::Bucket;
use super::memory::Memory;
use super::messages::Draft;
use super::meter::Meter;
use super::ring::Ring;
use super::strands::Strands;
use crate::model::{Model, Order, QueueModel};
use crate::observe::{Backlog, Counters, Gauge, Histogram, LevelSeen, SeriesSet};
use crate::random::Stream;
use crate::units::Nanos;
use std::borrow::Cow;
use std::collections::{BTreeSet, VecDeque};

pub(super) struct Queue<'m> {
    pub(super) model: &'m QueueModel,
    /// Its events may take the short path.
    pub(super) coasting: bool,
    pub(super) ready: Gauge,
    pub(super) in_flight: Gauge,
    pub(super) delayed: Gauge,
    pub(super) backlog: Backlog,
    pub(super) counters: Counters,
    /// Faults that stop delivery now.
    pub(super) barred: u32,
    /// Faults that refuse publishes now, and of these the ones that do not tell the publisher.
    pub(super) down: u32,
    pub(super) silent: u32,
    /// Its rate of deliveries is used up for now.
    pub(super) throttled: bool,
    /// Order is not that of one line: it has strands or is a group.
    pub(super) apart: bool,
    pub(super) strands: Option<Box<Strands>>,
    pub(super) group: Option<Box<Group>>,
    pub(super) book: Option<Box<KeyBook>>,
    /// Publishes that a window of deduplication remembers.
    pub(super) memory: Option<Memory>,
    pub(super) meter: Option<Box<Meter>>,
    pub(super) publish_bucket: Option<Bucket>,
    pub(super) deliver_bucket: Option<Bucket>,
    pub(super) operation_bucket: Option<Bucket>,
    /// Delayed messages that count as in flight.
    pub(super) retrying: u64,
    pub(super) ready_bytes: u64,
    /// Of all unfinished messages.
    pub(super) bytes: u64,
    /// The broker's log: record and its life, where it is trimmed by length.
    pub(super) log: VecDeque<(u32, u32)>,
    /// Messages published twice of which one copy is done.
    pub(super) twins: BTreeSet<u64>,
    /// One ring a level of priority.
    pub(super) rings: Vec<Ring>,
    /// Plain messages among those waiting in the rings.
    pub(super) plain_ready: u64,
    /// Copies of finished messages among those waiting in the rings.
    pub(super) ghosts: u64,
    /// Who can take a message now, longest idle first: work slots, or replicas with free credit (`REPLICA` set).
    pub(super) takers: VecDeque<u32>,
    /// Idle slots that ask now and then, and when each asks next; and how many of them are about to.
    pub(super) sleepers: Vec<(u32, Nanos)>,
    pub(super) roused: u64,
    /// Blocked publishers, in order.
    pub(super) line: VecDeque<Waiter>,
    pub(super) wait: Histogram,
    pub(super) latency: Histogram,
    /// Latencies since the last sample: published after warm-up, and before its end.
    pub(super) latency_tick: [Histogram; 2],
    pub(super) journey: Option<Histogram>,
    pub(super) levels: Vec<LevelSeen>,
    pub(super) time_in_system: u128,
    /// Records by time of publishing; those of finished messages are skipped when they come up.
    pub(super) elders: Heap<Elder>,
    pub(super) elders_len: usize,
    pub(super) records: usize,
    pub(super) at_warmup: Counters,
    pub(super) at_sample: Counters,
    pub(super) series: SeriesSet,
    pub(super) chance: Stream,
    pub(super) consumers: Vec<usize>,
}

/// Marks a taker that is a replica.
pub(super) const REPLICA: u32 = 1 << 31;

/// A record in the order of publishing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Elder {
    pub(super) published: Nanos,
    pub(super) index: u32,
    pub(super) life: u32,
}

impl Pending for Elder {
    fn at(&self) -> Nanos {
        self.published
    }

    fn key(&self) -> u128 {
        u128::from(self.published) << 64 | u128::from(self.index) << 32 | u128::from(self.life)
    }
}

/// A publisher that a full queue blocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiter {
    pub(super) draft: Draft,
    /// The work slot that publishes onward and stays busy meanwhile; `u32::MAX` for a producer.
    pub(super) slot: u32,
}

pub(super) const QUEUE_SERIES: [&str; 16] = [
    "ready",
    "in_flight",
    "delayed",
    "backlog",
    "oldest_age_s",
    "publish_rate_per_s",
    "deliver_rate_per_s",
    "complete_rate_per_s",
    "redeliver_rate_per_s",
    "reject_rate_per_s",
    "drop_rate_per_s",
    "expire_rate_per_s",
    "dead_letter_rate_per_s",
    "latency_p50_s",
    "latency_p99_s",
    "work_amplification",
];
impl<'m> Queue<'m> {
    pub(super) fn new(model: &'m Model, index: usize, queue: &'m QueueModel, run: u32) -> Queue<'m> {
        let disturbances: Vec<(Nanos, Nanos)> =
            model.disturbances.iter().map(|d| (model.origin + d.start, model.origin + d.end)).collect();
        debug_assert!(std::ptr::eq(&model.queues[index], queue));
        let keyed_order = matches!(queue.order, Order::Key | Order::Session);
        let dedup = queue.traits.dedup_window.ns();
        Queue {
            model: queue,
            coasting: false,
            ready: Gauge::default(),
            in_flight: Gauge::default(),
            delayed: Gauge::default(),
            backlog: Backlog::new(&disturbances, queue.recovered_when, queue.hold, model.origin),
            counters: Counters::default(),
            barred: 0,
            down: 0,
            silent: 0,
            throttled: false,
            apart: keyed_order || queue.group.is_some(),
            strands: keyed_order
                .then(|| Box::new(Strands::new(queue.order == Order::Session, queue.traits.scan_depth))),
            group: queue.group.as_ref().map(|group| Box::new(Group::new(model, group))),
            book: (queue.keyed && queue.rich).then(Box::default),
            memory: (dedup > 0).then(|| Memory::new(dedup)),
            meter: Meter::optional(queue.meter, model.weight, queue.receivers),
            publish_bucket: Bucket::optional(queue.traits.publish_limit, model.origin),
            deliver_bucket: Bucket::optional(queue.traits.deliver_limit, model.origin),
            operation_bucket: Bucket::optional(queue.traits.operation_limit, model.origin),
            retrying: 0,
            ready_bytes: 0,
            bytes: 0,
            log: VecDeque::new(),
            twins: BTreeSet::new(),
            rings: vec![Ring::default(); queue.levels],
            plain_ready: 0,
            ghosts: 0,
            takers: VecDeque::new(),
            sleepers: vec![],
            roused: 0,
            line: VecDeque::new(),
            wait: Histogram::default(),
            latency: Histogram::default(),
            latency_tick: [Histogram::default(), Histogram::default()],
            journey: queue.hops.then(Histogram::default),
            levels: if queue.levels > 1 { vec![LevelSeen::default(); queue.levels] } else { vec![] },
            time_in_system: 0,
            elders: Heap::new(),
            elders_len: 0,
            records: 0,
            at_warmup: Counters::default(),
            at_sample: Counters::default(),
            series: SeriesSet::named(columns(model, queue), model.samples()),
            chance: Stream::new(model.seed, run, &queue.name, "queue"),
            consumers: vec![],
        }
    }
}

/// Up to so many partitions have a series of their own.
pub(super) const PARTITION_SERIES: usize = 32;

/// The series of a queue; a group of a stream has its lag besides, and that of each partition.
fn columns(model: &Model, queue: &QueueModel) -> Vec<Cow<'static, str>> {
    let mut names: Vec<Cow<'static, str>> = QUEUE_SERIES.iter().map(|name| Cow::Borrowed(*name)).collect();
    if let Some(group) = &queue.group {
        names.push("lag".into());
        let partitions = model.streams[group.stream].rules.partitions as usize;
        if partitions <= PARTITION_SERIES {
            names.extend((0..partitions).map(|p| Cow::Owned(format!("lag_p{p}"))));
        }
    }
    names
}
