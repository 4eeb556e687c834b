//! A consumer's replicas and busy slots, and how much of what it has is in use.

use super::axis::Unit;
use super::plot::{BLUE, Curve, GREEN, ORANGE, Panel, Plot, Vertical, is_seen};
use crate::study::{ComponentFindings, Findings};

pub(super) fn plot(part: &ComponentFindings, findings: &Findings) -> Option<Plot> {
    let curve = |metric: &str, label: &str, color| {
        let series = part.series(metric).filter(|series| is_seen(series))?;
        Some(Curve::mean(label, color, series, findings))
    };
    let mut plot = Plot::over_time(format!("{}: replicas, busy slots and utilization", part.name), "mean", findings);
    // A slot is busy or not: the quantiles of so few whole numbers only jump, their mean is what can be read.
    let replicas = curve("replicas", "replicas", ORANGE).map(|replicas| Curve { dashed: true, ..replicas });
    let counts = [curve("busy", "busy work slots", BLUE), replicas];
    let share = curve("utilization", "utilization", GREEN);
    let panels = [
        (counts.into_iter().flatten().collect::<Vec<_>>(), "replicas, slots", Unit::Count, 170.0, Vertical::FromZero),
        (share.into_iter().collect(), "utilization", Unit::Share, 110.0, Vertical::Fixed(1.05)),
    ];
    for (curves, title, unit, height, vertical) in panels {
        if !curves.is_empty() {
            plot.panels.push(Panel { title, unit, height, vertical, curves, marks: Vec::new() });
        }
    }
    (!plot.panels.is_empty()).then_some(plot)
}
