//! Timers of messages: leases, delays, time to live.

use super::messages::{State, Token};
use super::world::World;
use crate::units::Nanos;

impl World<'_> {
    /// A lease ran out: a failed delivery without backoff, redelivered at the head. The old attempt runs on.
    pub(super) fn lease_expired(&mut self) {
        let Some(timer) = self.leases.pop() else { return };
        let token = Token(timer.what);
        if !self.messages.is_current(token, State::InFlight) {
            return;
        }
        let index = token.index();
        let queue = self.messages.get(index).queue as usize;
        let q = &self.queues[queue];
        if q.model.task.is_some() {
            return self.attempt_timed_out(queue, index, timer.extra);
        }
        let message = self.messages.get_mut(index);
        if !q.model.traits.counts.lease {
            message.handed -= 1;
        }
        let attempts_allowed =
            q.consumers.iter().map(|&c| self.consumers[c].model.max_attempts).min().unwrap_or(u32::MAX);
        if message.handed >= q.model.max_deliveries.min(attempts_allowed) {
            self.dead_letter(queue, index);
            self.messages.release_if_unheld(index);
        } else {
            self.return_to_queue(queue, index, true);
        }
    }

    /// The message, which is in no state that counts, is delayed.
    /// `retrying` tells a failed attempt's delay from that of a first delivery.
    pub(super) fn delay(&mut self, queue: usize, index: usize, delay: Nanos, then_at_head: bool, retrying: bool) {
        let q = &mut self.queues[queue];
        q.delayed.enter(self.now);
        let retrying = retrying && q.model.traits.in_flight_includes_delayed;
        q.retrying += u64::from(retrying);
        self.messages.get_mut(index).retrying = retrying;
        let token = self.messages.enter(index, State::Delayed);
        let at = self.now.saturating_add(delay);
        self.due.push(at, token.0, u64::from(then_at_head));
        self.other = self.other.min(at);
    }

    /// A delay is over: ready, at the tail unless the retry policy says otherwise.
    pub(super) fn came_due(&mut self) {
        let Some(timer) = self.due.pop() else { return };
        let token = Token(timer.what);
        if !self.messages.is_current(token, State::Delayed) {
            return;
        }
        let index = token.index();
        let queue = self.messages.get(index).queue as usize;
        let message = self.messages.get(index);
        if message.trimmed {
            self.queues[queue].counters.dropped += 1;
            self.leave_queue(queue, index);
            return self.messages.release_if_unheld(index);
        }
        self.queues[queue].retrying -= u64::from(message.retrying);
        self.queues[queue].delayed.leave(self.now);
        if self.queues[queue].model.task.is_some() {
            self.bound_wait(queue, index);
        }
        let token = self.messages.enter(index, State::Ready);
        self.offer(queue, token, timer.extra == 1);
    }

    /// Starts a message's time to live, from its publish, where the queue has one.
    pub(super) fn set_ttl(&mut self, queue: usize, index: usize) {
        let q = &mut self.queues[queue];
        if q.model.task.is_some() {
            return self.bound_wait(queue, index);
        }
        let Some(law) = &q.model.ttl else { return };
        let ttl = law.sample(&mut q.chance);
        let message = self.messages.get_mut(index);
        // An initial backlog may be older than that already: then it expires now, never in the past.
        let at = message.clock.saturating_add(ttl).max(self.now);
        message.expires = at;
        self.ttl.push(at, index as u64, u64::from(message.life));
        self.other = self.other.min(at);
    }

    /// A time to live ends: a message that waits is removed; one in work is not, unless it comes back.
    pub(super) fn outlived(&mut self) {
        let Some(timer) = self.ttl.pop() else { return };
        let index = timer.what as usize;
        let message = self.messages.get(index);
        // The wait in the queue may have begun anew.
        let later = message.expires > self.now;
        if later || u64::from(message.life) != timer.extra || !matches!(message.state, State::Ready | State::Delayed) {
            return;
        }
        let queue = message.queue as usize;
        if self.queues[queue].model.traits.ttl_at_head && message.state == State::Ready {
            return self.expire_heads(queue);
        }
        self.expire(queue, index);
        self.messages.release_if_unheld(index);
        if !self.queues[queue].line.is_empty() {
            self.unblock(queue);
        }
    }
}
