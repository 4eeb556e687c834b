//! What a scenario will need, estimated before anything is simulated: a refusal beats a machine that swaps to death.

use super::{Failure, Simulator};
use crate::envelope;
use crate::model::{Model, QueueModel};
use crate::scenario::{Feed, Scenario};
use crate::units::{Duration, Size, grouped};

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
pub(super) fn check(
    scenario: &Scenario,
    simulator: &Simulator,
    threads: u64,
    available: Option<u64>,
) -> Result<(), Failure> {
    let Some(available) = available else { return Ok(()) };
    let (model, weight) = (simulator.simulated(), f64::from(simulator.chosen.weight));
    let components =
        (model.queues.len() + model.consumers.len() + model.producers.len() + model.dependencies.len()) as f64;
    let columns = components * COLUMNS + model.queues.iter().map(|queue| lag_columns(model, queue)).sum::<f64>();
    let kept =
        f64::from(scenario.runs) * (columns * VALUE_BYTES * model.samples() as f64 + components * HISTOGRAM_BYTES);
    let waiting = waiting(scenario, simulator.models().base());
    let bytes = waiting.bytes / weight;
    let slots: f64 =
        model.consumers.iter().map(|c| f64::from(c.max_replicas) * (f64::from(c.concurrency) * 136.0 + 130.0)).sum();
    let at_once = threads.min(u64::from(scenario.runs)) as f64;
    let needed = kept + at_once * (bytes + slots);
    if needed <= available as f64 {
        return Ok(());
    }
    let reason = if kept > at_once * bytes {
        format!("{} samples of {} runs", grouped(model.samples() as f64, 0), scenario.runs)
    } else {
        waiting.in_words(at_once)
    };
    let size = |bytes: f64| Size(bytes as u64).to_string();
    let advice = if weight > 1.0 { "a greater `--weight`" } else { "`--engine scaled`" }.into();
    Err(Failure::Memory { needed: size(needed), available: size(available as f64), reason, advice })
}

/// Columns that a group has beyond those of a queue.
fn lag_columns(model: &Model, queue: &QueueModel) -> f64 {
    let partitions = queue.group.as_ref().map(|group| model.streams[group.stream].rules.partitions);
    partitions.map_or(0.0, |count| 1.0 + if count <= MOST_PARTITION_SERIES { f64::from(count) } else { 0.0 })
}

/// What waits at the worst, on paper.
#[derive(Default)]
struct Waiting {
    bytes: f64,
    messages: f64,
    /// The deepest queue's peak, its name, and how long its backlog takes to drain; `None`: it does not.
    deepest: (f64, String, Option<f64>),
}

impl Waiting {
    fn in_words(&self, at_once: f64) -> String {
        let (peak, name, drain) = &self.deepest;
        let gone = match drain {
            Some(seconds) => format!("and takes {} to drain", Duration::from_seconds(seconds.round())),
            None => "and does not drain".into(),
        };
        format!(
            "about {} messages wait at the worst, in {at_once} {} at once; on paper the backlog of `{name}` peaks at {} {gone}",
            grouped(self.messages, 0),
            if at_once == 1.0 { "run" } else { "runs" },
            grouped(*peak, 0),
        )
    }
}

/// By the fluid estimate; a queue that nobody consumes keeps all it gets.
fn waiting(scenario: &Scenario, model: &Model) -> Waiting {
    let mut all = Waiting::default();
    for (index, queue) in model.queues.iter().enumerate() {
        let bound = queue.capacity as f64;
        let (load, feed) = match &queue.group {
            Some(group) => (envelope::load_of_group(scenario, group.consumer), Feed::Stream(group.stream)),
            None => (envelope::load_of(scenario, index), Feed::Queue(index)),
        };
        let (peak, drain) = match load {
            Some(load) => {
                let fluid = envelope::fluid(scenario, &load);
                (fluid.peak, fluid.empty_at_s.map(|empty| empty - fluid.peak_at_s))
            }
            None => (envelope::published(scenario, feed), None),
        };
        let peak = peak.min(bound);
        all.messages += peak;
        all.bytes += peak * if queue.rich { RICH_BYTES } else { PLAIN_BYTES };
        if peak > all.deepest.0 {
            all.deepest = (peak, queue.name.clone(), drain);
        }
    }
    all
}
