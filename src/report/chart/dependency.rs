//! A dependency: what comes of the calls to it, how many are with it, and how many breakers are open.

use super::axis::Unit;
use super::canvas::Color;
use super::plot::{BLUE, Curve, GREEN, INK, ORANGE, PURPLE, Panel, Plot, SKY, VERMILLION, Vertical, is_seen};
use crate::study::{ComponentFindings, Findings};

const RATES: [(&str, &str, Color); 5] = [
    ("call_rate_per_s", "calls", BLUE),
    ("complete_rate_per_s", "answered", GREEN),
    ("error_rate_per_s", "errors and refusals", VERMILLION),
    ("timeout_rate_per_s", "given up by callers", ORANGE),
    ("abandoned_rate_per_s", "worked on for nobody", PURPLE),
];

const STATES: [(&str, &str, Color); 2] = [("busy", "in work", INK), ("waiting", "waiting", SKY)];

const BREAKERS: [(&str, &str, Color); 1] = [("open_breakers", "open breakers", VERMILLION)];

pub(super) fn plot(part: &ComponentFindings, findings: &Findings) -> Option<Plot> {
    let curves = |lines: &[(&str, &str, Color)]| -> Vec<Curve> {
        let seen = lines.iter().filter_map(|(metric, label, color)| {
            let series = part.series(metric).filter(|series| is_seen(series))?;
            let curve = Curve::mean(label, *color, series, findings);
            Some(if *color == BLUE { curve.beneath() } else { curve })
        });
        seen.collect()
    };
    let mut plot = Plot::over_time(format!("{}: calls and what comes of them", part.name), "mean", findings);
    let panels = [
        (curves(&RATES), "calls per second", Unit::Rate, 170.0),
        (curves(&STATES), "calls at it", Unit::Count, 130.0),
        (curves(&BREAKERS), "open breakers", Unit::Count, 90.0),
    ];
    for (curves, title, unit, height) in panels {
        if !curves.is_empty() {
            plot.panels.push(Panel { title, unit, height, vertical: Vertical::FromZero, curves, marks: Vec::new() });
        }
    }
    (!plot.panels.is_empty()).then_some(plot)
}
