//! One value of the knob: its scenario, the runs made of it so far, and what they say of every objective.

use super::evidence::{Errors, Evidence, pooled_interval, share_interval};
use crate::observe::Histogram;
use crate::scenario::{Comparison, Figure, Scenario, Slo};
use crate::study::search::Belief;
use crate::study::{FigureOverRuns, KnobValue, RunFigures, Seen, over_runs};

/// Probability with which the intervals of the report miss.
const INTERVAL_ERROR: f64 = 0.05;

pub(super) struct Candidate {
    pub value: KnobValue,
    pub scenario: Scenario,
    /// In order; the figures of the objectives first, then the others.
    pub runs: Vec<RunFigures>,
    /// Looks taken at it.
    pub looks: usize,
    pub belief: Belief,
    /// Of each objective.
    pub beliefs: Vec<Belief>,
}

/// One value of the knob, as found.
#[derive(Debug, Clone, PartialEq)]
pub struct CandidateFindings {
    pub value: KnobValue,
    pub runs: u32,
    /// Of all objectives together.
    pub belief: Belief,
    pub slos: Vec<SloAt>,
    /// In the order of `PlanFindings::figures`.
    pub figures: Vec<FigureOverRuns>,
}

/// An objective at one value of the knob.
#[derive(Debug, Clone, PartialEq)]
pub struct SloAt {
    pub expression: String,
    pub belief: Belief,
    /// Mean over the runs, or of the pooled messages; seconds, per second or bare.
    pub value: Option<f64>,
    /// 95 % interval of a pooled value.
    pub interval: Option<(f64, f64)>,
    /// Runs in which it held, of an objective on one number a run.
    pub holding: Option<u32>,
    /// 95 % interval of the share of runs in which it holds.
    pub share: Option<(f64, f64)>,
    /// What is judged: the pooled value, or the value that the asked share of the runs keeps to. `None` where too few
    /// runs have one.
    pub judged: Option<f64>,
    /// How far `judged` is from the bound, as a share of the bound; negative on the wrong side. `None` where the bound
    /// is 0, or an equality.
    pub margin: Option<f64>,
}

impl Candidate {
    pub(super) fn new(value: KnobValue, scenario: Scenario) -> Candidate {
        let beliefs = vec![Belief::Undecided { leans: false }; scenario.slos.len()];
        Candidate { value, scenario, runs: vec![], looks: 0, belief: Belief::Undecided { leans: false }, beliefs }
    }

    /// What the runs made so far say. Where all must hold, each may be tested at the full probability of a wrong yes
    /// (an intersection of claims); that any fails is a union of claims, so they share the probability of a wrong no.
    pub(super) fn judge(&mut self, errors: Errors) {
        let slos = &self.scenario.slos;
        let each = Errors { no: errors.no / slos.len().max(1) as f64, ..errors };
        self.beliefs = (0..slos.len())
            .map(|index| {
                let seen: Vec<&Seen> = self.runs.iter().map(|run| &run.seen[index]).collect();
                all(Evidence::of(&slos[index], self.scenario.slo_runs, &seen).iter().map(|piece| piece.belief(each)))
            })
            .collect();
        self.belief = all(self.beliefs.iter().copied());
    }

    pub(super) fn findings(&self, figures: &[Figure]) -> CandidateFindings {
        let seen = |index: usize| -> Vec<&Seen> { self.runs.iter().map(|run| &run.seen[index]).collect() };
        let slos = self.scenario.slos.iter().enumerate();
        CandidateFindings {
            value: self.value.clone(),
            runs: self.runs.len() as u32,
            belief: self.belief,
            slos: slos
                .map(|(index, slo)| slo_at(slo, self.scenario.slo_runs, &seen(index), self.beliefs[index]))
                .collect(),
            figures: figures.iter().enumerate().map(|(index, figure)| over_runs(figure, &seen(index))).collect(),
        }
    }
}

/// All of several claims.
fn all(claims: impl Iterator<Item = Belief>) -> Belief {
    claims.fold(Belief::Yes, |so_far, claim| match (so_far, claim) {
        (Belief::No, _) | (_, Belief::No) => Belief::No,
        (Belief::Yes, other) | (other, Belief::Yes) => other,
        (Belief::Undecided { leans: a }, Belief::Undecided { leans: b }) => Belief::Undecided { leans: a && b },
    })
}

fn slo_at(slo: &Slo, slo_runs: f64, seen: &[&Seen], belief: Belief) -> SloAt {
    let over = over_runs(&slo.figure, seen);
    let own: Vec<Option<f64>> = seen.iter().map(|seen| seen.own(&slo.figure)).collect();
    let holding = own.iter().flatten().filter(|value| slo.op.holds(**value, slo.value)).count() as u32;
    let runs = seen.len() as u32;
    let (holding, share, interval, judged) = if slo.figure.pooled {
        let histograms: Vec<&Histogram> = seen
            .iter()
            .filter_map(|seen| match seen {
                Seen::Pooled(histogram) => Some(&**histogram),
                Seen::Value(_) => None,
            })
            .collect();
        let stat = slo.figure.stat.as_deref();
        let interval = pooled_interval(&histograms, stat, INTERVAL_ERROR).filter(|_| stat != Some("max"));
        (None, None, interval, over.value)
    } else {
        (Some(holding), Some(share_interval(holding, runs, INTERVAL_ERROR)), None, kept(slo, slo_runs, &own))
    };
    let margin = judged.and_then(|judged| margin(slo, judged));
    SloAt { expression: slo.expression.clone(), belief, value: over.value, interval, holding, share, judged, margin }
}

/// The value that a share of the runs keeps to, on the side of the bound; a run without one is as bad as can be.
fn kept(slo: &Slo, share: f64, own: &[Option<f64>]) -> Option<f64> {
    let lower = matches!(slo.op, Comparison::Greater | Comparison::AtLeast);
    let worst = if lower { f64::NEG_INFINITY } else { f64::INFINITY };
    let mut values: Vec<f64> = own.iter().map(|value| value.unwrap_or(worst)).collect();
    values.sort_by(|a, b| if lower { b.total_cmp(a) } else { a.total_cmp(b) });
    let rank = ((share * values.len() as f64 - 1e-9).ceil() as usize).clamp(1, values.len().max(1));
    values.get(rank - 1).copied().filter(|value| value.is_finite())
}

fn margin(slo: &Slo, judged: f64) -> Option<f64> {
    if slo.value <= 0.0 {
        return None;
    }
    match slo.op {
        Comparison::Less | Comparison::AtMost => Some((slo.value - judged) / slo.value),
        Comparison::Greater | Comparison::AtLeast => Some((judged - slo.value) / slo.value),
        Comparison::Equal => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_several_claims_is_as_sure_as_the_least_sure() {
        let (yes, no) = (Belief::Yes, Belief::No);
        let (leans, doubts) = (Belief::Undecided { leans: true }, Belief::Undecided { leans: false });
        assert_eq!(all([yes, yes].into_iter()), yes);
        assert_eq!(all([yes, leans, no].into_iter()), no);
        assert_eq!(all([yes, leans].into_iter()), leans);
        assert_eq!(all([doubts, leans, yes].into_iter()), doubts);
    }
}
