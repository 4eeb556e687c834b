//! Redrive of dead letters.

use crate::units::Duration;

/// What lies in a queue at a time is moved to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Redrive {
    /// Index into `Scenario::queues`.
    pub to: usize,
    pub at: Duration,
    /// Messages per second; `None`: all at once.
    pub rate: Option<f64>,
    /// Share of the moved messages that fail at every further attempt; `None`: those that did before.
    pub still_failing: Option<f64>,
}
