//! Utilization: how much of the consumers' time the arrivals ask for. Above 1 the backlog grows without end.

use super::line::{Law, Line, Unit};
use super::{Load, fluid::Fluid};
use crate::scenario::Scenario;
use crate::units::{grouped, significant};

const START: Law = Law {
    id: "utilization_start",
    name: "utilization at the start",
    formula: "ρ = λ·E[S] / c",
    unit: Unit::Ratio,
    caveat: "without duplicates and faults; full batches where there are batches",
    headline: true,
};
const HIGHEST: Law = Law { id: "utilization_peak", name: "utilization at the highest rate", ..START };
const RUN: Law = Law {
    id: "utilization_run",
    name: "utilization over the run",
    formula: "ρ = done·E[S] / ∫ c dt",
    unit: Unit::Ratio,
    caveat: "after warm-up; a fluid: backlog is worked off as far as the run lasts",
    headline: false,
};

pub(super) fn lines(scenario: &Scenario, load: &Load, fluid: &Fluid) -> Vec<Line> {
    let component = &load.component;
    let work = if load.work_s.is_finite() { load.work_s } else { load.service_s };
    let line = |law: &Law, t: f64| {
        let (rate, slots) = (load.rate_at(t), load.allowed_slots_at(scenario, t));
        let product = format!("{} × {} / {}", significant(rate, 4), significant(work, 4), significant(slots, 6));
        if slots == 0.0 {
            return law.said(component, product, "no consumer");
        }
        law.line(component, product, rate * work / slots)
    };
    let scaled = load.consumers.iter().any(|&c| scenario.consumers[c].scaling.is_some());
    let busiest = load.busiest(scenario);
    let mut lines = vec![line(&START, 0.0)];
    if load.rate_at(busiest) > load.rate_at(0.0) * 1.01 {
        let highest = line(&HIGHEST, busiest.max(1e-9));
        lines.push(highest.but(if scaled { "with all the replicas that the autoscaler may have at work" } else { "" }));
    }
    if fluid.slot_seconds > 0.0 && load.work_s.is_finite() {
        let sum = format!(
            "{} × {} / {}",
            grouped(fluid.done, 0),
            significant(load.work_s, 4),
            grouped(fluid.slot_seconds, 0)
        );
        let run = RUN.line(component, sum, fluid.done * load.work_s / fluid.slot_seconds);
        // At a level rate it is the same again.
        let news = lines[0].value.zip(run.value).is_none_or(|(start, run)| (run - start).abs() > 0.005 * start);
        lines.extend(news.then_some(run));
    }
    if load.work_s > load.service_s {
        let retries = "E[S] is a message's over all its attempts";
        lines = lines.into_iter().map(|line| line.but(retries)).collect();
    }
    lines
}
