//! Values that nobody knows: a law for each, from which every run draws once.

use crate::random::Stream;
use crate::units::significant;
use statrs::distribution::{ContinuousCDF, Normal};

/// Laws without bounds are cut at these quantiles, so that what may be drawn has a first and a last value.
const CUT: f64 = 0.001;

/// One line of `[uncertain]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Uncertain {
    /// As written, as for `--set`.
    pub path: String,
    /// In units of `unit`.
    pub law: Unknown,
    pub unit: UnknownUnit,
    /// The path takes whole numbers only, so draws are whole.
    pub whole: bool,
}

/// What is believed about a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Unknown {
    Uniform {
        low: f64,
        high: f64,
    },
    Triangular {
        low: f64,
        mode: f64,
        high: f64,
    },
    /// Cut at its 0.1 % and 99.9 % quantiles.
    Normal {
        mean: f64,
        sd: f64,
    },
    /// exp(mu + sigma · Z), cut at its 0.1 % and 99.9 % quantiles.
    Lognormal {
        mu: f64,
        sigma: f64,
    },
    /// (share, value), in the file's order; the shares sum to 1.
    Choice(Vec<(f64, f64)>),
}

/// In what the values are counted.
#[derive(Debug, Clone, PartialEq)]
pub struct UnknownUnit {
    /// Written behind a number in the scenario language: `ms`, `/min`, ` KB`, `%`; empty for bare numbers.
    pub suffix: String,
    /// One of them in `base`.
    pub scale: f64,
    /// `s`, `per_s`, `bytes`, `share`; the suffix itself where it is none of these; empty for bare numbers.
    pub base: String,
}

impl Unknown {
    /// The value with so much of the law at or below it, `p` from 0 to 1; ends are finite.
    pub fn quantile(&self, p: f64) -> f64 {
        match self {
            Unknown::Uniform { low, high } => low + p * (high - low),
            Unknown::Triangular { low, mode, high } => {
                let (span, rise) = (high - low, mode - low);
                if p * span < rise {
                    low + (p * span * rise).sqrt()
                } else {
                    high - ((1.0 - p) * span * (high - mode)).sqrt()
                }
            }
            Unknown::Normal { mean, sd } => mean + sd * cut(p),
            Unknown::Lognormal { mu, sigma } => (mu + sigma * cut(p)).exp(),
            Unknown::Choice(branches) => {
                let mut left = p;
                let found = branches.iter().find(|(share, _)| {
                    left -= share;
                    left < 0.0
                });
                found.or(branches.last()).map_or(0.0, |(_, value)| *value)
            }
        }
    }

    pub fn mean(&self) -> f64 {
        match self {
            Unknown::Uniform { low, high } => (low + high) / 2.0,
            Unknown::Triangular { low, mode, high } => (low + mode + high) / 3.0,
            Unknown::Normal { mean, .. } => *mean,
            // Of the law as it is cut, by the midpoint rule: within 10⁻⁴ of it.
            Unknown::Lognormal { .. } => {
                (0..1_000).map(|i| self.quantile((f64::from(i) + 0.5) / 1_000.0)).sum::<f64>() / 1_000.0
            }
            Unknown::Choice(branches) => branches.iter().map(|(share, value)| share * value).sum(),
        }
    }

    /// The least and the greatest that is ever drawn.
    pub fn ends(&self) -> (f64, f64) {
        match self {
            Unknown::Choice(branches) => {
                let values = || branches.iter().map(|(_, value)| *value);
                (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max))
            }
            _ => (self.quantile(0.0), self.quantile(1.0)),
        }
    }

    /// The law's name in the language.
    pub fn word(&self) -> &'static str {
        match self {
            Unknown::Uniform { .. } => "uniform",
            Unknown::Triangular { .. } => "triangular",
            Unknown::Normal { .. } => "normal",
            Unknown::Lognormal { .. } => "lognormal",
            Unknown::Choice(_) => "choice",
        }
    }
}

/// The standard normal's quantile, of the part between the cuts.
fn cut(p: f64) -> f64 {
    Normal::standard().inverse_cdf(CUT + (1.0 - 2.0 * CUT) * p)
}

impl Uncertain {
    /// The run's value, in the unit's own numbers. Its stream is made of seed, run and path, so that another line, or a
    /// line less, shifts nothing else.
    pub fn draw(&self, seed: u64, run: u32) -> f64 {
        self.quantile(Stream::new(seed, run, "uncertain", &self.path).uniform())
    }

    /// As `Unknown::quantile`, whole where the path takes whole numbers.
    pub fn quantile(&self, p: f64) -> f64 {
        match self.law {
            // Every whole number between the ends has the same share, the ends too.
            Unknown::Uniform { low, high } if self.whole => {
                let (low, high) = (low.ceil(), high.floor());
                (low + (p * (high - low + 1.0)).floor()).min(high)
            }
            _ => self.rounded(self.law.quantile(p)),
        }
    }

    pub fn ends(&self) -> (f64, f64) {
        let (low, high) = self.law.ends();
        (self.rounded(low), self.rounded(high))
    }

    fn rounded(&self, value: f64) -> f64 {
        if self.whole { value.round() } else { value }
    }

    /// As it would be written in the file, without quotes, to four digits: `47.5ms`.
    pub fn shown(&self, value: f64) -> String {
        format!("{}{}", significant(value, 4), self.unit.suffix)
    }

    /// The law in words: `35ms to 60ms, all alike`.
    pub fn said(&self) -> String {
        let show = |value: f64| self.shown(value);
        match &self.law {
            Unknown::Uniform { low, high } => format!("{} to {}, all equally likely", show(*low), show(*high)),
            Unknown::Triangular { low, mode, high } => {
                format!("{} to {}, most likely {}", show(*low), show(*high), show(*mode))
            }
            Unknown::Normal { mean, sd } => {
                format!("normal, mean {} and standard deviation {}", show(*mean), show(*sd))
            }
            Unknown::Lognormal { .. } => {
                format!("lognormal, median {} and p95 {}", show(self.law.quantile(0.5)), show(self.law.quantile(0.95)))
            }
            Unknown::Choice(branches) => {
                let said: Vec<String> = branches
                    .iter()
                    .map(|(share, value)| format!("{} ({}%)", show(*value), significant(share * 100.0, 3)))
                    .collect();
                format!("one of {}", said.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(law: Unknown, whole: bool) -> Uncertain {
        let unit = UnknownUnit { suffix: String::new(), scale: 1.0, base: String::new() };
        Uncertain { path: "a.b".into(), law, unit, whole }
    }

    #[test]
    fn quantiles_are_those_of_the_laws() {
        let triangle = Unknown::Triangular { low: 0.0, mode: 1.0, high: 4.0 };
        // F(x) = x²/4 up to the mode, 1 − (4 − x)²/12 beyond.
        assert_eq!((triangle.quantile(0.0625), triangle.quantile(0.25), triangle.quantile(1.0)), (0.5, 1.0, 4.0));
        assert!((triangle.quantile(0.75) - (4.0 - 3f64.sqrt())).abs() < 1e-12);
        let choice = Unknown::Choice(vec![(0.2, 5.0), (0.8, 1.0)]);
        assert_eq!(
            (choice.quantile(0.0), choice.quantile(0.19), choice.quantile(0.21), choice.quantile(1.0)),
            (5.0, 5.0, 1.0, 1.0)
        );
        assert_eq!((choice.ends(), choice.mean()), ((1.0, 5.0), 1.8));
        let normal = Unknown::Normal { mean: 10.0, sd: 2.0 };
        assert!((normal.quantile(0.5) - 10.0).abs() < 1e-9);
        // z(0.999) = 3.0902.
        assert!((normal.ends().1 - 16.1805).abs() < 1e-3);
        let lognormal = Unknown::Lognormal { mu: 0.0, sigma: 0.5 };
        // exp(0.125) = 1.1331; the cut takes 0.2 % of it away.
        assert!((lognormal.mean() / 1.1331 - 1.0).abs() < 3e-3, "{}", lognormal.mean());
    }

    #[test]
    fn whole_numbers_have_equal_shares() {
        let dice = bare(Unknown::Uniform { low: 1.0, high: 6.0 }, true);
        let mut seen = [0; 7];
        (0..6_000).for_each(|run| seen[dice.draw(1, run) as usize] += 1);
        // 1000 each, give or take 4 · √(6000 · 5/36) = 115.
        assert!(seen[1..].iter().all(|count| (885..=1_115).contains(count)) && seen[0] == 0, "{seen:?}");
    }

    #[test]
    fn a_run_draws_the_same_whatever_else_is_drawn() {
        let one = bare(Unknown::Uniform { low: 0.0, high: 1.0 }, false);
        let other = Uncertain { path: "a.c".into(), ..one.clone() };
        assert_eq!(one.draw(7, 3), one.draw(7, 3));
        assert_ne!(one.draw(7, 3), other.draw(7, 3));
        assert_ne!(one.draw(7, 3), one.draw(7, 4));
        assert_ne!(one.draw(7, 3), one.draw(8, 3));
    }
}
