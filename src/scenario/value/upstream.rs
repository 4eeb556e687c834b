//! What stands before a producer's publishes.

use crate::units::Duration;

/// A herd of messages by the clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Cron {
    /// When the first herd comes.
    pub at: Duration,
    pub every: Duration,
    /// Messages of one herd.
    pub count: u32,
    /// Each message is late by a uniform time up to this, which is no longer than `every`.
    pub jitter: Duration,
}

impl Cron {
    /// Messages of all herds that begin up to `end`, that instant included.
    pub fn expected(&self, end: Duration) -> f64 {
        let Some(left) = end.ns().checked_sub(self.at.ns()) else { return 0.0 };
        (left / self.every.ns() + 1) as f64 * f64::from(self.count)
    }
}

/// What is to be published waits in a table until a relay takes it from there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outbox {
    /// From one look of the relay to the next.
    pub poll: Duration,
    /// Messages that it publishes at one look, at most.
    pub batch: u32,
}

/// A local disk for refused messages.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spill {
    /// Messages that there is room for.
    pub capacity: u32,
    /// From one attempt to publish one of them to the next.
    pub gap: Duration,
}
