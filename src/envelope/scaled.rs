//! Autoscalers on the fluid: the controllers' own code decides by its own clock on a level without randomness.

use super::Load;
use crate::policy::scaling::{Controller, Seen};
use crate::scenario::{Scaling, ScalingMetric, Scenario};
use crate::units::{Nanos, SECOND};

/// The replicas of a load's consumers as their autoscalers have it.
pub(super) struct Fleet<'s> {
    parts: Vec<Part<'s>>,
    lanes: Option<u32>,
    work_s: f64,
    end: Nanos,
}

struct Part<'s> {
    scaling: Option<&'s Scaling>,
    controller: Option<Controller>,
    concurrency: f64,
    serving: u32,
    /// (from when they serve, how many), in order of time.
    coming: Vec<(f64, u32)>,
    /// (when it was measured, value): what is not yet out of sight.
    values: Vec<(f64, f64)>,
    /// ∫ share of the slots in use dt, since the last measurement, and when that was.
    used: (f64, f64),
    step_s: f64,
    next_measure_s: f64,
    seen_at_s: f64,
}

impl<'s> Fleet<'s> {
    pub(super) fn new(scenario: &'s Scenario, load: &Load) -> Fleet<'s> {
        let parts = load.consumers.iter().map(|&index| {
            let consumer = &scenario.consumers[index];
            let scaling = consumer.scaling.as_ref();
            let controller = scaling.map(|s| Controller::new(&s.rules, s.limits, 0, consumer.replicas));
            // As the world does it: by the period, or, where it is only seen late, about as often as it is asked for.
            let step_s = scaling.map_or(0.0, |s| match (s.metric_period.seconds(), s.metric_delay.seconds()) {
                (0.0, 0.0) => 0.0,
                (0.0, _) => 1.0,
                (period, _) => period,
            });
            Part {
                scaling,
                controller,
                concurrency: f64::from(consumer.concurrency),
                serving: consumer.replicas,
                coming: vec![],
                values: vec![],
                used: (0.0, 0.0),
                step_s,
                next_measure_s: 0.0,
                seen_at_s: 0.0,
            }
        });
        let lanes = load.lanes().map(|lanes| lanes as u32);
        Fleet { parts: parts.collect(), lanes, work_s: load.work_s, end: scenario.end() }
    }

    pub(super) fn is_scaled(&self) -> bool {
        self.parts.iter().any(|part| part.scaling.is_some())
    }

    /// Replicas that serve, consumer by consumer.
    pub(super) fn serving(&self) -> Vec<f64> {
        self.parts.iter().map(Part::working).collect()
    }

    /// Replicas that exist: serving or on their way.
    pub(super) fn called(&self) -> f64 {
        let coming = |part: &Part<'_>| part.coming.iter().map(|(_, count)| count).sum::<u32>();
        self.parts.iter().map(|part| f64::from(part.serving + coming(part))).sum()
    }

    pub(super) fn slots(&self) -> f64 {
        let all: f64 = self.parts.iter().map(|part| part.working() * part.concurrency).sum();
        self.lanes.map_or(all, |lanes| all.min(f64::from(lanes)))
    }

    /// The first instant after `now` at which anything may change; infinite without autoscalers.
    pub(super) fn next_at(&self, now: f64) -> f64 {
        let mut next = f64::INFINITY;
        for part in &self.parts {
            let Some(controller) = &part.controller else { continue };
            let decides = controller.next_at();
            if decides <= self.end {
                next = next.min(decides as f64 / 1e9);
            }
            if part.step_s > 0.0 {
                next = next.min(part.next_measure_s);
            }
            next = part.coming.first().map_or(next, |(at, _)| next.min(*at));
        }
        if next <= now { now + 1e-9 } else { next }
    }

    /// What is due at `now` happens: replicas begin to serve, metrics are measured, controllers decide.
    pub(super) fn look(&mut self, now: f64, rate_in: f64, rate_out: f64, level: f64, oldest_s: f64) {
        if !self.is_scaled() {
            return;
        }
        let slots = self.slots();
        let asked = rate_in * self.work_s;
        let busy = if level > 0.0 { slots.min(rate_out * self.work_s) } else { asked.min(slots) };
        let share = if slots > 0.0 { busy / slots } else { 0.0 };
        let lanes = self.lanes;
        for part in &mut self.parts {
            part.look(now, Moment { level, busy, share, oldest_s, lanes });
        }
    }
}

/// What there is to see at an instant.
#[derive(Clone, Copy)]
struct Moment {
    level: f64,
    busy: f64,
    share: f64,
    oldest_s: f64,
    lanes: Option<u32>,
}

impl Part<'_> {
    /// Serving, and allowed to work at once.
    fn working(&self) -> f64 {
        let most = self.scaling.and_then(|scaling| scaling.reserved_concurrency).unwrap_or(u32::MAX);
        f64::from(self.serving.min(most))
    }

    fn look(&mut self, now: f64, moment: Moment) {
        let Some(scaling) = self.scaling else { return };
        self.used.0 += moment.share * (now - self.seen_at_s);
        self.seen_at_s = now;
        while self.coming.first().is_some_and(|(at, _)| *at <= now + 1e-9) {
            self.serving += self.coming.remove(0).1;
        }
        if self.step_s > 0.0 && now + 1e-9 >= self.next_measure_s {
            let value = self.metric(scaling, now, moment);
            self.values.push((now, value));
            self.next_measure_s += self.step_s;
        }
        let due = self.controller.as_ref().is_some_and(|controller| controller.next_at() as f64 <= now * 1e9 + 1.0);
        if !due {
            return;
        }
        let metric =
            if self.step_s > 0.0 { self.visible(scaling, now) } else { Some(self.metric(scaling, now, moment)) };
        let current = self.serving + self.coming.iter().map(|(_, count)| count).sum::<u32>();
        let Some(controller) = &mut self.controller else { return };
        let at = controller.next_at().max((now * 1e9) as Nanos);
        let seen = Seen { now: at, metric, current, ready: self.serving, partitions: moment.lanes };
        let desired = controller.decide(&seen).desired;
        self.want(scaling, now, current, desired);
    }

    fn metric(&mut self, scaling: &Scaling, now: f64, moment: Moment) -> f64 {
        match scaling.metric {
            ScalingMetric::Backlog | ScalingMetric::Lag => moment.level + moment.busy,
            ScalingMetric::Ready => moment.level,
            ScalingMetric::OldestAge => moment.oldest_s,
            ScalingMetric::Utilization => {
                let (area, since) = std::mem::replace(&mut self.used, (0.0, now));
                if self.step_s > 0.0 && now > since { area / (now - since) } else { moment.share }
            }
        }
    }

    /// The last value that is as old as it has to be.
    fn visible(&mut self, scaling: &Scaling, now: f64) -> Option<f64> {
        let until = now - scaling.metric_delay.seconds() + 1e-9;
        while self.values.get(1).is_some_and(|(at, _)| *at <= until) {
            self.values.remove(0);
        }
        self.values.first().filter(|(at, _)| *at <= until).map(|(_, value)| *value)
    }

    fn want(&mut self, scaling: &Scaling, now: f64, current: u32, desired: u32) {
        if desired > current {
            let law = |law: &Option<crate::random::Distribution>| law.as_ref().map_or(0.0, |law| law.mean());
            let startup = law(&scaling.startup);
            // Nodes stand ready for `headroom` replicas; the others wait for theirs.
            let stands = scaling.headroom.saturating_sub(current.saturating_sub(scaling.limits.min));
            let quick = (desired - current).min(stands);
            for (count, wait) in [(quick, startup), (desired - current - quick, startup + law(&scaling.provision))] {
                if count > 0 {
                    self.coming.push((now + wait, count));
                }
            }
            self.coming.sort_by(|a, b| a.0.total_cmp(&b.0));
            while self.coming.first().is_some_and(|(at, _)| *at <= now) {
                self.serving += self.coming.remove(0).1;
            }
            return;
        }
        // The last that was called goes first.
        let mut surplus = current - desired;
        while surplus > 0 {
            let Some((_, count)) = self.coming.last_mut() else { break };
            let gone = surplus.min(*count);
            *count -= gone;
            surplus -= gone;
            if *count == 0 {
                self.coming.pop();
            }
        }
        self.serving -= surplus.min(self.serving);
    }
}

/// From the moment the metric is true to the moment a replica that it asks for serves, at the worst: its named terms,
/// seconds.
pub(super) fn lags(scaling: &Scaling) -> Vec<(&'static str, f64)> {
    // A fresh controller at time 0 says how long its period is by when it wants to decide first.
    let controller = Controller::new(&scaling.rules, scaling.limits, 0, scaling.limits.min.max(1));
    let next = controller.next_at();
    let period = if next == Nanos::MAX { 0.0 } else { next as f64 / SECOND as f64 };
    let law = |law: &Option<crate::random::Distribution>| law.as_ref().map_or(0.0, |law| law.mean());
    let terms = [
        ("metric period", scaling.metric_period.seconds()),
        ("metric delay", scaling.metric_delay.seconds()),
        ("decision", period),
        ("provision", law(&scaling.provision)),
        ("startup", law(&scaling.startup)),
    ];
    terms.into_iter().filter(|(_, seconds)| *seconds > 0.0).collect()
}
