//! What some runs say about an objective, and how sure that is.
//!
//! An objective on one number a run is a share: it holds in so many of the runs, and shall in so many of all that there
//! could be. That share is binomial whatever the numbers are, so the exact test is used and no shape is assumed. An
//! objective on a mean or a quantile of pooled messages holds where an expectation is negative (for `p99 < 2 s`: of the
//! messages above 2 s less one in a hundred of all), so the test is Student's on one number a run, with Hall's
//! correction for skewness: a bad run is much worse than a good one is good.

use crate::observe::Histogram;
use crate::scenario::{Comparison, Slo, quantile_share};
use crate::study::Seen;
use crate::study::search::Belief;
use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, StudentsT};

/// Probabilities of being wrong that are put up with at one look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Errors {
    /// To say yes where it does not hold.
    pub(super) yes: f64,
    /// To say no where it does.
    pub(super) no: f64,
}

/// What is known of one objective.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Evidence {
    /// It held in some of the runs, and shall in a share `needed` of all.
    Share { holding: u32, runs: u32, needed: f64 },
    /// One number a run, of which the expectation is below zero where it holds; and whether it holds as judged on these
    /// runs together.
    Balance { of_runs: Vec<f64>, holds: bool },
    /// No message was seen, of which it could have held.
    Nothing,
}

/// Where every run must hold, no number of runs can show it; so many of them are asked for.
const ALL_BUT: f64 = 0.95;

impl Evidence {
    /// What the runs say about an objective; several pieces where it has two sides.
    pub(super) fn of(slo: &Slo, slo_runs: f64, runs: &[&Seen]) -> Vec<Evidence> {
        let histograms: Vec<&Histogram> = runs
            .iter()
            .filter_map(|seen| match seen {
                Seen::Pooled(histogram) => Some(&**histogram),
                Seen::Value(_) => None,
            })
            .collect();
        let is_share = histograms.len() < runs.len() || slo.figure.stat.as_deref() == Some("max");
        if is_share {
            // The greatest of all messages is within its bound where that of every run is.
            let needed = if histograms.is_empty() { slo_runs } else { 1.0 };
            let own = runs.iter().filter_map(|seen| seen.own(&slo.figure));
            let holding = own.filter(|value| slo.op.holds(*value, slo.value)).count() as u32;
            return vec![Evidence::Share { holding, runs: runs.len() as u32, needed }];
        }
        if histograms.iter().all(|histogram| histogram.is_empty()) {
            return vec![Evidence::Nothing];
        }
        sides(slo.op)
            .iter()
            .map(|&op| {
                let of_runs: Vec<f64> =
                    histograms.iter().map(|run| balance(run, slo.figure.stat.as_deref(), op, slo.value)).collect();
                let total: f64 = of_runs.iter().sum();
                let holds = total < 0.0 || total == 0.0 && holds_to_the_brim(slo.figure.stat.as_deref(), op);
                Evidence::Balance { of_runs, holds }
            })
            .collect()
    }

    /// What may be said at these probabilities of error.
    pub(super) fn belief(&self, errors: Errors) -> Belief {
        match self {
            Evidence::Nothing => Belief::No,
            Evidence::Share { holding, runs, needed } => share_belief(*holding, *runs, *needed, errors),
            Evidence::Balance { of_runs, holds } => match hall(of_runs) {
                None if of_runs.len() >= 2 => sure(*holds),
                None => Belief::Undecided { leans: *holds },
                Some(t) => {
                    let (yes, no) = (student(errors.yes, of_runs.len()), student(errors.no, of_runs.len()));
                    if t <= -yes && *holds {
                        Belief::Yes
                    } else if t >= no && !*holds {
                        Belief::No
                    } else {
                        Belief::Undecided { leans: *holds }
                    }
                }
            },
        }
    }
}

fn sure(holds: bool) -> Belief {
    if holds { Belief::Yes } else { Belief::No }
}

/// Whether it holds where the balance is even. A quantile is the value of a message, the last that may be on the right
/// side of an upper bound; a mean is compared as it is written.
fn holds_to_the_brim(stat: Option<&str>, op: Comparison) -> bool {
    match stat.and_then(quantile_share) {
        Some(_) => matches!(op, Comparison::Less | Comparison::AtMost),
        None => matches!(op, Comparison::AtMost | Comparison::AtLeast),
    }
}

/// Equality is a bound on both sides.
fn sides(op: Comparison) -> &'static [Comparison] {
    match op {
        Comparison::Less => &[Comparison::Less],
        Comparison::AtMost => &[Comparison::AtMost],
        Comparison::Greater => &[Comparison::Greater],
        Comparison::AtLeast => &[Comparison::AtLeast],
        Comparison::Equal => &[Comparison::AtMost, Comparison::AtLeast],
    }
}

/// One run's share in the sum that is negative where the statistic of all messages together is on the right side of the
/// bound. Of a mean, its sum of seconds less so many times the bound; of a quantile, its messages on the wrong side
/// less the share that may be there.
fn balance(run: &Histogram, stat: Option<&str>, op: Comparison, bound: f64) -> f64 {
    let count = run.count() as f64;
    let upper = matches!(op, Comparison::Less | Comparison::AtMost);
    let Some(share) = stat.and_then(quantile_share) else {
        let excess = run.sum() as f64 / 1e9 - bound * count;
        return if upper { excess } else { -excess };
    };
    let below = |holds: &dyn Fn(f64) -> bool| -> f64 {
        run.filled().filter(|(value, _)| holds(*value as f64 / 1e9)).map(|(_, n)| n as f64).sum()
    };
    match op {
        Comparison::Less => share * count - below(&|value| value < bound),
        Comparison::AtMost | Comparison::Equal => share * count - below(&|value| value <= bound),
        Comparison::Greater => below(&|value| value <= bound) - share * count,
        Comparison::AtLeast => below(&|value| value < bound) - share * count,
    }
}

/// Clopper and Pearson's one-sided tests of a share.
fn share_belief(holding: u32, runs: u32, needed: f64, errors: Errors) -> Belief {
    let leans = f64::from(holding) >= needed * f64::from(runs) - 1e-9;
    let (shown, failing) = if needed >= 1.0 { (ALL_BUT, holding < runs) } else { (needed, false) };
    if failing {
        return Belief::No;
    }
    let Ok(law) = Binomial::new(shown.clamp(0.0, 1.0), u64::from(runs)) else { return Belief::Undecided { leans } };
    let at_least = if holding == 0 { 1.0 } else { law.sf(u64::from(holding) - 1) };
    if shown <= 0.0 || at_least <= errors.yes {
        Belief::Yes
    } else if needed < 1.0 && law.cdf(u64::from(holding)) <= errors.no {
        Belief::No
    } else {
        Belief::Undecided { leans }
    }
}

/// The fewest runs that, holding all, show that a share holds.
pub fn runs_to_show(needed: f64, error: f64) -> u32 {
    let shown = if needed >= 1.0 { ALL_BUT } else { needed };
    if shown <= 0.0 { 1 } else { (error.ln() / shown.ln()).ceil() as u32 }
}

/// The interval of a share in which both one-sided tests see nothing wrong, at `error` in all.
pub(super) fn share_interval(holding: u32, runs: u32, error: f64) -> (f64, f64) {
    let (k, n) = (u64::from(holding), u64::from(runs));
    let tail = |share: f64, upper: bool| -> f64 {
        Binomial::new(share, n).map_or(1.0, |law| match upper {
            true if k == 0 => 1.0,
            true => law.sf(k - 1),
            false => law.cdf(k),
        })
    };
    let solve = |is_low: &dyn Fn(f64) -> bool| {
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if is_low(middle) { low = middle } else { high = middle }
        }
        f64::midpoint(low, high)
    };
    let low = if k == 0 { 0.0 } else { solve(&|share| tail(share, true) < error / 2.0) };
    let high = if k == n { 1.0 } else { solve(&|share| tail(share, false) >= error / 2.0) };
    (low, high)
}

/// The bounds for which the test of a pooled statistic sees nothing wrong, at `error` in all: an interval for it, in
/// seconds. `None` where the runs are too few or all alike.
pub(super) fn pooled_interval(runs: &[&Histogram], stat: Option<&str>, error: f64) -> Option<(f64, f64)> {
    let limit = student(error / 2.0, runs.len());
    let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
    for (value, _) in runs.iter().flat_map(|run| run.filled()) {
        (least, most) = (least.min(value as f64 / 1e9), most.max(value as f64 / 1e9));
    }
    let test = |bound: f64| {
        let of_runs: Vec<f64> = runs.iter().map(|run| balance(run, stat, Comparison::AtMost, bound)).collect();
        // Alike in all runs: the sign is sure.
        hall(&of_runs).unwrap_or_else(|| of_runs.iter().sum::<f64>().signum() * f64::INFINITY)
    };
    if runs.len() < 2 || !least.is_finite() {
        return None;
    }
    // The larger the bound, the smaller the statistic.
    let solve = |limit: f64| {
        let (mut low, mut high) = (least * (1.0 - 1e-9), most);
        for _ in 0..50 {
            let middle = f64::midpoint(low, high);
            if test(middle) > limit { low = middle } else { high = middle }
        }
        high
    };
    Some((solve(limit), solve(-limit)))
}

/// Student's t, from the other side: what it exceeds with probability `error`.
fn student(error: f64, runs: usize) -> f64 {
    StudentsT::new(0.0, 1.0, runs as f64 - 1.0).map_or(f64::INFINITY, |law| law.inverse_cdf(1.0 - error))
}

/// √n · g(mean ÷ s), where g takes out the skewness γ: g(x) = x + γx²/3 + γ²x³/27 + γ/6n (Hall, On the removal of
/// skewness by transformation, JRSS B 54, 1992). `None` where all numbers are alike or there is only one.
fn hall(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let moment = |power: i32| values.iter().map(|value| (value - mean).powi(power)).sum::<f64>() / n;
    let s = (moment(2) * n / (n - 1.0)).sqrt();
    if values.len() < 2 || s <= mean.abs() * 1e-12 {
        return None;
    }
    let skewness = if values.len() < 3 { 0.0 } else { moment(3) / (s * s * s) };
    let x = mean / s;
    Some(n.sqrt() * (x + skewness * x * x / 3.0 + skewness.powi(2) * x.powi(3) / 27.0 + skewness / (6.0 * n)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Distribution;
    use crate::scenario::{Figure, FigureUnit};

    const HALF: Errors = Errors { yes: 0.05, no: 0.05 };

    fn share(holding: u32, runs: u32, needed: f64) -> Belief {
        Evidence::Share { holding, runs, needed }.belief(HALF)
    }

    #[test]
    fn a_share_of_runs_needs_enough_of_them() {
        // 0.95⁵⁸ = 0.0510, 0.95⁵⁹ = 0.0485.
        assert_eq!(share(58, 58, 0.95), Belief::Undecided { leans: true });
        assert_eq!(share(59, 59, 0.95), Belief::Yes);
        assert_eq!(runs_to_show(0.95, 0.05), 59);
        // P(at most 17 of 20) at 0.95 is 0.0755, at most 16 is 0.0159.
        assert_eq!(share(17, 20, 0.95), Belief::Undecided { leans: false });
        assert_eq!(share(16, 20, 0.95), Belief::No);
        assert_eq!(share(3, 20, 0.0), Belief::Yes);
    }

    #[test]
    fn every_run_is_never_shown_but_soon_refuted() {
        assert_eq!(share(58, 58, 1.0), Belief::Undecided { leans: true });
        assert_eq!(share(59, 59, 1.0), Belief::Yes);
        assert_eq!(share(99, 100, 1.0), Belief::No);
    }

    #[test]
    fn the_interval_of_a_share_is_clopper_and_pearsons() {
        // 15 of 20: 0.5090 … 0.9134; 0 of 10: up to 1 − 0.025^(1/10) = 0.3085.
        let (low, high) = share_interval(15, 20, 0.05);
        assert!((low - 0.5090).abs() < 1e-4 && (high - 0.9134).abs() < 1e-4, "{low} {high}");
        let (low, high) = share_interval(0, 10, 0.05);
        assert!(low == 0.0 && (high - 0.3085).abs() < 1e-4, "{high}");
    }

    fn histogram(seconds: &[f64]) -> Histogram {
        let mut histogram = Histogram::default();
        seconds.iter().for_each(|value| histogram.record((value * 1e9) as u64));
        histogram
    }

    fn slo(stat: &str, op: Comparison, value: f64) -> Slo {
        let figure = Figure {
            expression: format!("q.wait.{stat}"),
            component: "q".into(),
            metric: "wait".into(),
            stat: Some(stat.into()),
            unit: FigureUnit::Time,
            pooled: true,
        };
        Slo { expression: String::new(), figure, op, value }
    }

    #[test]
    fn a_quantile_is_a_balance_of_messages() {
        // Of ten messages one is above 5 s: p90 is the ninth, so "p90 < 5 s" holds to the brim, and "p95 < 5 s" does not.
        let mut seconds = vec![1.0; 9];
        seconds.push(9.0);
        let run = histogram(&seconds);
        assert!((balance(&run, Some("p90"), Comparison::AtMost, 5.0)).abs() < 1e-12);
        assert!((balance(&run, Some("p95"), Comparison::AtMost, 5.0) - 0.5).abs() < 1e-12);
        assert!((balance(&run, Some("p95"), Comparison::Greater, 5.0) + 0.5).abs() < 1e-12);
        assert!((balance(&run, Some("mean"), Comparison::Less, 2.0) + 2.0).abs() < 1e-12);
    }

    #[test]
    fn runs_that_are_all_alike_leave_no_doubt() {
        let run = Seen::Pooled(Box::new(histogram(&[1.0, 1.0, 1.0])));
        let belief = |stat: &str, op, bound| {
            let pieces = Evidence::of(&slo(stat, op, bound), 0.95, &[&run, &run, &run]);
            pieces.iter().map(|piece| piece.belief(HALF)).collect::<Vec<_>>()
        };
        assert_eq!(belief("mean", Comparison::Less, 2.0), [Belief::Yes]);
        assert_eq!(belief("mean", Comparison::Less, 1.0), [Belief::No]);
        assert_eq!(belief("mean", Comparison::AtMost, 1.0), [Belief::Yes]);
        assert_eq!(belief("p99", Comparison::Less, 0.5), [Belief::No]);
        assert_eq!(belief("p99", Comparison::Greater, 0.5), [Belief::Yes]);
        assert_eq!(belief("max", Comparison::Less, 2.0), [Belief::Undecided { leans: true }]);
        let nothing = Seen::Pooled(Box::default());
        assert_eq!(Evidence::of(&slo("p99", Comparison::Less, 1.0), 0.95, &[&nothing]), [Evidence::Nothing]);
    }

    #[test]
    fn an_equality_has_two_sides() {
        let zero = Seen::Pooled(Box::new(histogram(&[0.0; 9])));
        let pieces = Evidence::of(&slo("p80", Comparison::Equal, 0.0), 0.95, &[&zero, &zero]);
        assert_eq!(pieces.len(), 2);
        assert!(pieces.iter().all(|piece| piece.belief(HALF) == Belief::Yes));
    }

    /// Share of repetitions in which a test at 5 % is wrong about the sign of an expectation that is exactly zero.
    fn wrong(runs: usize, draws: impl Fn(&mut dyn FnMut() -> f64) -> f64) -> (f64, f64) {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut uniform = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
        };
        let repetitions = 20_000;
        let (mut yes, mut no) = (0, 0);
        for _ in 0..repetitions {
            let values: Vec<f64> = (0..runs).map(|_| draws(&mut uniform)).collect();
            let t = hall(&values).expect("they differ");
            yes += usize::from(t <= -student(0.05, runs));
            no += usize::from(t >= student(0.05, runs));
        }
        (yes as f64 / repetitions as f64, no as f64 / repetitions as f64)
    }

    #[test]
    fn the_test_keeps_its_promise_on_skewed_runs() {
        // Exponential less its mean: skewness 2. Student's t alone is wrong in 11 % and 2 % here.
        let (yes, no) = wrong(20, |uniform| -uniform().ln() - 1.0);
        assert!(yes < 0.075 && no < 0.065 && no > 0.03, "{yes} {no}");
        // Nearly normal.
        let (yes, no) = wrong(20, |uniform| (0..12).map(|_| uniform()).sum::<f64>() - 6.0);
        assert!((yes - 0.05).abs() < 0.006 && (no - 0.05).abs() < 0.006, "{yes} {no}");
        let (yes, no) = wrong(80, |uniform| -uniform().ln() - 1.0);
        assert!((yes - 0.05).abs() < 0.012 && (no - 0.05).abs() < 0.012, "{yes} {no}");
    }

    #[test]
    fn the_interval_of_a_pooled_statistic_holds_it() {
        let law = Distribution::exponential(0.1);
        let table = |from: usize| -> Histogram {
            let values: Vec<f64> = (0..2_000).map(|i| law.quantile((i as f64 + 0.5) / 2_000.0)).collect();
            histogram(&values[from..from + 1_900])
        };
        let runs: Vec<Histogram> = (0..20).map(|i| table(i * 5)).collect();
        let runs: Vec<&Histogram> = runs.iter().collect();
        let (low, high) = pooled_interval(&runs, Some("mean"), 0.05).unwrap();
        let mean: f64 = runs.iter().map(|run| run.mean()).sum::<f64>() / 20.0;
        assert!(low < mean && mean < high && high - low < 0.01, "{low} {mean} {high}");
        let (low, high) = pooled_interval(&runs, Some("p90"), 0.05).unwrap();
        assert!(low < high && low > 0.15 && high < 0.35, "{low} {high}");
    }
}
