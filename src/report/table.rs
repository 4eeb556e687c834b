//! What the tables say, once for the terminal, Markdown and the page.

use super::figures::{NOTHING, Quantity, count, duration, instant, runs};
use super::{cost, dependencies, origin, parts, scaling, uncertain, workflows};
use crate::study::{
    ComponentFindings, ComponentKind, DisturbanceFindings, Findings, Named, Pooled, Recovery, SloFindings, Stat,
};

/// Cells as text; the first column and those named in `words` are words, the others figures.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    pub(super) title: &'static str,
    pub(super) header: Vec<&'static str>,
    /// Columns that hold figures, to be set flush right.
    pub(super) figures: Vec<usize>,
    pub(super) rows: Vec<Vec<String>>,
    /// Sentences without which the figures mislead.
    pub(super) below: Vec<String>,
}

/// The tables of the written reports, empty ones left out; SLOs first.
pub(super) fn all(findings: &Findings) -> Vec<Table> {
    let tables = [
        slo(findings),
        queues(findings),
        disturbances(findings),
        waits(findings),
        uncertain::spread(findings),
        uncertain::inputs(findings),
        workflows::table(findings),
        dependencies::table(findings),
        parts::partitions(findings),
        parts::keys(findings),
        consumers(findings),
        scaling::totals(findings),
        scaling::decisions(findings),
        producers(findings),
        cost::table(findings),
        envelope(findings),
    ];
    tables.into_iter().filter(|table| !table.rows.is_empty()).collect()
}

/// Queues and dead-letter queues in which anything was seen.
pub(super) fn seen_queues(findings: &Findings) -> impl Iterator<Item = &ComponentFindings> {
    findings.components.iter().filter(|part| match part.kind {
        ComponentKind::Queue | ComponentKind::Group => true,
        ComponentKind::DeadLetterQueue => part.total("published").is_none_or(|stat| stat.max > 0.0),
        ComponentKind::Producer | ComponentKind::Consumer | ComponentKind::Workflow | ComponentKind::Dependency => {
            false
        }
    })
}

/// The disturbance behind the headline recovery time: most runs without recovery, then the longest.
pub(super) fn worst(part: &ComponentFindings) -> Option<(usize, &DisturbanceFindings)> {
    let length = |seen: &DisturbanceFindings| seen.recovery.stat.as_ref().map_or(-1.0, |stat| stat.mean);
    part.disturbances.iter().enumerate().reduce(|best, next| {
        let order = next.1.recovery.never.cmp(&best.1.recovery.never);
        if order.then(length(next.1).total_cmp(&length(best.1))).is_gt() { next } else { best }
    })
}

/// `14m 32s ± 4 s`; what is `after` it comes before `, but never by the run's end at 45:00 in 3 of 20 runs`.
pub(super) fn recovery(recovery: &Recovery, after: &str, findings: &Findings) -> String {
    let never = (recovery.never > 0).then(|| format!("never {}", by_the_end(recovery, findings)));
    let length = recovery.stat.as_ref().map(|stat| Quantity::Seconds.stat(stat));
    match (length, never) {
        (Some(length), Some(never)) => format!("{length}{after}, but {never}"),
        (Some(length), None) => format!("{length}{after}"),
        (None, Some(never)) => format!("{never}{after}"),
        (None, None) => NOTHING.into(),
    }
}

/// `by the run's end at 45:00 in 3 of 20 runs`.
fn by_the_end(recovery: &Recovery, findings: &Findings) -> String {
    let end = format!("by the run's end at {}", instant(findings.duration_s));
    match recovery.never {
        n if n >= findings.runs && n == 1 => end,
        n if n >= findings.runs => format!("{end} in any of {}", runs(n)),
        n => format!("{end} in {n} of {}", runs(findings.runs)),
    }
}

/// Whether the runs agree on an instant to within a twentieth of their length.
pub(super) fn is_one_time(at_s: &Stat, findings: &Findings) -> bool {
    at_s.mean.is_finite() && at_s.p95 - at_s.p05 <= 0.05 * findings.duration_s
}

/// When the backlog peaked: `15:00`, or `2:10–38:02` where runs peak at quite different times.
fn peak_at(at_s: &Stat, findings: &Findings) -> String {
    if is_one_time(at_s, findings) || !(at_s.p05.is_finite() && at_s.p95.is_finite()) {
        return instant(at_s.mean);
    }
    format!("{}–{}", instant(at_s.p05), instant(at_s.p95))
}

/// The same in a sentence: ` at 15:00`, ` at another time in each run (2:10–38:02)`.
pub(super) fn when_peaked(part: &ComponentFindings, findings: &Findings) -> String {
    part.total("peak_at_s").map_or_else(String::new, |at_s| match peak_at(at_s, findings) {
        span if span.contains('–') && at_s.mean.is_finite() => format!(" at another time in each run ({span})"),
        at => format!(" at {at}"),
    })
}

/// What was lost between a disturbance's start and its recovery.
pub(super) fn losses(seen: &DisturbanceFindings) -> String {
    let parts = [
        (&seen.dead_lettered, "dead-lettered"),
        (&seen.expired, "expired"),
        (&seen.dropped, "dropped"),
        (&seen.rejected, "rejected"),
        (&seen.duplicates, "duplicates"),
    ];
    parts.map(|(stat, word)| format!("{} {word}", count(stat.mean))).join(", ")
}

/// Unfinished messages from this share of the completed ones may hide what the latency does not show.
const MANY_UNFINISHED: f64 = 0.005;

/// What the latency leaves out, where messages that never finished have been there for longer than nearly all others.
pub(super) fn still_waiting(part: &ComponentFindings) -> Option<String> {
    let mean = |name: &str| part.total(name).map_or(0.0, |stat| stat.mean);
    let unfinished: f64 = ["unfinished_ready", "unfinished_in_flight", "unfinished_delayed"].map(mean).iter().sum();
    let age = *part.series("oldest_age_s")?.mean.last()?;
    let is_hidden = unfinished > MANY_UNFINISHED * mean("completed") && age > part.latency.as_ref()?.p99;
    is_hidden.then(|| {
        let (count, age) = (count(unfinished), duration(age));
        format!("latency is of completed messages only; at the end {count} wait still, the oldest for {age}")
    })
}

/// A queue's bad day in a sentence or two; nothing where nothing was seen.
pub(super) fn sentence(part: &ComponentFindings, findings: &Findings) -> Option<String> {
    let peak = part.total("peak_backlog")?;
    let at = when_peaked(part, findings);
    let age = part.total("oldest_age_max_s").map_or_else(String::new, |stat| {
        format!(", the oldest unfinished message at most {} old", Quantity::Seconds.stat(stat))
    });
    let mut out = format!("{}: the backlog peaked at {}{at}{age}.", part.name, Quantity::Count.stat(peak));
    if let (Some((index, seen)), Some(_)) = (worst(part), &part.recovery) {
        let known = &findings.disturbances[index];
        let worst_of = match part.disturbances.len() {
            1 => String::new(),
            n => format!(" (the worst of {n} disturbances)"),
        };
        let label = format!("{}{worst_of}", known.label);
        let recovered = match &seen.recovery {
            Recovery { stat: None, .. } => {
                format!("From {label} it did not recover {}", by_the_end(&seen.recovery, findings))
            }
            Recovery { stat: Some(stat), never: 0 } if stat.max == 0.0 => {
                format!("When {label} ended it was at its baseline")
            }
            some => format!("From {label} it recovered {}", recovery(some, " after its end", findings)),
        };
        out.push_str(&format!(" {recovered}; lost on the way: {}.", losses(seen)));
    }
    Some(out)
}

/// The value an SLO is judged by, in its own unit.
pub(super) fn slo_value(slo: &SloFindings) -> String {
    match slo.value {
        Some(value) if slo.metric.starts_with("cost") => cost::amount(value),
        Some(value) => Quantity::of(&slo.metric).text(value),
        None if slo.metric == "recovery_time" => "never".into(),
        None => "nothing seen".into(),
    }
}

pub(super) fn slo(findings: &Findings) -> Table {
    let rows = findings.slo.iter().map(|slo| {
        let share = slo.share_of_runs.map_or_else(
            || "all messages pooled".into(),
            |share| format!("{} of {}", count((share * f64::from(findings.runs)).round()), runs(findings.runs)),
        );
        let mark = if slo.holds { "✓ holds" } else { "✗ fails" };
        vec![mark.into(), slo.expression.clone(), slo_value(slo), share]
    });
    Table {
        title: "Service levels",
        header: vec!["", "SLO", "value", "holds in"],
        figures: vec![2],
        rows: rows.collect(),
        below: Vec::new(),
    }
}

/// Counts that most scenarios have nothing of, so that they are shown only where there is something.
pub(super) const RARE: [(&str, &str); 5] = [
    ("out_of_order", "out of order"),
    ("deduplicated", "deduplicated"),
    ("redriven", "redriven"),
    ("shed", "shed"),
    ("skipped", "skipped"),
];

fn queues(findings: &Findings) -> Table {
    let total = |part: &ComponentFindings, name: &str| {
        part.total(name).map_or_else(|| NOTHING.into(), |stat| Quantity::of(name).stat(stat))
    };
    let is_seen = |name: &str| seen_queues(findings).any(|part| part.total(name).is_some_and(|stat| stat.max > 0.0));
    let rare = RARE.iter().filter(|(name, _)| is_seen(name));
    let rows = seen_queues(findings).map(|part| {
        let peak_at = part.total("peak_at_s").map_or_else(|| NOTHING.into(), |stat| peak_at(stat, findings));
        let mut row = vec![part.name.clone(), total(part, "peak_backlog"), peak_at, total(part, "oldest_age_max_s")];
        let totals = ["published", "completed", "dead_lettered", "expired", "dropped", "rejected", "duplicates"];
        row.extend(totals.into_iter().chain(rare.clone().map(|(name, _)| *name)).map(|name| total(part, name)));
        row
    });
    let header = [
        "queue",
        "peak backlog",
        "at",
        "oldest age",
        "published",
        "completed",
        "dead-lettered",
        "expired",
        "dropped",
        "rejected",
        "duplicates",
    ];
    let header: Vec<&str> = header.into_iter().chain(rare.clone().map(|(_, word)| *word)).collect();
    Table {
        title: "Queues, whole run",
        figures: (1..header.len()).collect(),
        header,
        rows: rows.collect(),
        below: Vec::new(),
    }
}

fn disturbances(findings: &Findings) -> Table {
    let mut rows = Vec::new();
    for part in seen_queues(findings).filter(|part| part.kind.is_worked_off()) {
        for (known, seen) in findings.disturbances.iter().zip(&part.disturbances) {
            rows.push(vec![
                part.name.clone(),
                known.label.clone(),
                format!("{}–{}", instant(known.start_s), instant(known.end_s)),
                Quantity::Count.stat(&seen.peak_backlog),
                Quantity::Seconds.stat(&seen.oldest_age_max_s),
                recovery(&seen.recovery, "", findings),
                Quantity::Count.stat(&seen.dead_lettered),
                Quantity::Count.stat(&seen.expired),
                Quantity::Count.stat(&seen.dropped),
                Quantity::Count.stat(&seen.rejected),
                Quantity::Count.stat(&seen.duplicates),
            ]);
        }
    }
    Table {
        title: "Recovery, with what was lost on the way",
        header: vec![
            "queue",
            "disturbance",
            "from–to",
            "peak backlog",
            "oldest age",
            "recovery time",
            "dead-lettered",
            "expired",
            "dropped",
            "rejected",
            "duplicates",
        ],
        figures: (3..11).collect(),
        rows,
        below: Vec::new(),
    }
}

fn waits(findings: &Findings) -> Table {
    let mut rows = Vec::new();
    let mut add = |name: &str, what: &str, messages: Option<&Pooled>| {
        if let Some(m) = messages {
            let mut row = vec![name.to_owned(), what.to_owned(), Quantity::Seconds.interval(m.mean, m.ci95)];
            row.extend([m.p50, m.p90, m.p95, m.p99, m.p999, m.max].map(duration));
            rows.push(row);
        }
    };
    for part in seen_queues(findings) {
        add(&part.name, "wait", part.wait.as_ref());
        add(&part.name, "latency", part.latency.as_ref());
        // Without a hop before this queue the journey is the latency.
        add(&part.name, "journey", part.journey.as_ref().filter(|_| part.journey != part.latency));
        for level in &part.by_priority {
            add(&part.name, &format!("wait, priority {}", level.level), level.wait.as_ref());
            add(&part.name, &format!("latency, priority {}", level.level), level.latency.as_ref());
        }
    }
    let below = seen_queues(findings).filter_map(|part| Some(format!("{}: {}.", part.name, still_waiting(part)?)));
    Table {
        title: "Waits and latencies, completed messages published after warm-up",
        header: vec!["queue", "", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"],
        figures: (2..9).collect(),
        rows,
        below: below.collect(),
    }
}

pub(super) fn consumers(findings: &Findings) -> Table {
    let rows = findings.components.iter().filter(|part| part.kind == ComponentKind::Consumer).map(|part| {
        let reads = findings.reads.iter().filter(|(consumer, _)| *consumer == part.name).map(|(_, queue)| &**queue);
        let figure = |name: &str| {
            let stat = part.total(name).or_else(|| part.average(name));
            stat.map_or_else(|| NOTHING.into(), |stat| Quantity::of(name).stat(stat))
        };
        let reads = reads.collect::<Vec<_>>().join(", ");
        vec![part.name.clone(), reads, figure("replicas"), figure("busy"), figure("utilization")]
    });
    Table {
        title: "Consumers, after warm-up",
        header: vec!["consumer", "reads", "replicas", "busy", "utilization"],
        figures: vec![2, 3, 4],
        rows: rows.collect(),
        below: Vec::new(),
    }
}

pub(super) fn producers(findings: &Findings) -> Table {
    let producers = findings.components.iter().filter(|part| part.kind == ComponentKind::Producer);
    let rows = producers.map(|part| {
        let published = part.total("published");
        // Without replies each request is published once, and nothing else is to be said of it.
        let is_news = |(name, stat): &&Named| match *name {
            "published" => true,
            "requests" => Some(stat) != published,
            "publish_amplification" => stat.max != 1.0,
            _ => stat.max != 0.0,
        };
        let figures = part.totals.iter().filter(is_news).map(|(name, stat)| {
            format!("{} {}", name.trim_end_matches("_s").replace('_', " "), Quantity::of(name).stat(stat))
        });
        vec![part.name.clone(), figures.collect::<Vec<_>>().join(", ")]
    });
    Table {
        title: "Producers",
        header: vec!["producer", "whole run"],
        figures: Vec::new(),
        rows: rows.collect(),
        below: Vec::new(),
    }
}

pub(super) fn envelope(findings: &Findings) -> Table {
    let rows = findings.envelope.iter().map(|line| {
        let sum = super::check::sum(line);
        vec![line.component.clone(), line.name.clone(), line.result.clone(), sum, line.caveat.clone()]
    });
    Table {
        title: "Back of the envelope",
        header: vec!["", "estimate", "result", "arithmetic", "caveat"],
        figures: vec![2],
        rows: rows.collect(),
        below: Vec::new(),
    }
}

/// The estimate for a screen: a line each, and each caveat once.
pub(super) fn brief_envelope(findings: &Findings) -> (Table, Vec<&str>) {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut caveats: Vec<&str> = Vec::new();
    let mut before = "";
    for line in &findings.envelope {
        let component = if line.component == before { String::new() } else { line.component.clone() };
        before = &line.component;
        rows.push(vec![component, line.name.clone(), line.result.clone(), line.arithmetic.clone()]);
        if !line.caveat.is_empty() && !caveats.contains(&line.caveat.as_str()) {
            caveats.push(&line.caveat);
        }
    }
    let header = vec!["", "estimate", "result", "arithmetic"];
    let table = Table { title: "Back of the envelope", header, figures: vec![2], rows, below: Vec::new() };
    (table, caveats)
}

pub(super) fn assumptions(findings: &Findings) -> Table {
    let rows = findings.assumptions.iter().map(|assumption| {
        vec![assumption.path.clone(), assumption.value.clone(), origin(&assumption.origin, findings)]
    });
    Table {
        title: "Assumptions",
        header: vec!["setting", "value", "from"],
        figures: Vec::new(),
        rows: rows.collect(),
        below: Vec::new(),
    }
}
