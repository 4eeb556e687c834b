//! What is known of each key in one queue: how busy it is, and whether its order was kept.

use crate::observe::KeySeen;
use crate::units::Nanos;
use std::collections::BTreeMap;

/// No key.
pub(super) const NO_KEY: u32 = u32::MAX;

/// How many of the busiest keys are reported.
const REPORTED: usize = 10;

/// From keys to dense numbers in order of first appearance.
#[derive(Debug, Clone, Default)]
pub(super) struct KeyIndex {
    /// Small keys, plus one; 0 for those not met yet.
    small: Vec<u32>,
    large: BTreeMap<u32, u32>,
    count: u32,
}

const SMALL: u32 = 1 << 20;

impl KeyIndex {
    pub(super) fn number(&mut self, key: u32) -> usize {
        let next = self.count;
        let number = if key < SMALL {
            if self.small.len() <= key as usize {
                self.small.resize(key as usize + 1, 0);
            }
            let entry = &mut self.small[key as usize];
            if *entry == 0 {
                *entry = next + 1;
            }
            *entry - 1
        } else {
            *self.large.entry(key).or_insert(next)
        };
        self.count = self.count.max(number + 1);
        number as usize
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Known {
    seen: KeySeen,
    backlog: u64,
    /// When the latest-published of its completed messages was published.
    latest_done: Nanos,
}

/// Of one queue.
#[derive(Debug, Clone, Default)]
pub(super) struct KeyBook {
    index: KeyIndex,
    known: Vec<Known>,
}

impl KeyBook {
    fn of(&mut self, key: u32) -> &mut Known {
        let number = self.index.number(key);
        if self.known.len() <= number {
            self.known.resize(number + 1, Known::default());
        }
        let known = &mut self.known[number];
        known.seen.key = key;
        known
    }

    pub(super) fn published(&mut self, key: u32) {
        let known = self.of(key);
        known.seen.published += 1;
        known.backlog += 1;
        known.seen.peak_backlog = known.seen.peak_backlog.max(known.backlog);
    }

    /// A message is unfinished no more, whatever became of it.
    pub(super) fn left(&mut self, key: u32) {
        self.of(key).backlog -= 1;
    }

    /// Notes a completion. True where a message of the key that was published later had been completed before.
    pub(super) fn completed(&mut self, key: u32, published: Nanos, latency: Nanos) -> bool {
        let known = self.of(key);
        known.seen.completed += 1;
        known.seen.latency_sum += u128::from(latency);
        let late = published < known.latest_done;
        known.latest_done = known.latest_done.max(published);
        late
    }

    /// The key with the most unfinished messages, and how many; of equals the smaller key.
    pub(super) fn deepest(&self) -> Option<(u32, u64)> {
        let left = self.known.iter().map(|known| (known.seen.key, known.backlog));
        left.filter(|(_, backlog)| *backlog > 0).min_by_key(|&(key, backlog)| (std::cmp::Reverse(backlog), key))
    }

    /// The busiest keys, the busiest first; of equals the smaller key.
    pub(super) fn busiest(&self) -> Vec<KeySeen> {
        let mut seen: Vec<KeySeen> = self.known.iter().map(|known| known.seen).collect();
        seen.sort_by_key(|seen| (std::cmp::Reverse(seen.published), seen.key));
        seen.truncate(REPORTED);
        seen
    }
}
