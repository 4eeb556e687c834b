//! How a delivery ends: completed, tried again, dead-lettered, expired, dropped, or lost with its consumer.

use super::gate::Verdict;
use super::keys::NO_KEY;
use super::messages::{Draft, Message, State, Token};
use super::workflow::is_task;
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
            if self.queues[queue].group.is_some() {
                self.record_done(slot, queue, published, None);
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
        self.meter_settle(self.slots[slot].consumer as usize, queue, index);
        let current = self.messages.is_current(token, State::InFlight);
        let q = &mut self.queues[queue];
        let message = self.messages.get_mut(index);
        message.copies -= 1;
        let replayed = message.done && q.group.is_some() && message.stamp == token.stamp();
        let again = message.done || (message.twin != u64::MAX && !q.twins.insert(message.twin));
        if !again {
            message.done_at = self.now;
        }
        q.counters.duplicates += u64::from(again && !message.absorbed);
        message.done = true;
        // An ack after the lease ran out: the broker may take it all the same, and withdraws the queued copy.
        if !message.state.is_finished() && (current || q.model.stale_ack_accepted) {
            self.completed(slot, queue, index);
        }
        if replayed {
            self.replayed(slot, queue, index);
        }
        self.messages.release_if_unheld(index);
    }

    /// A message with a record is completed.
    fn completed(&mut self, slot: usize, queue: usize, index: usize) {
        let q = &mut self.queues[queue];
        let message = self.messages.get(index);
        q.counters.completed += 1;
        let latency = self.now - message.published;
        q.latency_tick[usize::from(message.published < self.warm)].record(latency);
        if let Some(book) = &mut q.book
            && message.key != NO_KEY
        {
            q.counters.out_of_order += u64::from(book.completed(message.key, message.published, latency));
        }
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
        let queued = (message.state == State::Ready && !q.model.withdraw).then(|| self.messages.stamp(index));
        let (request, attempt) = (message.request, message.request_attempt);
        self.leave_queue(queue, index);
        let q = &mut self.queues[queue];
        if let Some(stamp) = queued {
            self.messages.haunt(index, stamp);
            q.ghosts += 1;
            let lane = self.messages.get(index).lane;
            q.group.iter_mut().for_each(|group| group.unsettled(lane));
        } else if !q.apart && q.chance.chance(q.model.traits.duplicate_delivery) {
            self.deliver_again(queue, index);
        }
        let (grouped, any_copy) = (self.queues[queue].group.is_some(), self.queues[queue].memory.is_some());
        if is_task(request) {
            self.task_done(slot, request, attempt);
        } else {
            self.answered(request, attempt, any_copy);
        }
        let model = self.consumers[self.slots[slot].consumer as usize].model;
        if !model.then.is_empty() || model.idempotent.is_some() || grouped {
            let message = *self.messages.get(index);
            if grouped {
                self.record_done(slot, queue, message.published, Some(&message));
            }
            self.remember(slot, &message);
            self.onward(slot, Draft::onward(&message));
        }
    }

    /// The broker delivers a finished message once more, behind all that waits.
    #[inline(never)]
    fn deliver_again(&mut self, queue: usize, index: usize) {
        let token = self.messages.enter(index, State::Ghost);
        self.messages.get_mut(index).copies += 1;
        let level = usize::from(self.messages.get(index).level);
        let q = &mut self.queues[queue];
        q.ghosts += 1;
        q.rings[level].push_back(token.0);
        self.pump(queue);
    }

    /// Work on a message ended in failure. Returns whether the slot keeps it for another try inside the process.
    pub(super) fn fail(&mut self, slot: usize, token: Token, hopeless: bool) -> bool {
        let ci = self.slots[slot].consumer as usize;
        let model = self.consumers[ci].model;
        let queue = model.queue;
        if self.queues[queue].group.is_some() {
            self.record_failed(slot, queue, token, hopeless);
            return false;
        }
        let token = if token.is_plain() { self.promote(queue, token, 1) } else { token };
        let index = token.index();
        let attempts = self.messages.get(index).attempts;
        let more = !hopeless && attempts < model.max_attempts;
        let granted = model.budget.is_none() || self.may_retry(slot, attempts, more);
        if model.in_process && more && granted {
            let delay = self.backoff(ci, index, attempts);
            self.slots[slot].token = token;
            self.slots[slot].doing = Doing::Backoff;
            self.release_unless_hung(slot, self.now.saturating_add(delay));
            return true;
        }
        let current = self.messages.is_current(token, State::InFlight);
        let message = self.messages.get_mut(index);
        message.copies -= 1;
        let rules = self.queues[queue].model;
        let in_vain = attempts >= model.max_attempts || !granted;
        // Left alone under its lease, the message keeps its count until the lease ends.
        let full = rules.task.is_some() && self.attempt_failed(index);
        let tells = model.backoff.as_ref().is_some_and(|backoff| !backoff.is_zero());
        let left_alone = rules.traits.nack_waits_for_lease && !tells && !hopeless && !in_vain;
        if left_alone {
            self.meter_loss(ci, queue, index);
        } else {
            self.meter_settle(ci, queue, index);
        }
        let message = self.messages.get_mut(index);
        if current && !left_alone && !rules.traits.counts.nack {
            message.handed -= 1;
        }
        let used_up = message.handed >= rules.max_deliveries || in_vain || full;
        if !current {
            // Its lease ran out before: the broker has moved on, and this failure tells it nothing.
        } else if left_alone {
            // Nobody tells the broker, and nobody extends the lease any more.
            self.lease_abandoned(ci, queue, token);
        } else if model.ack_before || rules.traits.at_most_once {
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
                self.delay(queue, index, delay, model.retry_at_head, true);
            }
        }
        self.messages.release_if_unheld(index);
        false
    }

    pub(super) fn backoff(&mut self, ci: usize, index: usize, n: u32) -> Nanos {
        let consumer = &mut self.consumers[ci];
        let message = self.messages.get_mut(index);
        let delay = consumer.model.backoff.as_ref().map_or(0, |b| b.delay(n, message.last_delay, &mut consumer.retry));
        message.last_delay = delay;
        delay
    }

    /// Gives a plain message in the hands of a consumer a record. `started` tells whether work on it began.
    pub(super) fn promote(&mut self, queue: usize, token: Token, started: u32) -> Token {
        let published = token.published();
        let fresh = Message::new(queue, published, published);
        let message = Message { handed: 1, attempts: started, started, copies: 1, ..fresh };
        let index = self.record(queue, message);
        self.messages.enter(index, State::InFlight)
    }

    /// An in-flight message becomes ready again, unless it outlived its time meanwhile.
    pub(super) fn return_to_queue(&mut self, queue: usize, index: usize, at_head: bool) {
        let message = self.messages.get(index);
        if message.trimmed {
            self.queues[queue].counters.dropped += 1;
            return self.leave_queue(queue, index);
        }
        if self.queues[queue].model.task.is_some() {
            self.bound_wait(queue, index);
        }
        let (traits, message) = (&self.queues[queue].model.traits, self.messages.get(index));
        if self.now >= message.expires && !traits.ttl_at_head {
            return self.expire(queue, index);
        }
        let at_head = at_head && !traits.redelivery_at_tail;
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
            if is_task(message.request) {
                self.task_failed(message.request, message.request_attempt);
            }
            return;
        };
        q.counters.dead_lettered += 1;
        let clock = if q.model.traits.dead_letter_keeps_clock { message.clock } else { Nanos::MAX };
        let mut draft = Draft { clock, ..Draft::new(message.origin) };
        // Where it is only counted, its time of publishing is enough.
        if self.queues[to].model.rich {
            draft = Draft { poison: message.poison, clock, ..Draft::onward(&message) };
        }
        self.bury(to, draft);
    }

    /// Publishes a message into a dead-letter queue.
    pub(super) fn bury(&mut self, to: usize, draft: Draft) {
        let draft = Draft { level: draft.level.min(self.queues[to].model.levels as u8 - 1), ..draft };
        if self.publish(to, draft, false) == Verdict::Full {
            self.wait_in_line(to, draft, u32::MAX);
        }
    }

    pub(super) fn expire(&mut self, queue: usize, index: usize) {
        let rules = self.queues[queue].model;
        if rules.traits.dead_letter_expired && rules.dead_letter.is_some() {
            return self.dead_letter(queue, index);
        }
        self.queues[queue].counters.expired += 1;
        let (request, attempt) = (self.messages.get(index).request, self.messages.get(index).request_attempt);
        self.leave_queue(queue, index);
        if is_task(request) {
            self.task_failed(request, attempt);
        }
    }

    /// Takes an unfinished message out of its state and out of the backlog.
    pub(super) fn leave_queue(&mut self, queue: usize, index: usize) {
        let (now, q) = (self.now, &mut self.queues[queue]);
        let message = self.messages.get(index);
        match message.state {
            State::Ready => {
                q.ready.leave(now);
                q.ready_bytes -= u64::from(message.size);
            }
            State::InFlight => q.in_flight.leave(now),
            State::Delayed => {
                q.delayed.leave(now);
                q.retrying -= u64::from(message.retrying);
            }
            State::Gone | State::Ghost | State::Free => return,
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
        if let Some(meter) = &mut q.meter {
            meter.stored.remove(u64::from(self.messages.get(index).size), now);
        }
        q.time_in_system = q.time_in_system.wrapping_add(u128::from(now - published));
        if !q.model.plain || q.model.keyed {
            self.leave_books(queue, index);
        }
        let q = &mut self.queues[queue];
        self.messages.enter(index, State::Gone);
        if q.backlog.leave() {
            q.backlog.crossed(now, &q.counters);
        }
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
                // What a topic or stream refuses is lost on the way: there is nobody to tell.
                match then.to {
                    Target::Stream(stream) => {
                        self.publish_to_stream(stream, draft);
                    }
                    Target::Topic(topic) => {
                        self.publish_to_topic(topic, draft);
                    }
                    Target::Workflow(workflow) => {
                        self.start_execution(workflow, draft);
                    }
                    Target::Queue(to) => self.forward(slot, to, draft),
                }
            }
        }
    }

    fn forward(&mut self, slot: usize, to: usize, draft: Draft) {
        let level = draft.level.min(self.queues[to].model.levels as u8 - 1);
        let draft = Draft { level, ..draft };
        self.meter_publish(to, draft.size);
        if self.publish(to, draft, false) == Verdict::Full {
            self.slots[slot].doing = match self.slots[slot].doing {
                Doing::Blocked(n) => Doing::Blocked(n + 1),
                _ => Doing::Blocked(1),
            };
            self.wait_in_line(to, draft, slot as u32);
        }
    }
}
