//! Storage: rate × size × how long it is kept.

use super::line::{Law, Line, Unit, bytes, clock, count};
use super::{Load, fluid::Fluid, load::published_by};
use crate::scenario::{Feed, Scenario, Source};
use crate::units::significant;

const KEPT: Law = Law {
    id: "storage",
    name: "kept by the stream",
    formula: "λ · size · retention",
    unit: Unit::Bytes,
    caveat: "at the mean rate of the run; one copy, no compression, no indexes",
    headline: true,
};
const HOLDS: Law = Law {
    id: "retention_by_bytes",
    name: "time that the bytes last",
    formula: "bytes · partitions / (λ · size)",
    unit: Unit::Seconds,
    caveat: "at the mean rate of the run, spread evenly over the partitions",
    headline: false,
};
const WAITING: Law = Law {
    id: "backlog_bytes",
    name: "bytes of the highest backlog",
    formula: "backlog · size",
    unit: Unit::Bytes,
    caveat: "payload alone",
    headline: false,
};
const BURIED: Law = Law {
    id: "dead_letters_kept",
    name: "dead letters kept",
    formula: "λ·pⁿ · time to live",
    unit: Unit::Messages,
    caveat: "once as many go as come",
    headline: false,
};

/// Mean bytes of a message published to it.
pub(super) fn size_of(scenario: &Scenario, feed: Feed) -> f64 {
    let (mut sum, mut all) = (0.0, 0.0);
    for producer in &scenario.producers {
        let count = published_by(scenario, producer, feed);
        let size = match &producer.source {
            Source::Messages(rows) if !rows.is_empty() => {
                let own = |row: &crate::arrivals::Row| row.size.unwrap_or(producer.size) as f64;
                rows.iter().map(own).sum::<f64>() / rows.len() as f64
            }
            _ => producer.size as f64,
        };
        (sum, all) = (sum + size * count, all + count);
    }
    if all > 0.0 { sum / all } else { 0.0 }
}

/// Messages per second over the whole run.
pub(super) fn mean_rate(scenario: &Scenario, feed: Feed) -> f64 {
    super::load::published(scenario, feed) / scenario.duration.seconds().max(1e-9)
}

/// Of a stream, whoever reads it.
pub(super) fn of_stream(scenario: &Scenario, index: usize) -> Vec<Line> {
    let (stream, feed) = (&scenario.streams[index], Feed::Stream(index));
    let (size, rate) = (size_of(scenario, feed), mean_rate(scenario, feed));
    if size * rate <= 0.0 {
        return vec![];
    }
    let flow = format!("{}/s × {}", significant(rate, 4), super::line::size(size));
    let by_bytes = stream.retention_bytes.map(|kept| kept as f64 * f64::from(stream.partitions));
    let mut lines = vec![];
    if let Some(retention) = stream.retention {
        let kept = rate * size * retention.seconds();
        let line = KEPT.line(&stream.name, format!("{flow} × {}", clock(retention.seconds())), kept);
        lines.push(match by_bytes {
            Some(most) if most < kept => line.but("the bound on bytes is met first"),
            _ => line,
        });
    }
    if let Some(most) = by_bytes {
        lines.push(HOLDS.line(&stream.name, format!("{} / ({flow})", super::line::size(most)), most / (rate * size)));
    }
    lines
}

/// Of a queue: what its backlog and its dead letters come to.
pub(super) fn of_queue(scenario: &Scenario, load: &Load, fluid: &Fluid) -> Vec<Line> {
    let Feed::Queue(index) = load.feed else { return vec![] };
    let (component, size, rate) = (&load.component, size_of(scenario, load.feed), mean_rate(scenario, load.feed));
    let mut lines = vec![];
    if size * rate <= 0.0 {
        return lines;
    }
    if fluid.peak >= 1.0 {
        let product = format!("{} × {}", count(fluid.peak), super::line::size(size));
        lines.push(WAITING.line(component, product, fluid.peak * size));
    }
    let grave = scenario.queues[index].dead_letter.map(|grave| &scenario.queues[grave]);
    let ttl = grave.and_then(|grave| grave.ttl.as_ref()).map(|ttl| ttl.mean());
    let given_up = load.attempts.given_up();
    if let Some(ttl) = ttl.filter(|_| given_up > 0.0) {
        let product = format!("{}/s × {} × {}", significant(rate, 4), significant(given_up, 3), clock(ttl));
        let kept = rate * given_up * ttl;
        let result = format!("{}, {}", count(kept), bytes(kept * size));
        lines.push(BURIED.line(component, product, kept).reads(result));
    }
    lines
}
