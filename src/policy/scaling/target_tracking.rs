//! AWS target tracking: two alarms around the target, and cooldowns.

use super::{Decision, Limits, Seen, Target, Why, tick_after};
use crate::units::Nanos;

#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    pub target: Target,
    /// Of both alarms.
    pub alarm_period: Nanos,
    /// Periods in a row above the target before it scales out.
    pub scale_out_periods: u32,
    /// Periods in a row below before it scales in.
    pub scale_in_periods: u32,
    /// Share of the target under which the metric must lie for that.
    pub scale_in_below: f64,
    pub scale_out_cooldown: Nanos,
    pub scale_in_cooldown: Nanos,
    pub disable_scale_in: bool,
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
