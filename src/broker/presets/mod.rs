//! The brokers that are known, one file each.

mod generic;
mod rabbitmq;
mod sqs;

use super::Preset;

/// A new preset is a file and a line here.
pub const ALL: [&Preset; 7] = [
    &generic::QUEUE,
    &generic::TOPIC,
    &generic::STREAM,
    &rabbitmq::CLASSIC,
    &rabbitmq::QUORUM,
    &sqs::STANDARD,
    &sqs::FIFO,
];
