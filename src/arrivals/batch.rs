//! How many messages one arrival brings.

use crate::random::Stream;

#[derive(Debug, Clone, PartialEq)]
pub enum BatchSize {
    Fixed(u32),
    /// On 1, 2, 3 … with this mean.
    Geometric {
        mean: f64,
    },
    /// (size, probability); the probabilities sum to 1.
    Pmf {
        sizes: Vec<u32>,
        shares: Vec<f64>,
    },
}

impl BatchSize {
    pub fn mean(&self) -> f64 {
        match self {
            BatchSize::Fixed(size) => f64::from(*size),
            BatchSize::Geometric { mean } => *mean,
            BatchSize::Pmf { sizes, shares } => {
                sizes.iter().zip(shares).map(|(size, share)| f64::from(*size) * share).sum()
            }
        }
    }

    /// Draws nothing for a fixed size.
    #[inline]
    pub fn draw(&self, stream: &mut Stream) -> u32 {
        match self {
            BatchSize::Fixed(size) => *size,
            BatchSize::Geometric { mean } if *mean <= 1.0 => 1,
            // Inversion: ⌈ln U / ln(1 − 1/mean)⌉, and −ln U is exponential.
            BatchSize::Geometric { mean } => {
                (stream.exponential() / -(-1.0 / mean).ln_1p()).ceil().clamp(1.0, 1e9) as u32
            }
            BatchSize::Pmf { sizes, shares } => sizes[stream.pick(shares)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_geometric_batch_has_its_mean() {
        let mut stream = Stream::new(3, 0, "t", "batch");
        let batch = BatchSize::Geometric { mean: 20.0 };
        let mean = (0..100_000).map(|_| f64::from(batch.draw(&mut stream))).sum::<f64>() / 1e5;
        // Standard deviation √(20·19) = 19.5; four standard errors.
        assert!((mean - 20.0).abs() < 4.0 * 19.5 / 316.0, "{mean}");
    }
}
