//! The brokers that are known, a file for each family.

mod aws_topics;
mod clients;
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

use super::{Client, Preset};

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

/// Clients whose retries are known, in the order in which they are listed to the user.
pub const CLIENTS: [&Client; 13] = [
    &clients::AWS_STANDARD,
    &clients::AWS_ADAPTIVE,
    &clients::AWS_STANDARD_2025,
    &clients::AWS_LEGACY,
    &clients::GRPC,
    &clients::FINAGLE,
    &clients::ENVOY,
    &clients::CELERY,
    &clients::CELERY_BACKOFF,
    &clients::SIDEKIQ,
    &clients::BULLMQ,
    &clients::TEMPORAL,
    &clients::KAFKA_PRODUCER,
];
