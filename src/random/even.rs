//! Uniform numbers that are spread evenly: of so many in a row one falls into each of as many equal parts.
//!
//! A sum over them varies far less than one over independent numbers, and each of them alone is uniform all the same
//! (stratified sampling; Cochran, "Sampling Techniques", 1977, ch. 5). A message that stands for many real ones needs
//! that: what happens to it would otherwise vary as if the many were all alike.

use rand::Rng;

/// The parts in a random order, anew for each round.
#[derive(Debug, Clone)]
pub(super) struct Even {
    order: Vec<u16>,
    next: usize,
}

impl Even {
    pub(super) fn new(parts: u16) -> Even {
        Even { order: (0..parts).collect(), next: 0 }
    }

    /// Uniform on [0, 1), 32 bits within its part.
    pub(super) fn draw(&mut self, source: &mut impl Rng) -> f64 {
        let (parts, word) = (self.order.len(), source.next_u64());
        // One step of Fisher and Yates' shuffle.
        let left = (parts - self.next) as u64;
        let other = self.next + (((word >> 32) * left) >> 32) as usize;
        self.order.swap(self.next, other);
        let part = f64::from(self.order[self.next]);
        self.next = (self.next + 1) % parts;
        (part + f64::from(word as u32) / 4_294_967_296.0) / parts as f64
    }
}

#[cfg(test)]
mod tests {
    use super::super::Stream;

    #[test]
    fn every_part_has_its_turn_and_pairs_are_not_tied() {
        let mut stream = Stream::new(3, 0, "t", "even").evened(100);
        let mut both = 0;
        for _ in 0..200 {
            let draws: Vec<f64> = (0..100).map(|_| stream.uniform()).collect();
            let mut parts: Vec<usize> = draws.iter().map(|u| (u * 100.0) as usize).collect();
            parts.sort_unstable();
            assert_eq!(parts, (0..100).collect::<Vec<usize>>());
            both += draws.chunks(2).filter(|pair| pair[0] < 0.3 && pair[1] < 0.3).count();
        }
        // Of 10,000 pairs 0.3 · 29/99 in expectation; five standard deviations.
        let (expected, deviation) = (10_000.0 * 0.3 * 29.0 / 99.0, (10_000.0f64 * 0.088 * 0.912).sqrt());
        assert!((f64::from(both as u32) - expected).abs() < 5.0 * deviation, "{both}");
    }
}
