//! Batches: a slot collects messages up to a size or a wait, works on them together and settles them together.

use super::messages::Token;
use super::world::{Doing, NO_TICKET, Outcome, REPLICA, World};
use crate::units::Nanos;

impl World<'_> {
    /// A message for a slot's batch. The slot goes on collecting until the batch is full or its wait is over.
    pub(super) fn collect(&mut self, slot: usize, token: Token) {
        let consumer = &self.consumers[self.slots[slot].consumer as usize];
        let (queue, prefetch) = (consumer.model.queue, consumer.model.prefetch > 0);
        let Some(rules) = &consumer.model.batch else { return };
        let (size, wait) = (rules.size as usize, rules.wait.ns());
        let ri = self.slots[slot].replica as usize;
        self.slots[slot].batch.push((token, Outcome::Success));
        while self.slots[slot].batch.len() < size {
            let next = if prefetch {
                self.replicas[ri].buffer.pop_front()
            } else if self.queues[queue].can_deliver() {
                self.take_ready(queue, slot as u32).map(|token| self.hand_over(queue, token, slot as u32))
            } else {
                None
            };
            let Some(token) = next else { break };
            self.slots[slot].batch.push((token, Outcome::Success));
        }
        self.receive_ends(queue);
        if !self.queues[queue].line.is_empty() {
            self.unblock(queue);
        }
        if self.slots[slot].batch.len() >= size || wait == 0 {
            return self.start_batch(slot);
        }
        if self.slots[slot].doing != Doing::Filling {
            self.stop_being_busy(slot);
            self.slots[slot].doing = Doing::Filling;
            self.release_at(slot, self.now + wait);
        }
        // What comes next goes into this batch, before anybody who waits for a first message.
        if prefetch {
            self.replicas[ri].idle.push_front(slot as u32);
        } else {
            self.queues[queue].takers.push_front(slot as u32);
        }
    }

    /// Collecting is not work.
    fn stop_being_busy(&mut self, slot: usize) {
        if self.slots[slot].doing != Doing::Nothing {
            self.consumers[self.slots[slot].consumer as usize].busy.leave(self.now);
        }
    }

    pub(super) fn start_batch(&mut self, slot: usize) {
        let (ci, ri) = (self.slots[slot].consumer as usize, self.slots[slot].replica as usize);
        let queue = self.consumers[ci].model.queue;
        // Where it still waited for more, it is no longer a taker.
        if self.slots[slot].doing == Doing::Filling {
            let me = slot as u32;
            self.queues[queue].takers.retain(|taker| *taker & REPLICA != 0 || *taker != me);
            self.replicas[ri].idle.retain(|idle| *idle != me);
        }
        if self.consumers[ci].scaler.is_some() && self.must_wait(slot) {
            return;
        }
        if matches!(self.slots[slot].doing, Doing::Nothing | Doing::Filling) {
            self.consumers[ci].busy.enter(self.now);
        }
        self.slots[slot].ticket = NO_TICKET;
        self.slots[slot].begun = self.now;
        self.consumers[ci].invocations += u64::from(self.consumers[ci].model.metered);
        let mut batch = std::mem::take(&mut self.slots[slot].batch);
        let length = self.draw_batch(slot, queue, &mut batch);
        self.note_attempt(slot);
        self.slots[slot].batch = batch;
        self.slots[slot].doing = Doing::Work;
        self.release_unless_hung(slot, self.now.saturating_add(length));
    }

    /// Each message starts when its turn comes; with `service_per_batch` all start at once.
    fn draw_batch(&mut self, slot: usize, queue: usize, batch: &mut [(Token, Outcome)]) -> Nanos {
        let ci = self.slots[slot].consumer as usize;
        let model = self.consumers[ci].model;
        let Some(rules) = &model.batch else { return 0 };
        let begin = self.now;
        let mut length: Nanos = 0;
        let mut failed = false;
        for entry in batch.iter_mut() {
            self.now = begin + if rules.service_per_batch.is_some() { 0 } else { length };
            self.delivered(queue, entry.0);
            self.queues[queue].counters.attempts += 1;
            let (own, outcome) = self.draw_attempt(slot, entry.0);
            entry.1 = outcome;
            failed |= outcome.has_failed();
            // Without partial success the first failure ends the batch: what comes after it is not worked on.
            length = length.saturating_add(own);
            if failed && !rules.partial && rules.service_per_batch.is_none() {
                break;
            }
        }
        self.now = begin;
        // Nothing is left to be worked on together.
        let all_away = batch.iter().all(|(_, outcome)| outcome.is_away());
        if let Some(law) = rules.service_per_batch.as_ref().filter(|_| !all_away) {
            let consumer = &mut self.consumers[ci];
            let speed = consumer.speed(self.slots[slot].replica as usize);
            length = (law.sample(&mut consumer.other_service) as f64 * consumer.slow / speed).round() as Nanos;
        }
        if length > model.timeout {
            (length, failed) = (model.timeout, true);
            batch.iter_mut().filter(|entry| !entry.1.is_away()).for_each(|entry| entry.1 = Outcome::Failure);
        }
        if failed && !rules.partial {
            batch.iter_mut().filter(|entry| entry.1 == Outcome::Success).for_each(|entry| entry.1 = Outcome::Failure);
        }
        length
    }

    pub(super) fn batch_ends(&mut self, slot: usize) {
        let batch = std::mem::take(&mut self.slots[slot].batch);
        let ri = self.slots[slot].replica as usize;
        if self.queues[self.queue_of_slot(slot)].group.is_some() {
            return self.record_batch_ends(slot, batch);
        }
        let mut success = true;
        for &(token, outcome) in &batch {
            match outcome {
                Outcome::Success => self.succeed(slot, token),
                Outcome::Failure | Outcome::Hopeless => {
                    success = false;
                    // Only a message that is a batch of its own is tried again inside the process.
                    if self.fail(slot, token, outcome == Outcome::Hopeless) {
                        return;
                    }
                }
                Outcome::Shed | Outcome::Skipped => self.turn_away(slot, token, outcome),
            }
        }
        for _ in 1..batch.len() {
            self.credit(ri);
        }
        self.settled(slot, success);
    }
}
