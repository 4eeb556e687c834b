//! Crashes by chance (`crash = { mtbf, restart }`), whom a fault strikes, and the backlog a run starts with.

use super::messages::{Message, State, Token};
use super::world::{Life, World};
use crate::model::Portion;
use crate::units::Nanos;

const RESTART: u64 = 1 << 32;

impl World<'_> {
    /// Draws when a replica that has just started will crash.
    pub(super) fn await_crash(&mut self, ri: usize) {
        let replica = &self.replicas[ri];
        let consumer = &mut self.consumers[replica.consumer as usize];
        if let Some(crash) = &consumer.model.crash {
            let after = (crash.mtbf.ns() as f64 * consumer.crash.exponential()) as Nanos;
            self.outage_timer(ri, after, u64::from(self.replicas[ri].generation));
        }
    }

    fn outage_timer(&mut self, ri: usize, after: Nanos, word: u64) {
        let at = self.now.saturating_add(after);
        self.outages.push(at, ri as u64, word);
        self.other = self.other.min(at);
    }

    /// A replica crashes or restarts by chance.
    pub(super) fn outage(&mut self) {
        let Some(timer) = self.outages.pop() else { return };
        let ri = timer.what as usize;
        if timer.extra & RESTART != 0 {
            return self.restart_replica(ri);
        }
        if timer.extra != u64::from(self.replicas[ri].generation) {
            return;
        }
        self.replicas[ri].faults += 1;
        self.crash_replica(ri);
        let consumer = &mut self.consumers[self.replicas[ri].consumer as usize];
        if let Some(crash) = &consumer.model.crash {
            let after = crash.restart.sample(&mut consumer.crash);
            self.outage_timer(ri, after, RESTART);
        }
    }

    /// The first live replicas, as many as the portion says.
    pub(super) fn strike(&mut self, fault: usize, ci: usize, portion: Portion) -> Vec<usize> {
        let live: Vec<usize> = self.replicas_of(ci).filter(|&ri| self.replicas[ri].life == Life::Live).collect();
        let count = match portion {
            Portion::Count(count) => count as usize,
            Portion::Share(share) => ((share * live.len() as f64).round() as usize).max(1),
        };
        self.struck[fault] = live.into_iter().take(count).collect();
        self.struck[fault].clone()
    }

    /// Messages that wait already when the run begins, their ages spread evenly up to `age`, the oldest first.
    pub(super) fn fill_initial(&mut self) {
        for queue in 0..self.queues.len() {
            if self.queues[queue].group.is_some() {
                self.fill_group(queue);
                continue;
            }
            let Some(initial) = self.queues[queue].model.initial else { continue };
            for i in 0..initial.messages {
                let left = (initial.messages - i) as f64 / initial.messages as f64;
                let published = self.now - ((initial.age.ns() as f64 * left) as Nanos).min(self.now);
                self.place_initial(queue, published);
            }
        }
    }

    fn place_initial(&mut self, queue: usize, published: Nanos) {
        let now = self.now;
        let q = &mut self.queues[queue];
        q.counters.published += 1;
        // Only the time within the run counts on both sides of Little's law.
        q.time_in_system = q.time_in_system.wrapping_sub(u128::from(now - published));
        if q.backlog.enter() {
            q.backlog.crossed(now, &q.counters);
        }
        if !q.model.rich {
            return self.offer(queue, Token::plain(published), false);
        }
        let level = q.model.levels as u8 - 1;
        let mut message = Message { level, ..Message::new(queue, published, published) };
        let keys = self.producers.iter().find_map(|producer| producer.model.keys.as_ref());
        if let Some(keys) = keys.filter(|_| q.model.keyed) {
            message.key = keys.draw(&mut q.chance);
            message.hash = crate::arrivals::keys::hash(message.key);
        }
        let index = self.record(queue, message);
        if !self.queues[queue].model.plain || self.queues[queue].model.keyed {
            self.enter_books(queue, index);
        }
        self.set_ttl(queue, index);
        let token = self.messages.enter(index, State::Ready);
        self.offer(queue, token, false);
    }
}
