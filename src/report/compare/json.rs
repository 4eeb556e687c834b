//! `compare.json`: the names are a contract with programs outside.

use serde_json::{Value, json};

use super::sentence::sentence;
use super::tables::certainty;
use crate::report::Head;
use crate::report::json::{number, optional, over_runs};
use crate::study::{Comparison, Difference, FigureCompared, FigureOverRuns, VariantFindings};

pub(super) fn value(head: &Head, comparison: &Comparison) -> Value {
    let mut out = head.json();
    out.insert("variants".into(), comparison.variants.iter().map(variant).collect());
    let figures: Vec<Value> = comparison.figures.iter().map(|compared| figure(compared, comparison)).collect();
    out.insert("figures".into(), figures.into());
    out.insert("notes".into(), comparison.notes.clone().into());
    out.into()
}

fn variant(variant: &VariantFindings) -> Value {
    let findings = &variant.findings;
    let settings: serde_json::Map<String, Value> =
        variant.settings.iter().map(|(path, value)| (path.clone(), value.clone().into())).collect();
    json!({
        "name": variant.name,
        "title": findings.title,
        "path": findings.path,
        "sha256": findings.sha256,
        "settings": settings,
        "duration_s": number(findings.duration_s),
        "warmup_s": number(findings.warmup_s),
        "messages": findings.messages,
        "same_arrivals": variant.same_arrivals,
        "slo": findings.slo.iter().map(|slo| json!({
            "expression": slo.expression,
            "value": optional(slo.value),
            "share_of_runs": optional(slo.share_of_runs),
            "holds": slo.holds,
        })).collect::<Vec<_>>(),
        "notes": findings.notes,
    })
}

fn figure(compared: &FigureCompared, comparison: &Comparison) -> Value {
    let names = || comparison.variants.iter().map(|variant| variant.name.as_str());
    let values = names().zip(&compared.values).filter_map(|(name, value)| {
        let mut out = value_over_runs(value.as_ref()?);
        out["variant"] = name.into();
        Some(out)
    });
    let first = names().next().unwrap_or_default();
    let differences = names().skip(1).zip(&compared.differences).filter_map(|(name, difference)| {
        let difference = difference.as_ref()?;
        let mut out = of_difference(difference);
        out["variant"] = name.into();
        out["against"] = first.into();
        out["sentence"] = sentence(&compared.figure, difference, first).into();
        Some(out)
    });
    json!({
        "figure": compared.figure.expression,
        "component": compared.figure.component,
        "metric": compared.figure.metric,
        "stat": compared.figure.stat,
        "values": values.collect::<Vec<_>>(),
        "differences": differences.collect::<Vec<_>>(),
    })
}

/// `value`, `over_runs` and `never` of a figure.
pub(in crate::report) fn value_over_runs(value: &FigureOverRuns) -> Value {
    json!({
        "value": optional(value.value),
        "over_runs": value.stat.as_ref().map_or(Value::Null, over_runs),
        "never": value.never,
    })
}

/// The runs that were compared, and their differences.
pub(in crate::report) fn of_difference(difference: &Difference) -> Value {
    let (presence, paired) = (&difference.presence, difference.paired.as_ref());
    json!({
        "runs": { "both": presence.both, "first_only": presence.first_only, "second_only": presence.second_only,
                  "neither": presence.neither },
        "difference": paired.map_or(Value::Null, |paired| over_runs(&paired.difference)),
        "relative": optional(paired.and_then(crate::study::Paired::relative)),
        "correlation": optional(paired.and_then(|paired| paired.correlation)),
        "variance_reduction": optional(paired.and_then(|paired| paired.variance_reduction)),
        "certainty": paired.map(|paired| certainty(paired.certainty())),
    })
}
