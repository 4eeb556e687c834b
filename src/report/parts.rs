//! Where in a queue the work is: the deepest partitions of a group and the busiest keys, in a sentence and in tables.

use super::figures::{NOTHING, Quantity, count, percent};
use super::table::{self, Table};
use crate::study::{ComponentFindings, Findings, KeyFindings, PartitionFindings, Stat};
use crate::units::significant;

/// With more partitions than this the tables show the deepest ones only.
const MOST_PARTITIONS: usize = 64;
const DEEPEST: usize = 10;
/// What a screen has room for.
const BRIEF: usize = 5;

/// The deepest partition against the others: its peak, its share of the backlog, its share of the traffic.
pub(super) fn deepest(part: &ComponentFindings) -> Option<String> {
    let hottest = part.hottest_partition()?;
    let others = part.mean_of_others(hottest)?;
    let peak = &hottest.peak_backlog;
    if peak.mean <= 0.0 || !peak.mean.is_finite() {
        return None;
    }
    let against = if others > 0.0 {
        format!("{} times the mean of the others", significant(peak.mean / others, 2))
    } else {
        "while the others have no backlog at all".into()
    };
    let sum = |value: fn(&PartitionFindings) -> f64| part.by_partition.iter().map(value).sum::<f64>();
    let held = match &hottest.share_at_peak {
        Some(share) => format!("then holds {} of the lag", percent(share.mean)),
        None => {
            let share = hottest.mean_backlog.mean / sum(|p| p.mean_backlog.mean);
            format!("holds {} of the backlog over the run", percent(share))
        }
    };
    let traffic = sum(|p| p.published.mean);
    let got = if traffic > 0.0 {
        format!(" and gets {} of all messages", percent(hottest.published.mean / traffic))
    } else {
        String::new()
    };
    Some(format!(
        "partition {} is the deepest of {}: {} messages at its peak, {against}; it {held}{got}",
        hottest.partition,
        count(part.by_partition.len() as f64),
        Quantity::Count.stat(peak),
    ))
}

/// The busiest key and its share of the traffic.
pub(super) fn busiest(part: &ComponentFindings) -> Option<String> {
    let key = part.by_key.first()?;
    let share =
        share(key, part).map_or_else(String::new, |share| format!(" with {} of the messages accepted", percent(share)));
    let latency = key
        .latency_s
        .as_ref()
        .map_or_else(String::new, |latency| format!(", mean latency {}", Quantity::Seconds.stat(latency)));
    Some(format!("{}{share}, peak backlog {}{latency}", key.key, Quantity::Count.stat(&key.peak_backlog)))
}

/// Of the messages that the whole queue or group accepted.
fn share(key: &KeyFindings, part: &ComponentFindings) -> Option<f64> {
    let all = part.total("published")?.mean - part.total("rejected").map_or(0.0, |rejected| rejected.mean);
    (all > 0.0).then(|| key.published.mean / all)
}

/// Both as sentences; nothing where there are neither partitions nor keys.
pub(super) fn sentence(part: &ComponentFindings) -> Option<String> {
    let deepest = deepest(part).map(|text| format!("{}: {text}.", part.name));
    let busiest = busiest(part).map(|text| match deepest {
        Some(_) => format!("Its busiest key is {text}."),
        None => format!("{}: the busiest key is {text}.", part.name),
    });
    let said: Vec<String> = deepest.into_iter().chain(busiest).collect();
    (!said.is_empty()).then(|| said.join(" "))
}

/// Every partition of every group, or its deepest ones.
pub(super) fn partitions(findings: &Findings) -> Table {
    let mut rows = Vec::new();
    let mut below = Vec::new();
    for part in table::seen_queues(findings) {
        let all = part.by_partition.len();
        let shown = if all > MOST_PARTITIONS {
            below.push(format!(
                "{}: the {DEEPEST} deepest of {} partitions; summary.json has all.",
                part.name,
                count(all as f64)
            ));
            by_depth(part, DEEPEST)
        } else {
            part.by_partition.iter().collect()
        };
        rows.extend(shown.into_iter().map(|partition| named(&part.name, partition_row(partition))));
    }
    Table {
        title: "Partitions, whole run",
        header: ["group"].into_iter().chain(PARTITION_HEADER).collect(),
        figures: (1..=PARTITION_HEADER.len()).collect(),
        rows,
        below,
    }
}

/// The deepest partitions of a group, for a screen: means, as intervals would not fit.
pub(super) fn brief_partitions(part: &ComponentFindings) -> Table {
    let shown = if part.by_partition.len() > 1 { by_depth(part, BRIEF) } else { Vec::new() };
    let rows = shown.into_iter().map(|one| {
        let cells = partition_cells(one, |quantity, stat| quantity.text(stat.mean));
        BRIEF_COLUMNS.iter().map(|&column| cells[column].clone()).collect()
    });
    Table {
        title: "Partitions, whole run",
        header: BRIEF_COLUMNS.iter().map(|&column| PARTITION_HEADER[column]).collect(),
        figures: (0..BRIEF_COLUMNS.len()).collect(),
        rows: rows.collect(),
        below: Vec::new(),
    }
}

fn by_depth(part: &ComponentFindings, most: usize) -> Vec<&PartitionFindings> {
    let mut all: Vec<&PartitionFindings> = part.by_partition.iter().collect();
    all.sort_by(|a, b| b.peak_backlog.mean.total_cmp(&a.peak_backlog.mean));
    all.truncate(most);
    all
}

const PARTITION_HEADER: [&str; 9] = [
    "partition",
    "peak backlog",
    "mean backlog",
    "oldest age",
    "published",
    "rejected",
    "completed",
    "redeliveries",
    "unfinished",
];

/// All but what was completed, which follows from the others.
const BRIEF_COLUMNS: [usize; 8] = [0, 1, 2, 3, 4, 5, 7, 8];

fn partition_row(partition: &PartitionFindings) -> Vec<String> {
    partition_cells(partition, Quantity::stat)
}

fn partition_cells(partition: &PartitionFindings, text: fn(Quantity, &Stat) -> String) -> Vec<String> {
    let number = |stat: &Stat| text(Quantity::Count, stat);
    vec![
        partition.partition.to_string(),
        number(&partition.peak_backlog),
        number(&partition.mean_backlog),
        text(Quantity::Seconds, &partition.oldest_age_max_s),
        number(&partition.published),
        number(&partition.rejected),
        number(&partition.completed),
        number(&partition.redeliveries),
        number(&partition.unfinished),
    ]
}

const KEY_HEADER: [&str; 6] = ["key", "share", "published", "completed", "peak backlog", "mean latency"];

/// The busiest keys of every queue and group that has keys.
pub(super) fn keys(findings: &Findings) -> Table {
    let rows = table::seen_queues(findings)
        .flat_map(|part| part.by_key.iter().map(|key| named(&part.name, key_row(key, part))))
        .collect();
    Table {
        title: "Busiest keys, whole run",
        header: ["queue"].into_iter().chain(KEY_HEADER).collect(),
        figures: (2..=KEY_HEADER.len()).collect(),
        rows,
        below: Vec::new(),
    }
}

/// The busiest keys of one queue or group, for a screen.
pub(super) fn brief_keys(part: &ComponentFindings) -> Table {
    Table {
        title: "Busiest keys, whole run",
        header: KEY_HEADER.to_vec(),
        figures: (1..KEY_HEADER.len()).collect(),
        rows: part.by_key.iter().take(BRIEF).map(|key| key_row(key, part)).collect(),
        below: Vec::new(),
    }
}

fn key_row(key: &KeyFindings, part: &ComponentFindings) -> Vec<String> {
    vec![
        key.key.clone(),
        share(key, part).map_or_else(|| NOTHING.into(), percent),
        Quantity::Count.stat(&key.published),
        Quantity::Count.stat(&key.completed),
        Quantity::Count.stat(&key.peak_backlog),
        key.latency_s.as_ref().map_or_else(|| NOTHING.into(), |stat| Quantity::Seconds.stat(stat)),
    ]
}

fn named(name: &str, cells: Vec<String>) -> Vec<String> {
    [name.to_owned()].into_iter().chain(cells).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn the_hottest_partition_and_key_are_named() {
        let findings = fixture::hot_partition();
        let group = findings.component("clicks/indexer").unwrap();
        let said = sentence(group).unwrap();
        for part in ["partition 3 is the deepest of 4", "times the mean of the others", "Its busiest key is celebrity"]
        {
            assert!(said.contains(part), "{part} in {said}");
        }
        assert_eq!(partitions(&findings).rows.len(), 4);
        assert_eq!(keys(&findings).rows[0][..2], ["clicks/indexer", "celebrity"]);
        assert_eq!(sentence(&fixture::flash_sale().components[0]), None);
    }

    #[test]
    fn a_thousand_partitions_stay_on_a_page() {
        let findings = fixture::many_partitions(1_000);
        let table = partitions(&findings);
        assert_eq!((table.rows.len(), table.below.len()), (DEEPEST, 1));
        assert_eq!(table.rows[0][1], "3");
        let text = crate::report::terminal(&findings, 100, false);
        assert!(text.lines().count() < 70, "{text}");
        let sizes = crate::report::render(&findings).into_iter().map(|file| (file.path, file.bytes.len()));
        for (path, bytes) in sizes.filter(|(path, _)| path != "summary.json" && path != "timeseries.csv") {
            assert!(bytes < 1_000_000, "{path}: {bytes} bytes");
        }
    }

    #[test]
    fn without_a_backlog_no_partition_is_the_deepest() {
        let mut findings = fixture::hot_partition();
        for partition in &mut findings.components[0].by_partition {
            partition.peak_backlog = fixture::alone(0.0);
        }
        assert_eq!(deepest(&findings.components[0]), None);
    }
}
