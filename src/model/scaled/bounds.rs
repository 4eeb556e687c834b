//! How much one message may stand for before the answer would be another.

use crate::model::{Model, OnRejectModel, Order, RecoveredWhen, SourceModel, UNLIMITED};
use crate::policy::{budget, shed};

/// A weight that must not be exceeded.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// At least 1.
    pub weight: u32,
    /// A sentence without its full stop.
    pub reason: String,
}

/// Scaled messages that a limit must leave room for.
const ROOM: u64 = 20;
/// The same of a threshold that is only looked at now and then.
const STEPS: u64 = 10;

struct Bounds(Vec<Bound>);

impl Bounds {
    fn at(&mut self, weight: u64, reason: String) {
        let weight = weight.clamp(1, u32::MAX.into()) as u32;
        if weight < u32::MAX {
            self.0.push(Bound { weight, reason });
        }
    }

    /// A count of messages, of which so many parts shall be left.
    fn count(&mut self, what: &str, name: &str, count: u64, parts: u64) {
        if count > 0 && count != UNLIMITED {
            let reason = format!("`{what}` of `{name}` is {}", crate::units::grouped(count as f64, 0));
            self.at(count / parts, reason);
        }
    }
}

impl Model {
    /// What bounds the weight, the tightest first.
    pub fn weight_bounds(&self) -> Vec<Bound> {
        let mut bounds = Bounds(vec![]);
        self.bounds_of_producers(&mut bounds);
        self.bounds_of_queues(&mut bounds);
        self.bounds_of_consumers(&mut bounds);
        for dependency in &self.dependencies {
            bounds.count("concurrency", &dependency.name, dependency.concurrency, ROOM);
            bounds.count("queue_limit", &dependency.name, dependency.queue_limit, STEPS);
        }
        bounds.0.sort_by_key(|bound| bound.weight);
        bounds.0
    }

    fn bounds_of_producers(&self, bounds: &mut Bounds) {
        for producer in &self.producers {
            let name = &producer.name;
            match &producer.source {
                SourceModel::Messages(_) => {
                    bounds.at(1, format!("`{name}` replays recorded messages, each as it was"));
                }
                SourceModel::Clients { count, .. } => bounds.count("clients", name, u64::from(*count), ROOM),
                SourceModel::Curve { .. } | SourceModel::Mmpp(_) => {}
            }
            if let Some(cron) = &producer.cron {
                bounds.count("cron.count", name, cron.count.into(), STEPS);
            }
            if let Some(most) = u64::from(u32::MAX).checked_div(producer.size) {
                bounds.at(most, format!("a message of `{name}` is that large"));
            }
            let (reply, rejected) = match &producer.on_reject {
                OnRejectModel::Retry { budget, .. } => (&producer.reply, budget.as_ref()),
                OnRejectModel::Spill(spill) => {
                    bounds.count("capacity", name, spill.capacity.into(), STEPS);
                    (&producer.reply, None)
                }
                OnRejectModel::Drop | OnRejectModel::Block => (&producer.reply, None),
            };
            let budgets = [reply.as_ref().and_then(|reply| reply.budget.as_ref()), rejected];
            budgets.into_iter().flatten().for_each(|rules| self.bound_of_budget(rules, 1, name, bounds));
        }
    }

    fn bounds_of_queues(&self, bounds: &mut Bounds) {
        let size = self.producers.iter().map(|producer| producer.size).max().unwrap_or(0).max(1);
        for queue in &self.queues {
            let name = &queue.name;
            if matches!(queue.order, Order::Key | Order::Session) {
                bounds.at(1, format!("`{name}` works on one message of a key after another, in order"));
            }
            bounds.count("capacity", name, queue.capacity, ROOM);
            bounds.count("max_in_flight", name, queue.max_in_flight, ROOM);
            bounds.count("lifo_above", name, queue.lifo_above, STEPS);
            bounds.count("log_length", name, queue.traits.log_length.unwrap_or(UNLIMITED), ROOM);
            if let Some(initial) = queue.initial {
                bounds.count("initial.messages", name, initial.messages, ROOM);
            }
            if let Some(RecoveredWhen::BacklogAtMost(count)) = queue.recovered_when {
                bounds.count("recovered_when", name, count, STEPS);
            }
            for bytes in [queue.traits.capacity_bytes, queue.traits.memory_alarm].into_iter().flatten() {
                bounds.count("capacity_bytes", name, bytes / size, ROOM);
            }
        }
        for stream in &self.streams {
            if let Some(bytes) = stream.rules.retention_bytes {
                bounds.count("retention_bytes", &stream.name, bytes / size, ROOM);
            }
            if let Some(initial) = stream.rules.initial {
                bounds.count("initial.messages", &stream.name, initial.messages, ROOM);
            }
        }
    }

    fn bounds_of_consumers(&self, bounds: &mut Bounds) {
        for consumer in &self.consumers {
            let (name, replicas) = (&consumer.name, u64::from(consumer.replicas));
            // A replica has rules of its own: as long as one stands for as many as a message, they stay as they are.
            let whole = replicas / ROOM;
            let own = |what: &str, count: u32, bounds: &mut Bounds| {
                if count > 0 && count != u32::MAX {
                    let weight = whole.max(u64::from(count) * replicas.min(ROOM) / STEPS);
                    bounds.at(weight, format!("`{what}` of `{name}` is {count} for each of {replicas} replicas"));
                }
            };
            for call in &consumer.calls {
                own("bulkhead", call.bulkhead, bounds);
                match call.breaker.as_ref().map(|breaker| &breaker.trip) {
                    Some(crate::policy::breaker::Trip::Consecutive(most)) => own("breaker.failures", *most, bounds),
                    Some(crate::policy::breaker::Trip::Rate { minimum_calls, .. }) => {
                        own("breaker.minimum_calls", *minimum_calls, bounds);
                    }
                    None => {}
                }
            }
            let budgets = consumer.calls.iter().filter_map(|call| call.budget.as_ref()).chain(&consumer.budget);
            budgets.for_each(|rules| self.bound_of_budget(rules, whole, name, bounds));
            if let Some(shed) = &consumer.shed
                && let shed::Rules::DeeperThan(most) = shed.rules
            {
                bounds.count("shed", name, most, STEPS);
            }
            self.bound_of_polls(consumer, bounds);
        }
    }

    /// `whole`: the weight up to which the budget's own numbers stay as they are.
    fn bound_of_budget(&self, rules: &budget::Rules, whole: u64, name: &str, bounds: &mut Bounds) {
        let count = match rules {
            budget::Rules::Adaptive(_) => 0,
            budget::Rules::Grpc(grpc) => u64::from(grpc.tokens) / STEPS,
            budget::Rules::Quota(_) | budget::Rules::Finagle(_) | budget::Rules::Envoy(_) => return,
        };
        bounds.at(whole.max(count), format!("the retry budget of `{name}` counts single messages"));
    }

    /// A member must not look dead because it works on one message that stands for more than a poll returns.
    fn bound_of_polls(&self, consumer: &crate::model::ConsumerModel, bounds: &mut Bounds) {
        let Some(group) = &self.queues[consumer.queue].group else { return };
        if group.rules.parallelization > 1 {
            bounds.at(1, format!("`{}` works on keys of one partition in parallel", consumer.name));
        }
        let Some(interval) = group.rules.max_poll_interval else { return };
        let taken = consumer.batch.as_ref().map_or(group.rules.max_poll_records, |batch| batch.size);
        let crate::model::ServiceModel::Drawn(law) = &consumer.service else {
            let reason = format!("a poll of `{}` returns {taken} records", consumer.name);
            return bounds.at(taken.into(), reason);
        };
        let within = interval.seconds() / STEPS as f64 / law.mean().max(1e-9);
        if within > f64::from(taken) {
            return bounds.at(within as u64, format!("`max_poll_interval` of `{}` is {interval}", consumer.name));
        }
        bounds.at(taken.into(), format!("a poll of `{}` returns {taken} records", consumer.name));
    }
}
