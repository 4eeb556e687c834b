//! What arrives at a queue and what its consumers can do: the numbers that every law starts from.

use super::inflow::Inflow;
use super::retries::{Attempts, work_s};
use super::workflow;
use crate::arrivals::{Mmpp, RateCurve};
use crate::scenario::{Consumer, Effect, Feed, Producer, Scenario, Service, Source, Start, Target};

/// Arrivals and consumers of one queue, or of one group of a stream, that producers publish to directly.
#[derive(Debug, Clone)]
pub struct Load {
    pub feed: Feed,
    /// The queue's name, or STREAM/CONSUMER.
    pub component: String,
    /// No more work at once, as a partition has one reader; `None` for queues.
    lanes: Option<f64>,
    /// What comes in over time.
    inflow: Inflow,
    /// Seconds a slot is taken up by one attempt: mean service and overhead, or its share of a batch.
    pub service_s: f64,
    /// Seconds a slot is taken up by one message over all its attempts.
    pub work_s: f64,
    pub attempts: Attempts,
    pub consumers: Vec<usize>,
    /// Of the messages of its feed; 1 but for one partition.
    share: f64,
    /// Of the run.
    end_s: f64,
}

impl Load {
    /// Messages per second at `t` seconds.
    pub fn rate_at(&self, t: f64) -> f64 {
        self.inflow.rate_at(t)
    }

    /// Messages per second at `t` seconds, without the herds that come at one instant.
    pub(super) fn flow_at(&self, t: f64) -> f64 {
        self.inflow.flow_at(t)
    }

    /// Producers alone publish to it, and no consumer.
    pub(super) fn is_direct(&self) -> bool {
        self.inflow.is_direct()
    }

    /// Messages that come at the instant `t`.
    pub(super) fn herd_at(&self, t: f64) -> f64 {
        self.inflow.herd_at(t)
    }

    /// One partition of it, with a share of the messages and one reader.
    pub(super) fn part(&self, share: f64) -> Load {
        Load { lanes: Some(1.0), inflow: self.inflow.times(share), share: self.share * share, ..self.clone() }
    }

    /// Work slots at `t` seconds, by schedule; with an autoscaler, as many as it may have.
    pub fn slots_at(&self, scenario: &Scenario, t: f64) -> f64 {
        self.slots_in_all(scenario, t).min(self.lanes.unwrap_or(f64::INFINITY))
    }

    /// The same, however many partitions there are.
    pub fn slots_in_all(&self, scenario: &Scenario, t: f64) -> f64 {
        self.consumers.iter().map(|&c| slots_at(&scenario.consumers[c], t)).sum()
    }

    /// The same, where the account allows fewer invocations than the autoscaler may ask for.
    pub(super) fn allowed_slots_at(&self, scenario: &Scenario, t: f64) -> f64 {
        let of_one = |&c: &usize| {
            let consumer = &scenario.consumers[c];
            let most = consumer.scaling.as_ref().and_then(|scaling| scaling.reserved_concurrency).unwrap_or(u32::MAX);
            replicas_at(consumer, t).min(f64::from(most)) * f64::from(consumer.concurrency)
        };
        self.consumers.iter().map(of_one).sum::<f64>().min(self.lanes.unwrap_or(f64::INFINITY))
    }

    /// The middle of the stretch with the highest rate, in seconds.
    pub fn busiest(&self, scenario: &Scenario) -> f64 {
        let breaks = self.breaks(scenario);
        let middles = breaks.windows(2).map(|pair| (pair[0] + pair[1]) / 2.0);
        middles.max_by(|a, b| self.rate_at(*a).total_cmp(&self.rate_at(*b))).unwrap_or(0.0)
    }

    /// What waits at time 0.
    pub fn initial(&self, scenario: &Scenario) -> f64 {
        let reader = self.consumers.first().and_then(|&c| scenario.consumers[c].group.as_ref());
        let initial = match self.feed {
            Feed::Queue(queue) => scenario.queues[queue].initial,
            Feed::Stream(stream) => scenario.streams[stream].initial,
        };
        let all = match reader.map(|group| group.start) {
            Some(Start::Latest) => 0.0,
            Some(Start::Lag(lag)) => lag as f64,
            Some(Start::Earliest) | None => initial.map_or(0.0, |initial| initial.messages as f64),
        };
        all * self.share
    }

    /// Ready messages that there is room for.
    pub fn capacity(&self, scenario: &Scenario) -> Option<u64> {
        self.feed.queue().and_then(|queue| scenario.queues[queue].capacity)
    }

    /// Instants at which the rate changes its course, from 0 on.
    pub fn rate_breaks(&self) -> Vec<f64> {
        self.inflow.breaks(self.end_s)
    }

    /// Work at once that its partitions allow; `None` for queues.
    pub fn lanes(&self) -> Option<f64> {
        self.lanes
    }

    /// Replicas in all at `t` seconds; under an autoscaler as many as it may have.
    pub fn replicas_at(&self, scenario: &Scenario, t: f64) -> f64 {
        self.consumers.iter().map(|&c| replicas_at(&scenario.consumers[c], t)).sum()
    }

    /// Instants at which the rate, the number of slots or what a fault does to them changes its course.
    pub fn breaks(&self, scenario: &Scenario) -> Vec<f64> {
        let end = scenario.duration.seconds();
        let mut breaks = vec![0.0, end];
        for fault in &scenario.faults {
            breaks.extend([fault.at.seconds(), fault.at.seconds() + fault.lasts.seconds()]);
        }
        breaks.extend(self.rate_breaks());
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
    replicas_at(consumer, t) * f64::from(consumer.concurrency)
}

pub(super) fn replicas_at(consumer: &Consumer, t: f64) -> f64 {
    let scheduled = || consumer.schedule.iter().rev().find(|(at, _)| at.seconds() <= t).map(|(_, n)| *n);
    // What an autoscaler does is not for pen and paper; where it begins and what it may do at most is.
    let replicas = match &consumer.scaling {
        Some(scaling) if t > 0.0 => scaling.limits.max,
        Some(_) => consumer.replicas,
        None => scheduled().unwrap_or(consumer.replicas),
    };
    f64::from(replicas)
}

/// The load of a queue, where producers or other consumers publish to it and somebody consumes from it with a known mean.
pub fn load_of(scenario: &Scenario, queue: usize) -> Option<Load> {
    load_behind(scenario, queue, &[])
}

/// The same, on a way that has led through the consumers of `path` already.
pub(super) fn load_behind(scenario: &Scenario, queue: usize, path: &[usize]) -> Option<Load> {
    let consumers: Vec<usize> =
        (0..scenario.consumers.len()).filter(|&c| scenario.consumers[c].from == Feed::Queue(queue)).collect();
    load(scenario, Feed::Queue(queue), scenario.queues[queue].name.clone(), None, consumers, path)
}

/// The load of a group, which gets all of its stream; `None` for the consumer of a queue.
pub fn load_of_group(scenario: &Scenario, consumer: usize) -> Option<Load> {
    group_behind(scenario, consumer, &[])
}

pub(super) fn group_behind(scenario: &Scenario, consumer: usize, path: &[usize]) -> Option<Load> {
    let reader = &scenario.consumers[consumer];
    let (Feed::Stream(index), Some(group)) = (reader.from, &reader.group) else { return None };
    let stream = &scenario.streams[index];
    let lanes = f64::from(stream.partitions) * f64::from(group.parallelization);
    load(scenario, reader.from, format!("{}/{}", stream.name, reader.name), Some(lanes), vec![consumer], path)
}

fn load(
    scenario: &Scenario,
    feed: Feed,
    component: String,
    lanes: Option<f64>,
    consumers: Vec<usize>,
    path: &[usize],
) -> Option<Load> {
    let service_s = mean_service(scenario, feed, &scenario.consumers[*consumers.first()?])?;
    let first = &scenario.consumers[consumers[0]];
    let attempts = Attempts::of(scenario, feed, first);
    let work_s = work_s(scenario, feed, first, service_s);
    let end_s = scenario.duration.seconds();
    let mut inflow = Inflow::upstream(scenario, feed, path);
    let mut reached = !inflow.is_empty();
    for (index, producer) in scenario.producers.iter().enumerate() {
        let each: f64 =
            producer.to.iter().map(|target| share_of(scenario, *target, feed)).sum::<f64>() / producer.to.len() as f64;
        if each == 0.0 {
            continue;
        }
        let share = each * producer.batch.mean();
        reached = true;
        if let Some(cron) = &producer.cron {
            inflow.herds(cron, each, end_s);
        }
        match &producer.source {
            Source::Curve { curve, .. } => inflow.curve(disturbed(scenario, index, curve), share),
            Source::Mmpp(phases) => inflow.level(Mmpp::mean_rate(phases) * share),
            Source::Messages(rows) => inflow.level(rows.len() as f64 / end_s * share),
            Source::Clients { count, think } => inflow.level(f64::from(*count) / (think.mean() + service_s) * share),
        }
    }
    let share = 1.0;
    reached.then_some(Load { feed, component, lanes, inflow, service_s, work_s, attempts, consumers, share, end_s })
}

/// The curve with what faults do to its producer.
fn disturbed(scenario: &Scenario, producer: usize, curve: &RateCurve) -> RateCurve {
    let mut curve = curve.clone();
    for fault in &scenario.faults {
        let factor = match fault.effect {
            Effect::ProducerTimes { producer: hit, factor } if hit == producer => factor,
            Effect::ProducerPause { producer: hit } if hit == producer => 0.0,
            _ => continue,
        };
        let start = fault.at.seconds();
        curve.factors.push((start, start + fault.lasts.seconds(), factor));
    }
    curve
}

pub(super) fn share_of(scenario: &Scenario, target: Target, feed: Feed) -> f64 {
    match (target, feed) {
        (Target::Queue(to), _) => f64::from(u8::from(Feed::Queue(to) == feed)),
        (Target::Stream(to), _) => f64::from(u8::from(Feed::Stream(to) == feed)),
        (Target::Topic(topic), Feed::Queue(queue)) => {
            scenario.queues[queue].subscribe.filter(|s| s.topic == topic).map_or(0.0, |subscription| subscription.share)
        }
        (Target::Workflow(workflow), Feed::Queue(queue)) => {
            workflow::tasks_of_one(scenario, &scenario.workflows[workflow], queue)
        }
        (Target::Topic(_) | Target::Workflow(_), Feed::Stream(_)) => 0.0,
    }
}

/// Seconds; `None` where the messages bring their own or the mean is infinite.
fn mean_service(scenario: &Scenario, feed: Feed, consumer: &Consumer) -> Option<f64> {
    let per_batch =
        consumer.batch.as_ref().and_then(|b| b.service_per_batch.as_ref().map(|law| law.mean() / f64::from(b.size)));
    let service = match (&consumer.service, per_batch) {
        (_, Some(service)) => service,
        (Service::Drawn(law), _) => law.mean(),
        (Service::ByPriority(laws), _) => {
            let shares = level_shares(scenario, feed, laws.len());
            laws.iter().zip(&shares).map(|(law, share)| law.mean() * share).sum::<f64>() / shares.iter().sum::<f64>()
        }
        (Service::Message, _) => return None,
    };
    let overhead = consumer.overhead_success.as_ref().map_or(0.0, |law| law.mean());
    let batch = consumer.batch.as_ref().map_or(1.0, |b| f64::from(b.size));
    // A slot is held while its calls are answered; how long they wait at a busy dependency, paper does not know.
    let calls: f64 = consumer.calls.iter().map(|c| c.share * scenario.dependencies[c.dependency].service.mean()).sum();
    let speed = if consumer.speeds.is_empty() {
        1.0
    } else {
        consumer.speeds.iter().sum::<f64>() / consumer.speeds.len() as f64
    };
    Some(service / speed + (overhead + calls) / batch).filter(|mean| mean.is_finite() && *mean > 0.0)
}

/// Messages of each level that producers publish to the queue.
fn level_shares(scenario: &Scenario, feed: Feed, levels: usize) -> Vec<f64> {
    let mut shares = vec![0.0; levels];
    for producer in &scenario.producers {
        let count = published_by(scenario, producer, feed);
        match &producer.source {
            Source::Messages(rows) => {
                rows.iter().for_each(|row| shares[usize::from(row.level)] += count / rows.len() as f64);
            }
            _ => producer.priority.iter().zip(&mut shares).for_each(|(share, sum)| *sum += share * count),
        }
    }
    shares
}

/// Messages that producers publish to a queue or stream directly during the whole run.
pub fn published(scenario: &Scenario, feed: Feed) -> f64 {
    scenario.producers.iter().map(|producer| published_by(scenario, producer, feed)).sum()
}

/// Messages that one producer publishes to a queue or stream directly during the whole run.
pub(super) fn published_by(scenario: &Scenario, producer: &Producer, feed: Feed) -> f64 {
    let share: f64 = producer.to.iter().map(|target| share_of(scenario, *target, feed)).sum();
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
    let herds = producer.cron.as_ref().map_or(0.0, |cron| cron.expected(scenario.duration));
    share / producer.to.len() as f64 * (producer.batch.mean() * arrivals + herds)
}
