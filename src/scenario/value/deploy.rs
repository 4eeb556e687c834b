//! Rolling restarts.

use super::Portion;
use crate::random::Distribution;
use crate::units::Duration;

/// Every replica is restarted, a few at a time.
#[derive(Debug, Clone)]
pub struct Deploy {
    /// How many may be away at once; a share is rounded down, and at least one is.
    pub max_unavailable: Portion,
    /// How long a replica may go on with its work before it is killed.
    pub drain: Duration,
    /// From then until it takes messages again.
    pub startup: Distribution,
}

impl Deploy {
    /// How many of `replicas` may be away at once.
    pub fn at_once(&self, replicas: usize) -> usize {
        match self.max_unavailable {
            Portion::Count(count) => count as usize,
            Portion::Share(share) => ((share * replicas as f64 + 1e-9).floor() as usize).max(1),
        }
    }
}
