//! What one run's figures say: what is left, where, whether it shrinks, and how much is asked of how much can be done.

use super::Made;
use crate::model::{Model, Order};
use crate::observe::{QueueSeen, SeriesSet};
use crate::units::{Nanos, seconds};

/// A unit that work is tied to and that holds nearly all that is left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Unit {
    Partition { number: u32, left: u64, all: u64, others: usize, most_of_others: u64 },
    Key { key: u32, left: u64, all: u64 },
}

/// From this share of what is left on, one unit is what holds the queue up.
const NEARLY_ALL: f64 = 0.9;
/// Of fewer messages nothing is said: where they lie is chance.
const FEW: u64 = 10;

/// Unfinished messages at the end of the run.
pub(super) fn left(q: &QueueSeen) -> u64 {
    q.unfinished.0 + q.unfinished.1 + q.unfinished.2
}

pub(super) fn blocked(model: &Model, queue: usize, q: &QueueSeen) -> Option<Unit> {
    let all = left(q);
    let is_nearly_all = |left: u64| all >= FEW && left as f64 >= NEARLY_ALL * all as f64;
    if q.partitions.len() > 1 {
        let (number, deepest) = q.partitions.iter().enumerate().max_by_key(|(_, partition)| partition.unfinished)?;
        let others = q.partitions.iter().enumerate().filter(|(other, _)| *other != number);
        let most_of_others = others.map(|(_, partition)| partition.unfinished).max().unwrap_or(0);
        let left = deepest.unfinished;
        let others = q.partitions.len() - 1;
        return is_nearly_all(left).then_some(Unit::Partition {
            number: number as u32,
            left,
            all,
            others,
            most_of_others,
        });
    }
    // Without an order to keep, a key's messages may wait, but they hold nobody up.
    let (key, left) = q.deepest_key.filter(|_| matches!(model.queues[queue].order, Order::Key | Order::Session))?;
    (q.keys.len() > 1 && is_nearly_all(left)).then_some(Unit::Key { key, left, all })
}

/// Scenario time from which on the disturbances are over; where that is the end of the run, from when the last began.
fn over(model: &Model) -> Nanos {
    let Some(last) = model.disturbances.last() else { return 0 };
    let end = model.end - model.origin;
    if end - last.end.min(end) >= 2 * model.tick { last.end } else { last.start.min(end) }
}

/// So many ticks after a fault tell something of what came after it.
const ENOUGH_TICKS: u64 = 20;

/// Seconds from the end of the last disturbance to the end of the run, where a fault is among it and they are too few to
/// tell why nothing got better. Of spikes and windows the time within tells as well.
pub(super) fn too_soon(model: &Model) -> Option<f64> {
    let last = model.disturbances.last()?;
    let left = (model.end - model.origin).saturating_sub(last.end);
    (last.label.contains("fault ") && left < ENOUGH_TICKS * model.tick).then(|| seconds(left))
}

/// A column after the disturbances, without ticks in which nothing was seen.
fn after<'a>(model: &Model, set: &'a SeriesSet, column: &str) -> impl Iterator<Item = f64> + use<'a> {
    let skip = (over(model) / model.tick) as usize + 1;
    set.column(column).into_iter().flatten().skip(skip).filter(|value| !value.is_nan())
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { 0.0 } else { sum / f64::from(count) }
}

/// A drain that would last longer than so many times what was there to see is none that could be told from chance.
const FORESIGHT: f64 = 4.0;

/// Seconds until the backlog would be gone, where it shrinks: from its means in the third and in the fourth quarter of
/// the time after the disturbances.
pub(super) fn draining(model: &Model, q: &QueueSeen) -> Option<f64> {
    let backlog: Vec<f64> = after(model, &q.series, "backlog").collect();
    let quarter = backlog.len() / 4;
    if quarter < 2 {
        return None;
    }
    let [.., third, fourth] = [2, 3].map(|n| mean(backlog[n * quarter..(n + 1) * quarter].iter().copied()));
    let quarter_s = quarter as f64 * seconds(model.tick);
    let eta_s = fourth / ((third - fourth) / quarter_s);
    (third > fourth && eta_s <= FORESIGHT * 4.0 * quarter_s).then_some(eta_s)
}

/// After the disturbances, per second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Load {
    pub(super) offered: f64,
    /// What its consumers could work on if none of their slots were ever idle, or what they did where something else
    /// holds them up.
    pub(super) capacity: f64,
    /// Slots were idle although messages waited.
    pub(super) held_up: bool,
}

impl Load {
    /// Infinite where nothing could be done.
    pub(super) fn ratio(&self) -> f64 {
        self.offered / self.capacity
    }
}

/// Slots that are busy for less than this are not what limits a queue in which messages wait.
const BUSY: f64 = 0.9;

/// Of runs without retries, a mean over them; `None` where nothing was offered, or nothing worked on that could tell.
pub(super) fn load(queue: usize, runs: &[Made]) -> Option<Load> {
    let over_runs = |of: &dyn Fn(Made) -> f64| mean(runs.iter().map(|run| of(*run)));
    let rate = |column: &'static str| over_runs(&|(model, run)| mean(after(model, &run.queues[queue].series, column)));
    let slots_of = |(model, run): Made, column: &str| {
        let consumers: Vec<usize> = (0..model.consumers.len()).filter(|&c| model.consumers[c].queue == queue).collect();
        let each = consumers.iter().map(|&c| {
            let slots = if column == "replicas" { f64::from(model.consumers[c].concurrency) } else { 1.0 };
            slots * mean(after(model, &run.consumers[c].series, column))
        });
        each.sum::<f64>()
    };
    let offered = rate("publish_rate_per_s");
    let worked = rate("deliver_rate_per_s");
    let busy = over_runs(&|run| slots_of(run, "busy"));
    let slots = over_runs(&|run| slots_of(run, "replicas"));
    // Of the ticks; a mean would be that of the time in which it drained.
    let waited = over_runs(&|(model, run)| {
        mean(after(model, &run.queues[queue].series, "ready").map(|ready| f64::from(u8::from(ready > slots))))
    });
    if offered <= 0.0 {
        return None;
    }
    let held_up = slots > 0.0 && busy < BUSY * slots && waited >= BUSY;
    let capacity = match () {
        () if held_up => worked,
        () if busy > 0.0 => worked / busy * slots,
        () if slots == 0.0 => 0.0,
        () => return None,
    };
    Some(Load { offered, capacity, held_up })
}

/// Copies published for each request in the second half of the time after the disturbances, when those of the
/// disturbances themselves are through: a mean over the runs, of the producer that is the worst.
pub(super) fn amplification(runs: &[Made]) -> f64 {
    let of = |producer: usize| {
        let late = |(model, run): Made, column: &str| {
            let rates: Vec<f64> = after(model, &run.producers[producer].series, column).collect();
            mean(rates[rates.len() / 2..].iter().copied())
        };
        let rate = |column: &str| mean(runs.iter().map(|run| late(*run, column)));
        let (copies, requests) = (rate("publish_rate_per_s"), rate("request_rate_per_s"));
        if requests > 0.0 { copies / requests } else { 1.0 }
    };
    let producers = runs.first().map_or(0, |(model, _)| model.producers.len());
    (0..producers).map(of).fold(1.0, f64::max)
}

/// What one run lost between a disturbance's start and its recovery, and what it completed meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Lost {
    pub(super) dead_lettered: f64,
    pub(super) expired: f64,
    pub(super) dropped: f64,
    pub(super) completed: f64,
}

/// The disturbance that cost most, where one cost more than was completed.
pub(super) fn gave_up(q: &QueueSeen) -> Option<Lost> {
    let each = q.disturbances.iter().filter(|d| d.recovered.is_some()).map(|d| {
        let c = d.until.counters.since(&d.from);
        let [dead_lettered, expired, dropped, completed] =
            [c.dead_lettered, c.expired, c.dropped, c.completed].map(|count| count as f64);
        Lost { dead_lettered, expired, dropped, completed }
    });
    each.filter(|lost| lost.all() > lost.completed).max_by(|a, b| a.all().total_cmp(&b.all()))
}

impl Lost {
    pub(super) fn all(&self) -> f64 {
        self.dead_lettered + self.expired + self.dropped
    }
}
