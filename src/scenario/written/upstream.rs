//! What stands before a producer's publishes, as written: clock-aligned herds, an outbox, a disk for refused messages.

use crate::scenario::quantity::{Positive, Span};
use crate::units::{Duration, Rate};

written! {
    /// A herd by the clock: so many messages at once, at `at` and every `every` after it.
    CronWritten called "a cron herd" {
        /// From one herd to the next.
        every: required Span = "write { every = \"5m\", count = 1000, jitter = \"30s\" }";
        /// Messages of one herd.
        count: required Positive = "write { every = \"5m\", count = 1000, jitter = \"30s\" }";
        /// Each message comes late by a time of its own, uniform from 0 to this.
        jitter: default Duration = "0s";
        /// When the first herd comes. Default: after one `every`.
        at: optional Duration;
    }
}

written! {
    /// An outbox: what is to be published lies in a table first, and a relay takes it from there.
    OutboxWritten called "an outbox" {
        /// From one look of the relay to the next.
        poll: required Span = "write { poll = \"500ms\", batch = 100 }";
        /// Messages that it publishes at one look, at most.
        batch: required Positive = "write { poll = \"500ms\", batch = 100 }";
    }
}

written! {
    /// Refused messages go to a local disk, and are published again from there.
    SpillWritten called "a spill" {
        /// Messages that there is room for; beyond it they are lost.
        capacity: required Positive = "write { capacity = 100000, rate = \"500/s\" }";
        /// How fast they are published again.
        rate: required Rate = "write { capacity = 100000, rate = \"500/s\" }";
    }
}
