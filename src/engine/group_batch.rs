//! Batches of records: one partition's records in work together, committed up to the first that failed, cut in halves.

use super::messages::{State, Token};
use super::stream::Side;
use super::world::{Outcome, World};
use crate::model::{GroupRules, OnFailure};

impl World<'_> {
    /// Work on a batch of records ended. What comes before the first failure is done where the consumer reports it so;
    /// the rest is tried again in order, in halves, or given up together.
    pub(super) fn record_batch_ends(&mut self, slot: usize, batch: Vec<(Token, Outcome)>) {
        let queue = self.queue_of_slot(slot);
        let (ci, lane) = (self.slots[slot].consumer as usize, self.slots[slot].lane);
        let model = self.consumers[ci].model;
        let partial = model.batch.as_ref().is_some_and(|batch| batch.partial);
        let failed = batch.iter().position(|(_, outcome)| *outcome != Outcome::Success);
        let done = match failed {
            None => batch.len(),
            Some(first) if partial => first,
            Some(_) => 0,
        };
        batch[..done].iter().for_each(|(token, _)| self.succeed(slot, *token));
        let rest: Vec<Token> = batch[done..].iter().map(|(token, _)| *token).collect();
        if let Some(rules) = self.group_rules(queue)
            && !rest.is_empty()
        {
            let hopeless = batch[done].1 == Outcome::Hopeless;
            self.batch_failed(slot, queue, rest, lane, hopeless, rules);
        }
        self.settled(slot, failed.is_none());
    }

    fn batch_failed(
        &mut self,
        slot: usize,
        queue: usize,
        rest: Vec<Token>,
        lane: u32,
        hopeless: bool,
        rules: &GroupRules,
    ) {
        let ci = self.slots[slot].consumer as usize;
        let model = self.consumers[ci].model;
        let tokens: Vec<Token> = rest
            .into_iter()
            .map(|token| if token.is_plain() { self.promote_record(queue, token, 1, lane) } else { token })
            .collect();
        // The attempts are the batch's: a record behind the one that failed has had them too.
        let attempts = tokens.iter().map(|token| self.messages.get(token.index()).attempts).max().unwrap_or(1);
        tokens.iter().for_each(|token| self.messages.get_mut(token.index()).attempts = attempts);
        let oldest = tokens.iter().map(|token| self.messages.get(token.index()).published).min().unwrap_or(self.now);
        let too_old = rules.max_record_age.is_some_and(|most| self.now - oldest >= most.ns());
        let halves = rules.bisect && tokens.len() > 1 && !hopeless;
        if halves && let Some(group) = &mut self.queues[queue].group {
            let first = tokens.len() as u32 / 2;
            group.lanes[lane as usize].split.extend([tokens.len() as u32 - first, first]);
        }
        // Cut in halves, the batch is tried again at once and the try does not count.
        let more = !hopeless && !too_old && attempts < model.max_attempts;
        let granted = model.budget.is_none() || self.may_retry(slot, attempts, more);
        let give_up = !halves && (!more || !granted);
        let delay = if halves || give_up { 0 } else { self.backoff(ci, tokens[0].index(), attempts.max(1)) };
        for (place, token) in tokens.iter().enumerate().rev() {
            let index = token.index();
            let current = self.messages.is_current(*token, State::InFlight);
            let message = self.messages.get_mut(index);
            message.copies -= 1;
            if halves {
                message.attempts -= 1;
            }
            if !current {
                self.messages.release_if_unheld(index);
                continue;
            }
            if give_up && rules.on_failure == OnFailure::Skip {
                self.queues[queue].counters.dropped += 1;
                self.leave_queue(queue, index);
            } else if give_up {
                self.dead_letter(queue, index);
            } else {
                self.queues[queue].in_flight.leave(self.now);
                if place == 0 {
                    self.try_in_place(queue, index, lane, delay);
                } else {
                    let token = self.messages.enter(index, State::Ready);
                    self.enqueue(queue, token, lane as usize, Side::Front);
                }
            }
            self.messages.release_if_unheld(index);
        }
    }

    /// The copy of a record that is done waits in front of its lane.
    pub(super) fn haunt_lane(&mut self, queue: usize, index: usize, lane: u32) {
        let token = self.messages.enter(index, State::Ghost);
        let q = &mut self.queues[queue];
        q.ghosts += 1;
        q.group.iter_mut().for_each(|group| group.lanes[lane as usize].push(token, Side::Front));
    }

    /// Gives a plain record a record of its own, in its lane.
    pub(super) fn promote_record(&mut self, queue: usize, token: Token, started: u32, lane: u32) -> Token {
        let token = self.promote(queue, token, started);
        self.messages.get_mut(token.index()).lane = lane;
        token
    }
}
