//! A backlog as it falls, with each block of replicas beside it.

use super::axis::Unit;
use super::canvas::Point;
use super::plot::{Band, Curve, GREEN, Horizontal, Mark, PALETTE, Panel, Plot, Vertical};
use super::{Chart, free_name};
use crate::report::Head;
use crate::report::figures::{duration, runs};
use crate::study::{Eta, EtaRow, Gone};

/// One chart a backlog.
pub(in crate::report) fn charts(head: &Head, eta: &Eta) -> Vec<Chart> {
    let mut out: Vec<Chart> = vec![];
    for index in 0..eta.now.len() {
        let name = free_name(format!("{}-eta", eta.now[index].component), &out);
        out.push(Chart::new(name, &plot(head, eta, index)));
    }
    out
}

fn plot(head: &Head, eta: &Eta, index: usize) -> Plot {
    let one = &eta.now[index];
    let end_s = end(eta, index);
    let mut curves: Vec<Curve> = eta
        .rows
        .iter()
        .enumerate()
        .map(|(n, row)| {
            let gone = &row.gone[index];
            // Once gone in nearly all runs there is nothing to see of it.
            let end_s = match &gone.stat {
                Some(stat) if gone.never == 0 && n > 0 => end_s.min(stat.p95 + eta.tick_s),
                _ => end_s,
            };
            let mut curve =
                Curve::new(&label(row, eta), PALETTE[n % PALETTE.len()], points(&gone.backlog.p50, eta, end_s));
            curve.dashed = n >= PALETTE.len();
            if n == 0 && eta.runs > 1 {
                let cut = |values: &[f64]| values[..curve.points.len().min(values.len())].to_vec();
                let (low, high) = (cut(&gone.backlog.p05), cut(&gone.backlog.p95));
                curve.band = Some(Band { label: "p05–p95 of the runs".into(), low, high });
            }
            if n == 0 { curve.beneath() } else { curve }
        })
        .collect();
    if let Some(paper) = eta.rows[0].gone[index].paper_s {
        // On paper it falls in a straight line.
        let level = one.messages as f64;
        let last = paper.min(end_s);
        let mut line = Curve::bound("on paper".into(), 0.0, end_s);
        line.points = vec![(0.0, level), (last, level * (1.0 - last / paper))];
        curves.push(line);
    }
    let base = &eta.rows[0].gone[index];
    Plot {
        title: format!("{}: when the backlog is gone", one.component),
        subtitle: format!("{} · median · {} · seed {}", head.title, runs(eta.runs), head.seed),
        horizontal: Horizontal::Clock { end_s },
        windows: vec![],
        panels: vec![Panel {
            title: "messages",
            unit: Unit::Count,
            height: 270.0,
            vertical: Vertical::FromZero,
            curves,
            marks: mark(base, end_s).into_iter().collect(),
        }],
    }
}

fn label(row: &EtaRow, eta: &Eta) -> String {
    match (row.extra, eta.scaled) {
        (0, false) => format!("{} replicas", row.replicas),
        (0, true) => format!("up to {} replicas", row.replicas),
        (extra, _) => format!("+{extra}"),
    }
}

/// A little beyond the last end; the whole horizon where the backlog does not go as it is.
fn end(eta: &Eta, index: usize) -> f64 {
    let base = &eta.rows[0];
    let late = |gone: &Gone| gone.stat.as_ref().map(|stat| stat.p95 * 1.1);
    let last = match (late(&base.gone[index]), base.gone[index].never) {
        (Some(late), 0) => late,
        _ => base.horizon_s,
    };
    last.max(eta.tick_s * 2.0)
}

fn points(values: &[f64], eta: &Eta, end_s: f64) -> Vec<Point> {
    let at = values.iter().enumerate().map(|(i, value)| (i as f64 * eta.tick_s, *value));
    at.take_while(|(time, _)| *time <= end_s + 1e-9).collect()
}

fn mark(gone: &Gone, end_s: f64) -> Option<Mark> {
    let stat = gone.stat.as_ref().filter(|stat| stat.mean <= end_s)?;
    let lines = vec![format!("gone after {}", duration(stat.mean))];
    Some(Mark { at: (stat.mean, 0.0), lines, color: GREEN })
}
