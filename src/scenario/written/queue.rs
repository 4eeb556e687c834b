//! Queues and topics as written.

use super::SubscribeWritten;
use crate::random::Distribution;
use crate::scenario::quantity::{Lease, Messages, Positive, SomeMessages};
use crate::scenario::reader::Placed;
use crate::scenario::value::{Order, Overflow};
use crate::units::Duration;

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
    }
    later {
        "capacity_bytes" => "sizes in bytes come with a later version; bound the count with `capacity`";
        "dedup_window" => "deduplication comes with a later version; leave it out";
        "publish_limit" => "broker throttles come with a later version; bound the producer's `rate` instead";
        "deliver_limit" => "broker throttles come with a later version; bound `replicas` and `concurrency` instead";
        "duplicate_delivery" => "duplicated deliveries come with a later version; leave it out";
        "redrive" => "redrive comes with a later version; what is dead-lettered stays in its queue";
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
    }
    later {
        "key" => "keys come with a later version; \"fifo\" keeps the order of publishing";
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

written! {
    /// Fan-out: every message goes to each queue that says `subscribe`. It keeps nothing itself.
    Topic called "a topic" {
        /// Whose rules it follows.
        broker: default String = "generic";
    }
}
