//! Envoy's growth: the n-th retry's delay is at most (2^n − 1) × the base interval.

use crate::units::Nanos;

pub(super) fn grown(base: Nanos, n: u32) -> f64 {
    base as f64 * (2f64.powi(n.clamp(1, 1_000) as i32) - 1.0)
}
