//! What an autoscaler decided, and what became of its decisions.

use crate::units::Nanos;

/// One decision of a controller.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    /// Engine time.
    pub at: Nanos,
    /// What it saw: messages, seconds, or a share; `None` where there was nothing to see.
    pub metric: Option<f64>,
    /// Replicas that existed: serving or on their way.
    pub current: u32,
    pub desired: u32,
    /// What it followed from, as a word.
    pub why: &'static str,
}

/// Of one consumer under an autoscaler, in one run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScalingSeen {
    /// In order of time: those that changed the number of replicas, and those that begin to hold it back. Kept of the
    /// first run only.
    pub decisions: Vec<Decision>,
    /// Decisions of that kind beyond the first ten thousand.
    pub left_out: u64,
    /// Decisions that raised and that lowered the number of replicas wanted.
    pub scale_outs: u64,
    pub scale_ins: u64,
    /// The longest time from a decision to a replica that serves because of it.
    pub longest_start: Nanos,
    /// Replicas that were killed because their work took longer than the time they had to finish it.
    pub killed: u64,
    /// Invocations that were refused because all that the account allows were at work.
    pub throttled: u64,
}

/// So many decisions of a run are kept.
const MOST_DECISIONS: usize = 10_000;

impl ScalingSeen {
    pub fn keep(&mut self, decision: Decision) {
        if self.decisions.len() < MOST_DECISIONS {
            self.decisions.push(decision);
        } else {
            self.left_out += 1;
        }
    }
}
