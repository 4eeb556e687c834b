//! What pen and paper say: one law a file, each line with its formula, the numbers put in, and when it does not hold.
//!
//! Architecture invariant: this room never sees the engine. It works from the scenario alone.

mod amplification;
mod dependency;
mod fluid;
mod hottest;
mod load;
mod utilization;
mod workflow;

pub use fluid::{Fluid, fluid};
pub use load::{Load, load_of, load_of_group, published};

use crate::scenario::Scenario;

/// One estimate.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub component: String,
    /// `utilization at the base rate`.
    pub name: String,
    /// `ρ = λ·E[S] / c`.
    pub formula: &'static str,
    /// The numbers put in: `800 × 0.045 / 80`.
    pub arithmetic: String,
    /// With its unit, ready to print: `0.45`, `14m 12s`.
    pub result: String,
    /// When it does not hold.
    pub caveat: &'static str,
}

/// All lines that apply, queue by queue, then group by group, then dependency by dependency, in the file's order.
pub fn estimate(scenario: &Scenario) -> Vec<Line> {
    let mut lines = vec![];
    let queues = (0..scenario.queues.len()).filter_map(|queue| load_of(scenario, queue));
    let groups = (0..scenario.consumers.len()).filter_map(|consumer| load_of_group(scenario, consumer));
    let loads: Vec<Load> = queues.chain(groups).collect();
    for load in &loads {
        lines.extend(utilization::lines(scenario, load));
        lines.extend(hottest::line(scenario, load));
        lines.extend(amplification::line(scenario, load));
        lines.extend(fluid::lines(scenario, load));
    }
    lines.extend(dependency::lines(scenario, &loads));
    lines
}
