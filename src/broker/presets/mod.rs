//! The brokers that are known, one file each.

mod generic;
mod jetstream;
mod kafka;
mod kinesis;
mod rabbitmq;
mod redis_stream;
mod sqs;

use super::Preset;

/// A new preset is a file and a line here.
pub const ALL: [&Preset; 14] = [
    &generic::QUEUE,
    &generic::TOPIC,
    &generic::STREAM,
    &rabbitmq::CLASSIC,
    &rabbitmq::QUORUM,
    &sqs::STANDARD,
    &sqs::FIFO,
    &jetstream::QUEUE,
    &jetstream::TOPIC,
    &redis_stream::QUEUE,
    &kafka::CLASSIC,
    &kafka::KIP848,
    &kafka::SHARE,
    &kinesis::STREAM,
];
