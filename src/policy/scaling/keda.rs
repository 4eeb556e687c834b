//! KEDA: its poll switches between none and some; in between it is a Kubernetes HPA. Source KEDA-SO unless said otherwise.

use super::{Decision, Form, Limits, Seen, Why, hpa, tick_after};
use crate::units::Nanos;

#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    pub hpa: hpa::Rules,
    /// Between two looks at whether there is work at all; 30 s.
    pub polling_interval: Nanos,
    /// From the last poll that saw work to the step to zero; 300 s.
    pub cooldown: Nanos,
    /// There is work when the metric is above it; 0 (KEDA-ACT).
    pub activation: f64,
    /// More replicas than partitions, whose surplus idles; off (KEDA-K).
    pub allow_idle_consumers: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Controller {
    hpa: hpa::Controller,
    rules: Rules,
    limits: Limits,
    next_poll: Nanos,
    /// The last poll that saw work.
    last_active: Option<Nanos>,
    desired: u32,
}

impl Controller {
    pub(super) fn new(rules: Rules, limits: Limits, start: Nanos, replicas: u32) -> Controller {
        let above_zero = Limits { min: limits.min.max(1), max: limits.max };
        Controller {
            hpa: hpa::Controller::new(rules.hpa.clone(), above_zero, start, replicas),
            next_poll: start.saturating_add(rules.polling_interval),
            rules,
            limits,
            last_active: None,
            desired: replicas,
        }
    }

    pub(super) fn next_at(&self) -> Nanos {
        match (self.desired, self.limits.min) {
            // The HPA does nothing for what has no replicas.
            (0, _) => self.next_poll,
            (_, 0) => self.next_poll.min(self.hpa.next_at()),
            _ => self.hpa.next_at(),
        }
    }

    /// Where a sync and a poll fall together the sync is first, so what a poll wakes grows at the next sync.
    pub(super) fn decide(&mut self, seen: &Seen) -> Decision {
        let mut decision = Decision { desired: self.desired, why: Why::Steady };
        if self.desired == 0 {
            self.hpa.skip(seen.now);
        } else if self.hpa.next_at() <= seen.now {
            decision = self.sync(seen);
        }
        if self.next_poll <= seen.now {
            self.next_poll = tick_after(self.next_poll, self.rules.polling_interval, seen.now);
            decision = self.poll(seen).unwrap_or(decision);
        }
        self.desired = decision.desired;
        decision
    }

    fn sync(&mut self, seen: &Seen) -> Decision {
        let target = self.rules.hpa.target;
        let most = seen
            .partitions
            .filter(|_| !self.rules.allow_idle_consumers && target.form == Form::PerReplica)
            .map(|partitions| f64::from(partitions) * target.value);
        let capped = |metric: f64| most.map_or(metric, |most| metric.min(most));
        let decision = self.hpa.decide(&Seen { metric: seen.metric.map(capped), ..*seen });
        let held = seen.metric.zip(most).is_some_and(|(metric, most)| metric > most)
            && Some(decision.desired) == seen.partitions;
        Decision { why: if held { Why::AtPartitions } else { decision.why }, ..decision }
    }

    /// What the poll alone changes.
    fn poll(&mut self, seen: &Seen) -> Option<Decision> {
        let active = seen.metric.is_some_and(|metric| metric > self.rules.activation);
        if active {
            self.last_active = Some(seen.now);
        }
        let change = match (active, self.desired) {
            (true, 0) => Decision { desired: self.limits.min.max(1), why: Why::Activated },
            (false, 0) => return seen.metric.is_none().then_some(Decision { desired: 0, why: Why::MissingMetric }),
            // A failing scaler is no reason to stop.
            (false, _) if self.limits.min == 0 && seen.metric.is_some() => {
                // What was never active does not wait: `initialCooldownPeriod` is 0.
                let over = self.last_active.is_none_or(|last| seen.now - last >= self.rules.cooldown);
                if !over {
                    return None;
                }
                Decision { desired: 0, why: Why::Deactivated }
            }
            _ => return None,
        };
        self.hpa.overrule(change.desired);
        Some(change)
    }
}

#[cfg(test)]
mod tests {
    use super::super::hpa::tests::standard;
    use super::super::tests::{row, traced, traced_with};
    use super::*;
    use crate::policy::scaling::Rules as Any;
    use crate::units::SECOND;

    fn rules() -> Rules {
        Rules {
            hpa: standard(100.0, Form::PerReplica),
            polling_interval: 30 * SECOND,
            cooldown: 300 * SECOND,
            activation: 0.0,
            allow_idle_consumers: false,
        }
    }

    #[test]
    fn polls_alone_wake_it_and_then_it_is_an_hpa() {
        let expected = [
            // At zero there are polls and no syncs.
            row(30, Some(0.0), 0, 0, Why::Steady),
            row(60, Some(5_000.0), 0, 1, Why::Activated),
            row(75, Some(5_000.0), 1, 5, Why::PolicyLimited),
            row(90, Some(5_000.0), 5, 10, Why::PolicyLimited),
            row(105, Some(600.0), 10, 10, Why::Stabilized),
        ];
        traced(&Any::Keda(rules()), 0..=100, 0, &expected);
    }

    #[test]
    fn zero_comes_a_cooldown_after_the_last_poll_that_saw_work() {
        let mut rules = rules();
        rules.cooldown = 60 * SECOND;
        rules.hpa.scale_down.window = 0;
        let expected = [
            row(15, Some(200.0), 2, 2, Why::WithinTolerance),
            row(30, Some(200.0), 2, 2, Why::WithinTolerance),
            // Empty from here on: the HPA goes to one at once, the step to zero waits for 30 s + 60 s.
            row(45, Some(0.0), 2, 1, Why::AtMin),
            row(60, Some(0.0), 1, 1, Why::AtMin),
            row(75, Some(0.0), 1, 1, Why::AtMin),
            row(90, Some(0.0), 1, 0, Why::Deactivated),
            row(120, Some(0.0), 0, 0, Why::Steady),
            row(150, None, 0, 0, Why::MissingMetric),
            row(180, Some(1.0), 0, 1, Why::Activated),
        ];
        traced(&Any::Keda(rules), 0..=100, 2, &expected);
    }

    #[test]
    fn work_below_the_activation_does_not_wake_it() {
        let mut rules = rules();
        rules.activation = 50.0;
        let expected = [row(30, Some(50.0), 0, 0, Why::Steady), row(60, Some(51.0), 0, 1, Why::Activated)];
        traced(&Any::Keda(rules.clone()), 0..=100, 0, &expected);
        // Never active since the start: the first poll puts it to zero.
        let expected = [row(15, Some(10.0), 1, 1, Why::Target), row(30, Some(10.0), 1, 0, Why::Deactivated)];
        traced(&Any::Keda(rules), 0..=100, 1, &expected);
    }

    #[test]
    fn with_a_minimum_it_never_sleeps() {
        let expected = [
            row(15, Some(0.0), 2, 2, Why::AtMin),
            row(30, Some(0.0), 2, 2, Why::AtMin),
            row(45, Some(0.0), 2, 2, Why::AtMin),
        ];
        traced(&Any::Keda(rules()), 2..=100, 2, &expected);
    }

    #[test]
    fn there_are_no_more_replicas_than_partitions() {
        let expected =
            [row(15, Some(9_000.0), 6, 12, Why::AtPartitions), row(30, Some(9_000.0), 12, 12, Why::AtPartitions)];
        traced_with(&Any::Keda(rules()), 0..=100, 6, Some(12), &expected);
        let mut idle = rules();
        idle.allow_idle_consumers = true;
        let expected =
            [row(15, Some(9_000.0), 6, 12, Why::PolicyLimited), row(30, Some(9_000.0), 12, 24, Why::PolicyLimited)];
        traced_with(&Any::Keda(idle), 0..=100, 6, Some(12), &expected);
    }
}
