//! Pending events in order of time, then of insertion.

use crate::units::Nanos;
use std::collections::VecDeque;

/// What stands in a heap: a small value with a total order.
pub(super) trait Pending: Copy {
    /// When it happens: the greater part of the key.
    fn at(&self) -> Nanos;
    /// Smaller goes first. Keys of entries pending together never collide: insertion order is part of them.
    fn key(&self) -> u128;
}

/// A 4-ary heap: half the depth of a binary one, and the four children share a cache line or two.
#[derive(Debug, Clone)]
pub(super) struct Heap<T> {
    items: Vec<T>,
}

impl<T: Pending> Heap<T> {
    pub(super) fn new() -> Heap<T> {
        Heap { items: vec![] }
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<&T> {
        self.items.first()
    }

    pub(super) fn push(&mut self, item: T) {
        self.items.push(item);
        let mut hole = self.items.len() - 1;
        let key = item.key();
        while hole > 0 {
            let parent = (hole - 1) / 4;
            if self.items[parent].key() <= key {
                break;
            }
            self.items[hole] = self.items[parent];
            hole = parent;
        }
        self.items[hole] = item;
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        let last = self.items.pop()?;
        let Some(&top) = self.items.first() else {
            return Some(last);
        };
        self.replace_top(last);
        Some(top)
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// All that is pending, in no particular order.
    pub(super) fn into_items(self) -> Vec<T> {
        self.items
    }

    /// Pop and push in one go: one walk down instead of a walk down and a walk up.
    #[inline]
    pub(super) fn replace_top(&mut self, item: T) {
        let items = self.items.as_mut_slice();
        if let [only] = items {
            *only = item;
            return;
        }
        sink(items, item);
    }
}

/// Puts an item in place of the top and moves it down to where it belongs.
fn sink<T: Pending>(items: &mut [T], item: T) {
    let mut hole = 0;
    loop {
        let first = 4 * hole + 1;
        let rest = items.get(first..).unwrap_or(&[]);
        let (best, least) = match rest.first_chunk::<4>() {
            Some(four) => {
                let best = least_of(four);
                (best, four[best & 3])
            }
            None => {
                let Some(best) = (0..rest.len()).min_by_key(|&i| rest[i].key()) else { break };
                (best, rest[best])
            }
        };
        if least.at() > item.at() || least.at() == item.at() && least.key() >= item.key() {
            break;
        }
        items[hole] = least;
        hole = first + best;
    }
    items[hole] = item;
}

/// The usual case is written out: two pairs, then the better of both, by time alone and without a branch that depends on
/// data. Only where two happen at the same instant do their keys decide.
#[inline(always)]
fn least_of<T: Pending>(four: &[T; 4]) -> usize {
    let at = [four[0].at(), four[1].at(), four[2].at(), four[3].at()];
    let left = usize::from(at[1] < at[0]);
    let right = 2 + usize::from(at[3] < at[2]);
    let (low, high) = (at[0].min(at[1]), at[2].min(at[3]));
    if at[0] == at[1] || at[2] == at[3] || low == high {
        return least_key(four);
    }
    if high < low { right } else { left }
}

#[cold]
#[inline(never)]
fn least_key<T: Pending>(four: &[T; 4]) -> usize {
    (0..4).min_by_key(|&i| four[i].key()).unwrap_or(0)
}

/// The end of something on a work slot. Time, then insertion order, in one number: 64 bits of time, 40 of sequence
/// (10¹² releases a run), 24 of slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Release(u128);

pub(super) const SLOT_BITS: u32 = 24;

impl Release {
    pub(super) const NEVER: Release = Release(u128::MAX);

    #[inline]
    pub(super) fn new(at: Nanos, ticket: u64, slot: usize) -> Release {
        Release(u128::from(at) << 64 | u128::from(ticket << SLOT_BITS | slot as u64))
    }
    #[inline]
    pub(super) fn at(self) -> Nanos {
        (self.0 >> 64) as Nanos
    }
    #[inline]
    pub(super) fn slot(self) -> usize {
        (self.0 as u64 & ((1 << SLOT_BITS) - 1)) as usize
    }
    #[inline]
    pub(super) fn ticket(self) -> u64 {
        self.0 as u64 >> SLOT_BITS
    }
}

impl Pending for Release {
    #[inline]
    fn at(&self) -> Nanos {
        Release::at(*self)
    }

    #[inline]
    fn key(&self) -> u128 {
        self.0
    }
}

/// A timer with two words of payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Timer {
    pub(super) at: Nanos,
    sequence: u64,
    pub(super) what: u64,
    pub(super) extra: u64,
}

impl Pending for Timer {
    #[inline]
    fn at(&self) -> Nanos {
        self.at
    }

    #[inline]
    fn key(&self) -> u128 {
        u128::from(self.at) << 64 | u128::from(self.sequence)
    }
}

/// Timers of one kind. Those set in order of time (constant leases, constant delays) wait in a plain line at constant
/// cost; only the others go through a heap. Cancelled timers stay until they are due and are then ignored by whoever
/// set them, by a generation number: they are cancelled far more often than they fire.
#[derive(Debug, Clone)]
pub(super) struct Timers {
    line: VecDeque<Timer>,
    heap: Heap<Timer>,
    sequence: u64,
    /// Time of the first of all, `Nanos::MAX` where there is none.
    next: Nanos,
}

impl Timers {
    pub(super) fn new() -> Timers {
        Timers { line: VecDeque::new(), heap: Heap::new(), sequence: 0, next: Nanos::MAX }
    }

    pub(super) fn push(&mut self, at: Nanos, what: u64, extra: u64) {
        self.sequence += 1;
        let timer = Timer { at, sequence: self.sequence, what, extra };
        self.next = self.next.min(at);
        if self.line.back().is_none_or(|last| last.at <= at) {
            self.line.push_back(timer);
        } else {
            self.heap.push(timer);
        }
    }

    /// Time of the next timer, `Nanos::MAX` where there is none.
    #[inline]
    pub(super) fn next_at(&self) -> Nanos {
        self.next
    }

    pub(super) fn pop(&mut self) -> Option<Timer> {
        let popped = match (self.line.front(), self.heap.peek()) {
            (Some(a), Some(b)) if b.key() < a.key() => self.heap.pop(),
            (Some(_), _) => self.line.pop_front(),
            (None, _) => self.heap.pop(),
        };
        let line = self.line.front().map_or(Nanos::MAX, |timer| timer.at);
        self.next = line.min(self.heap.peek().map_or(Nanos::MAX, |timer| timer.at));
        popped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A naive list is the model: same pushes and pops, same order.
    #[test]
    fn timers_and_heap_agree_with_a_sorted_list() {
        let (mut timers, mut heap, mut list) = (Timers::new(), Heap::new(), vec![]);
        let mut state = 12345u64;
        for ticket in 0..5000u64 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            if state >> 60 < 9 {
                let at = (state >> 20) % 50;
                timers.push(at, ticket, 0);
                heap.push(Release::new(at, ticket, (ticket % 7) as usize));
                list.push((at, ticket));
            } else if !list.is_empty() {
                let least = (0..list.len()).min_by_key(|&i| list[i]).unwrap();
                let (at, expected) = list.remove(least);
                assert_eq!(timers.next_at(), at);
                assert_eq!(timers.pop().unwrap().what, expected);
                let release = heap.pop().unwrap();
                assert_eq!((release.at(), release.ticket(), release.slot()), (at, expected, (expected % 7) as usize));
            }
        }
    }

    #[test]
    fn replacing_the_top_is_pop_and_push() {
        let mut heap = Heap::new();
        for i in 0..100u64 {
            heap.push(Release::new(i * 37 % 101, i, 1));
        }
        for i in 100..300u64 {
            let before = heap.peek().unwrap().at();
            heap.replace_top(Release::new(before + i * 13 % 17, i, 1));
        }
        let mut last = 0;
        while let Some(release) = heap.pop() {
            assert!(release.at() >= last);
            last = release.at();
        }
    }
}
