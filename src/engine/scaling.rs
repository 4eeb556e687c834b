//! An autoscaler's loop: the metric is measured, the controller decides by its own clock, the decision is noted.
//!
//! What then becomes of replicas is in `replicas.rs`.

use super::alarms::Alarm;
use super::world::World;
use crate::model::{ConsumerModel, Model, Scaling, ScalingMetric};
use crate::observe::{Decision, ScalingSeen};
use crate::policy::scaling::{Controller, Form, Seen};
use crate::random::Stream;
use crate::units::{Nanos, SECOND, seconds};
use std::collections::VecDeque;

/// What an autoscaler knows, and where its replicas stand.
pub(super) struct Scaler<'m> {
    pub(super) model: &'m Scaling,
    controller: Controller,
    /// One for each replica there is room for.
    pub(super) places: Vec<Place>,
    /// When each node place that nobody uses became, or will become, free; in order of time.
    pub(super) nodes: VecDeque<Nanos>,
    /// Replicas that are slow because they are new.
    pub(super) warming: u32,
    /// Replicas called so far.
    pub(super) calls: u64,
    pub(super) provision: Stream,
    pub(super) startup: Stream,
    /// Values measured and not yet out of sight, with their times.
    values: VecDeque<(Nanos, Option<f64>)>,
    /// Between two measurements; 0: each decision measures for itself.
    step: Nanos,
    next_measure: Nanos,
    /// ∫ busy and ∫ live work slots at the last measurement.
    areas: (u128, u128),
    /// The last decision held the number of replicas back, and for this reason.
    held: Option<&'static str>,
    /// Decisions are kept, not only counted.
    keeps: bool,
    pub(super) seen: ScalingSeen,
}

/// Room for one replica.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    pub(super) wanted: bool,
    /// The how-manieth it was that was called: the last goes first.
    pub(super) call: u64,
    pub(super) called_at: Nanos,
    /// It has a node; when that stands, or stood.
    pub(super) node: Option<Nanos>,
    /// Tells pending alarms of earlier replicas here apart.
    pub(super) number: u32,
    pub(super) warming: bool,
}

impl<'m> Scaler<'m> {
    pub(super) fn new(world: &'m Model, consumer: &'m ConsumerModel, run: u32) -> Option<Scaler<'m>> {
        let model = consumer.scaling.as_ref()?;
        let stream = |purpose| Stream::new(world.seed, run, &consumer.name, purpose);
        let controller = Controller::new(&model.rules, model.limits, world.origin, consumer.replicas);
        let step = match (model.metric_period.ns(), model.metric_delay.ns()) {
            (0, 0) => 0,
            // Seen late, the value of the moment is measured as often as a decision may ask for it.
            (0, delay) => common_divisor(delay, controller.next_at().saturating_sub(world.origin)).max(SECOND),
            (period, _) => period,
        };
        Some(Scaler {
            model,
            controller,
            places: vec![Place::default(); consumer.max_replicas as usize],
            nodes: vec![world.origin; model.headroom as usize].into(),
            warming: 0,
            calls: 0,
            provision: stream("provision"),
            startup: stream("startup"),
            values: VecDeque::new(),
            step,
            next_measure: world.origin,
            areas: (0, 0),
            held: None,
            keeps: run == 0,
            seen: ScalingSeen::default(),
        })
    }

    pub(super) fn wanted(&self) -> usize {
        self.places.iter().filter(|place| place.wanted).count()
    }

    pub(super) fn speed(&self, place: usize) -> f64 {
        match self.model.warm {
            Some(warm) if self.places[place].warming => warm.speed,
            _ => 1.0,
        }
    }

    /// What the controller sees at `now`.
    fn visible(&mut self, now: Nanos) -> Option<f64> {
        let until = now.checked_sub(self.model.metric_delay.ns())?;
        while self.values.get(1).is_some_and(|(at, _)| *at <= until) {
            self.values.pop_front();
        }
        let (at, value) = self.values.front()?;
        if *at <= until { *value } else { None }
    }

    /// Notes a decision that changed something, or that begins to hold something back.
    fn note(&mut self, decision: Decision, before: u32, holds_back: bool) {
        let changed = decision.desired != before;
        let held = holds_back.then_some(decision.why);
        self.seen.scale_outs += u64::from(decision.desired > before);
        self.seen.scale_ins += u64::from(decision.desired < before);
        if self.keeps && (changed || (holds_back && held != self.held)) {
            self.seen.keep(decision);
        }
        self.held = held;
    }
}

fn common_divisor(a: Nanos, b: Nanos) -> Nanos {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

impl World<'_> {
    /// The run begins: the first replicas serve already, and the clocks of measuring and deciding start.
    pub(super) fn start_scaling(&mut self, ci: usize) {
        let now = self.now;
        let first = self.consumers[ci].model.replicas as usize;
        let Some(scaler) = &mut self.consumers[ci].scaler else { return };
        for place in &mut scaler.places[..first] {
            scaler.calls += 1;
            *place = Place { wanted: true, call: scaler.calls, node: Some(now), ..Place::default() };
        }
        let (measures, next) = (scaler.step > 0, scaler.controller.next_at());
        if measures {
            self.measure(ci);
        }
        if next < Nanos::MAX {
            self.alarm(next, Alarm::Scale, ci as u64);
        }
    }

    /// The end of a measuring period.
    pub(super) fn measure(&mut self, ci: usize) {
        let now = self.now;
        let Some(scaler) = &self.consumers[ci].scaler else { return };
        let step = scaler.step;
        // A decision at this very instant may have asked for the value before.
        if scaler.next_measure > now {
            return;
        }
        let value = self.metric(ci);
        let Some(scaler) = &mut self.consumers[ci].scaler else { return };
        scaler.values.push_back((now, value));
        scaler.next_measure = now + step;
        self.alarm(now + step, Alarm::Measure, ci as u64);
    }

    /// The metric now; of utilization the mean since it was measured last.
    fn metric(&mut self, ci: usize) -> Option<f64> {
        let now = self.now;
        let queue = self.consumers[ci].queue;
        let metric = self.consumers[ci].scaler.as_ref()?.model.metric;
        let q = &self.queues[queue];
        match metric {
            ScalingMetric::Backlog => Some(q.backlog.count as f64),
            ScalingMetric::Ready => Some(q.ready.count as f64),
            ScalingMetric::Lag => q.group.as_ref().map(|group| group.lag() as f64),
            ScalingMetric::OldestAge => Some(self.oldest(queue).map_or(0.0, |published| seconds(now - published))),
            ScalingMetric::Utilization => {
                let c = &mut self.consumers[ci];
                let areas = (c.busy.area(now), c.live_slots.area(now));
                let (busy, slots) = (c.busy.count as f64, c.live_slots.count as f64);
                let scaler = c.scaler.as_mut()?;
                let before = std::mem::replace(&mut scaler.areas, areas);
                if scaler.step == 0 {
                    return (slots > 0.0).then(|| busy / slots);
                }
                let span = areas.1.wrapping_sub(before.1);
                (span > 0).then(|| areas.0.wrapping_sub(before.0) as f64 / span as f64)
            }
        }
    }

    /// What the controller would compare with its target now: per replica where its target is; NaN where nothing is seen.
    pub(super) fn scaling_metric(&mut self, ci: usize) -> f64 {
        let now = self.now;
        let Some(step) = self.consumers[ci].scaler.as_ref().map(|scaler| scaler.step) else { return f64::NAN };
        let live = if step > 0 { None } else { Some(self.metric(ci)) };
        let Some(scaler) = &mut self.consumers[ci].scaler else { return f64::NAN };
        let Some(metric) = live.unwrap_or_else(|| scaler.visible(now)) else { return f64::NAN };
        match scaler.model.rules.target() {
            Some(target) if target.form == Form::PerReplica => match scaler.wanted() {
                0 => f64::NAN,
                replicas => metric / replicas as f64,
            },
            _ => metric,
        }
    }

    /// The controller's clock strikes.
    pub(super) fn scaler_decides(&mut self, ci: usize) {
        let now = self.now;
        let Some(step) = self.consumers[ci].scaler.as_ref().map(|scaler| scaler.step) else { return };
        let live = if step > 0 { None } else { Some(self.metric(ci)) };
        if live.is_none() {
            self.measure(ci);
        }
        let partitions = self.queues[self.consumers[ci].queue].group.as_ref().map(|group| group.lanes.len() as u32);
        let ready = self.serving(ci);
        let before = self.consumers[ci].desired;
        let Some(scaler) = &mut self.consumers[ci].scaler else { return };
        let metric = live.unwrap_or_else(|| scaler.visible(now));
        let current = scaler.wanted() as u32;
        let decision = scaler.controller.decide(&Seen { now, metric, current, ready, partitions });
        let next = scaler.controller.next_at();
        let desired = decision.desired;
        let noted = Decision { at: now, metric, current, desired, why: decision.why.word() };
        scaler.note(noted, before, decision.why.holds_back());
        self.call_for(ci, desired);
        if next < Nanos::MAX {
            self.alarm(next.max(now + 1), Alarm::Scale, ci as u64);
        }
    }
}
