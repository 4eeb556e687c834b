//! Dependencies: how much of their concurrency the calls ask for, and how much more where every call is tried to the last.

use super::Load;
use super::line::{Law, Line, Unit};
use crate::scenario::{Dependency, Scenario};
use crate::units::significant;

const START: Law = Law {
    id: "utilization_start",
    name: "utilization at the start",
    formula: "ρ = λ·E[S] / c",
    unit: Unit::Ratio,
    caveat: "without retries, hedges, slowdown and faults",
    headline: true,
};
const HIGHEST: Law = Law { id: "utilization_peak", name: "utilization at the highest rate", ..START };
const STORM: Law = Law {
    id: "utilization_storm",
    name: "utilization with every try made",
    caveat: "all calls fail; the consumer's own retries come on top",
    ..START
};
const LIMIT: Law = Law {
    id: "rate_limit_used",
    name: "part of the rate limit used",
    formula: "λ / limit",
    unit: Unit::Share,
    caveat: "at the highest rate, without retries",
    headline: false,
};

/// The calls of all consumers together, against one dependency with a bound on its concurrency.
pub(super) fn lines(scenario: &Scenario, loads: &[Load]) -> Vec<Line> {
    scenario.dependencies.iter().enumerate().flat_map(|(index, d)| of_one(scenario, loads, index, d)).collect()
}

fn of_one(scenario: &Scenario, loads: &[Load], index: usize, d: &Dependency) -> Vec<Line> {
    let Some(concurrency) = d.concurrency else { return vec![] };
    // Calls per second at the base and at the highest rate; and these with every try made.
    let (mut base, mut top, mut storm) = (0.0, 0.0, 0.0);
    for load in loads {
        let Some(consumer) = load.consumers.first().map(|&c| &scenario.consumers[c]) else { continue };
        let per_batch = consumer.batch.as_ref().map_or(1.0, |batch| f64::from(batch.size));
        for call in consumer.calls.iter().filter(|call| call.dependency == index) {
            let share = call.share / per_batch;
            let highest = load.rate_at(load.busiest(scenario));
            let tries = call.retry.as_ref().map_or(Some(1), |retry| retry.max_attempts);
            base += load.rate_at(0.0) * share;
            top += highest.max(load.rate_at(0.0)) * share;
            storm += load.rate_at(0.0) * share * tries.map_or(f64::INFINITY, f64::from);
        }
    }
    if base == 0.0 && top == 0.0 {
        return vec![];
    }
    let line = |law: &Law, rate: f64| {
        let product = format!("{} × {} / {concurrency}", significant(rate, 4), significant(d.service.mean(), 4));
        law.line(&d.name, product, rate * d.service.mean() / f64::from(concurrency))
    };
    let mut lines = vec![line(&START, base)];
    if top > base * 1.01 {
        lines.push(line(&HIGHEST, top));
    }
    if storm.is_finite() && storm > base {
        lines.push(line(&STORM, storm));
    }
    if let Some(limit) = d.rate_limit.filter(|limit| limit.per_second > 0.0) {
        let quotient = format!("{} / {}", significant(top, 4), significant(limit.per_second, 4));
        lines.push(LIMIT.line(&d.name, quotient, top / limit.per_second));
    }
    lines
}
