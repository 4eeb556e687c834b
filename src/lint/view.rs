//! What the rules look at: the scenario, and what is easily asked about it.

use super::hold::Hold;
use crate::arrivals::Mmpp;
use crate::envelope::{Load, load_of, load_of_group};
use crate::policy::budget;
use crate::scenario::{Consumer, Effect, Feed, Producer, Queue, Retry, Scenario, Source, Target};

pub(super) struct View<'a> {
    pub(super) scenario: &'a Scenario,
    /// Of queues, then of groups, that producers publish to.
    pub(super) loads: Vec<Load>,
}

/// A time in which attempts fail.
#[derive(Debug, Clone)]
pub(super) struct Trouble {
    pub(super) name: String,
    pub(super) lasts_s: f64,
}

impl<'a> View<'a> {
    pub(super) fn new(scenario: &'a Scenario) -> View<'a> {
        let queues = (0..scenario.queues.len()).filter_map(|queue| load_of(scenario, queue));
        let groups = (0..scenario.consumers.len()).filter_map(|consumer| load_of_group(scenario, consumer));
        View { scenario, loads: queues.chain(groups).collect() }
    }

    /// Whether the consumer is a workflow's, whose keys stand in the workflow.
    fn is_worker(&self, consumer: usize) -> bool {
        self.scenario.workflows.iter().flat_map(|w| w.activities()).any(|activity| activity.consumer == consumer)
    }

    fn is_task_queue(&self, queue: usize) -> bool {
        self.scenario.workflows.iter().flat_map(|w| w.activities()).any(|activity| activity.queue == queue)
    }

    /// Consumers with a table of their own.
    pub(super) fn consumers(&self) -> impl Iterator<Item = (usize, &'a Consumer)> {
        self.scenario.consumers.iter().enumerate().filter(|(index, _)| !self.is_worker(*index))
    }

    /// Queues that are no workflow's.
    pub(super) fn queues(&self) -> impl Iterator<Item = (usize, &'a Queue)> {
        self.scenario.queues.iter().enumerate().filter(|(index, _)| !self.is_task_queue(*index))
    }

    /// Who reads the queue.
    pub(super) fn readers(&self, queue: usize) -> impl Iterator<Item = (usize, &'a Consumer)> {
        self.consumers().filter(move |(_, consumer)| consumer.from == Feed::Queue(queue))
    }

    pub(super) fn queue_of(&self, consumer: &Consumer) -> Option<&'a Queue> {
        consumer.from.queue().map(|queue| &self.scenario.queues[queue])
    }

    /// The load that the consumer takes part in.
    pub(super) fn load(&self, consumer: usize) -> Option<&Load> {
        self.loads.iter().find(|load| load.consumers.contains(&consumer))
    }

    /// Messages per second for the consumer and those beside it, at the start; `None` where paper does not know.
    pub(super) fn rate(&self, consumer: usize) -> Option<f64> {
        self.load(consumer).map(|load| load.rate_at(0.0))
    }

    pub(super) fn load_of_queue(&self, queue: usize) -> Option<&Load> {
        self.loads.iter().find(|load| load.feed == Feed::Queue(queue))
    }

    /// Messages per second at the start and at the busiest time.
    pub(super) fn rates(&self, load: &Load) -> (f64, f64) {
        let start = load.rate_at(0.0);
        (start, load.rate_at(load.busiest(self.scenario)).max(start))
    }

    /// Its name, or STREAM/CONSUMER: where its messages are counted.
    pub(super) fn component(&self, consumer: &Consumer) -> String {
        match consumer.from {
            Feed::Queue(queue) => self.scenario.queues[queue].name.clone(),
            Feed::Stream(stream) => format!("{}/{}", self.scenario.streams[stream].name, consumer.name),
        }
    }

    pub(super) fn hold(&self, consumer: &Consumer) -> Option<Hold> {
        Hold::of(self.scenario, consumer)
    }

    /// The longest fault in which the consumer's attempts fail, by itself or by what it calls.
    pub(super) fn trouble(&self, consumer: usize) -> Option<Trouble> {
        let calls = |dependency: usize| {
            self.scenario.consumers[consumer].calls.iter().any(|call| call.dependency == dependency)
        };
        let fails = |effect: &Effect| match *effect {
            Effect::ConsumerErrors { consumer: at, error_rate } => at == consumer && error_rate >= 0.5,
            Effect::DependencyErrors { dependency, error_rate } => calls(dependency) && error_rate >= 0.5,
            Effect::DependencyDown { dependency, .. } => calls(dependency),
            _ => false,
        };
        let all = self.scenario.faults.iter().filter(|fault| fails(&fault.effect));
        let longest = all.max_by_key(|fault| fault.lasts)?;
        Some(Trouble { name: longest.name.clone(), lasts_s: longest.lasts.seconds() })
    }

    /// How many times as long work takes at worst, by a fault.
    pub(super) fn slowest(&self, consumer: usize) -> f64 {
        let slow = self.scenario.faults.iter().filter_map(|fault| match fault.effect {
            Effect::ConsumerSlow { consumer: at, factor } if at == consumer => Some(factor),
            _ => None,
        });
        slow.fold(1.0, f64::max)
    }

    /// Probability that an attempt fails on an ordinary day and may be tried again, calls included.
    pub(super) fn failure(&self, consumer: &Consumer) -> f64 {
        let calls = consumer.calls.iter().map(|call| {
            let fails = self.scenario.dependencies[call.dependency].error_rate;
            let tries = call.retry.as_ref().map_or(Some(1), |retry| retry.max_attempts);
            let all_fail = tries.map_or(0.0, |tries| fails.powf(f64::from(tries)));
            1.0 - call.share * all_fail
        });
        1.0 - (1.0 - consumer.failure) * calls.product::<f64>()
    }

    /// Messages per second at their busiest that fail at every attempt, of those that come to the feed.
    pub(super) fn poison(&self, feed: Feed) -> f64 {
        let reaches = |producer: &Producer| producer.to.iter().any(|to| self.leads_to(*to, feed));
        let poisoned = self.scenario.producers.iter().filter(|p| p.poison > 0.0 && reaches(p));
        poisoned.map(|producer| producer.poison * self.published(producer) / self.scenario.duration.seconds()).sum()
    }

    /// Messages that a producer publishes during the run.
    pub(super) fn published(&self, producer: &Producer) -> f64 {
        let end = self.scenario.duration.seconds();
        let arrivals = match &producer.source {
            Source::Curve { curve, .. } => curve.expected(end),
            Source::Mmpp(phases) => Mmpp::mean_rate(phases) * end,
            Source::Messages(rows) => rows.len() as f64,
            Source::Clients { count, think } => f64::from(*count) / think.mean().max(1e-9) * end,
        };
        arrivals * producer.batch.mean()
    }

    fn leads_to(&self, target: Target, feed: Feed) -> bool {
        match (target, feed) {
            (Target::Queue(to), _) => Feed::Queue(to) == feed,
            (Target::Stream(to), _) => Feed::Stream(to) == feed,
            (Target::Topic(topic), Feed::Queue(queue)) => {
                self.scenario.queues[queue].subscribe.is_some_and(|subscription| subscription.topic == topic)
            }
            _ => false,
        }
    }

    /// Producers that publish to the feed.
    pub(super) fn producers(&self, feed: Feed) -> impl Iterator<Item = &'a Producer> {
        let all = self.scenario.producers.iter();
        all.filter(move |producer| producer.to.iter().any(|to| self.leads_to(*to, feed)))
    }

    /// Deliveries after which a message is given up, by queue or consumer; `None`: never.
    pub(super) fn most_deliveries(&self, consumer: &Consumer) -> Option<u32> {
        let queue = self.queue_of(consumer).and_then(|queue| queue.max_deliveries);
        let own = consumer.retry.as_ref().and_then(|retry| retry.max_attempts);
        [queue, own].into_iter().flatten().min()
    }
}

/// Copies of one request at worst, if every try is made: the attempts, or what a budget grants.
pub(super) fn most_copies(retry: &Retry) -> f64 {
    amplification(retry.max_attempts, retry.budget.as_ref())
}

pub(super) fn amplification(max_attempts: Option<u32>, rules: Option<&budget::Rules>) -> f64 {
    let attempts = max_attempts.map_or(f64::INFINITY, f64::from);
    let granted = match rules {
        Some(budget::Rules::Finagle(rules)) => 1.0 + rules.ratio,
        Some(budget::Rules::Envoy(rules)) => 1.0 / (1.0 - rules.ratio).max(1e-9),
        // Tokens come back with successes only: when everything fails they run out.
        Some(budget::Rules::Quota(_) | budget::Rules::Adaptive(_) | budget::Rules::Grpc(_)) => 1.0,
        None => f64::INFINITY,
    };
    attempts.min(granted)
}
