//! Waiting messages in a chunked ring: 8 bytes each, no copying when it grows, memory given back when it shrinks.
//!
//! Words are read from the front chunk and written to the back chunk; full chunks wait between them. So the common push
//! and pop touch one array each, whatever the length.

use std::collections::VecDeque;

const CHUNK: usize = 4096;

/// A double-ended queue of words.
#[derive(Debug, Clone, Default)]
pub(super) struct Ring {
    front: Vec<u64>,
    /// Index of the first word in `front` that was not taken yet.
    taken: usize,
    between: VecDeque<Vec<u64>>,
    back: Vec<u64>,
}

impl Ring {
    #[inline(always)]
    pub(super) fn push_back(&mut self, word: u64) {
        if self.back.len() == CHUNK {
            self.lay_by();
        }
        self.back.push(word);
    }

    /// The back chunk is full.
    #[cold]
    #[inline(never)]
    fn lay_by(&mut self) {
        let full = std::mem::replace(&mut self.back, Vec::with_capacity(CHUNK));
        self.between.push_back(full);
    }

    /// Passes over the front word, which the caller has seen.
    #[inline]
    pub(super) fn skip(&mut self) {
        self.taken += 1;
    }

    pub(super) fn push_front(&mut self, word: u64) {
        if self.taken == 0 {
            let old = std::mem::replace(&mut self.front, vec![0; CHUNK]);
            if !old.is_empty() {
                self.between.push_front(old);
            }
            self.taken = CHUNK;
        }
        self.taken -= 1;
        self.front[self.taken] = word;
    }

    #[inline]
    pub(super) fn front(&mut self) -> Option<u64> {
        if self.taken == self.front.len() && !self.advance() {
            return None;
        }
        self.front.get(self.taken).copied()
    }

    #[inline]
    pub(super) fn pop_front(&mut self) -> Option<u64> {
        let word = self.front()?;
        self.taken += 1;
        Some(word)
    }

    /// The front chunk is used up: the next one takes its place. False where there is none.
    fn advance(&mut self) -> bool {
        self.taken = 0;
        if let Some(next) = self.between.pop_front() {
            self.front = next;
            return true;
        }
        self.front.clear();
        std::mem::swap(&mut self.front, &mut self.back);
        !self.front.is_empty()
    }

    pub(super) fn pop_back(&mut self) -> Option<u64> {
        if let Some(word) = self.back.pop() {
            return Some(word);
        }
        if let Some(last) = self.between.pop_back() {
            self.back = last;
            return self.back.pop();
        }
        if self.front.len() > self.taken { self.front.pop() } else { None }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.front[self.taken..].iter().chain(self.between.iter().flatten()).chain(&self.back).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_deque() {
        let (mut ring, mut model) = (Ring::default(), VecDeque::new());
        let mut state = 99u64;
        for i in 0..400_000u64 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            // Long runs of the same kind, so that it grows over several chunks and shrinks again.
            match (state >> 61, i / 20_000 % 2) {
                (0..=3, 0) => (ring.push_back(i), model.push_back(i)),
                (4, 0) => (ring.push_front(i), model.push_front(i)),
                (0..=3, _) => (assert_eq!(ring.pop_front(), model.pop_front()), ()),
                (4..=5, _) => (assert_eq!(ring.pop_back(), model.pop_back()), ()),
                (6, _) => (assert_eq!(ring.front(), model.front().copied()), ()),
                _ => (ring.push_back(i), model.push_back(i)),
            };
        }
        assert!(ring.iter().eq(model.iter().copied()));
    }
}
