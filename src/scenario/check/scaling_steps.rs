//! Rules of an autoscaler's `steps`: changes by distance from a threshold, and numbers by the clock.

use super::{Checker, entries};
use crate::policy::scaling::rules;
use crate::scenario::problem::Place;
use crate::scenario::reader::Placed;
use crate::scenario::value::ScalingMetric;
use crate::scenario::written::{self, ScalingStep};
use crate::units::{Duration, Nanos};

impl Checker<'_> {
    pub(super) fn step(&mut self, scaling: &Placed<written::Scaling>, metric: ScalingMetric) -> Option<rules::Step> {
        let threshold = match &scaling.threshold {
            Some(threshold) => self.level("threshold", threshold, metric),
            None => {
                if !scaling.broken {
                    let message = "`threshold` is missing: the value of the metric from which `steps` count";
                    self.refuse(&scaling.place, message, "add threshold = 1000");
                }
                None
            }
        };
        let adjustment = scaling.adjustment.as_ref()?.value;
        let mut steps: Vec<rules::OneStep> = vec![];
        for written in entries(&scaling.steps) {
            self.foreign(written, ("at", written.at.as_ref().map(|at| &at.place)), "schedule");
            self.foreign(written, ("replicas", written.replicas.as_ref().map(|n| &n.place)), "schedule");
            if let Some(step) = self.one_step(written, metric, adjustment) {
                if steps.iter().any(|other| overlap(other, &step)) {
                    let message = "this step overlaps with one before it: two would hold at once";
                    self.refuse(&written.place, message, "let one begin where the other ends");
                }
                steps.push(step);
            }
        }
        self.some_steps(scaling, "steps = [{ from = 0, adjust = 2 }, { to = 0, adjust = -1 }]");
        Some(rules::Step {
            threshold: threshold?,
            steps,
            adjustment,
            alarm_period: scaling.alarm_period.as_ref()?.0.ns(),
            periods: scaling.periods.as_ref()?.u32(),
            cooldown: scaling.cooldown.as_ref()?.value.ns(),
        })
    }

    fn one_step(
        &mut self,
        written: &Placed<ScalingStep>,
        metric: ScalingMetric,
        adjustment: rules::Adjustment,
    ) -> Option<rules::OneStep> {
        let from = written.from.as_ref().map(|from| self.level("from", from, metric));
        let to = written.to.as_ref().map(|to| self.level("to", to, metric));
        let Some(adjust) = &written.adjust else {
            if !written.broken {
                let message = "a step of step scaling needs `adjust`, which is missing here";
                self.refuse(&written.place, message, "write { from = 0, adjust = 2 }");
            }
            return None;
        };
        let exact = adjustment == rules::Adjustment::Exact;
        if (exact && adjust.0 < 0.0) || (!exact && adjust.0 == 0.0) {
            let message = format!("`adjust` = {} changes nothing that there could be", adjust.0);
            self.refuse(&adjust.place, message, "write a number of replicas to add, or to take away with a minus");
        }
        if adjustment != rules::Adjustment::Percent && adjust.0.fract() != 0.0 {
            let message = format!("`adjust` = {} is not a whole number of replicas", adjust.0);
            self.refuse(&adjust.place, message, "write a whole number, or adjustment = \"percent\"");
        }
        // A bound that could not be read is noted; the step goes no further.
        let (from, to) = (flat(from)?, flat(to)?);
        match (from, to) {
            (None, None) => {
                let message = "a step without `from` and `to` holds always";
                self.refuse(&written.place, message, "write from where it holds: { from = 0, adjust = 2 }");
                None
            }
            (Some(from), Some(to)) if from >= to => {
                let message = format!("`from` = {from} does not lie below `to` = {to}");
                self.refuse(&written.place, message, "write the smaller one as `from`");
                None
            }
            (Some(from), Some(to)) if from < 0.0 && to > 0.0 => {
                let message = "a step lies on one side of the threshold";
                self.refuse(&written.place, message, "cut it in two at 0");
                None
            }
            _ => Some(rules::OneStep { from, to, adjust: adjust.0 }),
        }
    }

    pub(super) fn by_clock(&mut self, scaling: &Placed<written::Scaling>) -> Option<rules::Schedule> {
        let every = scaling.every.as_ref().map(|every| every.0);
        let mut steps: Vec<(Nanos, u32)> = vec![];
        for step in entries(&scaling.steps) {
            self.foreign(step, ("from", step.from.as_ref().map(|value| &value.place)), "step");
            self.foreign(step, ("to", step.to.as_ref().map(|value| &value.place)), "step");
            self.foreign(step, ("adjust", step.adjust.as_ref().map(|value| &value.place)), "step");
            let (Some(at), Some(replicas)) = (&step.at, &step.replicas) else {
                if !step.broken {
                    let message = "a step of a schedule needs `at` and `replicas`";
                    self.refuse(&step.place, message, "write { at = \"8h\", replicas = 40 }");
                }
                continue;
            };
            self.within_run("this step", at.value, &at.place);
            if let Some((before, _)) = steps.last().filter(|(before, _)| at.value.ns() <= *before) {
                let message =
                    format!("`at` = {} does not come after the step before it, at {}", at.value, Duration(*before));
                self.refuse(&at.place, message, "write the steps in order of time");
            }
            if let Some(every) = every.filter(|every| at.value >= *every) {
                let message = format!("`at` = {} lies beyond one round of `every` = {every}", at.value);
                self.refuse(&at.place, message, "write times within one round");
            }
            steps.push((at.value.ns(), replicas.u32()));
        }
        self.some_steps(scaling, "steps = [{ at = \"8h\", replicas = 40 }]");
        Some(rules::Schedule { steps, every: every.map(Duration::ns) })
    }

    fn some_steps(&mut self, scaling: &Placed<written::Scaling>, way_out: &str) {
        if entries(&scaling.steps).count() == 0 && !scaling.broken {
            let place = scaling.steps.as_ref().map_or(&scaling.place, |steps| &steps.place);
            self.refuse(place, "there are no `steps`: nothing would ever change", format!("add {way_out}"));
        }
    }

    /// Refuses what only the steps of the other policy have.
    fn foreign(&mut self, step: &Placed<ScalingStep>, (key, place): (&str, Option<&Place>), policy: &str) {
        if let Some(place) = place.filter(|_| !step.broken) {
            let message = format!("`{key}` belongs to the steps of policy = \"{policy}\"");
            self.refuse(place, message, "leave it out");
        }
    }
}

/// Both open ends reach to infinity.
fn overlap(one: &rules::OneStep, other: &rules::OneStep) -> bool {
    let (low, high) = (f64::NEG_INFINITY, f64::INFINITY);
    one.from.unwrap_or(low).max(other.from.unwrap_or(low)) < one.to.unwrap_or(high).min(other.to.unwrap_or(high))
}

/// `None` where it was written and could not be read.
fn flat<T>(value: Option<Option<T>>) -> Option<Option<T>> {
    match value {
        Some(None) => None,
        Some(value) => Some(value),
        None => Some(None),
    }
}
