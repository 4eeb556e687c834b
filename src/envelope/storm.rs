//! Retry storms: the load when every try is made, and the rates at which a calm state and a storm are both stable.
//!
//! Below c/(n·E\[S\]) even a storm is worked off. From there up to c/(A·E\[S\]) the system copes while it is calm, but once
//! everything fails in time, the copies alone keep it overloaded (Bronson et al., "Metastable Failures in Distributed
//! Systems", HotOS 2021).

use super::Load;
use super::line::{Law, Line, Unit};
use crate::scenario::{RetryPlace, Scenario, Target};
use crate::units::significant;

const STORM: Law = Law {
    id: "utilization_storm",
    name: "utilization with every try made",
    formula: "ρ = λ·n·E[S] / c",
    unit: Unit::Ratio,
    caveat: "all attempts fail; two states: calm, and a storm that feeds itself because its copies alone are too many",
    headline: true,
};
const SAFE: Law = Law {
    id: "storm_safe_rate",
    name: "rate up to which a storm dies down",
    formula: "c / (n·E[S])",
    unit: Unit::PerSecond,
    caveat: "every try takes a slot for a whole service",
    headline: false,
};

pub(super) fn lines(scenario: &Scenario, load: &Load) -> Vec<Line> {
    let (tries, words) = tries(scenario, load);
    let Some(tries) = tries else {
        return vec![STORM.said(&load.component, format!("n = ∞ ({words})"), "without end")];
    };
    let (rate, slots) = (load.rate_at(0.0), load.slots_at(scenario, 0.0));
    if tries <= 1.0 || rate <= 0.0 || slots <= 0.0 {
        return vec![];
    }
    let storm = rate * tries * load.service_s / slots;
    let put_in =
        format!("{} × {words} × {} / {}", significant(rate, 4), significant(load.service_s, 4), significant(slots, 6));
    let (safe, most) = (slots / (tries * load.service_s), slots / load.work_s);
    let region = match rate {
        rate if rate <= safe => "a storm dies down",
        rate if rate < most => "two states",
        _ => "overloaded",
    };
    let span = format!("two states between {} and {}", Unit::PerSecond.text(safe), Unit::PerSecond.text(most));
    vec![
        STORM.line(&load.component, put_in, storm).reads(format!("{}: {region}", significant(storm, 3))),
        SAFE.line(
            &load.component,
            format!("{} / ({words} × {})", significant(slots, 6), significant(load.service_s, 4)),
            safe,
        )
        .but(&span),
    ]
}

/// Attempts that one request may lead to in all, by its publisher's copies and the consumer's attempts; `None`: no limit.
fn tries(scenario: &Scenario, load: &Load) -> (Option<f64>, String) {
    let copies = scenario
        .producers
        .iter()
        .filter(|producer| producer.to.iter().any(|target| is_target(*target, load)))
        .filter_map(|producer| producer.reply.as_ref()?.retry.as_ref())
        .map(|retry| retry.max_attempts)
        .reduce(|a, b| a.zip(b).map(|(a, b)| a.max(b)));
    let consumer = load.consumers.first().and_then(|&c| scenario.consumers[c].retry.as_ref());
    let fails = load.attempts.any() || consumer.is_some();
    let own = if fails { load.attempts.limit } else { Some(1) };
    let place = consumer.map_or("", |retry| match retry.place {
        RetryPlace::Queue => " attempts",
        RetryPlace::Process => " attempts in the process",
    });
    match (copies, own) {
        (Some(None), _) => (None, "publishers without a limit".into()),
        (None, None) if !load.attempts.any() => (Some(1.0), String::new()),
        (_, None) => (None, format!("no limit of{}", if place.is_empty() { " attempts" } else { place })),
        (None, Some(n)) => (Some(f64::from(n)), n.to_string()),
        (Some(Some(copies)), Some(1)) => (Some(f64::from(copies)), copies.to_string()),
        (Some(Some(copies)), Some(n)) => (Some(f64::from(copies) * f64::from(n)), format!("{copies} × {n}")),
    }
}

fn is_target(target: Target, load: &Load) -> bool {
    match target {
        Target::Queue(queue) => load.feed.queue() == Some(queue),
        _ => false,
    }
}
