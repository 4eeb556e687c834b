//! The delay before a failed message is tried again.
//!
//! d = min(cap, backoff × factor^(n−1)) before the n-th retry, then one of four jitters (Brooker, "Exponential Backoff
//! And Jitter", AWS Architecture Blog, 2015).

mod decorrelated;
mod equal;
mod full;
mod none;

use crate::random::{Distribution, Stream};
use crate::units::Nanos;

#[derive(Debug, Clone, PartialEq)]
pub struct Backoff {
    /// The base; drawn anew at each retry where it is a distribution.
    pub backoff: Distribution,
    pub factor: f64,
    /// Nanoseconds; `Nanos::MAX` where none was given.
    pub cap: Nanos,
    pub jitter: Jitter,
}

/// How the delay is spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Jitter {
    #[default]
    None,
    Full,
    Equal,
    Decorrelated,
}

impl Backoff {
    /// Requeue at once.
    pub fn immediate() -> Backoff {
        Backoff { backoff: Distribution::constant(0.0), factor: 1.0, cap: Nanos::MAX, jitter: Jitter::None }
    }

    /// Delay before the `n`-th retry (from 1); `last` is the delay before the retry before it, 0 at the first.
    pub fn delay(&self, n: u32, last: Nanos, stream: &mut Stream) -> Nanos {
        let base = self.backoff.sample(stream);
        let grown = base as f64 * self.factor.powi(n.saturating_sub(1).min(10_000) as i32);
        let capped = if grown >= self.cap as f64 { self.cap } else { grown.round() as Nanos };
        match self.jitter {
            Jitter::None => none::spread(capped),
            Jitter::Full => full::spread(capped, stream),
            Jitter::Equal => equal::spread(capped, stream),
            Jitter::Decorrelated => decorrelated::spread(base, last, self.cap, stream),
        }
    }

    /// Delays are always the same for the same `n`.
    pub fn is_zero(&self) -> bool {
        self.backoff.is_zero() || self.cap == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SECOND;

    #[test]
    fn delays_stay_within_their_jitter() {
        let mut stream = Stream::new(1, 0, "t", "jitter");
        for (jitter, low, high) in
            [(Jitter::None, 4, 4), (Jitter::Full, 0, 4), (Jitter::Equal, 2, 4), (Jitter::Decorrelated, 1, 6)]
        {
            let policy = Backoff { backoff: Distribution::constant(1.0), factor: 2.0, cap: 10 * SECOND, jitter };
            for _ in 0..200 {
                let delay = policy.delay(3, 2 * SECOND, &mut stream);
                assert!((low * SECOND..=high * SECOND).contains(&delay), "{jitter:?} {delay}");
            }
            assert!(policy.delay(60, 10 * SECOND, &mut stream) <= 10 * SECOND);
        }
    }
}
