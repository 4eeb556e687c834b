//! Order by key: the messages of one key form a strand, of which one delivery at a time is unfinished.
//!
//! Strands that have a message to give wait in the order of their first messages, so that blocked keys are skipped and
//! the rest is first in, first out.

use super::keys::KeyIndex;
use super::messages::{State, Token};
use super::world::{Doing, World};
use crate::units::Nanos;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

#[derive(Debug, Clone, Default)]
struct Strand {
    /// When it was published, and its token.
    waiting: VecDeque<(Nanos, Token)>,
    /// Record of the one of its messages that is with a consumer, or waits for its retry.
    busy: Option<usize>,
    /// With sessions: the taker that holds it.
    owner: Option<u32>,
}

/// Of one queue.
#[derive(Debug, Clone, Default)]
pub(super) struct Strands {
    index: KeyIndex,
    strands: Vec<Strand>,
    /// (when its first message was published, strand), for those that are neither busy nor owned nor empty.
    open: BTreeSet<(Nanos, usize)>,
    /// Which strand a taker holds.
    held: BTreeMap<u32, usize>,
    sessions: bool,
    /// Unfinished messages among those that are looked at, and how many may be.
    in_view: u64,
    depth: u64,
    /// Those behind.
    beyond: VecDeque<Token>,
}

impl Strands {
    pub(super) fn new(sessions: bool, depth: Option<u64>) -> Strands {
        Strands { sessions, depth: depth.unwrap_or(u64::MAX), ..Strands::default() }
    }

    fn strand_of(&mut self, key: u32) -> usize {
        let number = self.index.number(key);
        if self.strands.len() <= number {
            self.strands.resize(number + 1, Strand::default());
        }
        number
    }

    /// Lists the strand among the open ones, where it is one.
    fn list(&mut self, number: usize) {
        let strand = &self.strands[number];
        if strand.busy.is_none()
            && strand.owner.is_none()
            && let Some((published, _)) = strand.waiting.front()
        {
            self.open.insert((*published, number));
        }
    }

    fn unlist(&mut self, number: usize) {
        if let Some((published, _)) = self.strands[number].waiting.front() {
            self.open.remove(&(*published, number));
        }
    }

    /// The taker that holds the key's session, where one does.
    pub(super) fn owner(&mut self, key: u32) -> Option<u32> {
        let number = self.strand_of(key);
        self.strands[number].owner
    }

    /// The taker gives up its session, if it holds one.
    pub(super) fn let_go(&mut self, taker: u32) {
        if let Some(number) = self.held.remove(&taker) {
            self.strands[number].owner = None;
            self.list(number);
        }
    }

    pub(super) fn holds(&self, taker: u32) -> bool {
        self.held.contains_key(&taker)
    }
}

impl World<'_> {
    /// A message that keeps the order of its key is ready: behind its strand, or in front of it again, where it was out
    /// or is `put_back`.
    pub(super) fn offer_to_strand(&mut self, queue: usize, token: Token, put_back: bool) {
        let now = self.now;
        let message = self.messages.get_mut(token.index());
        let (key, size, published) = (message.key, u64::from(message.size), message.published);
        let q = &mut self.queues[queue];
        q.ready.enter(now);
        q.ready_bytes += size;
        let Some(strands) = &mut q.strands else { return };
        if !message.in_view {
            if strands.in_view >= strands.depth {
                return strands.beyond.push_back(token);
            }
            message.in_view = true;
            strands.in_view += 1;
        }
        strands.put(key, published, token, put_back);
        // A slot that holds the session and has nothing to do is not among the takers.
        if let Some(owner) = strands.owner(key)
            && self.slots[owner as usize].doing == Doing::Nothing
        {
            return self.next(owner as usize);
        }
        self.pump(queue);
    }

    /// The first message that its key does not hold back, for this taker.
    #[inline(never)]
    pub(super) fn take_from_strand(&mut self, queue: usize, taker: u32) -> Option<Token> {
        loop {
            let q = &mut self.queues[queue];
            let strands = q.strands.as_mut()?;
            let number = match strands.held.get(&taker) {
                // Its session, and nothing else as long as it holds that.
                Some(&number) if strands.strands[number].busy.is_some() => return None,
                Some(&number) => number,
                None => strands.open.pop_first()?.1,
            };
            let (_, token) = strands.strands[number].waiting.pop_front()?;
            if !self.messages.is_current(token, State::Ready) {
                if self.messages.is_current(token, State::Ghost) {
                    q.ghosts -= 1;
                    strands.list(number);
                    return Some(token);
                }
                strands.list(number);
                continue;
            }
            if taker == u32::MAX {
                // Nobody works on it: it is dropped or moved.
                strands.list(number);
            } else {
                strands.strands[number].busy = Some(token.index());
            }
            if strands.sessions && taker != u32::MAX && strands.strands[number].owner.is_none() {
                strands.strands[number].owner = Some(taker);
                strands.held.insert(taker, number);
            }
            q.ready.leave(self.now);
            q.ready_bytes -= u64::from(self.messages.get(token.index()).size);
            return Some(token);
        }
    }

    /// A message has left the queue for good: its key is free, and one more may be looked at. What becomes free is
    /// delivered by whoever settles.
    pub(super) fn strand_freed(&mut self, queue: usize, index: usize) {
        let message = self.messages.get(index);
        let (key, in_view) = (message.key, message.in_view);
        let Some(strands) = &mut self.queues[queue].strands else { return };
        let number = strands.strand_of(key);
        if strands.strands[number].busy == Some(index) {
            strands.strands[number].busy = None;
            strands.list(number);
        }
        if !in_view {
            return;
        }
        strands.in_view -= 1;
        while strands.in_view < strands.depth
            && let Some(token) = strands.beyond.pop_front()
        {
            if self.messages.is_current(token, State::Ready) {
                let message = self.messages.get_mut(token.index());
                message.in_view = true;
                strands.in_view += 1;
                strands.put(message.key, message.published, token, false);
            }
        }
    }

    /// A slot whose session has nothing to give just now: it holds on for a while, or lets go. True where it holds on.
    pub(super) fn keeps_session(&mut self, slot: usize, queue: usize) -> bool {
        let idle: Nanos = self.queues[queue].model.traits.session_idle.ns();
        let Some(strands) = &mut self.queues[queue].strands else { return false };
        if !strands.sessions || !strands.holds(slot as u32) {
            return false;
        }
        if idle == 0 {
            strands.let_go(slot as u32);
            return false;
        }
        self.release_at(slot, self.now.saturating_add(idle));
        true
    }
}

impl Strands {
    fn put(&mut self, key: u32, published: Nanos, token: Token, put_back: bool) {
        let number = self.strand_of(key);
        let was_out = self.strands[number].busy == Some(token.index());
        if was_out || put_back {
            // Its place is in front, and its strand is free again.
            self.unlist(number);
            if was_out {
                self.strands[number].busy = None;
            }
            self.strands[number].waiting.push_front((published, token));
        } else {
            self.strands[number].waiting.push_back((published, token));
        }
        self.list(number);
    }
}
