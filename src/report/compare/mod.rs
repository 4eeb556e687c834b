//! What `tailback compare` found: text, JSON, CSV, Markdown and overlaid charts.

mod json;
mod sentence;
mod tables;

pub(super) use json::{of_difference, value_over_runs};
use sentence::sentence;
pub(super) use tables::{cell, certainty, over_runs};

use super::chart::{Chart, overlay};
use super::figures::{count, duration, runs};
use super::markdown::escaped;
use super::sheet::paragraph;
use super::{File, Head};
use crate::study::{Certainty, Comparison, Difference, FigureCompared};

/// `compare.json`, `compare.csv`, `report.md` and the charts.
pub fn compare_files(head: &Head, comparison: &Comparison) -> Vec<File> {
    let charts = overlay::charts(comparison);
    let file = |path: &str, bytes| File { path: path.into(), bytes };
    let mut files = vec![
        file("compare.json", compare_json(head, comparison).into_bytes()),
        file("compare.csv", compare_csv(comparison)),
        file("report.md", written(head, comparison, &charts).into_bytes()),
    ];
    files.extend(charts.iter().flat_map(Chart::files));
    files
}

/// `compare.json`, indented, with a final newline.
pub fn compare_json(head: &Head, comparison: &Comparison) -> String {
    format!("{:#}\n", json::value(head, comparison))
}

/// `compare.csv`: a row a figure and variant.
pub fn compare_csv(comparison: &Comparison) -> Vec<u8> {
    tables::csv(comparison)
}

/// `report.md`.
pub fn compare_markdown(head: &Head, comparison: &Comparison) -> String {
    written(head, comparison, &overlay::charts(comparison))
}

/// For a terminal of `width` columns, with ANSI colours where `color` says so.
pub fn compare_text(head: &Head, comparison: &Comparison, width: usize, color: bool) -> String {
    let width = width.max(60);
    let bold = |text: &str| if color { format!("\u{1b}[1m{text}\u{1b}[0m\n") } else { format!("{text}\n") };
    let mut out = bold(&head.title);
    out.push_str(&paragraph(&heading(comparison), width));
    out.push('\n');
    out.push_str(&tables::variants(comparison).text(width, color));
    for index in 1..comparison.variants.len() {
        out.push('\n');
        out.push_str(&bold(&format!("{} against {}", comparison.variants[index].name, comparison.variants[0].name)));
        for line in lines(comparison, index) {
            out.push_str(&paragraph(&line, width));
        }
    }
    for sheet in [tables::slos(comparison), tables::figures(comparison, true)] {
        if !sheet.rows.is_empty() {
            out.push('\n');
            out.push_str(&sheet.text(width, color));
        }
    }
    let closing = gain(comparison).into_iter().chain(comparison.notes.iter().map(|note| format!("note: {note}")));
    for (index, line) in closing.enumerate() {
        if index == 0 {
            out.push('\n');
        }
        out.push_str(&paragraph(&line, width));
    }
    out
}

fn written(head: &Head, comparison: &Comparison, charts: &[Chart]) -> String {
    let mut out = format!("# {}: compared\n\n{}\n\n", escaped(&head.title), escaped(&heading(comparison)));
    for note in &comparison.notes {
        out.push_str(&format!("> {}\n\n", escaped(note)));
    }
    out.push_str(&tables::variants(comparison).markdown());
    for index in 1..comparison.variants.len() {
        let (variant, first) = (&comparison.variants[index].name, &comparison.variants[0].name);
        out.push_str(&format!("## {} against {}\n\n", escaped(variant), escaped(first)));
        for line in lines(comparison, index) {
            out.push_str(&format!("- {}\n", escaped(&line)));
        }
        out.push('\n');
    }
    for sheet in [tables::slos(comparison), tables::figures(comparison, false)] {
        if !sheet.rows.is_empty() {
            out.push_str(&sheet.markdown());
        }
    }
    for index in 1..comparison.variants.len() {
        out.push_str(&tables::differences(comparison, index).markdown());
    }
    if !charts.is_empty() {
        out.push_str("## Charts\n\n");
        for chart in charts {
            out.push_str(&format!("![{}](<charts/{}.svg>)\n\n", escaped(&chart.title), chart.name));
        }
    }
    out.push_str(&format!(
        "Made by tailback {} from {} (SHA-256 {}), seed {}, {} of each variant.\n",
        env!("CARGO_PKG_VERSION"),
        escaped(&head.path),
        head.sha256,
        comparison.seed,
        runs(comparison.runs),
    ));
    out
}

fn heading(comparison: &Comparison) -> String {
    let messages: u64 = comparison.variants.iter().map(|variant| variant.findings.messages).sum();
    let lasts = comparison.variants.first().map_or(0.0, |first| first.findings.duration_s);
    let interval = if comparison.runs > 1 {
        "; differences are taken run by run, ± and intervals are of 95 % confidence"
    } else {
        ""
    };
    format!(
        "{} variants under the same random numbers, {} of {} each, seed {}, {} messages simulated{interval}",
        comparison.variants.len(),
        runs(comparison.runs),
        duration(lasts),
        comparison.seed,
        count(messages as f64),
    )
}

/// A sentence for each figure that clearly differs, then what does not.
fn lines(comparison: &Comparison, index: usize) -> Vec<String> {
    let first = &comparison.variants[0].name;
    let (mut told, mut unclear, mut same) = (vec![], vec![], 0);
    for compared in comparison.figures.iter().filter(|compared| compared.is_seen()) {
        let Some(difference) = &compared.differences[index - 1] else { continue };
        match kind(difference) {
            Some(Certainty::Same) => same += 1,
            Some(Certainty::Unclear) => unclear.push(compared.figure.expression.clone()),
            _ => told.push(sentence(&compared.figure, difference, first)),
        }
    }
    if !unclear.is_empty() {
        told.push(format!("no difference that chance could not make: {}", unclear.join(", ")));
    }
    if same > 0 {
        let figures = if same == 1 { "figure is" } else { "figures are" };
        told.push(format!("{same} {figures} the same in every run"));
    }
    let only = only(comparison, index);
    told.extend((!only.is_empty()).then(|| format!("not in both: {}", only.join(", "))));
    told
}

/// `None` where runs without a value have to be counted first.
fn kind(difference: &Difference) -> Option<Certainty> {
    if difference.presence.both < difference.presence.runs() {
        return None;
    }
    difference.paired.as_ref().map(crate::study::Paired::certainty)
}

/// Components that the first variant has and the other has not, or the other way round.
fn only(comparison: &Comparison, index: usize) -> Vec<String> {
    let (first, other) = (&comparison.variants[0], &comparison.variants[index]);
    let alone = |here: &crate::study::VariantFindings, there: &crate::study::VariantFindings| -> Vec<String> {
        let parts = here.findings.components.iter().filter(|part| there.findings.component(&part.name).is_none());
        parts.map(|part| format!("{} ({} only)", part.name, here.name)).collect()
    };
    [alone(first, other), alone(other, first)].concat()
}

/// What the common random numbers were worth, for the figures of which it can be said.
fn gain(comparison: &Comparison) -> Option<String> {
    let of = |compared: &FigureCompared| {
        let paired = compared.differences.iter().flatten().find_map(|difference| difference.paired.as_ref())?;
        Some((compared.figure.expression.clone(), paired.variance_reduction?))
    };
    let all: Vec<(String, f64)> = comparison.figures.iter().filter_map(of).collect();
    let (name, ratio) = all.first()?;
    let mut ratios: Vec<f64> = all.iter().map(|(_, ratio)| *ratio).collect();
    ratios.sort_by(f64::total_cmp);
    let middle = ratios[ratios.len() / 2];
    let many = |ratio: f64| match ratio {
        // With few runs the ratio itself is rough.
        r if r < 1.5 => "about as many runs".to_string(),
        r => format!("{} times as many runs", tables::ratio(r)),
    };
    let others = match ratios.len() {
        1 => String::new(),
        count => format!(", and {} for the middle one of {count} figures", many(middle)),
    };
    Some(format!(
        "common random numbers: for intervals as narrow, independent ones would take {} for {name}{others}",
        many(*ratio)
    ))
}
