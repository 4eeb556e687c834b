//! Waiting messages in a chunked ring: 8 bytes each, no copying when it grows, memory given back when it shrinks.

use std::collections::VecDeque;

const CHUNK: usize = 4096;

/// A double-ended queue of words.
#[derive(Debug, Clone, Default)]
pub(super) struct Ring {
    chunks: VecDeque<Box<[u64]>>,
    /// Index of the first word in the first chunk.
    head: usize,
    len: usize,
    spare: Option<Box<[u64]>>,
}

impl Ring {
    fn chunk(&mut self) -> Box<[u64]> {
        self.spare.take().unwrap_or_else(|| vec![0; CHUNK].into_boxed_slice())
    }

    #[inline]
    pub(super) fn push_back(&mut self, word: u64) {
        let at = self.head + self.len;
        if at == self.chunks.len() * CHUNK {
            let chunk = self.chunk();
            self.chunks.push_back(chunk);
        }
        self.chunks[at / CHUNK][at % CHUNK] = word;
        self.len += 1;
    }

    pub(super) fn push_front(&mut self, word: u64) {
        if self.head == 0 {
            let chunk = self.chunk();
            self.chunks.push_front(chunk);
            self.head = CHUNK;
        }
        self.head -= 1;
        self.chunks[0][self.head] = word;
        self.len += 1;
    }

    #[inline]
    pub(super) fn pop_front(&mut self) -> Option<u64> {
        if self.len == 0 {
            return None;
        }
        let word = self.chunks[0][self.head];
        self.head += 1;
        self.len -= 1;
        if self.len == 0 {
            self.head = 0;
        } else if self.head == CHUNK {
            self.head = 0;
            self.spare = self.chunks.pop_front();
        }
        Some(word)
    }

    pub(super) fn pop_back(&mut self) -> Option<u64> {
        if self.len == 0 {
            return None;
        }
        self.len -= 1;
        let at = self.head + self.len;
        let word = self.chunks[at / CHUNK][at % CHUNK];
        while self.chunks.len() > 1 && self.chunks.len() * CHUNK - CHUNK >= self.head + self.len {
            self.spare = self.chunks.pop_back();
        }
        Some(word)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        (self.head..self.head + self.len).map(|at| self.chunks[at / CHUNK][at % CHUNK])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_deque() {
        let (mut ring, mut model) = (Ring::default(), VecDeque::new());
        let mut state = 99u64;
        for i in 0..200_000u64 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            // Long runs of the same kind, so that it grows over several chunks and shrinks again.
            match (state >> 61, i / 20_000 % 2) {
                (0..=3, 0) => (ring.push_back(i), model.push_back(i)),
                (4, 0) => (ring.push_front(i), model.push_front(i)),
                (0..=3, _) => (assert_eq!(ring.pop_front(), model.pop_front()), ()),
                (4..=5, _) => (assert_eq!(ring.pop_back(), model.pop_back()), ()),
                _ => (ring.push_back(i), model.push_back(i)),
            };
        }
        assert!(ring.iter().eq(model.iter().copied()));
    }
}
