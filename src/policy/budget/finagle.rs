//! Finagle's budget: a share of the requests of the last seconds, and a least rate of retries (brokers.md F-RB).

use crate::units::Nanos;

/// The window is cut into slices that leave one after another.
const SLICES: u64 = 10;
/// Credits are counted in thousandths of a retry.
const RETRY: i64 = 1_000;

#[derive(Debug, Clone, PartialEq)]
pub struct Finagle {
    /// Retries that each request pays for; three decimals count.
    pub ratio: f64,
    /// Retries per second that there are in any case.
    pub min_per_s: f64,
    /// How long a request's credit lives, and a retry's cost.
    pub ttl: Nanos,
}

#[derive(Debug, Clone)]
pub(super) struct State {
    credit: i64,
    reserve: i64,
    slice: Nanos,
    /// By the slice of the clock modulo their number.
    slices: [i64; SLICES as usize],
    newest: u64,
    sum: i64,
}

impl State {
    pub(super) fn new(rules: &Finagle) -> State {
        State {
            credit: (rules.ratio * RETRY as f64).round() as i64,
            reserve: (rules.min_per_s * rules.ttl as f64 / 1e9 * RETRY as f64).round() as i64,
            slice: (rules.ttl / SLICES).max(1),
            slices: [0; SLICES as usize],
            newest: 0,
            sum: 0,
        }
    }

    fn add(&mut self, amount: i64) {
        self.slices[(self.newest % SLICES) as usize] += amount;
        self.sum += amount;
    }

    fn turn(&mut self, now: Nanos) {
        let current = now / self.slice;
        for passed in 1..=current.saturating_sub(self.newest).min(SLICES) {
            self.sum -= std::mem::take(&mut self.slices[((self.newest + passed) % SLICES) as usize]);
        }
        self.newest = self.newest.max(current);
    }

    pub(super) fn sent(&mut self, now: Nanos) {
        self.turn(now);
        self.add(self.credit);
    }

    pub(super) fn may_retry(&mut self, now: Nanos) -> bool {
        self.turn(now);
        let granted = self.reserve + self.sum >= RETRY;
        if granted {
            self.add(-RETRY);
        }
        granted
    }
}
