//! The backlogs of all queues on one pair of axes: the slow subscriber beside the fast ones.

use super::axis::Unit;
use super::plot::{Curve, PALETTE, Panel, Plot, Vertical, is_seen};
use crate::study::{ComponentKind, Findings};

/// From this ratio between the deepest and the shallowest peak on the axis is logarithmic.
const WIDE: f64 = 200.0;

pub(super) fn plot(findings: &Findings) -> Option<Plot> {
    let queues = findings.components.iter().filter(|part| part.kind == ComponentKind::Queue);
    let seen: Vec<_> =
        queues.filter_map(|part| Some((part, part.series("backlog").filter(|series| is_seen(series))?))).collect();
    if seen.len() < 2 {
        return None;
    }
    let peaks = seen.iter().map(|(_, series)| series.p50.iter().copied().fold(0.0, f64::max));
    let (least, greatest) = peaks.fold((f64::INFINITY, 0.0), |(l, g): (f64, f64), peak| (l.min(peak), g.max(peak)));
    // The deepest get the colours that differ most; more queues than colours begin again, dashed.
    let curves = seen.iter().enumerate().map(|(index, (part, series))| {
        let mut curve = Curve::median(&part.name, PALETTE[index % PALETTE.len()], series, findings);
        curve.band = None;
        curve.dashed = index >= PALETTE.len();
        curve
    });
    let mut plot = Plot::over_time("Backlog of every queue".into(), "median", findings);
    plot.panels.push(Panel {
        title: "messages",
        unit: Unit::Count,
        height: 270.0,
        vertical: if greatest > WIDE * least { Vertical::Log } else { Vertical::FromZero },
        curves: curves.collect(),
        marks: Vec::new(),
    });
    Some(plot)
}
