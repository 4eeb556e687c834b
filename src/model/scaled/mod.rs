//! Traffic scaled down: a model in which each message stands for many real ones.
//!
//! With weight k rates, capacities, thresholds and quotas are divided by k and sizes multiplied. A pool of c servers
//! becomes one of c/m; each of its servers settles a message after one service, as a real one does, and is then busy with
//! r − 1 more (r = k/m ≥ 1), so that waits and latencies at low load and the speed at high load are both the real ones.
//! Partitions and their members stay as they are (m = 1). Chance is thinned to what is left of it when k messages are
//! taken together: arrivals keep the index of dispersion of the real ones, services and failures are spread evenly.
//!
//! Durations stay, so the clock, faults, leases, backoffs and autoscalers are those of the real system.

mod bounds;
mod consumers;
mod counts;
mod dependencies;
mod policies;
mod pools;
mod producers;
mod queues;

pub use bounds::Bound;
pub use counts::Rounded;

use super::{Control, Effect, Model, Portion};
use counts::Counts;

/// A model that is scaled down, and what it takes to read its results.
#[derive(Debug, Clone)]
pub struct Scaled {
    pub model: Model,
    /// Real messages that one stands for.
    pub weight: u32,
    /// One for each of the model's consumers.
    pub pools: Vec<Pool>,
    /// Real invocations that one of each consumer stands for.
    pub invocations: Vec<f64>,
    /// Whole numbers that did not divide.
    pub rounded: Vec<Rounded>,
    /// Sentences: which figures are rougher than in an exact run, and by how much.
    pub coarse: Vec<String>,
}

/// What one replica and one work slot stand for; both at least 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pool {
    /// Real replicas.
    pub replicas: f64,
    /// Real work slots.
    pub slots: f64,
}

impl Pool {
    /// Services that a slot makes for one message: that of the message and those of others that it stands for.
    pub fn services(&self, weight: u32) -> f64 {
        f64::from(weight) / self.slots
    }
}

impl Model {
    /// The same with each message standing for `weight` real ones. A weight above the least of `weight_bounds` gives a
    /// model that runs and says something else than the real one.
    pub fn scaled(&self, weight: u32) -> Scaled {
        let mut model = self.clone();
        let mut counts = Counts::new(weight);
        model.weight = weight;
        model.producers.iter_mut().for_each(|producer| producers::scale(producer, &mut counts));
        model.queues.iter_mut().for_each(|queue| queues::scale(queue, &mut counts));
        model.topics.iter_mut().for_each(|topic| counts.rate(&mut topic.publish_limit));
        model.dependencies.iter_mut().for_each(|dependency| dependencies::scale(dependency, &mut counts));
        let pools: Vec<Pool> = (0..model.consumers.len()).map(|c| pools::scale(&mut model, c, &mut counts)).collect();
        for (consumer, pool) in pools.iter().enumerate() {
            let queue = model.consumers[consumer].queue;
            model.queues[queue].receivers = pool.slots;
        }
        for stream in 0..model.streams.len() {
            let widest = model.streams[stream].groups.iter().filter_map(|&queue| self.queues[queue].group.as_ref());
            let fetched = widest.map(|group| group.rules.max_poll_records).min().unwrap_or(1);
            queues::scale_stream(&mut model.streams[stream], fetched, &mut counts);
        }
        for (_, control) in &mut model.timeline {
            if let Control::Replicas { consumer, count } = control {
                let name = format!("a scheduled number of replicas of `{}`", self.consumers[*consumer].name);
                *count = counts.whole(&name, *count, pools[*consumer].replicas);
            }
        }
        for effect in &mut model.effects {
            if let Effect::ConsumerCrash { consumer, replicas: Portion::Count(count) }
            | Effect::ConsumerHang { consumer, replicas: Portion::Count(count) } = effect
            {
                let name = format!("the replicas of `{}` that a fault hits", self.consumers[*consumer].name);
                *count = counts.whole(&name, *count, pools[*consumer].replicas);
            }
        }
        for effect in &self.effects {
            if let Effect::ConsumerDeploy { consumer, deploy } = *effect
                && let Portion::Count(count) = &mut model.deploys[deploy].max_unavailable
            {
                let name = format!("`max_unavailable` of the deploy of `{}`", self.consumers[consumer].name);
                *count = counts.whole(&name, *count, pools[consumer].replicas);
            }
        }
        let batches = |model: &Model, c: usize| model.consumers[c].batch.as_ref().map_or(1.0, |b| f64::from(b.size));
        let each = |c: usize| f64::from(weight) * batches(&model, c) / batches(self, c);
        let invocations = (0..model.consumers.len()).map(each).collect();
        let Counts { rounded, coarse, .. } = counts;
        Scaled { model, weight, pools, invocations, rounded, coarse }
    }
}

#[cfg(test)]
mod tests;
