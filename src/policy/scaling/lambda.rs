//! Lambda reading a queue or a stream: a replica is an invocation that runs.

use super::{Decision, Limits, Seen, Why, tick_after};
use crate::units::Nanos;

#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Invocations at the beginning, and where it idles.
    pub start: u32,
    /// More of them with each minute.
    pub per_minute: u32,
    /// Messages that one invocation takes.
    pub batch: u32,
    /// Of a stream: one invocation a partition (or part of one), at once.
    pub lanes: Option<u32>,
}

#[derive(Debug, Clone)]
pub(super) struct Controller {
    rules: Rules,
    limits: Limits,
    next: Nanos,
    desired: u32,
}

impl Controller {
    pub(super) fn new(rules: Rules, limits: Limits, start: Nanos, replicas: u32) -> Controller {
        Controller { next: start.saturating_add(60 * crate::units::SECOND), rules, limits, desired: replicas }
    }

    pub(super) fn next_at(&self) -> Nanos {
        self.next
    }

    pub(super) fn decide(&mut self, seen: &Seen) -> Decision {
        let rules = &self.rules;
        self.next = tick_after(self.next, 60 * crate::units::SECOND, seen.now);
        self.desired = self.desired.clamp(self.limits.min, self.limits.max);
        Decision { desired: self.desired, why: Why::Steady }
    }
}
