//! What is taken from a consumer before it is done: by a crash, or handed back unread.

use super::messages::{State, Token};
use super::world::World;

impl World<'_> {
    /// A crash takes a message from its consumer. Without a lease it returns at once, else when the lease expires.
    pub(super) fn lose(&mut self, ci: usize, token: Token, started: bool) {
        let model = self.consumers[ci].model;
        let queue = model.queue;
        let token = if token.is_plain() { self.promote(queue, token, u32::from(started)) } else { token };
        let index = token.index();
        let current = self.messages.is_current(token, State::InFlight);
        self.meter_loss(ci, queue, index);
        self.lease_abandoned(ci, queue, token);
        if self.queues[queue].model.task.is_some() {
            return self.lose_task(queue, index, current);
        }
        let traits = &self.queues[queue].model.traits;
        let message = self.messages.get_mut(index);
        message.copies -= 1;
        if current && !traits.counts.crash {
            message.handed -= 1;
        }
        let used_up =
            message.handed >= self.queues[queue].model.max_deliveries || message.attempts >= model.max_attempts;
        if current && (model.ack_before || traits.at_most_once) {
            self.queues[queue].counters.dropped += 1;
            self.leave_queue(queue, index);
        } else if current && (self.queues[queue].model.lease == crate::model::UNLIMITED || traits.crash_requeues) {
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
}
