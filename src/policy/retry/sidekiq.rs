//! Sidekiq's delays: k⁴ + 15 + rand(30) × (k + 1) seconds before the k-th retry counted from 0 (brokers.md SK).

use crate::random::Stream;
use crate::units::{Nanos, SECOND};

pub(super) fn delay(n: u32, stream: &mut Stream) -> Nanos {
    let count = u64::from(n.saturating_sub(1).min(10_000));
    let jitter = (30.0 * stream.uniform()) as u64;
    count.pow(4).saturating_add(15 + jitter * (count + 1)).saturating_mul(SECOND)
}
