//! What consumers can finish at an instant: slots ÷ work, less what faults take away, within the broker's own limits.

use super::Load;
use super::load::replicas_at;
use crate::scenario::{Consumer, Effect, Fault, Feed, Portion, Scenario};

/// Messages per second at `t` seconds, with so many replicas serving at each of the load's consumers.
pub(super) fn per_second(scenario: &Scenario, load: &Load, t: f64, replicas: &[f64]) -> f64 {
    let active = scenario.faults.iter().filter(|fault| {
        let start = fault.at.seconds();
        (start..start + fault.lasts.seconds()).contains(&t)
    });
    let faults: Vec<&Fault> = active.collect();
    if faults.iter().any(|fault| stops(fault.effect, load.feed)) {
        return 0.0;
    }
    let (mut slots, mut rate) = (0.0, 0.0);
    for (&index, &count) in load.consumers.iter().zip(replicas) {
        let consumer = &scenario.consumers[index];
        let lost: f64 = faults.iter().map(|fault| away(fault.effect, index, count)).sum();
        let own = (count - lost).max(0.0) * f64::from(consumer.concurrency);
        slots += own;
        let alone = own * quality(scenario, consumer, index, &faults, load) / load.work_s;
        rate += alone.min(served(scenario, consumer, &faults));
    }
    if let Some(lanes) = load.lanes()
        && slots > lanes
    {
        rate *= lanes / slots;
    }
    rate.min(limit(scenario, load))
}

/// With the replicas of schedule and file.
pub(super) fn scheduled(scenario: &Scenario, load: &Load, t: f64) -> f64 {
    let replicas = load.consumers.iter().map(|&c| replicas_at(&scenario.consumers[c], t));
    per_second(scenario, load, t, &replicas.collect::<Vec<_>>())
}

fn stops(effect: Effect, feed: Feed) -> bool {
    match (effect, feed) {
        (Effect::QueuePause { queue } | Effect::QueueDown { queue, .. }, Feed::Queue(at)) => queue == at,
        (Effect::StreamPause { stream } | Effect::StreamDown { stream, .. }, Feed::Stream(at)) => stream == at,
        _ => false,
    }
}

/// Replicas that a fault takes out.
fn away(effect: Effect, consumer: usize, replicas: f64) -> f64 {
    match effect {
        Effect::ConsumerPause { consumer: hit } if hit == consumer => replicas,
        Effect::ConsumerCrash { consumer: hit, replicas: portion }
        | Effect::ConsumerHang { consumer: hit, replicas: portion }
            if hit == consumer =>
        {
            match portion {
                Portion::Count(count) => f64::from(count).min(replicas),
                Portion::Share(share) => (share * replicas).round().max(1.0).min(replicas),
            }
        }
        _ => 0.0,
    }
}

/// Messages per second for which its dependencies have room, as if they served this consumer alone.
fn served(scenario: &Scenario, consumer: &Consumer, faults: &[&Fault]) -> f64 {
    let batch = consumer.batch.as_ref().map_or(1.0, |batch| f64::from(batch.size));
    let mut most = f64::INFINITY;
    for (index, dependency) in scenario.dependencies.iter().enumerate() {
        let calls: f64 = consumer.calls.iter().filter(|call| call.dependency == index).map(|call| call.share).sum();
        if calls <= 0.0 {
            continue;
        }
        let slow = faults.iter().map(|fault| match fault.effect {
            Effect::DependencySlow { dependency: hit, factor } if hit == index => factor,
            _ => 1.0,
        });
        let mean = dependency.service.mean() * slow.product::<f64>();
        let by_slots = dependency.concurrency.map_or(f64::INFINITY, |slots| f64::from(slots) / mean);
        let by_rate = dependency.rate_limit.map_or(f64::INFINITY, |limit| limit.per_second);
        most = most.min(by_slots.min(by_rate) / calls * batch);
    }
    most
}

/// What is left of a slot's rate while faults slow it down or let its work fail.
fn quality(scenario: &Scenario, consumer: &Consumer, index: usize, faults: &[&Fault], load: &Load) -> f64 {
    let (mut longer, mut good) = (1.0, 1.0);
    for fault in faults {
        match fault.effect {
            Effect::ConsumerSlow { consumer: hit, factor } if hit == index => longer *= factor,
            Effect::ConsumerErrors { consumer: hit, error_rate } if hit == index => good *= 1.0 - error_rate,
            Effect::DependencySlow { dependency, factor } => {
                let batch = consumer.batch.as_ref().map_or(1.0, |batch| f64::from(batch.size));
                let calls = consumer.calls.iter().filter(|call| call.dependency == dependency);
                let mean = scenario.dependencies[dependency].service.mean();
                longer += calls.map(|call| call.share * mean).sum::<f64>() * (factor - 1.0) / batch / load.service_s;
            }
            Effect::DependencyErrors { dependency, error_rate } => {
                good *= 1.0 - error_rate * share_of_calls(consumer, dependency);
            }
            Effect::DependencyDown { dependency, .. } => good *= 1.0 - share_of_calls(consumer, dependency),
            _ => {}
        }
    }
    good / longer
}

fn share_of_calls(consumer: &Consumer, dependency: usize) -> f64 {
    let spared = consumer.calls.iter().filter(|call| call.dependency == dependency).map(|call| 1.0 - call.share);
    1.0 - spared.product::<f64>()
}

/// Deliveries per second that the broker allows.
pub(super) fn limit(scenario: &Scenario, load: &Load) -> f64 {
    let least = |limits: &[Option<f64>]| limits.iter().flatten().copied().fold(f64::INFINITY, f64::min);
    match load.feed {
        Feed::Queue(queue) => {
            let traits = &scenario.queues[queue].traits;
            // A message is published once and delivered once for each attempt.
            let operations = traits.operation_limit.map(|limit| limit / 2.0);
            least(&[traits.deliver_limit, operations])
        }
        Feed::Stream(stream) => {
            let stream = &scenario.streams[stream];
            let partitions = f64::from(stream.partitions);
            least(&[stream.deliver_limit, stream.read.records.map(|records| records * partitions)])
        }
    }
}
