//! One server, exponential service, arrivals with independent gaps: GI/M/1.
//!
//! σ is the root of σ = A*(μ(1 − σ)) in 0 … 1, with A* the gaps' Laplace transform; an arrival waits with probability σ,
//! and then exponentially with rate μ(1 − σ). Source: Gross et al., 4th ed. 2008, section 5.3.

use super::station::Station;
use super::waiting::{Waits, put_in};
use crate::units::significant;

/// Gaps as `process` makes them: constant, or gamma with the squared coefficient of variation `gaps`.
pub(super) fn waits(station: &Station) -> Option<Waits> {
    let mu = 1.0 / station.service_s;
    let transform = |s: f64| match station.gaps {
        0.0 => (-s / station.rate).exp(),
        v => (1.0 + v * s / station.rate).powf(-1.0 / v),
    };
    // From below, the iteration climbs to the smallest fixed point, which is the root below 1.
    let mut sigma: f64 = 0.0;
    for _ in 0..200_000 {
        let next = transform(mu * (1.0 - sigma));
        let near = (next - sigma).abs() < 1e-14;
        sigma = next;
        if near {
            break;
        }
    }
    let rate = mu * (1.0 - sigma);
    let beyond = |share: f64, p: f64| ((share / (1.0 - p)).ln() / rate).max(0.0);
    (sigma < 1.0).then(|| Waits {
        model: "GI/M/1",
        formula: "Wq = σ / (μ(1 − σ)), σ = A*(μ(1 − σ))",
        arithmetic: format!(
            "{}, ca² = {}, σ = {}",
            put_in(station),
            significant(station.gaps, 3),
            significant(sigma, 4)
        ),
        share: Some(sigma),
        mean_s: sigma / rate,
        p50_s: Some(beyond(sigma, 0.5)),
        p99_s: Some(beyond(sigma, 0.99)),
        latency_p99_s: Some(beyond(1.0, 0.99)),
        rough: "",
        rejected: None,
    })
}
