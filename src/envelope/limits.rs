//! Bounds: when a capacity, a time to live or a retention is met, and how much of the broker's quotas is used.

use super::line::{Law, Line, Unit, clock, count};
use super::storage::size_of;
use super::{Load, capacity, fluid, fluid::Fluid};
use crate::scenario::{Feed, Scenario};
use crate::units::{grouped, significant};

const FULL: Law = Law {
    id: "full_at",
    name: "full after",
    formula: "room / (λ − c/E[S])",
    unit: Unit::Seconds,
    caveat: "a fluid, from the start of the run; room is the capacity and the slots",
    headline: true,
};
const LOST: Law = Law {
    id: "refused",
    name: "messages that find no room",
    formula: "∫ (λ − c/E[S]) dt while full",
    unit: Unit::Messages,
    caveat: "a fluid; what becomes of them is the queue's `overflow` and the publisher's `on_reject`",
    headline: true,
};
const AGED: Law = Law {
    id: "aged_at",
    name: "oldest message as old as allowed after",
    formula: "age = backlog / (c/E[S])",
    unit: Unit::Seconds,
    caveat: "a fluid, from the start of the run; from then on messages are lost",
    headline: true,
};
const MARGIN: Law = Law {
    id: "age_margin",
    name: "part of the allowed age used",
    formula: "oldest / allowed",
    unit: Unit::Share,
    caveat: "a fluid; a message that is retried is older",
    headline: false,
};
const FILLS: Law = Law {
    id: "fills_in",
    name: "an outage fills it in",
    formula: "capacity / λ",
    unit: Unit::Seconds,
    caveat: "nothing is consumed, at the rate of the start",
    headline: false,
};
const QUOTA: Law = Law {
    id: "quota_used",
    name: "",
    formula: "asked / allowed",
    unit: Unit::Share,
    caveat: "at the highest rate",
    headline: false,
};

pub(super) fn lines(scenario: &Scenario, load: &Load, course: &Fluid) -> Vec<Line> {
    let component = &load.component;
    let mut lines = vec![];
    if let Some(capacity) = load.capacity(scenario) {
        let slots = load.slots_at(scenario, 0.0);
        if let Some(at) = course.full_at_s {
            let room = format!("room {} + {}", grouped(capacity as f64, 0), significant(slots, 6));
            lines.push(FULL.line(component, room, at));
            lines.push(LOST.line(component, format!("full from {}", clock(at)), course.refused));
        }
        let rate = load.rate_at(0.0);
        if rate > 0.0 {
            let quotient = format!("{} / {}", grouped(capacity as f64, 0), significant(rate, 4));
            lines.push(FILLS.line(component, quotient, capacity as f64 / rate));
        }
    }
    let allowed = fluid::oldest_allowed_s(scenario, load);
    if allowed.is_finite() && course.peak >= 1.0 {
        if let Some(at) = course.aged_at_s {
            let sum = format!("allowed {}, oldest {} at the worst", clock(allowed), clock(course.oldest_s));
            lines.push(AGED.line(component, sum, at));
        }
        let quotient = format!("{} / {}", clock(course.oldest_s), clock(allowed));
        lines.push(MARGIN.line(component, quotient, course.oldest_s / allowed));
    }
    lines.extend(quotas(scenario, load, course));
    lines
}

/// What is asked of each bound of the broker, where it has one.
fn quotas(scenario: &Scenario, load: &Load, course: &Fluid) -> Vec<Line> {
    let rate = load.rate_at(load.busiest(scenario));
    let at_once: f64 = load
        .consumers
        .iter()
        .map(|&c| {
            let consumer = &scenario.consumers[c];
            let each = consumer.prefetch.unwrap_or(0).max(consumer.concurrency);
            let batch = consumer.batch.as_ref().map_or(1, |batch| batch.size).max(consumer.receive.unwrap_or(1));
            load.replicas_at(scenario, load.busiest(scenario).max(1e-9)) * f64::from(each) * f64::from(batch)
        })
        .sum();
    let mut asked: Vec<(&'static str, &str, f64, Option<f64>)> = vec![
        ("publish_limit_used", "part of the publish limit used", rate, finite(fluid::publish_limit(scenario, load))),
        (
            "deliver_limit_used",
            "part of the deliver limit used",
            rate * load.attempts.mean(),
            finite(capacity::limit(scenario, load)),
        ),
    ];
    if let Feed::Queue(index) = load.feed {
        let queue = &scenario.queues[index];
        let size = size_of(scenario, load.feed);
        let held = course.peak * size;
        asked.push((
            "in_flight_used",
            "part of the messages that may be in flight",
            at_once,
            queue.max_in_flight.map(|limit| limit as f64),
        ));
        let bytes = |limit: Option<u64>| limit.map(|limit| limit as f64);
        asked.push((
            "capacity_bytes_used",
            "part of the bytes it has room for",
            held,
            bytes(queue.traits.capacity_bytes),
        ));
        asked.push((
            "memory_alarm_used",
            "part of the memory before the alarm",
            held,
            bytes(queue.traits.memory_alarm),
        ));
    }
    let line = |(law, name, asked, limit): (&'static str, &str, f64, Option<f64>)| {
        let limit = limit.filter(|limit| *limit > 0.0 && asked > 0.0 && asked.is_finite())?;
        let line = QUOTA.line(&load.component, format!("{} / {}", count(asked), count(limit)), asked / limit);
        Some(Line { law, name: name.into(), ..line })
    };
    asked.into_iter().filter_map(line).collect()
}

fn finite(limit: f64) -> Option<f64> {
    limit.is_finite().then_some(limit)
}
