//! Independent replications on all cores.

use super::work::Work;
use super::{Crew, Engine, Findings, Precision, RunFigures, Seen, Simulator, summary, transient, uncertain, verdict};
use crate::engine::EngineError;
use crate::model::Model;
use crate::scenario::{Figure, Scenario};
use std::borrow::Cow;

/// How to run, beside what the scenario says.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Overrides the scenario's own number of runs.
    pub runs: Option<u32>,
    /// Overrides the scenario's own seed.
    pub seed: Option<u64>,
    /// `None`: one a core.
    pub threads: Option<usize>,
    /// More runs until the headline figures are known so well.
    pub precision: Option<Precision>,
    /// Bytes that the machine can give; `None` where nobody knows. A run that would need more is refused.
    pub memory: Option<u64>,
    /// Keep what the broker's own monitoring would show, too.
    pub broker_metrics: bool,
    pub engine: Engine,
    /// As named by the user, for the report.
    pub path: String,
    /// Hex SHA-256 of the scenario's text, for the report.
    pub sha256: String,
}

/// Why there are no findings.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(
        "this scenario would need about {needed} of memory and this machine has {available}: {reason}; run it with {advice}, shorten \
         `duration`, lengthen `tick`, lower `runs`, or add consumers so that less is left waiting"
    )]
    Memory { needed: String, available: String, reason: String, advice: String },
    #[error("this scenario cannot be scaled so: {0}")]
    Unscalable(String),
    #[error("cannot start the threads: {0}")]
    Threads(String),
    #[error("run {run} draws {values}, and with that: {why}; narrow the ranges in [uncertain]")]
    Draws { run: u32, values: String, why: String },
}

/// Simulates all runs and sums them up. `progress` hears of each finished run, from any thread; of more than
/// `scenario.runs` where runs are added, looked at for a transient, or made again to tell chance from ignorance.
///
/// # Errors
/// `Failure::Memory` before anything is simulated where the estimate exceeds `options.memory`; `Failure::Engine` where a
/// run fails its audit or stands still; `Failure::Draws` where what a run draws makes no sound scenario.
pub fn replicate(scenario: &Scenario, options: &Options, progress: &(dyn Fn(u32) + Sync)) -> Result<Findings, Failure> {
    Ok(observe(scenario, options, &[], progress)?.0)
}

/// The same, and what each run says of some figures.
///
/// # Errors
/// As `replicate`.
pub(super) fn observe(
    scenario: &Scenario,
    options: &Options,
    figures: &[Figure],
    progress: &(dyn Fn(u32) + Sync),
) -> Result<(Findings, Vec<RunFigures>), Failure> {
    let mut scenario = scenario.clone();
    scenario.runs = options.runs.unwrap_or(scenario.runs);
    scenario.seed = options.seed.unwrap_or(scenario.seed);
    // A single run needs no pool, and a caller that is itself a worker of one is spared waiting in it.
    let alone = scenario.runs == 1 && options.precision.is_none();
    let crew = Crew::new(if alone { Some(1) } else { options.threads })?;
    let work = Work { crew: &crew, engine: options.engine, memory: options.memory, progress };
    let (mut runs, lead_in) = work.lead_in(&mut scenario, options.precision.is_some())?;
    let simulator = Simulator::new(&scenario, options.engine)?;
    let (models, model) = (simulator.models(), simulator.models().base());
    work.simulate(&scenario, &simulator, &mut runs)?;
    let precision = match options.precision {
        Some(asked) => Some(work.until_precise(&mut scenario, &simulator, asked, &mut runs)?),
        None => None,
    };
    let verdicts = verdict::verdicts(models, &runs, &|change, numbers| {
        crew.map(numbers, |&run| {
            let own = models.at(run)?;
            let changed = change(&own).unwrap_or_else(|| own.into_owned());
            Ok(simulator.simulate(&changed, run)?)
        })
    })?;
    let numbers: Vec<u32> = (0..scenario.runs).collect();
    let own: Vec<Cow<'_, Model>> = crew.map(&numbers, |&run| models.at(run))?;
    let own: Vec<&Model> = own.iter().map(|own| &**own).collect();
    let look = |figures: &[Figure]| -> Vec<Vec<Seen>> {
        let each = own.iter().zip(&runs);
        each.map(|(model, run)| figures.iter().map(|figure| Seen::of(model, run, figure)).collect()).collect()
    };
    let uncertainty =
        uncertain::findings(&scenario, model, &look, &|figures, numbers| work.again(&simulator, figures, numbers))?;
    let mut findings = summary::findings(&scenario, model, &own, &runs, verdicts, options);
    findings.notes.extend(lead_in.or_else(|| transient::note(&scenario, model, &runs)));
    findings.notes.extend(uncertainty.as_ref().map(uncertain::UncertaintyFindings::note));
    findings.notes.extend(precision.as_ref().map(|precision| precision.note(scenario.runs)));
    let engine = simulator.findings();
    findings.notes.extend(engine.sentences());
    let seen = look(figures).into_iter().zip(numbers).map(|(seen, run)| RunFigures { run, seen });
    Ok((Findings { engine, uncertainty, precision, ..findings }, seen.collect()))
}
