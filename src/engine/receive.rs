//! How a consumer asks a queue for messages: several in one receive, empty receives, pauses between them, leases that it
//! extends.

use super::messages::{State, Token};
use super::world::{Doing, NO_TICKET, REPLICA, World};
use crate::model::ConsumerModel;
use crate::units::Nanos;

impl World<'_> {
    /// One receive call hands over as many messages as there are, up to its size; they are worked on one after another
    /// while all their leases run.
    #[inline]
    pub(super) fn receive(&mut self, slot: usize, queue: usize, first: Token) {
        if let Some(size) = self.consumers[self.slots[slot].consumer as usize].model.receive {
            self.receive_more(slot, queue, size);
        }
        self.receive_ends(queue);
        self.begin(slot, first);
    }

    #[cold]
    fn receive_more(&mut self, slot: usize, queue: usize, size: u32) {
        for _ in 1..size {
            if !self.queues[queue].can_deliver() {
                break;
            }
            let Some(token) = self.take_ready(queue, slot as u32) else { break };
            let token = self.hand_over(queue, token, slot as u32);
            self.slots[slot].pending.push_back((token, 0));
        }
    }

    /// An idle slot waits for a message: at once, or in receives with pauses between them.
    #[inline]
    pub(super) fn line_up(&mut self, slot: usize) {
        let model = self.consumers[self.slots[slot].consumer as usize].model;
        let queue = model.queue;
        if self.queues[queue].group.is_some() {
            return;
        }
        let strands = self.queues[queue].strands.is_some();
        if strands && self.keeps_session(slot, queue) {
            return;
        }
        if model.poll == 0 {
            self.queues[queue].takers.push_back(slot as u32);
            if strands {
                // It has let go of a session that has nothing to give; others may have.
                self.pump(queue);
            }
            return;
        }
        let wait = self.queues[queue].model.traits.receive_wait.ns();
        if wait > 0 {
            self.slots[slot].listening = true;
            self.queues[queue].takers.push_back(slot as u32);
            self.release_at(slot, self.now.saturating_add(wait));
            if strands {
                self.pump(queue);
            }
        } else {
            self.meter_empty(queue, 1);
            let pause = if model.poll_from > 0 { model.poll_from } else { model.poll };
            self.sleep_until(slot, queue, self.now.saturating_add(pause));
            self.rouse(queue);
        }
    }

    /// The slot asks next at `at`, and from then on in steps of its pause. As long as there is nothing to be had the
    /// receives are empty, so nothing happens until there is: then `rouse` finds whose turn comes first.
    #[inline(never)]
    fn sleep_until(&mut self, slot: usize, queue: usize, at: Nanos) {
        self.queues[queue].sleepers.push((slot as u32, at));
    }

    /// Lets as many sleepers ask as there are messages, those first whose next receive is nearest.
    #[inline(never)]
    pub(super) fn rouse(&mut self, queue: usize) {
        let now = self.now;
        loop {
            let q = &self.queues[queue];
            if q.roused >= q.ready.count + q.ghosts {
                return;
            }
            let model = |slot: u32| self.consumers[self.slots[slot as usize].consumer as usize].model;
            let next = |(slot, at): &(u32, Nanos)| next_receive(model(*slot), *at, now);
            let Some((place, at)) = q.sleepers.iter().map(next).enumerate().min_by_key(|(_, at)| *at) else { return };
            let (slot, since) = self.queues[queue].sleepers[place];
            let wait = self.queues[queue].model.traits.receive_wait.ns();
            let missed = if self.queues[queue].meter.is_some() { receives(model(slot), wait, since, at) } else { 0 };
            self.meter_empty(queue, missed);
            self.queues[queue].sleepers.swap_remove(place);
            self.queues[queue].roused += 1;
            self.slots[slot as usize].roused = true;
            self.release_at(slot as usize, at);
        }
    }

    /// A slot begins to ask for messages at a moment of its own: not all of a group poll in step.
    pub(super) fn begin_polling(&mut self, slot: usize) {
        let consumer = &mut self.consumers[self.slots[slot].consumer as usize];
        let offset = (consumer.polling.uniform() * consumer.model.poll as f64) as Nanos;
        let queue = consumer.model.queue;
        self.sleep_until(slot, queue, self.now + offset);
        self.rouse(queue);
    }

    /// An idle slot's wait is over: an empty receive ends, a pause ends, a session that it held has been idle.
    #[inline(never)]
    pub(super) fn woken(&mut self, slot: usize) {
        let model = self.consumers[self.slots[slot].consumer as usize].model;
        let queue = model.queue;
        if let Some(strands) = &mut self.queues[queue].strands {
            strands.let_go(slot as u32);
        }
        if std::mem::take(&mut self.slots[slot].listening) {
            self.queues[queue].takers.retain(|taker| *taker != slot as u32);
            self.meter_empty(queue, 1);
            // After its pause it listens again, whether there is anything or not.
            return self.release_at(slot, self.now.saturating_add(model.poll));
        }
        if std::mem::take(&mut self.slots[slot].roused) {
            self.queues[queue].roused -= 1;
        }
        self.next(slot);
        // What another key's session held back may be open to others now.
        self.pump(queue);
    }

    /// The receives of a slot that stops waiting: the one that is cut short, or those that found nothing so far.
    fn meter_stopped(&mut self, slot: usize, queue: usize) {
        let model = self.consumers[self.slots[slot].consumer as usize].model;
        let asleep = self.queues[queue].sleepers.iter().find(|(sleeper, _)| *sleeper == slot as u32);
        let wait = self.queues[queue].model.traits.receive_wait.ns();
        let missed = asleep.map_or(0, |(_, since)| receives(model, wait, *since, self.now));
        self.meter_empty(queue, missed + u64::from(self.slots[slot].listening));
    }

    /// The lease of a message that was just handed over begins.
    #[inline(never)]
    pub(super) fn start_lease(&mut self, queue: usize, token: Token, taker: u32) {
        let consumer = match taker {
            replica if replica & REPLICA != 0 => self.replicas[(replica & !REPLICA) as usize].consumer,
            slot => self.slots[slot as usize].consumer,
        };
        let q = self.queues[queue].model;
        if let Some(task) = q.task {
            return self.bound_attempt(queue, task, token, taker);
        }
        let length = match self.consumers[consumer as usize].model.heartbeat {
            // Extended in time, again and again, as long as the consumer lives and the broker lets it.
            Some(heartbeat) if heartbeat <= q.lease => {
                q.traits.lease_extension.map_or(Nanos::MAX, |most| most.ns().max(q.lease))
            }
            _ => q.lease,
        };
        self.lease_until(queue, token, self.now.saturating_add(length));
    }

    pub(super) fn lease_until(&mut self, queue: usize, token: Token, at: Nanos) {
        let check = self.queues[queue].model.traits.lease_check.ns();
        let at = match check {
            0 => at,
            check => (at - self.model.origin).div_ceil(check).saturating_mul(check).saturating_add(self.model.origin),
        };
        if at < u64::MAX / 2 {
            self.leases.push(at, token.0, 0);
            self.other = self.other.min(at);
        }
    }

    /// The consumer of a message under a lease has died: nobody extends the lease any more.
    pub(super) fn lease_abandoned(&mut self, ci: usize, queue: usize, token: Token) {
        if let Some(task) = self.queues[queue].model.task {
            return self.falls_silent(task, token);
        }
        let Some(heartbeat) = self.consumers[ci].model.heartbeat else { return };
        let lease = self.queues[queue].model.lease;
        if heartbeat > lease || !self.messages.is_current(token, State::InFlight) {
            return;
        }
        let since = self.messages.get(token.index()).since;
        let beats = (self.now - since).checked_div(heartbeat).unwrap_or(0);
        let at = (since + beats * heartbeat).saturating_add(lease);
        self.lease_until(queue, token, at.max(self.now));
    }

    /// Takes a slot out of whatever it waits for.
    pub(super) fn stop_waiting(&mut self, slot: usize) {
        let queue = self.consumers[self.slots[slot].consumer as usize].model.queue;
        if self.queues[queue].meter.is_some() {
            self.meter_stopped(slot, queue);
        }
        self.slots[slot].listening = false;
        self.queues[queue].sleepers.retain(|(sleeper, _)| *sleeper != slot as u32);
        if std::mem::take(&mut self.slots[slot].roused) {
            self.queues[queue].roused -= 1;
        }
        if self.slots[slot].doing == Doing::Nothing {
            self.slots[slot].ticket = NO_TICKET;
        }
        if let Some(strands) = &mut self.queues[queue].strands {
            strands.let_go(slot as u32);
        }
    }
}

/// Receives from `from` up to, but not including, `to` of a slot whose first after its work is at `from`. A receive that
/// waits for messages lasts for `wait`.
pub(super) fn receives(model: &ConsumerModel, wait: Nanos, from: Nanos, to: Nanos) -> u64 {
    if wait > 0 {
        return to.saturating_sub(from).div_ceil(wait.saturating_add(model.poll));
    }
    let (mut at, mut pause, mut count) = (from, model.poll_from, 0);
    while pause > 0 && pause < model.poll && at < to {
        pause = pause.saturating_mul(2).min(model.poll);
        at += pause;
        count += 1;
    }
    if at >= to || model.poll == 0 { count } else { count + (to - at).div_ceil(model.poll) }
}

/// The first receive at `now` or later of a slot whose first after its work is at `at`.
fn next_receive(model: &ConsumerModel, at: Nanos, now: Nanos) -> Nanos {
    let (mut at, mut pause) = (at, model.poll_from);
    while pause > 0 && pause < model.poll && at < now {
        pause = pause.saturating_mul(2).min(model.poll);
        at += pause;
    }
    if at >= now { at } else { at + (now - at).div_ceil(model.poll) * model.poll }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;
    use crate::scenario::Scenario;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let text = "duration = \"1m\"\n[producer.p]\nto = \"w\"\nrate = \"1/s\"\n[workflow.w]\nsteps = [{ name = \"s\", \
                    service = \"1s\", poll = \"8s\", poll_from = \"1s\" }]";
        let model =
            Model::compile(&Scenario::parse(text, &std::collections::BTreeMap::<String, Vec<u8>>::new()).unwrap());
        let s = |n: u64| n * 1_000_000_000;
        let next = |now| next_receive(&model.consumers[0], s(101), s(now)) / s(1);
        let receives = [100, 101, 102, 103, 104, 107, 108, 115, 116, 124].map(next);
        assert_eq!(receives, [101, 101, 103, 103, 107, 107, 115, 115, 123, 131]);
        // At 101, 103, 107, 115, 123.
        let counted =
            [101, 102, 103, 104, 115, 116, 124].map(|to| super::receives(&model.consumers[0], 0, s(101), s(to)));
        assert_eq!(counted, [0, 1, 1, 2, 3, 4, 5]);
        // Each waits for 20 s, and is followed by a pause of 8 s.
        let counted = [101, 102, 129, 130, 200].map(|to| super::receives(&model.consumers[0], s(20), s(101), s(to)));
        assert_eq!(counted, [0, 1, 1, 2, 4]);
    }
}
