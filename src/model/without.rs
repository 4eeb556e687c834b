//! The same scenario with one thing taken out: what a verdict is proved with.

use super::{Control, Model, OnFailure, OnRejectModel, UNLIMITED};

impl Model {
    /// The same arrivals, each worked on once at most: nobody publishes again, nothing is delivered twice, a failure is
    /// final. `None` where there was nothing to take out.
    ///
    /// This is the one place that knows what repeats work: a new kind of retry is taken out here.
    pub fn without_retries(&self) -> Option<Model> {
        let mut model = self.clone();
        let mut changed = false;
        for producer in &mut model.producers {
            if let Some(reply) = &mut producer.reply {
                changed |= set(&mut reply.max_attempts, 1);
            }
            if matches!(producer.on_reject, OnRejectModel::Retry { .. }) {
                producer.on_reject = OnRejectModel::Drop;
                changed = true;
            }
            changed |= set(&mut producer.duplicate, 0.0);
        }
        for topic in &mut model.topics {
            changed |= !topic.delivery_retry.is_empty();
            topic.delivery_retry.clear();
        }
        for queue in &mut model.queues {
            // The bound on an attempt of a task stays: running into it is a failure, and that is final now.
            if queue.task.is_none() {
                changed |= set(&mut queue.lease, UNLIMITED);
            }
            changed |= set(&mut queue.traits.duplicate_delivery, 0.0);
            if let Some(group) = &mut queue.group {
                // A member that is put out for its slowness leaves its records to be done again.
                changed |= set(&mut group.rules.max_poll_interval, None);
                if matches!(group.rules.on_failure, OnFailure::Block | OnFailure::RetryTopic) {
                    group.rules.on_failure = OnFailure::Skip;
                }
            }
        }
        for consumer in &mut model.consumers {
            changed |= set(&mut consumer.max_attempts, 1);
            if model.queues[consumer.queue].task.is_none() {
                // Leases that never end need no extension.
                consumer.heartbeat = None;
            }
            for call in &mut consumer.calls {
                changed |= set(&mut call.max_attempts, 1);
                changed |= set(&mut call.hedge, None);
            }
        }
        changed.then_some(model)
    }

    /// Every consumer with all the replicas that it will ever have, from the start to the end. `None` where none
    /// changes its number of replicas.
    pub fn at_full_scale(&self) -> Option<Model> {
        let mut model = self.clone();
        let mut changed = false;
        for consumer in &mut model.consumers {
            let reserved = consumer.scaling.as_ref().and_then(|scaling| scaling.reserved_concurrency);
            let most = consumer.most_replicas().min(reserved.unwrap_or(u32::MAX));
            changed |= set(&mut consumer.replicas, most);
            changed |= consumer.scaling.take().is_some();
        }
        let planned = model.timeline.len();
        model.timeline.retain(|(_, control)| !matches!(control, Control::Replicas { .. }));
        changed |= model.timeline.len() != planned;
        changed.then_some(model)
    }
}

/// Whether this changed anything.
fn set<T: PartialEq>(place: &mut T, value: T) -> bool {
    let changed = *place != value;
    *place = value;
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;
    use std::collections::BTreeMap;

    fn model(text: &str) -> Model {
        let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        Model::compile(&Scenario::parse(text, &files).expect("a sound scenario"))
    }

    const PLAIN: &str = r#"
title = "t"
duration = "1m"
[producer.p]
to = "q"
rate = "1/s"
PRODUCER
[queue.q]
QUEUE
[consumer.w]
from = "q"
service = "100ms"
CONSUMER
"#;

    fn with(producer: &str, queue: &str, consumer: &str) -> Model {
        model(&PLAIN.replace("PRODUCER", producer).replace("QUEUE", queue).replace("CONSUMER", consumer))
    }

    #[test]
    fn all_that_repeats_work_is_taken_out() {
        let storm = with(
            "duplicate = 0.1\nreply = { timeout = \"1s\", retry = { max_attempts = 4 } }",
            "visibility_timeout = \"30s\"\nduplicate_delivery = 0.01",
            "failure = 0.1\nretry = { max_attempts = 3, backoff = \"1s\" }",
        );
        let calm = storm.without_retries().expect("there is much to take out");
        assert_eq!(calm.producers[0].reply.as_ref().map(|reply| reply.max_attempts), Some(1));
        assert_eq!((calm.producers[0].duplicate, calm.queues[0].traits.duplicate_delivery), (0.0, 0.0));
        assert_eq!((calm.queues[0].lease, calm.consumers[0].max_attempts), (UNLIMITED, 1));
        assert!(calm.without_retries().is_none());
        let insistent = with("on_reject = { retry = { backoff = \"1s\" } }", "capacity = 5", "");
        assert!(matches!(insistent.without_retries().unwrap().producers[0].on_reject, OnRejectModel::Drop));
    }

    #[test]
    fn calls_are_made_once() {
        let calls = "calls = [{ dependency = \"db\", timeout = \"1s\", retry = { max_attempts = 3, backoff = \"1s\" }, \
                     hedge = { after = \"200ms\" } }]\n[dependency.db]\nservice = \"100ms\"";
        let calm = with("", "", calls).without_retries().expect("a retry and a hedge");
        let call = &calm.consumers[0].calls[0];
        assert_eq!((call.max_attempts, call.hedge), (1, None));
    }

    #[test]
    fn full_scale_is_the_most_there_will_be() {
        assert!(with("", "", "replicas = 4").at_full_scale().is_none());
        let scaled =
            with("", "", "replicas = 2\nschedule = [{ at = \"20s\", replicas = 9 }, { at = \"40s\", replicas = 1 }]");
        let full = scaled.at_full_scale().expect("a schedule");
        assert_eq!(full.consumers[0].replicas, 9);
        let keda = with("", "", "scaling = { policy = \"keda\", target = 10, max = 20 }");
        assert_eq!(keda.at_full_scale().expect("an autoscaler").consumers[0].replicas, 20);
        assert!(!full.timeline.iter().any(|(_, control)| matches!(control, Control::Replicas { .. })));
    }
}
