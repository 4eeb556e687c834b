//! Rules of consumers.

use super::{Checker, entries};
use crate::policy::retry::Backoff;
use crate::random::Distribution;
use crate::scenario::problem::{Problem, listed, nearest};
use crate::scenario::reader::{Named, Placed};
use crate::scenario::value::{
    Consumer, ConsumerBatch, Crash, Feed, Idempotent, OnFailure, Queue, Retry, RetryPlace, RetryPosition, Service, Then,
};
use crate::scenario::written::{self, Ack, Route, ServiceWritten};
use crate::units::Duration;

impl Checker<'_> {
    pub(super) fn consumers(&mut self, queues: &[Queue]) -> Vec<Consumer> {
        let file = self.file;
        let mut consumers = vec![];
        for (name, consumer) in file.consumer.iter().flat_map(|named| &named.0) {
            consumers.extend(self.consumer(&name.value, consumer, queues));
        }
        consumers
    }

    pub(super) fn consumer(
        &mut self,
        name: &str,
        consumer: &Placed<written::Consumer>,
        queues: &[Queue],
    ) -> Option<Consumer> {
        let from = self.names.feed("from", &consumer.from);
        let from = self.keep(from);
        let read = from.and_then(Feed::queue).and_then(|from| queues.get(from));
        let levels = read.map(|queue| queue.priorities.clone()).unwrap_or_default();
        let service = self.service(name, consumer, &levels);
        self.attempt_rules(consumer);
        let leased = read.is_some_and(|queue| queue.visibility_timeout.is_some());
        self.receive_rules(consumer, read);
        let group = self.group(consumer, from);
        let scaling = self.scaling(name, consumer, from);
        let then = self.then(consumer);
        let calls = self.calls(consumer);
        let mut retry = consumer.retry.as_ref().map(|retry| self.retry(consumer, retry));
        if let Some(group) = &group {
            self.budget_of_group(consumer, group.on_failure);
            retry = Some(group_retry(retry, group.on_failure));
        }
        self.consumer_defaults(name, consumer, group.is_some());
        let overhead = consumer.overhead.as_ref().map(|overhead| overhead.value.clone());
        let (overhead_success, overhead_failure) = overhead.map_or((None, None), |both| (both.success, both.failure));
        Some(Consumer {
            name: name.into(),
            replicas: consumer.replicas.u32(),
            schedule: self.schedule(consumer),
            concurrency: consumer.concurrency.u32(),
            service,
            overhead_success,
            overhead_failure,
            speeds: entries(&consumer.speeds).map(|speed| speed.value.0).collect(),
            failure_service: consumer.failure_service.as_ref().map(|law| law.value.clone()),
            prefetch: consumer.prefetch.as_ref().map(|n| n.u32()),
            batch: consumer.batch.as_ref().map(|batch| batch_of(batch)),
            ack_before: consumer.ack.value == Ack::Before,
            failure: consumer.failure.value.value(),
            permanent_failure: consumer.permanent_failure.value.value(),
            retry,
            timeout: consumer.timeout.as_ref().map(|timeout| timeout.value.0),
            then,
            route_one: consumer.route.value == Route::One,
            crash: consumer
                .crash
                .as_ref()
                .map(|crash| Crash { mtbf: crash.mtbf.0, restart: crash.restart.value.clone() }),
            group,
            receive: consumer.receive.as_ref().map(|n| n.u32()).filter(|n| *n > 1),
            poll: consumer.poll.as_ref().map_or(Duration::ZERO, |poll| poll.value),
            poll_from: Duration::ZERO,
            heartbeat: consumer.heartbeat.as_ref().filter(|_| leased).map(|every| every.0),
            idempotent: consumer
                .idempotent
                .as_ref()
                .map(|store| Idempotent { window: store.window.0, cost: store.cost.value.clone() }),
            scaling,
            shed: self.shed(consumer, read),
            skip_expired_requests: consumer.skip_expired_requests.as_ref().is_some_and(|flag| flag.value),
            calls,
            from: from?,
        })
    }

    fn consumer_defaults(&mut self, name: &str, consumer: &written::Consumer, in_group: bool) {
        for (absent, key, value) in [
            (
                consumer.retry.is_none() && consumer.ack.value == Ack::After && !in_group,
                "retry",
                "at once, at the head of the queue",
            ),
            (consumer.prefetch.is_none(), "prefetch", "a message is taken when a slot is free"),
            (consumer.overhead.is_none(), "overhead", "0s"),
            (consumer.timeout.is_none(), "timeout", "none"),
        ] {
            if absent {
                self.default(format!("consumer.{name}.{key}"), value);
            }
        }
    }

    fn service(&mut self, name: &str, consumer: &Placed<written::Consumer>, levels: &[String]) -> Service {
        let per_batch = consumer.batch.as_ref().is_some_and(|batch| batch.service_per_batch.is_some());
        let Some(service) = &consumer.service else {
            if !per_batch && !consumer.broken {
                let message = format!("consumer `{name}` does not say how long its work takes: `service` is missing");
                self.refuse(&consumer.place, message, "add service = \"50ms\", or a law such as { exp = \"50ms\" }");
            }
            return Service::Drawn(Distribution::constant(0.0));
        };
        if per_batch {
            let message = "`service` has no effect beside `service_per_batch`, which takes its place";
            self.refuse(&service.place, message, "leave one of them out");
        }
        match &service.value {
            ServiceWritten::Drawn(law) => Service::Drawn(law.clone()),
            ServiceWritten::Message => Service::Message,
            ServiceWritten::ByPriority(named) => {
                Service::ByPriority(self.service_by_priority(named, &service.place, levels, consumer.broken))
            }
        }
    }

    fn service_by_priority(
        &mut self,
        named: &Named<Distribution>,
        place: &crate::scenario::problem::Place,
        levels: &[String],
        broken: bool,
    ) -> Vec<Distribution> {
        if levels.is_empty() {
            self.refuse(
                place,
                "`by_priority` has no meaning here: the queue has no priorities",
                "give the queue order = \"priority\" and priorities = [\"high\", \"low\"]",
            );
            return vec![];
        }
        for (name, _) in &named.0 {
            if !levels.contains(&name.value) {
                let problem = Problem::new(&name.place, format!("the queue has no priority `{}`", name.value));
                let known = levels.iter().map(String::as_str);
                self.problems.push(match nearest(name, known.clone()) {
                    Some(near) => problem.way_out(format!("did you mean `{near}`?")),
                    None => problem.way_out(format!("it has {}", listed(known))),
                });
            }
        }
        let missing: Vec<&str> = levels
            .iter()
            .filter(|level| named.0.iter().all(|(name, _)| name.value != **level))
            .map(String::as_str)
            .collect();
        if !missing.is_empty() && !broken {
            let message = format!("`by_priority` says nothing of {}", listed(missing.iter().copied()));
            self.refuse(place, message, "give every level of the queue its service");
        }
        let of =
            |level: &String| named.0.iter().find(|(name, _)| name.value == *level).map(|(_, law)| law.value.clone());
        levels.iter().filter_map(of).collect()
    }

    fn attempt_rules(&mut self, consumer: &Placed<written::Consumer>) {
        let (failure, permanent) = (consumer.failure.value.value(), consumer.permanent_failure.value.value());
        if failure + permanent > 1.0 + 1e-12 {
            let message = format!(
                "`failure` and `permanent_failure` sum to {}, but they are shares of the same attempts",
                failure + permanent
            );
            self.refuse(&consumer.permanent_failure.place, message, "lower one of them");
        }
        let per_batch = consumer.batch.as_ref().is_some_and(|batch| batch.service_per_batch.is_some());
        if let Some(failing) = consumer.failure_service.as_ref().filter(|_| per_batch) {
            self.refuse(
                &failing.place,
                "`failure_service` has no effect beside `service_per_batch`: a batch takes its time whoever fails in it",
                "leave one of them out",
            );
        }
        let speeds = entries(&consumer.speeds).count();
        let replicas = consumer.replicas.u32() as usize;
        if consumer.schedule.is_none() && consumer.scaling.is_none() && speeds > replicas && !consumer.broken {
            let place = consumer.speeds.as_ref().map_or(&consumer.place, |speeds| &speeds.place);
            let message = format!("`speeds` has {speeds} entries for {replicas} replicas");
            self.refuse(place, message, "give one entry a replica, or fewer: they repeat");
        }
        if consumer.speeds.is_some() && speeds == 0 && !consumer.broken {
            let place = consumer.speeds.as_ref().map_or(&consumer.place, |speeds| &speeds.place);
            self.refuse(place, "`speeds` is empty", "write [1, 1, 0.5], or leave it out");
        }
    }

    fn schedule(&mut self, consumer: &Placed<written::Consumer>) -> Vec<(Duration, u32)> {
        let mut before: Option<Duration> = None;
        let mut steps = vec![];
        for step in entries(&consumer.schedule) {
            self.within_run("this step", step.at.value, &step.at.place);
            if before.is_some_and(|before| step.at.value <= before) {
                let message = format!(
                    "`at` = {} does not come after the step before it, at {}",
                    step.at.value,
                    before.unwrap_or_default()
                );
                self.refuse(&step.at.place, message, "write the steps in order of time");
            }
            before = Some(step.at.value);
            steps.push((step.at.value, step.replicas.u32()));
        }
        steps
    }

    fn retry(&mut self, consumer: &written::Consumer, retry: &Placed<written::RetryWritten>) -> Retry {
        let in_process = retry.r#where.value == RetryPlace::Process;
        if in_process && retry.position.value == RetryPosition::Head {
            self.refuse(
                &retry.position.place,
                "`position` is where a message joins the queue again, but with where = \"process\" it never leaves the consumer",
                "leave `position` out, or use where = \"queue\"",
            );
        }
        if let Some(batch) = consumer.batch.as_ref().filter(|_| in_process) {
            self.refuse(
                &batch.place,
                "the messages of a batch are settled together, so one of them cannot be retried inside the process",
                "use where = \"queue\" with `batch`, or leave `batch` out",
            );
        }
        if consumer.ack.value == Ack::Before && retry.r#where.value == RetryPlace::Queue {
            let message =
                "`retry` in the queue has no meaning with ack = \"before\": the queue has forgotten the message";
            self.refuse(&retry.place, message, "use where = \"process\", or acknowledge after the work");
        }
        Retry {
            backoff: self.backoff(&retry.delays()),
            max_attempts: retry.max_attempts.as_ref().map(|n| n.u32()),
            place: retry.r#where.value,
            position: retry.position.value,
            budget: retry.budget.as_ref().map(|budget| budget.0.clone()),
        }
    }

    fn then(&mut self, consumer: &Placed<written::Consumer>) -> Vec<Then> {
        let mut onward = vec![];
        for then in entries(&consumer.then) {
            let to = self.names.target("to", &then.to);
            if then.share.value.value() == 0.0 {
                self.refuse(
                    &then.share.place,
                    "a `then` with `share` = 0 publishes nothing",
                    "raise the share, or leave the entry out",
                );
            }
            if let Some(to) = self.keep(to) {
                onward.push(Then { to, share: then.share.value.value(), times: then.times.u32() });
            }
        }
        let one = consumer.route.value == Route::One;
        let total: f64 = onward.iter().map(|then| then.share).sum();
        if one && total > 1.0 + 1e-9 && !consumer.broken {
            let message = format!("route = \"one\" takes at most one entry of `then`, but their shares sum to {total}");
            self.refuse(&consumer.route.place, message, "make the shares sum to 1 or less");
        }
        if consumer.route.is_written() && consumer.then.is_none() && !consumer.broken {
            self.refuse(
                &consumer.route.place,
                "`route` chooses among the entries of `then`, and there are none",
                "add `then`, or leave it out",
            );
        }
        onward
    }
}

/// In a stream there are as many attempts as the retry says; without one, as many as it takes where the record blocks its
/// partition, else one.
fn group_retry(written: Option<Retry>, on_failure: OnFailure) -> Retry {
    let attempts = (on_failure != OnFailure::Block).then_some(1);
    let none = Retry {
        backoff: Backoff::immediate(),
        max_attempts: attempts,
        place: RetryPlace::Queue,
        position: RetryPosition::Head,
        budget: None,
    };
    written.map_or(none, |retry| Retry { place: RetryPlace::Queue, position: RetryPosition::Head, ..retry })
}

fn batch_of(batch: &written::BatchWork) -> ConsumerBatch {
    ConsumerBatch {
        size: batch.size.u32(),
        wait: batch.wait.value,
        partial: batch.partial.value,
        service_per_batch: batch.service_per_batch.as_ref().map(|law| law.value.clone()),
    }
}
