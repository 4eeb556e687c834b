//! The state of one consumer group: its replicas and their work slots.

use super::budgets::Budgets;
use super::caller::Calling;
use super::memory::Memory;
use super::messages::Token;
use super::scaling::Scaler;
use crate::model::{ConsumerModel, Model, ServiceModel};
use crate::observe::{Gauge, SeriesSet};
use crate::policy::shed::Shedder;
use crate::random::{Distribution, Draws, Stream};
use crate::units::Nanos;
use std::collections::VecDeque;

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
    /// Replicas that are there at all.
    pub(super) kept_replicas: Gauge,
    pub(super) invocations: u64,
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
    pub(super) others: Stream,
    pub(super) retry: Stream,
    pub(super) routes: Stream,
    pub(super) crash: Stream,
    pub(super) polling: Stream,
    pub(super) store: Stream,
    pub(super) shedding: Stream,
    pub(super) shedder: Option<Box<Shedder>>,
    /// It has calls or a budget of retries, of which the end of its own work must be told.
    pub(super) guarded: bool,
    /// With `calls`.
    pub(super) calling: Option<Box<Calling<'m>>>,
    /// With a budget of retries.
    pub(super) budgets: Option<Box<Budgets>>,
    /// What its store remembers of messages that come in several copies.
    pub(super) done: Memory,
    /// Not all replicas work at the same speed.
    pub(super) uneven: bool,
    pub(super) scaler: Option<Box<Scaler<'m>>>,
    pub(super) series: SeriesSet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    /// Not wanted, or not yet.
    Off,
    /// Wanted, and waits for its node or starts up.
    Pending,
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
    /// With a single active consumer: it waits for the active one to go.
    pub(super) standby: bool,
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
    /// Its own work is done; it calls dependencies.
    Calling,
    /// Its message is done, and so many publishes onward are blocked.
    Blocked(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Success,
    Failure,
    Hopeless,
    /// It was turned away, by the rule of `shed` or because nobody waits for it.
    Shed,
    Skipped,
}

impl Outcome {
    pub(super) fn is_away(self) -> bool {
        matches!(self, Outcome::Shed | Outcome::Skipped)
    }

    pub(super) fn has_failed(self) -> bool {
        matches!(self, Outcome::Failure | Outcome::Hopeless)
    }
}

pub(super) struct Slot {
    pub(super) token: Token,
    /// Of its pending release; a release with another ticket was cancelled.
    pub(super) ticket: u64,
    pub(super) consumer: u32,
    pub(super) replica: u32,
    pub(super) doing: Doing,
    pub(super) outcome: Outcome,
    /// When work on what it has in hand began; kept on the general path only.
    pub(super) begun: Nanos,
    /// With a `batch`: what is collected or worked on together, and how each ends.
    pub(super) batch: Vec<(Token, Outcome)>,
    /// Received or polled, to be worked on after the message in hand; with the lane it comes from.
    pub(super) pending: VecDeque<(Token, u32)>,
    /// Of a stream's group: the lane of the record in hand.
    pub(super) lane: u32,
    /// Its empty receive goes on: it is among the takers.
    pub(super) listening: bool,
    /// It asks for messages at its pending release.
    pub(super) roused: bool,
}

/// No release is pending.
pub(super) const NO_TICKET: u64 = u64::MAX;

/// The last is of consumers under an autoscaler only.
const CONSUMER_SERIES: [&str; 5] = ["replicas", "desired_replicas", "busy", "utilization", "scaling_metric"];

/// The law of the service times where there is one; else a stand-in that nobody draws from.
fn only_law(model: &ConsumerModel) -> Distribution {
    match &model.service {
        ServiceModel::Drawn(law) => law.clone(),
        ServiceModel::Message | ServiceModel::ByPriority(_) => Distribution::constant(0.0),
    }
}

impl<'m> Consumer<'m> {
    /// Nobody lives yet; the group's replicas and slots are laid out from these numbers on.
    pub(super) fn new(
        world: &'m Model,
        model: &'m ConsumerModel,
        run: u32,
        first_replica: usize,
        first_slot: usize,
    ) -> Consumer<'m> {
        let stream = |purpose| Stream::new(world.seed, run, &model.name, purpose);
        Consumer {
            model,
            queue: model.queue,
            coasting: false,
            first_replica,
            first_slot,
            desired: 0,
            paused: 0,
            busy: Gauge::default(),
            live_slots: Gauge::default(),
            live_replicas: Gauge::default(),
            kept_replicas: Gauge::default(),
            invocations: 0,
            error_rates: vec![],
            slow_factors: vec![],
            failing: model.failure,
            slow: 1.0,
            special: false,
            service: Draws::new(only_law(model), stream("service").evened(world.strata())),
            other_service: stream("other service"),
            failure: stream("failure").evened(world.strata()),
            failure_service: stream("failure service"),
            overhead: stream("overhead"),
            others: stream("others"),
            retry: stream("retry"),
            routes: stream("then"),
            crash: stream("crash"),
            polling: stream("poll"),
            store: stream("idempotent"),
            shedding: stream("shed"),
            shedder: model.shed.as_ref().map(|shed| Box::new(Shedder::new(shed.rules))),
            guarded: !model.calls.is_empty() || model.budget.is_some(),
            calling: Calling::new(world, model, run),
            budgets: Budgets::new(model),
            done: Memory::new(model.idempotent.as_ref().map_or(0, |rules| rules.window.ns())),
            uneven: false,
            scaler: Scaler::new(world, model, run).map(Box::new),
            series: SeriesSet::new(&CONSUMER_SERIES[..4 + usize::from(model.scaling.is_some())], world.samples()),
        }
    }

    /// All its work slots, of every replica there will ever be.
    pub(super) fn slots(&self) -> std::ops::Range<usize> {
        self.first_slot..self.first_slot + (self.model.max_replicas * self.model.concurrency) as usize
    }

    /// How fast a replica works.
    #[inline(never)]
    pub(super) fn speed(&self, replica: usize) -> f64 {
        let place = replica - self.first_replica;
        let own = self.model.speeds.get(place).copied().unwrap_or(1.0);
        own * self.scaler.as_ref().map_or(1.0, |scaler| scaler.speed(place))
    }

    /// Sums up the faults on it. To be called whenever they change.
    pub(super) fn refresh(&mut self) {
        let survives: f64 = self.error_rates.iter().map(|(_, rate)| 1.0 - rate).product();
        self.failing = 1.0 - (1.0 - self.model.failure) * survives;
        self.slow = self.slow_factors.iter().map(|(_, factor)| factor).product();
        self.uneven = !self.model.speeds.is_empty() || self.scaler.as_ref().is_some_and(|scaler| scaler.warming > 0);
        self.special = self.slow != 1.0
            || self.failing > 0.0
            || self.model.permanent_failure > 0.0
            || self.uneven
            || self.model.timeout != Nanos::MAX
            || !self.model.calls.is_empty()
            || self.model.budget.is_some()
            || !matches!(self.model.service, ServiceModel::Drawn(_));
    }
}
