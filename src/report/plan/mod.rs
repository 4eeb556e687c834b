//! What `tailback plan` found: for the terminal, as JSON, CSV and Markdown, and as the trade-off chart.

mod json;
mod words;

use super::figures::{NOTHING, Quantity, percent};
use super::markdown::escaped;
use super::rows::{Rows, wrapped};
use super::{File, Head, chart};
use crate::study::{Belief, CandidateFindings, Figure, FigureUnit, PlanFindings, SloAt};

pub(super) use json::cell;
pub use json::{csv, json};

/// `plan.json`, `plan.csv`, `report.md` and the trade-off chart.
pub fn files(head: &Head, knob: &Turned, findings: &PlanFindings) -> Vec<File> {
    let file = |path: &str, bytes: Vec<u8>| File { path: path.into(), bytes };
    let charts: Vec<chart::Chart> = chart::tradeoff(head, knob, findings).into_iter().collect();
    let mut files = vec![
        file("plan.json", json(head, knob, findings).into_bytes()),
        file("plan.csv", csv(knob, findings)),
        file("report.md", written(head, knob, findings, &charts).into_bytes()),
    ];
    charts.iter().for_each(|chart| files.extend(chart.files()));
    files
}

/// The knob that was turned.
#[derive(Debug, Clone, PartialEq)]
pub struct Turned {
    pub path: String,
    /// Paths that were given the same value.
    pub tied: Vec<String>,
    pub unit: crate::study::KnobUnit,
}

/// The findings for people, `width` columns wide. Ends with a newline.
pub fn terminal(head: &Head, knob: &Turned, findings: &PlanFindings, width: usize, color: bool) -> String {
    let width = width.max(60);
    let mut out = if color { format!("\u{1b}[1m{}\u{1b}[0m\n", head.title) } else { format!("{}\n", head.title) };
    out.push_str(&wrapped(&words::sentences(knob, findings), width));
    out.push('\n');
    out.push_str(&table(knob, findings).terminal(width, color));
    out.push('\n');
    out.push_str(&wrapped(&words::notes(findings), width));
    out
}

/// `report.md`.
pub fn markdown(head: &Head, knob: &Turned, findings: &PlanFindings) -> String {
    let charts: Vec<chart::Chart> = chart::tradeoff(head, knob, findings).into_iter().collect();
    written(head, knob, findings, &charts)
}

fn written(head: &Head, knob: &Turned, findings: &PlanFindings, charts: &[chart::Chart]) -> String {
    let mut out = format!("# {}: {}\n\n", escaped(&head.title), escaped(&knob.path));
    for sentence in words::sentences(knob, findings) {
        out.push_str(&format!("{}\n\n", escaped(&sentence)));
    }
    out.push_str(&table(knob, findings).markdown());
    for chart in charts {
        out.push_str(&format!("![{}](<charts/{}.svg>)\n\n", escaped(&chart.title), chart.name));
    }
    for sentence in words::notes(findings) {
        out.push_str(&format!("{}\n\n", escaped(&sentence)));
    }
    out.push_str(&format!("{}\n", escaped(&head.source())));
    out
}

/// A row a value: what its objectives are, and whether they hold.
fn table(knob: &Turned, findings: &PlanFindings) -> Rows {
    let slos = &findings.figures[..findings.bounds.len()];
    let shown = slos.len().min(MOST_COLUMNS);
    let mut header = vec![words::short(&knob.path), "runs".into(), "all SLOs".into()];
    let bounds = findings.candidates.first().map(|one| one.slos.as_slice()).unwrap_or_default();
    header.extend(bounds[..shown].iter().map(|slo| slo.expression.clone()));
    let is_money = |figure: &Figure| figure.unit == FigureUnit::Money;
    let cost = findings.figures.iter().skip(slos.len()).position(is_money).map(|at| at + slos.len());
    header.extend(cost.map(|cost| findings.figures[cost].expression.clone()));
    let rows = findings.candidates.iter().enumerate().map(|(index, one)| {
        let marked = if findings.answer == Some(index) { "→ " } else { "" };
        let mut cells = vec![format!("{marked}{}", one.value.text), one.runs.to_string(), verdict(one.belief).into()];
        cells.extend((0..shown).map(|slo| value(&slos[slo], &one.slos[slo], one.figures[slo].never, one)));
        cells.extend(cost.map(|cost| spent(one, cost)));
        cells
    });
    Rows { rows: rows.collect(), figures: [0, 1].into_iter().chain(3..header.len()).collect(), header }
}

/// More objectives than this make a table that nobody can read; the JSON has all.
const MOST_COLUMNS: usize = 4;

fn verdict(belief: Belief) -> &'static str {
    match belief {
        Belief::Yes => "✓ hold",
        Belief::No => "✗ fail",
        Belief::Undecided { leans: true } => "hold, it seems",
        Belief::Undecided { leans: false } => "fail, it seems",
    }
}

/// `1.76 s`, or `14m 32s, 15 of 20 runs, never in 2`: a mean over the runs that recover does not stand alone.
fn value(figure: &Figure, slo: &SloAt, never: u32, one: &CandidateFindings) -> String {
    let value = slo.value.map_or_else(|| nothing(figure).into(), |value| Quantity::of_figure(figure).text(value));
    let some = if figure.metric == "recovery_time" && (1..one.runs).contains(&never) {
        format!(", never in {never}")
    } else {
        String::new()
    };
    match slo.holding {
        Some(holding) if holding < one.runs => format!("{value}, {holding} of {} runs{some}", one.runs),
        _ => format!("{value}{some}"),
    }
}

/// What a run costs, in whatever currency the prices are.
fn spent(one: &CandidateFindings, cost: usize) -> String {
    one.figures[cost].value.map_or_else(|| NOTHING.into(), super::cost::amount)
}

fn nothing(figure: &Figure) -> &'static str {
    if figure.metric == "recovery_time" { "never" } else { NOTHING }
}

fn confidence(share: f64) -> String {
    format!("{} confidence", percent(share))
}
