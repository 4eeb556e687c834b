//! Rules of what brokers differ in, and their values.

use super::{Checker, entries};
use crate::scenario::reader::Placed;
use crate::scenario::value::{DeliveryCounts, Order, Overflow, QueueTraits, RetryPosition};
use crate::scenario::written::{self, Clock, CountedEnd, OnNack, TtlAt};
use crate::units::Duration;

impl Checker<'_> {
    pub(super) fn traits(&mut self, queue: &written::Queue, lease: Option<Duration>) -> QueueTraits {
        self.trait_rules(queue, lease);
        let length = |value: &Option<Placed<Duration>>| value.as_ref().map_or(Duration::ZERO, |length| length.value);
        let flag = |value: &Option<Placed<bool>>| value.as_ref().is_some_and(|flag| flag.value);
        let rate = |value: &Option<Placed<crate::units::Rate>>| value.as_ref().map(|rate| rate.per_second());
        let counts = |end: CountedEnd| {
            queue.delivery_count.as_ref().is_none_or(|ends| ends.iter().any(|counted| counted.value == end))
        };
        let dead_letter = queue.dead_letter.is_some();
        QueueTraits {
            capacity_bytes: queue.capacity_bytes.as_ref().map(|size| size.0),
            session_idle: length(&queue.session_idle),
            scan_depth: queue.scan_depth.as_ref().map(|n| n.0),
            dedup_window: length(&queue.dedup_window),
            publish_limit: rate(&queue.publish_limit),
            deliver_limit: rate(&queue.deliver_limit),
            operation_limit: rate(&queue.operation_limit),
            duplicate_delivery: queue.duplicate_delivery.as_ref().map_or(0.0, |share| share.value.value()),
            in_flight_includes_delayed: flag(&queue.in_flight_includes_delayed),
            nack_waits_for_lease: lease.is_some()
                && queue.on_nack.as_ref().is_some_and(|nack| nack.value == OnNack::Lease),
            crash_requeues: queue.on_crash.as_ref().is_some_and(|crash| crash.value == OnNack::Requeue),
            redelivery_at_tail: queue.redelivery.as_ref().is_some_and(|place| place.value == RetryPosition::Tail),
            counts: DeliveryCounts {
                nack: counts(CountedEnd::Nack),
                lease: counts(CountedEnd::Lease),
                crash: counts(CountedEnd::Crash),
            },
            lease_check: length(&queue.lease_check),
            lease_extension: queue.lease_extension.as_ref().map(|most| most.value),
            ttl_at_head: queue.ttl.is_some() && queue.ttl_at.as_ref().is_some_and(|at| at.value == TtlAt::Head),
            dead_letter_expired: dead_letter && flag(&queue.dead_letter_expired),
            dead_letter_overflow: dead_letter && flag(&queue.dead_letter_overflow),
            dead_letter_keeps_clock: dead_letter
                && queue.dead_letter_clock.as_ref().is_some_and(|clock| clock.value == Clock::Original),
            single_active: flag(&queue.single_active),
            log_length: queue.log_length.as_ref().map(|n| n.0),
            at_most_once: flag(&queue.at_most_once),
            memory_alarm: queue.memory_alarm.as_ref().map(|size| size.0),
            receive_wait: length(&queue.receive_wait),
        }
    }

    fn trait_rules(&mut self, queue: &written::Queue, lease: Option<Duration>) {
        if queue.broken {
            return;
        }
        let leased = [
            ("on_nack", queue.on_nack.as_ref().filter(|nack| nack.value == OnNack::Lease).map(written_place)),
            ("lease_check", queue.lease_check.as_ref().map(written_place)),
            ("lease_extension", queue.lease_extension.as_ref().map(written_place)),
        ];
        for (key, place) in leased {
            if let Some(Some(place)) = place
                && lease.is_none()
            {
                let message = format!("`{key}` is about leases, but the queue has no `visibility_timeout`");
                self.refuse(place, message, "set `visibility_timeout`, or leave it out");
            }
        }
        let keyed = matches!(queue.order.value, Order::Key | Order::Session);
        let by_key = [
            ("session_idle", queue.session_idle.as_ref().map(written_place), queue.order.value == Order::Session),
            ("scan_depth", queue.scan_depth.as_ref().map(written_place), keyed),
        ];
        for (key, place, sound) in by_key {
            if let Some(Some(place)) = place
                && !sound
            {
                let order = if key == "scan_depth" { "key" } else { "session" };
                let message = format!("`{key}` means nothing without order = \"{order}\"");
                self.refuse(place, message, format!("add order = \"{order}\", or leave it out"));
            }
        }
        if let Some(share) = queue.duplicate_delivery.as_ref().filter(|share| share.value.value() > 0.0 && keyed) {
            let way_out = "leave it out; expired leases still deliver twice";
            self.refuse(
                &share.place,
                "`duplicate_delivery` has no place in a queue that keeps the order of keys",
                way_out,
            );
        }
        self.loss_rules(queue, lease);
    }

    /// What becomes of messages that are lost or given up.
    fn loss_rules(&mut self, queue: &written::Queue, lease: Option<Duration>) {
        let dead_letter = queue.dead_letter.is_some();
        let buried = [
            ("dead_letter_expired", queue.dead_letter_expired.as_ref().map(written_place)),
            ("dead_letter_overflow", queue.dead_letter_overflow.as_ref().map(written_place)),
            ("dead_letter_clock", queue.dead_letter_clock.as_ref().map(written_place)),
            (
                "overflow = \"reject-dead-letter\"",
                queue.overflow.as_ref().filter(|o| o.value == Overflow::RejectDeadLetter).map(written_place),
            ),
        ];
        for (key, place) in buried {
            if let Some(Some(place)) = place
                && !dead_letter
            {
                let message = format!("`{key}` says what goes to the dead-letter queue, and there is none");
                self.refuse(place, message, "add dead_letter = \"…\", or leave it out");
            }
        }
        if let Some(at) = queue.ttl_at.as_ref().filter(|at| at.is_written() && queue.ttl.is_none()) {
            self.refuse(&at.place, "`ttl_at` means nothing without a `ttl`", "set `ttl`, or leave it out");
        }
        if entries(&queue.delivery_count).count() == 0
            && let Some(ends) = queue.delivery_count.as_ref().filter(|ends| ends.is_written())
            && queue.max_deliveries.is_some()
        {
            let way_out = "name one of \"nack\", \"lease\", \"crash\", or leave `max_deliveries` out";
            self.refuse(&ends.place, "`delivery_count` is empty, so `max_deliveries` would never be reached", way_out);
        }
        if let (Some(once), Some(limit)) = (&queue.at_most_once, &queue.max_deliveries)
            && once.value
            && limit.is_written()
        {
            let message = "`max_deliveries` is never reached: the queue is `at_most_once` and delivers nothing again";
            self.refuse(&limit.place, message, "leave one of them out");
        }
        if let Some(once) = queue.at_most_once.as_ref().filter(|once| once.value && lease.is_some()) {
            let way_out = "leave one of them out";
            self.refuse(&once.place, "`at_most_once` has no leases, but the queue has a `visibility_timeout`", way_out);
        }
    }
}

/// The place of what the user wrote; `None` for what a preset filled in.
fn written_place<T>(value: &Placed<T>) -> Option<&crate::scenario::problem::Place> {
    value.is_written().then_some(&value.place)
}
