//! Numbers of replicas by the clock.

use super::{Decision, Seen, Why};
use crate::units::Nanos;

#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// (time, replicas) in order of time.
    pub steps: Vec<(Nanos, u32)>,
    /// The steps come again with this period.
    pub every: Option<Nanos>,
}

#[derive(Debug, Clone)]
pub(super) struct Controller {
    rules: Rules,
    start: Nanos,
    /// Rounds made, and the step that comes next.
    round: u64,
    step: usize,
    desired: u32,
}

impl Controller {
    pub(super) fn new(rules: Rules, start: Nanos, replicas: u32) -> Controller {
        Controller { rules, start, round: 0, step: 0, desired: replicas }
    }

    pub(super) fn next_at(&self) -> Nanos {
        let Some((at, _)) = self.rules.steps.get(self.step) else { return Nanos::MAX };
        let rounds = self.rules.every.unwrap_or_default().saturating_mul(self.round);
        self.start.saturating_add(rounds).saturating_add(*at)
    }

    pub(super) fn decide(&mut self, seen: &Seen) -> Decision {
        while self.next_at() <= seen.now {
            self.desired = self.rules.steps[self.step].1;
            self.step += 1;
            if self.step == self.rules.steps.len() && self.rules.every.is_some() {
                self.step = 0;
                self.round += 1;
            }
        }
        Decision { desired: self.desired, why: Why::Scheduled }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{row, traced};
    use super::*;
    use crate::policy::scaling::Rules as Any;
    use crate::units::SECOND;

    #[test]
    fn steps_come_at_their_times_and_again() {
        let steps = vec![(0, 2), (20 * SECOND, 8)];
        let expected = [row(0, None, 1, 2, Why::Scheduled), row(20, None, 2, 8, Why::Scheduled)];
        traced(&Any::Schedule(Rules { steps: steps.clone(), every: None }), 0..=8, 1, &expected);
        let expected = [
            row(0, None, 1, 2, Why::Scheduled),
            row(20, None, 2, 8, Why::Scheduled),
            row(60, None, 8, 2, Why::Scheduled),
            row(80, None, 2, 8, Why::Scheduled),
        ];
        traced(&Any::Schedule(Rules { steps, every: Some(60 * SECOND) }), 0..=8, 1, &expected);
    }
}
