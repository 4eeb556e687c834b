//! Two variants, one pair of numbers a run: what differs between them, and how surely.
//!
//! Both variants of a run draw from the same streams of random numbers, so most of what chance does happens to both. The
//! difference of each run is taken first, and Student's interval is made of those differences: it is narrower than the two
//! variants' own intervals suggest, by what they have in common.

use super::Stat;
use super::statistics::stat;

/// What is left of the exactness of a difference after a subtraction of two numbers of this size.
const NOISE: f64 = 1e-12;

/// The second variant less the first, over the runs in which both have a number.
#[derive(Debug, Clone, PartialEq)]
pub struct Paired {
    /// Those runs.
    pub runs: u32,
    /// Means of the two over those runs, which are not all runs where a run has none.
    pub first: f64,
    pub second: f64,
    /// Second less first, run by run.
    pub difference: Stat,
    /// Of the two over the runs; `None` with one run, or where one of them does not vary.
    pub correlation: Option<f64>,
    /// (s²₁ + s²₂) ÷ s²(difference): how many times as many runs it would take without common random numbers for an
    /// interval as narrow. `None` with one run, and where the difference is the same in every run.
    pub variance_reduction: Option<f64>,
}

/// In how many runs each variant has a number at all: a recovery that never comes has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Presence {
    pub both: u32,
    pub first_only: u32,
    pub second_only: u32,
    pub neither: u32,
}

/// Everything about one figure of two variants.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    pub presence: Presence,
    /// `None` where no run has both numbers.
    pub paired: Option<Paired>,
}

/// What may be said of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// None in any run.
    Same,
    /// The 95 % interval holds zero.
    Unclear,
    /// The 95 % interval lies on one side of zero.
    Clear,
    /// One run: there is a difference, and no interval.
    OneRun,
}

impl Presence {
    pub fn first(&self) -> u32 {
        self.both + self.first_only
    }

    pub fn second(&self) -> u32 {
        self.both + self.second_only
    }

    pub fn runs(&self) -> u32 {
        self.both + self.first_only + self.second_only + self.neither
    }
}

impl Paired {
    pub fn certainty(&self) -> Certainty {
        let difference = &self.difference;
        if difference.min == 0.0 && difference.max == 0.0 {
            return Certainty::Same;
        }
        match difference.ci95 {
            None => Certainty::OneRun,
            Some((low, high)) if low <= 0.0 && high >= 0.0 => Certainty::Unclear,
            Some(_) => Certainty::Clear,
        }
    }

    /// Difference ÷ the first variant's mean; `None` where that is zero.
    pub fn relative(&self) -> Option<f64> {
        (self.first != 0.0).then(|| self.difference.mean / self.first.abs())
    }
}

/// Compares two variants run by run; both slices have one entry a run, in the same order.
pub fn difference(first: &[Option<f64>], second: &[Option<f64>]) -> Difference {
    let mut presence = Presence::default();
    let mut pairs = vec![];
    for (a, b) in first.iter().zip(second) {
        match (a, b) {
            (Some(a), Some(b)) => {
                presence.both += 1;
                pairs.push((*a, *b));
            }
            (Some(_), None) => presence.first_only += 1,
            (None, Some(_)) => presence.second_only += 1,
            (None, None) => presence.neither += 1,
        }
    }
    Difference { presence, paired: paired(&pairs) }
}

fn paired(pairs: &[(f64, f64)]) -> Option<Paired> {
    if pairs.is_empty() {
        return None;
    }
    let n = pairs.len() as f64;
    let firsts: Vec<f64> = pairs.iter().map(|pair| pair.0).collect();
    let seconds: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
    let differences: Vec<f64> = pairs.iter().map(|&(a, b)| exact(b - a, a, b)).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / n;
    let (first, second) = (mean(&firsts), mean(&seconds));
    let (a, b) = (variance(&firsts), variance(&seconds));
    let covariance = pairs.iter().map(|pair| (pair.0 - first) * (pair.1 - second)).sum::<f64>() / (n - 1.0);
    let of_difference = variance(&differences).filter(|variance| *variance > 0.0);
    Some(Paired {
        runs: pairs.len() as u32,
        first,
        second,
        difference: stat(&differences),
        correlation: a.zip(b).filter(|(a, b)| *a > 0.0 && *b > 0.0).map(|(a, b)| covariance / (a * b).sqrt()),
        variance_reduction: a.zip(b).zip(of_difference).map(|((a, b), difference)| (a + b) / difference),
    })
}

/// A difference that is only the rounding of two equal numbers is none.
fn exact(difference: f64, a: f64, b: f64) -> f64 {
    if difference.abs() <= NOISE * a.abs().max(b.abs()) { 0.0 } else { difference }
}

/// Sample variance; `None` with one value.
fn variance(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.len() > 1).then(|| values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(first: &[f64], second: &[f64]) -> Paired {
        let some = |values: &[f64]| values.iter().copied().map(Some).collect::<Vec<_>>();
        difference(&some(first), &some(second)).paired.unwrap()
    }

    #[test]
    fn the_interval_is_of_the_differences() {
        // Differences 1, 2, 3: mean 2, s = 1, half width t(2, 97.5 %) · 1/√3 = 4.3027 / 1.7321 = 2.4841.
        let paired = of(&[10.0, 20.0, 30.0], &[11.0, 22.0, 33.0]);
        assert_eq!((paired.first, paired.second, paired.difference.mean), (20.0, 22.0, 2.0));
        let (low, high) = paired.difference.ci95.unwrap();
        assert!((low - (2.0 - 2.4841)).abs() < 1e-3 && (high - (2.0 + 2.4841)).abs() < 1e-3);
        assert_eq!(paired.certainty(), Certainty::Unclear);
        // s²₁ = 100, s²₂ = 121, s² of the difference = 1.
        assert!((paired.variance_reduction.unwrap() - 221.0).abs() < 1e-9);
        assert!((paired.correlation.unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(paired.relative(), Some(0.1));
    }

    #[test]
    fn a_difference_that_never_varies_has_no_ratio() {
        let paired = of(&[1.0, 5.0], &[3.0, 7.0]);
        assert_eq!(paired.difference.ci95, Some((2.0, 2.0)));
        assert_eq!((paired.variance_reduction, paired.certainty()), (None, Certainty::Clear));
    }

    #[test]
    fn equal_numbers_are_the_same_whatever_their_rounding() {
        let paired = of(&[0.1 + 0.2, 7.0], &[0.3, 7.0]);
        assert_eq!((paired.difference.mean, paired.certainty()), (0.0, Certainty::Same));
    }

    #[test]
    fn one_run_has_a_difference_and_no_interval() {
        let paired = of(&[3.0], &[5.0]);
        assert_eq!((paired.difference.mean, paired.difference.ci95), (2.0, None));
        assert_eq!((paired.correlation, paired.variance_reduction), (None, None));
        assert_eq!(paired.certainty(), Certainty::OneRun);
    }

    #[test]
    fn runs_without_a_number_are_counted_and_never_averaged() {
        let seen = difference(&[Some(1.0), None, Some(2.0), None], &[Some(4.0), Some(9.0), None, None]);
        assert_eq!(seen.presence, Presence { both: 1, first_only: 1, second_only: 1, neither: 1 });
        assert_eq!((seen.presence.first(), seen.presence.second(), seen.presence.runs()), (2, 2, 4));
        let paired = seen.paired.unwrap();
        assert_eq!((paired.runs, paired.first, paired.second), (1, 1.0, 4.0));
        assert!(difference(&[None], &[Some(1.0)]).paired.is_none());
    }

    #[test]
    fn independent_numbers_gain_nothing() {
        // Uncorrelated by construction: the ratio is 1.
        let paired = of(&[1.0, 1.0, -1.0, -1.0], &[1.0, -1.0, 1.0, -1.0]);
        assert!((paired.variance_reduction.unwrap() - 1.0).abs() < 1e-12);
    }
}
