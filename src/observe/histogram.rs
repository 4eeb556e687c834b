//! A log-linear histogram of times: fixed memory, a stated relative error, exact mean and maximum.
//!
//! Every power of two is cut into 128 buckets. A floating-point number is an exponent and a mantissa already, so the upper
//! bits of the value as an `f64` are the bucket: no branch, no count of leading zeros. Values are shifted by one
//! nanosecond, so that 0 has a bucket of its own. Written here rather than taken from `hdrhistogram` because recording is
//! on the hot path of every message, and merging has to touch only the octaves in use.

use crate::units::{Nanos, seconds};

/// Half a bucket: a quantile is at most this far from the value recorded, relatively.
pub const RELATIVE_ERROR: f64 = 1.0 / 256.0;

const SUB_BITS: u32 = 7;
const SUB: usize = 1 << SUB_BITS;
const OCTAVES: usize = 64;
/// Bits of the mantissa that do not count.
const DROPPED: u32 = f64::MANTISSA_DIGITS - 1 - SUB_BITS;
/// The upper bits of 1.0: the first bucket.
const FIRST: u64 = 1023 << SUB_BITS;

/// Counts of values in nanoseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    buckets: Box<[u64; OCTAVES * SUB]>,
    /// Bit i is set where octave i holds something.
    octaves: u64,
    sum: u128,
    max: Nanos,
}

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram { buckets: Box::new([0; OCTAVES * SUB]), octaves: 0, sum: 0, max: 0 }
    }
}

impl Histogram {
    /// Index of the bucket of a value, which is below 2⁶³.
    #[inline]
    fn place(value: Nanos) -> usize {
        let upper = ((value as i64 + 1) as f64).to_bits() >> DROPPED;
        (upper - FIRST) as usize & (OCTAVES * SUB - 1)
    }

    #[inline]
    pub fn record(&mut self, value: Nanos) {
        let index = Histogram::place(value);
        self.octaves |= 1 << (index >> SUB_BITS);
        self.buckets[index] += 1;
        self.sum += u128::from(value);
        self.max = self.max.max(value);
    }

    /// Adds all of `other`. Counts are whole numbers, so the order of merging does not matter.
    pub fn merge(&mut self, other: &Histogram) {
        for octave in other.used() {
            for index in octave * SUB..(octave + 1) * SUB {
                self.buckets[index] += other.buckets[index];
            }
        }
        self.octaves |= other.octaves;
        self.sum += other.sum;
        self.max = self.max.max(other.max);
    }

    /// As if every value had been recorded `k` times.
    pub fn times(&mut self, k: u64) {
        for octave in 0..OCTAVES {
            if self.octaves >> octave & 1 == 1 {
                self.buckets[octave * SUB..(octave + 1) * SUB].iter_mut().for_each(|count| *count *= k);
            }
        }
        self.sum *= u128::from(k);
    }

    pub fn clear(&mut self) {
        for octave in 0..OCTAVES {
            if self.octaves >> octave & 1 == 1 {
                self.buckets[octave * SUB..(octave + 1) * SUB].fill(0);
            }
        }
        (self.octaves, self.sum, self.max) = (0, 0, 0);
    }

    fn used(&self) -> impl Iterator<Item = usize> + '_ {
        (0..OCTAVES).filter(|octave| self.octaves >> octave & 1 == 1)
    }

    /// (middle in nanoseconds, count) of each bucket in use, ascending.
    pub fn filled(&self) -> impl Iterator<Item = (Nanos, u64)> + '_ {
        self.used()
            .flat_map(|octave| octave * SUB..(octave + 1) * SUB)
            .filter(|&index| self.buckets[index] > 0)
            .map(|index| (Histogram::middle(index), self.buckets[index]))
    }

    /// The middle of a bucket, in whole nanoseconds.
    fn middle(index: usize) -> Nanos {
        let edge = |index: usize| f64::from_bits((index as u64 + FIRST) << DROPPED);
        let (low, high) = (edge(index), edge(index + 1));
        // Whole values from ⌈low⌉ up to below high, less the one by which they were shifted.
        let (first, last) = (low.ceil(), (high.ceil() - 1.0).max(low.ceil()));
        ((first + last) / 2.0) as Nanos - 1
    }

    pub fn count(&self) -> u64 {
        self.used().map(|octave| self.buckets[octave * SUB..(octave + 1) * SUB].iter().sum::<u64>()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.octaves == 0
    }

    /// Σ of all values, exact.
    pub fn sum(&self) -> u128 {
        self.sum
    }

    /// Seconds; NaN where nothing was recorded.
    pub fn mean(&self) -> f64 {
        self.sum as f64 / self.count() as f64 / 1e9
    }

    /// Seconds, exact.
    pub fn max(&self) -> f64 {
        seconds(self.max)
    }

    /// The value at or below which a share `p` of all values lies (nearest rank), in seconds; NaN where nothing was
    /// recorded.
    pub fn quantile(&self, p: f64) -> f64 {
        self.quantiles([p])[0]
    }

    /// Several quantiles in one pass; `p` ascending.
    pub fn quantiles<const N: usize>(&self, p: [f64; N]) -> [f64; N] {
        let count = self.count();
        let mut out = [f64::NAN; N];
        if count == 0 {
            return out;
        }
        let rank = |p: f64| ((p * count as f64).ceil() as u64).clamp(1, count);
        let (mut seen, mut next) = (0, 0);
        for (value, n) in self.filled() {
            seen += n;
            while next < N && seen >= rank(p[next]) {
                out[next] = seconds(value.min(self.max));
                next += 1;
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_falls_within_the_stated_error() {
        let mut value: u64 = 0;
        while value < 1 << 62 {
            let mut histogram = Histogram::default();
            histogram.record(value);
            histogram.record((u64::MAX >> 1) - 1);
            let got = histogram.quantile(0.5) * 1e9;
            assert!((got - value as f64).abs() <= value as f64 * RELATIVE_ERROR + 0.51, "{value}: {got}");
            value = value + value / 37 + 1;
        }
    }

    #[test]
    fn merging_is_adding() {
        let (mut a, mut b, mut both) = (Histogram::default(), Histogram::default(), Histogram::default());
        for i in 0..10_000u64 {
            let value = i * i * 977 % 5_000_000_007;
            if i % 3 == 0 {
                a.record(value)
            } else {
                b.record(value)
            }
            both.record(value);
        }
        a.merge(&b);
        assert_eq!(a, both);
        assert_eq!(a.count(), 10_000);
        a.clear();
        assert_eq!(a, Histogram::default());
    }
}
