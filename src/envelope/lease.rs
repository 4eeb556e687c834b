//! Leases: work that takes longer than its lease is delivered again, and done twice.
//!
//! With late acks accepted, delivery k + 1 comes where the work outlasts k leases: E\[deliveries\] = Σ Π P(S > j·V). With
//! them rejected every delivery is on its own: (1 − gⁿ)/(1 − g), g = P(S > V), and gⁿ are given up.

use super::Load;
use super::line::{Law, Line, Unit, clock};
use crate::random::Distribution;
use crate::random::distribution::{Gamma, Kind};
use crate::scenario::{Consumer, Scenario, Service};
use crate::units::significant;

const BEYOND: Law = Law {
    id: "lease_exceeded_share",
    name: "work that outlasts its lease",
    formula: "P(S > V)",
    unit: Unit::Share,
    caveat: "from the hand-over on; no queueing inside the consumer but what is said",
    headline: true,
};
const AGAIN: Law = Law {
    id: "lease_duplicates",
    name: "extra deliveries per message",
    formula: "Σ Π P(S > j·V), j = 1 … k",
    unit: Unit::Ratio,
    caveat: "late acks are accepted; work that failed is not in it",
    headline: false,
};
const GIVEN_UP: Law = Law {
    id: "lease_given_up_share",
    name: "share given up by leases alone",
    formula: "gⁿ, g = P(S > V)",
    unit: Unit::Share,
    caveat: "late acks are rejected",
    headline: false,
};
/// More deliveries than this add nothing that could be seen.
const MOST: u32 = 1000;

/// What leases do to a law of work, without queueing. `limit` counts deliveries that a lease ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Leases {
    /// P(S > V).
    pub exceeded: f64,
    /// Deliveries beyond the first.
    pub extra: f64,
    /// Share of messages whose deliveries are used up.
    pub given_up: f64,
}

impl Leases {
    pub fn of(work: &Distribution, lease_s: f64, limit: Option<u32>, late_accepted: bool) -> Leases {
        let beyond = |t: f64| (1.0 - work.cdf(t)).clamp(0.0, 1.0);
        let exceeded = beyond(lease_s);
        let most = limit.unwrap_or(MOST).min(MOST);
        let (mut extra, mut still) = (0.0, 1.0);
        for k in 1..most {
            still *= if late_accepted { beyond(f64::from(k) * lease_s) } else { exceeded };
            extra += still;
            if still < 1e-15 {
                break;
            }
        }
        let given_up = if late_accepted || limit.is_none() { 0.0 } else { exceeded.powi(most as i32) };
        Leases { exceeded, extra, given_up }
    }
}

pub(super) fn lines(scenario: &Scenario, load: &Load) -> Vec<Line> {
    let (Some(queue), Some(&index)) = (load.feed.queue().map(|queue| &scenario.queues[queue]), load.consumers.first())
    else {
        return vec![];
    };
    let consumer = &scenario.consumers[index];
    let Some(lease) = queue.visibility_timeout else { return vec![] };
    let (lease_s, word) = match (consumer.heartbeat, queue.traits.lease_extension) {
        (None, _) => (lease.seconds(), "V"),
        (Some(_), Some(most)) => (most.seconds(), "V, as far as heartbeats extend it,"),
        (Some(_), None) => return vec![],
    };
    let Some((work, how)) = held(scenario, consumer) else { return vec![] };
    let most = consumer.timeout.map_or(f64::INFINITY, |timeout| timeout.seconds());
    let limit = queue.max_deliveries.filter(|_| queue.traits.counts.lease);
    let seen = Leases::of(&work, lease_s, limit, queue.stale_ack_accepted);
    let p99 = work.quantile(0.99).min(most);
    let numbers = format!("{word} = {}, E[S] = {}, p99 = {}{how}", clock(lease_s), clock(work.mean()), clock(p99));
    if most <= lease_s {
        return vec![BEYOND.line(&load.component, format!("{numbers}, timeout {}", clock(most)), 0.0)];
    }
    let mut lines = vec![BEYOND.line(&load.component, numbers, seen.exceeded)];
    if seen.extra > 1e-9 {
        let g = significant(seen.exceeded, 3);
        let formula =
            if queue.stale_ack_accepted { AGAIN.formula } else { "(1 − gⁿ)/(1 − g) − 1, g = P(S > V)" };
        let sum = if queue.stale_ack_accepted {
            format!("{g} + {} + …", significant(seen.exceeded * (1.0 - work.cdf(2.0 * lease_s)), 3))
        } else {
            format!("g = {g}, n = {}", limit.map_or("∞".into(), |n| n.to_string()))
        };
        let line = AGAIN.line(&load.component, sum, seen.extra);
        let caveat = if queue.stale_ack_accepted { AGAIN.caveat } else { "late acks are rejected" };
        lines.push(Line { formula, caveat: caveat.into(), ..line });
        if seen.given_up > 0.0 {
            let sum = format!("{g}^{}", limit.unwrap_or(MOST));
            lines.push(GIVEN_UP.line(&load.component, sum, seen.given_up));
        }
    }
    lines
}

/// Hand-over to acknowledgement: the work itself, behind what was handed over with it. The last of them is looked at.
fn held(scenario: &Scenario, consumer: &Consumer) -> Option<(Distribution, String)> {
    let Service::Drawn(law) = &consumer.service else { return None };
    let calls = consumer.calls.iter().map(|call| (call.share, &scenario.dependencies[call.dependency].service));
    let (mean, variance) = calls.fold((law.mean(), law.variance()), |(mean, variance), (share, law)| {
        let own = share * (law.variance() + law.mean().powi(2) * (1.0 - share));
        (mean + share * law.mean(), variance + own)
    });
    if let Some(batch) = &consumer.batch {
        return Some(match &batch.service_per_batch {
            Some(whole) => (shifted(whole, batch.wait.seconds()), format!(", {} to fill", clock(batch.wait.seconds()))),
            None => {
                let n = f64::from(batch.size);
                let sum = sum_of(law, n, mean, variance);
                (
                    shifted(&sum, batch.wait.seconds()),
                    format!(", {} in a batch, {} to fill", n, clock(batch.wait.seconds())),
                )
            }
        });
    }
    let slots = consumer.concurrency.max(1);
    let ahead = consumer.prefetch.unwrap_or(1).max(consumer.receive.unwrap_or(1)).div_ceil(slots);
    let how = if ahead > 1 { format!(", the last of {ahead} handed over together") } else { String::new() };
    Some((sum_of(law, f64::from(ahead), mean, variance), how))
}

fn shifted(law: &Distribution, by: f64) -> Distribution {
    Distribution { shift: law.shift + by, ..law.clone() }
}

/// The law of n pieces of work one after another: itself for one without calls, else a gamma with the right moments.
fn sum_of(law: &Distribution, n: f64, mean: f64, variance: f64) -> Distribution {
    if n == 1.0 && (mean - law.mean()).abs() < 1e-12 * mean {
        return law.clone();
    }
    if variance <= 0.0 || !variance.is_finite() {
        return Distribution::constant(n * mean);
    }
    Distribution::from(Kind::Gamma(Gamma { mean: n * mean, shape: n * mean * mean / variance }))
}
