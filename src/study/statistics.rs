//! Numbers over runs: mean, Student-t interval, quantiles.

use super::{Pooled, Recovery, Series, Stat};
use crate::observe::{Histogram, SeriesSet};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Sums up one number per run. With one run there is no interval.
pub fn stat(values: &[f64]) -> Stat {
    let n = values.len();
    let mean = values.iter().sum::<f64>() / n as f64;
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Stat {
        mean,
        ci95: interval(values, mean),
        p05: quantile(&sorted, 0.05),
        p50: quantile(&sorted, 0.5),
        p95: quantile(&sorted, 0.95),
        min: sorted.first().copied().unwrap_or(f64::NAN),
        max: sorted.last().copied().unwrap_or(f64::NAN),
    }
}

/// mean ± t(n−1, 97.5 %) · s/√n.
fn interval(values: &[f64], mean: f64) -> Option<(f64, f64)> {
    let n = values.len() as f64;
    let law = StudentsT::new(0.0, 1.0, n - 1.0).ok().filter(|_| n >= 2.0)?;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0);
    let half = law.inverse_cdf(0.975) * (variance / n).sqrt();
    Some((mean - half, mean + half))
}

/// Linear interpolation between order statistics (type 7 of Hyndman and Fan, 1996).
fn quantile(sorted: &[f64], p: f64) -> f64 {
    if sorted.is_empty() {
        return f64::NAN;
    }
    let at = p * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    low + (high - low) * at.fract()
}

/// Ranks from 1; equal values share the mean of theirs.
pub(super) fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut at = 0;
    while at < order.len() {
        let equal = order[at..].iter().take_while(|index| values[**index] == values[order[at]]).count();
        let shared = at as f64 + (equal as f64 + 1.0) / 2.0;
        order[at..at + equal].iter().for_each(|index| ranks[*index] = shared);
        at += equal;
    }
    ranks
}

/// Recovery times in seconds, `None` for never.
pub(super) fn recovery(times: &[Option<f64>]) -> Recovery {
    let recovered: Vec<f64> = times.iter().flatten().copied().collect();
    let never = (times.len() - recovered.len()) as u32;
    Recovery { stat: (!recovered.is_empty()).then(|| stat(&recovered)), never }
}

/// Pools histograms of several runs; the interval is of the mean, from the means per run.
pub(super) fn pooled<'a>(runs: impl Iterator<Item = &'a Histogram>) -> Option<Pooled> {
    let mut all = Histogram::default();
    let mut means = vec![];
    for run in runs {
        if !run.is_empty() {
            means.push(run.mean());
        }
        all.merge(run);
    }
    if all.is_empty() {
        return None;
    }
    let [p50, p90, p95, p99, p999] = all.quantiles([0.5, 0.9, 0.95, 0.99, 0.999]);
    let mean_of_means = means.iter().sum::<f64>() / means.len() as f64;
    Some(Pooled {
        count: all.count(),
        mean: all.mean(),
        ci95: interval(&means, mean_of_means),
        p50,
        p90,
        p95,
        p99,
        p999,
        max: all.max(),
        cdf: cdf(&all),
    })
}

/// The distribution function at up to about 400 points.
fn cdf(histogram: &Histogram) -> Vec<(f64, f64)> {
    let count = histogram.count() as f64;
    let points: Vec<(f64, f64)> = histogram
        .filled()
        .scan(0, |seen, (value, n)| {
            *seen += n;
            Some((value as f64 / 1e9, *seen as f64 / count))
        })
        .collect();
    let step = points.len().div_ceil(400).max(1);
    let last = points.len() - 1;
    points.into_iter().enumerate().filter(|(i, _)| i % step == 0 || *i == last).map(|(_, point)| point).collect()
}

/// Mean and band of every column over the runs. A tick in which a run saw nothing (NaN) leaves that run out.
pub(super) fn series(runs: &[&SeriesSet]) -> Vec<Series> {
    let Some(first) = runs.first() else { return vec![] };
    let (width, rows) = (first.names.len(), first.rows());
    let mut values = Vec::with_capacity(runs.len());
    (0..width)
        .map(|column| {
            let mut out =
                Series { metric: first.names[column].clone(), mean: vec![], p05: vec![], p50: vec![], p95: vec![] };
            for row in 0..rows {
                values.clear();
                values.extend(runs.iter().map(|run| run.values[row * width + column]).filter(|value| !value.is_nan()));
                out.mean.push(if values.is_empty() {
                    f64::NAN
                } else {
                    values.iter().sum::<f64>() / values.len() as f64
                });
                values.sort_by(f64::total_cmp);
                out.p05.push(quantile(&values, 0.05));
                out.p50.push(quantile(&values, 0.5));
                out.p95.push(quantile(&values, 0.95));
            }
            out
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_students() {
        // Two runs, 1 and 3: mean 2, s = √2, half width 12.706 · √2/√2.
        let stat = stat(&[1.0, 3.0]);
        let (low, high) = stat.ci95.unwrap();
        assert!((low - (2.0 - 12.7062)).abs() < 1e-3 && (high - (2.0 + 12.7062)).abs() < 1e-3);
        assert_eq!((stat.min, stat.p50, stat.max), (1.0, 2.0, 3.0));
        assert_eq!(super::stat(&[5.0]).ci95, None);
    }

    #[test]
    fn equal_values_share_their_ranks() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
        assert_eq!(ranks(&[]), Vec::<f64>::new());
    }

    #[test]
    fn never_is_not_a_number() {
        let recovery = recovery(&[Some(2.0), None, Some(4.0)]);
        assert_eq!((recovery.never, recovery.stat.unwrap().mean), (1, 3.0));
        assert!(super::recovery(&[None]).stat.is_none());
    }
}
