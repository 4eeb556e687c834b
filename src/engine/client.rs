//! The publisher's side: waiting for a reply, publishing again, backing off from a full broker, closed-loop clients.

use super::crowd::Crowd;
use super::messages::Draft;
use super::world::World;
use crate::model::{OnRejectModel, SourceModel, Target};
use crate::units::Nanos;

/// A producer's wait for a reply.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request {
    draft: Draft,
    life: u32,
    /// Copies published.
    attempt: u32,
    /// The last copy's timeout has not passed.
    awaiting: bool,
    open: bool,
    last_delay: Nanos,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Requests {
    items: Vec<Request>,
    free: Vec<u32>,
}

/// What a client timer is for; kept in the upper half of its second word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Timeout,
    Resend,
    Republish,
    /// A topic offers a subscriber its copy again.
    Redeliver,
    /// A publish whose turn it is.
    Paced,
    Think,
}

impl Purpose {
    fn word(self, attempt: u32) -> u64 {
        (self as u64) << 32 | u64::from(attempt)
    }

    fn of(word: u64) -> Purpose {
        match word >> 32 {
            0 => Purpose::Timeout,
            1 => Purpose::Resend,
            2 => Purpose::Republish,
            3 => Purpose::Redeliver,
            4 => Purpose::Paced,
            _ => Purpose::Think,
        }
    }
}

impl Requests {
    fn find(&mut self, id: u64) -> Option<&mut Request> {
        let request = self.items.get_mut((id & 0xffff_ffff) as usize)?;
        (request.open && u64::from(request.life) == id >> 32).then_some(request)
    }
}

impl Requests {
    /// Whether no client waits for this copy any more: it has timed out, or another copy was answered. `any_copy` as in
    /// `answered`.
    pub(super) fn is_over(&mut self, id: u64, attempt: u32, any_copy: bool) -> bool {
        // What is no client's request has no deadline.
        if id >> 63 == 1 {
            return false;
        }
        !self.find(id).is_some_and(|request| request.awaiting && (any_copy || request.attempt == attempt))
    }
}

impl World<'_> {
    fn client_timer(&mut self, at: Nanos, what: u64, extra: u64) {
        self.clients.push(at, what, extra);
        self.other = self.other.min(at);
    }

    /// Notes that the producer waits for this message's completion; the first copy is about to be published.
    pub(super) fn open_request(&mut self, producer: usize, draft: &mut Draft) {
        let request = Request { draft: *draft, life: 0, attempt: 1, awaiting: true, open: true, last_delay: 0 };
        let index = match self.requests.free.pop() {
            Some(index) => {
                let slot = &mut self.requests.items[index as usize];
                *slot = Request { life: slot.life.wrapping_add(1) & 0x7fff_ffff, ..request };
                index as usize
            }
            None => {
                self.requests.items.push(request);
                self.requests.items.len() - 1
            }
        };
        let slot = &mut self.requests.items[index];
        let id = u64::from(slot.life) << 32 | index as u64;
        (draft.request, draft.request_attempt) = (id, 1);
        slot.draft = *draft;
        self.budget_asked(producer);
        self.start_timeout(producer, id, 1);
    }

    fn start_timeout(&mut self, producer: usize, id: u64, attempt: u32) {
        if let Some(reply) = &self.producers[producer].model.reply {
            let at = self.now.saturating_add(reply.timeout);
            self.client_timer(at, id, Purpose::Timeout.word(attempt));
        }
    }

    /// A message was completed; its publisher may have been waiting for just this copy.
    /// With `any_copy` an earlier copy's completion answers too: the broker took the later ones for repetitions.
    pub(super) fn answered(&mut self, id: u64, attempt: u32, any_copy: bool) {
        if id == u64::MAX {
            return;
        }
        let Some(request) = self.requests.find(id) else { return };
        if request.awaiting && (any_copy || request.attempt == attempt) {
            let producer = request.draft.producer as usize;
            let attempt = request.attempt;
            self.producers[producer].counters.answered += 1;
            self.budget_answered(producer, attempt);
            self.close(id, producer);
        }
    }

    fn close(&mut self, id: u64, producer: usize) {
        if let Some(request) = self.requests.find(id) {
            request.open = false;
            self.requests.free.push((id & 0xffff_ffff) as u32);
        }
        self.think(producer);
    }

    /// A closed-loop client thinks before its next request.
    pub(super) fn think(&mut self, producer: usize) {
        let p = &mut self.producers[producer];
        if let SourceModel::Clients { think, .. } = &p.model.source {
            if self.upstream[producer].crowd.as_mut().is_some_and(Crowd::leaves) {
                return;
            }
            let at = self.now + think.sample(&mut p.attributes);
            self.client_timer(at, producer as u64, Purpose::Think.word(0));
        }
    }

    /// A client timer is due.
    pub(super) fn client(&mut self) {
        let Some(timer) = self.clients.pop() else { return };
        match Purpose::of(timer.extra) {
            Purpose::Timeout => self.timed_out(timer.what, timer.extra as u32),
            Purpose::Resend => self.resend(timer.what),
            Purpose::Republish => {
                let draft = self.take_draft(timer.what);
                let producer = &mut self.producers[draft.producer as usize];
                producer.waiting.leave(self.now);
                producer.counters.client_retries += 1;
                self.send(draft);
            }
            Purpose::Paced => self.turn_comes(timer.what as usize),
            Purpose::Redeliver => {
                let copy = self.take_draft(timer.what);
                self.deliver_or_hold(copy);
            }
            Purpose::Think => {
                let index = timer.what as usize;
                if !self.upstream[index].crowd.as_mut().is_some_and(Crowd::rests) {
                    self.request(index, None);
                }
            }
        }
    }

    fn timed_out(&mut self, id: u64, attempt: u32) {
        let Some(request) = self.requests.find(id) else { return };
        if !request.awaiting || request.attempt != attempt {
            return;
        }
        request.awaiting = false;
        let last = request.last_delay;
        let index = request.draft.producer as usize;
        let producer = &mut self.producers[index];
        producer.counters.timeouts += 1;
        let Some(reply) = &producer.model.reply else { return };
        if !self.budget_allows_copy(index, attempt, reply.max_attempts) {
            self.producers[index].counters.gave_up += 1;
            return self.close(id, index);
        }
        let producer = &mut self.producers[index];
        let delay = reply.backoff.delay(attempt, last, &mut producer.retry);
        if let Some(request) = self.requests.find(id) {
            request.last_delay = delay;
        }
        if delay == 0 {
            self.resend(id);
        } else {
            self.client_timer(self.now.saturating_add(delay), id, Purpose::Resend.word(attempt));
        }
    }

    /// A client that waits for an answer and is refused by a queue that is down need not wait: its attempt has failed now.
    /// Where nothing bounds what it would do at one instant, and at its last attempt, it waits all the same.
    pub(super) fn fails_fast(&mut self, draft: &Draft) {
        let Target::Queue(queue) = draft.target else { return };
        let model = self.producers[draft.producer as usize].model;
        let Some(reply) = model.reply.as_ref().filter(|_| matches!(model.on_reject, OnRejectModel::Drop)) else {
            return;
        };
        let bounded = reply.max_attempts != u32::MAX || !reply.backoff.backoff.is_zero();
        if self.queues[queue].down > 0 && bounded && draft.request_attempt < reply.max_attempts {
            self.client_timer(self.now, draft.request, Purpose::Timeout.word(draft.request_attempt));
        }
    }

    /// Publishes a new copy; the earlier ones stay where they are.
    fn resend(&mut self, id: u64) {
        let Some(request) = self.requests.find(id) else { return };
        request.attempt += 1;
        request.awaiting = true;
        let attempt = request.attempt;
        let draft = Draft { origin: self.now, request_attempt: attempt, publishes: 0, last_delay: 0, ..request.draft };
        let index = draft.producer as usize;
        self.producers[index].counters.client_retries += 1;
        self.start_timeout(index, id, attempt);
        let target = self.target(index);
        self.send(Draft { target, ..draft });
    }

    /// The broker refused a publish.
    pub(super) fn refused(&mut self, draft: Draft) {
        let index = draft.producer as usize;
        let (max_attempts, backoff) = match &self.producers[index].model.on_reject {
            OnRejectModel::Retry { max_attempts, backoff, .. } => (*max_attempts, backoff),
            OnRejectModel::Spill(_) => return self.spill(draft),
            OnRejectModel::Drop | OnRejectModel::Block => return,
        };
        if !self.budget_allows_publish(&draft, max_attempts) {
            self.producers[index].counters.gave_up += 1;
            return;
        }
        let producer = &mut self.producers[index];
        let delay = backoff.delay(draft.publishes, draft.last_delay, &mut producer.retry);
        producer.waiting.enter(self.now);
        let slot = self.keep_draft(Draft { last_delay: delay, ..draft });
        self.client_timer(self.now.saturating_add(delay), slot, Purpose::Republish.word(0));
    }

    /// The first of a producer's publishes that wait for their turn has it after so long.
    pub(super) fn await_turn(&mut self, index: usize, wait: Nanos) {
        self.client_timer(self.now.saturating_add(wait), index as u64, Purpose::Paced.word(0));
    }

    /// A topic offers a copy again after a delay.
    pub(super) fn offer_again(&mut self, copy: Draft, delay: Nanos) {
        let slot = self.keep_draft(copy);
        self.client_timer(self.now.saturating_add(delay), slot, Purpose::Redeliver.word(0));
    }

    fn keep_draft(&mut self, draft: Draft) -> u64 {
        match self.free_drafts.pop() {
            Some(slot) => {
                self.drafts[slot as usize] = draft;
                u64::from(slot)
            }
            None => {
                self.drafts.push(draft);
                self.drafts.len() as u64 - 1
            }
        }
    }

    fn take_draft(&mut self, slot: u64) -> Draft {
        self.free_drafts.push(slot as u32);
        self.drafts[slot as usize]
    }
}
