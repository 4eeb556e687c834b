//! Queues as written.

use super::{BillingWritten, OneOr, QueuePrice, RedriveWritten, SubscribeWritten};
use crate::random::Distribution;
use crate::scenario::quantity::{Lease, Messages, Positive, SomeMessages};
use crate::scenario::reader::Placed;
use crate::scenario::value::{Order, Overflow, RetryPosition};
use crate::units::{Duration, Rate, Share, Size};

written! {
    /// A work queue: each message goes to one of its consumers. Keys that are left out are filled in from the
    /// broker's preset.
    Queue called "a queue" {
        /// Whose rules it follows: the preset that fills in what is not set here.
        broker: default String = "generic";
        /// Lease from hand-over to the consumer until redelivery. "none": redelivered only when the consumer dies.
        visibility_timeout: optional Lease;
        /// What an acknowledgement counts for that comes after the lease ran out.
        stale_ack: optional StaleAck;
        /// Whether a late acknowledgement that is accepted withdraws the copy that waits for redelivery. With `false` that
        /// copy is delivered all the same, and ends as a duplicate. Default: true.
        withdraw: optional bool;
        /// Deliveries in all, after which a message is dead-lettered. Default: no limit.
        max_deliveries: optional Positive;
        /// The queue that takes the hopeless messages, made for you unless it has a table of its own. Without one
        /// they are dropped.
        dead_letter: optional String;
        /// Lifetime from publish, while ready or delayed. Default: for ever.
        ttl: optional Distribution;
        /// Bound on the ready messages; what an idle consumer takes at once never counts. Default: no bound.
        capacity: optional Messages;
        /// What happens to a publish that finds the queue full.
        overflow: optional Overflow;
        /// Which ready message is delivered next.
        order: default Order = "fifo";
        /// For `order = "adaptive-lifo"`: with more ready messages than this the youngest goes first.
        lifo_above: optional Messages;
        /// Levels for `order = "priority"`, served first to last.
        priorities: optional Vec<Placed<String>>;
        /// Every message waits so long before it becomes ready.
        delivery_delay: optional Duration;
        /// Bound on the messages in flight.
        max_in_flight: optional SomeMessages;
        /// The topic whose messages it receives.
        subscribe: optional SubscribeWritten;
        /// Backlog at time 0.
        initial: optional InitialWritten;
        /// When a disturbance is over: "backlog <= 20" or "oldest_age < 5s". Default: the backlog is back at its
        /// baseline.
        recovered_when: optional String;
        /// How long it must stay recovered.
        hold: default Duration = "30s";
        /// Bound on the bytes of the ready messages.
        capacity_bytes: optional Size;
        /// With `order = "session"`: how long a work slot keeps a session that has no messages.
        session_idle: optional Duration;
        /// With `order = "key"` or `"session"`: of the oldest unfinished messages only so many are looked at.
        scan_depth: optional SomeMessages;
        /// A repeated publish of the same message within this time is accepted and forgotten.
        dedup_window: optional Duration;
        /// Publishes beyond this rate are refused.
        publish_limit: optional Rate;
        /// Deliveries beyond this rate wait.
        deliver_limit: optional Rate;
        /// Bound on publishes and deliveries together.
        operation_limit: optional Rate;
        /// Share of the completed messages that the broker delivers once more all the same.
        duplicate_delivery: optional Share;
        /// Whether messages that wait for a retry count towards `max_in_flight`.
        in_flight_includes_delayed: optional bool;
        /// What becomes of a failed message without `retry`: back at once, or when its lease ends.
        on_nack: optional OnNack;
        /// What becomes of a dead consumer's messages: back at once, where the broker sees the connection go, or when
        /// their leases end. Default: with a lease, when it ends.
        on_crash: optional OnNack;
        /// Where failed and expired deliveries join the queue again.
        redelivery: optional RetryPosition;
        /// Which ends of a delivery count towards `max_deliveries`. Default: all of them.
        delivery_count: optional Vec<Placed<CountedEnd>>;
        /// A lease that ran out is noticed at multiples of this only.
        lease_check: optional Duration;
        /// How long after the hand-over a consumer's `heartbeat` may extend a lease. Default: for ever.
        lease_extension: optional Duration;
        /// Where the end of a time to live is noticed.
        ttl_at: optional TtlAt;
        /// Expired messages go to the dead-letter queue.
        dead_letter_expired: optional bool;
        /// Messages dropped from the head of a full queue go to the dead-letter queue.
        dead_letter_overflow: optional bool;
        /// Whether the time to live starts anew in the dead-letter queue.
        dead_letter_clock: optional Clock;
        /// One replica at a time takes messages; the others stand by.
        single_active: optional bool;
        /// The broker keeps so many entries, finished or not: older ones that still wait are lost.
        log_length: optional SomeMessages;
        /// Nothing comes back: what fails, or finds nobody connected, is lost.
        at_most_once: optional bool;
        /// Publishers are blocked from so many bytes of unfinished messages on.
        memory_alarm: optional Size;
        /// How long an empty receive waits for a message (long polling); counts with the consumer's `poll`.
        receive_wait: optional Duration;
        /// What lies here at a time is moved to another queue: dead letters after the repair.
        redrive: optional RedriveWritten;
        /// What it costs: "0.40/M" for requests, or a table.
        price: optional OneOr<QueuePrice>;
        /// How the requests are counted that a price is for.
        billing: optional BillingWritten;
    }
    instead {
        "max_receive_count" => "max_deliveries";
        "maxReceiveCount" => "max_deliveries";
        "max_deliver" => "max_deliveries";
        "delivery_limit" => "max_deliveries";
        "x-delivery-limit" => "max_deliveries";
        "ack_wait" => "visibility_timeout";
        "ack_deadline" => "visibility_timeout";
        "lock_duration" => "visibility_timeout";
        "message_retention_period" => "ttl";
        "x-message-ttl" => "ttl";
        "x-max-length" => "capacity";
        "max_length" => "capacity";
        "x-overflow" => "overflow";
        "x-max-priority" => "priorities";
        "max_ack_pending" => "max_in_flight";
        "delay" => "delivery_delay";
        "dlq" => "dead_letter";
    }
}

/// What a late acknowledgement counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum StaleAck {
    Accepted,
    Rejected,
}

words! {
    /// What an acknowledgement counts for that comes after the lease ran out.
    StaleAck {
        /// The first success completes the message.
        "accepted" => StaleAck::Accepted;
        /// It counts for nothing.
        "rejected" => StaleAck::Rejected;
    }
}

words! {
    /// What happens to a publish that finds the queue full.
    Overflow {
        /// The broker refuses it.
        "reject" => Overflow::Reject;
        /// The broker refuses it, and it goes to the dead-letter queue.
        "reject-dead-letter" => Overflow::RejectDeadLetter;
        /// The oldest ready message makes room.
        "drop-head" => Overflow::DropHead;
        /// It is taken and thrown away.
        "drop-new" => Overflow::DropNew;
        /// The publisher waits for room.
        "block" => Overflow::Block;
    }
}

words! {
    /// Which ready message is delivered next.
    Order {
        /// The oldest.
        "fifo" => Order::Fifo;
        /// The first level of `priorities` that has one, its oldest; work in progress is not interrupted.
        "priority" => Order::Priority;
        /// The youngest.
        "lifo" => Order::Lifo;
        /// The youngest as long as more than `lifo_above` are ready, else the oldest.
        "adaptive-lifo" => Order::AdaptiveLifo;
        /// The oldest whose key has no other message in work or waiting for its retry.
        "key" => Order::Key;
        /// The same, and a key stays with the work slot that took it.
        "session" => Order::Session;
    }
}

written! {
    /// A backlog at time 0.
    InitialWritten called "an initial backlog" {
        /// How many messages.
        messages: required Messages = "write { messages = 50000, age = \"10m\" }";
        /// The age of the oldest; the others' are spread evenly below it.
        age: default Duration = "0s";
    }
}

/// What becomes of a failed message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum OnNack {
    Requeue,
    Lease,
}

words! {
    /// What becomes of a failed message without `retry`.
    OnNack {
        /// It is back at once.
        "requeue" => OnNack::Requeue;
        /// Nobody tells the broker: it is back when its lease ends.
        "lease" => OnNack::Lease;
    }
}

/// An end of a delivery that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum CountedEnd {
    Nack,
    Lease,
    Crash,
}

words! {
    /// An end of a delivery that counts towards `max_deliveries`.
    CountedEnd {
        /// A failed attempt.
        "nack" => CountedEnd::Nack;
        /// A lease that ran out.
        "lease" => CountedEnd::Lease;
        /// The consumer died.
        "crash" => CountedEnd::Crash;
    }
}

/// Where the end of a time to live is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum TtlAt {
    Any,
    Head,
}

words! {
    /// Where the end of a time to live is noticed.
    TtlAt {
        /// Wherever the message is.
        "any" => TtlAt::Any;
        /// At the head of the queue only.
        "head" => TtlAt::Head;
    }
}

/// From when a dead letter's time to live runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum Clock {
    Reset,
    Original,
}

words! {
    /// From when the time to live runs in the dead-letter queue.
    Clock {
        /// From the dead-lettering.
        "reset" => Clock::Reset;
        /// From the first publish.
        "original" => Clock::Original;
    }
}
