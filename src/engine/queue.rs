//! The state of one queue.

use super::calendar::{Heap, Pending};
use super::messages::Draft;
use super::ring::Ring;
use crate::model::{Model, QueueModel};
use crate::observe::{Backlog, Counters, Gauge, Histogram, LevelSeen, SeriesSet};
use crate::random::Stream;
use crate::units::Nanos;
use std::collections::VecDeque;

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
    /// One ring a level of priority.
    pub(super) rings: Vec<Ring>,
    /// Plain messages among those waiting in the rings.
    pub(super) plain_ready: u64,
    /// Copies of finished messages among those waiting in the rings.
    pub(super) ghosts: u64,
    /// Who can take a message now, longest idle first: work slots, or replicas with free credit (`REPLICA` set).
    pub(super) takers: VecDeque<u32>,
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

pub(super) const QUEUE_SERIES: [&str; 12] = [
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
    "latency_p50_s",
    "latency_p99_s",
];
impl<'m> Queue<'m> {
    pub(super) fn new(model: &'m Model, index: usize, queue: &'m QueueModel, run: u32) -> Queue<'m> {
        let disturbances: Vec<(Nanos, Nanos)> =
            model.disturbances.iter().map(|d| (model.origin + d.start, model.origin + d.end)).collect();
        debug_assert!(std::ptr::eq(&model.queues[index], queue));
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
            rings: vec![Ring::default(); queue.levels],
            plain_ready: 0,
            ghosts: 0,
            takers: VecDeque::new(),
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
            series: SeriesSet::new(&QUEUE_SERIES, model.samples()),
            chance: Stream::new(model.seed, run, &queue.name, "queue"),
            consumers: vec![],
        }
    }
}
