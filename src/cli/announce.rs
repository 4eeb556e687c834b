//! How much work a scenario is, said before a long one starts.

use crate::arrivals::Mmpp;
use crate::scenario::{Feed, Producer, Scenario, Source, Target};
use crate::units::significant;

/// Below this many messages the answer is there before the sentence is read.
const LONG_MESSAGES: f64 = 3e6;

/// What one core simulates in a second, cautiously: plain queues are faster, retries and leases slower.
const MESSAGES_PER_CORE_SECOND: f64 = 1e6;

/// A sentence for stderr, or `None` where the run is short.
pub(super) fn sentence(scenario: &Scenario, threads: usize) -> Option<String> {
    let messages = expected_messages(scenario) * f64::from(scenario.runs);
    if messages < LONG_MESSAGES {
        return None;
    }
    let abreast = threads.min(scenario.runs as usize).max(1);
    let seconds = messages / MESSAGES_PER_CORE_SECOND / abreast as f64;
    Some(format!(
        "{}: about {} million messages in {} {}, in the order of {} s on {} {}",
        scenario.title,
        significant(messages / 1e6, 2),
        scenario.runs,
        if scenario.runs == 1 { "run" } else { "runs" },
        significant(seconds.max(1.0), 1),
        abreast,
        if abreast == 1 { "thread" } else { "threads" },
    ))
}

/// Messages that producers put into queues in one run, fan-out included; what consumers publish onward and what is
/// retried comes on top.
fn expected_messages(scenario: &Scenario) -> f64 {
    scenario.producers.iter().map(|producer| published(scenario, producer) * copies(scenario, producer)).sum()
}

fn published(scenario: &Scenario, producer: &Producer) -> f64 {
    let seconds = scenario.duration.seconds();
    let arrivals = match &producer.source {
        Source::Curve { curve, .. } => curve.expected(seconds),
        Source::Mmpp(phases) => Mmpp::mean_rate(phases) * seconds,
        Source::Messages(rows) => rows.iter().filter(|row| row.at < scenario.end()).count() as f64,
        // At most: a client waits for its answer too.
        Source::Clients { count, think } if think.mean() > 0.0 => f64::from(*count) * seconds / think.mean(),
        Source::Clients { .. } => 0.0,
    };
    let herds = producer.cron.as_ref().map_or(0.0, |cron| cron.expected(scenario.duration));
    arrivals * producer.batch.mean() + herds
}

/// Messages that one publish becomes, on average over the producer's targets.
fn copies(scenario: &Scenario, producer: &Producer) -> f64 {
    let fan_out = |target: &Target| match *target {
        Target::Queue(_) => 1.0,
        Target::Workflow(workflow) => scenario.workflows[workflow].steps.len() as f64,
        Target::Stream(stream) => scenario.consumers.iter().filter(|c| c.from == Feed::Stream(stream)).count() as f64,
        Target::Topic(topic) => {
            let subscriptions = scenario.queues.iter().filter_map(|queue| queue.subscribe);
            subscriptions
                .filter(|subscription| subscription.topic == topic)
                .map(|subscription| subscription.share)
                .sum()
        }
    };
    producer.to.iter().map(fan_out).sum::<f64>() / producer.to.len().max(1) as f64
}
