//! How many messages took longer than so long: wait and latency, both axes logarithmic, so that the tail is seen.

use super::axis::{Tick, Unit};
use super::plot::{BLUE, Curve, Horizontal, Panel, Plot, VERMILLION, Vertical, subtitle};
use crate::study::{ComponentFindings, Findings, Pooled};
use crate::units::significant;

/// Shares below this are not drawn: the points of the distribution are thinned, and say nothing there.
const LEAST_SHARE: f64 = 1e-4;
/// Decades of time at most; shorter waits are drawn at the left edge.
const WIDEST: f64 = 1e7;

pub(super) fn plot(part: &ComponentFindings, findings: &Findings) -> Option<Plot> {
    let seen = [("latency", &part.latency, VERMILLION), ("wait", &part.wait, BLUE)];
    let seen: Vec<_> =
        seen.into_iter().filter_map(|(name, messages, color)| Some((name, messages.as_ref()?, color))).collect();
    let lengths = || seen.iter().flat_map(|(_, messages, _)| &messages.cdf).map(|point| point.0);
    let greatest = lengths().fold(0.0, f64::max);
    if greatest <= 0.0 {
        return None;
    }
    let least = lengths().filter(|value| *value > 0.0).fold(greatest, f64::min);
    let (low, high) = ((least / 1.5).max(greatest / WIDEST).min(greatest / 20.0), greatest * 1.2);
    let rarest = seen.iter().map(|(_, messages, _)| rarest(messages)).fold(0.1, f64::min).max(LEAST_SHARE);
    let curves = seen.iter().map(|(name, messages, color)| {
        let points = [(low, 1.0)]
            .into_iter()
            .chain(messages.cdf.iter().map(|(length, share)| (length.max(low), (1.0 - share).max(rarest))));
        // Where service is short the two nearly coincide, and both must be seen.
        Curve { dashed: *name == "wait", ..Curve::new(name, *color, points.collect()) }
    });
    let ticks = [1.0, 0.5, 0.1, 0.01, 0.001, 0.000_1].into_iter().filter(|share| *share >= rarest * 0.999);
    let ticks = ticks.map(|value| Tick { value, label: format!("{} %", significant(value * 100.0, 3)) });
    let panel = Panel {
        title: "share of messages taking longer",
        unit: Unit::Share,
        height: 260.0,
        vertical: Vertical::LogBetween { low: rarest, high: 1.0, ticks: ticks.collect() },
        curves: curves.collect(),
        marks: Vec::new(),
    };
    Some(Plot {
        title: format!("{}: distribution of wait and latency", part.name),
        subtitle: subtitle("all messages", findings),
        horizontal: Horizontal::Lengths { low, high, title: "time since publish" },
        windows: Vec::new(),
        panels: vec![panel],
    })
}

/// The decade of the smallest share of messages that the distribution still tells apart from none.
fn rarest(messages: &Pooled) -> f64 {
    let least = messages.cdf.iter().map(|(_, share)| 1.0 - share).filter(|share| *share > 0.0).fold(1.0, f64::min);
    10_f64.powf(least.log10().floor())
}
