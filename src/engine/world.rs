//! The state of a run: queues, producers, replicas and their work slots, and everything that is pending.

use super::calendar::{Heap, Release, Timers};
use super::client::Requests;
pub(super) use super::consumer::{Consumer, Doing, Life, NO_TICKET, Outcome, Replica, Slot};
use super::dependency::{Calls, Dependency};
use super::deploy::Deploying;
use super::messages::{Draft, Messages, Token};
pub(super) use super::producer::{Arrival, Producer};
pub(super) use super::queue::{Elder, Queue, REPLICA, Waiter};
use super::redrive::Redriving;
use super::stream::StreamState;
use super::topic::Topic;
use super::upstream::Upstream;
use super::workflow::Workflows;
use crate::model::{ConsumerModel, Model};
use crate::policy::budget::Trouble;
use crate::units::Nanos;
use std::collections::VecDeque;

pub(super) struct World<'m> {
    pub(super) model: &'m Model,
    pub(super) now: Nanos,
    pub(super) queues: Vec<Queue<'m>>,
    pub(super) producers: Vec<Producer<'m>>,
    /// One entry a producer.
    pub(super) upstream: Vec<Upstream>,
    pub(super) topics: Vec<Topic>,
    pub(super) streams: Vec<StreamState>,
    pub(super) workflows: Workflows<'m>,
    pub(super) consumers: Vec<Consumer<'m>>,
    pub(super) dependencies: Vec<Dependency<'m>>,
    pub(super) calls: Calls,
    pub(super) replicas: Vec<Replica>,
    pub(super) slots: Vec<Slot>,
    pub(super) messages: Messages,
    pub(super) requests: Requests,
    /// Publishes waiting outside the broker between two tries.
    pub(super) drafts: Vec<Draft>,
    pub(super) free_drafts: Vec<u32>,
    /// Why the publish of which the broker is just speaking was refused.
    pub(super) trouble: Trouble,
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
    pub(super) alarms: Timers,
    pub(super) timeline_next: usize,
    /// By queue; empty without any.
    pub(super) redrives: Vec<Option<Redriving>>,
    pub(super) deploys: Vec<Deploying>,
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

impl<'m> World<'m> {
    pub(super) fn new(model: &'m Model, run: u32) -> World<'m> {
        let mut world = World {
            model,
            now: model.origin,
            queues: model.queues.iter().enumerate().map(|(i, q)| Queue::new(model, i, q, run)).collect(),
            producers: model.producers.iter().map(|p| Producer::new(model, p, run)).collect(),
            upstream: model.producers.iter().map(|p| Upstream::new(model, p, run)).collect(),
            topics: model.topics.iter().map(|topic| Topic::new(topic, model.origin, model.weight)).collect(),
            streams: (0..model.streams.len()).map(|index| StreamState::new(model, index, run)).collect(),
            workflows: Workflows::new(model, run),
            consumers: vec![],
            dependencies: model.dependencies.iter().map(|d| Dependency::new(model, d, run)).collect(),
            calls: Calls::default(),
            replicas: vec![],
            slots: vec![],
            messages: Messages::default(),
            requests: Requests::default(),
            drafts: vec![],
            free_drafts: vec![],
            trouble: Trouble::Transient,
            arrivals: Heap::new(),
            releases: Heap::new(),
            hole: false,
            ticket: 0,
            leases: Timers::new(),
            due: Timers::new(),
            ttl: Timers::new(),
            clients: Timers::new(),
            outages: Timers::new(),
            alarms: Timers::new(),
            timeline_next: 0,
            redrives: Redriving::all(model, run),
            deploys: Deploying::all(model, run),
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
        let (first_replica, first_slot) = (self.replicas.len(), self.slots.len());
        self.consumers.push(Consumer::new(self.model, model, run, first_replica, first_slot));
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
                standby: false,
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
                    begun: 0,
                    batch: vec![],
                    pending: VecDeque::new(),
                    lane: 0,
                    listening: false,
                    roused: false,
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
