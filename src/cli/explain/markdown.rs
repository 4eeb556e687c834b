//! The table of presets and mechanisms in docs/brokers.md.

use crate::broker::{Fact, Preset, Setting, Shape};

use super::preset::shown;

/// A mechanism, and the keys in which brokers differ there.
type Mechanism = (&'static str, &'static [&'static str]);

const OF_QUEUES: [Mechanism; 10] = [
    ("delivery", &["prefetch", "receive", "receive_wait", "poll", "delivery_delay", "at_most_once", "single_active"]),
    ("lease", &["visibility_timeout", "lease_check", "heartbeat", "lease_extension", "stale_ack", "withdraw"]),
    ("redelivery", &["on_nack", "on_crash", "redelivery", "duplicate_delivery"]),
    ("counting", &["max_deliveries", "delivery_count", "dead_letter", "dead_letter_clock"]),
    ("order", &["order", "scan_depth", "session_idle"]),
    ("overflow", &["capacity", "capacity_bytes", "overflow", "dead_letter_overflow", "log_length", "memory_alarm"]),
    ("lifetime", &["ttl", "ttl_at", "dead_letter_expired"]),
    ("deduplication", &["dedup_window"]),
    ("limits", &["max_in_flight", "in_flight_includes_delayed", "publish_limit", "deliver_limit", "operation_limit"]),
    ("billing", &["billing"]),
];

/// Subscribing queues are given keys of queues, all of them in the last column.
const OF_TOPICS: [Mechanism; 5] = [
    ("redelivery", &["delivery_retry"]),
    ("deduplication", &["dedup_window"]),
    ("limits", &["publish_limit"]),
    ("billing", &["billing"]),
    ("its queues", &["at_most_once", "capacity", "overflow", "ttl_at", "dead_letter_expired", "dead_letter_overflow"]),
];

const OF_STREAMS: [Mechanism; 8] = [
    ("delivery", &["poll", "fetch_wait", "fetch_min_bytes", "max_poll_records", "fan_out", "parallelization"]),
    ("lease", &["session_timeout", "heartbeat_interval", "max_poll_interval", "static_membership"]),
    ("redelivery", &["commit_interval", "on_failure", "bisect", "max_record_age"]),
    ("rebalance", &["assignment", "rebalance_delay"]),
    ("order", &["partitions", "batch_size"]),
    ("retention", &["retention", "retention_bytes", "offset_reset", "start"]),
    ("limits", &["partition_limit", "publish_limit", "deliver_limit"]),
    ("billing", &["billing"]),
];

/// Keys of the steps stand beside those of the workflow.
const OF_WORKFLOWS: [Mechanism; 5] = [
    ("attempts", &["retry.backoff", "retry.factor", "retry.cap", "retry.jitter", "retry.max_attempts"]),
    ("bounds", &["schedule_to_start", "start_to_close", "heartbeat", "on_crash"]),
    ("workers", &["concurrency", "poll", "poll_from"]),
    ("decisions", &["decisions.timeout", "decisions.sticky", "decisions.concurrency"]),
    ("history", &["history_limit", "history_events"]),
];

/// One table for each shape that any of `presets` has.
pub(super) fn tables(presets: &[&Preset]) -> String {
    let parts = [
        ("Queues", Shape::Queue, &OF_QUEUES[..]),
        ("Topics", Shape::Topic, &OF_TOPICS[..]),
        ("Streams", Shape::Stream, &OF_STREAMS[..]),
        ("Workflows", Shape::Workflow, &OF_WORKFLOWS[..]),
    ];
    let mut tables: Vec<String> = vec![];
    for (title, shape, mechanisms) in parts {
        let rows: Vec<&Preset> = presets.iter().copied().filter(|preset| preset.shape == shape).collect();
        if !rows.is_empty() {
            tables.push(table(title, mechanisms, &rows));
        }
    }
    tables.join("\n")
}

fn table(title: &str, mechanisms: &[Mechanism], presets: &[&Preset]) -> String {
    let header: Vec<&str> = mechanisms.iter().map(|(name, _)| *name).collect();
    let mut out = format!("### {title}\n\n| preset | {} |\n", header.join(" | "));
    out.push_str(&format!("|{}\n", " --- |".repeat(1 + mechanisms.len())));
    for preset in presets {
        let cells: Vec<String> = mechanisms.iter().map(|(_, keys)| cell(preset, keys)).collect();
        out.push_str(&format!("| `{}` | {} |\n", preset.name, cells.join(" | ")));
    }
    out
}

/// What the preset fills in, then what the broker knows too but leaves open.
fn cell(preset: &Preset, keys: &[&str]) -> String {
    let (mut set, mut open) = (vec![], vec![]);
    for fact in keys.iter().flat_map(|key| facts(preset).filter(move |fact| fact.key == *key)) {
        match fact.value {
            Setting::Unset => open.push(format!("`{}`", fact.key)),
            _ => set.push(said(fact)),
        }
    }
    if !open.is_empty() {
        set.push(format!("on demand {}", open.join(", ")));
    }
    if set.is_empty() { "–".into() } else { set.join("; ").replace('|', "\\|") }
}

fn said(fact: &Fact) -> String {
    let value = format!("`{}` {}", fact.key, shown(fact.value));
    match fact.only_with {
        Some(other) => format!("{value} (with `{other}`)"),
        None => value,
    }
}

fn facts(preset: &Preset) -> impl Iterator<Item = &'static Fact> {
    [preset.own, preset.consumer, preset.producer, preset.subscriber].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::presets;

    const PAGE: &str = include_str!("../../../docs/brokers.md");

    #[test]
    fn the_committed_page_holds_the_generated_tables() {
        let (_, rest) = PAGE.split_once("<!-- generated -->\n\n").expect("the page marks where the tables begin");
        let (committed, _) = rest.split_once("\n<!-- end -->").expect("and where they end");
        let hint = "put the output of `tailback explain --all --format markdown` between the marks of docs/brokers.md";
        assert!(committed == tables(&presets::ALL), "{hint}");
    }

    #[test]
    fn each_fact_has_one_cell() {
        for preset in presets::ALL {
            let mechanisms = match preset.shape {
                Shape::Queue => &OF_QUEUES[..],
                Shape::Topic => &OF_TOPICS[..],
                Shape::Stream => &OF_STREAMS[..],
                Shape::Workflow => &OF_WORKFLOWS[..],
            };
            for fact in facts(preset) {
                let cells = mechanisms.iter().filter(|(_, keys)| keys.contains(&fact.key)).count();
                assert_eq!(cells, 1, "{} {}", preset.name, fact.key);
            }
        }
    }

    #[test]
    fn rows_are_as_wide_as_their_header() {
        for block in tables(&presets::ALL).split("### ").skip(1) {
            let widths: Vec<usize> =
                block.lines().filter(|line| line.starts_with('|')).map(|line| line.matches(" |").count()).collect();
            assert!(widths.windows(2).all(|pair| pair[0] == pair[1]), "{block}");
        }
    }

    #[test]
    fn what_is_open_is_told_apart_from_what_is_filled_in() {
        let all = tables(&presets::ALL);
        let row = all.lines().find(|line| line.starts_with("| `sqs` |")).expect("sqs is a queue");
        assert!(row.contains("`visibility_timeout` 30s"), "{row}");
        assert!(row.contains("`max_deliveries` 10 (with `dead_letter`)"), "{row}");
        assert!(row.contains("on demand `dead_letter`"), "{row}");
    }
}
