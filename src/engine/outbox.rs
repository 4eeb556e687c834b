//! The transactional outbox: requests lie in a table, in order, until a relay has published them.

use super::alarms::Alarm;
use super::gate::Verdict;
use super::messages::Draft;
use super::world::World;
use crate::model::Target;
use crate::units::Nanos;
use std::collections::VecDeque;

/// Rows that the relay has not published yet, the oldest first, each with the instant of its writing.
#[derive(Default)]
pub(super) struct Outbox {
    rows: VecDeque<(Nanos, Draft)>,
}

impl World<'_> {
    /// A row is written. The relay looks at multiples of its interval; while there is nothing to find, it is let sleep.
    #[inline(never)]
    pub(super) fn write_row(&mut self, draft: Draft) {
        let index = draft.producer as usize;
        let Some(outbox) = &mut self.upstream[index].outbox else { return };
        let first = outbox.rows.is_empty();
        outbox.rows.push_back((self.now, draft));
        self.producers[index].waiting.enter(self.now);
        if first {
            self.await_relay(index);
        }
    }

    fn await_relay(&mut self, index: usize) {
        if let Some(outbox) = &self.producers[index].model.outbox {
            let (poll, origin) = (outbox.poll.ns(), self.model.origin);
            let looks = (self.now - origin) / poll + 1;
            self.alarm(origin + looks.saturating_mul(poll), Alarm::Relay, index as u64);
        }
    }

    /// The relay looks: it publishes, in order, what was there before this instant, up to a batch. A row that the broker
    /// does not confirm ends the look.
    #[inline(never)]
    pub(super) fn relay(&mut self, index: usize) {
        let batch = self.producers[index].model.outbox.map_or(0, |outbox| outbox.batch);
        for _ in 0..batch {
            let Some(outbox) = &mut self.upstream[index].outbox else { return };
            let Some((_, draft)) = outbox.rows.front_mut().filter(|(written, _)| *written < self.now) else { break };
            draft.publishes += 1;
            let draft = *draft;
            if !self.publish_from_disk(draft) {
                break;
            }
            // The confirm of its first publish was lost, so it goes out a second time.
            if draft.twin != u64::MAX && draft.request_attempt <= 1 {
                self.publish_from_disk(Draft { publishes: 1, ..draft });
            }
            if let Some(outbox) = &mut self.upstream[index].outbox {
                outbox.rows.pop_front();
            }
            self.producers[index].waiting.leave(self.now);
        }
        if self.upstream[index].outbox.as_ref().is_some_and(|outbox| !outbox.rows.is_empty()) {
            self.await_relay(index);
        }
    }

    /// Publishes what its producer keeps until the broker has confirmed it. False where it has not.
    pub(super) fn publish_from_disk(&mut self, draft: Draft) -> bool {
        let verdict = self.put(draft, false);
        let silent = verdict == Verdict::Lost && self.is_silent(draft.target);
        let counters = &mut self.producers[draft.producer as usize].counters;
        counters.client_retries += u64::from(draft.publishes > 1 && verdict != Verdict::Full);
        counters.published += u64::from(verdict != Verdict::Full);
        counters.rejected += u64::from(silent || verdict == Verdict::Rejected);
        !silent && matches!(verdict, Verdict::Accepted | Verdict::Lost)
    }

    /// A fault keeps the target from answering.
    pub(super) fn is_silent(&self, target: Target) -> bool {
        match target {
            Target::Queue(queue) => self.queues[queue].silent > 0,
            Target::Topic(topic) => self.topics[topic].silent > 0,
            Target::Stream(stream) => self.streams[stream].is_silent(),
            Target::Workflow(_) => false,
        }
    }
}
