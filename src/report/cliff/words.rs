//! Where it tips over, in sentences.

use super::number;
use crate::report::figures::{percent, runs};
use crate::study::{CliffFindings, KnobUnit};

pub(super) fn sentences((path, unit): (&str, KnobUnit), findings: &CliffFindings) -> Vec<String> {
    let (low, high) = (&findings.low.text, &findings.high.text);
    let all = findings.thresholds.len();
    let through = findings.thresholds.iter().filter(|one| one.failed.is_none()).count();
    let nowhere = findings.thresholds.iter().filter(|one| one.survived.is_none()).count();
    let mut out = vec![];
    if through == all {
        out.push(format!("No cliff: every run survives {path} all the way from {low} to {high}."));
    } else if nowhere == all {
        let end = if findings.harm_rises { low } else { high };
        out.push(format!("It survives {path} nowhere between {low} and {high}: no run survives even {end}."));
        out.extend(why(findings));
    } else {
        out.push(survives(path, unit, findings));
        out.push(tips(unit, findings));
        out.extend(why(findings));
    }
    let odd = findings.thresholds.iter().filter(|one| !one.monotone).count();
    if odd > 0 {
        out.push(format!(
            "Not monotone: {odd} of {} survive a value beyond one that they do not; the tipping point is that of their \
             first failure.",
            runs(all as u32)
        ));
    }
    out
}

fn survives(path: &str, unit: KnobUnit, findings: &CliffFindings) -> String {
    let who = match findings.needed {
        all if all >= 1.0 => "every run survives".to_owned(),
        share => format!("at least {} of the runs survive", percent(share)),
    };
    let to = if findings.harm_rises { "up to" } else { "down to" };
    if let Some(value) = findings.survived_up_to {
        return format!("{path}: {who} {to} {}.", number(unit, value));
    }
    let end = if findings.harm_rises { &findings.low.text } else { &findings.high.text };
    let lost = findings.thresholds.iter().filter(|one| one.survived.is_none()).count();
    format!("{path}: too few survive even {end}, where {lost} of {} fail.", runs(findings.runs))
}

fn tips(unit: KnobUnit, findings: &CliffFindings) -> String {
    let Some(tipping) = findings.tipping else {
        let lost = findings.thresholds.iter().filter(|one| one.failed.is_some()).count();
        return format!(
            "The tipping point lies outside of the range: {lost} of {} tip within it.",
            runs(findings.runs)
        );
    };
    let of = |end: Option<f64>| end.map(|end| number(unit, end));
    let interval = match (of(findings.interval.0), of(findings.interval.1)) {
        (Some(low), Some(high)) if findings.harm_rises => format!(" (95 % interval {low} to {high})"),
        (Some(low), Some(high)) => format!(" (95 % interval {high} to {low})"),
        (None, None) => " (too few runs for an interval)".into(),
        _ => " (its 95 % interval goes beyond the range)".into(),
    };
    let lost = findings.lost_from.map_or_else(
        || "some runs survive the whole range".into(),
        |value| {
            let on = if findings.harm_rises { "from" } else { "at" };
            let down = if findings.harm_rises { "on" } else { "and below" };
            format!("{on} {} {down} none does", number(unit, value))
        },
    );
    format!("It tips at {}{interval}, where half of the runs survive; {lost}.", number(unit, tipping))
}

/// What goes wrong first, at the value of the grid where most runs have just failed.
fn why(findings: &CliffFindings) -> Option<String> {
    let mut points: Vec<_> = findings.grid.iter().collect();
    if !findings.harm_rises {
        points.reverse();
    }
    let point = points.into_iter().find(|point| point.survived * 2 < findings.runs)?;
    let mut reasons: Vec<String> = findings
        .expressions
        .iter()
        .zip(&point.broken)
        .filter(|(_, count)| **count > 0)
        .map(|(expression, count)| format!("{expression} fails in {count}"))
        .collect();
    if point.never > 0 {
        reasons.push(format!("{} never recover", point.never));
    }
    if point.gave_up > 0 {
        reasons.push(format!("{} give messages up", point.gave_up));
    }
    (!reasons.is_empty()).then(|| {
        format!("What goes wrong at {}, of {}: {}.", point.value.text, runs(findings.runs), reasons.join(", "))
    })
}

pub(super) fn notes(findings: &CliffFindings) -> Vec<String> {
    let survival = if findings.expressions.is_empty() {
        "A run survives if every queue recovers by its end and nothing is dead-lettered, expired, dropped or given up"
    } else {
        "A run survives if every SLO holds in it, those on pooled messages on its own messages"
    };
    vec![format!("{survival}. {} simulated, all with the same arrivals and draws.", runs(findings.simulated))]
}
