//! Where effective values came from.

use super::Scenario;
pub use crate::broker::Grade;

/// One effective value and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Assumption {
    /// TOML path: `queue.orders.hold`.
    pub path: String,
    pub value: String,
    pub origin: Origin,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// Written in the file, at this line.
    File {
        line: usize,
    },
    /// Given with `--set`.
    Argument,
    /// Filled in by a broker's preset.
    Preset {
        broker: &'static str,
        /// Where the fact was read.
        source: &'static str,
        grade: Grade,
    },
    Default,
}

impl Scenario {
    /// Replaces the value that the list of assumptions has for a path.
    pub(crate) fn say(&mut self, path: &str, value: &str, origin: Origin) {
        if let Some(said) = self.assumptions.iter_mut().find(|assumption| assumption.path == path) {
            *said = Assumption { path: path.into(), value: value.into(), origin };
        }
    }
}
