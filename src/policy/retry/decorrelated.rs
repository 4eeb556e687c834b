//! Decorrelated jitter: uniform backoff … 3 × the last delay, capped; the first delay counts from the backoff itself.

use crate::random::Stream;
use crate::units::Nanos;

pub(super) fn spread(base: Nanos, last: Nanos, cap: Nanos, stream: &mut Stream) -> Nanos {
    let top = (last.max(base) as f64 * 3.0).max(base as f64);
    let drawn = base as f64 + (top - base as f64) * stream.uniform();
    if drawn >= cap as f64 { cap } else { drawn as Nanos }
}
