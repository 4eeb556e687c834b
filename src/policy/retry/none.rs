//! No jitter: everyone that failed together comes back together.

use crate::units::Nanos;

pub(super) fn spread(delay: Nanos) -> Nanos {
    delay
}
