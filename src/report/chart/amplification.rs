//! How much more work there is than messages, over time: attempts for each first one, copies for each request.

use super::axis::Unit;
use super::plot::{BLUE, Curve, Panel, Plot, Vertical};
use crate::study::{ComponentFindings, Findings, Series};

/// Below this nothing is amplified that a chart could show.
const SEEN: f64 = 1.05;
/// From this on the axis is logarithmic: what is usual would else lie flat on the bottom.
const WIDE: f64 = 20.0;

const OF: [(&str, &str, &str); 2] = [
    ("work_amplification", "work amplification", "attempts started for each first attempt"),
    ("publish_amplification", "publish amplification", "copies published for each request"),
];

pub(super) fn plot(part: &ComponentFindings, findings: &Findings) -> Option<Plot> {
    let (series, name, title) = OF.iter().find_map(|&(metric, name, title)| {
        let series = part.series(metric).filter(|series| greatest(series) > SEEN)?;
        Some((series, name, title))
    })?;
    let mut plot = Plot::over_time(format!("{}: {name}", part.name), "", findings);
    let wide = greatest(series) > WIDE;
    plot.panels.push(Panel {
        title,
        unit: Unit::Rate,
        height: 240.0,
        vertical: if wide { Vertical::Log } else { Vertical::FromZero },
        curves: vec![
            Curve::median(if findings.runs > 1 { "median" } else { name }, BLUE, series, findings),
            Curve::bound("1: nothing is done twice".into(), 1.0, findings.duration_s),
        ],
        marks: Vec::new(),
    });
    Some(plot)
}

fn greatest(series: &Series) -> f64 {
    series.mean.iter().copied().filter(|value| value.is_finite()).fold(0.0, f64::max)
}
