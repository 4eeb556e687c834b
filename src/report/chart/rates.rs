//! What comes into a queue and what goes out of it, per second.

use super::axis::Unit;
use super::canvas::Color;
use super::plot::{BLUE, Curve, GREEN, ORANGE, PALETTE, PURPLE, Panel, Plot, SKY, VERMILLION, Vertical, is_seen};
use crate::study::{ComponentFindings, Findings};

const RATES: [(&str, &str, Color); 7] = [
    ("publish_rate_per_s", "published", BLUE),
    ("complete_rate_per_s", "completed", GREEN),
    ("redeliver_rate_per_s", "redelivered", ORANGE),
    ("reject_rate_per_s", "rejected", VERMILLION),
    ("drop_rate_per_s", "dropped", PALETTE[6]),
    ("expire_rate_per_s", "expired", PURPLE),
    ("dead_letter_rate_per_s", "dead-lettered", SKY),
];

pub(super) fn plot(part: &ComponentFindings, findings: &Findings) -> Option<Plot> {
    let seen = RATES.iter().filter_map(|(metric, label, color)| {
        let series = part.series(metric).filter(|series| is_seen(series))?;
        let curve = Curve::mean(label, *color, series, findings);
        Some(if *label == "published" { curve.beneath() } else { curve })
    });
    let curves: Vec<_> = seen.collect();
    if curves.is_empty() {
        return None;
    }
    let mut plot = Plot::over_time(format!("{}: rates in and out", part.name), "mean", findings);
    plot.panels.push(Panel {
        title: "messages per second",
        unit: Unit::Rate,
        height: 240.0,
        vertical: Vertical::FromZero,
        curves,
        marks: Vec::new(),
    });
    Some(plot)
}
