//! What brokers of queues differ in.

use crate::units::Duration;

/// Mechanisms in which brokers differ. The default is a broker that does none of it. Where a count or size is `None`
/// there is no limit.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueTraits {
    /// Bound on the bytes of ready messages.
    pub capacity_bytes: Option<u64>,
    /// With `Order::Session`.
    pub session_idle: Duration,
    /// With `Order::Key` or `Session`: of the oldest unfinished messages only so many are looked at.
    pub scan_depth: Option<u64>,
    /// A publish of a message that was accepted less than this ago is accepted and forgotten.
    pub dedup_window: Duration,
    /// Per second. Publishes beyond are refused.
    pub publish_limit: Option<f64>,
    /// Per second. Deliveries beyond wait.
    pub deliver_limit: Option<f64>,
    /// Per second, publishes and deliveries together.
    pub operation_limit: Option<f64>,
    /// Share of completed messages that the broker delivers once more all the same.
    pub duplicate_delivery: f64,
    /// Delayed messages count towards `max_in_flight`.
    pub in_flight_includes_delayed: bool,
    /// A failed attempt returns only when its lease ends, rather than at once.
    pub nack_waits_for_lease: bool,
    /// A dead consumer's messages return at once, lease or not.
    pub crash_requeues: bool,
    /// Failed and expired deliveries return to the tail rather than to the head.
    pub redelivery_at_tail: bool,
    pub counts: DeliveryCounts,
    /// A lease that ran out is noticed at multiples of this only; zero: at once.
    pub lease_check: Duration,
    /// A consumer's `heartbeat` extends a lease up to so long after the hand-over; `None`: for ever.
    pub lease_extension: Option<Duration>,
    /// A time to live is noticed only at the head of the queue.
    pub ttl_at_head: bool,
    /// Expired messages go to the dead-letter queue and are counted so.
    pub dead_letter_expired: bool,
    /// Messages dropped from the head of a full queue go to the dead-letter queue and are counted so.
    pub dead_letter_overflow: bool,
    /// In this queue's dead-letter queue, the time to live runs on from the original publish.
    pub dead_letter_keeps_clock: bool,
    /// One replica at a time takes messages; the others stand by.
    pub single_active: bool,
    /// The log keeps so many entries, finished or not: older ones that still wait are lost.
    pub log_length: Option<u64>,
    /// A message that cannot be handled at once by somebody connected is lost: nothing comes back.
    pub at_most_once: bool,
    /// Publishers to the queue are blocked from so many bytes of unfinished messages on, until fewer are left.
    pub memory_alarm: Option<u64>,
    /// How long an empty receive waits for a message before the consumer's `poll` pause begins.
    pub receive_wait: Duration,
}

impl Default for QueueTraits {
    fn default() -> QueueTraits {
        QueueTraits {
            capacity_bytes: None,
            session_idle: Duration::ZERO,
            scan_depth: None,
            dedup_window: Duration::ZERO,
            publish_limit: None,
            deliver_limit: None,
            operation_limit: None,
            duplicate_delivery: 0.0,
            in_flight_includes_delayed: false,
            nack_waits_for_lease: false,
            crash_requeues: false,
            redelivery_at_tail: false,
            counts: DeliveryCounts { nack: true, lease: true, crash: true },
            lease_check: Duration::ZERO,
            lease_extension: None,
            ttl_at_head: false,
            dead_letter_expired: false,
            dead_letter_overflow: false,
            dead_letter_keeps_clock: false,
            single_active: false,
            log_length: None,
            at_most_once: false,
            memory_alarm: None,
            receive_wait: Duration::ZERO,
        }
    }
}

/// Which ends of a delivery count towards `max_deliveries`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryCounts {
    /// A failed attempt.
    pub nack: bool,
    /// A lease that ran out.
    pub lease: bool,
    /// The consumer died.
    pub crash: bool,
}
