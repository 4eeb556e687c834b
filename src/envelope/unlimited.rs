//! As many servers as it takes: how much would be in work at once if nobody ever waited (M_t/G/∞).
//!
//! m(t) = ∫ λ(t − u)·P(S > u) du, and the number is Poisson with that mean. Source: Eick, Massey and Whitt, "The physics of
//! the M_t/G/∞ queue", Operations Research 41 (1993).

use super::Load;
use super::line::{Law, Line, Unit};
use crate::random::Distribution;
use crate::scenario::{Scenario, Service};
use crate::units::significant;

const PEAK: Law = Law {
    id: "slots_without_waiting",
    name: "slots in use if nobody waited, at the most",
    formula: "max ∫ λ(t − u)·P(S > u) du",
    unit: Unit::Slots,
    caveat: "the mean; it scatters as a Poisson number, ± its root; before the run the rate was that of the start",
    headline: false,
};
const STEPS: u32 = 600;

/// Expected number in work at `t` seconds, the rate before time 0 as that at 0.
pub fn in_work_at(load: &Load, law: &Distribution, t: f64) -> f64 {
    let tail = |u: f64| 1.0 - law.cdf(u);
    let longest = law.quantile(1.0 - 1e-9).min(law.mean() * 1e4);
    // Cut where the rate bends, so that no step crosses a jump; then Simpson's rule on each part.
    let mut cuts: Vec<f64> = load.rate_breaks().into_iter().map(|at| t - at).collect();
    // Most of the law lies near the front: parts that double in length follow it.
    cuts.extend((0..60).map(|k| longest / 2f64.powi(k)));
    cuts.extend([0.0, longest]);
    cuts.retain(|u| (0.0..=longest).contains(u));
    cuts.sort_by(f64::total_cmp);
    cuts.dedup();
    let mut sum = 0.0;
    for pair in cuts.windows(2) {
        let steps = STEPS / cuts.len().min(60) as u32 + 4;
        let h = (pair[1] - pair[0]) / f64::from(2 * steps);
        let at = |i: u32| {
            let u = pair[0] + h * f64::from(i);
            // Just inside the part, where the rate is that of the part.
            let inside = u.clamp(pair[0] + h * 1e-6, pair[1] - h * 1e-6);
            load.rate_at((t - inside).max(0.0)) * tail(u)
        };
        let weights = (1..2 * steps).map(|i| at(i) * if i % 2 == 1 { 4.0 } else { 2.0 });
        sum += h / 3.0 * (at(0) + weights.sum::<f64>() + at(2 * steps));
    }
    sum
}

pub(super) fn line(scenario: &Scenario, load: &Load) -> Option<Line> {
    let consumer = &scenario.consumers[*load.consumers.first()?];
    let Service::Drawn(law) = &consumer.service else { return None };
    let alone = consumer.calls.is_empty() && consumer.overhead_success.is_none() && consumer.batch.is_none();
    if !alone || load.attempts.any() || load.lanes().is_some() {
        return None;
    }
    // The number lags behind the rate by about a service: look at its bends, and on the way after them.
    let breaks = load.rate_breaks();
    let mut instants: Vec<f64> =
        breaks.iter().flat_map(|at| [0.0, 0.3, 1.0, 3.0].map(|k| at + k * law.mean())).collect();
    instants.retain(|at| *at <= scenario.duration.seconds());
    if instants.len() > 400 {
        return None;
    }
    let values = instants.into_iter().map(|at| (at, in_work_at(load, law, at)));
    let (at, most) = values.fold((0.0, 0.0), |best, next| if next.1 > best.1 { next } else { best });
    let result = format!("{} ± {}", super::line::count(most), significant(most.sqrt(), 2));
    let sum = format!("E[S] = {}, at {}", significant(law.mean(), 4), super::line::clock(at));
    // At a level rate it is Little's λ·E[S], which has a line of its own.
    let news = most > 1.01 * load.rate_at(0.0) * law.mean();
    news.then(|| PEAK.line(&load.component, sum, most).reads(result))
}
