//! `tailback check`: the envelope for a screen, as JSON, as a table to paste, as CSV.

use serde_json::{Value, json};

use super::figures::runs;
use super::json::number;
use super::table::Table;
use crate::envelope::Line;
use crate::study::{Beside, Simulated};
use crate::units::significant;

/// The lines with what was simulated beside them, and where they come from.
#[derive(Debug, Clone)]
pub struct Check {
    pub title: String,
    /// As given on the command line; empty where the scenario was made from arguments.
    pub path: String,
    /// Hex SHA-256 of the scenario's text.
    pub sha256: String,
    /// How the arguments were read, in sentences.
    pub reading: Vec<String>,
    pub rows: Vec<Beside>,
    /// Seed and number of runs, where it was simulated.
    pub simulated: Option<(u64, u32)>,
    /// Of the simulation.
    pub notes: Vec<String>,
}

const NARROWEST: usize = 60;
/// Wider than this a result is hard to find at the end of its line.
const WIDEST: usize = 110;

/// For people: each estimate with its formula and its numbers, and what is left out as numbered notes below.
pub fn check_terminal(check: &Check, width: usize, color: bool) -> String {
    let width = width.clamp(NARROWEST, WIDEST);
    let bold = |text: &str| if color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.into() };
    let mut out = format!("{}\n", bold(&check.title));
    for sentence in &check.reading {
        out.push_str(&wrapped(sentence, width, "  ", "  "));
    }
    if let Some((seed, count)) = check.simulated {
        let line = format!("simulated beside it: {}, seed {seed}; ± is the 95 % confidence interval", runs(count));
        out.push_str(&wrapped(&line, width, "  ", "  "));
    }
    let mut caveats: Vec<&str> = vec![];
    let mut before = None;
    for row in &check.rows {
        let line = &row.line;
        if before != Some(&line.component) {
            out.push_str(&format!("\n{}\n", bold(&line.component)));
            before = Some(&line.component);
        }
        out.push_str(&estimate(line, width, color));
        let note = note_of(&line.caveat, &mut caveats);
        let sum = format!("{}{note}", sum(line));
        out.push_str(&wrapped(&sum, width, "    ", "      "));
        if let Some(seen) = &row.simulated {
            out.push_str(&wrapped(&simulated(seen), width, "    ", "      "));
        }
    }
    if !caveats.is_empty() {
        out.push_str(&format!("\n{}\n", bold("Limits")));
    }
    for (index, caveat) in caveats.iter().enumerate() {
        out.push_str(&wrapped(&format!("[{}] {caveat}", index + 1), width, "  ", "      "));
    }
    for note in &check.notes {
        out.push_str(&wrapped(note, width, "\n  note  ", "        "));
    }
    out
}

/// `ρ = λ·E[S] / c = 800 × 0.045 / 80`, or `Wq = …, with λ = 800 …`.
pub(super) fn sum(line: &Line) -> String {
    let bare = line.arithmetic.starts_with(|c: char| c.is_ascii_digit() || c == '(') && !line.arithmetic.contains('=');
    let joint = if bare { " =" } else { ", with" };
    format!("{}{joint} {}", line.formula, line.arithmetic)
}

/// `  mean wait ............ 12.3ms`, the result in bold.
fn estimate(line: &Line, width: usize, color: bool) -> String {
    let (name, result) = (line.name.chars().count(), line.result.chars().count());
    let bold = |text: &str| if color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() };
    match width.checked_sub(name + result + 4).filter(|room| *room >= 2) {
        Some(room) => format!("  {} {} {}\n", line.name, ".".repeat(room), bold(&line.result)),
        None => format!("  {}\n{}", line.name, wrapped(&bold(&line.result), width, "    = ", "      ")),
    }
}

/// ` [3]`: the place of a caveat among the notes.
fn note_of<'c>(caveat: &'c str, caveats: &mut Vec<&'c str>) -> String {
    if caveat.is_empty() {
        return String::new();
    }
    let known = caveats.iter().position(|other| *other == caveat);
    let index = known.unwrap_or_else(|| {
        caveats.push(caveat);
        caveats.len() - 1
    });
    format!("  [{}]", index + 1)
}

/// `simulated 12.6ms ± 0.2ms, +2.4 %: …`.
fn simulated(seen: &Simulated) -> String {
    let mut text = format!("simulated {}", seen.text);
    if let Some(departure) = seen.departure {
        text.push_str(&format!(", {}", signed(departure)));
    }
    if let Some(why) = &seen.why {
        text.push_str(&format!(": {why}"));
    }
    text
}

fn signed(departure: f64) -> String {
    if departure.abs() < 0.000_5 {
        return "the same".into();
    }
    if departure >= 9.995 {
        return format!("{} times as much", significant(departure + 1.0, 3));
    }
    let digits = if departure.abs() < 0.1 { 2 } else { 3 };
    let sign = if departure > 0.0 { '+' } else { '−' };
    format!("{sign}{} %", significant(departure.abs() * 100.0, digits))
}

/// Broken at blanks, the first line and the others indented as told.
fn wrapped(text: &str, width: usize, first: &str, others: &str) -> String {
    let mut out = String::new();
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split(' ') {
        let needed = line.chars().filter(|c| *c != '\n').count() + word.chars().count() + usize::from(!empty);
        if needed > width && !empty {
            out.push_str(line.trim_end());
            out.push('\n');
            line = others.to_owned();
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    out.push_str(line.trim_end());
    out.push('\n');
    out
}

/// One object; the lines are a list in it.
pub fn check_json(check: &Check) -> String {
    let lines: Vec<Value> = check.rows.iter().map(row).collect();
    let mut value = json!({
        "schema_version": 1,
        "tool": concat!("tailback ", env!("CARGO_PKG_VERSION")),
        "verb": "check",
        "scenario": { "title": check.title, "path": check.path, "sha256": check.sha256 },
        "reading": check.reading,
        "lines": lines,
        "notes": check.notes,
    });
    if let (Some((seed, runs)), Some(fields)) = (check.simulated, value.as_object_mut()) {
        fields.insert("seed".into(), seed.into());
        fields.insert("runs".into(), runs.into());
    }
    format!("{value:#}\n")
}

fn row(row: &Beside) -> Value {
    let line = &row.line;
    let mut value = json!({
        "component": line.component,
        "law": line.law,
        "name": line.name,
        "formula": line.formula,
        "arithmetic": line.arithmetic,
        "value": line.value.map_or(Value::Null, number),
        "unit": line.unit.word(),
        "result": line.result,
        "caveat": line.caveat,
    });
    if let (Some(seen), Some(fields)) = (&row.simulated, value.as_object_mut()) {
        let simulated = json!({
            "value": seen.value.map_or(Value::Null, number),
            "ci95": seen.ci95.map_or(Value::Null, |(low, high)| json!([number(low), number(high)])),
            "departure": seen.departure.map_or(Value::Null, number),
            "why": seen.why,
        });
        fields.insert("simulated".into(), simulated);
    }
    value
}

/// A table for a design document.
pub fn check_markdown(check: &Check) -> String {
    let mut out = format!("# {}\n\n", super::markdown::escaped(&check.title));
    for sentence in &check.reading {
        out.push_str(&format!("{}\n\n", super::markdown::escaped(sentence)));
    }
    out.push_str(&super::markdown::section(&table(check)));
    for note in &check.notes {
        out.push_str(&format!("> {}\n\n", super::markdown::escaped(note)));
    }
    out
}

fn table(check: &Check) -> Table {
    let with = check.simulated.is_some();
    let cells = |row: &Beside| {
        let line = &row.line;
        let sum = sum(line);
        let mut cells = vec![line.component.clone(), line.name.clone(), line.result.clone(), sum, line.caveat.clone()];
        if with {
            let seen = row.simulated.as_ref();
            let off = seen.and_then(|seen| seen.departure).map_or(String::new(), |off| format!(" ({})", signed(off)));
            cells.insert(3, seen.map_or(String::new(), |seen| format!("{}{off}", seen.text)));
            cells.push(seen.and_then(|seen| seen.why.clone()).unwrap_or_default());
        }
        cells
    };
    let mut header = vec!["", "estimate", "result", "arithmetic", "limits"];
    if with {
        header.insert(3, "simulated");
        header.push("why they differ");
    }
    Table {
        title: "Back of the envelope",
        header,
        figures: if with { vec![2, 3] } else { vec![2] },
        rows: check.rows.iter().map(cells).collect(),
        below: vec![],
    }
}

/// A row for each line.
///
/// # Panics
/// Never: writing to memory does not fail.
pub fn check_csv(check: &Check) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(vec![]);
    let header =
        ["component", "law", "value", "unit", "simulated", "ci95_low", "ci95_high", "name", "formula", "arithmetic"];
    out.write_record(header).expect("memory");
    let text = |value: Option<f64>| value.filter(|value| value.is_finite()).map_or(String::new(), |v| v.to_string());
    for row in &check.rows {
        let (line, seen) = (&row.line, row.simulated.as_ref());
        let ci95 = seen.and_then(|seen| seen.ci95);
        out.write_record([
            line.component.as_str(),
            line.law,
            &text(line.value),
            line.unit.word(),
            &text(seen.and_then(|seen| seen.value)),
            &text(ci95.map(|ci95| ci95.0)),
            &text(ci95.map(|ci95| ci95.1)),
            &line.name,
            line.formula,
            &line.arithmetic,
        ])
        .expect("memory");
    }
    out.into_inner().expect("memory")
}
