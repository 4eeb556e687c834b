//! Runs that never recovered, simulated again with one thing taken out.

use super::{Case, Change, Experiment, Failure, Made, Simulate};
use crate::engine::EngineError;
use crate::model::Model;
use crate::observe::Observations;
use crate::study::summary::recovery_of_run;
use std::collections::{BTreeMap, BTreeSet};

/// The runs made so far, by their number.
pub(super) struct Lab {
    without_retries: Option<BTreeMap<usize, Observations>>,
    at_full_scale: Option<BTreeMap<usize, Observations>>,
}

/// An experiment as one queue saw it.
pub(super) struct Trial<'a> {
    pub(super) experiment: Experiment,
    pub(super) runs: Vec<Made<'a>>,
    /// Seconds, mean of those that recovered.
    pub(super) recovery_s: f64,
}

impl Trial<'_> {
    /// In most of the runs.
    pub(super) fn recovers(&self) -> bool {
        2 * self.experiment.recovered > self.experiment.runs
    }
}

impl Lab {
    pub(super) fn new(
        model: &Model,
        seen: &[Observations],
        cases: &[&Case],
        simulate: Simulate,
    ) -> Result<Lab, Failure> {
        let wanted: BTreeSet<usize> = cases.iter().flat_map(|case| case.tried()).copied().collect();
        // Where nothing was done twice there is nothing to take out.
        let repeats = wanted.iter().any(|&run| repeats(model, &seen[run]));
        let change = (repeats && model.without_retries().is_some()).then_some(Model::without_retries as Change);
        let without_retries = made(change, &wanted, simulate)?;
        let mut lab = Lab { without_retries, at_full_scale: None };
        // One reason is enough: what recovers without retries is not tried at full scale.
        let is_storm =
            |case: &Case| case.draining.is_none() && lab.without_retries(case).is_some_and(|trial| trial.recovers());
        let left = cases.iter().filter(|case| !is_storm(case));
        let wanted: BTreeSet<usize> = left.flat_map(|case| case.tried()).copied().collect();
        let helps = !wanted.is_empty() && model.at_full_scale().is_some();
        lab.at_full_scale = made(helps.then_some(Model::at_full_scale as Change), &wanted, simulate)?;
        Ok(lab)
    }

    pub(super) fn without_retries<'a>(&'a self, case: &'a Case) -> Option<Trial<'a>> {
        trial("without-retries", self.without_retries.as_ref()?, case)
    }

    pub(super) fn at_full_scale<'a>(&'a self, case: &'a Case) -> Option<Trial<'a>> {
        trial("full-scale", self.at_full_scale.as_ref()?, case)
    }
}

/// Something was published, delivered or worked on again.
fn repeats(model: &Model, seen: &Observations) -> bool {
    let in_queue = |q: &crate::observe::QueueSeen| q.totals.attempts > q.totals.attempted || q.totals.duplicates > 0;
    seen.producers.iter().any(|p| p.totals.published > p.totals.requests)
        || seen.queues.iter().any(in_queue)
        || seen.dependencies.iter().any(|d| d.totals.retries > 0 || d.totals.hedges > 0)
        || model.topics.iter().any(|topic| !topic.delivery_retry.is_empty())
}

fn made(
    change: Option<Change>,
    wanted: &BTreeSet<usize>,
    simulate: Simulate,
) -> Result<Option<BTreeMap<usize, Observations>>, Failure> {
    let Some(change) = change else { return Ok(None) };
    let numbers: Vec<u32> = wanted.iter().map(|&run| run as u32).collect();
    match simulate(change, &numbers) {
        Ok(runs) => Ok(Some(wanted.iter().copied().zip(runs).collect())),
        // The scenario itself does not stand still, so its results are good; only this question has no answer.
        Err(Failure::Engine(EngineError::Standstill { .. })) => Ok(None),
        Err(error) => Err(error),
    }
}

fn trial<'a>(name: &'static str, made: &'a BTreeMap<usize, Observations>, case: &'a Case) -> Option<Trial<'a>> {
    let models = case.models.iter().map(|model| &**model);
    let runs: Vec<Made> = models.zip(case.tried()).filter_map(|(model, run)| Some((model, made.get(run)?))).collect();
    let times: Vec<f64> = runs.iter().filter_map(|(_, run)| recovery_of_run(&run.queues[case.queue])).collect();
    let experiment = Experiment { name, runs: runs.len() as u32, recovered: times.len() as u32 };
    let recovery_s = times.iter().sum::<f64>() / times.len() as f64;
    (!runs.is_empty()).then_some(Trial { experiment, runs, recovery_s })
}
