//! The brokers that are known, one file each.

mod generic;

use super::Preset;

/// A new preset is a file and a line here.
pub const ALL: [&Preset; 3] = [&generic::QUEUE, &generic::TOPIC, &generic::STREAM];
