//! Every length between two bounds equally likely.

use super::{Law, Stream};

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Uniform {
    pub low: f64,
    pub high: f64,
}

impl Law for Uniform {
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.low + (self.high - self.low) * stream.uniform()
    }
    fn mean(&self) -> f64 {
        (self.low + self.high) / 2.0
    }
    fn variance(&self) -> f64 {
        (self.high - self.low).powi(2) / 12.0
    }
    fn cdf(&self, x: f64) -> f64 {
        if self.high == self.low {
            return if x >= self.low { 1.0 } else { 0.0 };
        }
        ((x - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }
}
