//! AWS step scaling: an alarm, and a change that depends on how far the metric is beyond it. Source AAS-STEP.

use super::alarm::Alarm;
use super::{Decision, Limits, Seen, Why};
use crate::units::Nanos;

#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// In the metric's own unit.
    pub threshold: f64,
    pub steps: Vec<Step>,
    pub adjustment: Adjustment,
    /// 1 min (believed).
    pub alarm_period: Nanos,
    /// Periods in a row on the same side of the threshold before anything happens.
    pub periods: u32,
    pub cooldown: Nanos,
}

/// Bounds relative to the threshold; `None` is without end. At the threshold and above it `from` belongs to the step and
/// `to` does not, below it is the other way round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    pub from: Option<f64>,
    pub to: Option<f64>,
    /// Replicas, percent of them, or the exact number.
    pub adjust: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Adjustment {
    /// So many more or fewer.
    #[default]
    Change,
    /// So many percent more or fewer.
    Percent,
    /// So many.
    Exact,
}

impl Step {
    fn holds(&self, beyond: f64) -> bool {
        if beyond >= 0.0 {
            self.from.is_none_or(|from| beyond >= from) && self.to.is_none_or(|to| beyond < to)
        } else {
            self.from.is_none_or(|from| beyond > from) && self.to.is_none_or(|to| beyond <= to)
        }
    }
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
        self.alarm.decided(seen.now, decision, self.base(seen.now));
        decision
    }

    /// What a scale-out adds is counted as part of the next one until the cooldown ends.
    fn base(&self, now: Nanos) -> u32 {
        self.alarm.out.filter(|(at, _)| now - at < self.rules.cooldown).map_or(self.alarm.desired, |(_, base)| base)
    }

    fn judge(&mut self, seen: &Seen) -> Decision {
        let keep = |why| Decision { desired: self.alarm.desired, why };
        let Some(metric) = seen.metric.filter(|metric| metric.is_finite()) else {
            (self.alarm.above, self.alarm.below) = (0, 0);
            return keep(Why::MissingMetric);
        };
        let beyond = metric - self.rules.threshold;
        let step = self.rules.steps.iter().find(|step| step.holds(beyond)).copied();
        (self.alarm.above, self.alarm.below) = match step {
            None => (0, 0),
            Some(_) if beyond >= 0.0 => (self.alarm.above.saturating_add(1), 0),
            Some(_) => (0, self.alarm.below.saturating_add(1)),
        };
        let Some(step) = step else { return keep(Why::Steady) };
        if self.alarm.above.max(self.alarm.below) < self.rules.periods {
            return keep(Why::AlarmPending);
        }
        let cooling = self.base(seen.now) != self.alarm.desired;
        let wanted = self.adjusted(self.base(seen.now), step.adjust);
        if wanted > self.alarm.desired {
            let desired = wanted.min(self.limits.max).max(self.alarm.desired);
            return Decision { desired, why: if wanted > self.limits.max { Why::AtMax } else { Why::Step } };
        }
        let wanted = self.adjusted(self.alarm.desired, step.adjust);
        if wanted < self.alarm.desired {
            if self.alarm.last_in.is_some_and(|last| seen.now - last < self.rules.cooldown) {
                return keep(Why::Cooldown);
            }
            let desired = wanted.max(self.limits.min).min(self.alarm.desired);
            return Decision { desired, why: if wanted < self.limits.min { Why::AtMin } else { Why::Step } };
        }
        keep(if cooling { Why::Cooldown } else { Why::Steady })
    }

    fn adjusted(&self, from: u32, by: f64) -> u32 {
        let change = match self.rules.adjustment {
            Adjustment::Exact => return by.clamp(0.0, f64::from(u32::MAX)) as u32,
            Adjustment::Change => by,
            // Towards zero, but never to nothing: 6.67 → 6, 0.67 → 1, −6.67 → −6, −0.67 → −1.
            Adjustment::Percent => match f64::from(from) * by / 100.0 {
                small if small != 0.0 && small.abs() < 1.0 => small.signum(),
                change => (change + change.signum() * 1e-9).trunc(),
            },
        };
        (f64::from(from) + change).clamp(0.0, f64::from(u32::MAX)) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{row, traced};
    use super::*;
    use crate::policy::scaling::Rules as Any;
    use crate::units::SECOND;

    fn rules(change: impl FnOnce(&mut Rules)) -> Any {
        let step = |from, to, adjust| Step { from, to, adjust };
        let mut rules = Rules {
            threshold: 1_000.0,
            steps: vec![
                step(Some(0.0), Some(1_000.0), 2.0),
                step(Some(1_000.0), None, 5.0),
                step(Some(-900.0), Some(-500.0), -1.0),
                step(None, Some(-900.0), -3.0),
            ],
            adjustment: Adjustment::Change,
            alarm_period: 60 * SECOND,
            periods: 1,
            cooldown: 150 * SECOND,
        };
        change(&mut rules);
        Any::Step(rules)
    }

    #[test]
    fn bounds_are_relative_to_the_threshold() {
        let no_cooldown = rules(|rules| rules.cooldown = 0);
        let expected = [
            row(60, Some(999.0), 4, 4, Why::Steady),
            row(120, Some(1_000.0), 4, 6, Why::Step),
            row(180, Some(1_999.0), 6, 8, Why::Step),
            row(240, Some(2_000.0), 8, 13, Why::Step),
            row(300, Some(500.0), 13, 12, Why::Step),
            row(360, Some(501.0), 12, 12, Why::Steady),
            row(420, Some(101.0), 12, 11, Why::Step),
            row(480, Some(100.0), 11, 8, Why::Step),
            row(540, Some(1e6), 8, 13, Why::Step),
            row(600, Some(1e6), 13, 15, Why::AtMax),
            row(660, None, 15, 15, Why::MissingMetric),
        ];
        traced(&no_cooldown, 1..=15, 4, &expected);
    }

    #[test]
    fn within_the_cooldown_a_scale_out_counts_what_the_last_one_added() {
        let expected = [
            row(60, Some(1_500.0), 4, 6, Why::Step),
            // 4 + 2 again, within 150 s: no more than there are.
            row(120, Some(1_500.0), 6, 6, Why::Cooldown),
            // 4 + 5 is larger; its own cooldown begins, from the same four.
            row(180, Some(2_500.0), 6, 9, Why::Step),
            row(240, Some(2_500.0), 9, 9, Why::Cooldown),
            row(300, Some(2_500.0), 9, 9, Why::Cooldown),
            row(360, Some(2_500.0), 9, 14, Why::Step),
            row(420, Some(0.0), 14, 11, Why::Step),
            row(480, Some(0.0), 11, 11, Why::Cooldown),
            row(540, Some(0.0), 11, 11, Why::Cooldown),
            row(600, Some(0.0), 11, 8, Why::Step),
            // A scale-out does not wait for the cooldown of a scale-in.
            row(660, Some(1_000.0), 8, 10, Why::Step),
        ];
        traced(&rules(|_| {}), 1..=15, 4, &expected);
    }

    #[test]
    fn periods_must_be_in_a_row_on_one_side() {
        let expected = [
            row(60, Some(1_500.0), 4, 4, Why::AlarmPending),
            row(120, Some(400.0), 4, 4, Why::AlarmPending),
            row(180, Some(1_500.0), 4, 4, Why::AlarmPending),
            row(240, Some(1_500.0), 4, 6, Why::Step),
        ];
        traced(&rules(|rules| rules.periods = 2), 1..=15, 4, &expected);
    }

    #[test]
    fn percentages_are_rounded_towards_zero_but_not_to_nothing() {
        let percent = rules(|rules| {
            rules.adjustment = Adjustment::Percent;
            rules.cooldown = 0;
            for (step, adjust) in rules.steps.iter_mut().zip([10.0, 67.0, -1.0, -67.0]) {
                step.adjust = adjust;
            }
        });
        let expected = [
            // 0.4 → 1; 3.35 → 3; 0.08 → 1; 4.69 → 4.
            row(60, Some(1_500.0), 4, 5, Why::Step),
            row(120, Some(2_000.0), 5, 8, Why::Step),
            row(180, Some(400.0), 8, 7, Why::Step),
            row(240, Some(0.0), 7, 3, Why::Step),
        ];
        traced(&percent, 1..=15, 4, &expected);
        let exact = rules(|rules| rules.adjustment = Adjustment::Exact);
        traced(&exact, 1..=15, 4, &[row(60, Some(9_000.0), 4, 5, Why::Step)]);
    }
}
