//! Planned changes: warm-up, disturbances, replicas by schedule; how replicas start, stop and crash.

use super::messages::Token;
use super::world::{Doing, Life, NO_TICKET, REPLICA, World};
use crate::model::{Control, SourceModel};

impl World<'_> {
    /// Sets the scene: initial backlogs, first replicas, first arrivals.
    pub(super) fn start(&mut self) {
        for ci in 0..self.consumers.len() {
            self.consumers[ci].refresh();
        }
        self.fill_initial();
        for ci in 0..self.consumers.len() {
            self.scale(ci, self.consumers[ci].model.replicas);
            self.start_scaling(ci);
        }
        for index in 0..self.producers.len() {
            if let Some(at) = self.producers[index].source.next() {
                let at = at + self.model.origin;
                self.arrivals.push(super::world::Arrival { at, producer: index as u32 });
            }
            if let SourceModel::Clients { count, .. } = self.producers[index].model.source {
                (0..count).for_each(|_| self.think(index));
            }
        }
        self.start_crons();
        self.await_redrives();
        self.other = self.model.origin;
    }

    /// The next planned change is now.
    pub(super) fn controlled(&mut self) {
        let Some(&(_, control)) = self.model.timeline.get(self.timeline_next) else { return };
        self.timeline_next += 1;
        let now = self.now;
        match control {
            Control::WarmupEnds => self.warmup_ends(),
            Control::DisturbanceStarts(index) => {
                for q in &mut self.queues {
                    q.backlog.disturbance_starts(index, now, &q.counters);
                }
            }
            Control::DisturbanceEnds(index) => {
                for queue in 0..self.queues.len() {
                    let age = self.oldest(queue).map_or(0, |published| now - published);
                    let q = &mut self.queues[queue];
                    q.backlog.disturbance_ends(index, now, &q.counters, age);
                }
            }
            Control::Replicas { consumer, count } => self.scale(consumer, count),
            Control::FaultStarts(fault) => self.fault_starts(fault),
            Control::FaultEnds(fault) => self.fault_ends(fault),
        }
    }

    fn warmup_ends(&mut self) {
        let now = self.now;
        for q in &mut self.queues {
            q.at_warmup = q.counters;
            q.backlog.warmup_ends(now);
            [&mut q.ready, &mut q.in_flight, &mut q.delayed].into_iter().for_each(|gauge| gauge.mark(now));
        }
        for p in &mut self.producers {
            p.at_warmup = p.counters.clone();
            p.waiting.mark(now);
        }
        self.dependencies.iter_mut().for_each(|dependency| dependency.warmup_ends(now));
        self.workflows.warmup_ends(now);
        for c in &mut self.consumers {
            [&mut c.busy, &mut c.live_slots, &mut c.live_replicas].into_iter().for_each(|gauge| gauge.mark(now));
        }
    }

    /// Sets how many replicas of a group are wanted: lower numbers start, higher ones finish their work and go.
    pub(super) fn scale(&mut self, ci: usize, count: u32) {
        self.consumers[ci].desired = count;
        for (number, ri) in self.replicas_of(ci).enumerate() {
            let wanted = (number as u32) < count;
            match self.replicas[ri].life {
                Life::Off if wanted => self.start_replica(ri),
                Life::Draining if wanted && !self.restarting(ri) => self.start_replica(ri),
                Life::Live if !wanted => self.stop_replica(ri),
                Life::Off | Life::Pending | Life::Live | Life::Draining | Life::Down => {}
            }
        }
    }

    /// The replica's new life; gives its old one. It is there, and paid for, as long as it is not off.
    pub(super) fn set_life(&mut self, ri: usize, life: Life) -> Life {
        let replica = &mut self.replicas[ri];
        let before = std::mem::replace(&mut replica.life, life);
        let kept = &mut self.consumers[replica.consumer as usize].kept_replicas;
        match (before == Life::Off, life == Life::Off) {
            (true, false) => kept.enter(self.now),
            (false, true) => kept.leave(self.now),
            _ => {}
        }
        before
    }

    pub(super) fn start_replica(&mut self, ri: usize) {
        let ci = self.replicas[ri].consumer as usize;
        if self.set_life(ri, Life::Live) == Life::Off {
            // A process of its own: breakers and budgets begin anew.
            self.abandon_calls(ri);
            self.reset_budget(ri);
        }
        self.consumers[ci].live_replicas.enter(self.now);
        for slot in self.slots_of(ri) {
            if self.slots[slot].doing == Doing::Nothing {
                self.consumers[ci].live_slots.enter(self.now);
            }
        }
        self.await_crash(ri);
        if self.stands_by(ri) {
            self.replicas[ri].standby = true;
            return;
        }
        self.rejoin(ri);
    }

    /// Where one consumer at a time is active: another one is.
    fn stands_by(&self, ri: usize) -> bool {
        let queue = &self.queues[self.consumers[self.replicas[ri].consumer as usize].model.queue];
        let others = || queue.consumers.iter().flat_map(|&ci| self.replicas_of(ci));
        let active = |other: usize| self.replicas[other].life == Life::Live && !self.replicas[other].standby;
        queue.model.traits.single_active && others().any(|other| other != ri && active(other))
    }

    /// The active consumer has gone: the first that stood by takes over.
    fn next_active(&mut self, queue: usize) {
        if !self.queues[queue].model.traits.single_active {
            return;
        }
        let all: Vec<usize> = self.queues[queue].consumers.iter().flat_map(|&ci| self.replicas_of(ci)).collect();
        let live = |ri: &usize| self.replicas[*ri].life == Life::Live;
        if all.iter().any(|ri| live(ri) && !self.replicas[*ri].standby) {
            return;
        }
        if let Some(&ri) = all.iter().find(|ri| live(ri)) {
            self.replicas[ri].standby = false;
            self.rejoin(ri);
        }
    }

    /// A live replica lines up for messages with all that it has idle.
    pub(super) fn rejoin(&mut self, ri: usize) {
        let ci = self.replicas[ri].consumer as usize;
        let model = self.consumers[ci].model;
        let idle: Vec<u32> = self
            .slots_of(ri)
            .filter(|&slot| self.slots[slot].doing == Doing::Nothing)
            .map(|slot| slot as u32)
            .collect();
        let paused = self.consumers[ci].paused > 0;
        if self.queues[model.queue].group.is_some() {
            return idle.into_iter().for_each(|slot| self.join_or_resume(slot as usize));
        }
        if model.poll > 0 && model.prefetch == 0 {
            if !paused && !self.replicas[ri].standby {
                idle.into_iter().for_each(|slot| self.begin_polling(slot as usize));
            }
            return;
        }
        let takers = &mut self.queues[model.queue].takers;
        let replica = &mut self.replicas[ri];
        if model.prefetch > 0 {
            replica.idle = idle.into();
            if !paused && !replica.taking && replica.outstanding < model.prefetch {
                replica.taking = true;
                takers.push_back(ri as u32 | REPLICA);
            }
        } else if !paused {
            takers.extend(idle);
        }
        self.pump(model.queue);
    }

    pub(super) fn stop_replica(&mut self, ri: usize) {
        let ci = self.replicas[ri].consumer as usize;
        self.leave_takers(ri);
        self.set_life(ri, Life::Draining);
        self.consumers[ci].live_replicas.leave(self.now);
        for slot in self.slots_of(ri) {
            if self.slots[slot].doing == Doing::Nothing {
                self.consumers[ci].live_slots.leave(self.now);
            }
        }
        if self.queues[self.consumers[ci].model.queue].group.is_some() {
            self.slots_of(ri).for_each(|slot| self.member_stops(slot));
        }
        let buffer = std::mem::take(&mut self.replicas[ri].buffer);
        self.replicas[ri].outstanding -= buffer.len() as u32;
        for token in buffer.into_iter().rev() {
            self.give_back(ci, token);
        }
        self.replicas[ri].standby = false;
        self.next_active(self.consumers[ci].model.queue);
        self.gone_if_at_rest(ri);
    }

    /// Takes a replica and its slots out of the line for messages.
    pub(super) fn leave_takers(&mut self, ri: usize) {
        let slots = self.slots_of(ri);
        let queue = self.consumers[self.replicas[ri].consumer as usize].model.queue;
        self.queues[queue].takers.retain(|&taker| {
            let mine = if taker & REPLICA != 0 {
                (taker & !REPLICA) as usize == ri
            } else {
                slots.contains(&(taker as usize))
            };
            !mine
        });
        self.replicas[ri].taking = false;
        self.replicas[ri].idle.clear();
        self.slots_of(ri).for_each(|slot| self.stop_waiting(slot));
    }

    /// The replica dies: what it worked on and what it had been handed ahead is lost to it.
    pub(super) fn crash_replica(&mut self, ri: usize) {
        let ci = self.replicas[ri].consumer as usize;
        let life = self.replicas[ri].life;
        if !matches!(life, Life::Live | Life::Draining) {
            return;
        }
        self.leave_takers(ri);
        self.abandon_calls(ri);
        self.reset_budget(ri);
        self.set_life(ri, Life::Down);
        self.replicas[ri].generation += 1;
        self.replicas[ri].outstanding = 0;
        if life == Life::Live {
            self.consumers[ci].live_replicas.leave(self.now);
        }
        let mut lost: Vec<(Token, bool, u32)> = vec![];
        for slot in self.slots_of(ri) {
            let doing = self.slots[slot].doing;
            let consumer = &mut self.consumers[ci];
            if doing != Doing::Nothing || life == Life::Live {
                consumer.live_slots.leave(self.now);
            }
            if !matches!(doing, Doing::Nothing | Doing::Filling) {
                consumer.busy.leave(self.now);
            }
            let slot = &mut self.slots[slot];
            (slot.doing, slot.ticket) = (Doing::Nothing, NO_TICKET);
            let token = std::mem::replace(&mut slot.token, Token::NONE);
            if token != Token::NONE {
                lost.push((token, true, slot.lane));
            }
            let (lane, started) = (slot.lane, doing != Doing::Filling);
            lost.extend(std::mem::take(&mut slot.batch).into_iter().map(|(token, _)| (token, started, lane)));
            lost.extend(std::mem::take(&mut slot.pending).into_iter().map(|(token, lane)| (token, false, lane)));
        }
        lost.extend(std::mem::take(&mut self.replicas[ri].buffer).into_iter().map(|token| (token, false, 0)));
        // The last one handed over returns first, so that the head of the queue keeps the old order.
        let queue = self.consumers[ci].model.queue;
        let grouped = self.queues[queue].group.is_some();
        for (token, started, lane) in lost.into_iter().rev() {
            if grouped {
                self.record_lost(queue, token, started, lane);
            } else {
                self.lose(ci, token, started);
            }
        }
        if grouped {
            return self.slots_of(ri).for_each(|slot| self.member_dies(slot));
        }
        self.replicas[ri].standby = false;
        self.next_active(queue);
        self.pump(queue);
    }

    /// One reason to be down less; without any the replica comes back if it is still wanted.
    pub(super) fn restart_replica(&mut self, ri: usize) {
        let replica = &mut self.replicas[ri];
        replica.faults = replica.faults.saturating_sub(1);
        if replica.faults > 0 || replica.life != Life::Down {
            return;
        }
        self.set_life(ri, Life::Off);
        let consumer = &self.consumers[self.replicas[ri].consumer as usize];
        if consumer.scaler.is_some() {
            return self.comes_back(ri);
        }
        if ri - consumer.first_replica < consumer.desired as usize {
            self.start_replica(ri);
        }
    }
}
