//! A law and its stream, drawn ahead in small blocks: the same numbers in the same order, at half the cost.

use super::{Distribution, Stream};
use crate::units::Nanos;

const BLOCK: usize = 64;

/// Lengths of time from one distribution and a stream of its own.
#[derive(Debug, Clone)]
pub struct Draws {
    law: Distribution,
    stream: Stream,
    block: [Nanos; BLOCK],
    used: usize,
}

impl Draws {
    pub fn new(law: Distribution, stream: Stream) -> Draws {
        Draws { law, stream, block: [0; BLOCK], used: BLOCK }
    }

    /// The next length.
    #[inline]
    pub fn draw(&mut self) -> Nanos {
        if self.used >= BLOCK {
            self.refill();
        }
        let length = self.block[self.used];
        self.used += 1;
        length
    }

    #[cold]
    #[inline(never)]
    fn refill(&mut self) {
        // A copy of the generator can stay in registers throughout.
        let mut stream = self.stream.clone();
        self.law.fill(&mut self.block, &mut stream);
        self.stream = stream;
        self.used = 0;
    }
}
