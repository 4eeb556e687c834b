//! Disturbances: spikes, stages above the first rate, faults and windows, overlapping ones joined.

use crate::arrivals::Base;
use crate::scenario::{Scenario, Source};
use crate::units::{Duration, Nanos};

/// Engine-independent: scenario time in nanoseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Disturbance {
    pub label: String,
    pub start: Nanos,
    pub end: Nanos,
}

/// All disturbances of a scenario in order of time. Those that overlap or touch are one.
pub(super) fn of(scenario: &Scenario) -> Vec<Disturbance> {
    let mut found = vec![];
    for producer in &scenario.producers {
        if let Source::Curve { curve, .. } = &producer.source {
            for spike in &curve.spikes {
                found.push((spike.at, spike.end(), format!("spike of {}", producer.name)));
            }
            if let Base::Stages { from, stages } = &curve.base {
                let first =
                    if *from > 0.0 { *from } else { stages.iter().map(|s| s.target).find(|t| *t > 0.0).unwrap_or(0.0) };
                let (mut start, mut rate) = (0.0, *from);
                for stage in stages {
                    let end = start + stage.duration;
                    if stage.duration > 0.0 && rate.max(stage.target) > first {
                        found.push((start, end, format!("stage of {}", producer.name)));
                    }
                    (start, rate) = (end, stage.target);
                }
                // The last target stays, so a last stage above the first rate disturbs until the end.
                if rate > first {
                    found.push((start, scenario.duration.seconds(), format!("stage of {}", producer.name)));
                }
            }
        }
    }
    for fault in &scenario.faults {
        found.push((fault.at.seconds(), fault.at.seconds() + fault.lasts.seconds(), format!("fault {}", fault.name)));
    }
    for window in &scenario.windows {
        let end = window.at.seconds() + window.lasts.seconds();
        found.push((window.at.seconds(), end, format!("window {}", window.name)));
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut joined: Vec<Disturbance> = vec![];
    for (start, end, label) in found {
        let start = Duration::from_seconds(start).ns();
        let end = Duration::from_seconds(end).ns().min(scenario.end());
        match joined.last_mut() {
            Some(last) if start <= last.end => {
                last.end = last.end.max(end);
                if !last.label.split(" + ").any(|part| part == label) {
                    last.label = format!("{} + {label}", last.label);
                }
            }
            _ => joined.push(Disturbance { label, start, end }),
        }
    }
    joined
}
