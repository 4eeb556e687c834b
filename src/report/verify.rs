//! Two weights side by side, for the terminal.

use crate::study::{Deviation, Findings};
use crate::units::{grouped, significant};

/// A table of the figures with two weights, one line each.
pub fn verify_text(here: &Findings, there: &Findings, deviations: &[Deviation]) -> String {
    let weight = |findings: &Findings| match findings.engine.weight {
        0 | 1 => "exact".to_string(),
        weight => format!("weight {}", grouped(weight.into(), 0)),
    };
    let header = ["", "", &weight(here), &weight(there), "difference", "of one run's sd"].map(str::to_owned);
    let mut rows = vec![header];
    let mut last = "";
    for one in deviations {
        let component = if one.component == last { String::new() } else { one.component.clone() };
        last = &one.component;
        let share = if one.here == 0.0 { "–".into() } else { signed(one.share() * 100.0) };
        let spread = one.deviations.map_or_else(String::new, |times| significant(times, 2));
        rows.push([component, one.figure.clone(), value(one.here), value(one.there), share, spread]);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..6).map(width).collect();
    let line = |row: &[String; 6]| {
        let cells = row.iter().enumerate().map(|(i, cell)| match i {
            0 | 1 => format!("{cell:<width$}", width = widths[i]),
            _ => format!("{cell:>width$}", width = widths[i]),
        });
        format!(" {}\n", cells.collect::<Vec<String>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

fn value(value: f64) -> String {
    if value.abs() >= 1e4 { grouped(value.round(), 0) } else { significant(value, 4) }
}

fn signed(percent: f64) -> String {
    format!("{}{:.2} %", if percent < 0.0 { "−" } else { "+" }, percent.abs())
}
