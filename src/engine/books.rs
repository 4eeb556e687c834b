//! What is kept of the messages of a queue beyond their states: bytes, keys, the broker's log, what was done already.

use super::keys::NO_KEY;
use super::messages::{Message, State, Token};
use super::world::World;
use crate::units::Nanos;

impl World<'_> {
    /// A message was accepted.
    #[inline(never)]
    pub(super) fn enter_books(&mut self, queue: usize, index: usize) {
        let message = self.messages.get(index);
        let (key, life) = (message.key, message.life);
        let q = &mut self.queues[queue];
        q.bytes += u64::from(message.size);
        if let Some(book) = &mut q.book
            && key != NO_KEY
        {
            book.published(key);
        }
        let Some(length) = q.model.traits.log_length else { return };
        q.log.push_back((index as u32, life));
        while self.queues[queue].log.len() as u64 > length {
            self.trim_log(queue);
        }
    }

    /// The oldest entry of the broker's log goes: a message that waits is lost with it, one in work cannot come back.
    fn trim_log(&mut self, queue: usize) {
        let Some((index, life)) = self.queues[queue].log.pop_front() else { return };
        let message = self.messages.get_mut(index as usize);
        if message.life != life || message.state.is_finished() || message.queue as usize != queue {
            return;
        }
        message.trimmed = true;
        if message.state == State::Ready {
            self.queues[queue].counters.dropped += 1;
            self.leave_queue(queue, index as usize);
            self.messages.release_if_unheld(index as usize);
        }
    }

    /// A message is unfinished no more.
    #[inline(never)]
    pub(super) fn leave_books(&mut self, queue: usize, index: usize) {
        let message = self.messages.get(index);
        let (key, lane) = (message.key, message.lane);
        let now = self.now;
        let q = &mut self.queues[queue];
        if let Some(group) = &mut q.group {
            group.left(lane, now);
        } else {
            q.bytes -= u64::from(message.size);
        }
        if let Some(book) = &mut q.book
            && key != NO_KEY
        {
            book.left(key);
        }
        if q.strands.is_some() {
            self.strand_freed(queue, index);
        }
    }

    /// Where times to live are noticed at the head only: removes what has outlived its time there.
    #[inline(never)]
    pub(super) fn expire_heads(&mut self, queue: usize) {
        for level in 0..self.queues[queue].rings.len() {
            while let Some(token) = self.queues[queue].rings[level].front().map(Token) {
                if token.is_plain() || self.messages.get(token.index()).state == State::Ghost {
                    break;
                }
                if self.messages.is_current(token, State::Ready) {
                    if self.messages.get(token.index()).expires > self.now {
                        break;
                    }
                    self.expire(queue, token.index());
                    self.messages.release_if_unheld(token.index());
                }
                self.queues[queue].rings[level].pop_front();
            }
        }
    }

    /// Asks the consumer's store of what was done: what the question costs, and whether the message is known.
    #[inline(never)]
    pub(super) fn ask_store(&mut self, slot: usize, index: usize) -> Option<(Nanos, bool)> {
        let now = self.now;
        let consumer = &mut self.consumers[self.slots[slot].consumer as usize];
        let rules = consumer.model.idempotent.as_ref()?;
        let cost = rules.cost.sample(&mut consumer.store);
        let message = self.messages.get_mut(index);
        let itself = message.done && now - message.done_at < rules.window.ns();
        let identity = message.identity();
        let known = itself || (identity != u64::MAX && consumer.done.knows(identity, now));
        message.absorbed = known;
        Some((cost, known))
    }

    /// Notes in the consumer's store that a message is done.
    #[inline(never)]
    pub(super) fn remember(&mut self, slot: usize, message: &Message) {
        let consumer = &mut self.consumers[self.slots[slot].consumer as usize];
        if consumer.model.idempotent.is_some() && message.identity() != u64::MAX {
            consumer.done.note(message.identity(), self.now);
        }
    }
}
