//! What stands before a producer's publishes, as written: clock-aligned herds, an outbox, a disk for refused messages.

use crate::scenario::quantity::{Positive, Span};
use crate::units::Duration;

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
