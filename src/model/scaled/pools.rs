//! How a pool of servers becomes a smaller one.

use super::counts::Counts;
use super::{Pool, consumers, policies};
use crate::model::{ConsumerModel, Control, Effect, Model, Portion};

/// Work slots that are left where there were as many: fewer wait for one another in a way that the real ones do not.
const SLOTS: f64 = 50.0;
/// Replicas that are left where numbers of them matter: each is a step of an autoscaler, a schedule, a fault.
const STEPS: f64 = 20.0;

/// Scales a consumer and the settings that count its replicas.
pub(super) fn scale(model: &mut Model, index: usize, counts: &mut Counts) -> Pool {
    let most_at_once = most_replicas_for_one(model, index, counts.k());
    let single = model.queues[model.consumers[index].queue].traits.single_active;
    let members = model.queues[model.consumers[index].queue].group.is_some();
    let consumer = &mut model.consumers[index];
    let name = consumer.name.clone();
    let (replicas, concurrency) = (f64::from(consumer.replicas), f64::from(consumer.concurrency));
    // Each slot is a member of the group and reads partitions of its own; one active replica cannot be divided.
    let pool = if members || single || !consumer.speeds.is_empty() {
        Pool { replicas: 1.0, slots: 1.0 }
    } else {
        let pool = divided(replicas, concurrency, most_at_once, counts.k());
        consumer.concurrency = (concurrency * pool.replicas / pool.slots).round() as u32;
        pool
    };
    if consumer.replicas > 0 {
        consumer.replicas = counts.whole(&format!("`replicas` of `{name}`"), consumer.replicas, pool.replicas);
    }
    if let Some(scaling) = &mut consumer.scaling {
        policies::scaling(scaling, pool, &name, counts);
    }
    consumer.max_replicas = match &consumer.scaling {
        Some(scaling) => scaling.limits.max.saturating_mul(2),
        None => (f64::from(consumer.max_replicas) / pool.replicas).ceil() as u32,
    };
    consumer.speeds.truncate(consumer.max_replicas as usize);
    prefetch(consumer, concurrency, pool, counts);
    consumers::scale(consumer, pool, counts);
    let services = pool.services(counts.weight);
    if services > 1.0 + 1e-9 && !members {
        counts.rough(format!(
            "{} of the messages that one stands for are worked on one after another by each server of `{name}`: its \
             backlog is known to about {} messages",
            crate::units::significant(services, 3),
            crate::units::grouped(((services - 1.0) * replicas * concurrency / 2.0).round(), 0),
        ));
    }
    pool
}

/// Messages that a replica holds beyond those in its slots shrink with what a slot takes on at once.
fn prefetch(consumer: &mut ConsumerModel, concurrency: f64, pool: Pool, counts: &Counts) {
    if consumer.prefetch == 0 {
        return;
    }
    let services = pool.services(counts.weight);
    let (held, slots) = (f64::from(consumer.prefetch), f64::from(consumer.concurrency));
    let buffered = (held - concurrency).max(0.0) * slots / concurrency / services;
    let working = held.min(concurrency) * slots / concurrency;
    consumer.prefetch = (working + buffered).round().max(1.0) as u32;
}

/// Fewer replicas, and fewer slots in each where there are too few replicas to be divided.
fn divided(replicas: f64, concurrency: f64, most_at_once: f64, k: f64) -> Pool {
    if replicas == 0.0 {
        return Pool { replicas: most_at_once, slots: most_at_once };
    }
    let slots = replicas * concurrency;
    let wanted = (slots / k).ceil().max(SLOTS.min(slots));
    let left = (wanted / concurrency).ceil().max((replicas / most_at_once).ceil()).clamp(1.0, replicas);
    let each = (wanted / left).ceil().clamp(1.0, concurrency);
    Pool { replicas: replicas / left, slots: slots / (left * each) }
}

/// How many real replicas one may stand for, so that every number of them that the scenario names can be told.
fn most_replicas_for_one(model: &Model, index: usize, k: f64) -> f64 {
    let consumer = &model.consumers[index];
    let mut named: Vec<(u32, f64)> = vec![];
    let base = |count: u32| (count, STEPS);
    let scheduled = model.timeline.iter().filter_map(|(_, control)| match control {
        Control::Replicas { consumer, count } if *consumer == index => Some(base(*count)),
        _ => None,
    });
    named.extend(scheduled);
    for effect in &model.effects {
        match *effect {
            Effect::ConsumerCrash { consumer, replicas: Portion::Count(count) }
            | Effect::ConsumerHang { consumer, replicas: Portion::Count(count) }
                if consumer == index =>
            {
                named.push((count, 1.0));
            }
            Effect::ConsumerDeploy { consumer, deploy } if consumer == index => {
                if let Portion::Count(count) = model.deploys[deploy].max_unavailable {
                    named.push((count, 1.0));
                }
            }
            _ => {}
        }
    }
    if let Some(scaling) = &consumer.scaling {
        named.extend([base(scaling.limits.min), (scaling.limits.max, 10.0 * STEPS)]);
    }
    named.retain(|(count, _)| *count > 0);
    if named.is_empty() {
        // Where none is named, those of a bulkhead or a breaker are many enough.
        let least = if consumer.replicas >= STEPS as u32 { STEPS } else { f64::from(consumer.replicas) };
        return k.min(f64::from(consumer.replicas) / least.max(1.0)).max(1.0);
    }
    named.push(base(consumer.replicas));
    named.retain(|(count, _)| *count > 0);
    let most = named.iter().map(|(count, parts)| f64::from(*count) / parts).fold(k, f64::min).max(1.0).floor();
    // A number that divides them all leaves nothing to round.
    let common = named.iter().fold(0, |common, (count, _)| divisor(common, *count));
    let divisors = (1..=most as u32).rev().filter(|n| common % n == 0);
    divisors.map(f64::from).find(|n| 3.0 * n >= most).unwrap_or(most)
}

fn divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { divisor(b, a % b) }
}
