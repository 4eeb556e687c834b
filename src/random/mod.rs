//! Chance: one named stream for each source of randomness in each run, and the distributions drawn from it.
//!
//! Architecture invariant: this is the only room that builds a generator. A stream is a function of seed, run, name
//! and purpose, so a changed retry policy never shifts the arrivals, and variants share their random numbers.

pub mod distribution;
mod draws;
mod even;

pub use distribution::Distribution;
pub use draws::Draws;

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use sha2::{Digest, Sha256};

/// A stream of random numbers for one purpose. xoshiro256++ is portable and fixed, unlike `StdRng`.
#[derive(Debug, Clone)]
pub struct Stream(Xoshiro256PlusPlus, Option<Box<even::Even>>);

impl Stream {
    /// The stream for `purpose` of component `name` in run `run`: the generator's state is the SHA-256 of all four.
    pub fn new(seed: u64, run: u32, name: &str, purpose: &str) -> Stream {
        let mut hash = Sha256::new();
        hash.update(seed.to_le_bytes());
        hash.update(run.to_le_bytes());
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name.as_bytes());
        hash.update(purpose.as_bytes());
        Stream(Xoshiro256PlusPlus::from_seed(hash.finalize().into()), None)
    }

    /// The same with uniform numbers that are spread evenly over so many parts; below 2 as it is. Exponentials and the
    /// draws of most laws are not made of them.
    pub fn evened(self, parts: u16) -> Stream {
        Stream(self.0, (parts > 1).then(|| Box::new(even::Even::new(parts))))
    }

    /// Uniform on [0, 1), 53 bits.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        if let Some(even) = &mut self.1 {
            return even.draw(&mut self.0);
        }
        (self.0.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Exponential with mean 1.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        use rand::distr::Distribution as _;
        rand_distr::Exp1.sample(&mut self.0)
    }

    /// A whole number from 1 to `count`, in proportion to n^−exponent.
    pub fn zipf(&mut self, count: u32, exponent: f64) -> u32 {
        use rand::distr::Distribution as _;
        match rand_distr::Zipf::new(f64::from(count), exponent) {
            Ok(law) => law.sample(&mut self.0) as u32,
            Err(_) => 1,
        }
    }

    /// True with probability `p`; draws nothing where the answer is certain.
    #[inline]
    pub fn chance(&mut self, p: f64) -> bool {
        p > 0.0 && (p >= 1.0 || self.uniform() < p)
    }

    /// Index of the entry that a uniform draw falls on; `shares` sum to 1.
    #[inline]
    pub fn pick(&mut self, shares: &[f64]) -> usize {
        let mut left = self.uniform();
        for (i, share) in shares.iter().enumerate() {
            left -= share;
            if left < 0.0 {
                return i;
            }
        }
        shares.len() - 1
    }

    fn draw(&mut self, law: &impl rand::distr::Distribution<f64>) -> f64 {
        law.sample(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_pinned_and_apart() {
        let draws = |name: &str, purpose: &str, run| {
            let mut stream = Stream::new(42, run, name, purpose);
            [stream.uniform(), stream.uniform()]
        };
        let first = draws("orders", "arrivals", 0);
        assert_eq!(first, draws("orders", "arrivals", 0));
        assert_ne!(first, draws("orders", "service", 0));
        assert_ne!(first, draws("orders", "arrivals", 1));
        assert_ne!(draws("ab", "c", 0), draws("a", "bc", 0));
    }
}
