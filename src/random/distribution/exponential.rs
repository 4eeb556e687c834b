//! Exponential: memoryless.

use super::{Law, Stream};

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exponential {
    pub mean: f64,
}

impl Law for Exponential {
    #[inline]
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.mean * stream.exponential()
    }
    fn mean(&self) -> f64 {
        self.mean
    }
    fn variance(&self) -> f64 {
        self.mean * self.mean
    }
    fn cdf(&self, x: f64) -> f64 {
        if x <= 0.0 { 0.0 } else { -(-x / self.mean).exp_m1() }
    }
}
