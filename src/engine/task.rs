//! Tasks of workflows on their queues: bounds on waits and attempts, workers that fall silent.

use super::messages::{Message, State, Token};
use super::world::World;
use crate::model::{TaskModel, UNLIMITED};
use crate::units::Nanos;

/// Marks the lease of a task that ends because nothing was heard of its worker.
const SILENCE: u64 = 1;

impl World<'_> {
    /// An attempt on a task has failed. Says whether its execution's history is full: then no other follows.
    #[inline(never)]
    pub(super) fn attempt_failed(&mut self, index: usize) -> bool {
        let message = self.messages.get_mut(index);
        // What ends a wait in the queue is no matter now; the next one has a bound of its own.
        message.expires = Nanos::MAX;
        let (id, serial) = (message.request, message.request_attempt);
        let Some(place) = self.workflows.find(id, serial) else { return false };
        let model = self.workflows.model(place);
        let execution = &mut self.workflows.executions[place];
        execution.events += model.events.attempt;
        execution.events > model.history_limit
    }

    /// A task waits in its queue from now on, and not for ever.
    #[inline(never)]
    pub(super) fn bound_wait(&mut self, queue: usize, index: usize) {
        let Some(task) = self.queues[queue].model.task else { return };
        let message = self.messages.get_mut(index);
        message.expires = self.now.saturating_add(task.schedule_to_start);
        if task.schedule_to_start != UNLIMITED {
            self.ttl.push(message.expires, index as u64, u64::from(message.life));
            self.other = self.other.min(message.expires);
        }
    }

    /// An attempt on a task took too long, or nothing was heard of its worker: the engine tries again by the task's retry,
    /// while the old attempt goes on where it is.
    #[inline(never)]
    pub(super) fn attempt_timed_out(&mut self, queue: usize, index: usize, why: u64) {
        let Some(&ci) = self.queues[queue].consumers.first() else { return };
        if why == SILENCE && self.is_given_out_again(queue, index) {
            return self.return_to_queue(queue, index, true);
        }
        let full = self.attempt_failed(index);
        let model = self.consumers[ci].model;
        let attempts = self.messages.get(index).attempts;
        if full || attempts >= model.max_attempts {
            self.dead_letter(queue, index);
            return self.messages.release_if_unheld(index);
        }
        let delay = self.backoff(ci, index, attempts.max(1));
        if delay == 0 {
            self.return_to_queue(queue, index, false);
        } else {
            self.queues[queue].in_flight.leave(self.now);
            self.delay(queue, index, delay, false, true);
        }
    }

    /// The worker that had the task in hand died. Without bounds on the attempt or on silence that is noticed at once.
    #[inline(never)]
    pub(super) fn lose_task(&mut self, queue: usize, index: usize, current: bool) {
        self.messages.get_mut(index).copies -= 1;
        if current && self.queues[queue].model.lease == UNLIMITED {
            self.attempt_timed_out(queue, index, SILENCE);
        } else {
            self.messages.release_if_unheld(index);
        }
    }

    /// Where a worker's death is no failed attempt, its last attempt did not count.
    pub(super) fn is_given_out_again(&mut self, queue: usize, index: usize) -> bool {
        let again = self.queues[queue].model.task.is_some_and(|task| task.given_out_again);
        if again {
            let message = self.messages.get_mut(index);
            message.attempts = message.attempts.saturating_sub(1);
        }
        again
    }

    /// Whether the task of an unfinished message has failed before.
    pub(super) fn has_failed(message: &Message) -> bool {
        match message.state {
            State::InFlight => message.attempts > 1,
            State::Ready | State::Delayed => message.attempts > 0,
            State::Gone | State::Ghost | State::Free => false,
        }
    }

    /// Work on a task has been handed out: the attempt is bounded, and a worker that hangs already will never report.
    #[inline(never)]
    pub(super) fn bound_attempt(&mut self, queue: usize, task: TaskModel, token: Token, slot: u32) {
        let lease = self.queues[queue].model.lease;
        let hung = self.slots.get(slot as usize).is_some_and(|slot| self.replicas[slot.replica as usize].hung);
        self.lease_until(queue, token, self.now.saturating_add(lease));
        if hung {
            self.falls_silent(task, token);
        }
    }

    /// Nothing is heard any more of the worker that has this task in hand: the last report was the last multiple of its
    /// interval, which is four fifths of what the engine waits for.
    #[inline(never)]
    pub(super) fn falls_silent(&mut self, task: TaskModel, token: Token) {
        if task.heartbeat == UNLIMITED || token.is_plain() || !self.messages.is_current(token, State::InFlight) {
            return;
        }
        let since = self.messages.get(token.index()).since;
        let interval = (task.heartbeat / 5 * 4).max(1);
        let reported = since + (self.now - since) / interval * interval;
        let at = reported.saturating_add(task.heartbeat).max(self.now);
        self.leases.push(at, token.0, SILENCE);
        self.other = self.other.min(at);
    }

    /// The replica hangs from now on, with whatever it has in hand.
    #[inline(never)]
    pub(super) fn tasks_fall_silent(&mut self, ri: usize) {
        let queue = self.consumers[self.replicas[ri].consumer as usize].model.queue;
        let Some(task) = self.queues[queue].model.task else { return };
        for slot in self.slots_of(ri) {
            let token = self.slots[slot].token;
            if token != Token::NONE {
                self.falls_silent(task, token);
            }
        }
    }
}
