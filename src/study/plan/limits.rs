//! What else could be in the way where no value of the knob is enough: who is busy, and who has nothing to do.

use crate::scenario::{Feed, Figure, Scenario};
use crate::study::{Crew, Failure, Point, measure, over_runs};

/// A consumer or dependency, and how much of it is in use.
#[derive(Debug, Clone, PartialEq)]
pub struct Busy {
    pub name: String,
    /// Share of its slots in use, the greatest over time of a consumer and the mean of a dependency, mean over the runs.
    pub utilization: f64,
    /// Members and partitions, of a group with more of the former: the rest has nothing to do.
    pub idle: Option<(u32, u32)>,
}

/// Runs enough to see who is busy.
const RUNS: u32 = 4;

pub(super) fn busy(scenario: &Scenario, crew: &Crew) -> Result<Vec<Busy>, Failure> {
    let names = scenario.consumers.iter().map(|consumer| format!("{}.utilization.mean", consumer.name));
    let calls = scenario.dependencies.iter().map(|dependency| format!("{}.utilization", dependency.name));
    let figures: Vec<Figure> = names.chain(calls).filter_map(|text| scenario.figure(&text).ok()).collect();
    let point = Point { scenario, runs: 0..RUNS.min(scenario.runs.max(1)), figures: &figures };
    let runs = measure(&[point], crew, &|| {})?.remove(0);
    let mut busy: Vec<Busy> = figures
        .iter()
        .enumerate()
        .filter_map(|(index, figure)| {
            let seen: Vec<_> = runs.iter().map(|run| &run.seen[index]).collect();
            let utilization = over_runs(figure, &seen).value?;
            Some(Busy { name: figure.component.clone(), utilization, idle: idle(scenario, &figure.component) })
        })
        .collect();
    busy.sort_by(|a, b| b.utilization.total_cmp(&a.utilization));
    Ok(busy)
}

/// Members of a group beyond its partitions.
fn idle(scenario: &Scenario, name: &str) -> Option<(u32, u32)> {
    let consumer = scenario.consumers.iter().find(|consumer| consumer.name == name)?;
    let Feed::Stream(stream) = consumer.from else { return None };
    let (members, partitions) = (consumer.replicas, scenario.streams[stream].partitions);
    (members > partitions).then_some((members, partitions))
}
