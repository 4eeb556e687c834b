//! Servers: how many it takes at a rate, at a target utilization, and to be rid of a backlog in time.

use super::line::{Law, Line, Unit, rounded_up, whole};
use super::{Load, Question, fluid::Fluid};
use crate::scenario::Scenario;
use crate::units::significant;

const AT_FULL: Law = Law {
    id: "replicas_full",
    name: "replicas at 100 %",
    formula: "⌈λ·E[S] / concurrency⌉",
    unit: Unit::Replicas,
    caveat: "the least that can keep up on average; at exactly 100 % any randomness piles up without end",
    headline: false,
};
const AT_TARGET: Law = Law {
    id: "replicas_target",
    name: "replicas",
    formula: "⌈λ·E[S] / (target · concurrency)⌉",
    unit: Unit::Replicas,
    caveat: "",
    headline: false,
};
const DRAIN: Law = Law {
    id: "replicas_drain",
    name: "replicas to drain",
    formula: "⌈(backlog/T + λ)·E[S] / concurrency⌉",
    unit: Unit::Replicas,
    caveat: "from the moment they serve; a fluid",
    headline: false,
};

pub(super) fn lines(scenario: &Scenario, load: &Load, fluid: &Fluid, question: &Question) -> Vec<Line> {
    let Some(&index) = load.consumers.first() else { return vec![] };
    let concurrency = f64::from(scenario.consumers[index].concurrency);
    if !load.work_s.is_finite() {
        return vec![];
    }
    let component = &load.component;
    let each = if concurrency == 1.0 { String::new() } else { format!(" / {concurrency}") };
    let mut lines = vec![];
    let busiest = load.busiest(scenario);
    let rates = [(load.rate_at(0.0), "at the start"), (load.rate_at(busiest), "at the highest rate")];
    let several = rates[1].0 > rates[0].0 * 1.01;
    for (place, &(rate, when)) in rates.iter().enumerate().filter(|(place, _)| *place == 0 || several) {
        if rate <= 0.0 {
            continue;
        }
        let exact = rate * load.work_s / concurrency;
        let product = format!("{} × {}{each}", significant(rate, 4), significant(load.work_s, 4));
        let mut full = AT_FULL.line(component, product.clone(), whole(exact)).reads(rounded_up(exact));
        let target = exact / question.target_utilization;
        let share = Unit::Share.text(question.target_utilization);
        let with = format!("{product} / {}", significant(question.target_utilization, 4));
        let mut sized = AT_TARGET.line(component, with, whole(target)).reads(rounded_up(target));
        (full.name, sized.name) = (format!("{} {when}", full.name), format!("{} at {share} {when}", sized.name));
        if place == 1 {
            (full.law, sized.law) = ("replicas_full_peak", "replicas_target_peak");
        }
        lines.push(full);
        if question.target_utilization < 1.0 {
            lines.push(sized);
        }
    }
    if let Some(within) = question.drain_in_s.filter(|within| *within > 0.0) {
        lines.extend(drain(load, fluid, within, concurrency));
    }
    lines
}

/// (backlog/T + λ)·E\[S\], with λ right after the peak.
fn drain(load: &Load, fluid: &Fluid, within: f64, concurrency: f64) -> Option<Line> {
    if fluid.peak < 1.0 {
        return None;
    }
    let rate = fluid.after_peak.0;
    let exact = (fluid.peak / within + rate) * load.work_s / concurrency;
    let sum = format!(
        "({} / {} + {}) × {}{}",
        super::line::count(fluid.peak),
        significant(within, 6),
        significant(rate, 4),
        significant(load.work_s, 4),
        if concurrency == 1.0 { String::new() } else { format!(" / {concurrency}") }
    );
    let line = DRAIN.line(&load.component, sum, whole(exact)).reads(rounded_up(exact));
    Some(Line { name: format!("replicas to drain the peak within {}", super::line::clock(within)), ..line })
}
