//! What a sweep gave, as `sweep.json`, `sweep.csv`, `report.md`, charts, and text for a terminal.

use super::chart::{Chart, parameter};
use super::figures::{NOTHING, Quantity, runs};
use super::{File, Head, bare_grid};
use crate::study::{FigureUnit, KnobUnit, PlanKnob, SweepFigure, SweepFindings, SweepPoint, SweepValue, unit_word};
use comfy_table::{Cell, CellAlignment};
use serde_json::{Map, Value, json};

/// A terminal shows so many points; the files have all of them.
const MOST_ROWS: usize = 40;
/// Room for an objective that does not hold, wrapped where it is longer.
const VERDICT_WIDTH: usize = 32;

/// Every file of a sweep.
pub fn sweep(head: &Head, sweep: &SweepFindings) -> Vec<File> {
    let charts = parameter::charts(sweep);
    let file = |path: &str, bytes| File { path: path.into(), bytes };
    let mut files = vec![
        file("sweep.json", sweep_json(head, sweep).into_bytes()),
        file("sweep.csv", sweep_csv(sweep)),
        file("report.md", written(head, sweep, &charts).into_bytes()),
    ];
    files.extend(charts.iter().flat_map(Chart::files));
    files
}

/// Indented JSON with a final newline.
pub fn sweep_json(head: &Head, sweep: &SweepFindings) -> String {
    let mut all = head.json();
    let knob = |knob: &PlanKnob| {
        let values: Vec<Value> =
            knob.values.iter().map(|value| json!({ "text": value.text, "number": value.number })).collect();
        json!({ "path": knob.path, "tied": knob.tied, "unit": knob_word(knob.unit), "values": values })
    };
    let figure = |figure: &SweepFigure| json!({ "figure": figure.expression, "unit": unit_word(figure.unit), "pooled": figure.pooled });
    all.insert("knobs".into(), sweep.knobs.iter().map(knob).collect());
    all.insert("figures".into(), sweep.figures.iter().map(figure).collect());
    all.insert("points".into(), sweep.points.iter().map(|point| point_json(sweep, point)).collect());
    format!("{:#}\n", Value::Object(all))
}

fn point_json(sweep: &SweepFindings, point: &SweepPoint) -> Value {
    let settings: Map<String, Value> =
        (sweep.knobs.iter().enumerate()).map(|(i, knob)| (knob.path.clone(), sweep.text(point, i).into())).collect();
    let figures: Map<String, Value> = (sweep.figures.iter().zip(&point.figures))
        .filter_map(|(figure, seen)| Some((figure.expression.clone(), over_runs(figure, seen.as_ref()?))))
        .collect();
    let slo: Vec<Value> = (point.slo.iter())
        .map(|slo| {
            json!({
                "expression": slo.expression,
                "value": slo.value,
                "share_of_runs": slo.share_of_runs,
                "holds": slo.holds,
            })
        })
        .collect();
    json!({ "point": point.key, "settings": settings, "figures": figures, "slo": slo })
}

fn over_runs(figure: &SweepFigure, seen: &SweepValue) -> Value {
    let stat = seen.stat.as_ref();
    json!({
        "value": seen.value,
        "ci95": interval(figure, seen).map(|(low, high)| json!([low, high])),
        "p05": stat.map(|stat| stat.p05),
        "p50": stat.map(|stat| stat.p50),
        "p95": stat.map(|stat| stat.p95),
        "min": stat.map(|stat| stat.min),
        "max": stat.map(|stat| stat.max),
        "never": seen.never,
    })
}

/// Of the mean over the runs. A pooled quantile is no such mean, so it has none.
fn interval(figure: &SweepFigure, seen: &SweepValue) -> Option<(f64, f64)> {
    seen.stat.as_ref().filter(|_| !figure.pooled)?.ci95
}

fn knob_word(unit: KnobUnit) -> Option<&'static str> {
    match unit {
        KnobUnit::Plain => Some("number"),
        KnobUnit::Seconds => Some("s"),
        KnobUnit::PerSecond => Some("per_s"),
        KnobUnit::Share => Some("share"),
        KnobUnit::Bytes => Some("bytes"),
        KnobUnit::Words => None,
    }
}

/// Tidy: one row a point and figure. A knob's column is named by its path, with its unit where it has one, and holds
/// numbers where all its values are numbers.
pub fn sweep_csv(sweep: &SweepFindings) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut row = |cells: &[String]| writer.write_record(cells).expect("memory takes every row");
    let column = |knob: &PlanKnob| match knob.unit {
        KnobUnit::Seconds => format!("{}_s", knob.path),
        KnobUnit::PerSecond => format!("{}_per_s", knob.path),
        KnobUnit::Bytes => format!("{}_bytes", knob.path),
        KnobUnit::Plain | KnobUnit::Share | KnobUnit::Words => knob.path.clone(),
    };
    let fixed =
        ["figure", "unit", "value", "ci95_low", "ci95_high", "p05", "p50", "p95", "min", "max", "never", "holds"];
    row(&sweep.knobs.iter().map(column).chain(fixed.map(String::from)).collect::<Vec<_>>());
    for point in &sweep.points {
        let knobs: Vec<String> = (sweep.knobs.iter().zip(&point.at))
            .map(|(knob, &i)| knob.values[i].number.map_or_else(|| knob.values[i].text.clone(), |n| n.to_string()))
            .collect();
        for (figure, seen) in sweep.figures.iter().zip(&point.figures) {
            let Some(seen) = seen else { continue };
            let stat = seen.stat.as_ref();
            let ci95 = interval(figure, seen);
            let numbers = [
                seen.value,
                ci95.map(|ci| ci.0),
                ci95.map(|ci| ci.1),
                stat.map(|stat| stat.p05),
                stat.map(|stat| stat.p50),
                stat.map(|stat| stat.p95),
                stat.map(|stat| stat.min),
                stat.map(|stat| stat.max),
            ];
            let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
            let holds = point.holds(&figure.expression).map_or_else(String::new, |holds| holds.to_string());
            let named = [figure.expression.clone(), unit_word(figure.unit).into()];
            let cells = knobs.iter().cloned().chain(named).chain(numbers.map(number));
            row(&cells.chain([seen.never.to_string(), holds]).collect::<Vec<_>>());
        }
    }
    writer.into_inner().expect("memory takes every row")
}

/// The report in Markdown for stdout, where there are no charts beside it.
pub fn sweep_markdown(head: &Head, sweep: &SweepFindings) -> String {
    written(head, sweep, &[])
}

fn written(head: &Head, sweep: &SweepFindings, charts: &[Chart]) -> String {
    let columns: Vec<usize> = shown(sweep).collect();
    let mut out = format!("# {}: sweep\n\n{}\n\n", head.title, sentence(head, sweep));
    let header = titles(sweep, &columns);
    out.push_str(&format!("| {} |\n|{}\n", header.join(" | "), " --- |".repeat(header.len())));
    for point in &sweep.points {
        let cells: Vec<String> = cells(sweep, point, &columns).iter().map(|cell| cell.replace('|', "\\|")).collect();
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    for chart in charts {
        out.push_str(&format!("\n![{}](charts/{}.svg)\n", chart.title, chart.name));
    }
    out.push_str(&format!("\n`{}`, sha256 {:.12}…\n", head.path, head.sha256));
    out
}

/// The sweep for people, `width` columns wide. Ends with a newline.
pub fn sweep_text(head: &Head, sweep: &SweepFindings, width: usize, color: bool) -> String {
    let all: Vec<usize> = shown(sweep).collect();
    let columns = &all[..fitting(sweep, &all, width)];
    let mut grid = bare_grid(width, color);
    grid.set_header(titles(sweep, columns).iter().map(|title| stacked(title)));
    for point in sweep.points.iter().take(MOST_ROWS) {
        grid.add_row(cells(sweep, point, columns).into_iter().enumerate().map(|(i, text)| {
            let is_figure = i >= sweep.knobs.len() && i < sweep.knobs.len() + columns.len();
            Cell::new(text).set_alignment(if is_figure { CellAlignment::Right } else { CellAlignment::Left })
        }));
    }
    let mut out = format!("{}\n{}\n\n{grid}\n", head.title, sentence(head, sweep));
    if sweep.points.len() > MOST_ROWS || all.len() > columns.len() {
        let points = sweep.points.len();
        out.push_str(&format!("\nsweep.csv has all {points} points with {} figures each\n", sweep.figures.len()));
    }
    // The grid pads its lines.
    out.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// A name over two lines: `consumer.worker.` and `replicas`, `orders.` and `latency.p99`.
fn stacked(title: &str) -> String {
    let parts: Vec<&str> = title.split('.').collect();
    let first = match parts.len() {
        0 | 1 => return title.into(),
        2 | 3 if !["consumer", "producer", "queue", "stream", "topic", "dependency", "fault"].contains(&parts[0]) => 1,
        n => (n - 1).min(2),
    };
    format!("{}.\n{}", parts[..first].join("."), parts[first..].join("."))
}

/// How many figures have room beside the knobs and the verdict on the objectives; at least one.
fn fitting(sweep: &SweepFindings, all: &[usize], width: usize) -> usize {
    let rows: Vec<Vec<String>> = sweep.points.iter().take(MOST_ROWS).map(|point| cells(sweep, point, all)).collect();
    let titles = titles(sweep, all);
    let wide = |column: usize| {
        let title = stacked(&titles[column]);
        let texts = title.lines().chain(rows.iter().map(|row| row[column].as_str()));
        texts.map(|text| text.chars().count()).max().unwrap_or(0) + 2
    };
    let verdict = if titles.len() > sweep.knobs.len() + all.len() { VERDICT_WIDTH } else { 0 };
    let mut left = width.saturating_sub((0..sweep.knobs.len()).map(wide).sum::<usize>() + verdict);
    let mut count = 0;
    while count < all.len() && (count == 0 || wide(sweep.knobs.len() + count) <= left) {
        left = left.saturating_sub(wide(sweep.knobs.len() + count));
        count += 1;
    }
    count
}

fn sentence(head: &Head, sweep: &SweepFindings) -> String {
    let points = sweep.points.len();
    let interval = if head.runs > 1 { "; ± is the 95 % confidence interval of the mean over the runs" } else { "" };
    format!(
        "{points} {} of {}, seed {}{interval}",
        if points == 1 { "point" } else { "points" },
        runs(head.runs),
        head.seed
    )
}

fn shown(sweep: &SweepFindings) -> impl Iterator<Item = usize> {
    sweep.figures.iter().enumerate().filter(|(_, figure)| figure.shown).map(|(i, _)| i)
}

fn titles(sweep: &SweepFindings, columns: &[usize]) -> Vec<String> {
    let knobs = sweep.knobs.iter().map(|knob| knob.path.clone());
    let figures = columns.iter().map(|&i| sweep.figures[i].expression.clone());
    let slo = sweep.points.iter().any(|point| !point.slo.is_empty()).then(|| "SLOs".to_string());
    knobs.chain(figures).chain(slo).collect()
}

fn cells(sweep: &SweepFindings, point: &SweepPoint, columns: &[usize]) -> Vec<String> {
    let knobs = (0..sweep.knobs.len()).map(|i| sweep.text(point, i).to_string());
    let figures = columns.iter().map(|&i| match &point.figures[i] {
        Some(seen) => figure_text(&sweep.figures[i], seen),
        None => NOTHING.into(),
    });
    let any = sweep.points.iter().any(|point| !point.slo.is_empty());
    knobs.chain(figures).chain(any.then(|| verdict(point))).collect()
}

/// The metric of `COMPONENT.METRIC[.STAT]`, or of a figure of the whole scenario.
pub(super) fn metric_of(expression: &str) -> &str {
    expression.split('.').nth(1).unwrap_or(expression)
}

/// How the figure's values are written.
pub(super) fn quantity(figure: &SweepFigure) -> Quantity {
    match figure.unit {
        FigureUnit::Time => Quantity::Seconds,
        FigureUnit::PerTime => Quantity::PerSecond,
        FigureUnit::Ratio if metric_of(&figure.expression) == "utilization" => Quantity::Share,
        FigureUnit::Count | FigureUnit::Ratio | FigureUnit::Money => Quantity::Count,
    }
}

/// `14m 32s ± 4 s`, `never`, `14m 32s ± 4 s, never in 3 runs`.
fn figure_text(figure: &SweepFigure, seen: &SweepValue) -> String {
    let metric = metric_of(&figure.expression);
    // Outside of recovery a run without a number is one that saw nothing.
    let never = if metric == "recovery_time" { "never" } else { NOTHING };
    match (seen.value, seen.never) {
        (Some(value), 0) => quantity(figure).interval(value, interval(figure, seen)),
        (Some(value), n) => {
            format!("{}, {never} in {}", quantity(figure).interval(value, interval(figure, seen)), runs(n))
        }
        (None, _) => never.into(),
    }
}

fn verdict(point: &SweepPoint) -> String {
    let broken: Vec<&str> = point.slo.iter().filter(|slo| !slo.holds).map(|slo| slo.expression.as_str()).collect();
    match (point.slo.is_empty(), broken.is_empty()) {
        (true, _) => NOTHING.into(),
        (_, true) => "hold".into(),
        _ => format!("not {}", broken.join(", ")),
    }
}
