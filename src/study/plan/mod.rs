//! The smallest value of a knob with which all objectives hold, with confidence.
//!
//! Every value sees the same arrivals and draws (common random numbers), run by run. A value is looked at with the
//! scenario's number of runs; where that does not tell, with about four and sixteen times as many. The probability of
//! a wrong yes over all looks at one value is at most one less the confidence: each look gets an equal part of it.

mod candidate;
mod evidence;
mod limits;

pub use candidate::{CandidateFindings, SloAt};
pub use evidence::runs_to_show;
pub use limits::Busy;

use crate::scenario::{Figure, Scenario};
use crate::study::halt::roomy;
use crate::study::search::{self, Belief, Effort, Oracle};
use crate::study::{Crew, Halt, KnobValue, Point, Watch, measure};
use candidate::Candidate;
use evidence::Errors;
use std::collections::BTreeMap;

/// What is searched, and how sure it is to be.
#[derive(Debug, Clone)]
pub struct PlanOptions {
    /// Ascending.
    pub values: Vec<KnobValue>,
    /// Index among `values` to begin at; `None`: at the far end.
    pub start: Option<usize>,
    /// The largest value that holds, rather than the smallest.
    pub largest: bool,
    /// 0 … 1, exclusive.
    pub confidence: f64,
    /// Runs of a value at the last look.
    pub max_runs: u32,
    /// What to show beside the objectives' own figures.
    pub figures: Vec<Figure>,
    /// Whether the ends of the range were asked for, so that they are worth looking at.
    pub show_ends: bool,
    /// Bytes that the machine can give; `None` where nobody knows.
    pub memory: Option<u64>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PlanFindings {
    pub largest: bool,
    pub confidence: f64,
    /// Runs of a value at each look.
    pub looks: Vec<u32>,
    /// How many values were there to choose from, the first and the last of them.
    pub range: (usize, KnobValue, KnobValue),
    /// Share of runs in which an objective on one number a run must hold.
    pub slo_runs: f64,
    /// The objectives' figures, then those to show beside them.
    pub figures: Vec<Figure>,
    /// The bound of each objective, in the order of the candidates' `slos`.
    pub bounds: Vec<f64>,
    /// Ascending by value.
    pub candidates: Vec<CandidateFindings>,
    /// Indices into `candidates`, from here on.
    pub answer: Option<usize>,
    /// The nearest value short of the answer that is sure to fail.
    pub fails: Option<usize>,
    /// Short of the answer, and it could not be told within `max_runs`.
    pub undecided: Vec<usize>,
    /// Beyond the answer, and sure to fail: the objectives are not monotone in the knob.
    pub fails_beyond: Vec<usize>,
    /// Consumers and dependencies at the far end of the range where nothing holds, the busiest first.
    pub busy: Vec<Busy>,
}

/// Searches. `variant` makes the scenario of a value.
///
/// # Errors
/// What `variant` says of a value, or that a run could not be made.
pub fn plan<E>(
    options: &PlanOptions,
    variant: &dyn Fn(&KnobValue) -> Result<Scenario, E>,
    crew: &Crew,
    watch: &Watch<'_>,
) -> Result<PlanFindings, Halt<E>> {
    let mut values = options.values.clone();
    if options.largest {
        values.reverse();
    }
    let first = variant(&values[0]).map_err(Halt::Variant)?;
    let looks = looks(&first, options);
    let mut figures: Vec<Figure> = first.slos.iter().map(|slo| slo.figure.clone()).collect();
    figures.extend(options.figures.iter().cloned());
    let count = values.len();
    let start = options.start.map(|start| if options.largest { count - 1 - start } else { start });
    let error = (1.0 - options.confidence) / looks.len() as f64;
    let mut bench = Bench {
        values,
        looks,
        errors: Errors { yes: error, no: error },
        figures,
        variant,
        crew,
        watch,
        candidates: BTreeMap::new(),
        memory: options.memory,
    };
    let numbers: Vec<f64> = bench.values.iter().map(|value| value.number.unwrap_or(f64::NAN)).collect();
    let found = search::smallest(count, start, |answer| around(&numbers, answer, options.show_ends), &mut bench)?;
    let busy = match found.answer {
        Some(_) => vec![],
        None => {
            let last = &bench.candidates[found.known.last_key_value().map_or(&0, |(index, _)| index)];
            limits::busy(&last.scenario, crew)?
        }
    };
    Ok(findings(options, &bench, &found, first.slo_runs, busy))
}

/// Runs at each look. The second is enough to show a share of runs where all of them hold.
fn looks(scenario: &Scenario, options: &PlanOptions) -> Vec<u32> {
    const LOOKS: f64 = 3.0;
    let first = scenario.runs.max(1);
    let by_runs = scenario.slos.iter().any(|slo| !slo.figure.pooled);
    let shown = runs_to_show(scenario.slo_runs, (1.0 - options.confidence) / LOOKS);
    let second = first.saturating_mul(4).max(if by_runs { shown } else { 0 });
    let mut looks: Vec<u32> =
        [first, second, second.saturating_mul(4)].iter().map(|runs| *runs.min(&options.max_runs)).collect();
    looks.dedup();
    looks
}

/// Values worth a look once the answer is known: for the picture, and to see whether the search was right to take the
/// objectives for monotone.
fn around(numbers: &[f64], answer: usize, ends: bool) -> Vec<usize> {
    let at = numbers[answer];
    let mut wanted: Vec<usize> = [0.5, 0.75, 0.9, 0.95, 1.05, 1.15, 1.3, 1.5, 2.0]
        .iter()
        .filter_map(|factor| {
            let distance = |index: &usize| (numbers[*index] - at * factor).abs();
            let nearest = (0..numbers.len()).min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
            // Beyond the range the nearest is its end, which is asked for or not.
            let inside = nearest > 0 && nearest + 1 < numbers.len();
            inside.then_some(nearest)
        })
        .collect();
    wanted.push((answer + 1).min(numbers.len() - 1));
    if ends {
        wanted.extend([0, numbers.len() - 1]);
    }
    wanted.sort_unstable();
    wanted.dedup();
    wanted
}

/// Candidates, and what it takes to look at them.
struct Bench<'a, E> {
    values: Vec<KnobValue>,
    looks: Vec<u32>,
    errors: Errors,
    figures: Vec<Figure>,
    variant: &'a dyn Fn(&KnobValue) -> Result<Scenario, E>,
    crew: &'a Crew,
    watch: &'a Watch<'a>,
    candidates: BTreeMap<usize, Candidate>,
    memory: Option<u64>,
}

impl<E> Bench<'_, E> {
    /// Makes the runs of the next look, and judges.
    fn look(&self, candidate: &mut Candidate) -> Result<(), Halt<E>> {
        let runs = self.looks[candidate.looks];
        (self.watch.looking)(&candidate.value, runs);
        let point =
            Point { scenario: &candidate.scenario, runs: candidate.runs.len() as u32..runs, figures: &self.figures };
        let more = measure(&[point], self.crew, self.watch.ran)?;
        candidate.runs.extend(more.into_iter().flatten());
        candidate.looks += 1;
        candidate.judge(self.errors);
        Ok(())
    }
}

impl<E> Oracle for Bench<'_, E> {
    type Error = Halt<E>;

    fn ask(&mut self, index: usize, effort: Effort) -> Result<Belief, Halt<E>> {
        let mut candidate = match self.candidates.remove(&index) {
            Some(candidate) => candidate,
            None => {
                let value = self.values[index].clone();
                let scenario = (self.variant)(&value).map_err(Halt::Variant)?;
                roomy(&scenario, self.crew, self.memory)?;
                Candidate::new(value, scenario)
            }
        };
        let most = if effort == Effort::Glance { 1 } else { self.looks.len() };
        while candidate.looks < most && matches!(candidate.belief, Belief::Undecided { .. }) {
            self.look(&mut candidate)?;
        }
        let belief = candidate.belief;
        self.candidates.insert(index, candidate);
        Ok(belief)
    }
}

fn findings<E>(
    options: &PlanOptions,
    bench: &Bench<'_, E>,
    found: &search::Found,
    slo_runs: f64,
    busy: Vec<Busy>,
) -> PlanFindings {
    let mut order: Vec<usize> = bench.candidates.keys().copied().collect();
    if options.largest {
        order.reverse();
    }
    let place = |index: usize| order.iter().position(|other| *other == index).unwrap_or(0);
    let all = &options.values;
    let slos = bench.candidates.values().next().map(|one| one.scenario.slos.as_slice()).unwrap_or_default();
    PlanFindings {
        largest: options.largest,
        confidence: options.confidence,
        looks: bench.looks.clone(),
        range: (all.len(), all[0].clone(), all[all.len() - 1].clone()),
        slo_runs,
        figures: bench.figures.clone(),
        bounds: slos.iter().map(|slo| slo.value).collect(),
        candidates: order.iter().map(|index| bench.candidates[index].findings(&bench.figures)).collect(),
        answer: found.answer.map(place),
        fails: found.fails_below().map(place),
        undecided: found.undecided_below().into_iter().filter(|_| found.answer.is_some()).map(place).collect(),
        fails_beyond: found.fails_above().into_iter().map(place).collect(),
        busy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Files;

    fn looks_at(slo: &str, runs: u32, max_runs: u32) -> Vec<u32> {
        let text = format!(
            "duration = \"1m\"\nruns = {runs}\nslo = [\"{slo}\"]\n[producer.p]\nto = \"q\"\nrate = \"1/s\"\n[queue.q]\n\
             [consumer.c]\nfrom = \"q\"\nservice = \"1ms\"\n"
        );
        let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let scenario = Scenario::parse(&text, &files as &dyn Files).unwrap_or_else(|why| panic!("{why:?}"));
        let options = PlanOptions {
            values: vec![],
            start: None,
            largest: false,
            confidence: 0.95,
            max_runs,
            figures: vec![],
            show_ends: false,
            memory: None,
        };
        looks(&scenario, &options)
    }

    #[test]
    fn the_second_look_can_tell() {
        // A third of 5 % at a look: 0.95⁸⁰ = 0.0165 < 0.0167 < 0.95⁷⁹.
        assert_eq!(looks_at("q.dropped == 0", 20, u32::MAX), [20, 80, 320]);
        assert_eq!(looks_at("q.dropped == 0", 4, u32::MAX), [4, 80, 320]);
        assert_eq!(looks_at("q.wait.p99 < 1s", 4, u32::MAX), [4, 16, 64]);
        assert_eq!(looks_at("q.wait.p99 < 1s", 4, 10), [4, 10]);
        assert_eq!(looks_at("q.wait.p99 < 1s", 4, 2), [2]);
    }

    #[test]
    fn values_around_the_answer_are_looked_at() {
        let numbers: Vec<f64> = (1..=1_000).map(f64::from).collect();
        let wanted: Vec<f64> = around(&numbers, 99, false).into_iter().map(|index| numbers[index]).collect();
        assert_eq!(wanted, [50.0, 75.0, 90.0, 95.0, 101.0, 105.0, 115.0, 130.0, 150.0, 200.0]);
        let few: Vec<f64> = vec![1.0, 2.0, 3.0];
        assert_eq!(around(&few, 1, true), [0, 1, 2]);
    }
}
