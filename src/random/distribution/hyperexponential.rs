//! A mixture of exponentials: most fast, some slow.

use super::{Law, Stream};

#[derive(Debug, Clone, PartialEq)]
pub struct Hyperexponential {
    shares: Vec<f64>,
    means: Vec<f64>,
}

impl Hyperexponential {
    /// (share, mean in seconds); the shares sum to 1.
    pub fn new(branches: Vec<(f64, f64)>) -> Hyperexponential {
        let (shares, means) = branches.into_iter().unzip();
        Hyperexponential { shares, means }
    }

    fn branches(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.shares.iter().copied().zip(self.means.iter().copied())
    }
}

impl Law for Hyperexponential {
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.means[stream.pick(&self.shares)] * stream.exponential()
    }
    fn mean(&self) -> f64 {
        self.branches().map(|(share, mean)| share * mean).sum()
    }
    fn variance(&self) -> f64 {
        self.branches().map(|(share, mean)| share * 2.0 * mean * mean).sum::<f64>() - self.mean().powi(2)
    }
    fn cdf(&self, x: f64) -> f64 {
        if x <= 0.0 { 0.0 } else { self.branches().map(|(share, mean)| -share * (-x / mean).exp_m1()).sum() }
    }
}
