//! Random lengths of time that know their own moments and quantiles, one file each. All parameters are in seconds.

mod choice;
mod constant;
mod empirical;
mod exponential;
mod gamma;
mod hyperexponential;
mod inverse;
mod lognormal;
mod pareto;
mod uniform;
mod weibull;

pub use choice::Choice;
pub use constant::Constant;
pub use empirical::Empirical;
pub use exponential::Exponential;
pub use gamma::Gamma;
pub use hyperexponential::Hyperexponential;
pub use inverse::Inverse;
pub use lognormal::Lognormal;
pub use pareto::Pareto;
pub use uniform::Uniform;
pub use weibull::Weibull;

use super::Stream;
use crate::units::Nanos;

/// What every law promises. Seconds and seconds²; `variance` may be infinite.
pub trait Law {
    fn sample(&self, stream: &mut Stream) -> f64;
    fn mean(&self) -> f64;
    fn variance(&self) -> f64;
    /// P(X ≤ x).
    fn cdf(&self, x: f64) -> f64;
}

/// The closed set of laws; a new one is a file, a variant and a line in `law`.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Constant(Constant),
    Exponential(Exponential),
    Lognormal(Lognormal),
    Gamma(Gamma),
    Weibull(Weibull),
    Pareto(Pareto),
    Uniform(Uniform),
    Hyperexponential(Hyperexponential),
    Choice(Choice),
    Empirical(Empirical),
    /// Of any other; of the model's own making, not of the scenario's.
    Inverse(Inverse),
}

/// A law and a shift added to every draw.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    pub kind: Kind,
    /// Seconds.
    pub shift: f64,
}

impl Distribution {
    pub fn constant(seconds: f64) -> Distribution {
        Distribution::from(Kind::Constant(Constant { value: seconds }))
    }

    pub fn exponential(mean_seconds: f64) -> Distribution {
        Distribution::from(Kind::Exponential(Exponential { mean: mean_seconds }))
    }

    fn law(&self) -> &dyn Law {
        match &self.kind {
            Kind::Constant(law) => law,
            Kind::Exponential(law) => law,
            Kind::Lognormal(law) => law,
            Kind::Gamma(law) => law,
            Kind::Weibull(law) => law,
            Kind::Pareto(law) => law,
            Kind::Uniform(law) => law,
            Kind::Hyperexponential(law) => law,
            Kind::Choice(law) => law,
            Kind::Empirical(law) => law,
            Kind::Inverse(law) => law,
        }
    }

    /// One draw in whole nanoseconds, never negative.
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> Nanos {
        self.whole(self.law().sample(stream))
    }

    /// As many draws as there is room for; the commonest law in a loop of its own.
    pub fn fill(&self, out: &mut [Nanos], stream: &mut Stream) {
        match &self.kind {
            Kind::Exponential(law) => out.iter_mut().for_each(|length| *length = self.whole(law.sample(stream))),
            _ => out.iter_mut().for_each(|length| *length = self.sample(stream)),
        }
    }

    /// Seconds to whole nanoseconds; through a signed number, which the processor converts in one step.
    #[inline]
    fn whole(&self, seconds: f64) -> Nanos {
        ((seconds + self.shift) * 1e9 + 0.5) as i64 as Nanos
    }

    /// Seconds.
    pub fn mean(&self) -> f64 {
        self.law().mean() + self.shift
    }

    /// Seconds².
    pub fn variance(&self) -> f64 {
        self.law().variance()
    }

    /// Squared coefficient of variation: variance ÷ mean².
    pub fn scv(&self) -> f64 {
        self.variance() / (self.mean() * self.mean())
    }

    /// P(X ≤ x), `x` in seconds.
    pub fn cdf(&self, x: f64) -> f64 {
        self.law().cdf(x - self.shift)
    }

    /// The least x (seconds) with P(X ≤ x) ≥ p, by bisection on `cdf`, to one part in 10¹².
    pub fn quantile(&self, p: f64) -> f64 {
        let law = self.law();
        let (mut low, mut high) = (0.0, law.mean().max(1e-9));
        while law.cdf(high) < p && high < 1e12 {
            high *= 2.0;
        }
        for _ in 0..200 {
            let middle = (low + high) / 2.0;
            if law.cdf(middle) < p {
                low = middle
            } else {
                high = middle
            }
            if high - low <= 1e-12 * high {
                break;
            }
        }
        high + self.shift
    }

    /// The same law, drawn from one uniform number each.
    pub fn by_inversion(&self) -> Distribution {
        if self.is_constant() { self.clone() } else { Distribution::from(Kind::Inverse(Inverse::new(self))) }
    }

    /// Every draw is the same.
    pub fn is_constant(&self) -> bool {
        matches!(self.kind, Kind::Constant(_))
    }

    pub fn is_zero(&self) -> bool {
        self.is_constant() && self.mean() == 0.0
    }
}

impl From<Kind> for Distribution {
    fn from(kind: Kind) -> Distribution {
        Distribution { kind, shift: 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws agree with the law's own moments and distribution function: 4 standard errors of 200,000 draws.
    #[test]
    fn samples_agree_with_moments_and_cdf() {
        let laws: Vec<(&str, Kind)> = vec![
            ("exp", Kind::Exponential(Exponential { mean: 0.05 })),
            ("lognormal", Kind::Lognormal(Lognormal::from_mean_cv(0.1, 1.5))),
            ("gamma", Kind::Gamma(Gamma { mean: 0.05, shape: 0.25 })),
            ("erlang", Kind::Gamma(Gamma { mean: 0.2, shape: 4.0 })),
            ("weibull", Kind::Weibull(Weibull::new(0.1, 0.7))),
            ("pareto", Kind::Pareto(Pareto { min: 0.0245, alpha: 1.5, cap: 5.0 })),
            ("pareto uncapped", Kind::Pareto(Pareto { min: 0.02, alpha: 4.5, cap: f64::INFINITY })),
            ("uniform", Kind::Uniform(Uniform { low: 0.01, high: 0.09 })),
            ("hyperexp", Kind::Hyperexponential(Hyperexponential::new(vec![(0.9, 0.05), (0.1, 0.55)]))),
            ("choice", Kind::Choice(Choice::new(vec![(0.95, 0.03), (0.05, 0.43)]))),
            ("empirical", Kind::Empirical(Empirical::new(vec![0.1, 0.1, 0.4, 0.2]))),
            ("inverse", Kind::Inverse(Inverse::new(&Distribution::exponential(0.05)))),
        ];
        for (name, kind) in laws {
            let law = Distribution { kind, shift: 0.01 };
            let mut stream = Stream::new(7, 0, name, "moments");
            let n = 200_000;
            let draws: Vec<f64> = (0..n).map(|_| crate::units::seconds(law.sample(&mut stream))).collect();
            let mean = draws.iter().sum::<f64>() / n as f64;
            let error = (law.variance() / n as f64).sqrt();
            assert!((mean - law.mean()).abs() < 4.0 * error + 1e-9, "{name}: mean {mean} against {}", law.mean());
            for p in [0.1, 0.5, 0.9, 0.99] {
                let x = law.quantile(p);
                let below = draws.iter().filter(|d| **d <= x + 1e-9).count() as f64 / n as f64;
                let exact = law.cdf(x + 1e-9);
                assert!(
                    (below - exact).abs() < 4.0 * 0.5 / (n as f64).sqrt(),
                    "{name}: F(q{p}) {below} against {exact}"
                );
                assert!(exact >= p - 1e-6, "{name}: quantile {p} is at {exact}");
            }
        }
    }

    #[test]
    fn lognormal_meets_its_mean_and_p99() {
        for (mean, p99) in [(0.045, 0.25), (1.0, 2.0)] {
            let law = Distribution::from(Kind::Lognormal(Lognormal::from_mean_quantile(mean, 0.99, p99).unwrap()));
            assert!((law.mean() / mean - 1.0).abs() < 1e-9);
            assert!((law.quantile(0.99) / p99 - 1.0).abs() < 1e-6);
        }
        assert!(Lognormal::from_mean_quantile(0.045, 0.99, 10.0).is_err());
    }
}
