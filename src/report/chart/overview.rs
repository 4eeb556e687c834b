//! The backlogs of all queues on one pair of axes: the slow subscriber beside the fast ones.

use super::axis::Unit;
use super::plot::{Curve, PALETTE, Panel, Plot, Vertical, is_seen};
use crate::study::Findings;

pub(super) fn plot(findings: &Findings) -> Option<Plot> {
    let queues = findings.components.iter().filter(|part| part.kind.is_worked_off());
    let seen: Vec<_> =
        queues.filter_map(|part| Some((part, part.series("backlog").filter(|series| is_seen(series))?))).collect();
    if seen.len() < 2 {
        return None;
    }
    // More queues than colours begin again, dashed.
    let curves = seen.iter().enumerate().map(|(index, (part, series))| {
        let mut curve = Curve::median(&part.name, PALETTE[index % PALETTE.len()], series, findings);
        curve.band = None;
        curve.dashed = index >= PALETTE.len();
        if index == 0 { curve.beneath() } else { curve }
    });
    let mut plot = Plot::over_time("Backlog of every queue".into(), "median", findings);
    plot.panels.push(Panel {
        title: "messages",
        unit: Unit::Count,
        height: 270.0,
        vertical: Vertical::FromZero,
        curves: curves.collect(),
        marks: Vec::new(),
    });
    Some(plot)
}
