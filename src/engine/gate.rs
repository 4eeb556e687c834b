//! At the entrance of a queue: room, rates, windows of deduplication, alarms, and publishers that wait.

use super::messages::{Draft, State};
use super::world::{Queue, Waiter, World};
use crate::model::Overflow;
use crate::policy::budget::Trouble;

/// What a queue says to a publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Accepted,
    /// The publisher is told.
    Rejected,
    /// Lost, and the publisher is not told.
    Lost,
    /// The publisher has to wait; nothing was counted.
    Full,
}

impl World<'_> {
    /// What the broker's own rules say to a publish before there is any talk of room; `None`: nothing.
    pub(super) fn hold_up(&mut self, queue: usize, draft: &Draft) -> Option<Verdict> {
        let now = self.now;
        let q = &mut self.queues[queue];
        if q.model.traits.memory_alarm.is_some_and(|limit| q.bytes >= limit || !q.line.is_empty()) {
            return Some(Verdict::Full);
        }
        if !self.publish_allowed(queue) {
            let q = &mut self.queues[queue];
            q.counters.published += 1;
            q.counters.rejected += 1;
            self.trouble = Trouble::Throttle;
            return Some(Verdict::Rejected);
        }
        let identity = draft.identity();
        let q = &mut self.queues[queue];
        if let Some(memory) = &mut q.memory
            && identity != u64::MAX
            && q.down == 0
            && memory.knows(identity, now)
        {
            q.counters.deduplicated += 1;
            return Some(Verdict::Lost);
        }
        if q.model.traits.at_most_once && !self.is_connected(queue) {
            let q = &mut self.queues[queue];
            q.counters.published += 1;
            q.counters.dropped += 1;
            return Some(Verdict::Lost);
        }
        None
    }

    /// Some replica is there to take what the queue hands out.
    fn is_connected(&self, queue: usize) -> bool {
        let consumers = &self.queues[queue].consumers;
        consumers.iter().any(|&ci| self.consumers[ci].live_replicas.count > 0)
    }

    /// Counts the publish and decides on it; makes room by dropping the head where that is the rule.
    #[inline]
    pub(super) fn gate(&mut self, queue: usize, blocking: bool, size: u32) -> Verdict {
        let q = &mut self.queues[queue];
        q.counters.published += 1;
        if q.ready.count < q.model.capacity && q.down == 0 && q.line.is_empty() && q.has_bytes_for(size) {
            return Verdict::Accepted;
        }
        self.gate_closed(queue, blocking, size)
    }

    #[cold]
    fn gate_closed(&mut self, queue: usize, blocking: bool, size: u32) -> Verdict {
        let q = &mut self.queues[queue];
        if q.down > 0 {
            if blocking && q.silent == 0 {
                q.counters.published -= 1;
                return Verdict::Full;
            }
            q.counters.rejected += 1;
            return if q.silent > 0 { Verdict::Lost } else { Verdict::Rejected };
        }
        if q.line.is_empty() && q.taken_at_once() {
            return Verdict::Accepted;
        }
        if blocking || q.model.overflow == Overflow::Block {
            q.counters.published -= 1;
            return Verdict::Full;
        }
        if q.ready.count < q.model.capacity && q.has_bytes_for(size) {
            // Others wait in line, but this publisher does not: it takes the room there is.
            return Verdict::Accepted;
        }
        match q.model.overflow {
            Overflow::DropHead if q.ready.count > 0 => {
                self.drop_head(queue);
                while !self.queues[queue].has_bytes_for(size) && self.queues[queue].ready.count > 0 {
                    self.drop_head(queue);
                }
                Verdict::Accepted
            }
            Overflow::DropHead | Overflow::DropNew => {
                // Accepted and gone at once: it never was in the backlog.
                q.counters.dropped += 1;
                Verdict::Lost
            }
            Overflow::Reject | Overflow::RejectDeadLetter | Overflow::Block => {
                q.counters.rejected += 1;
                Verdict::Rejected
            }
        }
    }

    fn drop_head(&mut self, queue: usize) {
        while let Some(token) = self.take_ready(queue, u32::MAX) {
            if self.exorcise(token) {
                continue;
            }
            let q = &mut self.queues[queue];
            if q.model.traits.dead_letter_overflow && q.model.dead_letter.is_some() && !token.is_plain() {
                // It has left `ready`; the dead-lettering takes it out of the state that it is in.
                q.in_flight.enter(self.now);
                self.messages.enter(token.index(), State::InFlight);
                self.dead_letter(queue, token.index());
                return self.messages.release_if_unheld(token.index());
            }
            q.counters.dropped += 1;
            return self.gone(queue, token);
        }
    }

    /// A publisher waits until the queue has room.
    pub(super) fn wait_in_line(&mut self, queue: usize, draft: Draft, slot: u32) {
        if draft.producer != u32::MAX {
            self.producers[draft.producer as usize].waiting.enter(self.now);
        }
        self.queues[queue].line.push_back(Waiter { draft, slot });
    }

    /// Lets blocked publishers in as long as there is room.
    pub(super) fn unblock(&mut self, queue: usize) {
        loop {
            let q = &mut self.queues[queue];
            let Some(waiter) = q.line.front() else { return };
            let room = q.ready.count < q.model.capacity && q.has_bytes_for(waiter.draft.size);
            let alarm = q.model.traits.memory_alarm.is_some_and(|limit| q.bytes >= limit);
            if q.down > 0 || alarm || !(room || q.taken_at_once()) {
                return;
            }
            let Some(waiter) = q.line.pop_front() else { return };
            q.counters.published += 1;
            let draft = waiter.draft;
            if draft.producer != u32::MAX {
                let producer = &mut self.producers[draft.producer as usize];
                producer.waiting.leave(self.now);
                producer.counters.published += 1;
            }
            self.accept(queue, draft);
            if waiter.slot != u32::MAX {
                self.onward_accepted(waiter.slot as usize);
            }
        }
    }
}

impl Queue<'_> {
    #[inline]
    fn has_bytes_for(&self, size: u32) -> bool {
        self.model.traits.capacity_bytes.is_none_or(|limit| self.ready_bytes + u64::from(size) <= limit)
    }

    #[inline]
    pub(super) fn can_deliver(&self) -> bool {
        self.barred == 0 && !self.throttled && self.in_flight.count + self.retrying < self.model.max_in_flight
    }

    /// A message published now would go straight to a consumer.
    fn taken_at_once(&self) -> bool {
        self.can_deliver() && !self.takers.is_empty() && self.ready.count == 0 && self.model.delivery_delay == 0
    }
}
