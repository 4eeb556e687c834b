//! AWS target tracking: two alarms around the target, and cooldowns. Sources AAS and AAS-API unless said otherwise.

use super::alarm::Alarm;
use super::{Decision, Form, Limits, Seen, Target, Why, ceil};
use crate::units::Nanos;

#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    pub target: Target,
    /// Of both alarms; 1 min (believed).
    pub alarm_period: Nanos,
    /// Periods in a row above the target before it scales out; 3 (believed).
    pub scale_out_periods: u32,
    /// Periods in a row below before it scales in; 15 (believed).
    pub scale_in_periods: u32,
    /// Share of the target under which the metric must lie for that; 0.9 (believed).
    pub scale_in_below: f64,
    /// 300 s each for services and custom metrics.
    pub scale_out_cooldown: Nanos,
    pub scale_in_cooldown: Nanos,
    pub disable_scale_in: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Controller {
    rules: Rules,
    limits: Limits,
    alarm: Alarm,
}

impl Controller {
    pub(super) fn new(rules: Rules, limits: Limits, start: Nanos, replicas: u32) -> Controller {
        Controller { alarm: Alarm::new(rules.alarm_period, start, replicas), rules, limits }
    }

    pub(super) fn next_at(&self) -> Nanos {
        self.alarm.next
    }

    pub(super) fn decide(&mut self, seen: &Seen) -> Decision {
        let decision = self.judge(seen);
        self.alarm.decided(seen.now, decision, seen.ready);
        decision
    }

    fn judge(&mut self, seen: &Seen) -> Decision {
        let keep = |why| Decision { desired: self.alarm.desired, why };
        let Some(metric) = seen.metric.filter(|metric| metric.is_finite()) else {
            // Insufficient data: no action, and the alarms begin anew.
            (self.alarm.above, self.alarm.below) = (0, 0);
            return keep(Why::MissingMetric);
        };
        let Target { value: target, form } = self.rules.target;
        // What one replica has of it, as the alarm sees it: only those that serve are counted.
        let ratio = match form {
            Form::PerReplica if seen.ready == 0 => {
                if metric > 0.0 {
                    f64::INFINITY
                } else {
                    0.0
                }
            }
            Form::PerReplica => metric / target / f64::from(seen.ready),
            Form::Value | Form::MeanOfReplicas => metric / target,
        };
        self.alarm.above = if ratio > 1.0 + 1e-9 { self.alarm.above.saturating_add(1) } else { 0 };
        self.alarm.below =
            if ratio < self.rules.scale_in_below - 1e-9 { self.alarm.below.saturating_add(1) } else { 0 };
        let wanted = |replicas: u32| match form {
            Form::PerReplica => ceil(metric / target),
            Form::Value | Form::MeanOfReplicas => ceil(f64::from(replicas) * ratio),
        };
        match (self.alarm.above, self.alarm.below) {
            (0, 0) => keep(Why::WithinTolerance),
            (0, below) if below < self.rules.scale_in_periods => keep(Why::AlarmPending),
            (0, _) => self.scale_in(seen.now, wanted(seen.current)),
            (above, _) if above < self.rules.scale_out_periods => keep(Why::AlarmPending),
            _ => {
                // What the last scale-out adds is part of the next one until its cooldown ends: only a larger one counts.
                let since = self.alarm.out.filter(|(at, _)| seen.now - at < self.rules.scale_out_cooldown);
                let base = since.map_or(seen.ready, |(_, ready)| seen.ready.min(ready));
                self.scale_out(wanted(base.max(1)), since.is_some())
            }
        }
    }

    fn scale_out(&self, wanted: u32, cooling: bool) -> Decision {
        let desired = wanted.min(self.limits.max).max(self.alarm.desired);
        let why = match desired > self.alarm.desired {
            _ if wanted > self.limits.max => Why::AtMax,
            true => Why::Target,
            false if cooling => Why::Cooldown,
            false => Why::Steady,
        };
        Decision { desired, why }
    }

    fn scale_in(&self, now: Nanos, wanted: u32) -> Decision {
        let desired = wanted.max(self.limits.min).min(self.alarm.desired);
        let keep = |why| Decision { desired: self.alarm.desired, why };
        if desired == self.alarm.desired {
            return keep(if wanted < self.limits.min { Why::AtMin } else { Why::Steady });
        }
        if self.rules.disable_scale_in {
            return keep(Why::ScaleInDisabled);
        }
        if self.alarm.last_in.is_some_and(|last| now - last < self.rules.scale_in_cooldown) {
            return keep(Why::Cooldown);
        }
        Decision { desired, why: if wanted < self.limits.min { Why::AtMin } else { Why::Target } }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{row, traced};
    use super::*;
    use crate::policy::scaling::Rules as Any;
    use crate::units::SECOND;

    fn rules(change: impl FnOnce(&mut Rules)) -> Any {
        let mut rules = Rules {
            target: Target { value: 100.0, form: Form::PerReplica },
            alarm_period: 60 * SECOND,
            scale_out_periods: 3,
            scale_in_periods: 2,
            scale_in_below: 0.9,
            scale_out_cooldown: 300 * SECOND,
            scale_in_cooldown: 180 * SECOND,
            disable_scale_in: false,
        };
        change(&mut rules);
        Any::TargetTracking(rules)
    }

    #[test]
    fn alarms_need_their_periods_in_a_row() {
        let expected = [
            row(60, Some(500.0), 2, 2, Why::AlarmPending),
            row(120, Some(500.0), 2, 2, Why::AlarmPending),
            // A period within the target begins anew; missing data does too.
            row(180, Some(200.0), 2, 2, Why::WithinTolerance),
            row(240, Some(500.0), 2, 2, Why::AlarmPending),
            row(300, None, 2, 2, Why::MissingMetric),
            row(360, Some(500.0), 2, 2, Why::AlarmPending),
            row(420, Some(500.0), 2, 2, Why::AlarmPending),
            row(480, Some(500.0), 2, 5, Why::Target),
            // The alarm stays on: a larger scale-out needs no further wait, and none of the cooldown.
            row(540, Some(520.0), 5, 6, Why::Target),
            row(600, Some(5_000.0), 6, 20, Why::AtMax),
        ];
        traced(&rules(|_| {}), 1..=20, 2, &expected);
    }

    #[test]
    fn scale_in_is_slow_and_a_scale_out_interrupts_its_cooldown() {
        let expected = [
            row(60, Some(500.0), 10, 10, Why::AlarmPending),
            row(120, Some(500.0), 10, 5, Why::Target),
            // The alarm stays on, but 180 s must have passed since 120 s.
            row(180, Some(300.0), 5, 5, Why::Cooldown),
            row(240, Some(300.0), 5, 5, Why::Cooldown),
            row(300, Some(300.0), 5, 3, Why::Target),
            row(360, Some(900.0), 3, 3, Why::AlarmPending),
            row(420, Some(900.0), 3, 3, Why::AlarmPending),
            row(480, Some(900.0), 3, 9, Why::Target),
            row(540, Some(0.0), 9, 9, Why::AlarmPending),
            // The scale-in of 300 s is no longer in the way.
            row(600, Some(0.0), 9, 1, Why::AtMin),
        ];
        traced(&rules(|_| {}), 1..=20, 10, &expected);
        let never = [row(60, Some(0.0), 4, 4, Why::AlarmPending), row(120, Some(0.0), 4, 4, Why::ScaleInDisabled)];
        traced(&rules(|rules| rules.disable_scale_in = true), 1..=20, 4, &never);
    }

    #[test]
    fn within_the_cooldown_only_a_larger_scale_out_counts() {
        let utilization = rules(|rules| {
            rules.target = Target { value: 0.5, form: Form::MeanOfReplicas };
            rules.scale_out_periods = 1;
        });
        let expected = [
            row(60, Some(0.75), 4, 6, Why::Target),
            // Six serve at once, but four is what it reckons with until 360 s: 4 × 0.75 ÷ 0.5 = 6 is no more.
            row(120, Some(0.75), 6, 6, Why::Cooldown),
            // 4 × 1.0 ÷ 0.5 = 8 is.
            row(180, Some(1.0), 6, 8, Why::Target),
            row(240, Some(0.5), 8, 8, Why::WithinTolerance),
            // The cooldown of 180 s, with six, is over at 480 s: 8 × 0.6 ÷ 0.5 = 9.6.
            row(300, Some(0.6), 8, 8, Why::Cooldown),
            row(360, Some(0.6), 8, 8, Why::Cooldown),
            row(420, Some(0.6), 8, 8, Why::Cooldown),
            row(480, Some(0.6), 8, 10, Why::Target),
        ];
        traced(&utilization, 1..=20, 4, &expected);
    }
}
