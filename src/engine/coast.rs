//! The common case, kept short: plain messages through a queue whose consumers only draw a service time.
//!
//! Between two control points nothing can happen on such a lane but arrivals and ends of work. `coast` handles these
//! with everything at hand in two borrows; all else goes through the general path, one event at a time. Both paths make
//! the same changes in the same order and draw the same numbers: a test holds them to the last bit.

use super::messages::Token;
use super::world::{Arrival, Doing, Life, NO_TICKET, Outcome, Queue, REPLICA, World};
use crate::arrivals::BatchSize;
use crate::model::{ConsumerModel, OnRejectModel, ProducerModel, QueueModel, ServiceModel, Target, UNLIMITED};
use crate::units::Nanos;

impl World<'_> {
    /// Handles arrivals and releases up to the next control point. Returns at the first event that belongs to the
    /// general path, which the caller then handles.
    #[inline(never)]
    pub(super) fn coast(&mut self) {
        while let Some(&release) = self.releases.peek() {
            let arrival = self.arrivals.peek().copied().unwrap_or(Arrival::NEVER);
            let done = if release.at() <= arrival.at {
                release.at() < self.other && self.coast_release(release.slot(), release.at(), release.ticket())
            } else {
                arrival.at < self.other && self.coast_arrival(arrival)
            };
            if !done {
                return;
            }
        }
    }

    /// Work that ended in success on a plain message; the slot takes the next plain message or goes idle.
    #[inline]
    fn coast_release(&mut self, slot: usize, now: Nanos, ticket: u64) -> bool {
        let s = &mut self.slots[slot];
        let c = &mut self.consumers[s.consumer as usize];
        let token = s.token;
        if !c.coasting
            || s.ticket != ticket
            || s.doing != Doing::Work
            || s.outcome != Outcome::Success
            || !token.is_plain()
        {
            return false;
        }
        let q = &mut self.queues[c.queue];
        // A message with a record comes next: let the general path see to it.
        let next = if q.ready.count == 0 {
            None
        } else {
            match q.rings[0].front().map(Token) {
                Some(token) if token.is_plain() => Some(token),
                _ => return false,
            }
        };
        self.now = now;
        self.events += 1;
        self.standing = 0;
        let published = token.published();
        let latency = now - published;
        q.counters.completed += 1;
        q.latency_tick[usize::from(published < self.warm)].record(latency);
        q.time_in_system = q.time_in_system.wrapping_add(u128::from(latency));
        if q.backlog.leave() {
            q.backlog.crossed(now, &q.counters);
        }
        match next {
            Some(token) => {
                q.rings[0].pop_front();
                q.plain_ready -= 1;
                q.ready.leave(now);
                // One leaves the state `in_flight` as the next enters it.
                q.start_plain(token, now, self.warm);
                let (length, outcome) = c.draw_plain();
                self.ticket += 1;
                (s.token, s.outcome, s.ticket) = (token, outcome, self.ticket);
                self.releases.replace_top(super::calendar::Release::new(now.saturating_add(length), self.ticket, slot));
            }
            None => {
                q.in_flight.leave(now);
                c.busy.leave(now);
                (s.token, s.doing, s.ticket) = (Token::NONE, Doing::Nothing, NO_TICKET);
                q.takers.push_back(slot as u32);
                self.releases.pop();
            }
        }
        true
    }

    /// One plain message to one coasting queue: to the longest-idle slot, or into the ring.
    #[inline]
    fn coast_arrival(&mut self, arrival: Arrival) -> bool {
        let p = &mut self.producers[arrival.producer as usize];
        let Some(queue) = p.coasts_to else { return false };
        let q = &mut self.queues[queue];
        if !q.coasting {
            return false;
        }
        let now = arrival.at;
        self.now = now;
        self.events += 1;
        self.standing = 0;
        match p.source.next() {
            Some(at) => self.arrivals.replace_top(Arrival { at: at + self.model.origin, ..arrival }),
            None => {
                self.arrivals.pop();
            }
        }
        p.counters.requests += 1;
        p.counters.published += 1;
        q.counters.published += 1;
        if q.backlog.enter() {
            q.backlog.crossed(now, &q.counters);
        }
        let token = Token::plain(now);
        if q.ready.count == 0
            && let Some(slot) = q.takers.pop_front()
        {
            let slot = slot as usize;
            let s = &mut self.slots[slot];
            let c = &mut self.consumers[s.consumer as usize];
            q.in_flight.enter(now);
            c.busy.enter(now);
            q.start_plain(token, now, self.warm);
            let (length, outcome) = c.draw_plain();
            self.ticket += 1;
            (s.token, s.doing, s.outcome, s.ticket) = (token, Doing::Work, outcome, self.ticket);
            self.releases.push(super::calendar::Release::new(now.saturating_add(length), self.ticket, slot));
        } else {
            q.ready.enter(now);
            q.plain_ready += 1;
            q.rings[0].push_back(token.0);
        }
        true
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

impl Queue<'_> {
    /// Counts the first delivery of a plain message.
    #[inline]
    fn start_plain(&mut self, token: Token, now: Nanos, warm: Nanos) {
        self.counters.deliveries += 1;
        self.counters.attempted += 1;
        self.counters.attempts += 1;
        if token.published() >= warm {
            self.wait.record(now - token.published());
        }
    }
}

impl super::world::Consumer<'_> {
    /// Service time and outcome of an attempt where nothing but `failure` and faults' error rates has a say.
    #[inline]
    fn draw_plain(&mut self) -> (Nanos, Outcome) {
        let length = self.service.draw();
        let outcome = if self.failure.chance(self.failing) { Outcome::Failure } else { Outcome::Success };
        (length, outcome)
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
