//! The tables of a sensitivity study, and its CSV.

use crate::report::compare::{cell, certainty, over_runs};
use crate::report::figures::{NOTHING, Quantity};
use crate::report::sheet::Sheet;
use crate::study::{Bar, EndFindings, Paired, Sensitivity, Tornado};

/// What the figure is as the file has it.
pub(super) fn base(one: &Tornado) -> String {
    let value = over_runs(Quantity::of_figure(&one.figure), one.figure.pooled, &one.base);
    format!("as the file has it: {value}")
}

/// The knobs that have an effect, the strongest first, `most` of them; below it those that have none.
pub(super) fn bars(one: &Tornado, most: usize) -> Sheet {
    let (idle, moving): (Vec<&Bar>, Vec<&Bar>) = one.bars.iter().partition(|bar| bar.has_no_effect());
    let quantity = Quantity::of_figure(&one.figure);
    let row = |bar: &&Bar| {
        let end = |end: &Result<EndFindings, String>| match end {
            Ok(end) => effect(quantity, end),
            Err(_) => NOTHING.into(),
        };
        vec![bar.path.clone(), bar.text.clone(), end(&bar.ends[0]), end(&bar.ends[1])]
    };
    let mut below = vec![];
    if moving.len() > most {
        below.push(format!("{} more with shorter bars stand in the report", moving.len() - most));
    }
    let refused = moving.iter().take(most).flat_map(|bar| {
        let named = bar.ends.iter().zip(["smaller", "larger"]);
        named.filter_map(|(end, name)| Some(format!("{} cannot be {name}: {}", bar.path, end.as_ref().err()?)))
    });
    below.extend(refused);
    let ruled = one.bars.iter().filter_map(|bar| Some((bar, bar.ruled.as_ref()?)));
    below.extend(ruled.map(|(bar, ruled)| format!("{} decides over {}: {}", ruled.by, bar.path, ruled.why)));
    if moving.is_empty() {
        below.push("none of the numbers that were moved has any effect on it, in any run".into());
    } else if !idle.is_empty() {
        let names: Vec<&str> = idle.iter().map(|bar| bar.path.as_str()).collect();
        below.push(format!("no effect in any run: {}", names.join(", ")));
    }
    Sheet {
        title: format!("What moves {}", one.figure.expression),
        header: ["number", "is", "smaller", "larger"].map(String::from).to_vec(),
        words: vec![],
        rows: moving.iter().take(most).map(row).collect(),
        below,
    }
}

/// `16: +3m 12s ± 4 s, never in 3 of 20 runs`.
fn effect(quantity: Quantity, end: &EndFindings) -> String {
    let presence = &end.difference.presence;
    let runs = presence.runs();
    let without = runs - presence.second();
    let never = match without {
        0 => String::new(),
        n if n == runs => return format!("{}: never", end.text),
        n => format!(", never in {n} of {runs} runs"),
    };
    let Some(paired) = &end.difference.paired else {
        return format!("{}: a value in {} of {runs} runs, where the file has none", end.text, presence.second());
    };
    format!("{}: {}{never}", end.text, signed(quantity, paired.difference.mean, paired.difference.ci95))
}

/// `+3m 12s ± 4 s`.
fn signed(quantity: Quantity, mean: f64, ci95: Option<(f64, f64)>) -> String {
    let sign = if mean > 0.0 { "+" } else { "" };
    match ci95.map(|(low, high)| (high - low) / 2.0) {
        // A mean that chance outweighs has no digits for its interval to be written in.
        Some(half) if half > mean.abs() => format!("{sign}{} ± {}", quantity.text(mean), quantity.text(half)),
        _ => format!("{sign}{}", quantity.interval(mean, ci95)),
    }
}

/// Numbers of the file that were not moved, and why.
pub(super) fn left_out(found: &Sensitivity) -> Sheet {
    Sheet {
        title: "Not moved".into(),
        header: ["number", "is", "why"].map(String::from).to_vec(),
        words: vec![1, 2],
        rows: found.left_out.iter().map(|one| vec![one.path.clone(), one.text.clone(), one.why.clone()]).collect(),
        below: vec![],
    }
}

const COLUMNS: [&str; 16] = [
    "figure",
    "rank",
    "path",
    "is",
    "end",
    "to",
    "change",
    "value",
    "never",
    "runs",
    "difference",
    "difference_low",
    "difference_high",
    "relative",
    "certainty",
    "not_moved",
];

/// A row a figure, number and end, the numbers of each figure by their rank; then the numbers that were left out.
pub(super) fn csv(found: &Sensitivity) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // A writer over memory has nothing that could fail.
    writer.write_record(COLUMNS).expect("memory takes every row");
    for one in &found.tornados {
        for (rank, bar) in one.bars.iter().enumerate() {
            for (end, name) in bar.ends.iter().zip(["smaller", "larger"]) {
                let mut row = vec![one.figure.expression.clone(), (rank + 1).to_string(), bar.path.clone()];
                row.extend([bar.text.clone(), name.to_string()]);
                row.extend(cells(end));
                writer.write_record(row).expect("memory takes every row");
            }
        }
    }
    for one in &found.left_out {
        let mut row = vec![String::new(); COLUMNS.len()];
        (row[2], row[3], row[15]) = (one.path.clone(), one.text.clone(), one.why.clone());
        writer.write_record(row).expect("memory takes every row");
    }
    writer.into_inner().expect("memory takes every row")
}

/// From `to` on.
fn cells(end: &Result<EndFindings, String>) -> Vec<String> {
    let end = match end {
        Ok(end) => end,
        Err(why) => return vec![String::new(); 10].into_iter().chain([why.clone()]).collect(),
    };
    let paired = end.difference.paired.as_ref();
    let interval = paired.and_then(|paired| paired.difference.ci95);
    vec![
        end.text.clone(),
        cell(end.change),
        cell(end.value.value),
        end.value.never.to_string(),
        paired.map_or_else(String::new, |paired| paired.runs.to_string()),
        cell(paired.map(|paired| paired.difference.mean)),
        cell(interval.map(|interval| interval.0)),
        cell(interval.map(|interval| interval.1)),
        cell(paired.and_then(Paired::relative)),
        paired.map_or_else(String::new, |paired| certainty(paired.certainty()).into()),
        String::new(),
    ]
}
