//! What a broker bills, and what paid-for replicas did.

/// Calls and bytes at one queue, topic, stream or group. Counted only where a price asks for it; over the whole run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Billed requests of publish calls: several for a large payload, one for several messages in one call.
    pub publishes: u64,
    /// Records that a stream accepted; 0 for all others.
    pub accepted: u64,
    /// Billed requests of receives that returned something, and of messages pushed.
    pub receives: u64,
    pub empty_receives: u64,
    /// Messages acknowledged or refused.
    pub settles: u64,
    /// Leases extended.
    pub extensions: u64,
    /// Copies that a topic handed on.
    pub deliveries: u64,
    /// Billed bytes published, and delivered.
    pub bytes_in: u128,
    pub bytes_out: u128,
    /// ∫ bytes kept dt, in byte·nanoseconds.
    pub kept: u128,
}
