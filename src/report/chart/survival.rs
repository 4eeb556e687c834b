//! How many runs survive each value of a knob, with the tipping point, and how long the recovered ones took.

use super::Chart;
use super::axis::Unit;
use super::plot::{BLUE, Band, Curve, GREEN, Horizontal, Mark, ORANGE, Panel, Plot, VERMILLION, Vertical, Window};
use super::tradeoff::{axis_title, unit_of};
use crate::report::Head;
use crate::study::{CliffFindings, KnobUnit, Threshold};

pub(in crate::report) fn survival(head: &Head, path: &str, unit: KnobUnit, findings: &CliffFindings) -> Option<Chart> {
    let (low, high) = (findings.low.number?, findings.high.number?);
    let mut plot = Plot {
        title: format!("{}: what it survives of {path}", head.title),
        subtitle: format!("{} runs, each with its own tipping point · seed {}", findings.runs, head.seed),
        horizontal: Horizontal::Values { low, high, unit: unit_of(unit), title: axis_title(path, unit) },
        windows: interval(unit, findings),
        panels: vec![Panel {
            title: "runs that survive",
            unit: Unit::Share,
            height: 220.0,
            vertical: Vertical::Fixed(1.0),
            curves: vec![Curve::new("share of the runs that survive", BLUE, shares(findings, low, high))],
            marks: tipping(unit, findings),
        }],
    };
    plot.panels.extend(recovery(findings));
    Some(Chart::new("survival".into(), &plot))
}

/// Between the last value that a run survived and the first that it did not the share falls.
fn shares(findings: &CliffFindings, low: f64, high: f64) -> Vec<(f64, f64)> {
    let all = findings.thresholds.len() as f64;
    let tip = |one: &Threshold| match (one.survived, one.failed) {
        (Some(survived), Some(failed)) => f64::midpoint(survived, failed),
        // Beyond either end of the range.
        (None, _) => {
            if findings.harm_rises {
                f64::NEG_INFINITY
            } else {
                f64::INFINITY
            }
        }
        (Some(_), None) => {
            if findings.harm_rises {
                f64::INFINITY
            } else {
                f64::NEG_INFINITY
            }
        }
    };
    let mut tips: Vec<f64> = findings.thresholds.iter().map(tip).collect();
    tips.sort_by(f64::total_cmp);
    let share_at = |value: f64| {
        let alive = tips.iter().filter(|tip| if findings.harm_rises { **tip > value } else { **tip < value }).count();
        alive as f64 / all
    };
    let mut points = vec![(low, share_at(low))];
    let mut inside: Vec<f64> = tips.iter().copied().filter(|tip| *tip > low && *tip < high).collect();
    inside.dedup();
    for tip in inside {
        let before = points.last().map_or(0.0, |point| point.1);
        let width = (high - low) * 1e-6;
        points.push((tip, before));
        points.push((tip + width, share_at(tip + width)));
    }
    points.push((high, share_at(high)));
    points
}

fn tipping(unit: KnobUnit, findings: &CliffFindings) -> Vec<Mark> {
    let at = |value: Option<f64>, height: f64, words: &str, color| {
        value.map(|value| Mark {
            at: (value, height),
            lines: vec![format!("{words} {}", crate::report::cliff::number(unit, value))],
            color,
        })
    };
    let safe = at(findings.survived_up_to, findings.needed.min(1.0), "survives up to", GREEN);
    let tips = at(findings.tipping, 0.5, "tips at", VERMILLION);
    safe.into_iter().chain(tips).collect()
}

fn interval(unit: KnobUnit, findings: &CliffFindings) -> Vec<Window> {
    let (Some(a), Some(b)) = findings.interval else { return Vec::new() };
    let (start_s, end_s) = (a.min(b), a.max(b));
    let number = |value| crate::report::cliff::number(unit, value);
    vec![Window { start_s, end_s, label: format!("95 % interval {} to {}", number(start_s), number(end_s)) }]
}

fn recovery(findings: &CliffFindings) -> Option<Panel> {
    let stat = |pick: fn(&crate::study::Stat) -> f64| -> Vec<f64> {
        let runs = findings.runs;
        findings
            .grid
            .iter()
            // Where most runs never recover the others would look better than it is.
            .map(|point| point.recovery.as_ref().filter(|_| point.never * 2 < runs).map_or(f64::NAN, pick))
            .collect()
    };
    let means = stat(|stat| stat.p50);
    if !means.iter().any(|value| *value > 0.0) {
        return None;
    }
    let points =
        findings.grid.iter().zip(&means).map(|(point, value)| (point.value.number.unwrap_or(f64::NAN), *value));
    let band = Band { label: "p05–p95 of the runs".into(), low: stat(|stat| stat.p05), high: stat(|stat| stat.p95) };
    Some(Panel {
        title: "recovery time",
        unit: Unit::Seconds,
        height: 150.0,
        vertical: Vertical::FromZero,
        curves: vec![Curve {
            band: Some(band),
            ..Curve::new("recovery, median of those that do", ORANGE, points.collect())
        }],
        marks: Vec::new(),
    })
}
