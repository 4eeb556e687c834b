//! KEDA: its poll switches between none and some; in between it is a Kubernetes HPA.

use super::{Decision, Limits, Seen, Why, tick_after};
use crate::units::Nanos;

#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    pub hpa: super::hpa::Rules,
    /// Between two looks at whether there is work at all.
    pub polling_interval: Nanos,
    /// From the last poll that saw work to the step to zero.
    pub cooldown: Nanos,
    /// There is work when the metric is above it.
    pub activation: f64,
    /// More replicas than partitions, whose surplus idles.
    pub allow_idle_consumers: bool,
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
        Controller { next: start.saturating_add(rules.polling_interval), rules, limits, desired: replicas }
    }

    pub(super) fn next_at(&self) -> Nanos {
        self.next
    }

    pub(super) fn decide(&mut self, seen: &Seen) -> Decision {
        let rules = &self.rules;
        self.next = tick_after(self.next, rules.polling_interval, seen.now);
        self.desired = self.desired.clamp(self.limits.min, self.limits.max);
        Decision { desired: self.desired, why: Why::Steady }
    }
}
