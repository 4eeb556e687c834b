//! Redrive: what lies in a queue at a time is moved to another, one after another at a rate or all at once.
//!
//! A moved message is completed here and published there, its journey kept. What comes after the start stays: dead
//! letters that fail again are not moved twice.

use super::alarms::Alarm;
use super::gate::Verdict;
use super::messages::{Draft, State, Token};
use super::world::World;
use crate::model::Model;
use crate::random::Stream;
use crate::units::{Nanos, SECOND};

/// One queue's.
pub(super) struct Redriving {
    /// Messages still to be moved.
    left: u64,
    /// When it began, and moves tried since.
    began: Nanos,
    tried: u64,
    chance: Stream,
}

impl Redriving {
    /// One for each queue that has one, by the queue's number.
    pub(super) fn all(model: &Model, run: u32) -> Vec<Option<Redriving>> {
        let of = |queue: &crate::model::QueueModel| {
            queue.redrive.map(|_| Redriving {
                left: 0,
                began: 0,
                tried: 0,
                chance: Stream::new(model.seed, run, &queue.name, "redrive"),
            })
        };
        if model.queues.iter().all(|queue| queue.redrive.is_none()) {
            vec![]
        } else {
            model.queues.iter().map(of).collect()
        }
    }
}

/// How long a redrive without a rate waits after a refusal.
const AGAIN: Nanos = SECOND;

impl World<'_> {
    /// Sets the alarms of all redrives.
    pub(super) fn await_redrives(&mut self) {
        for queue in 0..self.redrives.len() {
            if let Some(rules) = self.queues[queue].model.redrive {
                self.alarm(self.model.origin + rules.at.ns(), Alarm::Redrive, queue as u64);
            }
        }
    }

    /// A queue's redrive begins, or its next move is due.
    pub(super) fn redrive(&mut self, queue: usize) {
        let Some(rules) = self.queues[queue].model.redrive else { return };
        let (now, ready) = (self.now, self.queues[queue].ready.count);
        let Some(state) = &mut self.redrives[queue] else { return };
        if state.tried == 0 {
            (state.left, state.began) = (ready, now);
        }
        let Some(rate) = rules.rate else {
            while self.move_one(queue) {}
            return self.go_on(queue, now.saturating_add(AGAIN));
        };
        self.move_one(queue);
        let tried = self.redrives[queue].as_ref().map_or(0, |state| state.tried);
        let began = self.redrives[queue].as_ref().map_or(0, |state| state.began);
        // Counted from the start, so that roundings do not add up.
        self.go_on(queue, began.saturating_add((tried as f64 * 1e9 / rate).round() as Nanos).max(now));
    }

    /// As long as something is left to be moved.
    fn go_on(&mut self, queue: usize, at: Nanos) {
        if self.redrives[queue].as_ref().is_some_and(|state| state.left > 0) && self.queues[queue].ready.count > 0 {
            self.alarm(at, Alarm::Redrive, queue as u64);
        }
    }

    /// Moves the next message. False where there is none, or where the other queue does not take it.
    fn move_one(&mut self, queue: usize) -> bool {
        let Some(rules) = self.queues[queue].model.redrive else { return false };
        let Some(state) = &mut self.redrives[queue] else { return false };
        state.tried += 1;
        if state.left == 0 || self.queues[queue].barred > 0 {
            return false;
        }
        let Some(token) = self.take_unfinished(queue) else { return false };
        let index = token.index();
        let message = *self.messages.get(index);
        let Some(state) = &mut self.redrives[queue] else { return false };
        let poison = match rules.still_failing {
            Some(share) => state.chance.chance(share),
            None => message.poison,
        };
        let level = message.level.min(self.queues[rules.to].model.levels as u8 - 1);
        let draft = Draft { poison, level, ..Draft::onward(&message) };
        // Out of the line while the other queue decides, so that nothing else takes it meanwhile.
        self.queues[queue].in_flight.enter(self.now);
        self.messages.enter(index, State::InFlight);
        if !matches!(self.publish(rules.to, draft, false), Verdict::Accepted | Verdict::Lost) {
            self.put_back(queue, index);
            return false;
        }
        let q = &mut self.queues[queue];
        q.counters.completed += 1;
        q.counters.redriven += 1;
        if let Some(state) = &mut self.redrives[queue] {
            state.left -= 1;
        }
        self.leave_queue(queue, index);
        self.messages.release_if_unheld(index);
        if !self.queues[queue].line.is_empty() {
            self.unblock(queue);
        }
        true
    }

    /// The next ready message; copies of finished ones that wait before it are let go.
    fn take_unfinished(&mut self, queue: usize) -> Option<Token> {
        loop {
            let token = self.take_ready(queue, u32::MAX)?;
            if !self.exorcise(token) {
                return Some(token);
            }
        }
    }

    /// The other queue refused it: it is where it was.
    fn put_back(&mut self, queue: usize, index: usize) {
        self.queues[queue].in_flight.leave(self.now);
        let token = self.messages.enter(index, State::Ready);
        if self.queues[queue].strands.is_some() {
            return self.offer_to_strand(queue, token, true);
        }
        self.offer(queue, token, true);
    }
}
