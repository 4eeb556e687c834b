//! The Kubernetes Horizontal Pod Autoscaler.

use super::{Decision, Limits, Seen, Target, Why, tick_after};
use crate::units::Nanos;

#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    pub target: Target,
    /// Between two decisions.
    pub sync_period: Nanos,
    /// A ratio of metric to target within 1 ± this changes nothing.
    pub tolerance: f64,
    pub scale_up: Direction,
    pub scale_down: Direction,
}

/// How fast it may go one way.
#[derive(Debug, Clone, PartialEq)]
pub struct Direction {
    /// The most cautious recommendation of so long a time rules.
    pub window: Nanos,
    pub limits: Vec<SpeedLimit>,
    pub select: Select,
}

/// At most so much change within a period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpeedLimit {
    pub amount: Amount,
    pub period: Nanos,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    Pods(u32),
    /// Of the replicas at the period's start; 100 doubles.
    Percent(f64),
}

/// Which of several limits counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Select {
    /// The one that allows most change.
    #[default]
    Max,
    /// The one that allows least.
    Min,
    /// No change this way at all.
    Disabled,
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
        Controller { next: start.saturating_add(rules.sync_period), rules, limits, desired: replicas }
    }

    pub(super) fn next_at(&self) -> Nanos {
        self.next
    }

    pub(super) fn decide(&mut self, seen: &Seen) -> Decision {
        self.next = tick_after(self.next, self.rules.sync_period, seen.now);
        self.desired = self.desired.clamp(self.limits.min, self.limits.max);
        Decision { desired: self.desired, why: Why::Steady }
    }
}
