//! Two weights side by side: how far the figures of one scenario are apart.

use super::{Chosen, ComponentFindings, Engine, Failure, Findings, Stat};
use crate::model::Model;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// One figure as seen with two weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Deviation {
    pub component: String,
    /// As in `summary.json`.
    pub figure: String,
    /// With the weight that was chosen, and with the other.
    pub here: f64,
    pub there: f64,
    /// |here − there| in standard deviations of one run; `None` where a run has no such figure of its own, or there is
    /// one run.
    pub deviations: Option<f64>,
}

impl Deviation {
    /// (there − here) ÷ here; 0 where both are the same.
    pub fn share(&self) -> f64 {
        if self.here == self.there { 0.0 } else { (self.there - self.here) / self.here }
    }
}

/// The weight to hold another against: the next smaller of 1, 2, 5, 10 … that is a half of it at most; of an exact run 10,
/// or the most that the scenario stands.
///
/// # Errors
/// `Failure::Unscalable` where there is no other weight.
pub fn other_weight(model: &Model, chosen: u32) -> Result<Engine, Failure> {
    if chosen > 1 {
        return Ok(Engine::Weight(super::engine_choice::largest(chosen / 2)));
    }
    let most = model.weight_bounds().first().map_or(10, |bound| bound.weight.min(10));
    match super::engine_choice::largest(most) {
        1 => Chosen::of(model, Engine::Weight(2)).map(|_| Engine::Weight(2)),
        weight => Ok(Engine::Weight(weight)),
    }
}

/// Peaks, recoveries, losses, waits and latencies of all queues and groups.
pub fn deviations(here: &Findings, there: &Findings) -> Vec<Deviation> {
    let parts = here.components.iter().filter(|part| part.kind.holds_messages());
    parts.filter_map(|part| Some((part, there.component(&part.name)?))).flat_map(|(a, b)| of(a, b, here.runs)).collect()
}

const TOTALS: [&str; 6] = ["peak_backlog", "peak_at_s", "oldest_age_max_s", "dead_lettered", "duplicates", "completed"];

fn of(here: &ComponentFindings, there: &ComponentFindings, runs: u32) -> Vec<Deviation> {
    let mut out = vec![];
    let mut add = |figure: &str, a: Option<f64>, b: Option<f64>, spread: Option<f64>| {
        if let (Some(a), Some(b)) = (a, b)
            && (a != 0.0 || b != 0.0)
        {
            let deviations = spread.filter(|spread| *spread > 0.0).map(|spread| (a - b).abs() / spread);
            out.push(Deviation { component: here.name.clone(), figure: figure.into(), here: a, there: b, deviations });
        }
    };
    for name in TOTALS {
        let (a, b) = (here.total(name), there.total(name));
        add(name, a.map(|stat| stat.mean), b.map(|stat| stat.mean), a.and_then(|stat| spread(stat, runs)));
    }
    if let (Some(a), Some(b)) = (&here.recovery, &there.recovery) {
        let mean = |recovery: &super::Recovery| recovery.stat.as_ref().map(|stat| stat.mean);
        let runs = runs - a.never;
        add("recovery_time_s", mean(a), mean(b), a.stat.as_ref().and_then(|stat| spread(stat, runs)));
        add("recovery_time_s.never", Some(a.never.into()), Some(b.never.into()), None);
    }
    for (name, a, b) in [("wait_s", &here.wait, &there.wait), ("latency_s", &here.latency, &there.latency)] {
        if let (Some(a), Some(b)) = (a, b) {
            for (figure, a, b) in [("mean", a.mean, b.mean), ("p50", a.p50, b.p50), ("p99", a.p99, b.p99)] {
                add(&format!("{name}.{figure}"), Some(a), Some(b), None);
            }
        }
    }
    out
}

/// The standard deviation over the runs, from the interval of the mean.
fn spread(stat: &Stat, runs: u32) -> Option<f64> {
    let (low, high) = stat.ci95?;
    let law = StudentsT::new(0.0, 1.0, f64::from(runs) - 1.0).ok()?;
    Some((high - low) / 2.0 / law.inverse_cdf(0.975) * f64::from(runs).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::stat;

    #[test]
    fn an_interval_says_how_far_runs_are_apart() {
        // Standard deviation of 1, 2, 3, 4 is √(5/3).
        let found = spread(&stat(&[1.0, 2.0, 3.0, 4.0]), 4).unwrap();
        assert!((found - (5.0f64 / 3.0).sqrt()).abs() < 1e-9);
        assert_eq!(spread(&stat(&[1.0]), 1), None);
    }
}
