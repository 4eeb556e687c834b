//! Backlog of a queue over time: how deep, and when it was gone.

use super::axis::{Unit, short};
use super::plot::{BLUE, Curve, GREEN, Mark, Panel, Plot, VERMILLION, Vertical, is_seen};
use crate::report::{
    figures::{count, duration, instant, runs},
    table,
};
use crate::study::{ComponentFindings, ComponentKind, DisturbanceFindings, Findings, Series};

/// With more disturbances than this only the worst one's recovery is marked; the table has the others.
const MOST_MARKED: usize = 3;

pub(super) fn plot(part: &ComponentFindings, findings: &Findings) -> Option<Plot> {
    let series = part.series("backlog").filter(|series| is_seen(series))?;
    let title = match part.kind {
        ComponentKind::DeadLetterQueue => format!("{}: dead letters over time", part.name),
        _ => format!("{}: backlog over time", part.name),
    };
    let mut plot = Plot::over_time(title, "", findings);
    let mut marks: Vec<Mark> = peak(part, series, findings).into_iter().collect();
    if part.kind.is_worked_off() {
        marks.extend(recoveries(part, series, findings));
    }
    plot.panels.push(Panel {
        title: "messages",
        unit: Unit::Count,
        height: 270.0,
        vertical: Vertical::FromZero,
        curves: [Curve::median(if findings.runs > 1 { "median" } else { "backlog" }, BLUE, series, findings)]
            .into_iter()
            .chain(height(part, findings))
            .collect(),
        marks,
    });
    Some(plot)
}

/// Where all runs peak at about the same time.
fn peak(part: &ComponentFindings, series: &Series, findings: &Findings) -> Option<Mark> {
    let (peak, at) = (part.total("peak_backlog")?.mean, part.total("peak_at_s")?);
    if !peak.is_finite() || !table::is_one_time(at, findings) {
        return None;
    }
    let text = format!("peak {} at {}", short(peak, 3, false), instant(at.mean));
    Some(Mark { at: summit(series, findings, at.mean)?, lines: vec![text], color: VERMILLION })
}

/// Runs that peak at quite different times have no common peak to mark, only a common height.
fn height(part: &ComponentFindings, findings: &Findings) -> Option<Curve> {
    let (peak, at) = (part.total("peak_backlog")?.mean, part.total("peak_at_s")?);
    if !peak.is_finite() || peak <= 0.0 || table::is_one_time(at, findings) {
        return None;
    }
    Some(Curve::bound(format!("peak of a run, on average {}", short(peak, 3, true)), peak, findings.duration_s))
}

fn recoveries(part: &ComponentFindings, series: &Series, findings: &Findings) -> Vec<Mark> {
    let worst = table::worst(part).map(|(index, _)| index);
    let few = part.disturbances.len() <= MOST_MARKED;
    let pairs = findings.disturbances.iter().zip(&part.disturbances).enumerate();
    let kept = pairs.filter(|(index, _)| few || Some(*index) == worst);
    kept.filter_map(|(_, (known, seen))| recovery(known.end_s, seen, series, findings)).collect()
}

fn recovery(end_s: f64, seen: &DisturbanceFindings, series: &Series, findings: &Findings) -> Option<Mark> {
    let Some(stat) = &seen.recovery.stat else {
        let at = (findings.duration_s, value_at(series, findings, findings.duration_s));
        let lines = ["never recovered".to_owned()].into_iter().chain(losses(seen)).collect();
        return Some(Mark { at, lines, color: VERMILLION });
    };
    if stat.p50 == 0.0 && seen.recovery.never == 0 {
        // Nothing to recover from in most of the runs: only a loss is worth a word.
        let lost = losses(seen);
        let at = (end_s.min(findings.duration_s), value_at(series, findings, end_s));
        return (!lost.is_empty()).then_some(Mark { at, lines: lost, color: VERMILLION });
    }
    let never =
        (seen.recovery.never > 0).then(|| format!("never in {} of {}", seen.recovery.never, runs(findings.runs)));
    let first = format!("recovered after {}", duration(stat.mean));
    let at_s = (end_s + stat.mean).min(findings.duration_s);
    Some(Mark {
        at: (at_s, value_at(series, findings, at_s)),
        lines: [first].into_iter().chain(never).chain(losses(seen)).collect(),
        color: if seen.recovery.never == 0 { GREEN } else { VERMILLION },
    })
}

/// A queue that got rid of its backlog by losing it has not recovered, so the mark says what was lost, if anything.
fn losses(seen: &DisturbanceFindings) -> Vec<String> {
    let parts = [
        (&seen.dead_lettered, "dead-lettered"),
        (&seen.expired, "expired"),
        (&seen.dropped, "dropped"),
        (&seen.rejected, "rejected"),
    ];
    let lost = parts.iter().filter(|(stat, _)| stat.mean > 0.0);
    lost.map(|(stat, word)| format!("{} {word}", count(stat.mean))).collect()
}

/// The higher of the drawn points on either side of an instant.
fn summit(series: &Series, findings: &Findings, at_s: f64) -> Option<(f64, f64)> {
    let next = findings.time_s.partition_point(|time| *time < at_s);
    let sides = [next.saturating_sub(1), next];
    let points = sides.into_iter().filter_map(|i| Some((*findings.time_s.get(i)?, *series.p50.get(i)?)));
    points.filter(|point| point.1.is_finite()).max_by(|a, b| a.1.total_cmp(&b.1))
}

/// The median at an instant, between ticks on the line that is drawn.
fn value_at(series: &Series, findings: &Findings, at_s: f64) -> f64 {
    let time = &findings.time_s;
    let last = series.p50.len().min(time.len()).saturating_sub(1);
    let next = time.partition_point(|time| *time < at_s).min(last);
    let point = |index: usize| Some((*time.get(index)?, *series.p50.get(index)?));
    let (Some(before), Some(after)) = (point(next.saturating_sub(1)), point(next)) else { return 0.0 };
    let step = after.0 - before.0;
    let share = if step > 0.0 { ((at_s - before.0) / step).clamp(0.0, 1.0) } else { 1.0 };
    let value = before.1 + (after.1 - before.1) * share;
    if value.is_finite() { value } else { 0.0 }
}
