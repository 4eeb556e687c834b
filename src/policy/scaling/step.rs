//! AWS step scaling: an alarm, and a change that depends on how far the metric is beyond it.

use super::{Decision, Limits, Seen, Why, tick_after};
use crate::units::Nanos;

#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    pub threshold: f64,
    pub steps: Vec<Step>,
    pub adjustment: Adjustment,
    pub alarm_period: Nanos,
    /// Periods in a row beyond the threshold before anything happens.
    pub periods: u32,
    pub cooldown: Nanos,
}

/// Bounds relative to the threshold, as AWS has them; `None` is without end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    pub from: Option<f64>,
    pub to: Option<f64>,
    /// Replicas, percent of them, or the exact number.
    pub adjust: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Adjustment {
    #[default]
    Change,
    Percent,
    Exact,
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
        Controller { next: start.saturating_add(rules.alarm_period), rules, limits, desired: replicas }
    }

    pub(super) fn next_at(&self) -> Nanos {
        self.next
    }

    pub(super) fn decide(&mut self, seen: &Seen) -> Decision {
        let rules = &self.rules;
        self.next = tick_after(self.next, rules.alarm_period, seen.now);
        self.desired = self.desired.clamp(self.limits.min, self.limits.max);
        Decision { desired: self.desired, why: Why::Steady }
    }
}
