//! Full jitter: uniform 0 … d.

use crate::random::Stream;
use crate::units::Nanos;

pub(super) fn spread(delay: Nanos, stream: &mut Stream) -> Nanos {
    (delay as f64 * stream.uniform()) as Nanos
}
