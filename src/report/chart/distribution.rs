//! How many messages took longer than so long: wait and latency, both axes logarithmic, so that the tail is seen.

use super::axis::{Tick, Unit};
use super::canvas::{Color, Point};
use super::plot::{BLUE, Curve, Horizontal, PALETTE, Panel, Plot, VERMILLION, Vertical, subtitle};
use crate::study::{ComponentFindings, Findings, Pooled};
use crate::units::significant;

/// Shares below this are not drawn: the points of the distribution are thinned, and say nothing there.
const LEAST_SHARE: f64 = 1e-4;
/// The axis of time begins where so many messages are through; to the left of it all would be level.
const FIRST_SHARE: f64 = 0.01;
/// Decades of time at most.
const WIDEST: f64 = 1e7;

/// A curve of the chart before it has points.
pub(super) struct Seen<'a> {
    pub(super) label: String,
    pub(super) messages: &'a Pooled,
    pub(super) color: Color,
    pub(super) dashed: bool,
}

pub(super) fn plot(part: &ComponentFindings, findings: &Findings) -> Option<Plot> {
    let (horizontal, panel) = lengths(&seen(part))?;
    let what = if part.by_priority.is_empty() { "wait and latency" } else { "latency by priority" };
    Some(Plot {
        title: format!("{}: distribution of {what}", part.name),
        subtitle: subtitle("all messages", findings),
        horizontal,
        windows: Vec::new(),
        panels: vec![panel],
    })
}

/// The axis and the panel of some distributions of lengths of time; `None` where nothing took any.
pub(super) fn lengths(seen: &[Seen<'_>]) -> Option<(Horizontal, Panel)> {
    let greatest = seen.iter().flat_map(|one| &one.messages.cdf).map(|point| point.0).fold(0.0, f64::max);
    if greatest <= 0.0 {
        return None;
    }
    let first = seen.iter().filter(|one| !one.dashed).filter_map(|one| first(one.messages)).fold(greatest, f64::min);
    let low = first.max(greatest / WIDEST).min(greatest / 20.0);
    let rarest = seen.iter().map(|one| rarest(one.messages)).fold(0.1, f64::min).max(LEAST_SHARE);
    let curves: Vec<Curve> = seen
        .iter()
        .map(|one| {
            let points = beyond(one.messages, low, rarest);
            Curve { dashed: one.dashed, ..Curve::new(&one.label, one.color, points) }
        })
        .filter(|curve| !curve.points.is_empty())
        .collect();
    let high = curves.iter().flat_map(|curve| &curve.points).map(|point| point.0).fold(low * 10.0, f64::max) * 1.1;
    let ticks = [1.0, 0.5, 0.1, 0.01, 0.001, 0.000_1].into_iter().filter(|share| *share >= rarest * 0.999);
    let ticks = ticks.map(|value| Tick { value, label: format!("{} %", significant(value * 100.0, 3)) });
    let panel = Panel {
        title: "share of messages taking longer",
        unit: Unit::Share,
        height: 260.0,
        vertical: Vertical::LogBetween { low: rarest, high: 1.0, ticks: ticks.collect() },
        curves,
        marks: Vec::new(),
    };
    Some((Horizontal::Lengths { low, high, title: "time since publish (log scale)" }, panel))
}

/// Latency and wait; with priorities the latency of each level instead.
fn seen(part: &ComponentFindings) -> Vec<Seen<'_>> {
    let levels = part.by_priority.iter().zip(PALETTE.iter().cycle()).filter_map(|(level, color)| {
        let label = format!("latency, {}", level.level);
        Some(Seen { label, messages: level.latency.as_ref()?, color: *color, dashed: false })
    });
    let levels: Vec<_> = levels.collect();
    if !levels.is_empty() {
        return levels;
    }
    let whole = |label: &str, messages, color, dashed| Seen { label: label.to_owned(), messages, color, dashed };
    // Where service is short the two nearly coincide, and both must be seen.
    let latency = part.latency.as_ref().map(|messages| whole("latency", messages, VERMILLION, false));
    let wait = part.wait.as_ref().map(|messages| whole("wait", messages, BLUE, true));
    latency.into_iter().chain(wait).collect()
}

fn first(messages: &Pooled) -> Option<f64> {
    let point = messages.cdf.iter().find(|(length, share)| *length > 0.0 && *share >= FIRST_SHARE)?;
    Some(point.0)
}

/// The share that takes longer, from `low` on and down to `rarest`, where the line ends.
fn beyond(messages: &Pooled, low: f64, rarest: f64) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    let mut before = (low, 1.0);
    for &(length, share) in &messages.cdf {
        let rest = 1.0 - share;
        if length <= low {
            before = (low, rest);
            continue;
        }
        if before.1 < rarest {
            break;
        }
        if points.is_empty() {
            points.push(before);
        }
        if rest < rarest {
            // Straight on the axes' own scales to where it leaves them.
            let part = (before.1 / rarest).ln() / (before.1 / rest.max(rarest / 10.0)).ln();
            points.push((before.0 * (length / before.0).powf(part), rarest));
            break;
        }
        before = (length, rest);
        points.push(before);
    }
    points
}

/// The decade of the smallest share of messages that the distribution still tells apart from none.
fn rarest(messages: &Pooled) -> f64 {
    let least = messages.cdf.iter().map(|(_, share)| 1.0 - share).filter(|share| *share > 0.0).fold(1.0, f64::min);
    10_f64.powf(least.log10().floor())
}
