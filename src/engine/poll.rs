//! The poll loop of a group's member: commit, take part in what the group does, fetch, work; and how its records end.

use super::alarms::Alarm;
use super::group::{Done, Standing};
use super::keys::NO_KEY;
use super::messages::{Message, State, Token};
use super::stream::Side;
use super::world::{Doing, Life, Outcome, World};
use crate::model::{GroupRules, OnFailure};
use crate::units::Nanos;

impl<'m> World<'m> {
    /// Number of a slot among the members of its group.
    pub(super) fn member_of(&self, slot: usize) -> usize {
        slot - self.consumers[self.slots[slot].consumer as usize].first_slot
    }

    pub(super) fn queue_of_slot(&self, slot: usize) -> usize {
        self.consumers[self.slots[slot].consumer as usize].model.queue
    }

    pub(super) fn group_rules(&self, queue: usize) -> Option<&'m GroupRules> {
        self.queues[queue].model.group.as_ref().map(|group| &group.rules)
    }

    /// A member has nothing in hand: it polls.
    #[inline(never)]
    pub(super) fn poll(&mut self, slot: usize) {
        let (queue, m, now) = (self.queue_of_slot(slot), self.member_of(slot), self.now);
        let Some(rules) = self.group_rules(queue) else { return };
        if self.replicas[self.slots[slot].replica as usize].life != Life::Live {
            self.idle(slot);
            return self.leave_group(slot);
        }
        let Some(group) = &mut self.queues[queue].group else { return };
        let member = &mut group.members[m];
        member.waiting = false;
        member.last_poll = now;
        match member.standing {
            Standing::In => {}
            Standing::Out => {
                self.idle(slot);
                return self.join_group(slot);
            }
            Standing::Dead | Standing::Returning => return self.idle(slot),
        }
        let due = member.last_commit.saturating_add(rules.commit_interval.ns());
        if due <= now {
            group.commit(m, now);
        }
        self.at_poll_boundary(slot);
        if !self.fetch(slot, rules) {
            self.rest(slot, rules);
        }
    }

    /// Takes records and starts on them. False where there are none to be had now.
    fn fetch(&mut self, slot: usize, rules: &GroupRules) -> bool {
        let (queue, m, now) = (self.queue_of_slot(slot), self.member_of(slot), self.now);
        let consumer = &self.consumers[self.slots[slot].consumer as usize];
        if consumer.paused > 0 || self.queues[queue].barred > 0 {
            return false;
        }
        let batch = consumer.model.batch.as_ref();
        let poll = consumer.model.poll;
        let most = batch.map_or(rules.max_poll_records, |batch| batch.size);
        let Some(group) = &mut self.queues[queue].group else { return false };
        if poll > 0 && now < group.members[m].next_fetch {
            return false;
        }
        if !self.worth_fetching(slot, rules) {
            return false;
        }
        let lanes = self.lanes_in_turn(queue, m);
        let mut got: Vec<(Token, u32)> = vec![];
        for &lane in &lanes {
            let room = most - got.len() as u32;
            if room == 0 || (batch.is_some() && !got.is_empty()) {
                break;
            }
            self.fetch_lane(slot, queue, lane, room, rules, &mut got);
        }
        let Some(group) = &mut self.queues[queue].group else { return false };
        let member = &mut group.members[m];
        member.turn = member.turn.wrapping_add(1);
        member.next_fetch = now + poll;
        let Some(&(first, lane)) = got.first() else { return false };
        member.gathering = None;
        self.watch(slot, rules);
        self.slots[slot].lane = lane;
        if batch.is_some() {
            self.slots[slot].batch = got.into_iter().map(|(token, _)| (token, Outcome::Success)).collect();
            self.start_batch(slot);
        } else {
            self.slots[slot].pending.extend(got.into_iter().skip(1));
            self.begin(slot, first);
        }
        true
    }

    fn lanes_in_turn(&self, queue: usize, m: usize) -> Vec<u32> {
        let Some(group) = &self.queues[queue].group else { return vec![] };
        let member = &group.members[m];
        let n = member.lanes.len().max(1);
        let mut lanes = member.lanes.clone();
        lanes.rotate_left(member.turn % n);
        lanes
    }

    /// Up to `room` records of one lane, as its partition's limits allow.
    fn fetch_lane(
        &mut self,
        slot: usize,
        queue: usize,
        lane: u32,
        room: u32,
        rules: &GroupRules,
        got: &mut Vec<(Token, u32)>,
    ) {
        self.retain_lane(queue, lane as usize);
        let now = self.now;
        let Some(group) = &mut self.queues[queue].group else { return };
        if std::mem::take(&mut group.lanes[lane as usize].overtaken) && rules.reset_to_latest {
            while self.queues[queue].group.as_ref().is_some_and(|group| group.lanes[lane as usize].in_ring > 0) {
                self.lose_front(queue, lane as usize);
            }
        }
        let Some(group) = &mut self.queues[queue].group else { return };
        let (stream, partition) = (group.stream, group.partition_of(lane as usize));
        let state = &mut group.lanes[lane as usize];
        let wanted = state.available().min(u64::from(room));
        if wanted == 0 {
            return;
        }
        let mut wanted = state.split.pop().map_or(wanted, |half| wanted.min(u64::from(half)));
        let size = self.record_size(queue);
        if !rules.enhanced {
            match self.streams[stream].readable(partition, wanted, size, now) {
                Ok(most) => wanted = wanted.min(most),
                Err(again) => return self.poll_by(slot, again),
            }
        }
        let before = got.len();
        while (got.len() - before) < wanted as usize
            && let Some(token) = self.take_record(queue, lane)
        {
            let token = self.hand_over(queue, token, slot as u32);
            got.push((token, lane));
        }
        if !rules.enhanced {
            self.streams[stream].charge_read(partition, (got.len() - before) as u64, size, now);
        }
    }

    fn take_record(&mut self, queue: usize, lane: u32) -> Option<Token> {
        let now = self.now;
        let q = &mut self.queues[queue];
        let lane = &mut q.group.as_mut()?.lanes[lane as usize];
        loop {
            let token = match lane.retries.pop_front() {
                Some(token) => token,
                None if lane.blocked => return None,
                None => lane.pop_ring()?,
            };
            if token.is_plain() {
                q.plain_ready -= 1;
            } else if self.messages.is_current(token, State::Ghost) {
                q.ghosts -= 1;
                return Some(token);
            } else if self.messages.is_current(token, State::Ready) {
                q.ready_bytes -= u64::from(self.messages.get(token.index()).size);
            } else {
                continue;
            }
            q.ready.leave(now);
            return Some(token);
        }
    }

    /// A fetch waits for so many bytes, and a batch for so many records, but only so long.
    fn worth_fetching(&mut self, slot: usize, rules: &GroupRules) -> bool {
        let (queue, m, now) = (self.queue_of_slot(slot), self.member_of(slot), self.now);
        let batch = self.consumers[self.slots[slot].consumer as usize].model.batch.as_ref();
        let size = self.record_size(queue);
        let Some(group) = &mut self.queues[queue].group else { return false };
        let available = |lane: &u32| group.lanes[*lane as usize].available();
        let member = &group.members[m];
        let all: u64 = member.lanes.iter().map(available).sum();
        if all == 0 {
            return false;
        }
        let deepest = member.lanes.iter().map(available).max().unwrap_or(0);
        let full = batch.is_none_or(|batch| batch.wait.ns() == 0 || deepest >= u64::from(batch.size));
        if full && all * size >= rules.fetch_min_bytes {
            return true;
        }
        let wait = batch.map_or(rules.fetch_wait.ns(), |batch| batch.wait.ns().max(rules.fetch_wait.ns()));
        let since = *group.members[m].gathering.get_or_insert(now);
        if now >= since + wait {
            return true;
        }
        self.poll_by(slot, since + wait);
        false
    }

    /// Nothing to do: it waits for a record, for its next fetch, or for its next commit.
    fn rest(&mut self, slot: usize, rules: &GroupRules) {
        self.idle(slot);
        let (queue, m, now) = (self.queue_of_slot(slot), self.member_of(slot), self.now);
        let poll = self.consumers[self.slots[slot].consumer as usize].model.poll;
        let Some(group) = &mut self.queues[queue].group else { return };
        let member = &mut group.members[m];
        if poll > 0 {
            let at = if member.next_fetch > now { member.next_fetch } else { now + poll };
            return self.poll_at(slot, at);
        }
        member.waiting = true;
        if rules.commit_interval.ns() > 0 && group.has_uncommitted(m) {
            let at = group.members[m].last_commit + rules.commit_interval.ns();
            self.poll_by(slot, at.max(now + 1));
        }
    }

    /// The member looks at the broker at the latest then: one thing to wait for does not hide another.
    fn poll_by(&mut self, slot: usize, at: Nanos) {
        let Some(group) = &self.queues[self.queue_of_slot(slot)].group else { return };
        let pending = group.members[self.member_of(slot)].next_poll;
        if pending <= self.now || at < pending {
            self.poll_at(slot, at);
        }
    }

    /// Sets the member's next look at the broker; an earlier one that is pending counts no more.
    fn poll_at(&mut self, slot: usize, at: Nanos) {
        let (queue, m) = (self.queue_of_slot(slot), self.member_of(slot));
        let Some(group) = &mut self.queues[queue].group else { return };
        let member = &mut group.members[m];
        (member.poll_alarm, member.next_poll) = (member.poll_alarm.wrapping_add(1), at);
        let number = member.poll_alarm;
        self.alarm_once(at, Alarm::Poll, slot as u64, number);
    }

    pub(super) fn poll_due(&mut self, slot: usize, number: u32) {
        let (queue, m) = (self.queue_of_slot(slot), self.member_of(slot));
        let Some(group) = &self.queues[queue].group else { return };
        let idle = self.slots[slot].doing == Doing::Nothing && self.slots[slot].pending.is_empty();
        let replica = &self.replicas[self.slots[slot].replica as usize];
        if group.members[m].poll_alarm == number && idle && replica.life == Life::Live && !replica.hung {
            self.poll(slot);
        }
    }

    /// Wakes every member that waits.
    pub(super) fn wake_members(&mut self, queue: usize) {
        let Some(group) = &self.queues[queue].group else { return };
        let first = self.consumers[group.consumer].first_slot;
        for m in 0..group.members.len() {
            if self.queues[queue].group.as_ref().is_some_and(|group| group.members[m].waiting) {
                self.poll(first + m);
            }
        }
    }

    /// A record was completed by the member in this slot. A plain one leaves its partition here; `message` has left.
    #[inline(never)]
    pub(super) fn record_done(&mut self, slot: usize, queue: usize, published: Nanos, message: Option<&Message>) {
        let (m, now) = (self.member_of(slot), self.now);
        let Some(rules) = self.group_rules(queue) else { return };
        let q = &mut self.queues[queue];
        let Some(group) = &mut q.group else { return };
        let lane = message.map_or(self.slots[slot].lane, |message| message.lane);
        if message.is_none() {
            group.left(lane, now);
        }
        let partition = group.partition_of(lane as usize);
        let state = &mut group.lanes[lane as usize];
        if q.book.is_none() {
            q.counters.out_of_order += u64::from(published < state.latest_done);
        }
        state.latest_done = state.latest_done.max(published);
        group.shards[partition].seen.completed += 1;
        if rules.commit_interval.ns() > 0 && state.owner == m as u32 {
            let plain = Done { published, service: Nanos::MAX, key: NO_KEY, twin: u64::MAX };
            state.uncommitted.push_back(message.map_or(plain, Done::of));
            group.shards[partition].uncommitted += 1;
        }
    }

    /// A record that had been done before was done again from the log: only now its place can be committed.
    #[inline(never)]
    pub(super) fn replayed(&mut self, slot: usize, queue: usize, index: usize) {
        let (m, message) = (self.member_of(slot), *self.messages.get(index));
        let Some(rules) = self.group_rules(queue) else { return };
        let Some(group) = &mut self.queues[queue].group else { return };
        let state = &mut group.lanes[message.lane as usize];
        if rules.commit_interval.ns() > 0 && state.owner == m as u32 {
            state.uncommitted.push_back(Done::of(&message));
        } else {
            group.settled(message.lane, 1);
        }
    }

    /// An attempt at a record failed: it is tried again in place or out of order, or given up.
    #[inline(never)]
    pub(super) fn record_failed(&mut self, slot: usize, queue: usize, token: Token, hopeless: bool) {
        let Some(rules) = self.group_rules(queue) else { return };
        let (ci, lane) = (self.slots[slot].consumer as usize, self.slots[slot].lane);
        let token = if token.is_plain() { self.promote_record(queue, token, 1, lane) } else { token };
        let index = token.index();
        let current = self.messages.is_current(token, State::InFlight);
        let message = self.messages.get_mut(index);
        message.copies -= 1;
        let attempts = message.attempts;
        let too_old = rules.max_record_age.is_some_and(|most| self.now - message.published >= most.ns());
        let model = self.consumers[ci].model;
        let more = !hopeless && !too_old && attempts < model.max_attempts;
        let granted = model.budget.is_none() || self.may_retry(slot, attempts, more);
        if !current {
            // Somebody else has the record by now, or it is the copy of one that is done.
            if self.messages.is_current(token, State::Gone)
                && let Some(group) = &mut self.queues[queue].group
            {
                group.settled(lane, 1);
            }
        } else if model.ack_before {
            self.queues[queue].counters.dropped += 1;
            self.leave_queue(queue, index);
        } else if !more || !granted {
            match rules.on_failure {
                OnFailure::Skip => {
                    self.queues[queue].counters.dropped += 1;
                    self.leave_queue(queue, index);
                }
                OnFailure::Block | OnFailure::DeadLetter | OnFailure::RetryTopic => self.dead_letter(queue, index),
            }
        } else {
            let delay = self.backoff(ci, index, attempts.max(1));
            self.queues[queue].in_flight.leave(self.now);
            if rules.on_failure == OnFailure::RetryTopic {
                self.delay(queue, index, delay, false, true);
            } else {
                self.give_back_lane(slot, queue, lane);
                self.try_in_place(queue, index, lane, delay);
            }
        }
        self.messages.release_if_unheld(index);
    }

    /// The first record of a lane, in no state that counts, is tried again there after a delay; the rest waits for it.
    pub(super) fn try_in_place(&mut self, queue: usize, index: usize, lane: u32, delay: Nanos) {
        if delay == 0 {
            let token = self.messages.enter(index, State::Ready);
            return self.enqueue(queue, token, lane as usize, Side::Front);
        }
        if let Some(group) = &mut self.queues[queue].group {
            group.lanes[lane as usize].blocked = true;
        }
        self.delay(queue, index, delay, true, true);
    }

    /// What a member holds of a lane behind a record that failed goes back: it is fetched anew in its order.
    fn give_back_lane(&mut self, slot: usize, queue: usize, lane: u32) {
        let pending = std::mem::take(&mut self.slots[slot].pending);
        let (back, kept) = pending.into_iter().partition::<Vec<_>, _>(|(_, other)| *other == lane);
        self.slots[slot].pending = kept.into();
        for (token, _) in back.into_iter().rev() {
            self.back_to_lane(queue, token, lane);
        }
    }

    /// A record that was handed out and not worked on is in front of its lane again.
    pub(super) fn back_to_lane(&mut self, queue: usize, token: Token, lane: u32) {
        let now = self.now;
        if token.is_plain() {
            self.queues[queue].in_flight.leave(now);
            return self.enqueue(queue, token, lane as usize, Side::Front);
        }
        let index = token.index();
        let (current, ghost) =
            (self.messages.is_current(token, State::InFlight), self.messages.is_current(token, State::Gone));
        if ghost {
            return self.haunt_lane(queue, index, lane);
        }
        let message = self.messages.get_mut(index);
        message.copies -= 1;
        if current {
            message.handed -= 1;
            self.queues[queue].in_flight.leave(now);
            let token = self.messages.enter(index, State::Ready);
            self.enqueue(queue, token, lane as usize, Side::Front);
        }
        self.messages.release_if_unheld(index);
    }
}
