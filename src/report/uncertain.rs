//! What is not known against what is random, and how precisely the means are known.

use serde_json::{Map, Value, json};

use super::figures::{NOTHING, Quantity};
use super::json::{number, optional};
use super::table::Table;
use crate::study::{Figure, FigureUnit, Findings, InputFindings, SpreadFindings, UncertaintyFindings};
use crate::units::significant;

/// An input is named as what explains a figure from so many standard errors of a rank correlation of 0 on.
const TELLING: f64 = 2.0;

/// The lines of `[uncertain]`.
pub(super) fn inputs(findings: &Findings) -> Table {
    let inputs = findings.uncertainty.iter().flat_map(|all| &all.inputs);
    let rows = inputs.map(|input| {
        let show = |value: f64| in_unit(value, &input.unit);
        vec![
            input.path.clone(),
            input.said.clone(),
            show(input.mean),
            format!("{}–{}", show(input.p05), show(input.p95)),
        ]
    });
    Table {
        title: "Not known, drawn once a run",
        header: vec!["setting", "believed", "mean", "p05–p95"],
        figures: vec![2, 3],
        rows: rows.collect(),
        below: vec![],
    }
}

/// The spread of each headline figure over the runs, split in two.
pub(super) fn spread(findings: &Findings) -> Table {
    let mut table = Table {
        title: "Why runs differ: chance, and what is not known",
        header: vec!["figure", "mean", "spread (sd)", "of chance", "of what is not known", "most explained by"],
        figures: vec![1, 2, 3, 4],
        rows: vec![],
        below: vec![],
    };
    let Some(all) = &findings.uncertainty else { return table };
    // What is the same in all runs needs no explanation.
    for one in all.spreads.iter().filter(|one| one.spread.total > 0.0) {
        let show = |value: f64| quantity(&one.figure).text(value);
        table.rows.push(vec![
            one.figure.expression.clone(),
            show(one.mean),
            show(one.spread.total),
            show(one.spread.random),
            show(one.spread.uncertain),
            explanation(one, all, findings.runs),
        ]);
    }
    if !table.rows.is_empty() {
        table.below.push(format!(
            "Standard deviations over the runs: total² = chance² + unknown², chance from {} runs simulated twice with \
             the same values.",
            all.repeated
        ));
    }
    table
}

/// The input by which the figure goes most, with its rank correlation.
fn explanation(one: &SpreadFindings, all: &UncertaintyFindings, runs: u32) -> String {
    let telling = TELLING / f64::from(runs.saturating_sub(1).max(1)).sqrt();
    match one.explained_by.first() {
        Some((input, correlation)) if correlation.abs() >= telling => {
            format!("{} ({})", all.inputs[*input].path, significant(*correlation, 2))
        }
        Some(_) => "none of them clearly".into(),
        None => NOTHING.into(),
    }
}

fn quantity(figure: &Figure) -> Quantity {
    match (figure.unit, figure.metric.as_str()) {
        (FigureUnit::Time, _) => Quantity::Seconds,
        (FigureUnit::PerTime, _) => Quantity::PerSecond,
        (_, metric) => Quantity::of(metric),
    }
}

fn in_unit(value: f64, unit: &str) -> String {
    match unit {
        "s" => Quantity::Seconds.text(value),
        "per_s" => Quantity::PerSecond.text(value),
        "share" => Quantity::Share.text(value),
        "bytes" => format!("{} B", significant(value, 4)),
        other => format!("{}{other}", significant(value, 4)),
    }
}

/// The fields of `summary.json`; none where nothing is uncertain and no precision was asked for.
pub(super) fn json(findings: &Findings) -> Map<String, Value> {
    let mut out = Map::new();
    if let Some(all) = &findings.uncertainty {
        out.insert("uncertain".into(), all.inputs.iter().map(input_json).collect::<Vec<_>>().into());
        let spreads = all.spreads.iter().map(|one| {
            let mut value = json!({ "figure": one.figure.expression, "mean": number(one.mean) });
            if let (Some(into), Value::Object(parts)) = (value.as_object_mut(), spread_json(one, all)) {
                into.extend(parts);
            }
            value
        });
        out.insert("spread".into(), spreads.collect::<Vec<_>>().into());
        out.insert("repeated_runs".into(), all.repeated.into());
    }
    if let Some(precision) = &findings.precision {
        out.insert(
            "precision".into(),
            json!({
                "asked": number(precision.asked),
                "reached": precision.reached,
                "widest": precision.widest.as_ref().map(|(figure, _)| figure.clone()),
                "half_width": optional(precision.widest.as_ref().map(|(_, width)| *width)),
                "unjudged": precision.unjudged,
            }),
        );
    }
    out
}

fn input_json(input: &InputFindings) -> Value {
    json!({
        "path": input.path,
        "law": input.law,
        "unit": input.unit,
        "mean": number(input.mean),
        "p05": number(input.p05),
        "p95": number(input.p95),
        "drawn": input.drawn.iter().map(|value| number(*value)).collect::<Vec<_>>(),
    })
}

fn spread_json(one: &SpreadFindings, all: &UncertaintyFindings) -> Value {
    let explained = one.explained_by.iter().map(
        |(input, correlation)| json!({ "path": all.inputs[*input].path, "rank_correlation": number(*correlation) }),
    );
    json!({
        "total": number(one.spread.total),
        "random": number(one.spread.random),
        "uncertain": number(one.spread.uncertain),
        "explained_by": explained.collect::<Vec<_>>(),
    })
}

/// Adds `spread` to the per-run figures of a component that have one.
pub(super) fn into_component(component: &str, out: &mut Map<String, Value>, findings: &Findings) {
    let Some(all) = &findings.uncertainty else { return };
    for one in all.spreads.iter().filter(|one| one.figure.component == component && !one.figure.pooled) {
        let metric = one.figure.metric.as_str();
        let key = match one.figure.stat.as_deref() {
            Some("max") if metric == "oldest_age" => "oldest_age_max_s".to_string(),
            Some(_) => continue,
            None if one.figure.unit == FigureUnit::Time => format!("{metric}_s"),
            None => metric.to_string(),
        };
        if let Some(figure) = out.get_mut(&key).and_then(Value::as_object_mut) {
            figure.insert("spread".into(), spread_json(one, all));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{fixture, markdown, summary_json, terminal};

    #[test]
    fn the_split_is_told_in_every_form() {
        let findings = fixture::not_known();
        let value: Value = serde_json::from_str(&summary_json(&findings)).unwrap();
        assert_eq!(value["uncertain"][0]["path"], "consumer.order-worker.service.mean");
        assert_eq!(value["uncertain"][0]["drawn"].as_array().unwrap().len(), 20);
        assert_eq!(value["spread"][0]["figure"], "orders.peak_backlog");
        let inline = &value["components"]["orders"]["peak_backlog"]["spread"];
        assert_eq!(
            (&inline["total"], &inline["random"], &inline["uncertain"]),
            (&json!(500), &json!(300), &json!(400))
        );
        assert_eq!(inline["explained_by"][0]["rank_correlation"], 0.93);
        assert!(value["components"]["orders"]["published"]["spread"].is_null());
        assert_eq!(value["precision"]["widest"], "orders.latency.p99");
        assert!(markdown(&findings).contains("## Why runs differ: chance, and what is not known"));
        // A narrow screen breaks the path, and a wide one does not.
        for text in [markdown(&findings), terminal(&findings, 200, false)] {
            assert!(text.contains("consumer.order-worker.service.mean (0.93)"), "{text}");
            assert!(text.contains("of what is not known"), "{text}");
        }
    }

    #[test]
    fn without_unknowns_nothing_is_said() {
        let value: Value = serde_json::from_str(&summary_json(&fixture::flash_sale())).unwrap();
        for field in ["uncertain", "spread", "repeated_runs", "precision"] {
            assert!(value.get(field).is_none(), "{field}");
        }
        assert!(!markdown(&fixture::flash_sale()).contains("not known"));
    }
}
