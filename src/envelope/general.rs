//! One server and any service, Poisson arrivals: Pollaczek and Khinchine.
//!
//! The mean is exact. Quantiles: the wait is a geometric number of residual services, P(W ≤ t) = Σ (1−ρ)ρⁿ P(R₁ + … + Rₙ ≤ t),
//! summed on a grid by Panjer's recursion. Source: Asmussen, "Applied Probability and Queues", 2nd ed. 2003, VIII.5.

use super::station::Station;
use super::waiting::{Waits, put_in};
use crate::random::Distribution;
use crate::units::significant;

const POINTS: usize = 3000;

pub(super) fn waits(station: &Station) -> Waits {
    let utilization = station.rate * station.service_s;
    let mean_s = utilization * station.service_s * (1.0 + station.scv) / (2.0 * (1.0 - utilization));
    let quantile = |p: f64| station.law.as_ref().and_then(|law| quantile_s(law, utilization, mean_s, p));
    Waits {
        model: "M/G/1, Pollaczek–Khinchine",
        formula: "Wq = λ·E[S²] / (2(1 − ρ))",
        arithmetic: format!(
            "{}, cs² = {}, ρ = {}",
            put_in(station),
            significant(station.scv, 3),
            significant(utilization, 3)
        ),
        share: Some(utilization),
        mean_s,
        p50_s: quantile(0.5),
        p99_s: quantile(0.99),
        latency_p99_s: None,
        rough: "",
        rejected: None,
    }
}

/// The least t with P(W ≤ t) ≥ p, to about one part in a thousand; `None` where the tail is too long for the grid.
pub(super) fn quantile_s(law: &Distribution, utilization: f64, mean_wait_s: f64, p: f64) -> Option<f64> {
    if p <= 1.0 - utilization {
        return Some(0.0);
    }
    // As if the tail were exponential; where it is heavier, the grid is made longer.
    let mut reach = (mean_wait_s / utilization * (utilization / (1.0 - p)).ln().max(0.2)).max(law.mean()) * 1.3;
    for _ in 0..6 {
        if let Some(found) = on_grid(law, utilization, reach / POINTS as f64, p) {
            return Some(found);
        }
        reach *= 2.0;
    }
    None
}

fn on_grid(law: &Distribution, utilization: f64, step: f64, p: f64) -> Option<f64> {
    let residual = residual(law, step);
    let scale = 1.0 / (1.0 - utilization * residual[0]);
    let mut sums = vec![(1.0 - utilization) * scale];
    let mut below = sums[0];
    let mut before = 0.0;
    for n in 1..POINTS {
        if below >= p {
            // The mass of a point is spread over the cell around it.
            let (at, share) = (sums.len() as f64 - 1.0, (p - before) / (below - before));
            return Some(((at - 0.5 + share) * step).max(0.0));
        }
        let sum: f64 = (1..=n).map(|i| residual[i] * sums[n - i]).sum();
        sums.push(utilization * scale * sum);
        before = below;
        below += sums[n];
    }
    None
}

/// Mass of the residual service, whose density is P(S > t)/E\[S\], in the cells around 0, step, 2·step …
fn residual(law: &Distribution, step: f64) -> Vec<f64> {
    let tail = |t: f64| 1.0 - law.cdf(t.max(0.0));
    // Simpson's rule on each half cell. Some laws fall steeply at 0: there t = h·x⁴ is integrated over x instead.
    let h = step / 2.0;
    let simpson = |f: &dyn Fn(f64) -> f64, from: f64, width: f64| {
        width / 6.0 * (f(from) + 4.0 * f(from + width / 2.0) + f(from + width))
    };
    let stretched = |x: f64| 4.0 * h * x.powi(3) * tail(h * x.powi(4));
    let half = |i: usize| match i {
        0 => (0..64).map(|k| simpson(&stretched, f64::from(k) / 64.0, 1.0 / 64.0)).sum(),
        1..64 => (0..4).map(|k| simpson(&tail, (i as f64 + f64::from(k) / 4.0) * h, h / 4.0)).sum::<f64>(),
        _ => simpson(&tail, i as f64 * h, h),
    };
    let halves: Vec<f64> = (0..2 * POINTS).map(|i| half(i) / law.mean()).collect();
    let cell = |n: usize| if n == 0 { halves[0] } else { halves[2 * n - 1] + halves[2 * n] };
    (0..POINTS).map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_service_has_the_known_tail() {
        let law = Distribution::exponential(0.1);
        let found = quantile_s(&law, 0.8, 0.4, 0.99).unwrap();
        // P(W > t) = 0.8·e^−2t.
        assert!((found / (80f64.ln() / 2.0) - 1.0).abs() < 2e-3, "{found}");
        assert_eq!(quantile_s(&law, 0.3, 0.04, 0.5), Some(0.0));
    }
}
