//! CoDel (RFC 8289): while the wait has been at or above a target for a whole interval, one message is dropped, then one
//! more after interval ÷ √2, ÷ √3 … until the wait is below the target again.

use crate::units::Nanos;

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Codel {
    /// From when on the wait has been too long for a whole interval.
    above_until: Option<Nanos>,
    dropping: bool,
    next: Nanos,
    /// Drops since dropping began, and how many there were when it began.
    count: u64,
    before: u64,
}

impl Codel {
    /// `late`: the message at hand has waited for the target or longer, and others wait behind it.
    pub(super) fn drops(&mut self, now: Nanos, late: bool, interval: Nanos) -> bool {
        let persistent = self.persists(now, late, interval);
        if self.dropping {
            if !persistent {
                self.dropping = false;
                return false;
            }
            if now < self.next {
                return false;
            }
            self.count += 1;
            self.next = after(self.next, interval, self.count);
            return true;
        }
        if !persistent {
            return false;
        }
        self.dropping = true;
        // Soon after the last time, it goes on at about the rate that had helped.
        let lately = now.saturating_sub(self.next) < interval.saturating_mul(16);
        let helped = self.count - self.before;
        self.count = if lately && helped > 1 { helped } else { 1 };
        self.before = self.count;
        self.next = after(now, interval, self.count);
        true
    }

    fn persists(&mut self, now: Nanos, late: bool, interval: Nanos) -> bool {
        if !late {
            self.above_until = None;
            return false;
        }
        now >= *self.above_until.get_or_insert(now.saturating_add(interval))
    }
}

fn after(at: Nanos, interval: Nanos, count: u64) -> Nanos {
    at.saturating_add((interval as f64 / (count as f64).sqrt()).round() as Nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_come_closer_and_closer_while_the_wait_persists() {
        let mut codel = Codel::default();
        let dropped: Vec<Nanos> = (0..=4_000).filter(|&ms| codel.drops(ms, true, 1_000)).collect();
        // One interval after the first late one, then 1000, 1000/√2 = 707 and 1000/√3 = 577 later.
        assert_eq!(dropped, [1_000, 2_000, 2_707, 3_284, 3_784]);
        assert!(!codel.drops(4_001, false, 1_000), "one that is in time ends it");
        assert!(!codel.drops(4_002, true, 1_000), "and a whole interval has to pass anew");
        // Four drops after the first had helped: the next time the second comes after 1000/√4.
        let again: Vec<Nanos> = (4_003..=5_503).filter(|&ms| codel.drops(ms, true, 1_000)).collect();
        assert_eq!(again, [5_002, 5_502]);
    }
}
