//! What a consumer turns away.

use crate::policy::shed::Rules;
use crate::random::Distribution;

/// Load shedding at the moment at which work would start.
#[derive(Debug, Clone, PartialEq)]
pub struct Shed {
    pub rules: Rules,
    /// They go to the queue's dead letter, and are dropped otherwise.
    pub dead_letter: bool,
    /// How long turning one away takes.
    pub cost: Distribution,
}
