//! The backlog as a fluid: what flows in faster than it can flow out stays, as far as there is room for it, and drains
//! at the difference.

use super::{Line, Load};
use crate::scenario::Scenario;
use crate::units::{Duration, grouped, significant};

/// The course of the fluid: its highest level, until when it stood there, and when it was gone again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fluid {
    pub peak: f64,
    pub peak_at_s: f64,
    /// First instant after the peak at which nothing is left; `None` where that does not happen within the run.
    pub empty_at_s: Option<f64>,
    /// What is left at the end of the run.
    pub left: f64,
}

/// What fits: the queue's capacity, which counts ready messages, and those in work.
fn room(scenario: &Scenario, load: &Load, t: f64) -> f64 {
    load.capacity(scenario).map_or(f64::INFINITY, |ready| ready as f64 + load.slots_at(scenario, t))
}

/// Integrates d(backlog)/dt = λ(t) − c(t)/E\[S\], never below 0 nor above what the queue has room for, exactly where both are level and by the trapezium where
/// the rate is a ramp.
pub fn fluid(scenario: &Scenario, load: &Load) -> Fluid {
    let mut course = Fluid { peak: 0.0, peak_at_s: 0.0, empty_at_s: None, left: 0.0 };
    let mut level = load.initial(scenario);
    (course.peak, course.left) = (level, level);
    for pair in load.breaks(scenario).windows(2) {
        // A ramp is followed in 64 steps; a level piece needs no more than one.
        let level_piece = (load.rate_at(pair[0] + 1e-9) - load.rate_at(pair[1] - 1e-9)).abs() < 1e-9;
        let steps = if level_piece { 1 } else { 64 };
        let step = (pair[1] - pair[0]) / f64::from(steps);
        for i in 0..steps {
            let start = pair[0] + f64::from(i) * step;
            let middle = start + step / 2.0;
            let slope = load.rate_at(middle) - load.slots_at(scenario, middle) / load.service_s;
            let next = level + slope * step;
            if level > 0.0 && next <= 0.0 && course.empty_at_s.is_none() {
                course.empty_at_s = Some(start + level / -slope);
            }
            level = next.max(0.0).min(room(scenario, load, middle));
            if level > 0.0 && level >= course.peak {
                course = Fluid { peak: level, peak_at_s: start + step, empty_at_s: None, left: level };
            }
        }
    }
    course.left = level;
    course
}

const CAVEAT: &str = "a fluid: no randomness, retries or faults; room is the capacity and the slots";

pub(super) fn lines(scenario: &Scenario, load: &Load) -> Vec<Line> {
    let course = fluid(scenario, load);
    if course.peak < 1.0 {
        return vec![];
    }
    let component = &load.component;
    let at = course.peak_at_s;
    let (rate, capacity) = (load.rate_at(at - 1e-6), load.slots_at(scenario, at - 1e-6) / load.service_s);
    let bound = match load.capacity(scenario) {
        Some(ready) if course.peak >= room(scenario, load, at - 1e-6) => {
            format!(", room {} + {}", grouped(ready as f64, 0), load.slots_at(scenario, at - 1e-6))
        }
        _ => String::new(),
    };
    let mut lines = vec![Line {
        component: component.clone(),
        name: "highest backlog".into(),
        formula: "∫ (λ − c/E[S]) dt",
        arithmetic: format!(
            "{}/s in and {}/s out at {}{bound}",
            significant(rate, 4),
            significant(capacity, 4),
            clock(at)
        ),
        result: grouped(course.peak, 0),
        caveat: CAVEAT,
    }];
    let after = load.slots_at(scenario, at + 1e-6) / load.service_s - load.rate_at(at + 1e-6);
    lines.push(Line {
        component: component.clone(),
        name: "time to drain after the peak".into(),
        formula: "backlog / (c/E[S] − λ)",
        arithmetic: format!("{} / {} right after the peak", grouped(course.peak, 0), significant(after, 4)),
        result: course.empty_at_s.map_or("not within the run".into(), |end| clock(end - at)),
        caveat: CAVEAT,
    });
    lines
}

fn clock(seconds: f64) -> String {
    Duration::from_seconds(if seconds >= 60.0 { seconds.round() } else { (seconds * 10.0).round() / 10.0 }).to_string()
}
