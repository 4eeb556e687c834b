//! What a run costs, at the prices of the file.
//!
//! Of the whole run, warm-up included, and for 30 days of the same: money × 30 d ÷ duration. Quantities are exact counts and
//! areas of the run; a price is for a quantity of its unit, without tiers, minimums, discounts or free allowances.

use super::Stat;
use super::statistics::stat;
use crate::model::{Billing, Model, Priced};
use crate::observe::{Observations, Traffic};
pub use crate::scenario::What;
use crate::scenario::{Figure, Tariff};
use crate::units::{Price, seconds};

/// Costs over the runs.
#[derive(Debug, Clone, PartialEq)]
pub struct CostFindings {
    /// What the money is counted in, where the file says so.
    pub currency: Option<String>,
    pub run: Stat,
    pub per_30_days: Stat,
    /// Runs in 30 days.
    pub runs_in_30_days: f64,
    /// One for each price of the file.
    pub parts: Vec<CostPart>,
}

/// What one price comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct CostPart {
    pub component: String,
    pub what: What,
    pub price: Price,
    /// In `What::unit`.
    pub quantity: Stat,
    /// Of requests: how many were for what.
    pub requests: Vec<(&'static str, Stat)>,
    pub run: Stat,
    pub per_30_days: Stat,
}

/// 30 days in seconds.
const MONTH_S: f64 = 2_592_000.0;

/// `own` are the models of the runs, whose prices may differ; the parts name those of `model`.
pub(super) fn findings(model: &Model, own: &[&Model], runs: &[Observations]) -> Option<CostFindings> {
    if model.prices.tariffs.is_empty() {
        return None;
    }
    let runs_in_30_days = MONTH_S / length_s(model);
    let over = |value: &dyn Fn(&Model, &Observations) -> f64| {
        stat(&own.iter().zip(runs).map(|(own, run)| value(own, run)).collect::<Vec<f64>>())
    };
    let part = |(index, tariff): (usize, &Tariff)| {
        let quantity = |own: &Model, run: &Observations| quantity(own, run, tariff);
        let money = |own: &Model, run: &Observations| quantity(own, run) * own.prices.tariffs[index].price.each();
        CostPart {
            component: tariff.name.clone(),
            what: tariff.what,
            price: tariff.price,
            quantity: over(&quantity),
            requests: requests_by_kind(model, runs, tariff),
            run: over(&money),
            per_30_days: over(&|own, run| money(own, run) * runs_in_30_days),
        }
    };
    Some(CostFindings {
        currency: model.prices.currency.clone(),
        run: over(&of_run),
        per_30_days: over(&|own, run| of_run(own, run) * runs_in_30_days),
        runs_in_30_days,
        parts: model.prices.tariffs.iter().enumerate().map(part).collect(),
    })
}

/// The costs of one run, all together.
fn of_run(model: &Model, run: &Observations) -> f64 {
    model.prices.tariffs.iter().map(|tariff| quantity(model, run, tariff) * tariff.price.each()).sum()
}

/// `cost` or `cost_per_30_days` of one run, of all or of one component.
pub(super) fn figure(model: &Model, run: &Observations, figure: &Figure) -> f64 {
    let own = |tariff: &&Tariff| figure.component.is_empty() || tariff.name == figure.component;
    let tariffs = model.prices.tariffs.iter().filter(own);
    let cost: f64 = tariffs.map(|tariff| quantity(model, run, tariff) * tariff.price.each()).sum();
    if figure.metric == "cost" { cost } else { cost * MONTH_S / length_s(model) }
}

fn length_s(model: &Model) -> f64 {
    seconds(model.end - model.origin)
}

/// How much of what the tariff is for there was in one run, in `What::unit`.
fn quantity(model: &Model, run: &Observations, tariff: &Tariff) -> f64 {
    let length = length_s(model);
    match tariff.of {
        Priced::Queue(queue) => {
            let seen = &run.queues[queue];
            let initial = model.queues[queue].initial.map_or(0, |initial| initial.messages);
            let accepted = (seen.totals.published - seen.totals.rejected).saturating_sub(initial);
            of_broker(model, tariff, seen.traffic.as_ref(), accepted, length)
        }
        Priced::Topic(topic) => of_broker(model, tariff, run.topics[topic].as_ref(), 0, length),
        Priced::Stream(stream) => {
            let own = run.streams[stream].unwrap_or_default();
            let groups = &model.streams[stream].groups;
            let read = groups.iter().filter_map(|&queue| run.queues[queue].traffic);
            let traffic = Traffic { bytes_out: read.map(|traffic| traffic.bytes_out).sum(), ..own };
            let partitions = f64::from(model.streams[stream].rules.partitions);
            let enhanced = |queue: &&usize| model.queues[**queue].group.as_ref().is_some_and(|g| g.rules.enhanced);
            match tariff.what {
                What::Partitions => partitions * length,
                What::Enhanced => partitions * groups.iter().filter(enhanced).count() as f64 * length,
                _ => of_broker(model, tariff, Some(&traffic), traffic.accepted, length),
            }
        }
        Priced::Consumer(consumer) => {
            let seen = &run.consumers[consumer];
            match tariff.what {
                What::Invocations => seen.invocations as f64,
                What::Memory { bytes } => seen.busy_area.0 as f64 / 1e9 * bytes as f64,
                _ => seen.kept_area as f64 / 1e9,
            }
        }
        Priced::Dependency(dependency) => match tariff.what {
            What::Calls => run.dependencies[dependency].totals.calls as f64,
            _ => length,
        },
        Priced::Workflow(workflow) => match tariff.what {
            What::Executions => run.workflows[workflow].totals.started as f64,
            What::Steps => {
                let steps = &model.workflows[workflow].steps;
                let queues = steps.iter().flat_map(|step| std::iter::once(step.queue).chain(step.undo));
                queues.map(|queue| run.queues[queue].totals.attempts).sum::<u64>() as f64
            }
            _ => length,
        },
    }
}

fn of_broker(model: &Model, tariff: &Tariff, traffic: Option<&Traffic>, accepted: u64, length: f64) -> f64 {
    let seen = traffic.copied().unwrap_or_default();
    match tariff.what {
        What::Requests => {
            let rules = model.prices.billing(tariff.of);
            requests(&rules, &seen).iter().map(|(_, count)| *count as f64).sum()
        }
        What::Messages => accepted as f64,
        What::Deliveries => seen.deliveries as f64,
        What::DataIn => seen.bytes_in as f64,
        What::DataOut => seen.bytes_out as f64,
        What::Storage => seen.kept as f64 / 1e9,
        _ => length,
    }
}

/// Billed requests by the kind of the call; 0 for kinds that are not billed.
fn requests(rules: &Billing, seen: &Traffic) -> [(&'static str, u64); 5] {
    let batch = u64::from(rules.settle_batch);
    let counts = rules.counts;
    let of = |counted: bool, count: u64| if counted { count } else { 0 };
    [
        ("publish", of(counts.publish, seen.publishes)),
        ("receive", of(counts.receive, seen.receives)),
        ("empty_receive", of(counts.empty_receive, seen.empty_receives)),
        ("settle", of(counts.settle, seen.settles.div_ceil(batch))),
        ("extend", of(counts.extend, seen.extensions.div_ceil(batch))),
    ]
}

/// Only a queue is asked for anything but publishes.
fn requests_by_kind(model: &Model, runs: &[Observations], tariff: &Tariff) -> Vec<(&'static str, Stat)> {
    let Priced::Queue(queue) = tariff.of else { return vec![] };
    if tariff.what != What::Requests {
        return vec![];
    }
    let rules = model.prices.billing(tariff.of);
    let of = |run: &Observations| requests(&rules, &run.queues[queue].traffic.unwrap_or_default());
    let names = requests(&rules, &Traffic::default()).map(|(name, _)| name);
    let stats = |i: usize| stat(&runs.iter().map(|run| of(run)[i].1 as f64).collect::<Vec<f64>>());
    names.into_iter().enumerate().map(|(i, name)| (name, stats(i))).collect()
}
