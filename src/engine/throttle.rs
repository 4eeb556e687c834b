//! Invocations that are refused because all that the account allows are at work.
//!
//! The poller has its batch already. It goes on asking for an invocation as long as the leases of its messages run; then
//! they return to the queue, and the delivery has counted.

use super::messages::State;
use super::world::{Doing, World};
use crate::units::{Nanos, SECOND};

/// Between two tries of a poller whose invocation was refused.
const PAUSE: Nanos = SECOND;

impl World<'_> {
    /// Whether the batch in this slot has to wait for an invocation, or has nothing left that is worth one.
    #[inline(never)]
    pub(super) fn must_wait(&mut self, slot: usize) -> bool {
        let now = self.now;
        let Some(most) = self.reserved(slot) else { return false };
        let again = self.slots[slot].doing == Doing::Filling;
        if again {
            self.forget_expired(slot);
            if self.slots[slot].batch.is_empty() {
                self.slots[slot].doing = Doing::Nothing;
                self.next(slot);
                return true;
            }
        }
        let consumer = &mut self.consumers[self.slots[slot].consumer as usize];
        let counted = !again && self.slots[slot].doing != Doing::Nothing;
        if consumer.busy.count - u64::from(counted) < most {
            return false;
        }
        if counted {
            consumer.busy.leave(now);
        }
        consumer.scaler.iter_mut().for_each(|scaler| scaler.seen.throttled += 1);
        self.slots[slot].doing = Doing::Filling;
        self.release_unless_hung(slot, now + PAUSE);
        true
    }

    fn reserved(&self, slot: usize) -> Option<u64> {
        let scaler = self.consumers[self.slots[slot].consumer as usize].scaler.as_ref()?;
        scaler.model.reserved_concurrency.map(u64::from)
    }

    /// Lets go of those messages of a refused batch whose leases have run out.
    fn forget_expired(&mut self, slot: usize) {
        let batch = std::mem::take(&mut self.slots[slot].batch);
        for (token, outcome) in batch {
            if token.is_plain() || self.messages.is_current(token, State::InFlight) {
                self.slots[slot].batch.push((token, outcome));
                continue;
            }
            self.messages.get_mut(token.index()).copies -= 1;
            self.messages.release_if_unheld(token.index());
        }
    }
}
