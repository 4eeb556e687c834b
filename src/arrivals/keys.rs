//! Keys of messages: which of many entities a message is about.

use crate::random::Stream;

/// How keys are spread over messages.
#[derive(Debug, Clone, PartialEq)]
pub enum Keys {
    /// The n-th key has a share in proportion to n^−exponent.
    Zipf { count: u32, exponent: f64 },
    /// The first keys have these shares; the others share what is left evenly. No shares: all alike.
    Hot { count: u32, shares: Vec<f64> },
}

impl Keys {
    pub fn count(&self) -> u32 {
        match self {
            Keys::Zipf { count, .. } | Keys::Hot { count, .. } => *count,
        }
    }

    /// A key, from 0 for the hottest.
    pub fn draw(&self, stream: &mut Stream) -> u32 {
        match self {
            Keys::Zipf { count, exponent } => stream.zipf(*count, *exponent) - 1,
            Keys::Hot { count, shares } => {
                let mut left = stream.uniform();
                for (key, share) in shares.iter().enumerate() {
                    if left < *share {
                        return key as u32;
                    }
                    left -= share;
                }
                let rest = 1.0 - shares.iter().sum::<f64>();
                let cold = *count - shares.len() as u32;
                if cold == 0 || rest <= 0.0 {
                    return shares.len() as u32 - 1;
                }
                let place = (left / rest * f64::from(cold)) as u32;
                shares.len() as u32 + place.min(cold - 1)
            }
        }
    }

    /// Expected share of a key.
    pub fn share(&self, key: u32) -> f64 {
        match self {
            Keys::Zipf { count, exponent } => {
                let sum: f64 = (1..=*count).map(|n| f64::from(n).powf(-exponent)).sum();
                f64::from(key + 1).powf(-exponent) / sum
            }
            Keys::Hot { count, shares } => shares
                .get(key as usize)
                .copied()
                .unwrap_or_else(|| (1.0 - shares.iter().sum::<f64>()) / f64::from(*count - shares.len() as u32)),
        }
    }
}

/// Spreads keys evenly over 32 bits: the finalizer of MurmurHash3.
pub fn hash(key: u32) -> u32 {
    let mut h = key ^ 0x9e37_79b9;
    h = (h ^ (h >> 16)).wrapping_mul(0x85eb_ca6b);
    h = (h ^ (h >> 13)).wrapping_mul(0xc2b2_ae35);
    h ^ (h >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_what_is_drawn() {
        let laws = [
            Keys::Zipf { count: 100, exponent: 1.1 },
            Keys::Hot { count: 10, shares: vec![0.3, 0.1] },
            Keys::Hot { count: 7, shares: vec![] },
        ];
        for law in laws {
            let mut stream = Stream::new(7, 0, "keys", "test");
            let mut seen = vec![0u32; law.count() as usize];
            (0..200_000).for_each(|_| seen[law.draw(&mut stream) as usize] += 1);
            for key in 0..law.count() {
                let (got, expected) = (f64::from(seen[key as usize]) / 200_000.0, law.share(key));
                assert!((got - expected).abs() < 5.0 * (expected / 200_000.0).sqrt() + 1e-9, "{law:?} {key}: {got}");
            }
        }
    }
}
