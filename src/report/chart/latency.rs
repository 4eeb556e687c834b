//! Latency of the messages completed in each tick, median and 99th percentile, with the SLOs as levels.

use super::axis::Unit;
use super::bounds;
use super::plot::{BLUE, Curve, Panel, Plot, VERMILLION, Vertical, is_seen};
use crate::report::figures::duration;
use crate::study::{ComponentFindings, Findings};

/// From this ratio of greatest to least on the axis is logarithmic: the calm would else lie flat on the bottom.
const WIDE: f64 = 50.0;

pub(super) fn plot(part: &ComponentFindings, findings: &Findings) -> Option<Plot> {
    let mut curves = Vec::new();
    for (metric, label, color) in [("latency_p50_s", "p50", BLUE), ("latency_p99_s", "p99", VERMILLION)] {
        if let Some(series) = part.series(metric).filter(|series| is_seen(series)) {
            let curve = Curve::mean(label, color, series, findings);
            curves.push(if label == "p50" { curve.beneath() } else { curve });
        }
    }
    if curves.is_empty() {
        return None;
    }
    let values = curves.iter().flat_map(|curve| &curve.points).map(|point| point.1).filter(|value| *value > 0.0);
    let (least, greatest) = values.fold((f64::INFINITY, 0.0), |(l, g): (f64, f64), value| (l.min(value), g.max(value)));
    for slo in bounds(part, "latency", findings) {
        if slo.bound > 0.0 && slo.bound <= 100.0 * greatest {
            let label = format!("SLO {}: {}", slo.stat.as_deref().unwrap_or("mean"), duration(slo.bound));
            curves.push(Curve::bound(label, slo.bound, findings.duration_s));
        }
    }
    let title = format!("{}: latency of messages completed at the time", part.name);
    let mut plot = Plot::over_time(title, "mean of the quantiles", findings);
    let wide = greatest > WIDE * least;
    plot.panels.push(Panel {
        title: if wide { "latency (log scale)" } else { "latency" },
        unit: Unit::Seconds,
        height: 240.0,
        vertical: if wide { Vertical::Log } else { Vertical::FromZero },
        curves,
        marks: Vec::new(),
    });
    Some(plot)
}
