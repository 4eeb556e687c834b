//! `report.md`: a paragraph, charts and tables to paste into a design document.

use super::chart::Chart;
use super::figures::{count, duration, runs};
use super::table::{self, Table};
use super::{parts, verdict, workflows};
use crate::study::Findings;

/// The report as Markdown; charts are linked relative to the output folder.
pub fn markdown(findings: &Findings) -> String {
    written(findings, &super::chart::charts(findings))
}

pub(super) fn written(findings: &Findings, charts: &[Chart]) -> String {
    let mut out = format!("# {}\n\n", escaped(&findings.title));
    for paragraph in paragraphs(findings) {
        out.push_str(&escaped(&paragraph));
        out.push_str("\n\n");
    }
    if !findings.notes.is_empty() {
        for note in &findings.notes {
            out.push_str(&format!("> {}\n>\n", escaped(note)));
        }
        out.truncate(out.len() - 2);
        out.push('\n');
    }
    for table in table::all(findings) {
        out.push_str(&section(&table));
    }
    if !charts.is_empty() {
        out.push_str("## Charts\n\n");
        for chart in charts {
            out.push_str(&format!("![{}](<charts/{}.svg>)\n\n", escaped(&chart.title), chart.name));
        }
    }
    let assumptions = table::assumptions(findings);
    if !assumptions.rows.is_empty() {
        out.push_str(&section(&assumptions));
    }
    out.push_str(&format!("{}\n", escaped(&source(findings))));
    out
}

/// What happened, in sentences: how it was run, then each queue.
pub(super) fn paragraphs(findings: &Findings) -> Vec<String> {
    // That one run has no interval stands among the notes.
    let interval = match findings.runs {
        1 => "",
        _ => " Figures are means over the runs, ± the 95 % confidence interval of the mean.",
    };
    let how = match findings.engine.weight {
        0 | 1 => "message by message".into(),
        weight => format!("with each simulated message standing for {}", count(weight.into())),
    };
    let mut out = vec![format!(
        "Simulated {} of {} {how} ({} messages in all, seed {}).{interval}",
        runs(findings.runs),
        duration(findings.duration_s),
        count(findings.messages as f64),
        findings.seed,
    )];
    let queues = table::seen_queues(findings).filter(|part| part.kind.is_worked_off());
    out.extend(
        queues
            .flat_map(|part| [table::sentence(part, findings), verdict::sentence(part), parts::sentence(part)])
            .flatten(),
    );
    out.extend(workflows::workflows(findings).filter_map(workflows::sentence));
    let failing = findings.slo.iter().filter(|slo| !slo.holds).count();
    out.push(match (findings.slo.len(), failing) {
        (0, _) => return out,
        (1, 0) => "The service level holds.".into(),
        (all, 0) => format!("All {all} service levels hold."),
        (all, failing) => format!("{failing} of {all} service levels {}.", if failing == 1 { "fails" } else { "fail" }),
    });
    out
}

/// Where the figures come from, so that they can be had again.
pub(super) fn source(findings: &Findings) -> String {
    format!(
        "Made by tailback {} from {} (SHA-256 {}), seed {}, {}.",
        env!("CARGO_PKG_VERSION"),
        findings.path,
        findings.sha256,
        findings.seed,
        runs(findings.runs),
    )
}

pub(super) fn section(table: &Table) -> String {
    let mut out = format!("## {}\n\n", table.title);
    let row = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    out.push_str(&row(&table.header.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>()));
    let rules = (0..table.header.len()).map(|column| if table.figures.contains(&column) { "---:" } else { "---" });
    out.push_str(&row(&rules.map(str::to_owned).collect::<Vec<_>>()));
    for cells in &table.rows {
        out.push_str(&row(&cells.iter().map(|cell| escaped(cell)).collect::<Vec<_>>()));
    }
    out.push('\n');
    for sentence in &table.below {
        out.push_str(&format!("{}\n\n", escaped(sentence)));
    }
    out
}

/// Names and titles come from the user: nothing in them is markup.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '|' | '*' | '_' | '`' | '[' | ']' | '<' | '>' | '\\' | '#' => out.extend(['\\', character]),
            '\n' | '\r' => out.push(' '),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn reads_as_a_document() {
        let text = markdown(&fixture::flash_sale());
        for part in [
            "# Flash sale on checkout\n",
            "![orders: backlog over time](<charts/orders-backlog.svg>)",
            "From spike of checkout it recovered 14m 32s ± 4 s after its end; lost on the way",
            "1,190 dead-lettered, 0 expired, 0 dropped, 0 rejected, 31 duplicates",
            "2 of 4 service levels fail.",
            "| consumer.order-worker.replicas | 20 | --set |",
            "| queue.orders.hold | 30s | default |",
            "| producer.checkout.rate | 800/s | scenarios/flash-sale.toml:12 |",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        let (charts, assumptions) = (text.find("## Charts").unwrap(), text.find("## Assumptions").unwrap());
        assert!(charts < assumptions);
    }

    #[test]
    fn a_group_names_its_hottest_partition() {
        let text = markdown(&fixture::hot_partition());
        for part in [
            "clicks/indexer: partition 3 is the deepest of 4",
            "it then holds 71 % of the lag and gets 71 % of all messages",
            "Its busiest key is celebrity with 58 % of the messages",
            "## Partitions, whole run",
            "| clicks/indexer | 3 | ",
            "| clicks/indexer | celebrity | 58 % | ",
            "(<charts/clicks_indexer-partitions.svg>)",
            "| out of order |",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        assert!(!text.contains("deduplicated") && !markdown(&fixture::flash_sale()).contains("out of order"));
    }

    #[test]
    fn every_row_has_as_many_cells_as_its_header() {
        let text = markdown(&fixture::fan_out());
        let blocks = text.split("\n\n").filter(|block| block.starts_with('|'));
        for block in blocks {
            let widths: Vec<_> = block.lines().map(|line| line.matches(" | ").count()).collect();
            assert!(widths.iter().all(|width| *width == widths[0]), "{block}");
        }
    }

    #[test]
    fn markup_in_names_is_text() {
        assert_eq!(escaped("a|b *c* <d>"), "a\\|b \\*c\\* \\<d\\>");
    }
}
