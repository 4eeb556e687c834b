//! A figure over one knob as a line with its band, or over two as a heat map.

use super::Chart;
use super::axis::Unit;
use super::canvas::{Color, Point};
use super::free_name;
use super::heat::{self, Cell, HeatMap, Knobs};
use super::plot::{BLUE, Band, Curve, Horizontal, Panel, Plot, VERMILLION, Vertical};
use crate::report::figures::runs;
use crate::report::sweep::{metric_of, quantity};
use crate::study::{FigureUnit, KnobUnit, PlanKnob, SweepFigure, SweepFindings, SweepPoint};

/// A chart of each figure worth one; none where more than two knobs are turned.
pub(in crate::report) fn charts(sweep: &SweepFindings) -> Vec<Chart> {
    let mut out: Vec<Chart> = vec![];
    for (index, figure) in sweep.figures.iter().enumerate().filter(|(_, figure)| figure.shown) {
        let name = free_name(figure.expression.replace('.', "-"), &out);
        let chart = match &sweep.knobs[..] {
            [knob] if numbers(knob).is_some() => Chart::new(name, &line(sweep, index, knob)),
            [_] | [_, _] => {
                let map = map(sweep, index);
                Chart::of_scene(name, map.title.clone(), heat::scene(&map))
            }
            _ => continue,
        };
        out.push(chart);
    }
    out
}

/// The knob's numbers, where it has any.
fn numbers(knob: &PlanKnob) -> Option<Vec<f64>> {
    knob.values.iter().map(|value| value.number).collect()
}

/// The axes have the whole paths; of several, a title has room for the last two parts of each.
fn title(sweep: &SweepFindings, figure: &SweepFigure) -> String {
    let short = |path: &str| {
        let from = path.rmatch_indices('.').nth(1).map_or(0, |(at, _)| at + 1);
        path[from..].to_owned()
    };
    let is_alone = sweep.knobs.len() == 1;
    let path = |path: &String| if is_alone { path.clone() } else { short(path) };
    let paths: Vec<String> = sweep.knobs.iter().map(|knob| path(&knob.path)).collect();
    format!("{} by {}", figure.expression, paths.join(" and "))
}

fn subtitle(sweep: &SweepFindings, figure: &SweepFigure) -> String {
    let what = match sweep.runs {
        1 => "one run".into(),
        n if figure.pooled => format!("all messages of {}", runs(n)),
        n => format!("mean of {}", runs(n)),
    };
    format!("{} · {what} · seed {}", sweep.title, sweep.seed)
}

fn metric(figure: &SweepFigure) -> &str {
    metric_of(&figure.expression)
}

fn unit(figure: &SweepFigure) -> Unit {
    match figure.unit {
        FigureUnit::Count => Unit::Count,
        FigureUnit::Time => Unit::Seconds,
        FigureUnit::Ratio if metric(figure) == "utilization" => Unit::Share,
        FigureUnit::PerTime | FigureUnit::Ratio | FigureUnit::Money => Unit::Rate,
    }
}

/// What it means that a run has no value: for all runs, for some.
fn absent(figure: &SweepFigure) -> [&'static str; 2] {
    if metric(figure) == "recovery_time" {
        ["no run recovers", "some runs never recover"]
    } else {
        ["no run has a value", "some runs have no value"]
    }
}

fn line(sweep: &SweepFindings, index: usize, knob: &PlanKnob) -> Plot {
    let figure = &sweep.figures[index];
    let mut points: Vec<(f64, &SweepPoint)> =
        sweep.points.iter().filter_map(|point| Some((knob.values[point.at[0]].number?, point))).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (low, high) = match (points.first(), points.last()) {
        (Some(first), Some(last)) if last.0 > first.0 => (first.0, last.0),
        (Some(first), _) => (first.0 - 0.5, first.0 + 0.5),
        _ => (0.0, 1.0),
    };
    let seen = |of: fn(&SweepPoint, usize) -> Option<f64>| -> Vec<f64> {
        points.iter().map(|(_, point)| of(point, index).unwrap_or(f64::NAN)).collect()
    };
    let at = |values: Vec<f64>| -> Vec<Point> { points.iter().map(|(x, _)| *x).zip(values).collect() };
    let mut curve = Curve::new(&figure.expression, BLUE, at(seen(value)));
    if sweep.runs > 1 {
        let (low, high) = (seen(p05), seen(p95));
        curve.band = Some(Band { label: "p05–p95 of the runs".into(), low, high });
    }
    let level = |(expression, bound): (&str, f64)| Curve {
        label: expression.into(),
        color: Color::INK,
        width: 1.25,
        dashed: true,
        points: vec![(low, bound), (high, bound)],
        band: None,
    };
    let mut curves = vec![curve];
    curves.extend(sweep.bounds(figure).into_iter().map(level));
    let mut panels = vec![Panel {
        title: panel_title(figure),
        unit: unit(figure),
        height: 300.0,
        vertical: Vertical::FromZero,
        curves,
        marks: vec![],
    }];
    let never = seen(never_share);
    if never.iter().any(|share| *share > 0.0) {
        let recovers = metric(figure) == "recovery_time";
        let label = if recovers { "runs that never recover" } else { "runs without a value" };
        let curve = Curve::new(label, VERMILLION, at(never));
        panels.push(Panel {
            title: "share of runs",
            unit: Unit::Share,
            height: 90.0,
            vertical: Vertical::Fixed(1.0),
            curves: vec![curve],
            marks: vec![],
        });
    }
    Plot {
        title: title(sweep, figure),
        subtitle: subtitle(sweep, figure),
        horizontal: Horizontal::Values { low, high, unit: knob_unit(knob), title: knob_title(knob) },
        windows: vec![],
        panels,
    }
}

fn value(point: &SweepPoint, index: usize) -> Option<f64> {
    point.figures[index].as_ref()?.value
}

fn p05(point: &SweepPoint, index: usize) -> Option<f64> {
    Some(point.figures[index].as_ref()?.stat.as_ref()?.p05)
}

fn p95(point: &SweepPoint, index: usize) -> Option<f64> {
    Some(point.figures[index].as_ref()?.stat.as_ref()?.p95)
}

fn never_share(point: &SweepPoint, index: usize) -> Option<f64> {
    point.figures[index].as_ref().map(|figure| figure.never_share())
}

fn panel_title(figure: &SweepFigure) -> &'static str {
    match figure.unit {
        FigureUnit::Time => "time",
        FigureUnit::PerTime => "per second",
        FigureUnit::Ratio => "ratio",
        FigureUnit::Money => "money",
        FigureUnit::Count if metric(figure).ends_with("replicas") => "replicas",
        FigureUnit::Count => "messages",
    }
}

fn knob_unit(knob: &PlanKnob) -> Unit {
    let whole = knob.values.iter().all(|value| value.number.is_some_and(|number| number.fract() == 0.0));
    match knob.unit {
        KnobUnit::Seconds => Unit::Seconds,
        KnobUnit::Share => Unit::Share,
        KnobUnit::Bytes => Unit::Count,
        KnobUnit::Plain if whole => Unit::Count,
        KnobUnit::Plain | KnobUnit::PerSecond | KnobUnit::Words => Unit::Rate,
    }
}

fn knob_title(knob: &PlanKnob) -> String {
    match knob.unit {
        KnobUnit::PerSecond => format!("{} (per second)", knob.path),
        KnobUnit::Bytes => format!("{} (bytes)", knob.path),
        _ => knob.path.clone(),
    }
}

fn side(knob: &PlanKnob) -> Knobs {
    // A distribution written as a table is long; the quotes of TOML say nothing here.
    let label = |text: &str| text.trim_matches('"').to_string();
    Knobs { title: knob.path.clone(), labels: knob.values.iter().map(|value| label(&value.text)).collect() }
}

/// Two knobs: the first goes across. One knob of words: a row for each.
fn map(sweep: &SweepFindings, index: usize) -> HeatMap {
    let figure = &sweep.figures[index];
    let nothing = Knobs { title: String::new(), labels: vec![String::new()] };
    let (across, up) = match &sweep.knobs[..] {
        [across, up] => (side(across), side(up)),
        [up] => (nothing, side(up)),
        _ => (nothing.clone(), nothing),
    };
    let mut cells = vec![vec![None; across.labels.len()]; up.labels.len()];
    for point in &sweep.points {
        let (column, row) = match point.at[..] {
            [column, row] => (column, row),
            [row] => (0, row),
            _ => continue,
        };
        cells[row][column] = point.figures[index].as_ref().map(|seen| Cell {
            value: seen.value,
            text: seen.value.map_or("never".into(), |value| short(figure, value)),
            never: seen.never_share(),
            holds: point.holds(&figure.expression),
        });
    }
    let bounds: Vec<&str> = sweep.bounds(figure).into_iter().map(|(expression, _)| expression).collect();
    HeatMap {
        title: title(sweep, figure),
        subtitle: subtitle(sweep, figure),
        across,
        up,
        unit: unit(figure),
        cells,
        line: (!bounds.is_empty()).then(|| bounds.join(" and ")),
        absent: absent(figure),
    }
}

fn short(figure: &SweepFigure, value: f64) -> String {
    match unit(figure) {
        Unit::Count | Unit::Rate => super::axis::short(value, 3, true),
        _ => quantity(figure).text(value),
    }
}
