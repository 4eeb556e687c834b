//! What became of the calls to dependencies: a table, and lines for a screen.

use super::figures::{NOTHING, Quantity, count, duration};
use super::table::Table;
use crate::study::{ComponentFindings, ComponentKind, Findings};

/// What calls can have come to, in the order of the columns; beyond the first two only where there is something.
const ENDS: [(&str, &str); 15] = [
    ("calls", "calls"),
    ("completed", "completed"),
    ("errors", "errors"),
    ("rejected", "rejected"),
    ("throttled", "throttled"),
    ("refused", "refused"),
    ("abandoned", "abandoned"),
    ("skipped", "skipped"),
    ("lost", "lost"),
    ("retries", "retries"),
    ("hedges", "hedges"),
    ("timeouts", "timeouts"),
    ("short_circuited", "short-circuited"),
    ("bulkhead_rejected", "bulkhead full"),
    ("budget_denied", "budget denied"),
];
const ALWAYS: usize = 2;

pub(super) fn dependencies(findings: &Findings) -> impl Iterator<Item = &ComponentFindings> {
    findings.components.iter().filter(|part| part.kind == ComponentKind::Dependency)
}

/// Every dependency: its calls over the whole run, how busy it was, and how long its answers took.
pub(super) fn table(findings: &Findings) -> Table {
    let is_seen = |name: &str| dependencies(findings).any(|part| part.total(name).is_some_and(|stat| stat.max > 0.0));
    let ends: Vec<(&str, &str)> =
        ENDS.iter().enumerate().filter(|(i, (name, _))| *i < ALWAYS || is_seen(name)).map(|(_, end)| *end).collect();
    let rows = dependencies(findings).map(|part| {
        let figure = |name: &str| {
            let stat = part.total(name).or_else(|| part.average(name));
            stat.map_or_else(|| NOTHING.into(), |stat| Quantity::of(name).stat(stat))
        };
        let took = part.latency.as_ref();
        let lengths =
            [took.map(|l| l.p50), took.map(|l| l.p99)].map(|length| length.map_or_else(|| NOTHING.into(), duration));
        let mut row = vec![part.name.clone()];
        row.extend(ends.iter().map(|(name, _)| figure(name)));
        row.extend(["busy", "waiting", "utilization"].map(figure));
        row.extend(lengths);
        row
    });
    let header: Vec<&str> = ["dependency"]
        .into_iter()
        .chain(ends.iter().map(|(_, word)| *word))
        .chain(["busy", "waiting", "utilization", "latency p50", "p99"])
        .collect();
    Table {
        title: "Dependencies: calls of the whole run; load and answers after warm-up",
        figures: (1..header.len()).collect(),
        rows: rows.collect(),
        header,
        below: Vec::new(),
    }
}

/// The same of one dependency, for a screen.
pub(super) fn brief(part: &ComponentFindings) -> Vec<(&'static str, String)> {
    let seen = ENDS.iter().enumerate().filter_map(|(i, (name, word))| {
        let stat = part.total(name)?;
        (i < ALWAYS || stat.max > 0.0).then(|| format!("{} {word}", count(stat.mean)))
    });
    let mut pairs = vec![("dependency", seen.collect::<Vec<_>>().join(", "))];
    let average = |name: &str| part.average(name).map_or_else(|| NOTHING.into(), |stat| Quantity::Count.stat(stat));
    let mut load = format!("{} calls in work, {} waiting", average("busy"), average("waiting"));
    if let Some(stat) = part.total("utilization") {
        load.push_str(&format!(", utilization {}", Quantity::Share.stat(stat)));
    }
    pairs.push(("load", load));
    if let Some(took) = &part.latency {
        let mean = Quantity::Seconds.interval(took.mean, took.ci95);
        let lengths = [("p50", took.p50), ("p99", took.p99), ("max", took.max)]
            .map(|(word, length)| format!("{word} {}", duration(length)));
        pairs.push(("answers", format!("mean {mean}, {}", lengths.join(", "))));
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{fixture, json};

    #[test]
    fn columns_are_there_for_what_happened() {
        let findings = fixture::outage();
        let table = table(&findings);
        let cell = |head: &str| {
            let column = table.header.iter().position(|header| *header == head);
            column.map(|column| table.rows[0][column].as_str())
        };
        assert_eq!(table.rows.len(), 1);
        assert_eq!((cell("dependency"), cell("calls")), (Some("payments"), Some("481,800 ± 800")));
        assert_eq!((cell("throttled"), cell("hedges")), (None, None), "nothing of it was seen");
        assert!(cell("short-circuited").is_some());
        assert_eq!(cell("utilization"), Some("71 % ± 0.4 %"));
        assert!(super::table(&fixture::flash_sale()).rows.is_empty());
    }

    #[test]
    fn a_screen_has_three_lines_of_it() {
        let findings = fixture::outage();
        let part = dependencies(&findings).next().expect("it is there");
        let lines = brief(part);
        assert_eq!(lines.iter().map(|(word, _)| *word).collect::<Vec<_>>(), ["dependency", "load", "answers"]);
        assert!(lines[0].1.contains("56,400 abandoned") && !lines[0].1.contains("throttled"), "{}", lines[0].1);
    }

    #[test]
    fn the_summary_names_its_kind_and_its_answers() {
        let text = json::summary_json(&fixture::outage());
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let payments = &value["components"]["payments"];
        assert_eq!(payments["kind"], "dependency");
        assert!(payments["latency_s"]["p99"].is_number() && payments["time_average"]["waiting"]["mean"].is_number());
        assert!(payments.get("wait_s").is_none() && payments.get("verdict").is_none(), "{payments}");
    }
}
