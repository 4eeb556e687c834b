//! The answer of a plan in sentences.

use super::{Turned, confidence, nothing};
use crate::report::figures::{Quantity, percent, runs};
use crate::study::{Belief, CandidateFindings, PlanFindings, SloAt};

/// `replicas` of `consumer.order-worker.replicas`.
pub(super) fn short(path: &str) -> String {
    path.rsplit('.').next().unwrap_or(path).into()
}

pub(super) fn sentences(knob: &Turned, findings: &PlanFindings) -> Vec<String> {
    let mut out = vec![];
    match findings.answer {
        Some(answer) => {
            out.push(headline(knob, findings, &findings.candidates[answer]));
            out.extend(margins(findings, &findings.candidates[answer]));
            out.extend(undecided(findings));
            out.extend(not_monotone(findings));
        }
        None => {
            out.push(unreachable(knob, findings));
            out.extend(in_the_way(findings));
        }
    }
    out
}

fn headline(knob: &Turned, findings: &PlanFindings, answer: &CandidateFindings) -> String {
    let (_, low, high) = &findings.range;
    let which = if findings.largest { "largest" } else { "smallest" };
    let tied = match knob.tied.as_slice() {
        [] => String::new(),
        others => format!(" (and {} with it)", others.join(", ")),
    };
    let slos = match findings.bounds.len() {
        1 => format!("{} holds", answer.slos[0].expression),
        n => format!("all {n} SLOs hold"),
    };
    format!(
        "{} = {}{tied} is the {which} value from {} to {} with which {slos}, with {}.",
        knob.path,
        answer.value.text,
        low.text,
        high.text,
        confidence(findings.confidence)
    )
}

/// `40 fails orders.latency.p99 < 2s (2.3 s); 41 has 12 % to spare (1.76 s).`
fn margins(findings: &PlanFindings, answer: &CandidateFindings) -> Option<String> {
    let fails = findings.fails.map(|index| fails(findings, &findings.candidates[index]));
    let spare = tightest(answer).map(|(index, slo, margin)| {
        let of = if answer.slos.len() == 1 { String::new() } else { format!(" on {}", slo.expression) };
        format!("{} has {} to spare{of} ({})", answer.value.text, percent(margin), judged(findings, index, slo))
    });
    match (fails, spare) {
        (Some(fails), Some(spare)) => Some(format!("{fails}; {spare}.")),
        (Some(one), None) | (None, Some(one)) => Some(format!("{one}.")),
        (None, None) => None,
    }
}

/// `40 fails orders.latency.p99 < 2s (2.3 s)`
fn fails(findings: &PlanFindings, one: &CandidateFindings) -> String {
    let broken = one.slos.iter().enumerate().filter(|(_, slo)| slo.belief == Belief::No);
    let list: Vec<String> =
        broken.map(|(index, slo)| format!("{} ({})", slo.expression, seen(findings, index, slo, one.runs))).collect();
    format!("{} fails {}", one.value.text, list.join(" and "))
}

/// The objective with the least to spare, as a share of its bound.
fn tightest(one: &CandidateFindings) -> Option<(usize, &SloAt, f64)> {
    let known = one.slos.iter().enumerate().filter_map(|(index, slo)| Some((index, slo, slo.margin?)));
    known.min_by(|a, b| a.2.total_cmp(&b.2))
}

fn judged(findings: &PlanFindings, index: usize, slo: &SloAt) -> String {
    let figure = &findings.figures[index];
    let text = slo.judged.map_or_else(|| nothing(figure).into(), |value| Quantity::of_figure(figure).text(value));
    match slo.holding {
        Some(_) => format!("{text} in {} of the runs", percent(findings.slo_runs)),
        None => text,
    }
}

fn seen(findings: &PlanFindings, index: usize, slo: &SloAt, all: u32) -> String {
    let figure = &findings.figures[index];
    let value = slo.value.map(|value| Quantity::of_figure(figure).text(value));
    match slo.holding {
        Some(holding) => {
            let mean = value.map_or_else(|| nothing(figure).into(), |value| format!("{value} on average"));
            format!("{mean}, holds in {holding} of {}", runs(all))
        }
        None => value.unwrap_or_else(|| nothing(figure).into()),
    }
}

fn undecided(findings: &PlanFindings) -> Option<String> {
    let last = findings.looks.last()?;
    let values: Vec<&str> =
        findings.undecided.iter().map(|index| findings.candidates[*index].value.text.as_str()).collect();
    let (list, enough) = match values.as_slice() {
        [] => return None,
        [one] => ((*one).to_owned(), "is enough"),
        [most @ .., last] => (format!("{} and {last}", most.join(", ")), "are enough"),
    };
    Some(format!(
        "Within {} it could not be told whether {list} {enough} too; --max-runs raises that limit.",
        runs(*last)
    ))
}

fn not_monotone(findings: &PlanFindings) -> Option<String> {
    let (answer, beyond) = (findings.answer?, *findings.fails_beyond.first()?);
    Some(format!(
        "Not monotone: it holds at {}, and yet {}. Between the values that were looked at there may be others that fail.",
        findings.candidates[answer].value.text,
        fails(findings, &findings.candidates[beyond])
    ))
}

fn unreachable(knob: &Turned, findings: &PlanFindings) -> String {
    let (count, low, high) = &findings.range;
    let far = if findings.largest { findings.candidates.first() } else { findings.candidates.last() };
    let Some(far) = far else { return "Nothing was looked at.".into() };
    let all = if *count == 1 { String::new() } else { format!(" from {} to {}", low.text, high.text) };
    let slos = if findings.bounds.len() == 1 { "the SLO" } else { "all SLOs" };
    if far.belief == Belief::No {
        return format!(
            "Not reachable: no value of {}{all} was found that meets {slos}. {}.",
            knob.path,
            fails(findings, far)
        );
    }
    let doubtful = far.slos.iter().filter(|slo| slo.belief != Belief::Yes).map(|slo| slo.expression.clone());
    format!(
        "Not shown: within {} no value of {}{all} could be said to meet {slos} with {}. At {} it could not be told of {}; \
         --max-runs raises that limit.",
        runs(far.runs),
        knob.path,
        confidence(findings.confidence),
        far.value.text,
        doubtful.collect::<Vec<_>>().join(" and ")
    )
}

/// From this share of use on somebody is in the way.
const BUSY: f64 = 0.9;

fn in_the_way(findings: &PlanFindings) -> Option<String> {
    let idle = findings.busy.iter().find_map(|one| {
        let (members, partitions) = one.idle?;
        Some(format!(
            "of the {members} members of {} only {partitions} have a partition to read: raise the partitions with them \
             (--tie)",
            one.name
        ))
    });
    let full: Vec<String> = findings
        .busy
        .iter()
        .filter(|one| one.utilization >= BUSY)
        .map(|one| format!("{} ({} in use)", one.name, percent(one.utilization)))
        .collect();
    let full = (!full.is_empty()).then(|| format!("what is full there: {}", full.join(", ")));
    match (idle, full) {
        (Some(idle), Some(full)) => Some(format!("In the way: {idle}; {full}.")),
        (Some(one), None) | (None, Some(one)) => Some(format!("In the way: {one}.")),
        (None, None) => {
            let busiest = findings.busy.first()?;
            Some(format!(
                "Nothing is full there: the busiest is {} ({} in use).",
                busiest.name,
                percent(busiest.utilization)
            ))
        }
    }
}

/// How it was found out.
pub(super) fn notes(findings: &PlanFindings) -> Vec<String> {
    let looks: Vec<String> = findings.looks.iter().map(u32::to_string).collect();
    let steps = match looks.as_slice() {
        [one] => format!("{one} runs of each value"),
        [first, rest @ ..] => {
            format!("{first} runs of each value, {} where that did not tell", rest.join(" and then "))
        }
        [] => return vec![],
    };
    let total: u32 = findings.candidates.iter().map(|one| one.runs).sum();
    let by_runs = findings.candidates.iter().flat_map(|one| &one.slos).any(|slo| slo.holding.is_some());
    let share = match findings.slo_runs {
        _ if !by_runs => String::new(),
        all if all >= 1.0 => "; an SLO on one number a run has to hold in every run made".to_owned(),
        share => format!("; an SLO on one number a run has to hold in {} of all runs there could be", percent(share)),
    };
    let mut out = vec![format!("{steps}, all with the same arrivals and draws; {} in all{share}.", runs(total))];
    if findings.candidates.iter().any(|one| matches!(one.belief, Belief::Undecided { .. })) {
        out.push(
            "\"It seems\" is said of values with too few runs to be sure; the search wants certainty only at its edge."
                .into(),
        );
    }
    out
}
