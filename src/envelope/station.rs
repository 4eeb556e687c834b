//! A queue in its steady state at the rate it starts with: which of the formulas for waiting applies, and how exactly.

use super::Load;
use crate::arrivals::{BatchSize, Process};
use crate::random::Distribution;
use crate::random::distribution::Kind;
use crate::scenario::{Consumer, Feed, Order, Scenario, Service, Source};

/// What the formulas need to know.
#[derive(Debug, Clone)]
pub(super) struct Station {
    /// Messages per second; of a stream those of one reader, which is a station of its own.
    pub(super) rate: f64,
    pub(super) servers: u32,
    /// Seconds of one message's work: mean and squared coefficient of variation.
    pub(super) service_s: f64,
    pub(super) scv: f64,
    /// The law itself, where a message's work is drawn from one law and nothing else.
    pub(super) law: Option<Distribution>,
    /// Squared coefficient of variation of the gaps.
    pub(super) gaps: f64,
    /// Messages that come together.
    pub(super) batch: Option<BatchSize>,
    /// First come, first served: quantiles of the wait are known, not only its mean.
    pub(super) fifo: bool,
    /// The servers keep up; a bounded queue has a steady state all the same.
    pub(super) stable: bool,
    /// What the formulas leave out here, in words.
    pub(super) leaves_out: Vec<&'static str>,
}

impl Station {
    /// `None` where no formula for a steady state fits: nothing arrives or works at the start, arrivals are replayed, come
    /// in bursts, from clients that wait or from other consumers, work is done in batches, or replicas come and go.
    pub(super) fn at_start(scenario: &Scenario, load: &Load) -> Option<Station> {
        let consumer = &scenario.consumers[*load.consumers.first()?];
        let (gaps, batch) = arrivals(scenario, load)?;
        let slots = load.slots_at(scenario, 0.0);
        // Under an autoscaler the servers change with the queue.
        let scaled = load.consumers.iter().any(|&c| scenario.consumers[c].scaling.is_some());
        if scaled
            || !load.is_direct()
            || consumer.batch.is_some()
            || load.rate_at(0.0) <= 0.0
            || slots < 1.0
            || !load.work_s.is_finite()
        {
            return None;
        }
        let law = law(consumer).filter(|_| !load.attempts.any());
        let (service_s, scv) = match &law {
            Some(law) => (law.mean(), law.scv()),
            None => (load.work_s, variance(scenario, consumer)? / load.service_s.powi(2)),
        };
        let readers = load.lanes().is_some();
        let (parallel, servers) = if readers { (slots, 1.0) } else { (1.0, slots) };
        let rate = load.rate_at(0.0) / parallel;
        let stable = rate * service_s < servers * (1.0 - 1e-9);
        let station = Station {
            rate,
            servers: servers as u32,
            service_s,
            scv,
            law,
            gaps,
            batch,
            stable,
            fifo: fifo(scenario, load.feed),
            leaves_out: leaves_out(scenario, load, consumer, readers),
        };
        (servers <= 1e7 && scv.is_finite()).then_some(station)
    }

    pub(super) fn is_poisson(&self) -> bool {
        (self.gaps - 1.0).abs() < 1e-12 && self.batch.is_none()
    }

    pub(super) fn is_exponential(&self) -> bool {
        self.law.as_ref().is_some_and(|law| matches!(law.kind, Kind::Exponential(_)) && law.shift == 0.0)
    }
}

/// Variability of the gaps, weighted by rate where several producers publish, and the batches that come.
fn arrivals(scenario: &Scenario, load: &Load) -> Option<(f64, Option<BatchSize>)> {
    let (mut sum, mut rate, mut batch, mut several) = (0.0, 0.0, None, false);
    for producer in &scenario.producers {
        if super::load::published_by(scenario, producer, load.feed) <= 0.0 {
            continue;
        }
        let Source::Curve { curve, process } = &producer.source else { return None };
        if producer.cron.is_some() || producer.outbox.is_some() {
            return None;
        }
        let own = match process {
            Process::Poisson => 1.0,
            Process::Constant => 0.0,
            Process::Renewal { cv } => cv * cv,
        };
        let weight = curve.rate_at(0.0) * producer.batch.mean();
        (sum, rate) = (sum + own * weight, rate + weight);
        several |= batch.is_some() || (rate > weight && producer.batch != BatchSize::Fixed(1));
        if producer.batch != BatchSize::Fixed(1) {
            batch = Some(producer.batch.clone());
        }
    }
    if several || rate <= 0.0 { None } else { Some((sum / rate, batch)) }
}

/// The law of a message's work where it is the consumer's service alone.
fn law(consumer: &Consumer) -> Option<Distribution> {
    let Service::Drawn(law) = &consumer.service else { return None };
    let alone = consumer.overhead_success.is_none() && consumer.calls.is_empty() && consumer.speeds.is_empty();
    (alone && consumer.batch.is_none()).then(|| law.clone())
}

/// Of one attempt, seconds²: service, overhead and calls as if independent.
fn variance(scenario: &Scenario, consumer: &Consumer) -> Option<f64> {
    let Service::Drawn(law) = &consumer.service else { return None };
    let overhead = consumer.overhead_success.as_ref().map_or(0.0, |law| law.variance());
    let calls: f64 = consumer
        .calls
        .iter()
        .map(|call| {
            let law = &scenario.dependencies[call.dependency].service;
            call.share * (law.variance() + law.mean().powi(2) * (1.0 - call.share))
        })
        .sum();
    Some(law.variance() + overhead + calls)
}

fn fifo(scenario: &Scenario, feed: Feed) -> bool {
    feed.queue().is_none_or(|queue| scenario.queues[queue].order == Order::Fifo)
}

fn leaves_out(scenario: &Scenario, load: &Load, consumer: &Consumer, readers: bool) -> Vec<&'static str> {
    let queue = load.feed.queue().map(|queue| &scenario.queues[queue]);
    let words = [
        (load.attempts.any(), "retries counted as longer work"),
        (readers, "each reader a queue of its own, keys spread evenly"),
        (consumer.prefetch.is_some_and(|n| n > consumer.concurrency), "prefetch left out, with it waits are longer"),
        (consumer.poll.ns() > 0 && !readers, "polling left out"),
        (consumer.receive.is_some_and(|n| n > 1), "receives of several messages left out"),
        (load.consumers.len() > 1, "all consumers as fast as the first"),
        (queue.is_some_and(|q| matches!(q.order, Order::Key | Order::Session)), "order by key left out"),
    ];
    words.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word).collect()
}

/// E\[X\] and E\[X²\] of the messages that come together.
pub(super) fn moments(batch: &BatchSize) -> (f64, f64) {
    match batch {
        BatchSize::Fixed(size) => (f64::from(*size), f64::from(*size).powi(2)),
        BatchSize::Geometric { mean } => (*mean, mean * (2.0 * mean - 1.0)),
        BatchSize::Pmf { sizes, shares } => {
            (batch.mean(), sizes.iter().zip(shares).map(|(size, share)| f64::from(*size).powi(2) * share).sum())
        }
    }
}
