//! `plan.json` and `plan.csv`.

use super::Turned;
use crate::report::Head;
use crate::report::json::number;
use crate::study::{Belief, CandidateFindings, FigureOverRuns, KnobValue, PlanFindings, SloAt, Stat};
use serde_json::{Value, json};

/// The findings as JSON. Ends with a newline.
pub fn json(head: &Head, knob: &Turned, findings: &PlanFindings) -> String {
    let mut root = head.json();
    let value_at = |index: &usize| value(&findings.candidates[*index].value);
    let found = json!({
        "find": { "path": knob.path, "tied": knob.tied, "goal": if findings.largest { "largest" } else { "smallest" },
                  "from": value(&findings.range.1), "to": value(&findings.range.2), "values": findings.range.0 },
        "confidence": findings.confidence,
        "slo_runs": findings.slo_runs,
        "looks": findings.looks,
        "answer": findings.answer.as_ref().map(value_at),
        "fails": findings.fails.as_ref().map(value_at),
        "undecided": findings.undecided.iter().map(value_at).collect::<Vec<_>>(),
        "fails_beyond": findings.fails_beyond.iter().map(value_at).collect::<Vec<_>>(),
        "busy": findings.busy.iter().map(|one| json!({
            "component": one.name,
            "utilization": number(one.utilization),
            "members": one.idle.map(|(members, _)| members),
            "partitions": one.idle.map(|(_, partitions)| partitions),
        })).collect::<Vec<_>>(),
        "candidates": findings.candidates.iter().map(|one| candidate(findings, one)).collect::<Vec<_>>(),
    });
    if let Value::Object(found) = found {
        root.extend(found);
    }
    format!("{:#}\n", Value::Object(root))
}

fn value(value: &KnobValue) -> Value {
    json!({ "text": value.text, "number": value.number.map(number) })
}

fn belief(belief: Belief) -> &'static str {
    match belief {
        Belief::Yes => "holds",
        Belief::No => "fails",
        Belief::Undecided { leans: true } => "seems to hold",
        Belief::Undecided { leans: false } => "seems to fail",
    }
}

fn candidate(findings: &PlanFindings, one: &CandidateFindings) -> Value {
    let figures = findings.figures.iter().zip(&one.figures);
    let figures: Vec<Value> = figures.map(|(figure, over)| over_runs(&figure.expression, over)).collect();
    let slos: Vec<Value> = one.slos.iter().zip(&findings.bounds).map(|(slo, bound)| slo_at(slo, *bound)).collect();
    json!({ "value": value(&one.value), "runs": one.runs, "verdict": belief(one.belief), "slo": slos, "figures": figures })
}

fn slo_at(slo: &SloAt, bound: f64) -> Value {
    let pair = |pair: Option<(f64, f64)>| pair.map(|(low, high)| [number(low), number(high)]);
    json!({
        "expression": slo.expression,
        "bound": number(bound),
        "verdict": belief(slo.belief),
        "value": slo.value.map(number),
        "ci95": pair(slo.interval),
        "runs_holding": slo.holding,
        "share_ci95": pair(slo.share),
        "judged": slo.judged.map(number),
        "margin": slo.margin.map(number),
    })
}

fn over_runs(figure: &str, over: &FigureOverRuns) -> Value {
    let stat = over.stat.as_ref();
    let of = |pick: fn(&Stat) -> f64| stat.map(|stat| number(pick(stat)));
    json!({
        "figure": figure,
        "value": over.value.map(number),
        "ci95": stat.and_then(|stat| stat.ci95).map(|(low, high)| [number(low), number(high)]),
        "p05": of(|stat| stat.p05), "p50": of(|stat| stat.p50), "p95": of(|stat| stat.p95),
        "never": over.never,
    })
}

/// One row a value and figure.
pub fn csv(knob: &Turned, findings: &PlanFindings) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // A writer over memory has nothing that could fail.
    let mut row = |cells: [&str; 13]| writer.write_record(cells).expect("memory takes every row");
    row(HEADER);
    for one in &findings.candidates {
        for (figure, over) in findings.figures.iter().zip(&one.figures) {
            let stat = over.stat.as_ref();
            let ci = stat.and_then(|stat| stat.ci95);
            let [mean, low, high, p05, p50, p95] = [
                over.value,
                ci.map(|ci| ci.0),
                ci.map(|ci| ci.1),
                stat.map(|stat| stat.p05),
                stat.map(|stat| stat.p50),
                stat.map(|stat| stat.p95),
            ]
            .map(cell);
            let (number, runs, never) = (cell(one.value.number), one.runs.to_string(), over.never.to_string());
            let (text, verdict, name) = (&one.value.text, belief(one.belief), &figure.expression);
            row([&knob.path, text, &number, &runs, verdict, name, &mean, &low, &high, &p05, &p50, &p95, &never]);
        }
    }
    writer.into_inner().expect("memory takes every row")
}

const HEADER: [&str; 13] =
    ["path", "value", "number", "runs", "verdict", "figure", "mean", "ci_low", "ci_high", "p05", "p50", "p95", "never"];

/// The shortest text that reads back as the same number; nothing where there is none.
pub(in crate::report) fn cell(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map_or_else(String::new, |value| value.to_string())
}
