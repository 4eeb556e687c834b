//! Whether a queue gets over its disturbances, and if not, why: told apart by experiment where the data do not say.
//!
//! Runs that never recovered are simulated again with one thing taken out and the same seeds. What then recovers was
//! kept down by that thing.

mod lab;
mod measure;
mod words;

use super::{Failure, Models, summary};
use crate::model::Model;
use crate::observe::Observations;
use lab::Lab;
use measure::{Lost, Unit};
use std::borrow::Cow;

/// Over the runs, of one queue or group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// In every run, from every disturbance.
    Recovered,
    /// In no run.
    Never,
    Mixed,
}

/// Why a queue did not recover, or how it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// More is asked for than can be done, retries left out.
    UnderProvisioned,
    /// Without retries and duplicates the same arrivals recover.
    Metastable,
    /// One partition or key holds nearly all that is left.
    Blocked,
    /// With all its replicas from the start the same arrivals recover.
    ScaledTooLate,
    /// It recovered, and lost more on the way than it completed.
    GaveUp,
}

impl Outcome {
    /// The word in `summary.json`.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Recovered => "recovered",
            Outcome::Never => "never",
            Outcome::Mixed => "mixed",
        }
    }
}

impl Mechanism {
    /// The word in `summary.json`.
    pub fn word(self) -> &'static str {
        match self {
            Mechanism::UnderProvisioned => "under-provisioned",
            Mechanism::Metastable => "metastable",
            Mechanism::Blocked => "blocked",
            Mechanism::ScaledTooLate => "scaled-too-late",
            Mechanism::GaveUp => "gave-up",
        }
    }
}

/// Runs that never recovered, simulated again with something taken out.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// `without-retries`, `full-scale`.
    pub name: &'static str,
    pub runs: u32,
    pub recovered: u32,
}

/// What became of one queue or group.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    pub outcome: Outcome,
    /// Runs that recovered from every disturbance, and those that did not.
    pub recovered: u32,
    pub never: u32,
    /// `None`: nothing is wrong, or the data do not tell.
    pub mechanism: Option<Mechanism>,
    /// One sentence with the figures that it rests on.
    pub evidence: String,
    pub experiments: Vec<Experiment>,
    /// Messages offered after the last disturbance ÷ those that can be worked on, retries left out; `None` where that
    /// was not asked.
    pub offered_load: Option<f64>,
}

/// What is taken out of a run's model; `None` where there is nothing to take out.
pub(super) type Change = fn(&Model) -> Option<Model>;

/// Simulates the named runs with something taken out; in the caller's threads, in the order of the numbers.
pub(super) type Simulate<'a> = &'a dyn Fn(Change, &[u32]) -> Result<Vec<Observations>, Failure>;

/// So many of a queue's runs that never recovered are looked into.
const TRIED: usize = 5;

/// One verdict a queue of the model; `None` for dead-letter queues, and for all without a disturbance.
///
/// # Errors
/// As the engine's, of a run that was simulated again.
pub(super) fn verdicts(
    models: &Models,
    runs: &[Observations],
    simulate: Simulate,
) -> Result<Vec<Option<Verdict>>, Failure> {
    let model = models.base();
    let cases = (0..model.queues.len()).map(|queue| Case::of(models, runs, queue));
    let cases = cases.collect::<Result<Vec<Option<Case>>, Failure>>()?;
    let open = cases.iter().flatten().filter(|case| case.blocked.is_none());
    let lab = Lab::new(model, runs, &open.collect::<Vec<_>>(), simulate)?;
    Ok(cases.iter().map(|case| case.as_ref().map(|case| case.verdict(model, runs, &lab))).collect())
}

/// A run with the model that it was made from.
pub(super) type Made<'a> = (&'a Model, &'a Observations);

/// A queue and what its own runs say.
struct Case<'a> {
    queue: usize,
    /// Numbers of the runs.
    recovered: Vec<usize>,
    never: Vec<usize>,
    /// Those of the runs that are looked into.
    models: Vec<Cow<'a, Model>>,
    /// What holds nearly all that is left.
    blocked: Option<Unit>,
    /// The backlog shrinks: it would be over in so many seconds more.
    draining: Option<f64>,
}

impl<'a> Case<'a> {
    fn of(models: &'a Models, runs: &[Observations], queue: usize) -> Result<Option<Case<'a>>, Failure> {
        let model = models.base();
        if model.disturbances.is_empty() || model.queues[queue].is_dead_letter {
            return Ok(None);
        }
        let over = |run: &usize| summary::recovery_of_run(&runs[*run].queues[queue]).is_some();
        let (recovered, never): (Vec<usize>, Vec<usize>) = (0..runs.len()).partition(over);
        let mut case = Case { queue, recovered, never, models: vec![], blocked: None, draining: None };
        case.models = case.tried().iter().map(|&run| models.at(run as u32)).collect::<Result<_, Failure>>()?;
        let tried = || case.made(runs).into_iter().map(|(model, run)| (model, &run.queues[queue]));
        let blocked: Vec<Unit> = tried().filter_map(|(model, seen)| measure::blocked(model, queue, seen)).collect();
        let draining: Vec<f64> = tried().filter_map(|(model, seen)| measure::draining(model, seen)).collect();
        let is_most = |count: usize| 2 * count > case.tried().len();
        let mean = draining.iter().sum::<f64>() / draining.len() as f64;
        (case.blocked, case.draining) =
            (blocked.first().copied().filter(|_| is_most(blocked.len())), is_most(draining.len()).then_some(mean));
        Ok(Some(case))
    }

    /// The runs that are looked into, as they were.
    fn made<'r>(&'r self, runs: &'r [Observations]) -> Vec<Made<'r>> {
        self.models.iter().zip(self.tried()).map(|(model, &run)| (&**model, &runs[run])).collect()
    }

    /// The runs that are looked into.
    fn tried(&self) -> &[usize] {
        &self.never[..self.never.len().min(TRIED)]
    }

    fn verdict(&self, model: &Model, runs: &[Observations], lab: &Lab) -> Verdict {
        let outcome = match (self.recovered.len(), self.never.len()) {
            (_, 0) => Outcome::Recovered,
            (0, _) => Outcome::Never,
            _ => Outcome::Mixed,
        };
        let found =
            if self.never.is_empty() { self.how_it_recovered(model, runs) } else { self.why_never(model, runs, lab) };
        Verdict {
            outcome,
            recovered: self.recovered.len() as u32,
            never: self.never.len() as u32,
            mechanism: found.mechanism,
            evidence: found.evidence,
            experiments: found.experiments,
            offered_load: found.offered_load,
        }
    }

    fn how_it_recovered(&self, model: &Model, runs: &[Observations]) -> Found {
        let lost: Vec<Lost> =
            self.recovered.iter().filter_map(|&run| measure::gave_up(&runs[run].queues[self.queue])).collect();
        if 2 * lost.len() > self.recovered.len() {
            return Found::early(Some(Mechanism::GaveUp), words::gave_up(&lost, self.recovered.len()));
        }
        let times = self.recovered.iter().filter_map(|&run| summary::recovery_of_run(&runs[run].queues[self.queue]));
        Found::early(None, words::recovered(&times.collect::<Vec<f64>>(), model.disturbances.len()))
    }

    fn why_never(&self, model: &Model, runs: &[Observations], lab: &Lab) -> Found {
        let left = self.left(runs);
        if let Some(unit) = &self.blocked {
            return Found::early(Some(Mechanism::Blocked), words::blocked(model, self.queue, unit));
        }
        if let Some(left_s) = measure::too_soon(model) {
            return Found::early(None, words::too_soon(left, left_s));
        }
        let storm = lab.without_retries(self);
        let full = lab.at_full_scale(self);
        let experiments = [&storm, &full].into_iter().flatten().map(|trial| trial.experiment.clone()).collect();
        // What nothing was taken out of is its own counterfactual.
        let calm: Vec<Made> = match &storm {
            Some(trial) => trial.runs.clone(),
            None => self.made(runs),
        };
        let load = measure::load(self.queue, &calm);
        let (mechanism, evidence) = match (&storm, &full) {
            // What gets over it by itself, though later than the run lasts, is not kept down by anything.
            (Some(trial), _) if trial.recovers() && self.draining.is_none() => {
                let copies = measure::amplification(&self.made(runs));
                (Some(Mechanism::Metastable), words::metastable(trial, left, copies))
            }
            (_, Some(trial)) if trial.recovers() => {
                (Some(Mechanism::ScaledTooLate), words::scaled_too_late(model, self.queue, trial, left))
            }
            _ if self.draining.is_none() && load.as_ref().is_some_and(|load| load.ratio() >= 1.0) => {
                (Some(Mechanism::UnderProvisioned), words::under_provisioned(load.as_ref(), storm.is_some()))
            }
            _ => match self.draining {
                Some(more_s) => (None, words::draining(left, more_s)),
                None => (None, words::unknown(load.as_ref(), storm.is_some(), left)),
            },
        };
        let offered_load = load.map(|load| load.ratio()).filter(|ratio| ratio.is_finite());
        Found { mechanism, evidence, experiments, offered_load }
    }

    /// Messages unfinished at the end, a mean over the runs that were looked into.
    fn left(&self, runs: &[Observations]) -> f64 {
        let left = self.tried().iter().map(|&run| measure::left(&runs[run].queues[self.queue]) as f64);
        left.sum::<f64>() / self.tried().len() as f64
    }
}

struct Found {
    mechanism: Option<Mechanism>,
    evidence: String,
    experiments: Vec<Experiment>,
    offered_load: Option<f64>,
}

impl Found {
    /// What no experiment was needed for.
    fn early(mechanism: Option<Mechanism>, evidence: String) -> Found {
        Found { mechanism, evidence, experiments: vec![], offered_load: None }
    }
}
