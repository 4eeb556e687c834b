//! The hottest partition: keys stay together, and one reader at a time works on them.

use super::line::{Law, Line, Unit};
use super::load::published_by;
use super::{Load, fluid};
use crate::arrivals::{Keys, keys::hash};
use crate::scenario::{Feed, Order, Producer, Scenario, Source};
use crate::units::significant;

/// Beyond so many keys the sum over all of them is left out.
const MOST_KEYS: u32 = 1_000_000;

const HOTTEST: Law = Law {
    id: "utilization_hottest",
    name: "utilization of the hottest partition's reader",
    formula: "ρ = s·λ·E[S]",
    unit: Unit::Ratio,
    caveat: "at the highest rate; one member reads a partition, or the part of it that `parallelization` cuts out",
    headline: true,
};
const PEAK: Law = Law {
    id: "peak_backlog_hottest",
    name: "highest backlog of the hottest partition",
    formula: "∫ (s·λ − 1/E[S]) dt",
    unit: Unit::Messages,
    caveat: "a fluid: no randomness; one member reads it",
    headline: true,
};
const CEILING: Law = Law {
    id: "hot_ceiling",
    name: "rate at which the hottest partition is full",
    formula: "1 / (s·E[S])",
    unit: Unit::PerSecond,
    caveat: "more members do not raise it",
    headline: false,
};
const BEST: Law = Law {
    id: "hot_key_ceiling",
    name: "rate at which the hottest key alone is full",
    formula: "1 / (s₁·E[S])",
    unit: Unit::PerSecond,
    caveat: "however the keys are hashed, and with any number of partitions",
    headline: false,
};
const KEY: Law = Law {
    id: "utilization_hottest_key",
    name: "utilization by the hottest key",
    formula: "ρ = s₁·λ·E[S]",
    unit: Unit::Ratio,
    caveat: "at the highest rate; one message of a key is in work at a time",
    headline: true,
};

/// ρ = s·λ·E\[S\] of the partition with the largest share s of the records; above 1 it falls behind however many members
/// there are. Nothing where no producer's records have keys.
pub(super) fn lines(scenario: &Scenario, load: &Load) -> Vec<Line> {
    let rate = load.rate_at(load.busiest(scenario));
    let work = load.work_s;
    let component = &load.component;
    let product =
        |share: f64| format!("{} × {} × {}", significant(share, 4), significant(rate, 4), significant(work, 4));
    let ceiling = |law: &Law, share: f64| {
        let quotient = format!("1 / ({} × {})", significant(share, 4), significant(work, 4));
        law.line(component, quotient, 1.0 / (share * work))
    };
    let mut lines = vec![];
    if !work.is_finite() {
        return lines;
    }
    if let Some(share) = share(scenario, load) {
        lines.push(HOTTEST.line(component, product(share), share * rate * work));
        lines.push(ceiling(&CEILING, share));
        let course = fluid(scenario, &load.part(share));
        if course.peak >= 1.0 {
            let at = super::line::clock(course.peak_at_s);
            let sum = format!("s = {}, {}/s out, at {at}", significant(share, 4), significant(1.0 / work, 4));
            lines.push(PEAK.line(component, sum, course.peak));
        }
    }
    let by_key = match load.feed {
        Feed::Stream(_) => !lines.is_empty(),
        Feed::Queue(queue) => matches!(scenario.queues[queue].order, Order::Key | Order::Session),
    };
    if let Some(share) = hottest_key(scenario, load).filter(|_| by_key) {
        if load.feed.queue().is_some() {
            lines.push(KEY.line(component, product(share), share * rate * work));
        }
        lines.push(ceiling(&BEST, share));
    }
    lines
}

/// The largest share of the messages that one key has; producers' keys are the same keys.
fn hottest_key(scenario: &Scenario, load: &Load) -> Option<f64> {
    let (mut most, mut total) = (0.0, 0.0);
    for producer in &scenario.producers {
        let count = published_by(scenario, producer, load.feed);
        total += count;
        match &producer.keys {
            Some(law) if law.count() > MOST_KEYS => return None,
            // The first of all laws is the hottest of each of them.
            Some(law) if count > 0.0 => most += law.share(0).max(law.share(law.count() - 1)) * count,
            _ => {}
        }
    }
    (most > 0.0).then(|| most / total)
}

/// The largest share of the records that one reader has to work on.
fn share(scenario: &Scenario, load: &Load) -> Option<f64> {
    let Feed::Stream(stream) = load.feed else { return None };
    let ways = scenario.consumers[*load.consumers.first()?].group.as_ref()?.parallelization;
    let partitions = scenario.streams[stream].partitions;
    let mut weights = vec![0.0; (partitions * ways) as usize];
    let (mut total, mut keyed) = (0.0, false);
    for producer in &scenario.producers {
        let count = published_by(scenario, producer, load.feed);
        if count <= 0.0 {
            continue;
        }
        total += count;
        // As the engine does: the partition by the hash of the key, its part by the hash of that.
        let mut add = |key: u32, share: f64| {
            let lane = hash(key) % partitions * ways + if ways > 1 { hash(hash(key)) % ways } else { 0 };
            weights[lane as usize] += share * count;
            keyed = true;
        };
        match (&producer.keys, recorded(producer)) {
            (_, Some(keys)) => keys.iter().for_each(|key| add(*key, 1.0 / keys.len() as f64)),
            (Some(law), None) if law.count() <= MOST_KEYS => {
                shares(law).enumerate().for_each(|(key, share)| add(key as u32, share));
            }
            (Some(_), None) => return None,
            (None, None) => weights.iter_mut().for_each(|weight| *weight += count / f64::from(partitions * ways)),
        }
    }
    let most = weights.iter().copied().fold(0.0, f64::max);
    keyed.then_some(most / total)
}

/// The keys of a recording in which every row has one.
fn recorded(producer: &Producer) -> Option<Vec<u32>> {
    match &producer.source {
        Source::Messages(rows) if !rows.is_empty() => rows.iter().map(|row| row.key).collect(),
        _ => None,
    }
}

/// Shares of all keys, from the first on.
fn shares(law: &Keys) -> Box<dyn Iterator<Item = f64> + '_> {
    match law {
        Keys::Zipf { count, exponent } => {
            let first = law.share(0);
            Box::new((1..=*count).map(move |n| first * f64::from(n).powf(-exponent)))
        }
        Keys::Hot { count, .. } => Box::new((0..*count).map(|key| law.share(key))),
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::{Files, Scenario};
    use std::collections::BTreeMap;

    fn result(keys: &str, group: &str) -> String {
        let text = format!(
            "duration = \"1m\"\n[producer.p]\nto = \"s\"\nrate = \"100/s\"\n{keys}\n[stream.s]\npartitions = 4\n\
             [consumer.c]\nfrom = \"s\"\nreplicas = 9\nservice = \"10ms\"\n{group}\n"
        );
        let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let scenario = Scenario::parse(&text, &files as &dyn Files).unwrap_or_else(|why| panic!("{why:?}"));
        let lines = crate::envelope::estimate(&scenario);
        assert!(lines.iter().all(|line| line.component == "s/c"));
        let busy = lines.iter().find(|line| line.name == "utilization at the start").expect("there");
        // Four of the nine members have a partition.
        let members = if group.is_empty() { "4" } else { "8" };
        assert_eq!(busy.arithmetic, format!("100 × 0.01 / {members}"));
        let hottest = lines.iter().find(|line| line.name.contains("hottest"));
        hottest.map_or(String::new(), |line| format!("{} = {}", line.arithmetic, line.result))
    }

    #[test]
    fn one_key_is_one_readers() {
        assert_eq!(result("", ""), "");
        assert_eq!(result("keys = { count = 1 }", ""), "1 × 100 × 0.01 = 1");
        assert_eq!(result("keys = { count = 1 }", "parallelization = 2"), "1 × 100 × 0.01 = 1");
        let many = result("keys = { count = 100000 }", "");
        assert!(many.starts_with("0.25"), "{many}");
    }
}
