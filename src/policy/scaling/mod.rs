//! How many replicas an autoscaler wants, as the real controllers decide: one file each, pure, without randomness.
//!
//! A controller has a clock of its own. At each of its instants it sees one value of its metric and says how many
//! replicas there shall be and why. Getting them there (nodes, start-up, drain) is not its business.

mod alarm;
mod hpa;
mod keda;
mod lambda;
mod schedule;
mod step;
mod target_tracking;

use crate::units::Nanos;

/// The terms of each controller.
pub mod rules {
    pub use super::hpa::{Amount, Direction, Rules as Hpa, Select, SpeedLimit};
    pub use super::keda::Rules as Keda;
    pub use super::lambda::Rules as Lambda;
    pub use super::schedule::Rules as Schedule;
    pub use super::step::{Adjustment, Rules as Step, Step as OneStep};
    pub use super::target_tracking::Rules as TargetTracking;
}

/// A controller and its terms.
#[derive(Debug, Clone, PartialEq)]
pub enum Rules {
    Hpa(rules::Hpa),
    Keda(rules::Keda),
    TargetTracking(rules::TargetTracking),
    Step(rules::Step),
    Lambda(rules::Lambda),
    Schedule(rules::Schedule),
}

impl Rules {
    /// The controller's name in the scenario language.
    pub fn word(&self) -> &'static str {
        match self {
            Rules::Hpa(_) => "hpa",
            Rules::Keda(_) => "keda",
            Rules::TargetTracking(_) => "target-tracking",
            Rules::Step(_) => "step",
            Rules::Lambda(_) => "lambda",
            Rules::Schedule(_) => "schedule",
        }
    }

    /// What it holds the metric to, in the metric's own unit; `None` where it has no single value.
    pub fn target(&self) -> Option<Target> {
        match self {
            Rules::Hpa(rules) => Some(rules.target),
            Rules::Keda(rules) => Some(rules.hpa.target),
            Rules::TargetTracking(rules) => Some(rules.target),
            Rules::Step(_) | Rules::Lambda(_) | Rules::Schedule(_) => None,
        }
    }
}

/// No decision lies outside; both ends are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub min: u32,
    pub max: u32,
}

/// What the metric shall be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target {
    pub value: f64,
    pub form: Form,
}

/// How a metric becomes a number of replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The metric is a total (messages), the target a share of it for each replica: metric ÷ target replicas.
    PerReplica,
    /// The metric is one value for all (seconds of age): serving replicas × metric ÷ target.
    Value,
    /// The metric is a mean over the serving replicas (utilization): as `Value`, and replicas that do not serve yet
    /// count as 0 when it would scale out.
    MeanOfReplicas,
}

/// What a controller is told when it decides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    pub now: Nanos,
    /// Messages, seconds, or a mean utilization 0 … 1, as the metric is; `None`: it is missing.
    pub metric: Option<f64>,
    /// Replicas that exist: serving or on their way (node, start-up, warm-up); those that drain are not counted.
    pub current: u32,
    /// Replicas that serve.
    pub ready: u32,
    /// Partitions of the stream that the group reads (parts of them, where they are worked on in parallel).
    pub partitions: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    pub desired: u32,
    pub why: Why,
}

/// What a decision followed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// As many as the metric asks for.
    Target,
    /// The metric is close enough to its target.
    WithinTolerance,
    /// A recommendation of the stabilization window rules.
    Stabilized,
    /// The policies that bound each change allow no more.
    PolicyLimited,
    AtMax,
    AtMin,
    /// More partitions than that there are not, and a replica without one would idle.
    AtPartitions,
    /// A change not long ago holds this one back.
    Cooldown,
    /// From zero, because there is work.
    Activated,
    /// To zero, because there has been no work for long enough.
    Deactivated,
    MissingMetric,
    /// The metric is beyond its target, but not yet for long enough.
    AlarmPending,
    /// Scale-in is switched off.
    ScaleInDisabled,
    /// As fast as the ramp goes.
    Ramp,
    /// A step that the metric has reached.
    Step,
    /// A time of the schedule has come.
    Scheduled,
    /// Nothing asks for a change.
    Steady,
}

impl Why {
    /// The word in results.
    pub fn word(self) -> &'static str {
        match self {
            Why::Target => "target",
            Why::WithinTolerance => "within-tolerance",
            Why::Stabilized => "stabilized",
            Why::PolicyLimited => "policy-limited",
            Why::AtMax => "at-max",
            Why::AtMin => "at-min",
            Why::AtPartitions => "at-partitions",
            Why::Cooldown => "cooldown",
            Why::Activated => "activated",
            Why::Deactivated => "deactivated",
            Why::MissingMetric => "missing-metric",
            Why::AlarmPending => "alarm-pending",
            Why::ScaleInDisabled => "scale-in-disabled",
            Why::Ramp => "ramp",
            Why::Step => "step",
            Why::Scheduled => "scheduled",
            Why::Steady => "steady",
        }
    }

    /// The metric asked for something else than what was decided; that nothing is less than the least is no news.
    pub fn holds_back(self) -> bool {
        matches!(
            self,
            Why::Stabilized
                | Why::PolicyLimited
                | Why::AtMax
                | Why::AtPartitions
                | Why::Cooldown
                | Why::MissingMetric
                | Why::AlarmPending
                | Why::ScaleInDisabled
                | Why::Ramp
        )
    }
}

/// A controller at work: its rules and what it remembers.
#[derive(Debug, Clone)]
pub struct Controller {
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Hpa(hpa::Controller),
    Keda(keda::Controller),
    TargetTracking(target_tracking::Controller),
    Step(step::Controller),
    Lambda(lambda::Controller),
    Schedule(schedule::Controller),
}

impl Controller {
    /// It begins at `start` with `replicas` wanted; its first decision falls one of its periods later.
    pub fn new(rules: &Rules, limits: Limits, start: Nanos, replicas: u32) -> Controller {
        let kind = match rules.clone() {
            Rules::Hpa(rules) => Kind::Hpa(hpa::Controller::new(rules, limits, start, replicas)),
            Rules::Keda(rules) => Kind::Keda(keda::Controller::new(rules, limits, start, replicas)),
            Rules::TargetTracking(rules) => {
                Kind::TargetTracking(target_tracking::Controller::new(rules, limits, start, replicas))
            }
            Rules::Step(rules) => Kind::Step(step::Controller::new(rules, limits, start, replicas)),
            Rules::Lambda(rules) => Kind::Lambda(lambda::Controller::new(rules, limits, start, replicas)),
            Rules::Schedule(rules) => Kind::Schedule(schedule::Controller::new(rules, start, replicas)),
        };
        Controller { kind }
    }

    /// When `decide` is due next; `Nanos::MAX`: never again. After `decide` it lies after `seen.now`.
    pub fn next_at(&self) -> Nanos {
        match &self.kind {
            Kind::Hpa(it) => it.next_at(),
            Kind::Keda(it) => it.next_at(),
            Kind::TargetTracking(it) => it.next_at(),
            Kind::Step(it) => it.next_at(),
            Kind::Lambda(it) => it.next_at(),
            Kind::Schedule(it) => it.next_at(),
        }
    }

    /// Called at `next_at()`, with `seen.now` at it or after.
    pub fn decide(&mut self, seen: &Seen) -> Decision {
        match &mut self.kind {
            Kind::Hpa(it) => it.decide(seen),
            Kind::Keda(it) => it.decide(seen),
            Kind::TargetTracking(it) => it.decide(seen),
            Kind::Step(it) => it.decide(seen),
            Kind::Lambda(it) => it.decide(seen),
            Kind::Schedule(it) => it.decide(seen),
        }
    }
}

/// The smallest whole number that is not below `value` but for rounding errors.
fn ceil(value: f64) -> u32 {
    // 0.7 ÷ 0.07 replicas are ten, not eleven.
    (value * (1.0 - 1e-12)).ceil().clamp(0.0, f64::from(u32::MAX)) as u32
}

/// The first instant of a clock with this period that lies after `now`.
fn tick_after(last: Nanos, period: Nanos, now: Nanos) -> Nanos {
    let period = period.max(1);
    let passed = now.saturating_sub(last) / period;
    last.saturating_add(period.saturating_mul(passed + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SECOND;
    use std::ops::RangeInclusive;

    /// A line of a decision trace: second, metric, replicas before, replicas after, why.
    type Row = (u64, Option<f64>, u32, u32, Why);

    pub(super) fn row(at: u64, metric: Option<f64>, before: u32, after: u32, why: Why) -> Row {
        (at, metric, before, after, why)
    }

    /// Follows the controller where every decision is true at once.
    pub(super) fn traced(rules: &Rules, limits: RangeInclusive<u32>, replicas: u32, expected: &[Row]) {
        traced_with(rules, limits, replicas, None, expected);
    }

    pub(super) fn traced_with(
        rules: &Rules,
        limits: RangeInclusive<u32>,
        replicas: u32,
        partitions: Option<u32>,
        expected: &[Row],
    ) {
        let limits = Limits { min: *limits.start(), max: *limits.end() };
        let mut controller = Controller::new(rules, limits, 0, replicas);
        let mut there = replicas;
        for (n, line) in expected.iter().enumerate() {
            let now = controller.next_at();
            let seen = Seen { now, metric: line.1, current: there, ready: there, partitions };
            let decision = controller.decide(&seen);
            let found = (now / SECOND, there, decision.desired, decision.why);
            assert_eq!(found, (line.0, line.2, line.3, line.4), "line {n} of the trace");
            assert!(controller.next_at() > now);
            there = decision.desired;
        }
        if expected.is_empty() {
            assert_eq!(controller.next_at(), Nanos::MAX);
        }
    }

    #[test]
    fn rounding_errors_are_no_replica() {
        assert_eq!((ceil(0.7 / 0.07), ceil(10.000_001), ceil(0.0), ceil(f64::INFINITY)), (10, 11, 0, u32::MAX));
        assert_eq!((tick_after(15, 15, 15), tick_after(15, 15, 44), tick_after(15, 15, 45)), (30, 45, 60));
    }
}
