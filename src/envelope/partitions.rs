//! Partitions: as many readers as there are partitions work at once, and each partition takes only so much.

use super::Load;
use super::line::{Law, Line, Unit, rounded_up};
use super::storage::size_of;
use crate::scenario::{Feed, Scenario};
use crate::units::{grouped, significant};

const NEEDED: Law = Law {
    id: "partitions_needed",
    name: "partitions needed at the highest rate",
    formula: "⌈λ·E[S]⌉",
    unit: Unit::Partitions,
    caveat: "at 100 % utilization, keys spread evenly; the readers have to be as many",
    headline: false,
};
const IDLE: Law = Law {
    id: "idle_members",
    name: "members without a partition",
    formula: "members − partitions",
    unit: Unit::Replicas,
    caveat: "",
    headline: true,
};
const WRITTEN: Law = Law {
    id: "partitions_written",
    name: "partitions needed to take the writes",
    formula: "⌈λ / limit⌉",
    unit: Unit::Partitions,
    caveat: "keys spread evenly",
    headline: false,
};

pub(super) fn lines(scenario: &Scenario, load: &Load) -> Vec<Line> {
    let (Feed::Stream(index), Some(lanes)) = (load.feed, load.lanes()) else { return vec![] };
    let stream = &scenario.streams[index];
    let partitions = f64::from(stream.partitions);
    let ways = lanes / partitions;
    let (at, component) = (load.busiest(scenario), &load.component);
    let rate = load.rate_at(at);
    let mut lines = vec![];
    if load.work_s.is_finite() {
        let exact = rate * load.work_s / ways;
        let product = format!("{} × {}", significant(rate, 4), significant(load.work_s, 4));
        let result = format!("{} of {}", rounded_up(exact), stream.partitions);
        lines.push(NEEDED.line(component, product, super::line::whole(exact)).reads(result));
    }
    let members: f64 = load
        .consumers
        .iter()
        .map(|&c| load.replicas_at(scenario, at.max(1e-9)) * f64::from(scenario.consumers[c].concurrency))
        .sum();
    if members > lanes {
        let sum = format!("{} − {}", grouped(members, 0), grouped(lanes, 0));
        lines.push(IDLE.line(component, sum, members - lanes));
    }
    let size = size_of(scenario, load.feed);
    let limits = [(stream.write.records, rate, "records"), (stream.write.bytes, rate * size, "bytes")];
    for (limit, asked, what) in limits {
        let Some(limit) = limit.filter(|limit| *limit > 0.0 && asked > 0.0) else { continue };
        let exact = asked / limit;
        let result = format!("{} of {} by {what}", rounded_up(exact), stream.partitions);
        let quotient = format!("{} / {}", significant(asked, 4), significant(limit, 4));
        lines.push(WRITTEN.line(component, quotient, super::line::whole(exact)).reads(result));
    }
    lines
}
