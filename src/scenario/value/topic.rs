//! Topics, checked.

use crate::units::Duration;

#[derive(Debug, Clone)]
pub struct Topic {
    pub name: String,
    pub broker: String,
    /// Per second. Publishes beyond are refused.
    pub publish_limit: Option<f64>,
    pub dedup_window: Duration,
    /// How a copy that a subscriber's queue refused is offered again; empty: it is lost.
    pub delivery_retry: Vec<RetryPhase>,
}

/// Part of a schedule of retries: so many attempts, the delays growing evenly from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPhase {
    pub attempts: u32,
    /// Before its first attempt.
    pub from: Duration,
    /// Before its last; delays in between grow by a constant factor.
    pub to: Duration,
}
