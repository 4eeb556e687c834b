//! Findings made visible, as bytes: JSON, CSV, tables, Markdown, a page, charts.
//!
//! Architecture invariant: this room runs nothing and writes nothing. The same findings give the same bytes.

mod chart;
mod check;
pub mod cliff;
mod compare;
mod cost;
mod csv;
mod dependencies;
mod engine;
mod eta;
mod figures;
#[cfg(test)]
mod fixture;
mod head;
mod html;
mod json;
mod lint;
mod markdown;
mod parts;
pub mod plan;
mod rows;
mod scaling;
mod sensitivity;
mod sheet;
mod sweep;
mod table;
mod terminal;
mod uncertain;
mod verdict;
mod verify;
mod workflows;

pub use check::{Check, check_csv, check_json, check_markdown, check_terminal};
pub use compare::{compare_csv, compare_files, compare_json, compare_markdown, compare_text};
pub use csv::csv;
pub use eta::{eta_csv, eta_files, eta_json, eta_markdown, eta_text};
pub use head::Head;
pub use json::summary_json;
pub use lint::{Linted, lint_json, lint_markdown, lint_text};
pub use markdown::markdown;
pub use sensitivity::{sensitivity_csv, sensitivity_files, sensitivity_json, sensitivity_markdown, sensitivity_text};
pub use sweep::{sweep, sweep_csv, sweep_json, sweep_markdown, sweep_text};
pub use terminal::{bare_grid, terminal};
pub use verify::verify_text;

use crate::study::{Findings, Origin};

/// A file of the report, to be written by the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Relative to the output folder of the scenario, with `/` between folders: `charts/orders-backlog.svg`.
    pub path: String,
    pub bytes: Vec<u8>,
}

/// Every file of the report: `summary.json`, `timeseries.csv`, `report.html`, `report.md` and the charts, each as SVG
/// and PNG.
pub fn render(findings: &Findings) -> Vec<File> {
    let charts = chart::charts(findings);
    let file = |path: &str, bytes| File { path: path.into(), bytes };
    let mut files = vec![
        file("summary.json", summary_json(findings).into_bytes()),
        file("timeseries.csv", csv(findings)),
        file("report.html", html::html(findings, &charts).into_bytes()),
        file("report.md", markdown::written(findings, &charts).into_bytes()),
    ];
    for chart in &charts {
        files.extend(chart.files());
    }
    files
}

/// Where an assumption comes from: `scenarios/flash-sale.toml:12`, `--set`, `default`.
fn origin(origin: &Origin, findings: &Findings) -> String {
    match origin {
        Origin::File { line } => format!("{}:{line}", findings.path),
        Origin::Argument => "--set".into(),
        Origin::Preset { broker, source, grade } => format!("preset {broker} ({}, {source})", grade.word()),
        Origin::Default => "default".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_findings_give_the_same_bytes() {
        let files = render(&fixture::flash_sale());
        assert!(files == render(&fixture::flash_sale()));
        let paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths[..4], ["summary.json", "timeseries.csv", "report.html", "report.md"]);
        assert!(paths.contains(&"charts/orders-backlog.svg") && paths.contains(&"charts/orders-backlog.png"));
    }

    #[test]
    fn what_is_not_a_number_leaks_nowhere() {
        let mut findings = fixture::flash_sale();
        for (_, stat) in &mut findings.components[0].totals {
            (stat.mean, stat.p50, stat.ci95) = (f64::NAN, f64::INFINITY, Some((f64::NAN, f64::NAN)));
        }
        for file in render(&findings).iter().filter(|file| !file.path.ends_with(".png")) {
            let text = String::from_utf8_lossy(&file.bytes);
            for word in ["NaN", "inf,", "inf\n", "Infinity"] {
                assert!(!text.contains(word), "{word} in {}", file.path);
            }
        }
        assert!(!terminal(&findings, 100, false).contains("NaN"));
    }

    /// Writes the whole report for people to look at, into the folder that `TAILBACK_REPORT` names.
    #[test]
    fn report_to_look_at() {
        let Ok(folder) = std::env::var("TAILBACK_REPORT") else { return };
        std::fs::create_dir_all(format!("{folder}/charts")).unwrap();
        let summary = [fixture::flash_sale(), fixture::fan_out(), fixture::single_run(), fixture::hot_partition()]
            .map(|f| terminal(&f, 100, true));
        std::fs::write(format!("{folder}/terminal.txt"), summary.concat()).unwrap();
        for file in render(&fixture::hot_partition()) {
            std::fs::write(format!("{folder}/{}", file.path), file.bytes).unwrap();
        }
    }
}
