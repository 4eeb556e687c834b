//! What arrives at a queue and what its consumers can do: the numbers that every law starts from.

use crate::arrivals::{Mmpp, RateCurve};
use crate::scenario::{Consumer, Feed, Producer, Scenario, Service, Source, Target};

/// Arrivals and consumers of one queue that producers publish to directly.
#[derive(Debug, Clone)]
pub struct Load {
    pub queue: usize,
    /// (curve, messages per second for each unit of it): one a producer.
    curves: Vec<(RateCurve, f64)>,
    /// Messages per second that do not follow a curve.
    level: f64,
    /// Seconds a slot is taken up by one message: mean service and overhead, or its share of a batch.
    pub service_s: f64,
    pub consumers: Vec<usize>,
}

impl Load {
    /// Messages per second at `t` seconds.
    pub fn rate_at(&self, t: f64) -> f64 {
        self.level + self.curves.iter().map(|(curve, share)| curve.rate_at(t) * share).sum::<f64>()
    }

    /// Work slots at `t` seconds, by schedule.
    pub fn slots_at(&self, scenario: &Scenario, t: f64) -> f64 {
        self.consumers.iter().map(|&c| slots_at(&scenario.consumers[c], t)).sum()
    }

    /// Instants at which the rate or the number of slots changes its course.
    pub fn breaks(&self, scenario: &Scenario) -> Vec<f64> {
        let end = scenario.duration.seconds();
        let mut breaks = vec![0.0, end];
        for (curve, _) in &self.curves {
            breaks.extend(curve.segments(end).iter().map(|segment| segment.start));
        }
        for &c in &self.consumers {
            breaks.extend(scenario.consumers[c].schedule.iter().map(|(at, _)| at.seconds()));
        }
        breaks.retain(|t| (0.0..=end).contains(t));
        breaks.sort_by(f64::total_cmp);
        breaks.dedup();
        breaks
    }
}

fn slots_at(consumer: &Consumer, t: f64) -> f64 {
    let replicas =
        consumer.schedule.iter().rev().find(|(at, _)| at.seconds() <= t).map_or(consumer.replicas, |(_, n)| *n);
    f64::from(replicas) * f64::from(consumer.concurrency)
}

/// The load of a queue, where producers publish to it and somebody consumes from it with a known mean.
pub fn load_of(scenario: &Scenario, queue: usize) -> Option<Load> {
    let consumers: Vec<usize> =
        (0..scenario.consumers.len()).filter(|&c| scenario.consumers[c].from == Feed::Queue(queue)).collect();
    let service_s = mean_service(scenario, queue, &scenario.consumers[*consumers.first()?])?;
    let mut load = Load { queue, curves: vec![], level: 0.0, service_s, consumers };
    let mut reached = false;
    for producer in &scenario.producers {
        let share: f64 = producer.to.iter().map(|target| share_of(scenario, *target, queue)).sum::<f64>()
            / producer.to.len() as f64
            * producer.batch.mean();
        if share == 0.0 {
            continue;
        }
        reached = true;
        match &producer.source {
            Source::Curve { curve, .. } => load.curves.push((curve.clone(), share)),
            Source::Mmpp(phases) => load.level += Mmpp::mean_rate(phases) * share,
            Source::Messages(rows) => load.level += rows.len() as f64 / scenario.duration.seconds() * share,
            Source::Clients { count, think } => load.level += f64::from(*count) / (think.mean() + service_s) * share,
        }
    }
    reached.then_some(load)
}

fn share_of(scenario: &Scenario, target: Target, queue: usize) -> f64 {
    match target {
        Target::Queue(to) => f64::from(u8::from(to == queue)),
        Target::Stream(_) => 0.0,
        Target::Topic(topic) => {
            // A group of a stream is no queue of the file, and subscribes to nothing.
            let subscription = scenario.queues.get(queue).and_then(|queue| queue.subscribe);
            subscription.filter(|s| s.topic == topic).map_or(0.0, |subscription| subscription.share)
        }
    }
}

/// Seconds; `None` where the messages bring their own or the mean is infinite.
fn mean_service(scenario: &Scenario, queue: usize, consumer: &Consumer) -> Option<f64> {
    let per_batch =
        consumer.batch.as_ref().and_then(|b| b.service_per_batch.as_ref().map(|law| law.mean() / f64::from(b.size)));
    let service = match (&consumer.service, per_batch) {
        (_, Some(service)) => service,
        (Service::Drawn(law), _) => law.mean(),
        (Service::ByPriority(laws), _) => {
            let shares = level_shares(scenario, queue, laws.len());
            laws.iter().zip(&shares).map(|(law, share)| law.mean() * share).sum::<f64>() / shares.iter().sum::<f64>()
        }
        (Service::Message, _) => return None,
    };
    let overhead = consumer.overhead_success.as_ref().map_or(0.0, |law| law.mean());
    let batch = consumer.batch.as_ref().map_or(1.0, |b| f64::from(b.size));
    let speed = if consumer.speeds.is_empty() {
        1.0
    } else {
        consumer.speeds.iter().sum::<f64>() / consumer.speeds.len() as f64
    };
    Some(service / speed + overhead / batch).filter(|mean| mean.is_finite() && *mean > 0.0)
}

/// Messages of each level that producers publish to the queue.
fn level_shares(scenario: &Scenario, queue: usize, levels: usize) -> Vec<f64> {
    let mut shares = vec![0.0; levels];
    for producer in &scenario.producers {
        let count = published_by(scenario, producer, queue);
        match &producer.source {
            Source::Messages(rows) => {
                rows.iter().for_each(|row| shares[usize::from(row.level)] += count / rows.len() as f64);
            }
            _ => producer.priority.iter().zip(&mut shares).for_each(|(share, sum)| *sum += share * count),
        }
    }
    shares
}

/// Messages that producers publish to a queue directly during the whole run.
pub fn published(scenario: &Scenario, queue: usize) -> f64 {
    scenario.producers.iter().map(|producer| published_by(scenario, producer, queue)).sum()
}

fn published_by(scenario: &Scenario, producer: &Producer, queue: usize) -> f64 {
    let share: f64 = producer.to.iter().map(|target| share_of(scenario, *target, queue)).sum();
    if share == 0.0 {
        return 0.0;
    }
    let end = scenario.duration.seconds();
    let arrivals = match &producer.source {
        Source::Curve { curve, .. } => curve.expected(end),
        Source::Mmpp(phases) => Mmpp::mean_rate(phases) * end,
        Source::Messages(rows) => rows.len() as f64,
        Source::Clients { count, think } => f64::from(*count) / think.mean().max(1e-9) * end,
    };
    share / producer.to.len() as f64 * producer.batch.mean() * arrivals
}
