//! The Kubernetes Horizontal Pod Autoscaler: one metric, `autoscaling/v2` behaviours. Source HPA unless said otherwise.

use super::{Decision, Form, Limits, Seen, Target, Why, ceil, tick_after};
use crate::units::Nanos;

#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    pub target: Target,
    /// Between two decisions; 15 s in a cluster as it comes (KEDA-SO).
    pub sync_period: Nanos,
    /// A ratio of metric to target within 1 ± this changes nothing; 0.1.
    pub tolerance: f64,
    pub scale_up: Direction,
    pub scale_down: Direction,
}

/// How fast it may go one way.
#[derive(Debug, Clone, PartialEq)]
pub struct Direction {
    /// The most cautious recommendation of so long a time rules; 0 up, 300 s down.
    pub window: Nanos,
    /// Up: 100 % and 4 pods in 15 s. Down: 100 % in 15 s. Empty: no limit.
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
    /// What the metric asked for, with its time, as far back as the longer window reaches.
    recommended: Vec<(Nanos, u32)>,
    /// Replicas added and taken away, with their times, as far back as the longest period reaches.
    added: Vec<(Nanos, u32)>,
    removed: Vec<(Nanos, u32)>,
}

impl Controller {
    pub(super) fn new(rules: Rules, limits: Limits, start: Nanos, replicas: u32) -> Controller {
        Controller {
            next: start.saturating_add(rules.sync_period),
            rules,
            limits,
            desired: replicas,
            // The controller takes what it finds for its first recommendation, so it does not scale in at once.
            recommended: vec![(start, replicas)],
            added: vec![],
            removed: vec![],
        }
    }

    pub(super) fn next_at(&self) -> Nanos {
        self.next
    }

    /// Somebody else changed the number.
    pub(super) fn overrule(&mut self, desired: u32) {
        self.desired = desired;
    }

    /// Lets syncs pass up to `now`, included.
    pub(super) fn skip(&mut self, now: Nanos) {
        if self.next <= now {
            self.next = tick_after(self.next, self.rules.sync_period, now);
        }
    }

    pub(super) fn decide(&mut self, seen: &Seen) -> Decision {
        self.next = tick_after(self.next, self.rules.sync_period, seen.now);
        let decision = self.judge(seen);
        match decision.desired.checked_sub(self.desired) {
            None => self.removed.push((seen.now, self.desired - decision.desired)),
            Some(0) => {}
            Some(more) => self.added.push((seen.now, more)),
        }
        self.desired = decision.desired;
        decision
    }

    fn judge(&mut self, seen: &Seen) -> Decision {
        let before = self.desired;
        if before > self.limits.max {
            return Decision { desired: self.limits.max, why: Why::AtMax };
        }
        if before < self.limits.min {
            return Decision { desired: self.limits.min, why: Why::AtMin };
        }
        let Some((recommended, why)) = self.recommend(seen) else {
            return Decision { desired: before, why: Why::MissingMetric };
        };
        let stabilized = self.stabilize(seen.now, recommended);
        let why = if stabilized == recommended { why } else { Why::Stabilized };
        let decision = self.limit(seen.now, stabilized, why);
        // Where it is at its end already, nothing else holds it back.
        let Limits { min, max } = self.limits;
        match decision.desired {
            desired if desired == min && recommended < min => Decision { desired, why: Why::AtMin },
            desired if desired == max && recommended > max => Decision { desired, why: Why::AtMax },
            _ => decision,
        }
    }

    /// What the metric alone asks for; `None`: it says nothing, so nothing is done.
    fn recommend(&self, seen: &Seen) -> Option<(u32, Why)> {
        let metric = seen.metric.filter(|metric| metric.is_finite())?;
        let target = self.rules.target.value;
        let ready = f64::from(seen.ready);
        let current = f64::from(seen.current);
        let ratio = metric / target;
        Some(match self.rules.target.form {
            // `AverageValue`: the tolerance is about the replicas that exist.
            Form::PerReplica if seen.current > 0 && self.tolerates(ratio / current) => {
                (seen.current, Why::WithinTolerance)
            }
            Form::PerReplica => (ceil(ratio), Why::Target),
            Form::Value if self.tolerates(ratio) => (self.desired, Why::WithinTolerance),
            Form::Value => (ceil(ratio * if seen.current == 0 { 1.0 } else { ready }), Why::Target),
            Form::MeanOfReplicas if seen.ready == 0 => return None,
            // Replicas that do not serve yet are left out of a scale-in …
            Form::MeanOfReplicas if seen.ready >= seen.current || ratio <= 1.0 => {
                if self.tolerates(ratio) {
                    (self.desired, Why::WithinTolerance)
                } else {
                    (ceil(ratio * ready), Why::Target)
                }
            }
            // … and are idle when it would scale out.
            Form::MeanOfReplicas => {
                let ratio = ratio * ready / current;
                let wanted = ceil(ratio * current);
                if self.tolerates(ratio) || ratio < 1.0 || wanted < self.desired {
                    (self.desired, Why::WithinTolerance)
                } else {
                    (wanted, Why::Target)
                }
            }
        })
    }

    fn tolerates(&self, ratio: f64) -> bool {
        (ratio - 1.0).abs() <= self.rules.tolerance + 1e-9
    }

    /// Not above the least that was recommended in the window of scale-up, not below the most in that of scale-down.
    fn stabilize(&mut self, now: Nanos, recommended: u32) -> u32 {
        let within = |window: Nanos| {
            let past = self.recommended.iter().filter(move |(at, _)| now - at < window).map(|(_, replicas)| *replicas);
            past.chain([recommended])
        };
        let least = within(self.rules.scale_up.window).min().unwrap_or(recommended);
        let most = within(self.rules.scale_down.window).max().unwrap_or(recommended);
        let stabilized = self.desired.max(least).min(most);
        let longest = self.rules.scale_up.window.max(self.rules.scale_down.window);
        self.recommended.retain(|(at, _)| now - at < longest);
        self.recommended.push((now, recommended));
        stabilized
    }

    /// The policies that bound each change, and the least and the most at all.
    fn limit(&mut self, now: Nanos, wanted: u32, why: Why) -> Decision {
        let periods = |direction: &Direction| direction.limits.iter().map(|limit| limit.period).max().unwrap_or(0);
        let longest = periods(&self.rules.scale_up).max(periods(&self.rules.scale_down));
        self.added.retain(|(at, _)| now - at < longest);
        self.removed.retain(|(at, _)| now - at < longest);
        let before = self.desired;
        if wanted > before {
            let allowed = self.highest(now).max(before);
            let most = allowed.min(self.limits.max);
            let held = if self.limits.max < allowed { Why::AtMax } else { Why::PolicyLimited };
            return Decision { desired: wanted.min(most), why: if wanted > most { held } else { why } };
        }
        if wanted < before {
            let allowed = self.lowest(now).min(before);
            let least = allowed.max(self.limits.min);
            let held = if self.limits.min > allowed { Why::AtMin } else { Why::PolicyLimited };
            return Decision { desired: wanted.max(least), why: if wanted < least { held } else { why } };
        }
        Decision { desired: wanted, why }
    }

    /// The most that the policies of scale-up allow now.
    fn highest(&self, now: Nanos) -> u32 {
        let allowed = self.rules.scale_up.limits.iter().map(|limit| {
            let at_start = self.at_start(now, limit.period);
            match limit.amount {
                Amount::Pods(pods) => clamped(at_start + i64::from(pods)),
                Amount::Percent(percent) => ceil(at_start as f64 * (1.0 + percent / 100.0)),
            }
        });
        match self.rules.scale_up.select {
            Select::Disabled => self.desired,
            Select::Max => allowed.max().unwrap_or(u32::MAX),
            Select::Min => allowed.min().unwrap_or(u32::MAX),
        }
    }

    /// The least that the policies of scale-down allow now.
    fn lowest(&self, now: Nanos) -> u32 {
        let allowed = self.rules.scale_down.limits.iter().map(|limit| {
            let at_start = self.at_start(now, limit.period);
            match limit.amount {
                Amount::Pods(pods) => clamped(at_start - i64::from(pods)),
                // Cut off, so that a small percentage of few replicas takes one away.
                Amount::Percent(percent) => (at_start as f64 * (1.0 - percent / 100.0) + 1e-9).max(0.0) as u32,
            }
        });
        match self.rules.scale_down.select {
            Select::Disabled => self.desired,
            Select::Max => allowed.min().unwrap_or(0),
            Select::Min => allowed.max().unwrap_or(0),
        }
    }

    /// Replicas a period ago, from the changes since.
    fn at_start(&self, now: Nanos, period: Nanos) -> i64 {
        let since = |events: &[(Nanos, u32)]| -> i64 {
            events.iter().filter(|(at, _)| now - at < period).map(|(_, change)| i64::from(*change)).sum()
        };
        i64::from(self.desired) - since(&self.added) + since(&self.removed)
    }
}

fn clamped(replicas: i64) -> u32 {
    replicas.clamp(0, i64::from(u32::MAX)) as u32
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::tests::{row, traced};
    use super::*;
    use crate::policy::scaling::Rules as Any;
    use crate::units::SECOND;

    /// As a cluster has it where nothing is said.
    pub(in crate::policy::scaling) fn standard(target: f64, form: Form) -> Rules {
        let limit = |amount| SpeedLimit { amount, period: 15 * SECOND };
        Rules {
            target: Target { value: target, form },
            sync_period: 15 * SECOND,
            tolerance: 0.1,
            scale_up: Direction {
                window: 0,
                limits: vec![limit(Amount::Percent(100.0)), limit(Amount::Pods(4))],
                select: Select::Max,
            },
            scale_down: Direction {
                window: 300 * SECOND,
                limits: vec![limit(Amount::Percent(100.0))],
                select: Select::Max,
            },
        }
    }

    fn backlog(change: impl FnOnce(&mut Rules)) -> Any {
        let mut rules = standard(100.0, Form::PerReplica);
        change(&mut rules);
        Any::Hpa(rules)
    }

    #[test]
    fn a_far_target_is_reached_by_doubling_every_15_s() {
        // max(+100 %, +4 pods): 1 + 4, then 5 × 2, 10 × 2, 20 × 2, 40 × 2, and 65 from 80 on is no limit any more.
        let expected = [
            row(15, Some(6_500.0), 1, 5, Why::PolicyLimited),
            row(30, Some(6_500.0), 5, 10, Why::PolicyLimited),
            row(45, Some(6_500.0), 10, 20, Why::PolicyLimited),
            row(60, Some(6_500.0), 20, 40, Why::PolicyLimited),
            row(75, Some(6_500.0), 40, 65, Why::Target),
            row(90, Some(6_500.0), 65, 65, Why::WithinTolerance),
        ];
        traced(&backlog(|_| {}), 1..=100, 1, &expected);
        let capped = [
            row(15, Some(1e9), 1, 5, Why::PolicyLimited),
            row(30, Some(1e9), 5, 8, Why::AtMax),
            row(45, Some(1e9), 8, 8, Why::AtMax),
        ];
        traced(&backlog(|_| {}), 1..=8, 1, &capped);
    }

    #[test]
    fn a_ratio_near_one_changes_nothing() {
        // Ten replicas hold 100 each: from 900 to 1100 nothing happens.
        let expected = [
            row(15, Some(1_100.0), 10, 10, Why::WithinTolerance),
            row(30, Some(1_101.0), 10, 12, Why::Target),
            row(45, Some(1_081.0), 12, 12, Why::WithinTolerance),
            row(60, None, 12, 12, Why::MissingMetric),
            row(75, Some(f64::NAN), 12, 12, Why::MissingMetric),
        ];
        traced(&backlog(|_| {}), 1..=100, 10, &expected);
    }

    #[test]
    fn scale_in_waits_for_the_highest_recommendation_of_five_minutes() {
        let rules = backlog(|rules| {
            rules.sync_period = 60 * SECOND;
            rules.scale_up.limits.clear();
        });
        let expected = [
            // The 10 replicas found at the start count as a recommendation until 300 s.
            row(60, Some(400.0), 10, 10, Why::Stabilized),
            row(120, Some(800.0), 10, 10, Why::Stabilized),
            row(180, Some(400.0), 10, 10, Why::Stabilized),
            row(240, Some(300.0), 10, 10, Why::Stabilized),
            // Those of 60 … 240 s are left: 4, 8, 4, 3.
            row(300, Some(0.0), 10, 8, Why::Stabilized),
            row(360, Some(0.0), 8, 8, Why::Stabilized),
            // The 8 of 120 s has gone; 4 of 180 s rules.
            row(420, Some(0.0), 8, 4, Why::Stabilized),
            row(480, Some(0.0), 4, 3, Why::Stabilized),
            row(540, Some(0.0), 3, 1, Why::AtMin),
            row(600, Some(0.0), 1, 1, Why::AtMin),
        ];
        traced(&rules, 1..=100, 10, &expected);
    }

    #[test]
    fn scale_out_waits_for_the_lowest_of_its_window() {
        let rules = backlog(|rules| rules.scale_up.window = 30 * SECOND);
        let expected = [
            row(15, Some(500.0), 1, 1, Why::Stabilized),
            row(30, Some(300.0), 1, 3, Why::Target),
            row(45, Some(900.0), 3, 3, Why::Stabilized),
            row(60, Some(900.0), 3, 7, Why::PolicyLimited),
        ];
        traced(&rules, 1..=100, 1, &expected);
    }

    #[test]
    fn policies_count_what_changed_within_their_period() {
        let rules = backlog(|rules| {
            rules.scale_up.limits = vec![
                SpeedLimit { amount: Amount::Pods(4), period: 60 * SECOND },
                SpeedLimit { amount: Amount::Percent(10.0), period: 60 * SECOND },
            ];
            rules.scale_down.window = 0;
            rules.scale_down.limits = vec![SpeedLimit { amount: Amount::Percent(25.0), period: 30 * SECOND }];
        });
        let expected = [
            row(15, Some(1e6), 20, 24, Why::PolicyLimited),
            // Four were added within the minute.
            row(30, Some(1e6), 24, 24, Why::PolicyLimited),
            row(45, Some(1e6), 24, 24, Why::PolicyLimited),
            row(60, Some(1e6), 24, 24, Why::PolicyLimited),
            row(75, Some(1e6), 24, 28, Why::PolicyLimited),
            // A quarter of 28 within 30 s; before that 24, the 4 added being younger than 30 s, of which 18 may stay.
            row(90, Some(0.0), 28, 18, Why::PolicyLimited),
            // Ten were removed since the 28 of a moment ago: 21 would be the least.
            row(105, Some(0.0), 18, 18, Why::PolicyLimited),
            row(120, Some(0.0), 18, 13, Why::PolicyLimited),
        ];
        traced(&rules, 1..=100, 20, &expected);
        let least = backlog(|rules| rules.scale_up.select = Select::Min);
        traced(&least, 1..=100, 1, &[row(15, Some(1e6), 1, 2, Why::PolicyLimited)]);
        let never = backlog(|rules| rules.scale_up.select = Select::Disabled);
        traced(&never, 1..=100, 1, &[row(15, Some(1e6), 1, 1, Why::PolicyLimited)]);
    }

    #[test]
    fn replicas_that_start_damp_the_utilization_of_those_that_serve() {
        let mut controller = Controller::new(standard(0.5, Form::MeanOfReplicas), Limits { min: 1, max: 100 }, 0, 4);
        let mut at = |now: u64, metric: f64, current: u32, ready: u32| {
            let seen = Seen { now: now * SECOND, metric: Some(metric), current, ready, partitions: None };
            let decision = controller.decide(&seen);
            (decision.desired, decision.why)
        };
        // 4 × 0.9 ÷ 0.5 = 7.2.
        assert_eq!(at(15, 0.9, 4, 4), (8, Why::Target));
        // 4 of 8 serve at 0.9: 0.45 over all is within a tenth of 0.5.
        assert_eq!(at(30, 0.9, 8, 4), (8, Why::WithinTolerance));
        // 6 of 8 at 1.0 are 0.75 over all: 8 × 0.75 ÷ 0.5 = 12.
        assert_eq!(at(45, 1.0, 8, 6), (12, Why::Target));
        // Nobody serves: no metric.
        assert_eq!(at(60, 1.0, 12, 0), (12, Why::MissingMetric));
        // Scale-in looks at those that serve alone: 6 × 0.25 ÷ 0.5 = 3, held by the window.
        assert_eq!(at(75, 0.25, 12, 6), (12, Why::Stabilized));
    }

    #[test]
    fn one_value_for_all_multiplies_those_that_serve() {
        // Age 90 s against 30 s: three times as many.
        let rules = Any::Hpa(standard(30.0, Form::Value));
        let expected = [
            row(15, Some(90.0), 3, 7, Why::PolicyLimited),
            row(30, Some(60.0), 7, 14, Why::Target),
            row(45, Some(32.0), 14, 14, Why::WithinTolerance),
        ];
        traced(&rules, 1..=100, 3, &expected);
    }
}
