//! `report.html`: one file with charts and tables, which needs nothing from anywhere else.

use minijinja::{AutoEscape, Environment, Value, context};

use super::chart::Chart;
use super::markdown::{paragraphs, source};
use super::table::{self, Table};
use crate::study::Findings;

const TEMPLATE: &str = include_str!("page.html");

pub(super) fn html(findings: &Findings, charts: &[Chart]) -> String {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let charts = charts.iter().map(|chart| context! { svg => Value::from_safe_string(inline(chart)) });
    let assumptions = table::assumptions(findings);
    let page = context! {
        title => findings.title.as_str(),
        paragraphs => paragraphs(findings),
        notes => findings.notes.clone(),
        tables => table::all(findings).iter().map(shown).collect::<Vec<_>>(),
        charts => charts.collect::<Vec<_>>(),
        assumptions => shown(&assumptions),
        source => source(findings),
    };
    // The template is a constant that the tests render, over values of fixed shape.
    environment.render_str(TEMPLATE, page).expect("the page's template is sound")
}

fn shown(table: &Table) -> Value {
    let cell = |(column, text): (usize, &String)| {
        let class = match text.chars().next() {
            Some('✓') => "holds",
            Some('✗') => "fails",
            _ if table.figures.contains(&column) => "figure",
            _ => "",
        };
        context! { text, class }
    };
    let heads = table.header.iter().enumerate().map(|(column, text)| {
        context! { text => *text, class => if table.figures.contains(&column) { "figure" } else { "" } }
    });
    context! {
        title => table.title,
        below => table.below.clone(),
        header => heads.collect::<Vec<_>>(),
        rows => table.rows.iter().map(|row| row.iter().enumerate().map(cell).collect::<Vec<_>>()).collect::<Vec<_>>(),
    }
}

/// The SVG as an element of the page: without the namespace, which HTML implies, and with a name for screen readers.
fn inline(chart: &Chart) -> String {
    let name: String = chart
        .title
        .chars()
        .map(|character| match character {
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '&' => "&amp;".to_owned(),
            '"' => "&quot;".to_owned(),
            other => other.to_string(),
        })
        .collect();
    let svg = chart.svg().replacen(" xmlns=\"http://www.w3.org/2000/svg\"", "", 1);
    svg.replacen("<svg ", &format!("<svg role=\"img\" aria-label=\"{name}\" "), 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::charts;
    use crate::report::fixture;

    fn page(findings: &Findings) -> String {
        html(findings, &charts(findings))
    }

    #[test]
    fn stands_alone() {
        let text = page(&fixture::flash_sale());
        for load in ["http://", "https://", "src=", "@import", "url(", "<script", "<link"] {
            assert!(!text.contains(load), "{load}");
        }
        assert!(text.matches("<svg ").count() == charts(&fixture::flash_sale()).len());
        assert!(text.contains("14m 32s ± 4 s") && text.contains("prefers-color-scheme: dark"));
        assert!(text.contains("queue.orders.hold"));
        assert!(!text.contains("NaN"));
    }

    #[test]
    fn markup_in_names_is_text() {
        let mut findings = fixture::flash_sale();
        findings.title = "<script>alert(1)</script>".into();
        findings.components[0].name = "a\"><b>".into();
        let text = page(&findings);
        assert!(!text.contains("<script>") && !text.contains("<b>"));
    }
}
