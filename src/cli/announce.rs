//! How much work a scenario is, said before a long one starts.

use crate::scenario::Scenario;
use crate::study::{Engine, Simulator};
use crate::units::{grouped, significant};

/// Below this many messages the answer is there before the sentence is read.
const LONG_MESSAGES: f64 = 3e6;

/// What one core simulates in a second, cautiously: plain queues are faster, retries and leases slower.
const MESSAGES_PER_CORE_SECOND: f64 = 1e6;

/// A sentence for stderr, or `None` where the run is short.
pub(super) fn sentence(scenario: &Scenario, engine: Engine, threads: usize) -> Option<String> {
    let simulator = Simulator::new(scenario, engine).ok()?;
    let weight = simulator.chosen.weight;
    let messages = simulator.models().base().expected_messages() * f64::from(scenario.runs) / f64::from(weight);
    if messages < LONG_MESSAGES {
        return None;
    }
    let abreast = threads.min(scenario.runs as usize).max(1);
    let seconds = messages / MESSAGES_PER_CORE_SECOND / abreast as f64;
    let each = if weight > 1 { format!(" that stand for {} each", grouped(weight.into(), 0)) } else { String::new() };
    Some(format!(
        "{}: about {} million messages{each} in {} {}, in the order of {} s on {} {}",
        scenario.title,
        significant(messages / 1e6, 2),
        scenario.runs,
        if scenario.runs == 1 { "run" } else { "runs" },
        significant(seconds.max(1.0), 1),
        abreast,
        if abreast == 1 { "thread" } else { "threads" },
    ))
}
