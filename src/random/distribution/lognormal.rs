//! Lognormal: exp of a normal; the usual shape of service times with a tail.

use super::{Law, Stream};
use statrs::distribution::{ContinuousCDF, Normal};

/// `exp(mu + sigma · Z)` seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lognormal {
    pub mu: f64,
    pub sigma: f64,
}

fn standard_normal() -> Normal {
    Normal::standard()
}

impl Lognormal {
    /// sigma² = ln(1 + cv²), mu = ln mean − sigma²/2.
    pub fn from_mean_cv(mean: f64, cv: f64) -> Lognormal {
        let sigma2 = (cv * cv).ln_1p();
        Lognormal { mu: mean.ln() - sigma2 / 2.0, sigma: sigma2.sqrt() }
    }

    pub fn from_median_cv(median: f64, cv: f64) -> Lognormal {
        Lognormal { mu: median.ln(), sigma: (cv * cv).ln_1p().sqrt() }
    }

    /// From the median and the `p`-quantile above it.
    pub fn from_median_quantile(median: f64, p: f64, quantile: f64) -> Result<Lognormal, String> {
        if quantile < median {
            return Err("the p99 lies below the p50".into());
        }
        Ok(Lognormal { mu: median.ln(), sigma: (quantile / median).ln() / standard_normal().inverse_cdf(p) })
    }

    /// From the mean and the `p`-quantile: the smaller root of sigma²/2 − z·sigma + ln(q/mean) = 0.
    ///
    /// A lognormal's quantile is at most exp(z²/2) times its mean (15 times at p99), so some pairs have no answer.
    pub fn from_mean_quantile(mean: f64, p: f64, quantile: f64) -> Result<Lognormal, String> {
        let z = standard_normal().inverse_cdf(p);
        let ratio = (quantile / mean).ln();
        if ratio < 0.0 {
            return Err("the p99 lies below the mean".into());
        }
        let root = z * z - 2.0 * ratio;
        if root < 0.0 {
            return Err(format!("no lognormal has a p99 more than {:.1} times its mean", (z * z / 2.0).exp()));
        }
        let sigma = z - root.sqrt();
        Ok(Lognormal { mu: mean.ln() - sigma * sigma / 2.0, sigma })
    }
}

impl Law for Lognormal {
    fn sample(&self, stream: &mut Stream) -> f64 {
        (self.mu + self.sigma * stream.draw(&rand_distr::StandardNormal)).exp()
    }
    fn mean(&self) -> f64 {
        (self.mu + self.sigma * self.sigma / 2.0).exp()
    }
    fn variance(&self) -> f64 {
        (self.sigma * self.sigma).exp_m1() * self.mean() * self.mean()
    }
    fn cdf(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        if self.sigma == 0.0 {
            return if x.ln() >= self.mu { 1.0 } else { 0.0 };
        }
        standard_normal().cdf((x.ln() - self.mu) / self.sigma)
    }
}
