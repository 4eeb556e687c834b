//! Lambda reading a queue or a stream: a replica is an invocation that runs. Source L-SQS unless said otherwise.

use super::{Decision, Limits, Seen, Why, ceil, tick_after};
use crate::units::{Nanos, SECOND};

const MINUTE: Nanos = 60 * SECOND;

#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// More invocations with each minute, at most; 300. What it starts with and idles at, 5, is `Limits::min`.
    pub per_minute: u32,
    /// Messages that one invocation takes.
    pub batch: u32,
    /// Of a stream: one invocation a partition (or part of one), for good (L-KIN).
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
        let next = if rules.lanes.is_some() { Nanos::MAX } else { start.saturating_add(MINUTE) };
        Controller { next, desired: rules.lanes.unwrap_or(replicas), rules, limits }
    }

    pub(super) fn next_at(&self) -> Nanos {
        self.next
    }

    pub(super) fn decide(&mut self, seen: &Seen) -> Decision {
        if self.rules.lanes.is_some() {
            return Decision { desired: self.desired, why: Why::Steady };
        }
        self.next = tick_after(self.next, MINUTE, seen.now);
        let Some(messages) = seen.metric.filter(|metric| metric.is_finite()) else {
            return Decision { desired: self.desired, why: Why::MissingMetric };
        };
        let Limits { min, max } = self.limits;
        let wanted = ceil(messages / f64::from(self.rules.batch.max(1)));
        let ramped = self.desired.saturating_add(self.rules.per_minute);
        // Pollers go when most of them find nothing (believed): an invocation that does not run costs nothing.
        let kept = self.desired.min(wanted.saturating_mul(2)).max(wanted);
        let why = match wanted {
            _ if wanted > max && ramped >= max => Why::AtMax,
            _ if wanted > ramped => Why::Ramp,
            _ if kept < min => Why::AtMin,
            _ if kept > wanted && kept == self.desired => Why::Steady,
            _ => Why::Target,
        };
        self.desired = kept.min(ramped).clamp(min, max);
        Decision { desired: self.desired, why }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{row, traced};
    use super::*;
    use crate::policy::scaling::Rules as Any;

    #[test]
    fn three_hundred_more_with_each_minute() {
        let rules = Any::Lambda(Rules { per_minute: 300, batch: 10, lanes: None });
        let expected = [
            row(60, Some(1e6), 5, 305, Why::Ramp),
            row(120, Some(1e6), 305, 605, Why::Ramp),
            row(180, Some(1e6), 605, 905, Why::Ramp),
            row(240, Some(1e6), 905, 1_000, Why::AtMax),
            // 433 are enough; twice as many stay.
            row(300, Some(4_321.0), 1_000, 866, Why::Target),
            row(360, Some(4_331.0), 866, 866, Why::Steady),
            row(420, Some(9_000.0), 866, 900, Why::Target),
            row(480, Some(0.0), 900, 5, Why::AtMin),
        ];
        traced(&rules, 5..=1_000, 5, &expected);
    }

    #[test]
    fn a_stream_has_an_invocation_for_each_partition_and_no_decisions() {
        let rules = Any::Lambda(Rules { per_minute: 300, batch: 10, lanes: Some(12) });
        traced(&rules, 12..=12, 12, &[]);
    }
}
