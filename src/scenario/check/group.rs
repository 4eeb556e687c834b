//! Rules of consumers that read a stream, and of those that do not.

use super::Checker;
use super::scaling::most_replicas;
use crate::scenario::problem::Place;
use crate::scenario::reader::Placed;
use crate::scenario::value::{Assignment, Feed, GroupRules, OnFailure, RetryPlace, Start};
use crate::scenario::written;
use crate::scenario::written::group::{FanOut, OffsetReset};
use crate::units::Duration;

/// A key that was written, and where.
pub(super) type Given<'a> = Option<(&'static str, &'a Place)>;

pub(super) fn given<'a, T>(key: &'static str, value: &'a Option<Placed<T>>) -> Given<'a> {
    value.as_ref().filter(|value| value.is_written()).map(|value| (key, &value.place))
}

/// Lanes of one group: partitions, or the parts into which they are cut.
const MOST_LANES: u64 = 100_000;
const MOST_MEMBERS: u64 = 1_000_000;

/// A length of time, and who says it.
struct Length<'a> {
    key: &'static str,
    length: Duration,
    place: &'a Place,
}

fn length<'a>(key: &'static str, value: &'a Option<Placed<Duration>>) -> Option<Length<'a>> {
    value.as_ref().map(|value| Length { key, length: value.value, place: &value.place })
}

fn is_written(place: &Place) -> bool {
    !matches!(place, Place::Default | Place::Preset(_))
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
        self.membership_rules(consumer);
        self.size_rules(consumer);
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

    /// How the times by which a group is kept together fit each other. What a preset says on both sides is its own affair.
    fn membership_rules(&mut self, consumer: &Placed<written::Consumer>) {
        let poll = length("poll", &consumer.poll);
        let beat = length("heartbeat_interval", &consumer.heartbeat_interval);
        let session = length("session_timeout", &consumer.session_timeout).filter(|session| session.length.ns() > 0);
        let most = consumer.max_poll_interval.as_ref();
        let most = most.map(|most| Length { key: "max_poll_interval", length: most.0, place: &most.place });
        let why = [
            (&poll, &most, "every member would be put out between two polls"),
            (&beat, &most, "a member would be put out before it reports"),
            (&beat, &session, "every member would be taken for dead between two heartbeats"),
        ];
        for (shorter, longer, why) in why {
            let (Some(shorter), Some(longer)) = (shorter, longer) else { continue };
            let Some(place) = [longer.place, shorter.place].into_iter().find(|place| is_written(place)) else {
                continue;
            };
            if shorter.length > longer.length {
                let message = format!(
                    "`{}` = {} is longer than `{}` = {}: {why}",
                    shorter.key, shorter.length, longer.key, longer.length
                );
                self.refuse(place, message, format!("lower `{}`, or raise `{}`", shorter.key, longer.key));
            }
        }
    }

    /// What a group may hold in memory.
    fn size_rules(&mut self, consumer: &Placed<written::Consumer>) {
        let streams = self.file.stream.iter().flat_map(|named| &named.0);
        let partitions = streams
            .filter(|(name, _)| name.value == consumer.from.value)
            .map(|(_, stream)| u64::from(stream.partitions.u32()))
            .find(|partitions| *partitions <= MOST_LANES);
        let ways = consumer.parallelization.as_ref().map(|ways| (u64::from(ways.u32()), &ways.place));
        if let (Some(partitions), Some((ways, place))) = (partitions, ways)
            && partitions * ways > MOST_LANES
        {
            let message = format!(
                "`parallelization` = {ways} cuts {partitions} partitions into {} parts, more than {MOST_LANES}",
                partitions * ways
            );
            self.refuse(place, message, "lower it, or model one of several equal parts of the stream");
        }
        let members = u64::from(most_replicas(consumer)) * u64::from(consumer.concurrency.u32());
        if members > MOST_MEMBERS && !consumer.broken {
            let places = [&consumer.replicas.place, &consumer.concurrency.place];
            let place = places.into_iter().find(|place| is_written(place)).unwrap_or(&consumer.place);
            let message = format!("a group of {members} members is larger than {MOST_MEMBERS}");
            let way_out = "lower `replicas` or `concurrency`: members beyond the partitions have nothing to do";
            self.refuse(place, message, way_out);
        }
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
            given("shed", &consumer.shed),
            given("skip_expired_requests", &consumer.skip_expired_requests),
        ];
        for (key, place) in foreign.into_iter().flatten() {
            let way_out = match key {
                "heartbeat" => "use `session_timeout` and `max_poll_interval`",
                "shed" | "skip_expired_requests" => "let records go by `max_record_age` or the stream's `retention`",
                _ => "use `max_poll_records`",
            };
            self.refuse(place, format!("`{key}` belongs to consumers of queues; this one reads a stream"), way_out);
        }
    }
}
