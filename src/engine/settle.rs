//! How a delivery ends: completed, tried again, dead-lettered, expired, dropped, or lost with its consumer.

use super::messages::{Draft, Message, State, Token};
use super::publish::Verdict;
use super::world::{Doing, World};
use crate::model::Target;
use crate::units::Nanos;

impl World<'_> {
    /// Work on a message ended in success.
    #[inline]
    pub(super) fn succeed(&mut self, slot: usize, token: Token) {
        let consumer = &self.consumers[self.slots[slot].consumer as usize];
        let (queue, onward) = (consumer.model.queue, !consumer.model.then.is_empty());
        if token.is_plain() {
            let (now, q) = (self.now, &mut self.queues[queue]);
            let published = token.published();
            let latency = now - published;
            q.counters.completed += 1;
            q.in_flight.leave(now);
            q.latency_tick[usize::from(published < self.warm)].record(latency);
            q.time_in_system = q.time_in_system.wrapping_add(u128::from(latency));
            if q.backlog.leave() {
                q.backlog.crossed(now, &q.counters);
            }
            if onward {
                self.onward(slot, Draft::new(published));
            }
            return;
        }
        self.succeed_rich(slot, queue, token);
    }

    fn succeed_rich(&mut self, slot: usize, queue: usize, token: Token) {
        let index = token.index();
        let current = self.messages.is_current(token, State::InFlight);
        let q = &mut self.queues[queue];
        let message = self.messages.get_mut(index);
        message.copies -= 1;
        q.counters.duplicates += u64::from(message.done);
        message.done = true;
        let message = *message;
        // An ack after the lease ran out: the broker may take it all the same, and withdraws the queued copy.
        if !message.state.is_finished() && (current || q.model.stale_ack_accepted) {
            q.counters.completed += 1;
            let latency = self.now - message.published;
            q.latency_tick[usize::from(message.published < self.warm)].record(latency);
            if let Some(level) = q.levels.get_mut(usize::from(message.level)) {
                level.completed += 1;
                if message.published >= self.warm {
                    level.latency.record(latency);
                }
            }
            if let Some(journey) = &mut q.journey
                && message.published >= self.warm
            {
                journey.record(self.now - message.origin);
            }
            let queued = (message.state == State::Ready && !self.queues[queue].model.withdraw)
                .then(|| self.messages.stamp(index));
            self.leave_queue(queue, index);
            if let Some(stamp) = queued {
                self.messages.haunt(index, stamp);
                self.queues[queue].ghosts += 1;
            }
            self.answered(message.request, message.request_attempt);
            let draft = Draft { service: message.service, level: message.level, ..Draft::new(message.origin) };
            self.onward(slot, draft);
        }
        self.messages.release_if_unheld(index);
    }

    /// Work on a message ended in failure. Returns whether the slot keeps it for another try inside the process.
    pub(super) fn fail(&mut self, slot: usize, token: Token, hopeless: bool) -> bool {
        let ci = self.slots[slot].consumer as usize;
        let model = self.consumers[ci].model;
        let queue = model.queue;
        let token = if token.is_plain() { self.promote(queue, token, 1) } else { token };
        let index = token.index();
        let attempts = self.messages.get(index).attempts;
        if model.in_process && !hopeless && attempts < model.max_attempts {
            let delay = self.backoff(ci, index, attempts);
            self.slots[slot].token = token;
            self.slots[slot].doing = Doing::Backoff;
            self.release_unless_hung(slot, self.now.saturating_add(delay));
            return true;
        }
        let current = self.messages.is_current(token, State::InFlight);
        let message = self.messages.get_mut(index);
        message.copies -= 1;
        let used_up = message.handed >= self.queues[queue].model.max_deliveries || attempts >= model.max_attempts;
        if !current {
            // Its lease ran out before: the broker has moved on, and this failure tells it nothing.
        } else if model.ack_before {
            self.queues[queue].counters.dropped += 1;
            self.leave_queue(queue, index);
        } else if hopeless || used_up {
            self.dead_letter(queue, index);
        } else if model.backoff.is_none() {
            self.return_to_queue(queue, index, true);
        } else {
            let delay = self.backoff(ci, index, attempts.max(1));
            if delay == 0 || self.now >= self.messages.get(index).expires {
                self.return_to_queue(queue, index, false);
            } else {
                self.queues[queue].in_flight.leave(self.now);
                self.delay(queue, index, delay, model.retry_at_head);
            }
        }
        self.messages.release_if_unheld(index);
        false
    }

    fn backoff(&mut self, ci: usize, index: usize, n: u32) -> Nanos {
        let consumer = &mut self.consumers[ci];
        let message = self.messages.get_mut(index);
        let delay = consumer.model.backoff.as_ref().map_or(0, |b| b.delay(n, message.last_delay, &mut consumer.retry));
        message.last_delay = delay;
        delay
    }

    /// Gives a plain message in the hands of a consumer a record. `started` tells whether work on it began.
    pub(super) fn promote(&mut self, queue: usize, token: Token, started: u32) -> Token {
        let message = Message {
            published: token.published(),
            origin: token.published(),
            expires: Nanos::MAX,
            service: Nanos::MAX,
            request: u64::MAX,
            queue: queue as u32,
            handed: 1,
            attempts: started,
            started,
            copies: 1,
            ..Message::default()
        };
        let index = self.record(queue, message);
        self.messages.enter(index, State::InFlight)
    }

    /// An in-flight message becomes ready again, unless it outlived its time meanwhile.
    pub(super) fn return_to_queue(&mut self, queue: usize, index: usize, at_head: bool) {
        if self.now >= self.messages.get(index).expires {
            return self.expire(queue, index);
        }
        self.queues[queue].in_flight.leave(self.now);
        let token = self.messages.enter(index, State::Ready);
        self.offer(queue, token, at_head);
    }

    /// The message's deliveries are used up, or it is hopeless.
    pub(super) fn dead_letter(&mut self, queue: usize, index: usize) {
        let message = *self.messages.get(index);
        self.leave_queue(queue, index);
        let q = &mut self.queues[queue];
        let Some(to) = q.model.dead_letter else {
            q.counters.dropped += 1;
            return;
        };
        q.counters.dead_lettered += 1;
        let mut draft = Draft::new(message.origin);
        if !self.queues[to].consumers.is_empty() {
            let level = message.level.min(self.queues[to].model.levels as u8 - 1);
            draft = Draft { service: message.service, poison: message.poison, level, ..draft };
        }
        if self.publish(to, draft, false) == Verdict::Full {
            self.wait_in_line(to, draft, u32::MAX);
        }
    }

    pub(super) fn expire(&mut self, queue: usize, index: usize) {
        self.queues[queue].counters.expired += 1;
        self.leave_queue(queue, index);
    }

    /// Takes an unfinished message out of its state and out of the backlog.
    pub(super) fn leave_queue(&mut self, queue: usize, index: usize) {
        let (now, q) = (self.now, &mut self.queues[queue]);
        match self.messages.get(index).state {
            State::Ready => q.ready.leave(now),
            State::InFlight => q.in_flight.leave(now),
            State::Delayed => q.delayed.leave(now),
            State::Gone | State::Ghost => return,
        }
        self.close_record(queue, index);
    }

    /// The message that a token from the rings stands for is gone; it has left `ready` already.
    pub(super) fn gone(&mut self, queue: usize, token: Token) {
        if !token.is_plain() {
            self.close_record(queue, token.index());
            self.messages.release_if_unheld(token.index());
            return;
        }
        let (now, q) = (self.now, &mut self.queues[queue]);
        q.time_in_system = q.time_in_system.wrapping_add(u128::from(now - token.published()));
        if q.backlog.leave() {
            q.backlog.crossed(now, &q.counters);
        }
    }

    fn close_record(&mut self, queue: usize, index: usize) {
        let (now, q) = (self.now, &mut self.queues[queue]);
        q.records -= 1;
        let published = self.messages.get(index).published;
        q.time_in_system = q.time_in_system.wrapping_add(u128::from(now - published));
        self.messages.enter(index, State::Gone);
        if q.backlog.leave() {
            q.backlog.crossed(now, &q.counters);
        }
    }

    /// A crash takes a message from its consumer. Without a lease it returns at once, else when the lease expires.
    pub(super) fn lose(&mut self, ci: usize, token: Token, started: bool) {
        let model = self.consumers[ci].model;
        let queue = model.queue;
        let token = if token.is_plain() { self.promote(queue, token, u32::from(started)) } else { token };
        let index = token.index();
        let current = self.messages.is_current(token, State::InFlight);
        let message = self.messages.get_mut(index);
        message.copies -= 1;
        let used_up =
            message.handed >= self.queues[queue].model.max_deliveries || message.attempts >= model.max_attempts;
        if current && model.ack_before {
            self.queues[queue].counters.dropped += 1;
            self.leave_queue(queue, index);
        } else if current && self.queues[queue].model.lease == crate::model::UNLIMITED {
            if used_up {
                self.dead_letter(queue, index);
            } else {
                self.return_to_queue(queue, index, true);
            }
        }
        self.messages.release_if_unheld(index);
    }

    /// Gives back what was handed over ahead and never worked on: to the head, and it does not count as a delivery.
    pub(super) fn give_back(&mut self, ci: usize, token: Token) {
        let queue = self.consumers[ci].model.queue;
        if token.is_plain() {
            self.queues[queue].in_flight.leave(self.now);
            return self.offer(queue, token, true);
        }
        let index = token.index();
        let current = self.messages.is_current(token, State::InFlight);
        let message = self.messages.get_mut(index);
        message.copies -= 1;
        if current {
            message.handed -= 1;
            self.return_to_queue(queue, index, true);
        }
        self.messages.release_if_unheld(index);
    }

    /// Publishes onward at completion.
    fn onward(&mut self, slot: usize, draft: Draft) {
        let ci = self.slots[slot].consumer as usize;
        let model = self.consumers[ci].model;
        if model.then.is_empty() {
            return;
        }
        let mut left = if model.route_one { self.consumers[ci].routes.uniform() } else { 0.0 };
        for then in &model.then {
            let chosen = if model.route_one {
                let before = left;
                left -= then.share;
                before >= 0.0 && left < 0.0
            } else {
                self.consumers[ci].routes.chance(then.share)
            };
            if !chosen {
                continue;
            }
            for _ in 0..then.times {
                match then.to {
                    Target::Stream(_) => {}
                    Target::Topic(topic) => self.fan_out(topic, draft),
                    Target::Queue(to) => self.forward(slot, to, draft),
                }
            }
        }
    }

    fn forward(&mut self, slot: usize, to: usize, draft: Draft) {
        let level = draft.level.min(self.queues[to].model.levels as u8 - 1);
        let draft = Draft { level, ..draft };
        if self.publish(to, draft, false) == Verdict::Full {
            self.slots[slot].doing = match self.slots[slot].doing {
                Doing::Blocked(n) => Doing::Blocked(n + 1),
                _ => Doing::Blocked(1),
            };
            self.wait_in_line(to, draft, slot as u32);
        }
    }
}
