//! Messages: a token where a time of publishing is all there is to know, a record where it is not.

use super::keys::NO_KEY;
use crate::model::Target;
use crate::policy::budget::Trouble;
use crate::units::Nanos;

/// Bytes of a message of which nothing else is said.
pub(super) const DEFAULT_SIZE: u32 = 1000;

/// A message as it waits in a ring or sits in a work slot. Plain: its time of publishing. Rich: bit 63, then 31 bits of
/// stamp and 32 of index into the records; a ring entry whose stamp is no longer the record's has been withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token(pub(super) u64);

const RICH: u64 = 1 << 63;

impl Token {
    pub(super) const NONE: Token = Token(u64::MAX >> 1);

    #[inline]
    pub(super) fn plain(published: Nanos) -> Token {
        Token(published)
    }
    #[inline]
    pub(super) fn is_plain(self) -> bool {
        self.0 & RICH == 0
    }
    #[inline]
    pub(super) fn published(self) -> Nanos {
        self.0
    }
    #[inline]
    fn rich(index: usize, stamp: u32) -> Token {
        Token(RICH | u64::from(stamp & 0x7fff_ffff) << 32 | index as u64)
    }
    #[inline]
    pub(super) fn index(self) -> usize {
        (self.0 & 0xffff_ffff) as usize
    }
    #[inline]
    pub(super) fn stamp(self) -> u32 {
        (self.0 >> 32) as u32 & 0x7fff_ffff
    }
}

/// Where an unfinished message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum State {
    /// Done, while an old attempt may still run on it; or new, and not anywhere yet.
    #[default]
    Gone,
    Ready,
    InFlight,
    Delayed,
    /// Done, but a copy of it still waits for redelivery and will be worked on: the broker does not withdraw it.
    Ghost,
    /// No message here.
    Free,
}

impl State {
    pub(super) fn is_finished(self) -> bool {
        matches!(self, State::Gone | State::Ghost | State::Free)
    }
}

/// A message with a history.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Message {
    /// Into this queue.
    pub(super) published: Nanos,
    /// Into the first queue of its journey.
    pub(super) origin: Nanos,
    /// `Nanos::MAX`: never.
    pub(super) expires: Nanos,
    /// `Nanos::MAX`: drawn by the consumer.
    pub(super) service: Nanos,
    pub(super) last_delay: Nanos,
    /// Which request of a producer waits for it; `u64::MAX` for none.
    pub(super) request: u64,
    pub(super) request_attempt: u32,
    /// Changes with every change of state; never reset, so that it also tells generations apart.
    pub(super) stamp: u32,
    /// Changes when the record is given to another message.
    pub(super) life: u32,
    /// Handed over by the broker so often.
    pub(super) handed: u32,
    /// Attempts that began, those inside the process included.
    pub(super) attempts: u32,
    /// Work started on it so often.
    pub(super) started: u32,
    pub(super) queue: u32,
    /// Hand-overs whose consumer has not let go of it yet, live or stale.
    pub(super) copies: u32,
    /// `NO_KEY` without one.
    pub(super) key: u32,
    /// Decides on the partition.
    pub(super) hash: u32,
    /// Bytes.
    pub(super) size: u32,
    /// Of a stream's group.
    pub(super) lane: u32,
    /// From which its time to live runs.
    pub(super) clock: Nanos,
    /// When it was handed over last.
    pub(super) since: Nanos,
    /// When its first successful attempt ended.
    pub(super) done_at: Nanos,
    /// Shared by the copies of one message that was published twice; `u64::MAX` for none.
    pub(super) twin: u64,
    pub(super) level: u8,
    pub(super) poison: bool,
    /// It is delayed because an attempt failed, not because its delivery was to be delayed.
    pub(super) retrying: bool,
    /// Its entry was cut off the broker's log: it cannot be delivered again.
    pub(super) trimmed: bool,
    /// With a scan depth: among the messages that are looked at.
    pub(super) in_view: bool,
    /// The attempt that runs on it found it done already.
    pub(super) absorbed: bool,
    /// Some attempt ended in success.
    pub(super) done: bool,
    pub(super) state: State,
}

impl Message {
    /// As `Draft::identity`.
    pub(super) fn identity(&self) -> u64 {
        if self.twin != u64::MAX { self.twin } else { self.request }
    }

    /// Published into the queue at an instant, with nothing known of it but when its journey began.
    pub(super) fn new(queue: usize, published: Nanos, origin: Nanos) -> Message {
        Message {
            published,
            origin,
            clock: published,
            expires: Nanos::MAX,
            service: Nanos::MAX,
            request: u64::MAX,
            twin: u64::MAX,
            key: NO_KEY,
            size: DEFAULT_SIZE,
            queue: queue as u32,
            ..Message::default()
        }
    }
}

impl Draft {
    /// The record of the message once it is in a queue.
    pub(super) fn record(&self, queue: usize, published: Nanos) -> Message {
        Message {
            clock: if self.clock == Nanos::MAX { published } else { self.clock },
            service: self.service,
            request: self.request,
            request_attempt: self.request_attempt,
            key: self.key,
            hash: self.hash,
            size: self.size,
            twin: self.twin,
            level: self.level,
            poison: self.poison,
            ..Message::new(queue, published, self.origin.min(published))
        }
    }
}

/// Attributes of a message before it is in a queue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draft {
    pub(super) origin: Nanos,
    pub(super) service: Nanos,
    pub(super) request: u64,
    pub(super) request_attempt: u32,
    /// `u32::MAX`: not from a producer.
    pub(super) producer: u32,
    /// Publish attempts so far.
    pub(super) publishes: u32,
    pub(super) last_delay: Nanos,
    pub(super) target: Target,
    /// The topic that it comes from, where it comes from one.
    pub(super) topic: u32,
    pub(super) key: u32,
    /// Decides on the partition.
    pub(super) hash: u32,
    /// Bytes.
    pub(super) size: u32,
    /// From which a time to live runs; `Nanos::MAX`: from its acceptance.
    pub(super) clock: Nanos,
    pub(super) twin: u64,
    pub(super) level: u8,
    pub(super) poison: bool,
    /// Why it was refused last.
    pub(super) trouble: Trouble,
}

impl Draft {
    /// What tells a repeated publish of the same message; `u64::MAX` where it is published once only.
    pub(super) fn identity(&self) -> u64 {
        if self.twin != u64::MAX { self.twin } else { self.request }
    }

    /// What a message takes along when it goes on to another queue.
    pub(super) fn onward(message: &Message) -> Draft {
        Draft {
            service: message.service,
            level: message.level,
            key: message.key,
            hash: message.hash,
            size: message.size,
            ..Draft::new(message.origin)
        }
    }

    pub(super) fn new(origin: Nanos) -> Draft {
        Draft {
            origin,
            service: Nanos::MAX,
            request: u64::MAX,
            request_attempt: 0,
            producer: u32::MAX,
            publishes: 0,
            last_delay: 0,
            target: Target::Queue(0),
            topic: u32::MAX,
            key: NO_KEY,
            hash: 0,
            size: DEFAULT_SIZE,
            clock: Nanos::MAX,
            twin: u64::MAX,
            level: 0,
            poison: false,
            trouble: Trouble::Transient,
        }
    }
}

/// The records, reused.
#[derive(Debug, Clone, Default)]
pub(super) struct Messages {
    records: Vec<Message>,
    free: Vec<u32>,
}

impl Messages {
    pub(super) fn insert(&mut self, message: Message) -> usize {
        match self.free.pop() {
            Some(index) => {
                let slot = &mut self.records[index as usize];
                *slot = Message { stamp: slot.stamp, life: slot.life.wrapping_add(1), ..message };
                index as usize
            }
            None => {
                self.records.push(message);
                self.records.len() - 1
            }
        }
    }

    pub(super) fn stamp(&self, index: usize) -> u32 {
        self.records[index].stamp
    }

    #[inline]
    pub(super) fn get(&self, index: usize) -> &Message {
        &self.records[index]
    }

    #[inline]
    pub(super) fn get_mut(&mut self, index: usize) -> &mut Message {
        &mut self.records[index]
    }

    /// Moves a message to a state and returns the token that stands for it there; older tokens become stale.
    #[inline]
    pub(super) fn enter(&mut self, index: usize, state: State) -> Token {
        let message = &mut self.records[index];
        message.state = state;
        message.stamp = message.stamp.wrapping_add(1) & 0x7fff_ffff;
        Token::rich(index, message.stamp)
    }

    /// The message is done, but the token of its queued copy stays good.
    pub(super) fn haunt(&mut self, index: usize, token_stamp: u32) {
        let message = &mut self.records[index];
        message.state = State::Ghost;
        message.stamp = token_stamp;
        message.copies += 1;
    }

    /// The token still stands for the message in the state it was made for.
    #[inline]
    pub(super) fn is_current(&self, token: Token, state: State) -> bool {
        let message = &self.records[token.index()];
        message.stamp == token.stamp() && message.state == state
    }

    /// The message is done; the record is given back once no attempt runs on it any more. Only once: a message that goes
    /// back to its queue may outlive its time there before whoever brought it back has let go of it.
    pub(super) fn release_if_unheld(&mut self, index: usize) {
        let message = &mut self.records[index];
        if message.copies == 0 && message.state == State::Gone {
            message.state = State::Free;
            self.free.push(index as u32);
        }
    }

    pub(super) fn unfinished(&self) -> impl Iterator<Item = &Message> {
        self.records.iter().filter(|message| !message.state.is_finished())
    }
}
