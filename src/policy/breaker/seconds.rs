//! The calls of the last so many whole seconds of the clock, the running one included.

use super::Tally;
use crate::units::{Nanos, SECOND};

#[derive(Debug, Clone)]
pub(super) struct LastSeconds {
    /// One a second, by the second modulo their number.
    buckets: Vec<Tally>,
    second: u64,
    tally: Tally,
}

impl LastSeconds {
    pub(super) fn new(seconds: u32) -> LastSeconds {
        LastSeconds { buckets: vec![Tally::default(); seconds as usize], second: 0, tally: Tally::default() }
    }

    pub(super) fn add(&mut self, now: Nanos, ok: bool, slow: bool) -> Tally {
        let second = now / SECOND;
        let size = self.buckets.len() as u64;
        for passed in 1..=second.saturating_sub(self.second).min(size) {
            let old = std::mem::take(&mut self.buckets[((self.second + passed) % size) as usize]);
            self.tally.take(old);
        }
        self.second = self.second.max(second);
        self.buckets[(self.second % size) as usize].add(ok, slow);
        self.tally.add(ok, slow);
        self.tally
    }
}
