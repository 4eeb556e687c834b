//! What became of the executions of one workflow.

use super::{Histogram, SeriesSet};

/// Each is a count of executions since the start of the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WorkflowCounters {
    pub started: u64,
    /// Every step was done.
    pub completed: u64,
    /// A step failed for good, and what was done before is undone.
    pub compensated: u64,
    /// A step failed for good and there was nothing to undo, or the history grew too long.
    pub failed: u64,
    /// A compensation failed for good, or at the end of the run a task that had failed already was not done yet.
    pub stuck: u64,
}

impl WorkflowCounters {
    /// Name and value of each, in the order they are reported.
    pub fn named(&self) -> [(&'static str, u64); 5] {
        [
            ("started", self.started),
            ("completed", self.completed),
            ("compensated", self.compensated),
            ("failed", self.failed),
            ("stuck", self.stuck),
        ]
    }

    pub fn since(&self, earlier: &WorkflowCounters) -> WorkflowCounters {
        WorkflowCounters {
            started: self.started - earlier.started,
            completed: self.completed - earlier.completed,
            compensated: self.compensated - earlier.compensated,
            failed: self.failed - earlier.failed,
            stuck: self.stuck - earlier.stuck,
        }
    }

    /// All that have ended.
    pub fn ended(&self) -> u64 {
        self.completed + self.compensated + self.failed + self.stuck
    }
}

#[derive(Debug, Clone)]
pub struct WorkflowSeen {
    pub totals: WorkflowCounters,
    /// The counters as they stood when warm-up ended.
    pub warmup: WorkflowCounters,
    /// What was left when the run ended and is not `stuck`.
    pub running: u64,
    /// Executions ended because their history was too long; part of `failed`.
    pub history_full: u64,
    /// ∫ executions dt in nanoseconds, whole run and after warm-up: all that run, those that undo, those that wait for a timer.
    pub running_area: (u128, u128),
    pub compensating_area: (u128, u128),
    pub waiting_area: (u128, u128),
    /// From start to completion, of those started after warm-up that completed.
    pub duration: Histogram,
    pub series: SeriesSet,
}
