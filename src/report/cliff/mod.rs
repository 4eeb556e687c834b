//! What `tailback cliff` found: the tipping point along one knob, or the map over two.

mod map;
mod words;

use super::figures::{Quantity, duration, percent};
use super::json::number as json_number;
use super::markdown::escaped;
use super::plan::cell;
use super::rows::{Rows, wrapped};
use super::{File, Head, chart};
use crate::study::{CliffFindings, GridPoint, KnobUnit, KnobValue};
use crate::units::significant;
use serde_json::{Value, json};

pub use map::{map_csv, map_files, map_json, map_markdown, map_terminal};

/// A number of a knob as people write it.
pub(super) fn number(unit: KnobUnit, value: f64) -> String {
    match unit {
        KnobUnit::Seconds => duration(value),
        KnobUnit::PerSecond => format!("{}/s", significant(value, 4)),
        KnobUnit::Share => percent(value),
        KnobUnit::Bytes => format!("{} B", significant(value, 4)),
        KnobUnit::Plain | KnobUnit::Words => significant(value, 4),
    }
}

/// `cliff.json`, `cliff.csv`, `report.md` and the chart of survival.
pub fn files(head: &Head, knob: (&str, KnobUnit), findings: &CliffFindings) -> Vec<File> {
    let file = |path: &str, bytes: Vec<u8>| File { path: path.into(), bytes };
    let charts: Vec<chart::Chart> = chart::survival(head, knob.0, knob.1, findings).into_iter().collect();
    let mut files = vec![
        file("cliff.json", json(head, knob, findings).into_bytes()),
        file("cliff.csv", csv(knob, findings)),
        file("report.md", written(head, knob, findings, &charts).into_bytes()),
    ];
    charts.iter().for_each(|chart| files.extend(chart.files()));
    files
}

/// The findings for people, `width` columns wide. Ends with a newline.
pub fn terminal(head: &Head, knob: (&str, KnobUnit), findings: &CliffFindings, width: usize, color: bool) -> String {
    let width = width.max(60);
    let mut out = if color { format!("\u{1b}[1m{}\u{1b}[0m\n", head.title) } else { format!("{}\n", head.title) };
    out.push_str(&wrapped(&words::sentences(knob, findings), width));
    out.push('\n');
    out.push_str(&table(knob.0, findings).terminal(width, color));
    out.push('\n');
    out.push_str(&wrapped(&words::notes(findings), width));
    out
}

/// `report.md`.
pub fn markdown(head: &Head, knob: (&str, KnobUnit), findings: &CliffFindings) -> String {
    let charts: Vec<chart::Chart> = chart::survival(head, knob.0, knob.1, findings).into_iter().collect();
    written(head, knob, findings, &charts)
}

fn written(head: &Head, knob: (&str, KnobUnit), findings: &CliffFindings, charts: &[chart::Chart]) -> String {
    let mut out = format!("# {}: where {} tips it over\n\n", escaped(&head.title), escaped(knob.0));
    for sentence in words::sentences(knob, findings) {
        out.push_str(&format!("{}\n\n", escaped(&sentence)));
    }
    for chart in charts {
        out.push_str(&format!("![{}](<charts/{}.svg>)\n\n", escaped(&chart.title), chart.name));
    }
    out.push_str(&table(knob.0, findings).markdown());
    for sentence in words::notes(findings) {
        out.push_str(&format!("{}\n\n", escaped(&sentence)));
    }
    out.push_str(&format!("{}\n", escaped(&head.source())));
    out
}

/// A row a value of the coarse grid.
fn table(path: &str, findings: &CliffFindings) -> Rows {
    let short = path.rsplit('.').next().unwrap_or(path);
    let mut header: Vec<String> =
        [short, "survive", "never recover", "gave up", "recovery"].iter().map(|name| (*name).into()).collect();
    let broken = findings.expressions.iter().take(3).map(|expression| format!("fail {expression}"));
    header.extend(broken);
    let rows = findings.grid.iter().map(|point| row(point, findings.runs)).collect();
    Rows { figures: (0..header.len()).collect(), header, rows }
}

fn row(point: &GridPoint, runs: u32) -> Vec<String> {
    let of = |count: u32| if count == 0 { "–".into() } else { format!("{count} of {runs}") };
    let recovery = point.recovery.as_ref().map_or_else(|| "never".into(), |stat| Quantity::Seconds.text(stat.mean));
    let mut cells = vec![point.value.text.clone(), of(point.survived), of(point.never), of(point.gave_up), recovery];
    cells.extend(point.broken.iter().take(3).map(|count| of(*count)));
    cells
}

pub(super) fn value(value: &KnobValue) -> Value {
    json!({ "text": value.text, "number": value.number.map(json_number) })
}

/// The findings as JSON. Ends with a newline.
pub fn json(head: &Head, knob: (&str, KnobUnit), findings: &CliffFindings) -> String {
    let mut root = head.json();
    let maybe = |value: Option<f64>| value.map(json_number);
    let found = json!({
        "vary": { "path": knob.0, "from": value(&findings.low), "to": value(&findings.high) },
        "harm_rises": findings.harm_rises,
        "simulated": findings.simulated,
        "needed": findings.needed,
        "survived_up_to": maybe(findings.survived_up_to),
        "tipping_point": maybe(findings.tipping),
        "tipping_ci95": [maybe(findings.interval.0), maybe(findings.interval.1)],
        "lost_from": maybe(findings.lost_from),
        "slo": findings.expressions,
        "grid": findings.grid.iter().map(|point| json!({
            "value": value(&point.value),
            "survived": point.survived,
            "never": point.never,
            "gave_up": point.gave_up,
            "broken": point.broken,
            "recovery_s": point.recovery.as_ref().map(|stat| json!({
                "mean": json_number(stat.mean), "p05": json_number(stat.p05), "p50": json_number(stat.p50),
                "p95": json_number(stat.p95),
            })),
        })).collect::<Vec<_>>(),
        "thresholds": findings.thresholds.iter().map(|one| json!({
            "run": one.run, "survived": maybe(one.survived), "failed": maybe(one.failed), "monotone": one.monotone,
        })).collect::<Vec<_>>(),
    });
    if let Value::Object(found) = found {
        root.extend(found);
    }
    format!("{:#}\n", Value::Object(root))
}

/// One row a value of the coarse grid.
pub fn csv(knob: (&str, KnobUnit), findings: &CliffFindings) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // A writer over memory has nothing that could fail.
    let mut row = |cells: [&str; 9]| writer.write_record(cells).expect("memory takes every row");
    row(["path", "value", "number", "runs", "survived", "never", "gave_up", "recovery_mean_s", "recovery_p95_s"]);
    for point in &findings.grid {
        let counts = [findings.runs, point.survived, point.never, point.gave_up].map(|count| count.to_string());
        let stat = point.recovery.as_ref();
        let (mean, p95) = (cell(stat.map(|stat| stat.mean)), cell(stat.map(|stat| stat.p95)));
        let number = cell(point.value.number);
        let [runs, survived, never, gave_up] = &counts;
        row([knob.0, &point.value.text, &number, runs, survived, never, gave_up, &mean, &p95]);
    }
    writer.into_inner().expect("memory takes every row")
}
