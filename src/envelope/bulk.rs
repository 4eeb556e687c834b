//! One server that takes up to b waiting messages at once for one exponential service: M/M\[1,b\]/1.
//!
//! r is the root in 0 … 1 of μ·r^(b+1) − (λ + μ)·r + λ = 0. Source: Gross et al., 4th ed. 2008, section 3.2.

use super::Load;
use super::line::{Law, Line, Unit};
use crate::arrivals::{BatchSize, Process};
use crate::random::Distribution;
use crate::random::distribution::Kind;
use crate::scenario::{Scenario, Source};
use crate::units::significant;

const MEAN: Law = Law {
    id: "wait_mean",
    name: "mean wait",
    formula: "Lq/λ, Lq = (λ/μ)·p₀·r/(1 − r)²",
    unit: Unit::Seconds,
    caveat: "M/M[1,b]/1 at the start, steady: batches do not wait to be full",
    headline: true,
};
const LATENCY: Law = Law { id: "latency_mean", name: "mean latency", formula: "Wq + E[S]", headline: false, ..MEAN };
const BUSY: Law = Law {
    id: "batch_utilization",
    name: "time that a batch is in work",
    formula: "1 − p₀, p₀ = 1/(1 + (λ/μ)/(1 − r))",
    unit: Unit::Share,
    caveat: "M/M[1,b]/1 at the start, steady; most batches are not full",
    headline: false,
};

/// Mean number waiting and share of time with a batch in work.
pub fn bulk_service(rate: f64, batch_s: f64, most: u32) -> Option<(f64, f64)> {
    let mu = 1.0 / batch_s;
    if rate >= mu * f64::from(most) {
        return None;
    }
    let equation = |r: f64| mu * r.powi(most as i32 + 1) - (rate + mu) * r + rate;
    // Positive at 0 and negative just below the trivial root at 1.
    let (mut low, mut high) = (0.0, 1.0 - 1e-12);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if equation(middle) > 0.0 { low = middle } else { high = middle }
    }
    let r = f64::midpoint(low, high);
    let idle = 1.0 / (1.0 + rate / mu / (1.0 - r));
    Some((rate / mu * idle * r / (1.0 - r).powi(2), 1.0 - idle))
}

pub(super) fn lines(scenario: &Scenario, load: &Load) -> Vec<Line> {
    let Some((law, size)) = fits(scenario, load) else { return vec![] };
    let rate = load.rate_at(0.0);
    let Some((waiting, busy)) = bulk_service(rate, law.mean(), size) else { return vec![] };
    let component = &load.component;
    let put_in = format!("λ = {}, E[S] = {}, b = {size}", significant(rate, 4), significant(law.mean(), 4));
    vec![
        MEAN.line(component, put_in.clone(), waiting / rate),
        LATENCY.line(component, put_in.clone(), waiting / rate + law.mean()),
        BUSY.line(component, put_in, busy),
    ]
}

/// Poisson arrivals, one slot, one exponential law for a batch that starts with whatever waits.
fn fits(scenario: &Scenario, load: &Load) -> Option<(Distribution, u32)> {
    let consumer = &scenario.consumers[*load.consumers.first()?];
    let batch = consumer.batch.as_ref().filter(|batch| batch.wait.ns() == 0)?;
    let law = batch.service_per_batch.as_ref().filter(|law| matches!(law.kind, Kind::Exponential(_)))?;
    let alone =
        load.is_direct() && consumer.calls.is_empty() && consumer.overhead_success.is_none() && !load.attempts.any();
    let poisson = scenario
        .producers
        .iter()
        .filter(|producer| super::load::published_by(scenario, producer, load.feed) > 0.0)
        .all(|producer| {
            matches!(producer.source, Source::Curve { process: Process::Poisson, .. })
                && producer.batch == BatchSize::Fixed(1)
        });
    (alone && poisson && load.slots_at(scenario, 0.0) == 1.0 && load.capacity(scenario).is_none())
        .then(|| (law.clone(), batch.size))
}
