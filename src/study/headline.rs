//! Which figures a study looks at where nobody says.

use crate::model::Model;
use crate::scenario::{Figure, Scenario};

/// Of every queue and group that somebody works off.
const OF_A_QUEUE: [&str; 8] = [
    "recovery_time",
    "peak_backlog",
    "oldest_age.max",
    "latency.p99",
    "dead_lettered",
    "expired",
    "dropped",
    "duplicates",
];

/// The figures of the file's objectives, then the headline figures of every queue and group that is worked
/// off, and the cost where something has a price.
pub fn headline(scenario: &Scenario, model: &Model) -> Vec<Figure> {
    let mut figures: Vec<Figure> = vec![];
    let asked = scenario.slos.iter().map(|slo| slo.figure.clone());
    let usual = worked_off(model).flat_map(|name| {
        let named = OF_A_QUEUE.iter().filter(|metric| **metric != "recovery_time" || !model.disturbances.is_empty());
        named.filter_map(move |metric| scenario.figure(&format!("{name}.{metric}")).ok())
    });
    let cost = scenario.figure("cost").ok();
    for figure in asked.chain(usual).chain(cost) {
        if !figures.contains(&figure) {
            figures.push(figure);
        }
    }
    figures
}

/// The one figure that a chart shows where nobody says which: the first objective's, else the recovery time of the
/// first queue or group, else, without a disturbance, the 99th percentile of its latency. `None` where nothing is
/// worked off.
pub fn main_figure(scenario: &Scenario, model: &Model) -> Option<Figure> {
    if let Some(slo) = scenario.slos.first() {
        return Some(slo.figure.clone());
    }
    let name = worked_off(model).next()?;
    let metric = if model.disturbances.is_empty() { "latency.p99" } else { "recovery_time" };
    scenario.figure(&format!("{name}.{metric}")).ok()
}

fn worked_off(model: &Model) -> impl Iterator<Item = &str> {
    let is_read = |index: &usize| model.consumers.iter().any(|consumer| consumer.queue == *index);
    (0..model.queues.len()).filter(is_read).map(|index| model.queues[index].name.as_str())
}
