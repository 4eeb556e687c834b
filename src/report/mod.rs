//! Findings made visible, as bytes: JSON, CSV, tables, Markdown, a page, charts.
//!
//! Architecture invariant: this room runs nothing and writes nothing. The same findings give the same bytes.

mod chart;
mod csv;
mod figures;
#[cfg(test)]
mod fixture;
mod json;
mod table;
mod terminal;

pub use csv::csv;
pub use json::summary_json;
pub use terminal::terminal;

use crate::study::{Findings, Origin};

/// A file of the report, to be written by the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Relative to the output folder of the scenario, with `/` between folders: `charts/orders-backlog.svg`.
    pub path: String,
    pub bytes: Vec<u8>,
}

/// Every file of the report: `summary.json` and `timeseries.csv`.
pub fn render(findings: &Findings) -> Vec<File> {
    let file = |path: &str, bytes| File { path: path.into(), bytes };
    vec![file("summary.json", summary_json(findings).into_bytes()), file("timeseries.csv", csv(findings))]
}

/// Where an assumption comes from: `scenarios/flash-sale.toml:12`, `--set`, `default`.
fn origin(origin: &Origin, findings: &Findings) -> String {
    match origin {
        Origin::File { line } => format!("{}:{line}", findings.path),
        Origin::Argument => "--set".into(),
        Origin::Default => "default".into(),
    }
}
