//! Messages replayed exactly as recorded.

use crate::units::Nanos;

/// One recorded message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// Since the start of the scenario.
    pub at: Nanos,
    /// The message's own service time; the same at every attempt.
    pub service: Option<Nanos>,
    /// Level among the target queue's `priorities`, 0 is served first.
    pub level: u8,
    /// Fails at every attempt.
    pub poison: bool,
    /// A whole number below 2³¹ as written, else bit 31 and an index into the scenario's key names.
    pub key: Option<u32>,
    /// Bytes.
    pub size: Option<u64>,
}
