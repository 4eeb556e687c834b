//! How many attempts a message costs, and how long they keep a slot: the arithmetic that other laws start from.

use super::Load;
use crate::policy::retry::{Backoff, Growth, Jitter};
use crate::scenario::{Consumer, Feed, OnFailure, RetryPlace, Scenario};

/// What failures do to the messages of one queue or group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attempts {
    /// Probability that an attempt fails and may be tried again.
    pub failure: f64,
    /// Probability that an attempt ends the message at once.
    pub hopeless: f64,
    /// Share of messages that fail at every attempt.
    pub poison: f64,
    /// Attempts in all; `None`: no limit.
    pub limit: Option<u32>,
}

impl Attempts {
    pub fn of(scenario: &Scenario, feed: Feed, consumer: &Consumer) -> Attempts {
        let all_fail = consumer.batch.as_ref().filter(|batch| !batch.partial).map_or(1, |batch| batch.size);
        Attempts {
            // One failure fails its whole batch.
            failure: 1.0 - (1.0 - consumer.failure).powf(f64::from(all_fail)),
            hopeless: consumer.permanent_failure,
            poison: poison(scenario, feed),
            limit: limit(scenario, feed, consumer),
        }
    }

    /// Attempts that a message costs on average: (1 − π)(1 − pⁿ)/(1 − p) + π·n.
    pub fn mean(&self) -> f64 {
        let n = self.limit.map_or(f64::INFINITY, f64::from);
        let sound = if self.failure >= 1.0 { n } else { (1.0 - self.power()) / (1.0 - self.failure) };
        let poisoned = if self.poison > 0.0 { self.poison * n } else { 0.0 };
        (1.0 - self.poison) * sound + poisoned
    }

    /// pⁿ: attempts used up, of messages that are sound.
    pub fn power(&self) -> f64 {
        self.limit.map_or(if self.failure < 1.0 { 0.0 } else { 1.0 }, |n| self.failure.powf(f64::from(n)))
    }

    /// Share of messages that end without success.
    pub fn given_up(&self) -> f64 {
        let tries = if self.failure >= 1.0 { 0.0 } else { (1.0 - self.power()) / (1.0 - self.failure) };
        let poisoned = if self.limit.is_some() { self.poison } else { 0.0 };
        (poisoned + (1.0 - self.poison) * (self.power() + self.hopeless * tries)).min(1.0)
    }

    /// Anything fails at all.
    pub fn any(&self) -> bool {
        self.failure > 0.0 || self.hopeless > 0.0 || self.poison > 0.0
    }
}

/// Seconds that one message keeps a slot over all its attempts; infinite where poison is tried for ever.
pub(super) fn work_s(scenario: &Scenario, feed: Feed, consumer: &Consumer, service_s: f64) -> f64 {
    let attempts = Attempts::of(scenario, feed, consumer);
    if !attempts.any() {
        return service_s;
    }
    let speed = if consumer.speeds.is_empty() {
        1.0
    } else {
        consumer.speeds.iter().sum::<f64>() / consumer.speeds.len() as f64
    };
    let after = |law: &Option<crate::random::Distribution>| law.as_ref().map_or(0.0, |law| law.mean());
    let swap = after(&consumer.overhead_failure) - after(&consumer.overhead_success);
    let failing = consumer.failure_service.as_ref().map_or(service_s + swap, |law| law.mean() / speed + swap.max(0.0));
    let (mean, done) = (attempts.mean(), 1.0 - attempts.given_up());
    let held = match &consumer.retry {
        Some(retry) if retry.place == RetryPlace::Process => backoff_mean_s(&attempts, &retry.backoff),
        _ => 0.0,
    };
    done * service_s + (mean - done).max(0.0) * failing.max(0.0) + held
}

fn limit(scenario: &Scenario, feed: Feed, consumer: &Consumer) -> Option<u32> {
    let own = consumer.retry.as_ref().and_then(|retry| retry.max_attempts);
    match (feed, &consumer.group) {
        (Feed::Queue(queue), _) => {
            let queue = &scenario.queues[queue];
            let in_process = consumer.retry.as_ref().is_some_and(|retry| retry.place == RetryPlace::Process);
            let deliveries = queue.max_deliveries.filter(|_| queue.traits.counts.nack && !in_process);
            [deliveries, own].into_iter().flatten().min()
        }
        (Feed::Stream(_), Some(group)) => match group.on_failure {
            OnFailure::Block => None,
            OnFailure::Skip | OnFailure::DeadLetter => Some(own.unwrap_or(1)),
            OnFailure::RetryTopic => own,
        },
        (Feed::Stream(_), None) => own,
    }
}

/// Share of the messages published to it that fail at every attempt.
fn poison(scenario: &Scenario, feed: Feed) -> f64 {
    let (mut bad, mut all) = (0.0, 0.0);
    for producer in scenario.producers.iter().filter(|producer| producer.poison > 0.0) {
        bad += super::load::published_by(scenario, producer, feed) * producer.poison;
    }
    if bad > 0.0 {
        all = super::load::published(scenario, feed);
    }
    if all > 0.0 { bad / all } else { 0.0 }
}

/// Mean delay before the n-th retry, in seconds. A jitter that remembers its last delay counts as its bounds' middle.
pub fn delay_s(backoff: &Backoff, n: u32) -> f64 {
    let cap = crate::units::seconds(backoff.cap);
    let base = backoff.backoff.mean();
    let grown = match backoff.growth {
        Growth::Exponential => base * backoff.factor.powi(n.saturating_sub(1).min(10_000) as i32),
        Growth::Envoy => base * (2f64.powi(n.min(1000) as i32) - 1.0),
        // k⁴ + 15 + (0 … 29)·(k + 1), with k = n − 1.
        Growth::Sidekiq => return (f64::from(n - 1).powi(4) + 15.0 + 14.5 * f64::from(n)).min(cap),
    };
    let capped = grown.min(cap);
    match backoff.jitter {
        Jitter::None | Jitter::Fifth => capped,
        Jitter::Full => capped / 2.0,
        Jitter::Equal => capped * 0.75,
        // Uniform from the base to three times the last, which is the base at first: the mean is (base + 3·last)/2.
        Jitter::Decorrelated => (1..=n.min(200)).fold(base, |last, _| f64::midpoint(base, 3.0 * last).min(cap)),
    }
}

/// Mean of the delays of one sound message together: Σ pᵏ·dₖ over the retries it may have.
pub fn backoff_mean_s(attempts: &Attempts, backoff: &Backoff) -> f64 {
    let most = attempts.limit.map_or(200, |n| n.saturating_sub(1)).min(10_000);
    let mut sum = 0.0;
    for k in 1..=most {
        let reached = attempts.failure.powi(k as i32);
        if reached < 1e-15 {
            break;
        }
        sum += reached * delay_s(backoff, k);
    }
    sum
}

/// From a message's first failure to its last where all attempts fail, the work itself left out; `None` without a limit.
pub fn to_the_last_s(attempts: &Attempts, backoff: &Backoff) -> Option<f64> {
    Some((1..attempts.limit?.min(10_000)).map(|k| delay_s(backoff, k)).sum())
}

/// The retry rules that matter to a load: those of its first consumer.
pub(super) fn backoff<'s>(scenario: &'s Scenario, load: &Load) -> Option<&'s Backoff> {
    scenario.consumers[*load.consumers.first()?].retry.as_ref().map(|retry| &retry.backoff)
}
