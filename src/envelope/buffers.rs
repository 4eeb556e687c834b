//! Buffers on the way to work: prefetch, batches that wait to be full, polling.

use super::Load;
use super::line::{Law, Line, Unit, clock};
use crate::scenario::{Consumer, Scenario};
use crate::units::significant;

const PREFETCH: Law = Law {
    id: "prefetch_wait",
    name: "wait in a full prefetch buffer",
    formula: "(prefetch − concurrency)·E[S] / concurrency",
    unit: Unit::Seconds,
    caveat: "of the last in it, while others may stand idle; the lease runs meanwhile",
    headline: false,
};
const FILL: Law = Law {
    id: "batch_fill",
    name: "mean wait for a batch to fill",
    formula: "min((b − 1)/2 · c/λ, wait/2)",
    unit: Unit::Seconds,
    caveat: "over the messages of a batch, at the rate of the start; batches fill one after another",
    headline: false,
};
const BATCH: Law = Law {
    id: "batch_work",
    name: "work on a full batch",
    formula: "b·E[S]",
    unit: Unit::Seconds,
    caveat: "E[S] is a message's share; nothing of the batch is done before",
    headline: false,
};
const POLL: Law = Law {
    id: "poll_wait",
    name: "mean wait for the next poll",
    formula: "poll/2",
    unit: Unit::Seconds,
    caveat: "at an idle consumer; with many of them the next poll is sooner",
    headline: false,
};

pub(super) fn lines(scenario: &Scenario, load: &Load) -> Vec<Line> {
    load.consumers.iter().flat_map(|&c| of_one(scenario, load, &scenario.consumers[c])).collect()
}

fn of_one(scenario: &Scenario, load: &Load, consumer: &Consumer) -> Vec<Line> {
    let (component, mut lines) = (&load.component, vec![]);
    let slots = f64::from(consumer.concurrency);
    if let Some(prefetch) = consumer.prefetch.filter(|prefetch| *prefetch > consumer.concurrency) {
        let ahead = f64::from(prefetch) - slots;
        let product = format!("{ahead} × {} / {slots}", significant(load.service_s, 4));
        lines.push(PREFETCH.line(component, product, ahead * load.service_s / slots));
    }
    if let Some(batch) = &consumer.batch {
        let (size, rate) = (f64::from(batch.size), load.rate_at(0.0));
        let wait = batch.wait.seconds();
        // An arrival goes to one of the slots; each fills its batch with a share of the arrivals.
        let filling = load.slots_at(scenario, 0.0).max(1.0);
        if rate > 0.0 && size > 1.0 && wait > 0.0 {
            let full = (size - 1.0) / 2.0 * filling / rate;
            let sum = format!(
                "min({} × {} / {}, {} / 2)",
                significant((size - 1.0) / 2.0, 4),
                significant(filling, 6),
                significant(rate, 4),
                clock(wait)
            );
            lines.push(FILL.line(component, sum, full.min(wait / 2.0)));
        }
        lines.push(BATCH.line(
            component,
            format!("{size} × {}", significant(load.service_s, 4)),
            size * load.service_s,
        ));
    }
    if consumer.poll.ns() > 0 {
        let poll = consumer.poll.seconds();
        lines.push(POLL.line(component, format!("{} / 2", clock(poll)), poll / 2.0));
    }
    lines
}
