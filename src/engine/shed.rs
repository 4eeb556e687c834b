//! What a consumer turns away at the moment at which work would start: messages that have waited too long or are too many,
//! and those that nobody waits for any more.

use super::messages::{State, Token};
use super::world::{Doing, Outcome, World};
use crate::units::Nanos;

impl World<'_> {
    /// Whether the message is turned away, and what that costs. Retries inside the process have been let in already.
    #[inline(never)]
    pub(super) fn turned_away(&mut self, slot: usize, token: Token) -> Option<(Nanos, Outcome)> {
        if token.is_plain() || self.slots[slot].doing == Doing::Backoff {
            return None;
        }
        let message = *self.messages.get(token.index());
        if message.state.is_finished() {
            return None;
        }
        let (now, ci) = (self.now, self.slots[slot].consumer as usize);
        let model = self.consumers[ci].model;
        let behind = self.queues[model.queue].ready.count;
        let any_copy = self.queues[model.queue].memory.is_some();
        let away = if model.skip_expired_requests
            && self.requests.is_over(message.request, message.request_attempt, any_copy)
        {
            (0, Outcome::Skipped)
        } else {
            let consumer = &mut self.consumers[ci];
            let (Some(shedder), Some(shed)) = (&mut consumer.shedder, &model.shed) else { return None };
            if !shedder.sheds(now, now - message.published, behind) {
                return None;
            }
            (shed.cost.sample(&mut consumer.shedding), Outcome::Shed)
        };
        // It was delivered, but nobody has tried it.
        let counters = &mut self.queues[model.queue].counters;
        counters.attempts -= 1;
        counters.attempted -= u64::from(message.started == 1);
        Some(away)
    }

    /// A message was turned away.
    pub(super) fn turn_away(&mut self, slot: usize, token: Token, outcome: Outcome) {
        let model = self.consumers[self.slots[slot].consumer as usize].model;
        let (queue, index) = (model.queue, token.index());
        self.meter_settle(self.slots[slot].consumer as usize, queue, index);
        let current = self.messages.is_current(token, State::InFlight);
        self.messages.get_mut(index).copies -= 1;
        // Where its lease ran out before, the broker has moved on.
        if current {
            let counters = &mut self.queues[queue].counters;
            let shed = outcome == Outcome::Shed;
            counters.shed += u64::from(shed);
            counters.skipped += u64::from(!shed);
            if shed && model.shed.as_ref().is_some_and(|shed| shed.dead_letter) {
                self.dead_letter(queue, index);
            } else {
                self.queues[queue].counters.dropped += 1;
                self.leave_queue(queue, index);
            }
        }
        self.messages.release_if_unheld(index);
    }
}
