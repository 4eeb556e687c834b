//! What the broker's own monitoring would show: sums of our series, under the broker's names and in its units.

use super::{Series, statistics};
use crate::broker::{self, BrokerMetric, Shape};
use crate::model::QueueModel;
use crate::observe::{Observations, SeriesSet};

/// The metrics of a queue's preset. They are summed up within each run, as quantiles over the runs cannot be.
pub(super) fn series(queue: &QueueModel, runs: &[Observations], index: usize) -> Vec<Series> {
    let shape = if queue.group.is_some() { Shape::Stream } else { Shape::Queue };
    let Some(preset) = broker::preset(&queue.broker, shape) else { return vec![] };
    let each: Vec<SeriesSet> = runs.iter().map(|run| shown(&run.queues[index].series, preset.metrics)).collect();
    statistics::series(&each.iter().collect::<Vec<&SeriesSet>>())
}

/// One run's series under the broker's names. A metric needs all the series that it is a sum of.
fn shown(own: &SeriesSet, metrics: &[BrokerMetric]) -> SeriesSet {
    let column = |name: &&str| own.names.iter().position(|own| own == name);
    let columns: Vec<(&BrokerMetric, Vec<usize>)> = metrics
        .iter()
        .filter_map(|metric| Some((metric, metric.sum_of.iter().map(column).collect::<Option<Vec<usize>>>()?)))
        .collect();
    let mut out = SeriesSet::new(&columns.iter().map(|(metric, _)| metric.name).collect::<Vec<_>>(), own.rows());
    if columns.is_empty() {
        return out;
    }
    for row in own.values.chunks_exact(own.names.len()) {
        let values = columns.iter().map(|(metric, parts)| parts.iter().map(|&i| row[i]).sum::<f64>() * metric.times);
        out.push(&values.collect::<Vec<f64>>());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn sums_are_made_within_a_run() {
        let mut own = SeriesSet::new(&["ready", "in_flight", "oldest_age_s"], 2);
        own.push(&[1.0, 2.0, 0.5]);
        own.push(&[3.0, 4.0, f64::NAN]);
        let metric = |name, sum_of, times| BrokerMetric { name, sum_of, times };
        let metrics = [
            metric("Visible", &["ready", "in_flight"][..], 1.0),
            metric("AgeMs", &["oldest_age_s"][..], 1e3),
            metric("Unknown", &["ready", "nothing"][..], 1.0),
        ];
        let shown = shown(&own, &metrics);
        assert_eq!(shown.names, ["Visible", "AgeMs"]);
        assert_eq!(shown.values[..3], [3.0, 500.0, 7.0]);
        assert!(shown.values[3].is_nan());
    }

    /// What the engine keeps for a queue and for a group, as a run shows it.
    #[test]
    fn presets_speak_of_series_that_there_are() {
        let text = "duration = \"1s\"\nruns = 1\n[producer.p]\nto = [\"q\", \"s\"]\nrate = \"1/s\"\n[queue.q]\n[stream.s]\n\
            [consumer.c]\nfrom = \"s\"\nservice = \"1ms\"\n";
        let scenario =
            crate::scenario::Scenario::parse(text, &BTreeMap::<String, Vec<u8>>::new()).expect("it is sound");
        let run = crate::engine::run(&crate::model::Model::compile(&scenario), 0).expect("a run");
        let [queue, group] = &run.queues[..] else { panic!("a queue and a group") };
        for preset in broker::presets::ALL {
            for name in preset.metrics.iter().flat_map(|metric| metric.sum_of) {
                let seen = if preset.shape == Shape::Stream { group } else { queue };
                assert!(seen.series.names.iter().any(|known| known == name), "{}: {name}", preset.name);
            }
        }
    }
}
