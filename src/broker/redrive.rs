//! How fast a broker moves messages out of a dead-letter queue.

/// Messages per second and queue at most; `None` where the broker has no such service, or no limit to it.
pub fn redrive_limit(broker: &str) -> Option<f64> {
    // Amazon SQS, StartMessageMoveTask, MaxNumberOfMessagesPerSecond: source S-MOVE.
    matches!(broker, "sqs" | "sqs-fifo").then_some(500.0)
}
