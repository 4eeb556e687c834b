//! Executions of a workflow: how many run and how many of them are being undone, and how they end.

use super::axis::Unit;
use super::canvas::Color;
use super::plot::{BLUE, Curve, GREEN, INK, ORANGE, PURPLE, Panel, Plot, SKY, VERMILLION, Vertical, is_seen};
use crate::study::{ComponentFindings, Findings};

const STATES: [(&str, &str, Color); 3] =
    [("running", "running", BLUE), ("compensating", "compensating", ORANGE), ("waiting", "waiting for a timer", SKY)];

const ENDS: [(&str, &str, Color); 5] = [
    ("start_rate_per_s", "started", INK),
    ("complete_rate_per_s", "completed", GREEN),
    ("compensate_rate_per_s", "compensated", ORANGE),
    ("fail_rate_per_s", "failed", VERMILLION),
    ("stuck_rate_per_s", "stuck", PURPLE),
];

pub(super) fn plot(part: &ComponentFindings, findings: &Findings) -> Option<Plot> {
    let curves = |lines: &[(&str, &str, Color)]| -> Vec<Curve> {
        let seen = lines.iter().filter_map(|(metric, label, color)| {
            let series = part.series(metric).filter(|series| is_seen(series))?;
            let curve = Curve::mean(label, *color, series, findings);
            Some(if *color == BLUE { curve.beneath() } else { curve })
        });
        seen.collect()
    };
    let mut plot = Plot::over_time(format!("{}: executions and their ends", part.name), "mean", findings);
    let panels = [
        (curves(&STATES), "executions", Unit::Count, 170.0),
        (curves(&ENDS), "executions per second", Unit::Rate, 150.0),
    ];
    for (curves, title, unit, height) in panels {
        if !curves.is_empty() {
            plot.panels.push(Panel { title, unit, height, vertical: Vertical::FromZero, curves, marks: Vec::new() });
        }
    }
    (!plot.panels.is_empty()).then_some(plot)
}
