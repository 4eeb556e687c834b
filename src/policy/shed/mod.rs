//! Load shedding: whether a message that is about to be worked on is turned away instead.

mod codel;

use crate::units::Nanos;
use codel::Codel;

/// When messages are turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// One that has waited longer.
    OlderThan(Nanos),
    /// One behind which more than so many wait.
    DeeperThan(u64),
    /// Controlled delay, RFC 8289.
    Codel { target: Nanos, interval: Nanos },
}

/// Rules and what they remember.
#[derive(Debug, Clone)]
pub struct Shedder {
    rules: Rules,
    codel: Codel,
}

impl Shedder {
    pub fn new(rules: Rules) -> Shedder {
        Shedder { rules, codel: Codel::default() }
    }

    /// Whether the next message goes, which has waited for `age` while `behind` more wait still.
    pub fn sheds(&mut self, now: Nanos, age: Nanos, behind: u64) -> bool {
        match self.rules {
            Rules::OlderThan(most) => age > most,
            Rules::DeeperThan(most) => behind > most,
            Rules::Codel { target, interval } => {
                let late = age >= target && behind > 0;
                self.codel.drops(now, late, interval)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_what_still_passes() {
        let mut old = Shedder::new(Rules::OlderThan(10));
        assert!(!old.sheds(0, 10, 0) && old.sheds(0, 11, 0));
        let mut deep = Shedder::new(Rules::DeeperThan(3));
        assert!(!deep.sheds(0, 99, 3) && deep.sheds(0, 0, 4));
    }
}
