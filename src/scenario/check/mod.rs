//! From the written form to the checked scenario: names become indices, rules that span keys are held up.

mod assumptions;
mod consumer;
mod curve;
mod dependency;
mod deploy;
mod effect;
mod fault;
mod flow;
mod group;
mod loops;
mod names;
mod order;
mod partitions;
mod price;
mod producer;
mod queue;
mod receive;
mod recording;
mod redrive;
mod retry;
mod scaling;
mod scaling_policies;
mod scaling_steps;
mod shed;
mod slo;
mod source;
mod stream;
mod trace;
mod traits;
pub(super) mod uncertain;
mod upstream;
mod workflow;

use super::files::Files;
use super::problem::{Place, Problem, line_and_column};
use super::quantity::LeadIn;
use super::reader::{Placed, Reader};
use super::tree::Node;
use super::value::{Deploy, Producer, Scenario, Source, WarmupRule};
use super::written::ScenarioFile;
use crate::units::{Duration, SECOND};
use flow::Flow;
use names::Names;
use workflow::Shop;

/// What all checks share.
struct Checker<'a> {
    file: &'a ScenarioFile,
    files: &'a dyn Files,
    names: Names,
    problems: Vec<Problem>,
    /// Effective values that no key says: path and value.
    defaults: Vec<(String, String)>,
    /// Keys of recordings that are no whole numbers.
    key_names: Vec<String>,
    deploys: Vec<Deploy>,
}

impl Checker<'_> {
    fn refuse(&mut self, place: &Place, message: impl Into<String>, way_out: impl Into<String>) {
        self.problems.push(Problem::new(place, message).way_out(way_out));
    }

    /// Notes the problem, where there is one.
    fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.problems.push(problem)).ok()
    }

    fn default(&mut self, path: String, value: impl Into<String>) {
        self.defaults.push((path, value.into()));
    }

    fn duration(&self) -> Duration {
        self.file.duration.value.0
    }

    /// A disturbance or step must begin before the run ends.
    fn within_run(&mut self, what: &str, at: Duration, place: &Place) {
        if at >= self.duration() {
            let message = format!("{what} begins at {at}, but the run ends at {}", self.duration());
            self.refuse(place, message, "begin it earlier, or raise `duration`");
        }
    }
}

/// `None` where some part could not be made; then there is a problem.
pub(super) fn scenario(file: &ScenarioFile, tree: &Node, text: &str, reader: &mut Reader<'_>) -> Option<Scenario> {
    // It is taken out before: what is checked has no value but known ones.
    debug_assert!(file.uncertain.is_none());
    let mut problems = std::mem::take(&mut reader.problems);
    let names = Names::collect(tree, &mut problems);
    let mut checker =
        Checker { file, files: reader.files, names, problems, defaults: vec![], key_names: vec![], deploys: vec![] };
    let tick = checker.run_length(tree);
    let mut queues = checker.queues();
    let topics = checker.topics();
    let streams = checker.streams();
    let producers = checker.producers(&queues);
    let mut consumers = checker.consumers(&queues);
    let workflows = checker.workflows(Shop { queues: &mut queues, consumers: &mut consumers });
    let dependencies = checker.dependencies();
    let prices = checker.prices(&consumers);
    let (faults, windows) = checker.faults(&producers, &consumers);
    checker.failing_dependencies(&dependencies, &faults);
    let flow = Flow { queues: &queues, streams: &streams, consumers: &consumers, workflows: &workflows };
    checker.flows(&producers, flow);
    checker.standstill(&producers, flow, &dependencies, &faults);
    checker.keys_without_effect();
    let slos = checker.slos(&prices);
    reader.problems = checker.problems;
    if !reader.problems.is_empty() {
        return None;
    }
    let line = |place: &Place| match place {
        Place::File(span) | Place::Drawn(span) => line_and_column(text, span.start).0,
        _ => 0,
    };
    let assumptions = assumptions::collect(std::mem::take(&mut reader.values), checker.defaults, line);
    let scenario = Scenario {
        title: file.title.value.clone(),
        duration: file.duration.value.0,
        warmup: file.warmup.value.0.unwrap_or(Duration::ZERO),
        warmup_rule: match &file.warmup {
            Placed { value: LeadIn(None), .. } => WarmupRule::Detect,
            warmup if warmup.is_written() => WarmupRule::Given,
            _ => WarmupRule::Unsaid,
        },
        seed: file.seed.value.0,
        runs: file.runs.u32(),
        tick,
        slos,
        slo_runs: file.slo_runs.value.value(),
        producers,
        queues,
        topics,
        streams,
        key_names: checker.key_names,
        consumers,
        dependencies,
        workflows,
        faults,
        deploys: checker.deploys,
        windows,
        prices,
        assumptions,
        uncertain: vec![],
        unsettled: None,
    };
    let unsteady = unsteady(&scenario, &file.warmup.place);
    reader.problems.extend(unsteady);
    reader.problems.is_empty().then_some(scenario)
}

/// A warm-up that is to be found by looking needs a steady state behind it.
fn unsteady(scenario: &Scenario, place: &Place) -> Option<Problem> {
    let why = scenario.unsteady().filter(|_| scenario.warmup_rule == WarmupRule::Detect)?;
    let message = format!("`warmup` = \"auto\" is for a steady state, and here {why}");
    Some(Problem::new(place, message).way_out("give a length, such as warmup = \"5m\""))
}

impl Checker<'_> {
    /// What takes several tables to judge: where messages come from, and where they go.
    fn flows(&mut self, producers: &[Producer], flow: Flow<'_>) {
        self.keyed_queues(producers, flow);
        self.room_for_one(producers, flow);
        self.feeding(producers, flow);
        self.dead_letter_cycles(flow.queues, flow.consumers);
        self.publishing_cycles(flow);
        self.expired_requests(producers, flow);
    }

    /// Checks the lengths of the run and gives the tick.
    fn run_length(&mut self, tree: &Node) -> Duration {
        let duration = self.duration();
        if let Some(version) = &self.file.schema_version
            && version.value.0 != 1
        {
            let message =
                format!("`schema_version` = {} is newer than this version of tailback, which reads 1", version.value.0);
            self.refuse(&version.place, message, "use a newer tailback");
        }
        let warmup = &self.file.warmup;
        if let Some(lead_in) = warmup.value.0.filter(|lead_in| *lead_in >= duration) {
            let message = format!("`warmup` = {lead_in} leaves nothing of a run of {duration}");
            self.refuse(&warmup.place.clone(), message, "make it shorter than `duration`");
        }
        let nothing = |kind: &str| {
            tree.as_table().and_then(|table| table.get(kind)?.as_table()).is_none_or(|table| table.entries.is_empty())
        };
        if nothing("producer") && nothing("queue") && nothing("stream") && self.problems.is_empty() {
            self.refuse(
                &Place::Default,
                "the scenario has no producer and no queue: nothing would happen",
                "add [producer.NAME] and [queue.NAME]",
            );
        }
        match &self.file.tick {
            Some(tick) if tick.value.0 > duration => {
                let message = format!("`tick` = {} is longer than the run of {duration}", tick.value.0);
                self.refuse(&tick.place, message, "leave it out for about 600 points");
                duration
            }
            Some(tick) => tick.value.0,
            None => {
                let tick = round_tick(duration);
                self.default("tick".into(), tick.to_string());
                tick
            }
        }
    }
}

/// The round step nearest above 600 points.
fn round_tick(duration: Duration) -> Duration {
    let ideal = duration.ns() as f64 / 600.0;
    let mut best = Duration(1);
    let mut distance = f64::INFINITY;
    let scales = [1, 1_000, 1_000_000, SECOND, 60 * SECOND, 3_600 * SECOND];
    for (scale, next) in scales.iter().zip(scales.iter().skip(1).map(|next| Some(*next)).chain([None])) {
        for step in [1, 2, 5, 10, 15, 30, 60, 120, 300, 600] {
            let step = step * scale;
            let off = (step as f64 / ideal).ln().abs();
            if off < distance && next.is_none_or(|next| step < next) && step <= duration.ns() {
                (best, distance) = (Duration(step), off);
            }
        }
    }
    best
}

/// The producer's rows, where it replays a recording.
fn rows(producer: &Producer) -> Option<&[crate::arrivals::Row]> {
    match &producer.source {
        Source::Messages(rows) => Some(rows),
        _ => None,
    }
}

/// Entries of an optional list.
fn entries<T>(list: &Option<Placed<Vec<Placed<T>>>>) -> impl Iterator<Item = &Placed<T>> {
    list.iter().flat_map(|list| list.value.iter())
}
