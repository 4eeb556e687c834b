//! The common case, kept short: plain messages through a queue whose consumers only draw a service time.
//!
//! Between two control points nothing can happen on such a lane but arrivals and ends of work. A `Lane` handles these
//! with everything at hand, and enters its sums in the books when something looks at them; all else goes through the
//! general path, one event at a time. Both paths draw the same numbers in the same order and come to the same state: a
//! test holds them to the last bit.

use super::calendar::{Heap, Release};
use super::messages::Token;
use super::world::{Arrival, Consumer, Doing, Life, NO_TICKET, Outcome, Producer, Queue, REPLICA, Slot, World};
use crate::arrivals::BatchSize;
use crate::model::{ConsumerModel, OnRejectModel, ProducerModel, QueueModel, ServiceModel, Target, UNLIMITED};
use crate::units::Nanos;

impl World<'_> {
    /// Handles arrivals and releases up to the next control point. Returns at the first event that belongs to the
    /// general path, which the caller then handles.
    #[inline(never)]
    pub(super) fn coast(&mut self) {
        // With a single consumer and a single producer left the lane never changes.
        let alone = self.consumers.len() == 1 && self.arrivals.len() <= 1;
        loop {
            let release = self.releases.peek().copied();
            let arrival = self.arrivals.peek().copied().unwrap_or(Arrival::NEVER);
            let queue = match release {
                Some(release) if release.at() <= arrival.at => {
                    Some(self.consumers[self.slots[release.slot()].consumer as usize].queue)
                }
                _ if arrival.at < self.other => self.producers[arrival.producer as usize].coasts_to,
                _ => None,
            };
            let Some(queue) = queue.filter(|&queue| self.queues[queue].coasting) else { return };
            if !self.lane(queue, arrival, alone) || alone {
                return;
            }
        }
    }

    /// Takes what happens next on one queue's lane: one event, or all until one is not for it. `false`: there was none.
    #[inline(always)]
    fn lane(&mut self, queue: usize, arrival: Arrival, alone: bool) -> bool {
        let q = &mut self.queues[queue];
        let c = &mut self.consumers[q.consumers[0]];
        let producer = self.producers.get_mut(arrival.producer as usize).filter(|p| p.coasts_to == Some(queue));
        let mut lane = Lane {
            q,
            c,
            slots: &mut self.slots,
            releases: &mut self.releases,
            warm: self.warm,
            ticket: self.ticket,
            now: self.now,
            seen: Sums::default(),
        };
        let mut arrives = arrival.at;
        match producer {
            Some(Producer { source, counters, .. }) => {
                let (limit, origin) = (self.other, self.model.origin);
                let mut arrived = 0;
                loop {
                    let release = lane.releases.peek().copied().unwrap_or(Release::NEVER);
                    if release.at() <= arrives {
                        if release.at() >= limit || !lane.release(release) {
                            break;
                        }
                    } else {
                        if arrives >= limit {
                            break;
                        }
                        lane.arrival(arrives);
                        arrived += 1;
                        arrives = source.next().map_or(Nanos::MAX, |at| at + origin);
                    }
                    if !alone {
                        break;
                    }
                }
                counters.requests += arrived;
                counters.published += arrived;
            }
            _ => {
                let limit = self.other.min(arrives.saturating_add(1));
                while let Some(&release) = lane.releases.peek() {
                    if release.at() >= limit || !lane.release(release) || !alone {
                        break;
                    }
                }
            }
        }
        let events = lane.close();
        (self.now, self.ticket) = (lane.now, lane.ticket);
        if arrives != arrival.at {
            if arrives == Nanos::MAX {
                self.arrivals.pop();
            } else {
                self.arrivals.replace_top(Arrival { at: arrives, ..arrival });
            }
        }
        if events > 0 {
            self.events += events;
            self.standing = 0;
        }
        events > 0
    }

    /// Decides anew which queues and consumers coast. To be called whenever a fault, a schedule or a crash changed
    /// something, and now and then to see whether the last of it has passed.
    pub(super) fn find_lanes(&mut self) {
        for queue in 0..self.queues.len() {
            let q = &self.queues[queue];
            let [ci] = q.consumers[..] else { continue };
            let c = &self.consumers[ci];
            let coasting = q.model.coasts()
                && c.model.coasts()
                && q.barred == 0
                && q.down == 0
                && q.line.is_empty()
                && c.paused == 0
                && c.slow == 1.0
                && !c.uneven
                && self.replicas_of(ci).all(|ri| self.is_steady(ri));
            self.queues[queue].coasting = coasting && !self.general_only;
            self.consumers[ci].coasting = coasting && !self.general_only;
        }
    }

    fn is_steady(&self, ri: usize) -> bool {
        let replica = &self.replicas[ri];
        let at_rest = || self.slots_of(ri).all(|slot| self.slots[slot].doing == Doing::Nothing);
        !replica.hung && (replica.life == Life::Live || at_rest())
    }
}

/// One queue and its consumer with everything at hand. Sums are kept aside and entered in the books at the end.
struct Lane<'w, 'm> {
    q: &'w mut Queue<'m>,
    c: &'w mut Consumer<'m>,
    slots: &'w mut [Slot],
    releases: &'w mut Heap<Release>,
    warm: Nanos,
    ticket: u64,
    now: Nanos,
    seen: Sums,
}

/// What happened on a lane since its books were last brought up to date. Times are summed with the sign that
/// `Gauge::shift` wants.
#[derive(Default)]
struct Sums {
    published: u64,
    started: u64,
    completed: u64,
    /// Messages that went into the ring, and out of it.
    queued: u64,
    taken: u64,
    ready: u128,
    /// Slots that began to work out of idleness, and those that became idle.
    engaged: u64,
    idled: u64,
    busy: u128,
    latency: u128,
    /// Events of books closed before.
    events: u64,
}

impl Lane<'_, '_> {
    /// Work that ended in success on a plain message; the slot takes the next plain message or goes idle. `false`: this
    /// release is for the general path, and nothing was done.
    #[inline(always)]
    fn release(&mut self, release: Release) -> bool {
        let (now, slot) = (release.at(), release.slot());
        let s = &mut self.slots[slot];
        let token = s.token;
        let plain =
            s.ticket == release.ticket() && s.doing == Doing::Work && s.outcome == Outcome::Success && token.is_plain();
        if !plain {
            return false;
        }
        // A message with a record comes next: let the general path see to it.
        let next = if self.q.ready.count + self.seen.queued == self.seen.taken {
            None
        } else {
            match self.q.rings[0].front().map(Token) {
                Some(token) if token.is_plain() => Some(token),
                _ => return false,
            }
        };
        self.now = now;
        let published = token.published();
        let latency = now - published;
        self.q.latency_tick[usize::from(published < self.warm)].record(latency);
        self.seen.completed += 1;
        self.seen.latency = self.seen.latency.wrapping_add(u128::from(latency));
        if self.q.backlog.leave() {
            self.crossed();
        }
        match next {
            Some(token) => {
                self.q.rings[0].skip();
                self.seen.taken += 1;
                self.seen.ready = self.seen.ready.wrapping_add(u128::from(now));
                // One leaves the state `in_flight` as the next enters it.
                let release = self.start(slot, token);
                self.releases.replace_top(release);
            }
            None => {
                self.seen.idled += 1;
                self.seen.busy = self.seen.busy.wrapping_add(u128::from(now));
                let s = &mut self.slots[slot];
                (s.token, s.doing, s.ticket) = (Token::NONE, Doing::Nothing, NO_TICKET);
                self.q.takers.push_back(slot as u32);
                self.releases.pop();
            }
        }
        true
    }

    /// One plain message: to the longest-idle slot, or into the ring.
    #[inline(always)]
    fn arrival(&mut self, now: Nanos) {
        self.now = now;
        self.seen.published += 1;
        if self.q.backlog.enter() {
            self.crossed();
        }
        let token = Token::plain(now);
        if self.q.ready.count + self.seen.queued == self.seen.taken
            && let Some(slot) = self.q.takers.pop_front()
        {
            self.seen.engaged += 1;
            self.seen.busy = self.seen.busy.wrapping_sub(u128::from(now));
            let release = self.start(slot as usize, token);
            self.slots[slot as usize].doing = Doing::Work;
            self.releases.push(release);
        } else {
            self.seen.queued += 1;
            self.seen.ready = self.seen.ready.wrapping_sub(u128::from(now));
            self.q.rings[0].push_back(token.0);
        }
    }

    /// A first delivery: service time and outcome are drawn, where nothing but `failure` and faults' error rates has a
    /// say.
    #[inline(always)]
    fn start(&mut self, slot: usize, token: Token) -> Release {
        self.seen.started += 1;
        if token.published() >= self.warm {
            self.q.wait.record(self.now - token.published());
        }
        let length = self.c.service.draw();
        let fails = self.c.failing > 0.0 && self.c.failure.chance(self.c.failing);
        self.ticket += 1;
        let s = &mut self.slots[slot];
        s.token = token;
        s.outcome = if fails { Outcome::Failure } else { Outcome::Success };
        s.ticket = self.ticket;
        Release::new(self.now.saturating_add(length), self.ticket, slot)
    }

    /// The backlog has come to where something changes, and what changes looks at the counters.
    #[cold]
    #[inline(never)]
    fn crossed(&mut self) {
        self.enter_books();
        self.q.backlog.crossed(self.now, &self.q.counters);
    }

    fn enter_books(&mut self) {
        let seen = std::mem::take(&mut self.seen);
        let (q, c) = (&mut *self.q, &mut *self.c);
        q.counters.published += seen.published;
        q.counters.deliveries += seen.started;
        q.counters.attempted += seen.started;
        q.counters.attempts += seen.started;
        q.counters.completed += seen.completed;
        q.plain_ready = q.plain_ready + seen.queued - seen.taken;
        q.ready.shift(seen.queued, seen.taken, seen.ready);
        q.in_flight.shift(seen.engaged, seen.idled, seen.busy);
        c.busy.shift(seen.engaged, seen.idled, seen.busy);
        q.time_in_system = q.time_in_system.wrapping_add(seen.latency);
        self.seen.events = seen.events + seen.published + seen.completed;
    }

    /// Brings the books up to date; the number of events handled.
    fn close(&mut self) -> u64 {
        self.enter_books();
        self.seen.events
    }
}

trait Coasts {
    /// Nothing in its settings needs more than the short path knows.
    fn coasts(&self) -> bool;
}

impl Coasts for QueueModel {
    fn coasts(&self) -> bool {
        !self.rich && self.plain && self.capacity == UNLIMITED && self.max_in_flight == UNLIMITED && self.levels == 1
    }
}

impl Coasts for ConsumerModel {
    fn coasts(&self) -> bool {
        self.prefetch == 0
            && self.batch.is_none()
            && self.then.is_empty()
            && self.overhead_success.is_none()
            && self.others.is_none()
            && self.failure_service.is_none()
            && self.speeds.is_empty()
            && self.permanent_failure == 0.0
            && self.calls.is_empty()
            && self.budget.is_none()
            && self.timeout == UNLIMITED
            && matches!(self.service, ServiceModel::Drawn(_))
            && self.receive.is_none()
            && self.poll == 0
            && !self.metered
            && self.max_replicas < REPLICA
    }
}

/// The queue to which all of a producer's messages go, plain and one at a time.
pub(super) fn coasts_to(producer: &ProducerModel) -> Option<usize> {
    match producer.to[..] {
        [Target::Queue(queue)]
            if producer.plain
                && producer.batch == BatchSize::Fixed(1)
                && matches!(producer.on_reject, OnRejectModel::Drop) =>
        {
            Some(queue)
        }
        _ => None,
    }
}
