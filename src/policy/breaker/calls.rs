//! The last so many calls.

use super::Tally;

#[derive(Debug, Clone)]
pub(super) struct LastCalls {
    ring: Vec<(bool, bool)>,
    size: usize,
    /// Where the next call goes once the ring is full: the oldest stands there.
    next: usize,
    tally: Tally,
}

impl LastCalls {
    pub(super) fn new(size: u32) -> LastCalls {
        LastCalls { ring: vec![], size: size as usize, next: 0, tally: Tally::default() }
    }

    pub(super) fn add(&mut self, ok: bool, slow: bool) -> Tally {
        if self.ring.len() < self.size {
            self.ring.push((ok, slow));
        } else {
            let (ok, slow) = std::mem::replace(&mut self.ring[self.next], (ok, slow));
            self.tally.take(Tally { calls: 1, failed: u32::from(!ok), slow: u32::from(slow) });
            self.next = (self.next + 1) % self.size;
        }
        self.tally.add(ok, slow);
        self.tally
    }
}
