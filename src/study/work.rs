//! Simulating the runs of a scenario: so many, until they are enough, or once more.

use super::precision::{self, Precision, PrecisionFindings};
use super::{Crew, Engine, Failure, Seen, Simulator, memory, transient, uncertain};
use crate::observe::Observations;
use crate::scenario::{Figure, Origin, Scenario, WarmupRule};
use crate::units::Duration;

/// Those who simulate, and what they are given.
pub(super) struct Work<'a> {
    pub(super) crew: &'a Crew,
    pub(super) engine: Engine,
    /// Bytes that the machine can give.
    pub(super) memory: Option<u64>,
    /// Hears of each finished run.
    pub(super) progress: &'a (dyn Fn(u32) + Sync),
}

impl Work<'_> {
    /// Brings the runs up to the scenario's number.
    pub(super) fn simulate(
        &self,
        scenario: &Scenario,
        simulator: &Simulator,
        runs: &mut Vec<Observations>,
    ) -> Result<(), Failure> {
        memory::check(scenario, simulator, self.crew.at_once() as u64, self.memory)?;
        let numbers: Vec<u32> = (runs.len() as u32..scenario.runs).collect();
        runs.extend(self.crew.map(&numbers, |&run| {
            let (_, seen) = simulator.run(run)?;
            (self.progress)(run);
            Ok::<Observations, Failure>(seen)
        })?);
        Ok(())
    }

    /// Where the warm-up is to be found, or where a steady state's mean is to be known precisely and nothing is said of it:
    /// finds it from runs without one and puts it into the scenario. Gives those that stand, because nothing is left out,
    /// and a note.
    pub(super) fn lead_in(
        &self,
        scenario: &mut Scenario,
        precise: bool,
    ) -> Result<(Vec<Observations>, Option<String>), Failure> {
        let unsaid = scenario.warmup_rule == WarmupRule::Unsaid && precise && scenario.unsteady().is_none();
        if scenario.warmup_rule != WarmupRule::Detect && !unsaid {
            return Ok((vec![], None));
        }
        let simulator = Simulator::new(scenario, self.engine)?;
        let mut runs = vec![];
        self.simulate(scenario, &simulator, &mut runs)?;
        let detected = transient::detect(simulator.models().base(), &runs);
        let note = transient::left_out(scenario, &detected, runs.len() as u32);
        Ok((if scenario.warmup == Duration::ZERO { runs } else { vec![] }, Some(note)))
    }

    /// Where the warm-up of any variant is to be found: finds it for each, and gives all of those the longest, so that what
    /// is compared is over the same time. A note, where anything was looked for.
    pub(super) fn common_lead_in(&self, variants: &mut [Scenario]) -> Result<Option<String>, Failure> {
        let asks = |variant: &Scenario| variant.warmup_rule == WarmupRule::Detect;
        let (mut longest, mut note) = (Duration::ZERO, None);
        for variant in variants.iter().filter(|variant| asks(variant)) {
            let mut tried = variant.clone();
            let (_, said) = self.lead_in(&mut tried, false)?;
            if note.is_none() || tried.warmup > longest {
                (longest, note) = (tried.warmup, said);
            }
        }
        for variant in variants.iter_mut().filter(|variant| asks(variant)) {
            (variant.warmup, variant.warmup_rule) = (longest, WarmupRule::Given);
        }
        Ok(note)
    }

    /// Adds runs until the figures are known as asked; the scenario's number of runs grows with them.
    pub(super) fn until_precise(
        &self,
        scenario: &mut Scenario,
        simulator: &Simulator,
        asked: Precision,
        runs: &mut Vec<Observations>,
    ) -> Result<PrecisionFindings, Failure> {
        let figures = precision::figures(scenario, simulator.models().base());
        let mut seen: Vec<Vec<Seen>> = vec![];
        loop {
            for (run, observed) in runs.iter().enumerate().skip(seen.len()) {
                let model = simulator.models().at(run as u32)?;
                seen.push(figures.iter().map(|figure| Seen::of(&model, observed, figure)).collect());
            }
            let now = precision::judge(asked, &figures, &seen);
            // One run says nothing of how far apart runs are.
            if (now.reached && seen.len() > 1) || scenario.runs >= asked.most {
                return Ok(now);
            }
            scenario.runs = precision::next(scenario.runs, asked, &now);
            scenario.say("runs", &scenario.runs.to_string(), Origin::Argument);
            self.simulate(scenario, simulator, runs)?;
        }
    }

    /// What other chance makes of the same draws.
    pub(super) fn again(
        &self,
        simulator: &Simulator,
        figures: &[Figure],
        numbers: &[u32],
    ) -> Result<Vec<Vec<Seen>>, Failure> {
        self.crew.map(numbers, |&run| {
            let model = simulator.models().at(run)?;
            let seen = simulator.simulate(&model, run | uncertain::AGAIN)?;
            (self.progress)(run);
            Ok(figures.iter().map(|figure| Seen::of(&model, &seen, figure)).collect())
        })
    }
}
