//! What comes in over time: curves, levels, herds by the clock, and what other consumers publish onward.

use super::fluid::{Outflow, fluid};
use super::load::{group_behind, load_behind, share_of};
use crate::arrivals::RateCurve;
use crate::scenario::{Cron, Feed, Scenario};

/// More herds than this are a steady stream.
const MOST_HERDS: f64 = 2_000.0;

#[derive(Debug, Clone, Default)]
pub(super) struct Inflow {
    /// (curve, messages per second for each unit of it): one a producer.
    curves: Vec<(RateCurve, f64)>,
    /// Messages per second that do not follow a curve.
    level: f64,
    /// (start, end, messages): those that come by the clock. With no length all come at once.
    herds: Vec<(f64, f64, f64)>,
    /// Of the herds, per second over the run.
    herd_level: f64,
    /// (what a consumer finishes, messages published onward for each of it).
    tributaries: Vec<(Vec<Outflow>, f64)>,
}

impl Inflow {
    /// What consumers publish onward to it, each as its own fluid goes out. `path` are the consumers that lead here: a loop
    /// is followed once.
    pub(super) fn upstream(scenario: &Scenario, feed: Feed, path: &[usize]) -> Inflow {
        let mut inflow = Inflow::default();
        for (index, consumer) in scenario.consumers.iter().enumerate() {
            let onward =
                consumer.then.iter().map(|then| share_of(scenario, then.to, feed) * then.share * f64::from(then.times));
            let each: f64 = onward.sum();
            if each <= 0.0 || path.contains(&index) {
                continue;
            }
            let path: Vec<usize> = path.iter().copied().chain([index]).collect();
            let load = match consumer.from {
                Feed::Queue(queue) => load_behind(scenario, queue, &path),
                Feed::Stream(_) => group_behind(scenario, index, &path),
            };
            let Some(load) = load.filter(|load| load.work_s.is_finite()) else { continue };
            // Of several consumers of one queue each finishes its part.
            let slots =
                |c: usize| f64::from(scenario.consumers[c].replicas) * f64::from(scenario.consumers[c].concurrency);
            let all: f64 = load.consumers.iter().map(|&c| slots(c)).sum();
            let part = if load.consumers.len() > 1 && all > 0.0 { slots(index) / all } else { 1.0 };
            let gain = each * part * (1.0 - load.attempts.given_up());
            inflow.tributaries.push((fluid(scenario, &load).outflow, gain));
        }
        inflow
    }

    pub(super) fn is_empty(&self) -> bool {
        self.curves.is_empty() && self.level == 0.0 && self.herds.is_empty() && self.tributaries.is_empty()
    }

    /// Producers alone publish to it.
    pub(super) fn is_direct(&self) -> bool {
        self.tributaries.is_empty()
    }

    pub(super) fn curve(&mut self, curve: RateCurve, share: f64) {
        self.curves.push((curve, share));
    }

    pub(super) fn level(&mut self, rate: f64) {
        self.level += rate;
    }

    pub(super) fn herds(&mut self, cron: &Cron, share: f64, end_s: f64) {
        let (at, every, late) = (cron.at.seconds(), cron.every.seconds(), cron.jitter.seconds());
        let count = f64::from(cron.count) * share;
        let several = ((end_s - at) / every).floor() + 1.0;
        if several <= 0.0 || count <= 0.0 {
            return;
        }
        let level = several * count / end_s;
        if several > MOST_HERDS {
            self.level += level;
            return;
        }
        self.herd_level += level;
        let starts = (0..several as u32).map(|k| at + f64::from(k) * every);
        self.herds.extend(starts.map(|start| (start, start + late, count)));
    }

    pub(super) fn times(&self, share: f64) -> Inflow {
        Inflow {
            curves: self.curves.iter().map(|(curve, own)| (curve.clone(), own * share)).collect(),
            level: self.level * share,
            herds: self.herds.iter().map(|(start, end, count)| (*start, *end, count * share)).collect(),
            herd_level: self.herd_level * share,
            tributaries: self.tributaries.iter().map(|(flow, gain)| (flow.clone(), gain * share)).collect(),
        }
    }

    fn smooth_at(&self, t: f64) -> f64 {
        let curves: f64 = self.curves.iter().map(|(curve, share)| curve.rate_at(t) * share).sum();
        let onward: f64 = self.tributaries.iter().map(|(flow, gain)| rate_of(flow, t) * gain).sum();
        self.level + curves + onward
    }

    /// Messages per second, herds as the steady stream that they are on average.
    pub(super) fn rate_at(&self, t: f64) -> f64 {
        self.smooth_at(t) + self.herd_level
    }

    /// The same with those herds that take a while as they come, and without those that come at once.
    pub(super) fn flow_at(&self, t: f64) -> f64 {
        let late = self.herds.iter().filter(|(start, end, _)| (*start..*end).contains(&t));
        self.smooth_at(t) + late.map(|(start, end, count)| count / (end - start)).sum::<f64>()
    }

    /// Messages that come at this very instant.
    pub(super) fn herd_at(&self, t: f64) -> f64 {
        self.herds.iter().filter(|(start, end, _)| start == end && *start == t).map(|(.., count)| count).sum()
    }

    /// Instants at which the rate changes its course, from 0 to `end_s`.
    pub(super) fn breaks(&self, end_s: f64) -> Vec<f64> {
        let mut breaks = vec![0.0];
        for (curve, _) in &self.curves {
            breaks.extend(curve.segments(end_s).iter().map(|segment| segment.start));
        }
        breaks.extend(self.herds.iter().flat_map(|(start, end, _)| [*start, *end]));
        breaks.extend(self.tributaries.iter().flat_map(|(flow, _)| flow.iter().map(|piece| piece.start)));
        breaks.retain(|t| (0.0..=end_s).contains(t));
        breaks.sort_by(f64::total_cmp);
        breaks.dedup();
        breaks
    }
}

fn rate_of(flow: &[Outflow], t: f64) -> f64 {
    let next = flow.partition_point(|piece| piece.start <= t);
    let Some(piece) = next.checked_sub(1).and_then(|at| flow.get(at)) else {
        return flow.first().map_or(0.0, |piece| piece.rates.0);
    };
    let share = ((t - piece.start) / (piece.end - piece.start).max(1e-12)).clamp(0.0, 1.0);
    piece.rates.0 + (piece.rates.1 - piece.rates.0) * share
}
