//! What was seen lately: identities of messages, remembered for a while.

use crate::units::Nanos;
use std::collections::{BTreeMap, VecDeque};

/// Remembers identities for a window of time after each was noted.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    window: Nanos,
    noted: BTreeMap<u64, Nanos>,
    order: VecDeque<(Nanos, u64)>,
}

impl Memory {
    pub(super) fn new(window: Nanos) -> Memory {
        Memory { window, noted: BTreeMap::new(), order: VecDeque::new() }
    }

    pub(super) fn knows(&mut self, id: u64, now: Nanos) -> bool {
        while let Some(&(at, old)) = self.order.front()
            && at.saturating_add(self.window) <= now
        {
            self.order.pop_front();
            if self.noted.get(&old) == Some(&at) {
                self.noted.remove(&old);
            }
        }
        self.noted.contains_key(&id)
    }

    pub(super) fn note(&mut self, id: u64, now: Nanos) {
        self.noted.insert(id, now);
        self.order.push_back((now, id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_forgets_when_the_window_is_over() {
        let mut memory = Memory::new(10);
        memory.note(7, 0);
        assert!(memory.knows(7, 9));
        assert!(!memory.knows(7, 10));
        memory.note(7, 20);
        memory.note(7, 25);
        assert!(memory.knows(7, 32) && !memory.knows(8, 32));
        assert!(!memory.knows(7, 35));
    }
}
