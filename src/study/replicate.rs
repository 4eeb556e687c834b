//! Independent replications on all cores.

use super::{
    Crew, Findings, Models, Precision, PrecisionFindings, Seen, memory, precision, summary, transient, uncertain,
    verdict,
};
use crate::engine::{self, EngineError};
use crate::observe::Observations;
use crate::scenario::{Origin, Scenario, WarmupRule};
use crate::units::Duration;

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
    /// More runs until the headline figures are known so well.
    pub precision: Option<Precision>,
    /// Keep what the broker's own monitoring would show, too.
    pub broker_metrics: bool,
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
    let mut scenario = scenario.clone();
    scenario.runs = options.runs.unwrap_or(scenario.runs);
    scenario.seed = options.seed.unwrap_or(scenario.seed);
    // A single run needs no pool, and a caller that is itself a worker of one is spared waiting in it.
    let alone = scenario.runs == 1 && options.precision.is_none();
    let crew = Crew::new(if alone { Some(1) } else { options.threads })?;
    let work = Work { crew: &crew, memory: options.memory, progress };
    let lead_in = work.lead_in(&mut scenario, options.precision.is_some())?;
    let models = Models::new(&scenario);
    let mut runs = lead_in.runs;
    work.simulate(&scenario, &models, &mut runs)?;
    let precision = match options.precision {
        Some(asked) => Some(work.until_precise(&mut scenario, &models, asked, &mut runs)?),
        None => None,
    };
    let verdicts = verdict::verdicts(&models, &runs, &|change, numbers| {
        crew.map(numbers, |&run| {
            let own = models.at(run)?;
            let changed = change(&own).unwrap_or_else(|| own.into_owned());
            Ok(engine::run(&changed, run)?)
        })
    })?;
    let uncertainty = uncertain::findings(&scenario, &models, &runs, &|figures, numbers| {
        crew.map(numbers, |&run| {
            let seen = uncertain::again(&models, run, figures)?;
            progress(run);
            Ok(seen)
        })
    })?;
    let mut findings = summary::findings(&scenario, models.base(), &runs, verdicts, options);
    findings.notes.extend(lead_in.note.or_else(|| transient::note(&scenario, models.base(), &runs)));
    findings.notes.extend(uncertainty.as_ref().map(uncertain::UncertaintyFindings::note));
    findings.notes.extend(precision.as_ref().map(|precision| precision.note(scenario.runs)));
    findings.uncertainty = uncertainty;
    findings.precision = precision;
    Ok(findings)
}

/// Those who simulate, and what they are given.
struct Work<'a> {
    crew: &'a Crew,
    memory: Option<u64>,
    progress: &'a (dyn Fn(u32) + Sync),
}

/// What was found before the runs proper.
struct LeadIn {
    /// Runs that stand, because nothing was found that is to be left out.
    runs: Vec<Observations>,
    note: Option<String>,
}

impl Work<'_> {
    /// Brings the runs up to the scenario's number.
    fn simulate(&self, scenario: &Scenario, models: &Models, runs: &mut Vec<Observations>) -> Result<(), Failure> {
        memory::check(scenario, models.base(), self.crew.at_once() as u64, self.memory)?;
        let numbers: Vec<u32> = (runs.len() as u32..scenario.runs).collect();
        runs.extend(self.crew.map(&numbers, |&run| {
            let seen = engine::run(&*models.at(run)?, run)?;
            (self.progress)(run);
            Ok::<Observations, Failure>(seen)
        })?);
        Ok(())
    }

    /// Where the warm-up is to be found, or a steady state's mean is to be known precisely and nothing is said of it: finds
    /// it from the first runs and puts it into the scenario.
    fn lead_in(&self, scenario: &mut Scenario, precise: bool) -> Result<LeadIn, Failure> {
        let unsaid = scenario.warmup_rule == WarmupRule::Unsaid && precise && scenario.unsteady().is_none();
        if scenario.warmup_rule != WarmupRule::Detect && !unsaid {
            return Ok(LeadIn { runs: vec![], note: None });
        }
        let models = Models::new(scenario);
        let few = Scenario { runs: scenario.runs.min(transient::PILOT), ..scenario.clone() };
        let mut runs = vec![];
        self.simulate(&few, &models, &mut runs)?;
        let detected = transient::detect(models.base(), &runs);
        let note = Some(transient::left_out(scenario, &detected, few.runs));
        // What was simulated without a warm-up stands where there is none.
        Ok(LeadIn { runs: if scenario.warmup == Duration::ZERO { runs } else { vec![] }, note })
    }

    /// Adds runs until the figures are known as asked.
    fn until_precise(
        &self,
        scenario: &mut Scenario,
        models: &Models,
        asked: Precision,
        runs: &mut Vec<Observations>,
    ) -> Result<PrecisionFindings, Failure> {
        let figures = precision::figures(scenario, models.base());
        let mut seen: Vec<Vec<Seen>> = vec![];
        loop {
            for run in seen.len()..runs.len() {
                seen.push(precision::look(&*models.at(run as u32)?, &runs[run], &figures));
            }
            let now = precision::judge(asked, &figures, &seen);
            // One run says nothing of how far apart runs are.
            if (now.reached && seen.len() > 1) || scenario.runs >= asked.most {
                return Ok(now);
            }
            scenario.runs = precision::next(scenario.runs, asked, &now);
            scenario.say("runs", &scenario.runs.to_string(), Origin::Argument);
            self.simulate(scenario, models, runs)?;
        }
    }
}
