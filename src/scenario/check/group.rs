//! Rules of consumers that read a stream, and of those that do not.

use super::Checker;
use crate::scenario::problem::Place;
use crate::scenario::reader::Placed;
use crate::scenario::value::{Assignment, Feed, GroupRules, OnFailure, RetryPlace, Start};
use crate::scenario::written::group::{FanOut, OffsetReset};
use crate::scenario::written::{self, Ack};
use crate::units::Duration;

/// A key that was written, and where.
type Given<'a> = Option<(&'static str, &'a Place)>;

fn given<'a, T>(key: &'static str, value: &'a Option<Placed<T>>) -> Given<'a> {
    value.as_ref().filter(|value| value.is_written()).map(|value| (key, &value.place))
}

impl Checker<'_> {
    /// What a consumer of a stream does; `None` for one of a queue.
    pub(super) fn group(&mut self, consumer: &Placed<written::Consumer>, from: Option<Feed>) -> Option<GroupRules> {
        match from? {
            Feed::Queue(_) => {
                self.only_of_streams(consumer);
                return None;
            }
            Feed::Stream(_) => self.only_of_queues(consumer),
        }
        let on_failure = consumer.on_failure.as_ref().map_or(OnFailure::Block, |what| what.value);
        self.failure_rules(consumer, on_failure);
        let length = |value: &Option<Placed<Duration>>| value.as_ref().map_or(Duration::ZERO, |length| length.value);
        let flag = |value: &Option<Placed<bool>>| value.as_ref().is_some_and(|flag| flag.value);
        Some(GroupRules {
            assignment: consumer.assignment.as_ref().map_or(Assignment::Server, |how| how.value),
            static_membership: flag(&consumer.static_membership),
            session_timeout: length(&consumer.session_timeout),
            heartbeat_interval: length(&consumer.heartbeat_interval),
            max_poll_interval: consumer.max_poll_interval.as_ref().map(|most| most.0),
            max_poll_records: consumer.max_poll_records.as_ref().map_or(1, |most| most.u32()),
            fetch_min_bytes: consumer.fetch_min_bytes.as_ref().map_or(1, |least| least.0),
            fetch_wait: length(&consumer.fetch_wait),
            commit_interval: length(&consumer.commit_interval),
            start: consumer.start.as_ref().map_or(Start::Earliest, |start| start.0),
            reset_to_latest: consumer.offset_reset.as_ref().is_some_and(|reset| reset.value == OffsetReset::Latest),
            on_failure,
            rebalance_delay: length(&consumer.rebalance_delay),
            enhanced: consumer.fan_out.as_ref().is_some_and(|how| how.value == FanOut::Enhanced),
            bisect: flag(&consumer.bisect),
            max_record_age: consumer.max_record_age.as_ref().map(|most| most.0),
            parallelization: consumer.parallelization.as_ref().map_or(1, |n| n.u32()),
            dead_letter: consumer.dead_letter.as_ref().and_then(|dead| self.names.queue(dead)),
        })
    }

    fn failure_rules(&mut self, consumer: &Placed<written::Consumer>, on_failure: OnFailure) {
        if consumer.broken {
            return;
        }
        let attempts = consumer.retry.as_ref().and_then(|retry| retry.max_attempts.as_ref());
        if let Some(attempts) = attempts
            && on_failure == OnFailure::Block
            && consumer.dead_letter.is_none()
        {
            let message = "`max_attempts` ends the tries, but on_failure = \"block\" goes on for ever";
            self.refuse(&attempts.place, message, "say what happens then: on_failure = \"skip\" or \"dead-letter\"");
        }
        if on_failure == OnFailure::DeadLetter && consumer.dead_letter.is_none() {
            let place = consumer.on_failure.as_ref().map_or(&consumer.place, |what| &what.place);
            let message = "on_failure = \"dead-letter\" does not say where records go";
            self.refuse(place, message, "add dead_letter = \"…\" to the consumer");
        }
        if let Some(dead) = consumer.dead_letter.as_ref().filter(|_| on_failure == OnFailure::Skip) {
            let message = "with on_failure = \"skip\" nothing goes to `dead_letter`";
            self.refuse(&dead.place, message, "use on_failure = \"dead-letter\", or leave one of them out");
        }
        if let Some(batch) = consumer.batch.as_ref().filter(|_| on_failure == OnFailure::RetryTopic) {
            let message = "a batch is tried again in its order, so it has no use for a retry topic";
            self.refuse(&batch.place, message, "use on_failure = \"dead-letter\" or \"skip\", or leave `batch` out");
        }
        if let Some(retry) = consumer.retry.as_ref().filter(|retry| retry.r#where.is_written())
            && retry.r#where.value == RetryPlace::Queue
            && on_failure != OnFailure::RetryTopic
        {
            let message = "a record of a stream is tried again in place: there is no queue that it could go back to";
            self.refuse(&retry.r#where.place, message, "leave `where` out, or use on_failure = \"retry-topic\"");
        }
        if let Some(bisect) = consumer.bisect.as_ref().filter(|bisect| bisect.value && consumer.batch.is_none()) {
            self.refuse(
                &bisect.place,
                "`bisect` halves batches, and there is no `batch`",
                "add batch = { size = 100 }",
            );
        }
    }

    /// Keys that only a group has.
    fn only_of_streams(&mut self, consumer: &Placed<written::Consumer>) {
        let foreign = [
            given("assignment", &consumer.assignment),
            given("static_membership", &consumer.static_membership),
            given("session_timeout", &consumer.session_timeout),
            given("heartbeat_interval", &consumer.heartbeat_interval),
            given("max_poll_interval", &consumer.max_poll_interval),
            given("max_poll_records", &consumer.max_poll_records),
            given("fetch_min_bytes", &consumer.fetch_min_bytes),
            given("fetch_wait", &consumer.fetch_wait),
            given("commit_interval", &consumer.commit_interval),
            given("start", &consumer.start),
            given("offset_reset", &consumer.offset_reset),
            given("on_failure", &consumer.on_failure),
            given("dead_letter", &consumer.dead_letter),
            given("rebalance_delay", &consumer.rebalance_delay),
            given("fan_out", &consumer.fan_out),
            given("bisect", &consumer.bisect),
            given("max_record_age", &consumer.max_record_age),
            given("parallelization", &consumer.parallelization),
        ];
        for (key, place) in foreign.into_iter().flatten() {
            let way_out = match key {
                "dead_letter" => "write it in the queue's own table",
                "max_poll_records" => "use `receive` or `prefetch`",
                "session_timeout" | "max_poll_interval" => "use the queue's `visibility_timeout`",
                "on_failure" => "use `retry` here and `max_deliveries` and `dead_letter` of the queue",
                _ => "leave it out, or read a stream",
            };
            self.refuse(place, format!("`{key}` belongs to consumers of streams; this one reads a queue"), way_out);
        }
    }

    /// Keys that only the consumer of a queue has.
    fn only_of_queues(&mut self, consumer: &Placed<written::Consumer>) {
        let foreign = [
            given("prefetch", &consumer.prefetch),
            given("receive", &consumer.receive),
            given("heartbeat", &consumer.heartbeat),
        ];
        for (key, place) in foreign.into_iter().flatten() {
            let way_out = match key {
                "heartbeat" => "use `session_timeout` and `max_poll_interval`",
                _ => "use `max_poll_records`",
            };
            self.refuse(place, format!("`{key}` belongs to consumers of queues; this one reads a stream"), way_out);
        }
    }

    /// Rules of how a consumer asks a queue for messages.
    pub(super) fn receive_rules(&mut self, consumer: &Placed<written::Consumer>, leased: bool, session: bool) {
        if consumer.broken {
            return;
        }
        let several = consumer.receive.as_ref().filter(|receive| receive.u32() > 1);
        if let (Some(receive), Some(_)) = (several, &consumer.prefetch) {
            let message = "`receive` asks for messages when there is nothing left to do, `prefetch` ahead of that";
            self.refuse(&receive.place, message, "use one of the two");
        }
        if let (Some(receive), Some(_)) = (several, &consumer.batch) {
            let message = "`receive` works on messages one after another, `batch` on all of them together";
            self.refuse(&receive.place, message, "use one of the two");
        }
        if let Some(poll) = given("poll", &consumer.poll).filter(|_| consumer.prefetch.is_some()) {
            self.refuse(poll.1, "messages are pushed to a consumer with `prefetch`: it does not poll", "leave one out");
        }
        if let Some(heartbeat) = given("heartbeat", &consumer.heartbeat).filter(|_| !leased) {
            let message = "`heartbeat` extends leases, but the queue has no `visibility_timeout`";
            self.refuse(heartbeat.1, message, "set the queue's `visibility_timeout`, or leave it out");
        }
        if let Some(prefetch) = given("prefetch", &consumer.prefetch).filter(|_| session) {
            let message = "a session belongs to one work slot, which takes its messages one at a time";
            self.refuse(prefetch.1, message, "leave `prefetch` out with order = \"session\"");
        }
        if let (Some(idempotent), Ack::Before) = (&consumer.idempotent, consumer.ack.value) {
            let message = "a message acknowledged before the work never comes twice, so there is nothing to remember";
            self.refuse(&idempotent.place, message, "leave `idempotent` out, or acknowledge after the work");
        }
    }
}
