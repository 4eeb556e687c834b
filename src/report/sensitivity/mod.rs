//! What `tailback sensitivity` found: text, JSON, CSV, Markdown and a tornado for each figure.

mod json;
mod tables;

use super::chart::{Chart, tornado};
use super::figures::runs;
use super::markdown::escaped;
use super::sheet::paragraph;
use super::{File, Head};
use crate::study::Sensitivity;

/// Rows of a figure on the terminal; the files have all.
const MOST_ROWS: usize = 12;

/// `sensitivity.json`, `sensitivity.csv`, `report.md` and the charts.
pub fn sensitivity_files(head: &Head, found: &Sensitivity) -> Vec<File> {
    let charts = charts(head, found);
    let file = |path: &str, bytes| File { path: path.into(), bytes };
    let mut files = vec![
        file("sensitivity.json", sensitivity_json(head, found).into_bytes()),
        file("sensitivity.csv", sensitivity_csv(found)),
        file("report.md", written(head, found, &charts).into_bytes()),
    ];
    files.extend(charts.iter().flat_map(Chart::files));
    files
}

/// `sensitivity.json`, indented, with a final newline.
pub fn sensitivity_json(head: &Head, found: &Sensitivity) -> String {
    format!("{:#}\n", json::value(head, found))
}

/// `sensitivity.csv`: a row a figure and end of a knob.
pub fn sensitivity_csv(found: &Sensitivity) -> Vec<u8> {
    tables::csv(found)
}

/// `report.md`.
pub fn sensitivity_markdown(head: &Head, found: &Sensitivity) -> String {
    written(head, found, &charts(head, found))
}

/// For a terminal of `width` columns, with ANSI colours where `color` says so.
pub fn sensitivity_text(head: &Head, found: &Sensitivity, width: usize, color: bool) -> String {
    let width = width.max(60);
    let bold = |text: &str| if color { format!("\u{1b}[1m{text}\u{1b}[0m\n") } else { format!("{text}\n") };
    let mut out = bold(&head.title);
    out.push_str(&paragraph(&heading(head, found), width));
    for one in &found.tornados {
        out.push('\n');
        out.push_str(&bold(&format!("What moves {}", one.figure.expression)));
        out.push_str(&paragraph(&tables::base(one), width));
        let sheet = tables::bars(one, MOST_ROWS);
        if !sheet.rows.is_empty() {
            out.push_str(&sheet.text(width, color));
        }
        for line in &sheet.below {
            out.push_str(&paragraph(line, width));
        }
    }
    let left_out = tables::left_out(found);
    if !left_out.rows.is_empty() {
        out.push_str(&format!("\nNot moved: {}\n", left_out.rows.len()));
        out.push_str(&left_out.text(width, color));
    }
    for note in &found.notes {
        out.push_str(&paragraph(&format!("note: {note}"), width));
    }
    out
}

fn charts(head: &Head, found: &Sensitivity) -> Vec<Chart> {
    let subtitle = format!("{} · {} a bar · the same random numbers · seed {}", head.title, runs(head.runs), head.seed);
    found.tornados.iter().filter_map(|one| tornado::chart(one, &subtitle)).collect()
}

fn heading(head: &Head, found: &Sensitivity) -> String {
    let numbers = found.tornados.first().map_or(0, |one| one.bars.len());
    format!(
        "{numbers} numbers moved one at a time, {} of each, seed {}, under the same random numbers; a difference is taken \
         run by run",
        runs(head.runs),
        head.seed
    )
}

fn written(head: &Head, found: &Sensitivity, charts: &[Chart]) -> String {
    let mut out =
        format!("# {}: which number matters most\n\n{}.\n\n", escaped(&head.title), escaped(&heading(head, found)));
    for note in &found.notes {
        out.push_str(&format!("> {}\n\n", escaped(note)));
    }
    for chart in charts {
        out.push_str(&format!("![{}](<charts/{}.svg>)\n\n", escaped(&chart.title), chart.name));
    }
    for one in &found.tornados {
        let sheet = tables::bars(one, usize::MAX);
        if sheet.rows.is_empty() {
            out.push_str(&format!("## {}\n\n", escaped(&sheet.title)));
            out.extend(sheet.below.iter().map(|line| format!("{}\n\n", escaped(line))));
        } else {
            out.push_str(&sheet.markdown());
        }
        out.push_str(&format!("{}\n\n", escaped(&tables::base(one))));
    }
    let left_out = tables::left_out(found);
    if !left_out.rows.is_empty() {
        out.push_str(&left_out.markdown());
    }
    out.push_str(&format!(
        "Made by tailback {} from {} (SHA-256 {}), seed {}, {} of each point.\n",
        env!("CARGO_PKG_VERSION"),
        escaped(&head.path),
        head.sha256,
        head.seed,
        runs(head.runs),
    ));
    out
}
