//! Keys that would change nothing as things stand. What a preset fills in is not the user's mistake.

use super::Checker;
use crate::scenario::problem::Place;
use crate::scenario::reader::Placed;
use crate::scenario::value::{Order, Overflow};
use crate::scenario::written::{self, Clock};
use crate::units::Duration;

/// A key, whether it changes anything, and what would make it so.
type Rule<'a> = (&'static str, Option<&'a Place>, bool, &'static str);

fn place<T>(value: &Option<Placed<T>>) -> Option<&Place> {
    value.as_ref().filter(|value| value.is_written()).map(|value| &value.place)
}

/// Only where it is switched on: a flag that says no asks for nothing.
fn on(value: &Option<Placed<bool>>) -> Option<&Place> {
    value.as_ref().filter(|flag| flag.value && flag.is_written()).map(|flag| &flag.place)
}

impl Checker<'_> {
    pub(super) fn keys_without_effect(&mut self) {
        let file = self.file;
        let readers = |name: &str| {
            let all = file.consumer.iter().flat_map(|named| &named.0);
            all.filter(|(_, consumer)| consumer.from.value == name).map(|(_, consumer)| consumer).collect::<Vec<_>>()
        };
        for (name, queue) in file.queue.iter().flat_map(|named| &named.0) {
            if !queue.broken {
                self.of_queue(queue, &readers(&name.value));
            }
        }
        for (name, stream) in file.stream.iter().flat_map(|named| &named.0) {
            for consumer in readers(&name.value).into_iter().filter(|consumer| !consumer.broken && !stream.broken) {
                self.of_group(stream, consumer);
            }
        }
    }

    fn of_queue(&mut self, queue: &written::Queue, readers: &[&Placed<written::Consumer>]) {
        let leased = queue.visibility_timeout.as_ref().is_some_and(|lease| lease.0.is_some());
        // Without what these are about, that alone is told, elsewhere.
        let buries = queue.dead_letter.is_some();
        let keyed = matches!(queue.order.value, Order::Key | Order::Session);
        let extended = readers.is_empty() || readers.iter().any(|reader| reader.heartbeat.is_some());
        let polls =
            |reader: &&Placed<written::Consumer>| reader.poll.as_ref().is_some_and(|poll| poll.value > Duration::ZERO);
        let asked = readers.is_empty() || readers.iter().any(polls);
        let waits = queue.receive_wait.as_ref().filter(|wait| wait.is_written() && wait.value > Duration::ZERO);
        let drops = queue.overflow.as_ref().is_some_and(|overflow| overflow.value == Overflow::DropHead)
            && (queue.capacity.is_some() || queue.capacity_bytes.is_some());
        let kept =
            queue.dead_letter_clock.as_ref().filter(|clock| clock.is_written() && clock.value == Clock::Original);
        let rules: [Rule<'_>; 9] = [
            (
                "on_crash",
                place(&queue.on_crash),
                leased,
                "set `visibility_timeout`: without a lease it is back at once",
            ),
            ("lease_extension", place(&queue.lease_extension), extended || !leased, "give its consumer a `heartbeat`"),
            (
                "receive_wait",
                waits.map(|wait| &wait.place),
                asked,
                "give its consumer a `poll`: without one it listens always",
            ),
            ("redelivery", place(&queue.redelivery), !keyed, "a message returns to the front of its key: leave it out"),
            (
                "in_flight_includes_delayed",
                on(&queue.in_flight_includes_delayed),
                queue.max_in_flight.is_some(),
                "set `max_in_flight`",
            ),
            ("delivery_count", place(&queue.delivery_count), queue.max_deliveries.is_some(), "set `max_deliveries`"),
            (
                "dead_letter_expired",
                on(&queue.dead_letter_expired),
                queue.ttl.is_some() || !buries,
                "set `ttl`: nothing expires",
            ),
            (
                "dead_letter_overflow",
                on(&queue.dead_letter_overflow),
                drops || !buries,
                "set `capacity` and overflow = \"drop-head\": nothing is dropped from the head",
            ),
            (
                "dead_letter_clock",
                kept.map(|clock| &clock.place),
                self.expires(queue.dead_letter.as_ref()),
                "give the dead-letter queue a table with a `ttl`",
            ),
        ];
        self.refuse_idle(rules);
    }

    /// The dead-letter queue, where there is one, has a time to live that could run on.
    fn expires(&self, dead_letter: Option<&Placed<String>>) -> bool {
        let Some(dead_letter) = dead_letter else { return true };
        let mut queues = self.file.queue.iter().flat_map(|named| &named.0);
        queues.any(|(name, queue)| name.value == dead_letter.value && queue.ttl.is_some())
    }

    fn of_group(&mut self, stream: &written::Stream, consumer: &Placed<written::Consumer>) {
        let ends = stream.retention.is_some() || stream.retention_bytes.is_some();
        let limit = stream.partition_limit.as_ref();
        let limited = limit.is_some_and(|l| l.read.is_some() || l.read_bytes.is_some() || l.fetches.is_some())
            || stream.deliver_limit.is_some();
        let rules: [Rule<'_>; 2] = [
            ("offset_reset", place(&consumer.offset_reset), ends, "give the stream a `retention`: nothing overtakes"),
            (
                "fan_out",
                place(&consumer.fan_out),
                limited,
                "give the stream a `partition_limit` with `read`, `read_bytes` or `fetches`",
            ),
        ];
        self.refuse_idle(rules);
    }

    fn refuse_idle<const N: usize>(&mut self, rules: [Rule<'_>; N]) {
        for (key, place, _, way_out) in rules.into_iter().filter(|(_, _, has_effect, _)| !has_effect) {
            if let Some(place) = place {
                self.refuse(place, format!("`{key}` would change nothing here"), format!("{way_out}; or leave it out"));
            }
        }
    }
}
