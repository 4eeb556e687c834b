//! A count and its integral over time, both exact.

use crate::units::Nanos;

/// ∫ n dt over [0, T] = n(T)·T − Σ Δn·t: each change costs one addition, in wrapping arithmetic that is exact at the end.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gauge {
    pub count: u64,
    shifted: u128,
    /// The integral up to the mark, where one was set.
    marked: u128,
}

impl Gauge {
    #[inline]
    pub fn enter(&mut self, now: Nanos) {
        self.count += 1;
        self.shifted = self.shifted.wrapping_sub(u128::from(now));
    }

    #[inline]
    pub fn leave(&mut self, now: Nanos) {
        self.count -= 1;
        self.shifted = self.shifted.wrapping_add(u128::from(now));
    }

    pub fn add(&mut self, n: u64, now: Nanos) {
        self.count += n;
        self.shifted = self.shifted.wrapping_sub(u128::from(n) * u128::from(now));
    }

    pub fn remove(&mut self, n: u64, now: Nanos) {
        self.count -= n;
        self.shifted = self.shifted.wrapping_add(u128::from(n) * u128::from(now));
    }

    /// Several entries and exits in one: `times` is the sum of the instants of the exits less that of the entries.
    #[inline]
    pub fn shift(&mut self, entered: u64, left: u64, times: u128) {
        self.count = self.count + entered - left;
        self.shifted = self.shifted.wrapping_add(times);
    }

    pub fn area(&self, now: Nanos) -> u128 {
        (u128::from(self.count) * u128::from(now)).wrapping_add(self.shifted)
    }

    /// From here on `areas` tells what came after.
    pub fn mark(&mut self, now: Nanos) {
        self.marked = self.area(now);
    }

    /// The integral up to now: since the beginning, and since the mark.
    pub fn areas(&self, now: Nanos) -> (u128, u128) {
        let area = self.area(now);
        (area, area - self.marked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_exact() {
        let mut gauge = Gauge::default();
        gauge.enter(10);
        gauge.enter(15);
        gauge.mark(20);
        gauge.leave(30);
        assert_eq!(gauge.areas(40), ((40 - 10) + (30 - 15), 20 + 10));
    }
}
