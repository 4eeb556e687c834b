//! Weibull: a tail heavier (shape < 1) or lighter (> 1) than the exponential's.

use super::{Law, Stream};
use statrs::function::gamma::gamma;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weibull {
    pub scale: f64,
    pub shape: f64,
}

impl Weibull {
    /// scale = mean / Γ(1 + 1/shape).
    pub fn new(mean: f64, shape: f64) -> Weibull {
        Weibull { scale: mean / gamma(1.0 + 1.0 / shape), shape }
    }
}

impl Law for Weibull {
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.scale * stream.exponential().powf(1.0 / self.shape)
    }
    fn mean(&self) -> f64 {
        self.scale * gamma(1.0 + 1.0 / self.shape)
    }
    fn variance(&self) -> f64 {
        self.scale * self.scale * gamma(1.0 + 2.0 / self.shape) - self.mean() * self.mean()
    }
    fn cdf(&self, x: f64) -> f64 {
        if x <= 0.0 { 0.0 } else { -(-(x / self.scale).powf(self.shape)).exp_m1() }
    }
}
