//! Independent replications on all cores.

use super::{Chosen, Engine, Findings, memory, summary, verdict};
use crate::engine::EngineError;
use crate::model::Model;
use crate::observe::Observations;
use crate::scenario::Scenario;
use rayon::prelude::*;

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
}

/// Simulates all runs and sums them up. `progress` hears of each finished run, from any thread.
///
/// # Errors
/// `Failure::Memory` before anything is simulated where the estimate exceeds `options.memory`; `Failure::Engine` where a
/// run fails its audit or stands still.
pub fn replicate(scenario: &Scenario, options: &Options, progress: &(dyn Fn(u32) + Sync)) -> Result<Findings, Failure> {
    let mut scenario = scenario.clone();
    scenario.runs = options.runs.unwrap_or(scenario.runs);
    scenario.seed = options.seed.unwrap_or(scenario.seed);
    let model = Model::compile(&scenario);
    // A single run needs no pool, and a caller that is itself a worker of one is spared waiting in it.
    let threads = if scenario.runs == 1 { Some(1) } else { options.threads };
    let pool = if threads == Some(1) {
        None
    } else {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0)).build();
        Some(pool.map_err(|error| Failure::Threads(error.to_string()))?)
    };
    let at_once = pool.as_ref().map_or(1, |pool| pool.current_num_threads() as u64);
    let chosen = Chosen::of(&model, options.engine)?;
    memory::check(&scenario, &model, at_once, options.memory)?;
    let simulate = |model: &Model, numbers: &[u32], done: &(dyn Fn(u32) + Sync)| -> Result<Vec<_>, EngineError> {
        let one = |&run: &u32| {
            let seen = chosen.run(model, run);
            done(run);
            seen
        };
        match &pool {
            None => numbers.iter().map(one).collect(),
            Some(pool) => pool.install(|| numbers.par_iter().map(one).collect()),
        }
    };
    let runs: Vec<Observations> = simulate(&model, &(0..scenario.runs).collect::<Vec<u32>>(), progress)?;
    let verdicts = verdict::verdicts(&model, &runs, &|model, numbers| simulate(model, numbers, &|_| {}))?;
    Ok(Findings { engine: chosen.findings(&model), ..summary::findings(&scenario, &model, &runs, verdicts, options) })
}
