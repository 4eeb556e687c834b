//! What pen and paper say: one law a file, each line with its formula, the numbers put in, and when it does not hold.
//!
//! Architecture invariant: this room never sees the engine. It works from the scenario alone.

mod amplification;
mod bounded;
mod buffers;
mod bulk;
mod bunches;
mod capacity;
mod cost;
mod dependency;
mod erlang;
mod fluid;
mod general;
mod hottest;
mod inflow;
mod lease;
mod limits;
mod line;
mod load;
mod partitions;
mod renewal;
mod retries;
mod scaled;
mod spike;
mod staffing;
mod station;
mod storage;
mod storm;
mod unlimited;
mod utilization;
mod volume;
mod waiting;
mod workflow;

pub use bulk::bulk_service;
pub use erlang::{Mmc, erlang_b, erlang_c, fewest};
pub use fluid::{Fluid, fluid};
pub use lease::Leases;
pub use line::{Line, Unit};
pub use load::{Load, load_of, load_of_group, published};
pub use retries::{Attempts, backoff_mean_s, delay_s, to_the_last_s};
pub use unlimited::in_work_at;
pub use volume::Users;

use crate::scenario::Scenario;

/// What is asked beside what the scenario says.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// For which replicas are counted; above 0, at most 1.
    pub target_utilization: f64,
    /// Within which the highest backlog shall be gone, seconds.
    pub drain_in_s: Option<f64>,
    pub users: Option<Users>,
    /// The time of one message's work is known, not only how many are finished a second.
    pub service_known: bool,
}

impl Default for Question {
    fn default() -> Question {
        Question { target_utilization: 0.7, drain_in_s: None, users: None, service_known: true }
    }
}

/// The lines that belong on a report, in the order of `check`.
pub fn estimate(scenario: &Scenario) -> Vec<Line> {
    let mut lines = check(scenario, &Question::default());
    lines.retain(|line| line.headline);
    lines
}

/// All lines that apply, queue by queue, group by group, stream by stream, dependency by dependency, in the file's order.
pub fn check(scenario: &Scenario, question: &Question) -> Vec<Line> {
    let mut lines = vec![];
    let queues = (0..scenario.queues.len()).filter_map(|queue| load_of(scenario, queue));
    let groups = (0..scenario.consumers.len()).filter_map(|consumer| load_of_group(scenario, consumer));
    let loads: Vec<Load> = queues.chain(groups).collect();
    if let Some(users) = &question.users {
        let component = scenario.producers.first().map_or("", |producer| producer.name.as_str());
        lines.extend(volume::lines(users, component));
    }
    let courses: Vec<Fluid> = loads.iter().map(|load| fluid(scenario, load)).collect();
    for (load, course) in loads.iter().zip(&courses) {
        lines.extend(of_one(scenario, load, course, question));
    }
    (0..scenario.streams.len()).for_each(|stream| lines.extend(storage::of_stream(scenario, stream)));
    lines.extend(dependency::lines(scenario, &loads));
    lines.extend(cost::lines(scenario, &loads.iter().zip(&courses).collect::<Vec<_>>()));
    lines
}

fn of_one(scenario: &Scenario, load: &Load, course: &Fluid, question: &Question) -> Vec<Line> {
    let mut lines = utilization::lines(scenario, load, course);
    lines.extend(staffing::lines(scenario, load, course, question));
    lines.extend(partitions::lines(scenario, load));
    let hottest = hottest::lines(scenario, load);
    let busiest = hottest.iter().find(|line| line.law == "utilization_hottest").and_then(|line| line.value);
    lines.extend(hottest);
    if question.service_known {
        lines.extend(waiting::lines(scenario, load, busiest));
        lines.extend(bulk::lines(scenario, load));
        lines.extend(unlimited::line(scenario, load));
    }
    lines.extend(buffers::lines(scenario, load));
    lines.extend(amplification::lines(scenario, load));
    lines.extend(storm::lines(scenario, load));
    lines.extend(lease::lines(scenario, load));
    lines.extend(spike::lines(scenario, load, course));
    lines.extend(limits::lines(scenario, load, course));
    lines.extend(storage::of_queue(scenario, load, course));
    lines
}
