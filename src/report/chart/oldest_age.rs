//! Age of a queue's oldest unfinished message over time.

use super::axis::Unit;
use super::bounds;
use super::plot::{BLUE, Curve, Panel, Plot, Vertical, is_seen};
use crate::report::figures::duration;
use crate::study::{ComponentFindings, Findings};

pub(super) fn plot(part: &ComponentFindings, findings: &Findings) -> Option<Plot> {
    let series = part.series("oldest_age_s").filter(|series| is_seen(series))?;
    let mut plot = Plot::over_time(format!("{}: age of the oldest unfinished message", part.name), "", findings);
    let mut curves =
        vec![Curve::median(if findings.runs > 1 { "median" } else { "oldest age" }, BLUE, series, findings)];
    let greatest = series.p95.iter().copied().filter(|value| value.is_finite()).fold(0.0, f64::max);
    for slo in bounds(part, "oldest_age", findings) {
        // A level far above everything seen would only flatten the curve.
        if slo.bound <= 2.0 * greatest {
            let label = format!("SLO {}: {}", slo.stat.as_deref().unwrap_or("max"), duration(slo.bound));
            curves.push(Curve::bound(label, slo.bound, findings.duration_s));
        }
    }
    plot.panels.push(Panel {
        title: "age",
        unit: Unit::Seconds,
        height: 240.0,
        vertical: Vertical::FromZero,
        curves,
        marks: Vec::new(),
    });
    Some(plot)
}
