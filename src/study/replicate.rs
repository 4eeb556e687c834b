//! Independent replications on all cores.

use super::{Chosen, Crew, Engine, Findings, Models, RunFigures, Seen, memory, summary, verdict};
use crate::engine::EngineError;
use crate::observe::Observations;
use crate::scenario::{Figure, Scenario};

/// How to run, beside what the scenario says.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Overrides the scenario's own number of runs.
    pub runs: Option<u32>,
    /// Overrides the scenario's own seed.
    pub seed: Option<u64>,
    /// `None`: one a core.
    pub threads: Option<usize>,
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
        "this scenario would need about {needed} of memory and this machine has {available}: {reason}; shorten `duration`, \
         lengthen `tick`, lower `runs`, or add consumers so that less is left waiting"
    )]
    Memory { needed: String, available: String, reason: String },
    #[error("this scenario cannot be scaled so: {0}")]
    Unscalable(String),
    #[error("cannot start the threads: {0}")]
    Threads(String),
    #[error("run {run} draws {values}, and with that: {why}; narrow the ranges in [uncertain]")]
    Draws { run: u32, values: String, why: String },
}

/// Simulates all runs and sums them up. `progress` hears of each finished run, from any thread.
///
/// # Errors
/// `Failure::Memory` before anything is simulated where the estimate exceeds `options.memory`; `Failure::Engine` where a
/// run fails its audit or stands still.
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
    let models = Models::new(&scenario);
    let model = models.base();
    // A single run needs no pool, and a caller that is itself a worker of one is spared waiting in it.
    let crew = Crew::new(if scenario.runs == 1 { Some(1) } else { options.threads })?;
    let chosen = Chosen::of(model, options.engine)?;
    memory::check(&scenario, model, crew.at_once() as u64, options.memory)?;
    let numbers: Vec<u32> = (0..scenario.runs).collect();
    let runs: Vec<Observations> = crew.map(&numbers, |&run| {
        let seen = chosen.run(&*models.at(run)?, run)?;
        progress(run);
        Ok::<Observations, Failure>(seen)
    })?;
    let verdicts = verdict::verdicts(&models, &runs, &|change, numbers| {
        crew.map(numbers, |&run| {
            let own = models.at(run)?;
            let changed = change(&own).unwrap_or_else(|| own.into_owned());
            Ok(chosen.run(&changed, run)?)
        })
    })?;
    let seen = numbers.iter().zip(&runs).map(|(&run, observed)| {
        let model = models.at(run)?;
        let seen = figures.iter().map(|figure| Seen::of(&model, observed, figure)).collect();
        Ok::<RunFigures, Failure>(RunFigures { run, seen })
    });
    let seen = seen.collect::<Result<Vec<RunFigures>, Failure>>()?;
    let findings = summary::findings(&scenario, model, &runs, verdicts, options);
    Ok((Findings { engine: chosen.findings(model), ..findings }, seen))
}
