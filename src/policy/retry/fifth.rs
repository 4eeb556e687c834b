//! A fifth more or less: uniform 0.8 d … 1.2 d, as gRPC and Kafka's clients do (brokers.md G-JS).

use crate::random::Stream;
use crate::units::Nanos;

pub(super) fn spread(delay: Nanos, stream: &mut Stream) -> Nanos {
    (delay as f64 * (0.8 + 0.4 * stream.uniform())) as Nanos
}
