//! The state of a run: queues, producers, replicas and their work slots, and everything that is pending.

use super::calendar::{Heap, Pending, Release, Timers};
use super::client::Requests;
use super::messages::{Draft, Messages, Token};
use super::ring::Ring;
use super::source::Source;
use crate::model::{ConsumerModel, Model, ProducerModel, QueueModel, ServiceModel};
use crate::observe::{Backlog, Counters, Gauge, Histogram, LevelSeen, ProducerCounters, SeriesSet};
use crate::random::{Distribution, Draws, Stream};
use crate::units::Nanos;
use std::collections::VecDeque;

pub(super) struct World<'m> {
    pub(super) model: &'m Model,
    pub(super) now: Nanos,
    pub(super) queues: Vec<Queue<'m>>,
    pub(super) producers: Vec<Producer<'m>>,
    pub(super) consumers: Vec<Consumer<'m>>,
    pub(super) replicas: Vec<Replica>,
    pub(super) slots: Vec<Slot>,
    pub(super) messages: Messages,
    pub(super) requests: Requests,
    /// Publishes waiting outside the broker between two tries.
    pub(super) drafts: Vec<Draft>,
    pub(super) free_drafts: Vec<u32>,
    pub(super) arrivals: Heap<Arrival>,
    /// Ends of work, of overhead, of a batch's wait, of a backoff inside the process.
    pub(super) releases: Heap<Release>,
    /// The release being handled still stands at the top; the next one scheduled takes its place.
    pub(super) hole: bool,
    pub(super) ticket: u64,
    pub(super) leases: Timers,
    pub(super) due: Timers,
    pub(super) ttl: Timers,
    pub(super) clients: Timers,
    pub(super) outages: Timers,
    pub(super) timeline_next: usize,
    /// Replicas that each fault struck.
    pub(super) struck: Vec<Vec<usize>>,
    pub(super) next_sample: Nanos,
    pub(super) samples_left: usize,
    /// The earliest of all that is neither an arrival nor a release.
    pub(super) other: Nanos,
    pub(super) events: u64,
    /// Events so far at this very instant.
    pub(super) standing: u64,
    pub(super) warm: Nanos,
    /// No short path: for the test that both paths agree.
    pub(super) general_only: bool,
}

/// A producer's next arrival.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    pub(super) at: Nanos,
    pub(super) producer: u32,
}

impl Arrival {
    pub(super) const NEVER: Arrival = Arrival { at: Nanos::MAX, producer: u32::MAX };
}

impl Pending for Arrival {
    #[inline]
    fn key(&self) -> u128 {
        u128::from(self.at) << 64 | u128::from(self.producer)
    }
}

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

pub(super) struct Producer<'m> {
    pub(super) model: &'m ProducerModel,
    /// The queue that its messages may take the short path to.
    pub(super) coasts_to: Option<usize>,
    pub(super) source: Source<'m>,
    pub(super) turn: usize,
    pub(super) counters: ProducerCounters,
    pub(super) at_warmup: ProducerCounters,
    pub(super) at_sample: ProducerCounters,
    /// Publishes waiting outside the broker.
    pub(super) waiting: Gauge,
    pub(super) series: SeriesSet,
    pub(super) batch: Stream,
    pub(super) attributes: Stream,
    pub(super) balance: Stream,
    pub(super) retry: Stream,
}

pub(super) struct Consumer<'m> {
    pub(super) model: &'m ConsumerModel,
    pub(super) queue: usize,
    pub(super) coasting: bool,
    pub(super) first_replica: usize,
    pub(super) first_slot: usize,
    pub(super) desired: u32,
    pub(super) paused: u32,
    pub(super) busy: Gauge,
    pub(super) live_slots: Gauge,
    pub(super) live_replicas: Gauge,
    /// Error rates and slow factors of the faults on it now.
    pub(super) error_rates: Vec<(usize, f64)>,
    pub(super) slow_factors: Vec<(usize, f64)>,
    /// Probability that an attempt which starts now fails.
    pub(super) failing: f64,
    pub(super) slow: f64,
    /// Something besides a drawn service time decides how an attempt goes.
    pub(super) special: bool,
    /// Service times, where one law rules them all.
    pub(super) service: Draws,
    /// Service times by level, or of whole batches.
    pub(super) other_service: Stream,
    pub(super) failure: Stream,
    pub(super) failure_service: Stream,
    pub(super) overhead: Stream,
    pub(super) retry: Stream,
    pub(super) routes: Stream,
    pub(super) crash: Stream,
    pub(super) series: SeriesSet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    /// Not wanted, or not yet.
    Off,
    Live,
    /// No longer wanted; its work is finished first.
    Draining,
    /// Crashed.
    Down,
}

pub(super) struct Replica {
    pub(super) consumer: u32,
    pub(super) life: Life,
    pub(super) hung: bool,
    pub(super) taking: bool,
    /// Handed over and not settled; counted with `prefetch` only.
    pub(super) outstanding: u32,
    pub(super) buffer: VecDeque<Token>,
    /// Idle slots; kept with `prefetch` only.
    pub(super) idle: VecDeque<u32>,
    /// Faults that keep it down now.
    pub(super) faults: u32,
    /// Tells a pending crash or restart of an earlier life apart.
    pub(super) generation: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    Nothing,
    Work,
    Overhead,
    /// Collecting a batch.
    Filling,
    /// Between two attempts inside the process.
    Backoff,
    /// Its message is done, and so many publishes onward are blocked.
    Blocked(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Success,
    Failure,
    Hopeless,
}

pub(super) struct Slot {
    pub(super) token: Token,
    /// Of its pending release; a release with another ticket was cancelled.
    pub(super) ticket: u64,
    pub(super) consumer: u32,
    pub(super) replica: u32,
    pub(super) doing: Doing,
    pub(super) outcome: Outcome,
    /// With a `batch`: what is collected or worked on together, and how each ends.
    pub(super) batch: Vec<(Token, Outcome)>,
}

/// No release is pending.
pub(super) const NO_TICKET: u64 = u64::MAX;

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
pub(super) const CONSUMER_SERIES: [&str; 4] = ["replicas", "desired_replicas", "busy", "utilization"];
pub(super) const PRODUCER_SERIES: [&str; 5] =
    ["request_rate_per_s", "publish_rate_per_s", "goodput_per_s", "timeout_rate_per_s", "waiting"];

impl<'m> World<'m> {
    pub(super) fn new(model: &'m Model, run: u32) -> World<'m> {
        let mut world = World {
            model,
            now: model.origin,
            queues: model.queues.iter().enumerate().map(|(i, q)| Queue::new(model, i, q, run)).collect(),
            producers: model.producers.iter().map(|p| Producer::new(model, p, run)).collect(),
            consumers: vec![],
            replicas: vec![],
            slots: vec![],
            messages: Messages::default(),
            requests: Requests::default(),
            drafts: vec![],
            free_drafts: vec![],
            arrivals: Heap::new(),
            releases: Heap::new(),
            hole: false,
            ticket: 0,
            leases: Timers::new(),
            due: Timers::new(),
            ttl: Timers::new(),
            clients: Timers::new(),
            outages: Timers::new(),
            timeline_next: 0,
            struck: vec![vec![]; model.effects.len()],
            next_sample: model.origin,
            samples_left: model.samples(),
            other: model.origin,
            events: 0,
            standing: 0,
            warm: model.warm,
            general_only: false,
        };
        for (index, consumer) in model.consumers.iter().enumerate() {
            world.lay_out(index, consumer, run);
        }
        world
    }

    fn lay_out(&mut self, index: usize, model: &'m ConsumerModel, run: u32) {
        let stream = |purpose| Stream::new(self.model.seed, run, &model.name, purpose);
        self.consumers.push(Consumer {
            model,
            queue: model.queue,
            coasting: false,
            first_replica: self.replicas.len(),
            first_slot: self.slots.len(),
            desired: 0,
            paused: 0,
            busy: Gauge::default(),
            live_slots: Gauge::default(),
            live_replicas: Gauge::default(),
            error_rates: vec![],
            slow_factors: vec![],
            failing: model.failure,
            slow: 1.0,
            special: false,
            service: Draws::new(only_law(model), stream("service")),
            other_service: stream("other service"),
            failure: stream("failure"),
            failure_service: stream("failure service"),
            overhead: stream("overhead"),
            retry: stream("retry"),
            routes: stream("then"),
            crash: stream("crash"),
            series: SeriesSet::new(&CONSUMER_SERIES, self.model.samples()),
        });
        for _ in 0..model.max_replicas {
            let replica = self.replicas.len() as u32;
            self.replicas.push(Replica {
                consumer: index as u32,
                life: Life::Off,
                hung: false,
                taking: false,
                outstanding: 0,
                buffer: VecDeque::new(),
                idle: VecDeque::new(),
                faults: 0,
                generation: 0,
            });
            for _ in 0..model.concurrency {
                self.slots.push(Slot {
                    token: Token::NONE,
                    ticket: NO_TICKET,
                    consumer: index as u32,
                    replica,
                    doing: Doing::Nothing,
                    outcome: Outcome::Success,
                    batch: vec![],
                });
            }
        }
        self.queues[model.queue].consumers.push(index);
    }

    pub(super) fn slots_of(&self, replica: usize) -> std::ops::Range<usize> {
        let consumer = &self.consumers[self.replicas[replica].consumer as usize];
        let concurrency = consumer.model.concurrency as usize;
        let first = consumer.first_slot + (replica - consumer.first_replica) * concurrency;
        first..first + concurrency
    }

    pub(super) fn replicas_of(&self, consumer: usize) -> std::ops::Range<usize> {
        let consumer = &self.consumers[consumer];
        consumer.first_replica..consumer.first_replica + consumer.model.max_replicas as usize
    }

    /// Schedules the end of what a slot does, in place of the release being handled where there is one.
    #[inline]
    pub(super) fn release_at(&mut self, slot: usize, at: Nanos) {
        self.ticket += 1;
        self.slots[slot].ticket = self.ticket;
        let release = Release::new(at, self.ticket, slot);
        if self.hole {
            self.hole = false;
            self.releases.replace_top(release);
        } else {
            self.releases.push(release);
        }
    }
}

impl<'m> Queue<'m> {
    fn new(model: &'m Model, index: usize, queue: &'m QueueModel, run: u32) -> Queue<'m> {
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

impl<'m> Producer<'m> {
    fn new(model: &'m Model, producer: &'m ProducerModel, run: u32) -> Producer<'m> {
        let stream = |purpose| Stream::new(model.seed, run, &producer.name, purpose);
        Producer {
            model: producer,
            coasts_to: super::coast::coasts_to(producer),
            source: Source::new(model, producer, run),
            turn: 0,
            counters: ProducerCounters::default(),
            at_warmup: ProducerCounters::default(),
            at_sample: ProducerCounters::default(),
            waiting: Gauge::default(),
            series: SeriesSet::new(&PRODUCER_SERIES, model.samples()),
            batch: stream("batch"),
            attributes: stream("attributes"),
            balance: stream("balance"),
            retry: stream("retry"),
        }
    }
}

/// The law of the service times where there is one; else a stand-in that nobody draws from.
fn only_law(model: &ConsumerModel) -> Distribution {
    match &model.service {
        ServiceModel::Drawn(law) => law.clone(),
        ServiceModel::Message | ServiceModel::ByPriority(_) => Distribution::constant(0.0),
    }
}

impl Consumer<'_> {
    /// Sums up the faults on it. To be called whenever they change.
    pub(super) fn refresh(&mut self) {
        let survives: f64 = self.error_rates.iter().map(|(_, rate)| 1.0 - rate).product();
        self.failing = 1.0 - (1.0 - self.model.failure) * survives;
        self.slow = self.slow_factors.iter().map(|(_, factor)| factor).product();
        self.special = self.slow != 1.0
            || self.failing > 0.0
            || self.model.permanent_failure > 0.0
            || !self.model.speeds.is_empty()
            || self.model.timeout != Nanos::MAX
            || !matches!(self.model.service, ServiceModel::Drawn(_));
    }
}
