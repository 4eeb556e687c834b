//! `--max-time`: a study that has to end in time. What it will take is measured on a small part of it; where that is too
//! long the traffic is scaled, and what takes longer all the same is stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::scenario::Scenario;
use crate::study::{Engine, Simulator};
use crate::units::grouped;

use super::ending::Failure;
use super::study::refused;
use super::terminal;

/// Messages of the trial run, about.
const TRIAL: f64 = 50_000.0;
/// So much of the time is planned with; the rest is for what a trial does not know.
const PLANNED: f64 = 0.6;

/// How a scenario is simulated so that it ends in time.
///
/// # Errors
/// `Failure::World` where no weight that the scenario stands is enough, or another was asked for.
pub(super) fn engine(
    path: &str,
    scenario: &Scenario,
    wanted: Engine,
    limit: Duration,
    threads: usize,
) -> Result<Engine, Failure> {
    let failed = |failure| refused(path, &failure);
    let chosen = Simulator::new(scenario, wanted).map_err(failed)?;
    let model = chosen.models().base();
    let messages = model.expected_messages();
    let rounds = f64::from(scenario.runs.div_ceil(threads.max(1) as u32));
    let most = model.weight_bounds().first().map_or(u32::MAX, |bound| bound.weight);
    let each = trial(scenario, messages, most).map_err(failed)?;
    let time = |weight: u32| messages / f64::from(weight) * each * rounds;
    let bound = limit.as_secs_f64() * PLANNED;
    if time(chosen.chosen.weight) <= bound {
        return Ok(wanted);
    }
    let enough = (messages * each * rounds / bound).ceil().min(f64::from(u32::MAX)) as u32;
    let needs = format!(
        "{path}: {} of {} messages would take about {}, more than --max-time allows",
        if scenario.runs == 1 { "1 run".into() } else { format!("{} runs", scenario.runs) },
        grouped(messages / f64::from(chosen.chosen.weight), 0),
        crate::units::Duration::from_seconds(time(chosen.chosen.weight).ceil()),
    );
    match wanted {
        Engine::Exact | Engine::Weight(_) => Err(Failure::World(format!(
            "{needs}; leave out --engine and --weight and a weight is found, or lower --runs"
        ))),
        Engine::Auto | Engine::Scaled if enough > most => Err(Failure::World(format!(
            "{needs}, and a message may stand for {} at most; lower --runs, or allow more time",
            grouped(most.into(), 0)
        ))),
        Engine::Auto | Engine::Scaled => Ok(Engine::Weight(enough)),
    }
}

/// Seconds that a message takes.
#[expect(
    clippy::disallowed_methods,
    reason = "what a run takes is measured here, outside of what must be reproducible"
)]
fn trial(scenario: &Scenario, messages: f64, most: u32) -> Result<f64, crate::study::Failure> {
    let weight = ((messages / TRIAL).ceil().clamp(1.0, f64::from(most))) as u32;
    let simulator = Simulator::new(scenario, Engine::Weight(weight))?;
    let start = Instant::now();
    simulator.run(0)?;
    Ok(start.elapsed().as_secs_f64() / (messages / f64::from(weight)).max(1.0))
}

/// Ends the program when the time is up, unless it is dropped before.
pub(super) struct Deadline {
    over: Arc<AtomicBool>,
    done: Arc<AtomicU32>,
}

impl Deadline {
    pub(super) fn new(path: &str, limit: Duration, runs: u32) -> Deadline {
        let deadline = Deadline { over: Arc::default(), done: Arc::default() };
        let (over, done, path) = (deadline.over.clone(), deadline.done.clone(), path.to_string());
        std::thread::spawn(move || {
            std::thread::sleep(limit);
            if !over.load(Ordering::SeqCst) {
                terminal::say(&format!(
                    "error: {path}: stopped by --max-time {}: {} of {runs} runs were done; lower --runs, or raise --weight",
                    crate::units::Duration::from_seconds(limit.as_secs_f64()),
                    done.load(Ordering::SeqCst),
                ));
                std::process::exit(1);
            }
        });
        deadline
    }

    pub(super) fn run_is_done(&self) {
        self.done.fetch_add(1, Ordering::SeqCst);
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
    }
}
