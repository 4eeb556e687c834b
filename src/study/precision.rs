//! More runs until the headline figures are known well enough.

use super::{Seen, headline, over_runs};
use crate::model::Model;
use crate::scenario::{Figure, Scenario};
use crate::units::significant;

/// How well the means of the headline figures are to be known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Precision {
    /// Half the 95 % interval of the mean over the runs ÷ the mean: 0.02 for 2 %.
    pub share: f64,
    /// No more runs than this.
    pub most: u32,
}

/// Where it ended.
#[derive(Debug, Clone, PartialEq)]
pub struct PrecisionFindings {
    pub asked: f64,
    pub reached: bool,
    /// The figure with the widest interval, and its half width ÷ mean; `None` where no figure could be judged.
    pub widest: Option<(String, f64)>,
    /// Figures that fewer than two runs have.
    pub unjudged: Vec<String>,
}

/// Without objectives, of every queue and group.
const LOOKED_AT: [&str; 4] = ["recovery_time", "peak_backlog", "oldest_age", "latency"];

/// Those of the objectives; without objectives recovery, peak, age and latency of every queue.
pub(super) fn figures(scenario: &Scenario, model: &Model) -> Vec<Figure> {
    let all = headline(scenario, model);
    let asked = |figure: &Figure| scenario.slos.iter().any(|slo| slo.figure == *figure);
    let usual = |figure: &Figure| scenario.slos.is_empty() && LOOKED_AT.contains(&figure.metric.as_str());
    all.into_iter().filter(|figure| asked(figure) || usual(figure)).collect()
}

/// What the runs so far say of each figure.
pub(super) fn judge(asked: Precision, figures: &[Figure], seen: &[Vec<Seen>]) -> PrecisionFindings {
    let mut unjudged = vec![];
    let mut widest: Option<(String, f64)> = None;
    for (index, figure) in figures.iter().enumerate() {
        let all = over_runs(figure, &seen.iter().map(|run| &run[index]).collect::<Vec<&Seen>>());
        let width = all.stat.and_then(|stat| stat.ci95.map(|(low, high)| relative((high - low) / 2.0, stat.mean)));
        match width {
            Some(width) if widest.as_ref().is_none_or(|(_, other)| width > *other) => {
                widest = Some((figure.expression.clone(), width));
            }
            Some(_) => {}
            None => unjudged.push(figure.expression.clone()),
        }
    }
    let reached = widest.as_ref().is_none_or(|(_, width)| *width <= asked.share);
    PrecisionFindings { asked: asked.share, reached, widest, unjudged }
}

/// A figure that is the same in all runs is known, also where it is 0.
fn relative(half: f64, mean: f64) -> f64 {
    if half == 0.0 { 0.0 } else { half / mean.abs() }
}

/// How many runs to have next: what the widest interval asks for, as widths shrink with the root of the runs; at least
/// a tenth more and at most twice as many, since the width itself is only estimated.
pub(super) fn next(runs: u32, asked: Precision, now: &PrecisionFindings) -> u32 {
    let width = now.widest.as_ref().map_or(0.0, |(_, width)| *width);
    let wanted = (f64::from(runs) * (width / asked.share).powi(2)).ceil();
    let wanted = if wanted < f64::from(asked.most) { wanted as u32 } else { asked.most };
    let step = (runs / 10).max(2);
    wanted.clamp(runs.saturating_add(step), runs.saturating_mul(2).max(runs + step)).min(asked.most)
}

impl PrecisionFindings {
    /// A sentence for the report.
    pub(super) fn note(&self, runs: u32) -> String {
        let percent = |share: f64| format!("{} %", significant(share * 100.0, 3));
        let asked = percent(self.asked);
        let ending = match (&self.widest, self.reached) {
            (None, _) => format!("no headline figure could be judged in {runs} runs"),
            (Some((figure, width)), true) => {
                format!("reached with {runs} runs; widest is `{figure}` with ± {}", percent(*width))
            }
            (Some((figure, width)), false) => {
                format!("not reached with {runs} runs, the most allowed: `{figure}` still has ± {}", percent(*width))
            }
        };
        let unjudged = match self.unjudged.as_slice() {
            [] => String::new(),
            names => format!(" Fewer than two runs have a value of {}.", names.join(", ")),
        };
        format!("Precision of {asked}: {ending}.{unjudged}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn latency() -> Figure {
        let text = "duration = \"1m\"\n[producer.p]\nto = \"q\"\nrate = \"1/s\"\n[queue.q]\n[consumer.w]\nfrom = \"q\"\nservice = \"1s\"\n";
        let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        Scenario::parse(text, &files).unwrap().figure("q.peak_backlog").unwrap()
    }

    fn seen(values: &[Option<f64>]) -> Vec<Vec<Seen>> {
        values.iter().map(|value| vec![Seen::Value(*value)]).collect()
    }

    #[test]
    fn the_widest_interval_decides() {
        let asked = Precision { share: 0.5, most: 100 };
        // Mean 2, s = √2 of two runs: half width 12.7.
        let now = judge(asked, &[latency()], &seen(&[Some(1.0), Some(3.0)]));
        assert!(!now.reached && (now.widest.as_ref().unwrap().1 - 6.353).abs() < 1e-3);
        assert_eq!(next(2, asked, &now), 4);
        let calm = judge(asked, &[latency()], &seen(&[Some(0.0), Some(0.0)]));
        assert!(calm.reached && calm.widest == Some(("q.peak_backlog".into(), 0.0)));
        let never = judge(asked, &[latency()], &seen(&[None, Some(3.0)]));
        assert_eq!((never.reached, never.unjudged.len()), (true, 1));
        assert!(never.note(2).contains("no headline figure could be judged in 2 runs"));
    }

    #[test]
    fn steps_are_neither_tiny_nor_beyond_the_most() {
        let asked = Precision { share: 0.02, most: 70 };
        let wide = |width: f64| PrecisionFindings {
            asked: 0.02,
            reached: false,
            widest: Some(("x".into(), width)),
            unjudged: vec![],
        };
        assert_eq!(next(20, asked, &wide(0.0201)), 22);
        assert_eq!(next(20, asked, &wide(0.025)), 32);
        assert_eq!(next(20, asked, &wide(0.9)), 40);
        assert_eq!(next(40, asked, &wide(0.9)), 70);
    }
}
