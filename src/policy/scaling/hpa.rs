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
pub(super) mod tests;
