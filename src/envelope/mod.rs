//! What pen and paper say: one law a file, each line with its formula, the numbers put in, and when it does not hold.
//!
//! Architecture invariant: this room never sees the engine. It works from the scenario alone.

mod amplification;
mod fluid;
mod load;
mod utilization;

pub use fluid::{Fluid, fluid};
pub use load::{Load, load_of, published};

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

/// All lines that apply, queue by queue in the file's order.
pub fn estimate(scenario: &Scenario) -> Vec<Line> {
    let mut lines = vec![];
    for queue in 0..scenario.queues.len() {
        let Some(load) = load_of(scenario, queue) else { continue };
        lines.extend(utilization::lines(scenario, &load));
        lines.extend(amplification::line(scenario, &load));
        lines.extend(fluid::lines(scenario, &load));
    }
    lines
}
