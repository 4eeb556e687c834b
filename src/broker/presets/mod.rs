//! The brokers that are known, a file for each family.

mod aws_topics;
mod durable_functions;
mod event_hubs;
mod generic;
mod jetstream;
mod kafka;
mod kinesis;
mod pubsub;
mod rabbitmq;
mod redis_stream;
mod service_bus;
mod sqs;
mod step_functions;
mod temporal;

use super::Preset;

/// A new preset is a constant in its family's file and a line here.
pub const ALL: [&Preset; 27] = [
    &generic::QUEUE,
    &rabbitmq::CLASSIC,
    &rabbitmq::QUORUM,
    &sqs::STANDARD,
    &sqs::FIFO,
    &service_bus::QUEUE,
    &pubsub::QUEUE,
    &jetstream::QUEUE,
    &redis_stream::QUEUE,
    &kafka::SHARE,
    &generic::TOPIC,
    &aws_topics::SNS,
    &rabbitmq::FANOUT,
    &pubsub::TOPIC,
    &service_bus::TOPIC,
    &aws_topics::EVENTBRIDGE,
    &jetstream::TOPIC,
    &generic::STREAM,
    &kafka::CLASSIC,
    &kafka::KIP848,
    &kinesis::STREAM,
    &event_hubs::STREAM,
    &rabbitmq::STREAM,
    &generic::WORKFLOW,
    &temporal::WORKFLOW,
    &step_functions::WORKFLOW,
    &durable_functions::WORKFLOW,
];
