//! Gamma, and Erlang as the gamma with a whole shape.

use super::{Law, Stream};

/// Shape k = 1/cv²; scale = mean/k.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gamma {
    pub mean: f64,
    pub shape: f64,
}

impl Gamma {
    pub fn from_mean_cv(mean: f64, cv: f64) -> Gamma {
        Gamma { mean, shape: 1.0 / (cv * cv) }
    }
}

impl Law for Gamma {
    fn sample(&self, stream: &mut Stream) -> f64 {
        // Parameters were checked when the scenario was read; a fixed mean stands in where the law is degenerate.
        rand_distr::Gamma::new(self.shape, self.mean / self.shape).map_or(self.mean, |law| stream.draw(&law))
    }
    fn mean(&self) -> f64 {
        self.mean
    }
    fn variance(&self) -> f64 {
        self.mean * self.mean / self.shape
    }
    fn cdf(&self, x: f64) -> f64 {
        if x <= 0.0 { 0.0 } else { statrs::function::gamma::gamma_lr(self.shape, x * self.shape / self.mean) }
    }
}
