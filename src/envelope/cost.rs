//! Requests and costs: how much of everything that has a price, at the price of the file.
//!
//! Of the whole run, and for 30 days of the same. How a broker counts calls is in `scenario::Billing`.

use super::line::{Law, Line, Unit, clock, count, size};
use super::storage::size_of;
use super::{Fluid, Load};
use crate::scenario::{Billing, Feed, Priced, Scenario, Tariff, What};
use crate::units::significant;

const REQUESTS: Law = Law {
    id: "requests",
    name: "calls to the broker",
    formula: "publishes + receives + settlements",
    unit: Unit::Requests,
    caveat: "of the whole run; no heartbeats; empty receives as if idle consumers were served at random",
    headline: false,
};
const COST: Law = Law {
    id: "cost",
    name: "",
    formula: "quantity · price · 30 d / T",
    unit: Unit::Money,
    caveat: "30 days of the same run; no tiers, minimums or free allowances",
    headline: false,
};
const TOTAL: Law = Law { id: "cost_total", name: "cost of everything with a price", formula: "Σ", ..COST };
/// 30 days in seconds.
const MONTH_S: f64 = 2_592_000.0;

/// A load and its fluid.
pub(super) type Course<'l> = (&'l Load, &'l Fluid);

pub(super) fn lines(scenario: &Scenario, courses: &[Course<'_>]) -> Vec<Line> {
    let mut lines: Vec<Line> = courses.iter().filter_map(|course| requests_line(scenario, *course)).collect();
    let span = scenario.duration.seconds();
    let currency = scenario.prices.currency.as_deref().unwrap_or("");
    let (mut sum, mut parts) = (0.0, vec![]);
    for tariff in &scenario.prices.tariffs {
        let Some((quantity, words)) = quantity(scenario, courses, tariff) else { continue };
        let month = quantity * tariff.price.each() * MONTH_S / span;
        let arithmetic = format!("{words} × {} × {}", tariff.price, significant(MONTH_S / span, 4));
        let line = COST.line(&tariff.name, arithmetic, month).reads(money(month, currency));
        lines.push(Line { name: format!("cost of {}", tariff.what.word()), ..line });
        sum += month;
        parts.push(significant(month, 4));
    }
    if parts.len() > 1 {
        lines.push(TOTAL.line("cost", parts.join(" + "), sum).reads(money(sum, currency)));
    }
    lines
}

fn money(month: f64, currency: &str) -> String {
    let amount = if month >= 100.0 { crate::units::grouped(month, 0) } else { significant(month, 3) };
    let named = if currency.is_empty() { amount } else { format!("{amount} {currency}") };
    format!("{named} per 30 days")
}

/// Calls by kind: publishes, receives, empty receives, settlements.
fn calls(scenario: &Scenario, (load, course): Course<'_>) -> Option<[f64; 4]> {
    let queue = load.feed.queue()?;
    let consumer = &scenario.consumers[*load.consumers.first()?];
    let rules = scenario.prices.billing(Priced::Queue(queue));
    let published = super::load::published(scenario, load.feed);
    let deliveries = course.through * load.attempts.mean();
    let bytes = size_of(scenario, load.feed);
    let parts = |messages: f64| rules.requests((bytes * messages) as u64) as f64;
    let together = f64::from(rules.publish_batch.max(1));
    let asked = consumer.receive.or(consumer.prefetch.map(|_| 1)).unwrap_or(1).max(1);
    let asked = if rules.receive_batch > 0 { asked.min(rules.receive_batch) } else { asked };
    // A receive finds as many as it asks for only where they wait.
    let waiting = course.waited_share();
    let each = 1.0 + (f64::from(asked) - 1.0) * waiting;
    let settled = f64::from(rules.settle_batch.max(1));
    let counted = |counts: bool, calls: f64| if counts { calls } else { 0.0 };
    let poll = consumer.poll.seconds();
    let wait = scenario.queues[queue].traits.receive_wait.seconds();
    let idle = (course.all_slot_seconds - course.through * load.work_s).max(0.0);
    let empty = if poll <= 0.0 { 0.0 } else { empty_receives(idle, deliveries / each, wait, poll) };
    Some([
        counted(rules.counts.publish, published / together * parts(together)),
        counted(rules.counts.receive, deliveries / each * parts(each)),
        counted(rules.counts.empty_receive, empty),
        counted(rules.counts.settle, deliveries / settled),
    ])
}

/// Slots that idle for `idle` slot-seconds in all and are found by `found` messages in that time: with long polling of
/// `wait` seconds each wait ends empty with probability e^−rw, r = found ÷ idle; without it one ends every `poll`.
fn empty_receives(idle: f64, found: f64, wait: f64, poll: f64) -> f64 {
    if wait <= 0.0 || idle <= 0.0 {
        return idle / poll;
    }
    let reached = (-found / idle * wait).exp();
    let lasts = if found > 0.0 { (1.0 - reached) * idle / found } else { wait };
    idle / (lasts + poll * reached) * reached
}

fn requests_line(scenario: &Scenario, course: Course<'_>) -> Option<Line> {
    let load = course.0;
    let queue = load.feed.queue()?;
    let priced = scenario.prices.has(Priced::Queue(queue), What::Requests);
    let polls = load.consumers.first().is_some_and(|&c| scenario.consumers[c].poll.ns() > 0);
    if !(priced || polls) || !load.work_s.is_finite() {
        return None;
    }
    let calls = calls(scenario, course)?;
    let words: Vec<String> = calls.iter().map(|calls| count(calls.round())).collect();
    let words = format!("{} + ({} + {} empty) + {}", words[0], words[1], words[2], words[3]);
    let sum: f64 = calls.iter().sum();
    let month = sum * MONTH_S / scenario.duration.seconds();
    let result = format!("{} ({} in 30 days)", count(sum.round()), millions(month));
    Some(REQUESTS.line(&load.component, words, sum).reads(result))
}

fn millions(value: f64) -> String {
    if value >= 1e6 { format!("{} M", significant(value / 1e6, 3)) } else { count(value.round()) }
}

/// How much of it there is in the run, in `What::unit`, and the words for it.
fn quantity(scenario: &Scenario, courses: &[Course<'_>], tariff: &Tariff) -> Option<(f64, String)> {
    let span = scenario.duration.seconds();
    let of_feed = |feed: Feed| courses.iter().find(|(load, _)| load.feed == feed).copied();
    let reads = |consumer: usize| courses.iter().find(|(load, _)| load.consumers.contains(&consumer)).copied();
    let bare = |quantity: f64, unit: &str| Some((quantity, format!("{} {unit}", count(quantity.round()))));
    match (tariff.of, tariff.what) {
        (_, What::Fixed) => Some((span, clock(span))),
        (Priced::Stream(stream), What::Partitions) => {
            let partitions = f64::from(scenario.streams[stream].partitions);
            Some((partitions * span, format!("{partitions} × {}", clock(span))))
        }
        (Priced::Queue(queue), What::Requests) => {
            bare(calls(scenario, of_feed(Feed::Queue(queue))?)?.iter().sum(), "requests")
        }
        (Priced::Stream(stream), What::Requests) => {
            let rules = scenario.prices.billing(tariff.of);
            let feed = Feed::Stream(stream);
            let calls = super::load::published(scenario, feed) * rules.requests(size_of(scenario, feed) as u64) as f64;
            bare(if rules.counts.publish { calls } else { 0.0 }, "requests")
        }
        (Priced::Queue(_) | Priced::Stream(_), What::Messages | What::DataIn) => {
            let feed = feed(tariff.of)?;
            let published = super::load::published(scenario, feed);
            let bytes = published * billed(&scenario.prices.billing(tariff.of), size_of(scenario, feed));
            if tariff.what == What::Messages { bare(published, "messages") } else { Some((bytes, size(bytes))) }
        }
        (Priced::Consumer(consumer), What::Replicas) => {
            let (load, course) = reads(consumer)?;
            if load.consumers.len() > 1 {
                return None;
            }
            let concurrency = f64::from(scenario.consumers[consumer].concurrency);
            let seconds = course.all_replica_seconds.max(course.all_slot_seconds / concurrency);
            Some((seconds, format!("{} replica-hours", significant(seconds / 3600.0, 4))))
        }
        (Priced::Consumer(consumer), What::Invocations) => {
            let (load, course) = reads(consumer)?;
            let batch = scenario.consumers[consumer].batch.as_ref().map_or(1.0, |batch| f64::from(batch.size));
            bare(course.through * load.attempts.mean() / batch, "invocations")
        }
        (Priced::Consumer(consumer), What::Memory { bytes }) => {
            let (load, course) = reads(consumer)?;
            let busy = course.through * load.work_s;
            Some((busy * bytes as f64, format!("{} busy × {}", clock(busy), size(bytes as f64))))
        }
        (Priced::Dependency(dependency), What::Calls) => {
            let of_one = |(load, course): &Course<'_>| {
                let consumer = load.consumers.first().map(|&c| &scenario.consumers[c]);
                let calls = consumer.into_iter().flat_map(|c| &c.calls).filter(|call| call.dependency == dependency);
                let batch = consumer.and_then(|c| c.batch.as_ref()).map_or(1.0, |batch| f64::from(batch.size));
                calls.map(|call| call.share).sum::<f64>() * course.through * load.attempts.mean() / batch
            };
            bare(courses.iter().map(of_one).sum(), "calls")
        }
        // Copies, kept bytes, executions: the simulation counts them.
        _ => None,
    }
}

fn feed(of: Priced) -> Option<Feed> {
    match of {
        Priced::Queue(queue) => Some(Feed::Queue(queue)),
        Priced::Stream(stream) => Some(Feed::Stream(stream)),
        _ => None,
    }
}

fn billed(rules: &Billing, bytes: f64) -> f64 {
    rules.bytes(bytes as u64) as f64
}

#[cfg(test)]
mod tests {
    use super::super::{Question, check};
    use crate::scenario::{Files, Scenario};
    use std::collections::BTreeMap;

    /// One hour at 10/s: 36,000 of each call; three replicas for an hour at 0.10 and 720 hours in 30 days.
    #[test]
    fn an_hour_by_hand() {
        let text = "duration = \"1h\"\ncurrency = \"USD\"\n[producer.p]\nto = \"q\"\nrate = \"10/s\"\n[queue.q]\nprice = \"0.40/M\"\n\
                    [consumer.c]\nfrom = \"q\"\nreplicas = 3\nservice = \"50ms\"\nprice = \"0.10/h\"\n";
        let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let scenario = Scenario::parse(text, &files as &dyn Files).unwrap_or_else(|why| panic!("{why:?}"));
        let lines = check(&scenario, &Question::default());
        let of = |law: &str, name: &str| {
            let mut all = lines.iter().filter(|line| line.law == law && line.name.contains(name));
            all.next().unwrap_or_else(|| panic!("no {law} {name} in {lines:#?}"))
        };
        assert!((of("requests", "").value.unwrap() - 108_000.0).abs() < 1.0);
        // 0.108 M × 0.40 × 720, and 3 h × 0.10 × 720.
        assert!((of("cost", "requests").value.unwrap() - 31.104).abs() < 1e-3);
        assert!((of("cost", "consumers").value.unwrap() - 216.0).abs() < 1e-6);
        assert_eq!(of("cost_total", "").result, "247 USD per 30 days");
    }
}
