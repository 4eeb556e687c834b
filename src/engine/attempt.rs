//! One work slot: an attempt begins, ends, is followed by overhead, and the slot moves on.

use super::messages::Token;
use super::world::{Doing, NO_TICKET, Outcome, World};
use crate::model::ServiceModel;
use crate::units::Nanos;

impl World<'_> {
    /// The release at the top of the heap is now.
    #[inline]
    pub(super) fn released(&mut self) {
        let Some(&release) = self.releases.peek() else { return };
        self.hole = true;
        let slot = release.slot();
        if self.slots[slot].ticket == release.ticket() {
            self.slots[slot].ticket = NO_TICKET;
            match self.slots[slot].doing {
                Doing::Work => self.work_ends(slot),
                Doing::Overhead => self.next(slot),
                Doing::Filling => self.start_batch(slot),
                Doing::Backoff => self.attempt(slot),
                Doing::Nothing => self.woken(slot),
                Doing::Blocked(_) | Doing::Calling => {}
            }
        }
        if self.hole {
            self.hole = false;
            self.releases.pop();
        }
    }

    /// Work on a handed-over message begins.
    #[inline]
    pub(super) fn begin(&mut self, slot: usize, token: Token) {
        let consumer = &mut self.consumers[self.slots[slot].consumer as usize];
        if self.slots[slot].doing == Doing::Nothing {
            consumer.busy.enter(self.now);
        }
        consumer.invocations += u64::from(consumer.model.metered);
        let queue = consumer.model.queue;
        self.slots[slot].token = token;
        self.slots[slot].begun = self.now;
        self.delivered(queue, token);
        self.attempt(slot);
    }

    /// Counts a delivery, and the wait where it is the message's first.
    #[inline]
    pub(super) fn delivered(&mut self, queue: usize, token: Token) {
        let (now, q) = (self.now, &mut self.queues[queue]);
        q.counters.deliveries += 1;
        if token.is_plain() {
            q.counters.attempted += 1;
            if token.published() >= self.warm {
                q.wait.record(now - token.published());
            }
            return;
        }
        let message = self.messages.get_mut(token.index());
        message.started += 1;
        if message.started > 1 {
            q.counters.redeliveries += 1;
            return;
        }
        q.counters.attempted += 1;
        if message.published >= self.warm {
            let wait = now - message.published;
            q.wait.record(wait);
            if !q.levels.is_empty() {
                q.levels[usize::from(message.level)].wait.record(wait);
            }
        }
    }

    /// Draws how long the attempt takes and how it ends, and schedules its end.
    #[inline]
    pub(super) fn attempt(&mut self, slot: usize) {
        let consumer = &mut self.consumers[self.slots[slot].consumer as usize];
        let queue = consumer.model.queue;
        let token = self.slots[slot].token;
        self.queues[queue].counters.attempts += 1;
        let (length, outcome) = if !consumer.special && token.is_plain() {
            match &consumer.model.service {
                ServiceModel::Drawn(_) => (consumer.service.draw(), Outcome::Success),
                ServiceModel::Message | ServiceModel::ByPriority(_) => (0, Outcome::Success),
            }
        } else {
            self.draw_attempt(slot, token)
        };
        self.slots[slot].doing = Doing::Work;
        self.slots[slot].outcome = outcome;
        self.release_unless_hung(slot, self.now.saturating_add(length));
    }

    /// A hung replica is alive and never finishes.
    #[inline]
    pub(super) fn release_unless_hung(&mut self, slot: usize, at: Nanos) {
        if self.replicas[self.slots[slot].replica as usize].hung {
            self.slots[slot].ticket = NO_TICKET;
        } else {
            self.release_at(slot, at);
        }
    }

    /// Length and outcome of an attempt on one message. The service time is drawn whatever the outcome, so that a
    /// changed failure rate does not shift the service times.
    pub(super) fn draw_attempt(&mut self, slot: usize, token: Token) -> (Nanos, Outcome) {
        let (ci, ri) = (self.slots[slot].consumer as usize, self.slots[slot].replica as usize);
        let model = self.consumers[ci].model;
        if model.turns_away
            && let Some(away) = self.turned_away(slot, token)
        {
            return away;
        }
        let consumer = &mut self.consumers[ci];
        let record = (!token.is_plain()).then(|| {
            let message = self.messages.get_mut(token.index());
            message.attempts += 1;
            (message.service, usize::from(message.level), message.poison)
        });
        let mut length = match &model.service {
            ServiceModel::Drawn(_) => consumer.service.draw(),
            ServiceModel::Message => record.map_or(0, |(service, ..)| if service == Nanos::MAX { 0 } else { service }),
            ServiceModel::ByPriority(laws) => {
                laws[record.map_or(laws.len() - 1, |(_, level, _)| level)].sample(&mut consumer.other_service)
            }
        };
        let hopeless = consumer.failure.chance(model.permanent_failure);
        let fails = record.is_some_and(|(.., poison)| poison)
            || consumer.failure.chance((consumer.failing / (1.0 - model.permanent_failure)).min(1.0));
        let mut outcome = match (hopeless, fails) {
            (true, _) => Outcome::Hopeless,
            (_, true) => Outcome::Failure,
            _ => Outcome::Success,
        };
        if outcome != Outcome::Success
            && let Some(law) = &model.failure_service
        {
            length = law.sample(&mut consumer.failure_service);
        }
        let speed = if consumer.uneven { consumer.speed(ri) } else { 1.0 };
        let stretch = consumer.slow / speed;
        if stretch != 1.0 {
            length = (length as f64 * stretch).round() as Nanos;
        }
        if model.idempotent.is_some()
            && let Some((cost, known)) = self.ask_store(slot, token.index())
        {
            (length, outcome) = if known { (cost, Outcome::Success) } else { (length.saturating_add(cost), outcome) };
        }
        if length > model.timeout {
            (length, outcome) = (model.timeout, Outcome::Failure);
        }
        if !model.calls.is_empty() {
            self.note_attempt(slot);
        }
        if model.budget.is_some() {
            self.spend_first(slot, token);
        }
        (length, outcome)
    }

    fn work_ends(&mut self, slot: usize) {
        if self.consumers[self.slots[slot].consumer as usize].guarded && self.work_is_guarded(slot) {
            return;
        }
        self.attempt_ends(slot);
    }

    /// All work on the attempt, its calls included, is over.
    pub(super) fn attempt_ends(&mut self, slot: usize) {
        if !self.slots[slot].batch.is_empty() {
            return self.batch_ends(slot);
        }
        let token = std::mem::replace(&mut self.slots[slot].token, Token::NONE);
        let outcome = self.slots[slot].outcome;
        match outcome {
            Outcome::Success => self.succeed(slot, token),
            Outcome::Failure | Outcome::Hopeless => {
                if self.fail(slot, token, outcome == Outcome::Hopeless) {
                    return;
                }
            }
            Outcome::Shed | Outcome::Skipped => self.turn_away(slot, token, outcome),
        }
        self.settled(slot, !outcome.has_failed());
    }

    /// After the message is settled: credit grows, blocked publishes onward hold the slot, then overhead, then the next.
    pub(super) fn settled(&mut self, slot: usize, success: bool) {
        let (ci, ri) = (self.slots[slot].consumer as usize, self.slots[slot].replica as usize);
        self.credit(ri);
        let queue = self.consumers[ci].model.queue;
        let q = &self.queues[queue];
        if q.model.max_in_flight != u64::MAX || q.strands.is_some() {
            self.pump(queue);
        }
        if self.queues[queue].model.traits.memory_alarm.is_some() {
            self.unblock(queue);
        }
        if matches!(self.slots[slot].doing, Doing::Blocked(_)) {
            self.slots[slot].outcome = if success { Outcome::Success } else { Outcome::Failure };
            return;
        }
        self.after_work(slot, success);
    }

    #[inline]
    pub(super) fn after_work(&mut self, slot: usize, success: bool) {
        match self.aftermath(slot, success) {
            Some(length) => {
                self.slots[slot].doing = Doing::Overhead;
                self.release_unless_hung(slot, self.now + length);
            }
            None => self.next(slot),
        }
    }

    /// How long the slot stays busy after the message is settled: overhead, and the work on the other messages that this
    /// one stands for.
    #[inline]
    fn aftermath(&mut self, slot: usize, success: bool) -> Option<Nanos> {
        let consumer = &mut self.consumers[self.slots[slot].consumer as usize];
        let law = if success { &consumer.model.overhead_success } else { &consumer.model.overhead_failure };
        let own = law.as_ref().map(|law| law.sample(&mut consumer.overhead));
        let Some(others) = &consumer.model.others else { return own };
        let work = match &others.work {
            Some(law) => {
                let speed = if consumer.uneven { consumer.speed(self.slots[slot].replica as usize) } else { 1.0 };
                law.sample(&mut consumer.others) as f64 * consumer.slow / speed
            }
            None => (self.now - self.slots[slot].begun) as f64 * others.times,
        };
        Some((own.unwrap_or(0) as f64 * (1.0 + others.times) + work).round() as Nanos)
    }

    /// A blocked publish onward got through.
    pub(super) fn onward_accepted(&mut self, slot: usize) {
        match self.slots[slot].doing {
            Doing::Blocked(n) if n > 1 => self.slots[slot].doing = Doing::Blocked(n - 1),
            Doing::Blocked(_) => {
                // Handled as a release of its own, so that unblocking one queue does not nest into another's delivery.
                self.slots[slot].doing = Doing::Overhead;
                let overhead = self.aftermath(slot, true).unwrap_or(0);
                self.release_unless_hung(slot, self.now + overhead);
            }
            _ => {}
        }
    }
}
