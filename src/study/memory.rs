//! What a scenario will need, estimated before anything is simulated: a refusal beats a machine that swaps to death.

use super::Failure;
use crate::envelope;
use crate::model::{Model, QueueModel};
use crate::scenario::{Feed, Scenario};
use crate::units::{Size, grouped};

/// Bytes of a waiting message: 8 in the ring where its time of publishing is all there is; with a record of its own
/// about 210 more (record, order of publishing, timers).
const PLAIN_BYTES: f64 = 8.2;
const RICH_BYTES: f64 = 220.0;

/// Columns of the series of one component, and bytes of a value.
const COLUMNS: f64 = 16.0;
const VALUE_BYTES: f64 = 8.0;
/// With more partitions than this a group's series are of all of them together only.
const MOST_PARTITION_SERIES: u32 = 32;
const HISTOGRAM_BYTES: f64 = 60_000.0 * 4.0;

/// # Errors
/// `Failure::Memory` where the estimate exceeds `available`.
pub(super) fn check(scenario: &Scenario, model: &Model, threads: u64, available: Option<u64>) -> Result<(), Failure> {
    let Some(available) = available else { return Ok(()) };
    let components =
        (model.queues.len() + model.consumers.len() + model.producers.len() + model.dependencies.len()) as f64;
    let columns = components * COLUMNS + model.queues.iter().map(|queue| lag_columns(model, queue)).sum::<f64>();
    let kept =
        f64::from(scenario.runs) * (columns * VALUE_BYTES * model.samples() as f64 + components * HISTOGRAM_BYTES);
    let (waiting, messages) = waiting(scenario, model);
    let slots: f64 =
        model.consumers.iter().map(|c| f64::from(c.max_replicas) * (f64::from(c.concurrency) * 136.0 + 130.0)).sum();
    let at_once = threads.min(u64::from(scenario.runs)) as f64;
    let needed = kept + at_once * (waiting + slots);
    if needed <= available as f64 {
        return Ok(());
    }
    let reason = if kept > at_once * waiting {
        format!("{} samples of {} runs", grouped(model.samples() as f64, 0), scenario.runs)
    } else {
        format!("about {} messages wait at the worst, in {} runs at once", grouped(messages, 0), at_once)
    };
    let size = |bytes: f64| Size(bytes as u64).to_string();
    Err(Failure::Memory { needed: size(needed), available: size(available as f64), reason })
}

/// Columns that a group has beyond those of a queue.
fn lag_columns(model: &Model, queue: &QueueModel) -> f64 {
    let partitions = queue.group.as_ref().map(|group| model.streams[group.stream].rules.partitions);
    partitions.map_or(0.0, |count| 1.0 + if count <= MOST_PARTITION_SERIES { f64::from(count) } else { 0.0 })
}

/// Bytes and messages that wait at the worst, by the fluid estimate; a queue that nobody consumes keeps all it gets.
fn waiting(scenario: &Scenario, model: &Model) -> (f64, f64) {
    let (mut bytes, mut messages) = (0.0, 0.0);
    for (index, queue) in model.queues.iter().enumerate() {
        let bound = queue.capacity as f64;
        let (load, feed) = match &queue.group {
            Some(group) => (envelope::load_of_group(scenario, group.consumer), Feed::Stream(group.stream)),
            None => (envelope::load_of(scenario, index), Feed::Queue(index)),
        };
        let peak = match load {
            Some(load) => envelope::fluid(scenario, &load).peak,
            None => envelope::published(scenario, feed),
        };
        let peak = peak.min(bound);
        messages += peak;
        bytes += peak * if queue.rich { RICH_BYTES } else { PLAIN_BYTES };
    }
    (bytes, messages)
}
