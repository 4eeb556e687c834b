//! From ready to a consumer: the order of delivery, who takes next, prefetch credit.

use super::messages::{State, Token};
use super::world::{Life, REPLICA, World};
use crate::model::UNLIMITED;

impl World<'_> {
    /// A message is ready: it goes to whoever waits for one, or into the ring.
    #[inline]
    pub(super) fn offer(&mut self, queue: usize, token: Token, at_head: bool) {
        let q = &mut self.queues[queue];
        if q.apart {
            return self.offer_apart(queue, token, at_head);
        }
        if q.ready.count == 0
            && q.can_deliver()
            && let Some(taker) = q.takers.pop_front()
        {
            let token = self.hand_over(queue, token, taker);
            self.give(queue, taker, token);
            return;
        }
        let now = self.now;
        let q = &mut self.queues[queue];
        q.ready.enter(now);
        let level = if token.is_plain() {
            q.plain_ready += 1;
            0
        } else {
            let message = self.messages.get(token.index());
            q.ready_bytes += u64::from(message.size);
            usize::from(message.level)
        };
        let ring = &mut q.rings[level];
        // The head is where the next message is taken from, which in a LIFO queue is the back.
        if at_head && q.ready.count <= q.model.lifo_above {
            ring.push_front(token.0)
        } else {
            ring.push_back(token.0)
        }
        if !q.takers.is_empty() || !q.sleepers.is_empty() {
            self.pump(queue);
        }
    }

    /// The same where the order is not that of one line: strands of keys, partitions of a stream.
    #[inline(never)]
    fn offer_apart(&mut self, queue: usize, token: Token, at_head: bool) {
        if self.queues[queue].group.is_some() {
            return self.offer_to_lane(queue, token, at_head);
        }
        self.offer_to_strand(queue, token, false);
    }

    /// Delivers as long as there are messages, takers and leave to deliver.
    pub(super) fn pump(&mut self, queue: usize) {
        loop {
            let q = &mut self.queues[queue];
            let Some(&taker) = q.takers.front() else { break };
            if !q.can_deliver() {
                break;
            }
            let Some(token) = self.take_ready(queue, taker) else { break };
            self.queues[queue].takers.pop_front();
            let token = self.hand_over(queue, token, taker);
            self.give(queue, taker, token);
            if !self.queues[queue].line.is_empty() {
                self.unblock(queue);
            }
        }
        if !self.queues[queue].sleepers.is_empty() {
            self.rouse(queue);
        }
    }

    /// Takes the next ready message out of the rings, past those that were withdrawn; for nobody (`u32::MAX`) the oldest.
    #[inline]
    pub(super) fn take_ready(&mut self, queue: usize, taker: u32) -> Option<Token> {
        let q = &mut self.queues[queue];
        if q.ready.count + q.ghosts == 0 {
            return None;
        }
        if q.apart {
            return self.take_from_strand(queue, taker);
        }
        if q.model.traits.ttl_at_head {
            self.expire_heads(queue);
        }
        let q = &mut self.queues[queue];
        let lifo = q.ready.count > q.model.lifo_above && taker != u32::MAX;
        for ring in &mut q.rings {
            while let Some(word) = if lifo { ring.pop_back() } else { ring.pop_front() } {
                let token = Token(word);
                if token.is_plain() {
                    q.plain_ready -= 1;
                } else if !self.messages.is_current(token, State::Ready) {
                    if q.ghosts > 0 && self.messages.is_current(token, State::Ghost) {
                        q.ghosts -= 1;
                        return Some(token);
                    }
                    continue;
                } else {
                    q.ready_bytes -= u64::from(self.messages.get(token.index()).size);
                }
                q.ready.leave(self.now);
                return Some(token);
            }
        }
        None
    }

    /// The broker hands a message to a consumer: its lease starts. Returns the token the consumer holds.
    #[inline]
    pub(super) fn hand_over(&mut self, queue: usize, token: Token, taker: u32) -> Token {
        if self.queues[queue].meter.is_some() {
            self.meter_hand_over(queue, token);
        }
        let q = &mut self.queues[queue];
        if token.is_plain() {
            q.in_flight.enter(self.now);
            return token;
        }
        if self.messages.get(token.index()).state == State::Ghost {
            // Finished already: nothing of it counts but the work that it costs.
            return self.messages.enter(token.index(), State::Gone);
        }
        q.in_flight.enter(self.now);
        let token = self.messages.enter(token.index(), State::InFlight);
        let message = self.messages.get_mut(token.index());
        message.handed += 1;
        message.copies += 1;
        message.since = self.now;
        if q.model.lease != UNLIMITED {
            self.start_lease(queue, token, taker);
        }
        if !self.queues[queue].model.plain {
            self.charge_delivery(queue);
        }
        token
    }

    /// Lets go of a finished message's queued copy; false for any other token.
    pub(super) fn exorcise(&mut self, token: Token) -> bool {
        if token.is_plain() || self.messages.get(token.index()).state != State::Ghost {
            return false;
        }
        self.messages.enter(token.index(), State::Gone);
        self.messages.get_mut(token.index()).copies -= 1;
        self.messages.release_if_unheld(token.index());
        true
    }

    /// Gives a message that was handed over to its taker.
    #[inline]
    fn give(&mut self, queue: usize, taker: u32, token: Token) {
        if taker & REPLICA != 0 {
            return self.deal(queue, (taker & !REPLICA) as usize, token);
        }
        let slot = taker as usize;
        self.slots[slot].listening = false;
        if self.consumers[self.slots[slot].consumer as usize].model.batch.is_some() {
            self.collect(slot, token);
        } else {
            self.receive(slot, queue, token);
        }
    }

    /// A replica with credit gets a message: into a free slot, or into its buffer.
    fn deal(&mut self, queue: usize, index: usize, token: Token) {
        let consumer = &self.consumers[self.replicas[index].consumer as usize];
        let (prefetch, batched) = (consumer.model.prefetch, consumer.model.batch.is_some());
        let replica = &mut self.replicas[index];
        replica.outstanding += 1;
        replica.taking = replica.outstanding < prefetch;
        self.receive_ends(queue);
        if self.replicas[index].taking {
            self.queues[queue].takers.push_back(index as u32 | REPLICA);
        }
        match self.replicas[index].idle.pop_front() {
            Some(slot) if batched => self.collect(slot as usize, token),
            Some(slot) => self.begin(slot as usize, token),
            None => self.replicas[index].buffer.push_back(token),
        }
    }

    /// A message of a prefetching replica is settled, so that its credit grows.
    pub(super) fn credit(&mut self, index: usize) {
        let consumer = &self.consumers[self.replicas[index].consumer as usize];
        if consumer.model.prefetch == 0 {
            return;
        }
        let (queue, paused) = (consumer.model.queue, consumer.paused > 0);
        let replica = &mut self.replicas[index];
        replica.outstanding = replica.outstanding.saturating_sub(1);
        if !replica.taking && replica.life == Life::Live && !paused {
            replica.taking = true;
            self.queues[queue].takers.push_back(index as u32 | REPLICA);
        }
        self.pump(queue);
    }

    /// A slot has nothing to do: it takes the next message, or waits to be given one.
    #[inline]
    pub(super) fn next(&mut self, slot: usize) {
        let (ci, ri) = (self.slots[slot].consumer as usize, self.slots[slot].replica as usize);
        let consumer = &self.consumers[ci];
        if let Some((token, lane)) = self.slots[slot].pending.pop_front() {
            self.slots[slot].lane = lane;
            return self.begin(slot, token);
        }
        if self.queues[consumer.model.queue].group.is_some() {
            return self.poll(slot);
        }
        let (queue, prefetch, batched) =
            (consumer.model.queue, consumer.model.prefetch > 0, consumer.model.batch.is_some());
        if prefetch {
            if let Some(token) = self.replicas[ri].buffer.pop_front() {
                return if batched { self.collect(slot, token) } else { self.begin(slot, token) };
            }
        } else if self.replicas[ri].life == Life::Live
            && consumer.paused == 0
            && self.queues[queue].can_deliver()
            && let Some(token) = self.take_ready(queue, slot as u32)
        {
            let token = self.hand_over(queue, token, slot as u32);
            if batched {
                self.collect(slot, token)
            } else {
                self.receive(slot, queue, token)
            }
            if !self.queues[queue].line.is_empty() {
                self.unblock(queue);
            }
            return;
        }
        self.idle(slot);
    }

    /// Nothing to take: the slot waits in the line of takers, or is done for good where its replica is no longer wanted.
    #[inline]
    pub(super) fn idle(&mut self, slot: usize) {
        let ri = self.slots[slot].replica as usize;
        let consumer = &mut self.consumers[self.slots[slot].consumer as usize];
        if self.slots[slot].doing != super::world::Doing::Nothing {
            self.slots[slot].doing = super::world::Doing::Nothing;
            consumer.busy.leave(self.now);
        }
        self.slots[slot].token = Token::NONE;
        match self.replicas[ri].life {
            Life::Live if consumer.model.prefetch > 0 => self.replicas[ri].idle.push_back(slot as u32),
            Life::Live if consumer.paused == 0 => self.line_up(slot),
            Life::Live => {}
            _ => self.slot_retires(slot),
        }
    }
}
