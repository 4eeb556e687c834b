//! What was seen of one dependency, and of those who call it.

use super::{Histogram, SeriesSet};

/// Counts of calls since the start of the run. Every call that was sent is in one of `completed`, `errors`, `rejected`,
/// `throttled`, `refused`, `abandoned`, `skipped`, `lost`, or still with the dependency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DependencyCounters {
    /// Sent, retries and hedges included.
    pub calls: u64,
    /// Answered in success to a caller that still waited.
    pub completed: u64,
    /// Worked on and answered with an error, to a caller that still waited.
    pub errors: u64,
    /// Turned away because too many waited already.
    pub rejected: u64,
    /// Turned away by the rate limit.
    pub throttled: u64,
    /// Turned away, or cut off, because the dependency was down.
    pub refused: u64,
    /// Worked on to the end for a caller that had given up.
    pub abandoned: u64,
    /// Not begun, because the caller had given up by then and calls carry their deadline.
    pub skipped: u64,
    /// Swallowed by an outage without an answer.
    pub lost: u64,
    /// Of the calls: tries after the first.
    pub retries: u64,
    /// Of the calls: sent because an earlier one had not been answered yet.
    pub hedges: u64,
    /// Tries that the caller gave up for want of an answer.
    pub timeouts: u64,
    /// Tries not sent because the caller's circuit breaker was open.
    pub short_circuited: u64,
    /// Tries not sent because the caller's bulkhead was full.
    pub bulkhead_rejected: u64,
    /// Retries not made because the caller's budget was used up.
    pub budget_denied: u64,
}

impl DependencyCounters {
    /// Name and value of each, in the order they are reported.
    pub fn named(&self) -> [(&'static str, u64); 15] {
        [
            ("calls", self.calls),
            ("completed", self.completed),
            ("errors", self.errors),
            ("rejected", self.rejected),
            ("throttled", self.throttled),
            ("refused", self.refused),
            ("abandoned", self.abandoned),
            ("skipped", self.skipped),
            ("lost", self.lost),
            ("retries", self.retries),
            ("hedges", self.hedges),
            ("timeouts", self.timeouts),
            ("short_circuited", self.short_circuited),
            ("bulkhead_rejected", self.bulkhead_rejected),
            ("budget_denied", self.budget_denied),
        ]
    }

    /// What was added since `earlier`.
    pub fn since(&self, earlier: &DependencyCounters) -> DependencyCounters {
        DependencyCounters {
            calls: self.calls - earlier.calls,
            completed: self.completed - earlier.completed,
            errors: self.errors - earlier.errors,
            rejected: self.rejected - earlier.rejected,
            throttled: self.throttled - earlier.throttled,
            refused: self.refused - earlier.refused,
            abandoned: self.abandoned - earlier.abandoned,
            skipped: self.skipped - earlier.skipped,
            lost: self.lost - earlier.lost,
            retries: self.retries - earlier.retries,
            hedges: self.hedges - earlier.hedges,
            timeouts: self.timeouts - earlier.timeouts,
            short_circuited: self.short_circuited - earlier.short_circuited,
            bulkhead_rejected: self.bulkhead_rejected - earlier.bulkhead_rejected,
            budget_denied: self.budget_denied - earlier.budget_denied,
        }
    }

    /// Calls that have left the dependency, one way or another.
    pub fn ended(&self) -> u64 {
        self.completed
            + self.errors
            + self.rejected
            + self.throttled
            + self.refused
            + self.abandoned
            + self.skipped
            + self.lost
    }
}

/// What one run leaves behind of one dependency.
#[derive(Debug, Clone)]
pub struct DependencySeen {
    pub totals: DependencyCounters,
    pub warmup: DependencyCounters,
    /// Calls that it works on at once in this run.
    pub slots: u64,
    /// ∫ calls worked on dt, in call·nanoseconds: over the whole run, and after warm-up.
    pub busy_area: (u128, u128),
    /// ∫ calls waiting dt.
    pub waiting_area: (u128, u128),
    /// Calls at it when the run ended: waiting, worked on.
    pub unfinished: (u64, u64),
    /// Sent → answered in success, of calls sent after warm-up whose caller still waited.
    pub latency: Histogram,
    pub series: SeriesSet,
}
