//! Pareto with a cap: min(X, cap), so that the mass beyond the cap sits on it.

use super::{Law, Stream};

/// `cap` is infinite where none was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pareto {
    pub min: f64,
    pub alpha: f64,
    pub cap: f64,
}

impl Pareto {
    /// E[min(X, cap)^k] = ∫₀^cap k·x^(k−1)·P(X > x) dx.
    fn moment(&self, k: f64) -> f64 {
        let Pareto { min, alpha, cap } = *self;
        if cap.is_infinite() {
            return if alpha > k { alpha * min.powf(k) / (alpha - k) } else { f64::INFINITY };
        }
        let below = min.powf(k);
        if (alpha - k).abs() < 1e-12 {
            return below + k * min.powf(alpha) * (cap / min).ln();
        }
        below + k * min.powf(alpha) * (cap.powf(k - alpha) - min.powf(k - alpha)) / (k - alpha)
    }
}

impl Law for Pareto {
    fn sample(&self, stream: &mut Stream) -> f64 {
        (self.min * (stream.exponential() / self.alpha).exp()).min(self.cap)
    }
    fn mean(&self) -> f64 {
        self.moment(1.0)
    }
    fn variance(&self) -> f64 {
        self.moment(2.0) - self.mean() * self.mean()
    }
    fn cdf(&self, x: f64) -> f64 {
        if x < self.min {
            0.0
        } else if x >= self.cap {
            1.0
        } else {
            1.0 - (self.min / x).powf(self.alpha)
        }
    }
}
