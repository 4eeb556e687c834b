//! The delay before a failed message is tried again.
//!
//! d = min(cap, backoff × factor^(n−1)) before the n-th retry, or another growth of some client's own; then a jitter
//! (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).

mod decorrelated;
mod envoy;
mod equal;
mod fifth;
mod full;
mod none;
mod sidekiq;

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
    pub growth: Growth,
}

/// How delays grow from retry to retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Growth {
    /// backoff × factor^(n−1).
    #[default]
    Exponential,
    /// backoff × (2^n − 1).
    Envoy,
    /// Seconds by a formula of its own, with its own jitter; `backoff`, `factor` and `jitter` are not looked at.
    Sidekiq,
}

/// How the delay is spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Jitter {
    #[default]
    None,
    Full,
    Equal,
    Decorrelated,
    /// 0.8 … 1.2 times the delay, after the cap.
    Fifth,
}

impl Backoff {
    /// Requeue at once.
    pub fn immediate() -> Backoff {
        Backoff {
            backoff: Distribution::constant(0.0),
            factor: 1.0,
            cap: Nanos::MAX,
            jitter: Jitter::None,
            growth: Growth::Exponential,
        }
    }

    /// Delay before the `n`-th retry (from 1); `last` is the delay before the retry before it, 0 at the first.
    pub fn delay(&self, n: u32, last: Nanos, stream: &mut Stream) -> Nanos {
        if self.growth == Growth::Sidekiq {
            return sidekiq::delay(n, stream).min(self.cap);
        }
        let base = self.backoff.sample(stream);
        let grown = match self.growth {
            Growth::Envoy => envoy::grown(base, n),
            _ => base as f64 * self.factor.powi(n.saturating_sub(1).min(10_000) as i32),
        };
        let capped = if grown >= self.cap as f64 { self.cap } else { grown.round() as Nanos };
        match self.jitter {
            Jitter::None => none::spread(capped),
            Jitter::Full => full::spread(capped, stream),
            Jitter::Equal => equal::spread(capped, stream),
            Jitter::Decorrelated => decorrelated::spread(base, last, self.cap, stream),
            Jitter::Fifth => fifth::spread(capped, stream),
        }
    }

    /// Delays are always the same for the same `n`.
    pub fn is_zero(&self) -> bool {
        self.cap == 0 || (self.growth != Growth::Sidekiq && self.backoff.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SECOND;

    #[test]
    fn delays_stay_within_their_jitter() {
        let mut stream = Stream::new(1, 0, "t", "jitter");
        for (jitter, low, high) in [
            (Jitter::None, 4, 4),
            (Jitter::Full, 0, 4),
            (Jitter::Equal, 2, 4),
            (Jitter::Decorrelated, 1, 6),
            (Jitter::Fifth, 3, 5),
        ] {
            let policy = Backoff {
                backoff: Distribution::constant(1.0),
                factor: 2.0,
                cap: 10 * SECOND,
                jitter,
                growth: Growth::Exponential,
            };
            for _ in 0..200 {
                let delay = policy.delay(3, 2 * SECOND, &mut stream);
                assert!((low * SECOND..=high * SECOND).contains(&delay), "{jitter:?} {delay}");
            }
            let most = if jitter == Jitter::Fifth { 12 } else { 10 };
            assert!(policy.delay(60, 10 * SECOND, &mut stream) <= most * SECOND);
        }
    }

    #[test]
    fn temporal_waits_double_up_to_the_cap() {
        let mut stream = Stream::new(1, 0, "t", "backoff");
        let temporal = Backoff { cap: 100 * SECOND, factor: 2.0, ..constant(1.0) };
        let waits: Vec<Nanos> = (1..=9).map(|n| temporal.delay(n, 0, &mut stream) / SECOND).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 100, 100]);
    }

    #[test]
    fn envoy_grows_by_powers_of_two_less_one() {
        let mut stream = Stream::new(1, 0, "t", "backoff");
        let envoy = Backoff { cap: SECOND / 4, growth: Growth::Envoy, ..constant(0.025) };
        let waits: Vec<Nanos> = (1..=5).map(|n| envoy.delay(n, 0, &mut stream) / 1_000_000).collect();
        assert_eq!(waits, [25, 75, 175, 250, 250]);
    }

    #[test]
    fn sidekiq_grows_with_the_fourth_power() {
        let mut stream = Stream::new(1, 0, "t", "backoff");
        let sidekiq = Backoff { growth: Growth::Sidekiq, ..Backoff::immediate() };
        for (n, least) in [(1, 15), (2, 16), (3, 31), (11, 10_015), (25, 331_791)] {
            let most = least + 29 * u64::from(n);
            for _ in 0..50 {
                let seconds = sidekiq.delay(n, 0, &mut stream) / SECOND;
                assert!((least..=most).contains(&seconds), "{n} {seconds}");
            }
        }
        assert!(!sidekiq.is_zero());
    }

    fn constant(seconds: f64) -> Backoff {
        Backoff { backoff: Distribution::constant(seconds), ..Backoff::immediate() }
    }
}
