//! Equal jitter: d/2 + uniform 0 … d/2.

use crate::random::Stream;
use crate::units::Nanos;

pub(super) fn spread(delay: Nanos, stream: &mut Stream) -> Nanos {
    delay / 2 + (delay as f64 / 2.0 * stream.uniform()) as Nanos
}
