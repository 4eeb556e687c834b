//! One of several fixed lengths.

use super::{Law, Stream};

#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    shares: Vec<f64>,
    values: Vec<f64>,
}

impl Choice {
    /// (share, value in seconds); the shares sum to 1.
    pub fn new(branches: Vec<(f64, f64)>) -> Choice {
        let (shares, values) = branches.into_iter().unzip();
        Choice { shares, values }
    }

    fn branches(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.shares.iter().copied().zip(self.values.iter().copied())
    }
}

impl Law for Choice {
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.values[stream.pick(&self.shares)]
    }
    fn mean(&self) -> f64 {
        self.branches().map(|(share, value)| share * value).sum()
    }
    fn variance(&self) -> f64 {
        self.branches().map(|(share, value)| share * value * value).sum::<f64>() - self.mean().powi(2)
    }
    fn cdf(&self, x: f64) -> f64 {
        self.branches().filter(|(_, value)| *value <= x).map(|(share, _)| share).sum()
    }
}
