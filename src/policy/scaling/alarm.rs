//! What the alarms of the two AWS controllers remember: periods in a row beyond a bound, and the last changes.

use super::{Decision, tick_after};
use crate::units::Nanos;

#[derive(Debug, Clone)]
pub(super) struct Alarm {
    period: Nanos,
    pub(super) next: Nanos,
    pub(super) desired: u32,
    /// Periods in a row.
    pub(super) above: u32,
    pub(super) below: u32,
    /// The last scale-out: when, and how many there were before it, as the controller counts.
    pub(super) out: Option<(Nanos, u32)>,
    pub(super) last_in: Option<Nanos>,
}

impl Alarm {
    pub(super) fn new(period: Nanos, start: Nanos, replicas: u32) -> Alarm {
        let next = start.saturating_add(period);
        Alarm { period, next, desired: replicas, above: 0, below: 0, out: None, last_in: None }
    }

    /// A decision was made now; `before` counts for a scale-out.
    pub(super) fn decided(&mut self, now: Nanos, decision: Decision, before: u32) {
        self.next = tick_after(self.next, self.period, now);
        if decision.desired > self.desired {
            self.out = Some((now, before));
            // A scale-out ends the cooldown of a scale-in.
            self.last_in = None;
        } else if decision.desired < self.desired {
            self.last_in = Some(now);
        }
        self.desired = decision.desired;
    }
}
