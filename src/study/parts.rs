//! Partitions and keys over the runs: which of them the work is in.

use super::statistics::stat;
use super::{ComponentFindings, KeyFindings, PartitionFindings, Stat};
use crate::model::Model;
use crate::observe::{KeySeen, PartitionSeen, QueueSeen};
use crate::units::seconds;
use std::collections::BTreeMap;

/// Keys that a summary names.
const MOST_KEYS: usize = 10;

/// A key with this bit set is a name, the rest of it an index into the model's names.
const IS_NAME: u32 = 1 << 31;

impl ComponentFindings {
    /// The partition with the greatest peak; `None` for what has no partitions.
    pub fn hottest_partition(&self) -> Option<&PartitionFindings> {
        let deeper = |a: &PartitionFindings, b: &PartitionFindings| {
            let by_peak = a.peak_backlog.mean.total_cmp(&b.peak_backlog.mean);
            by_peak.then(a.mean_backlog.mean.total_cmp(&b.mean_backlog.mean)).then(b.partition.cmp(&a.partition))
        };
        self.by_partition.iter().max_by(|a, b| deeper(a, b))
    }

    /// Mean peak of all partitions but one; `None` where there is no other.
    pub fn mean_of_others(&self, one: &PartitionFindings) -> Option<f64> {
        let others = self.by_partition.iter().filter(|other| other.partition != one.partition);
        let (sum, count) = others.fold((0.0, 0), |(sum, count), other| (sum + other.peak_backlog.mean, count + 1));
        (count > 0).then(|| sum / f64::from(count))
    }
}

pub(super) fn by_partition(model: &Model, each: &[&QueueSeen]) -> Vec<PartitionFindings> {
    let count = each.iter().map(|q| q.partitions.len()).max().unwrap_or(0);
    (0..count).map(|index| partition(model, each, index)).collect()
}

fn partition(model: &Model, each: &[&QueueSeen], index: usize) -> PartitionFindings {
    let over = |value: &dyn Fn(&PartitionSeen) -> f64| -> Stat {
        stat(&each.iter().map(|q| q.partitions.get(index).map_or(0.0, value)).collect::<Vec<f64>>())
    };
    let shares: Vec<f64> = each.iter().filter_map(|q| share_at_peak(q, index)).collect();
    PartitionFindings {
        partition: index as u32,
        published: over(&|p| p.published as f64),
        rejected: over(&|p| p.rejected as f64),
        completed: over(&|p| p.completed as f64),
        redeliveries: over(&|p| p.redeliveries as f64),
        peak_backlog: over(&|p| p.peak_backlog as f64),
        unfinished: over(&|p| p.unfinished as f64),
        mean_backlog: over(&|p| p.backlog_area as f64 / (model.end - model.origin) as f64),
        oldest_age_max_s: over(&|p| seconds(p.oldest_age_max)),
        share_at_peak: (!shares.is_empty()).then(|| stat(&shares)),
    }
}

/// Of one run, at the first of the ticks at which this partition is deepest.
fn share_at_peak(q: &QueueSeen, index: usize) -> Option<f64> {
    let own = q.series.column(&format!("lag_p{index}"))?;
    let deepest = own.zip(q.series.column("lag")?).reduce(|best, next| if next.0 > best.0 { next } else { best })?;
    (deepest.1 > 0.0).then(|| deepest.0 / deepest.1)
}

/// The busiest keys of all runs together. What a run does not name it counts as 0.
pub(super) fn by_key(names: &[String], each: &[&QueueSeen]) -> Vec<KeyFindings> {
    let mut published: BTreeMap<u32, u64> = BTreeMap::new();
    for seen in each.iter().flat_map(|q| &q.keys) {
        *published.entry(seen.key).or_default() += seen.published;
    }
    let mut busiest: Vec<(u32, u64)> = published.into_iter().collect();
    // The order of keys decides between equals, so that it does not depend on anything else.
    busiest.sort_by_key(|&(key, published)| (std::cmp::Reverse(published), key));
    busiest.truncate(MOST_KEYS);
    busiest.into_iter().map(|(key, _)| key_findings(key, names, each)).collect()
}

fn key_findings(key: u32, names: &[String], each: &[&QueueSeen]) -> KeyFindings {
    let none = KeySeen { key, ..KeySeen::default() };
    let seen: Vec<KeySeen> =
        each.iter().map(|q| q.keys.iter().find(|seen| seen.key == key).copied().unwrap_or(none)).collect();
    let over = |value: &dyn Fn(&KeySeen) -> f64| stat(&seen.iter().map(value).collect::<Vec<f64>>());
    let latencies: Vec<f64> = seen
        .iter()
        .filter(|seen| seen.completed > 0)
        .map(|seen| seen.latency_sum as f64 / 1e9 / seen.completed as f64)
        .collect();
    KeyFindings {
        key: name(key, names),
        published: over(&|k| k.published as f64),
        completed: over(&|k| k.completed as f64),
        peak_backlog: over(&|k| k.peak_backlog as f64),
        latency_s: (!latencies.is_empty()).then(|| stat(&latencies)),
    }
}

pub(super) fn name(key: u32, names: &[String]) -> String {
    let named = (key & IS_NAME != 0).then(|| names.get((key & !IS_NAME) as usize)).flatten();
    named.cloned().unwrap_or_else(|| key.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::{Counters, Histogram, SeriesSet};

    fn seen(keys: &[KeySeen], series: SeriesSet) -> QueueSeen {
        QueueSeen {
            totals: Counters::default(),
            warmup: Counters::default(),
            ready_area: (0, 0),
            in_flight_area: (0, 0),
            delayed_area: (0, 0),
            unfinished: (0, 0, 0),
            time_in_system: 0,
            peak: 0,
            peak_at: 0,
            wait: Histogram::default(),
            latency: Histogram::default(),
            journey: None,
            levels: vec![],
            partitions: vec![],
            keys: keys.to_vec(),
            deepest_key: None,
            traffic: None,
            disturbances: vec![],
            series,
        }
    }

    fn key(key: u32, published: u64) -> KeySeen {
        KeySeen {
            key,
            published,
            completed: published,
            peak_backlog: 1,
            latency_sum: 2_000_000_000 * published as u128,
        }
    }

    #[test]
    fn a_run_that_does_not_name_a_key_counts_it_as_none() {
        let runs =
            [seen(&[key(IS_NAME, 40), key(7, 20)], SeriesSet::default()), seen(&[key(7, 60)], SeriesSet::default())];
        let keys = by_key(&["celebrity".into()], &runs.iter().collect::<Vec<_>>());
        assert_eq!(keys.iter().map(|k| k.key.as_str()).collect::<Vec<_>>(), ["7", "celebrity"]);
        assert_eq!((keys[0].published.mean, keys[1].published.mean, keys[1].published.min), (40.0, 20.0, 0.0));
        assert_eq!(keys[1].latency_s.as_ref().map(|stat| stat.mean), Some(2.0));
    }

    #[test]
    fn ten_keys_are_named_and_ties_are_settled() {
        let many: Vec<KeySeen> = (0..10).map(|i| key(i, 5)).collect();
        let more: Vec<KeySeen> = (5..15).map(|i| key(i, 5)).collect();
        let runs = [seen(&more, SeriesSet::default()), seen(&many, SeriesSet::default())];
        let keys = by_key(&[], &runs.iter().collect::<Vec<_>>());
        let names: Vec<&str> = keys.iter().map(|k| k.key.as_str()).collect();
        assert_eq!(names, ["5", "6", "7", "8", "9", "0", "1", "2", "3", "4"]);
    }

    #[test]
    fn a_share_is_of_the_tick_at_which_the_partition_is_deepest() {
        let mut series = SeriesSet::new(&["lag", "lag_p0", "lag_p1"], 3);
        for row in [[0.0, 0.0, 0.0], [40.0, 30.0, 10.0], [50.0, 20.0, 30.0]] {
            series.push(&row);
        }
        let seen = seen(&[], series);
        assert_eq!([0, 1].map(|i| share_at_peak(&seen, i)), [Some(0.75), Some(0.6)]);
        assert_eq!(share_at_peak(&seen, 2), None);
    }
}
