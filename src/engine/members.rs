//! Members of a group come, go, die, hang and are put out; what they had not committed is replayed.

use super::alarms::Alarm;
use super::group::{Done, NOBODY, Standing};
use super::messages::{Message, State, Token};
use super::rebalance::next_beat;
use super::stream::Side;
use super::world::{Doing, Life, World};
use crate::model::GroupRules;
use crate::units::Nanos;

impl World<'_> {
    /// A replica has started, or its group goes on after a pause: the member in this slot is back.
    pub(super) fn join_or_resume(&mut self, slot: usize) {
        let (queue, m) = (self.queue_of_slot(slot), self.member_of(slot));
        let Some(rules) = self.group_rules(queue) else { return };
        let Some(group) = &mut self.queues[queue].group else { return };
        match group.members[m].standing {
            Standing::Out => self.join_group(slot),
            Standing::In => self.poll(slot),
            Standing::Dead if rules.static_membership => {
                group.members[m].standing = Standing::In;
                let member = &mut group.members[m];
                member.session_alarm = member.session_alarm.wrapping_add(1);
                // A round may have begun while it was away, and waits for it: it hears of that at its next report.
                let (joined_at, summoned) = (member.joined_at, !member.joined);
                if group.rebalancing.is_some() && summoned {
                    let at = next_beat(joined_at, rules.heartbeat_interval.ns(), self.now);
                    self.alarm(at, Alarm::Heartbeat, slot as u64);
                }
                self.poll(slot);
            }
            Standing::Dead => group.members[m].standing = Standing::Returning,
            Standing::Returning => {}
        }
    }

    /// The replica is no longer wanted: its member goes once it has nothing in hand.
    pub(super) fn member_stops(&mut self, slot: usize) {
        if self.slots[slot].doing == Doing::Nothing && self.slots[slot].pending.is_empty() {
            self.leave_group(slot);
        }
    }

    /// The member says goodbye: all that it did is committed, and its lanes are free at once.
    pub(super) fn leave_group(&mut self, slot: usize) {
        let (queue, m, now) = (self.queue_of_slot(slot), self.member_of(slot), self.now);
        let Some(rules) = self.group_rules(queue) else { return };
        let Some(group) = &mut self.queues[queue].group else { return };
        if group.members[m].standing == Standing::Out {
            return;
        }
        group.commit(m, now);
        // A static member that restarts says nothing: it hopes to be back before its session ends.
        if rules.static_membership && self.restarting(self.slots[slot].replica as usize) {
            return self.member_dies(slot);
        }
        self.put_out(queue, m);
    }

    /// The member is none any more; its lanes have no owner.
    pub(super) fn put_out(&mut self, queue: usize, m: usize) {
        let Some(group) = &mut self.queues[queue].group else { return };
        for lane in std::mem::take(&mut group.members[m].lanes) {
            group.lanes[lane as usize].owner = NOBODY;
        }
        let member = &mut group.members[m];
        member.standing = Standing::Out;
        (member.waiting, member.summoned, member.joined) = (false, false, false);
        member.to_give.clear();
        self.rebalance(queue);
    }

    /// The replica crashed. What the member held is back in its lanes already; the broker notices when the session ends.
    pub(super) fn member_dies(&mut self, slot: usize) {
        let (queue, m, now) = (self.queue_of_slot(slot), self.member_of(slot), self.now);
        let Some(rules) = self.group_rules(queue) else { return };
        self.replay(queue, m);
        let Some(group) = &mut self.queues[queue].group else { return };
        let member = &mut group.members[m];
        member.waiting = false;
        member.summoned = false;
        if member.standing != Standing::In {
            return;
        }
        member.standing = Standing::Dead;
        let beat = rules.heartbeat_interval.ns();
        let since = now - member.joined_at;
        let last_beat = now - since.checked_rem(beat).unwrap_or(0);
        member.session_alarm = member.session_alarm.wrapping_add(1);
        let number = member.session_alarm;
        let at = (last_beat + rules.session_timeout.ns()).max(now);
        self.alarm_once(at, Alarm::SessionEnds, slot as u64, number);
    }

    pub(super) fn session_ends(&mut self, slot: usize, number: u32) {
        let (queue, m) = (self.queue_of_slot(slot), self.member_of(slot));
        let Some(group) = &self.queues[queue].group else { return };
        let member = &group.members[m];
        if member.session_alarm != number || !matches!(member.standing, Standing::Dead | Standing::Returning) {
            return;
        }
        let back = member.standing == Standing::Returning;
        self.put_out(queue, m);
        if back && self.replicas[self.slots[slot].replica as usize].life == Life::Live {
            self.join_group(slot);
        }
    }

    /// A hung member does not poll any more: from now on its poll interval runs.
    pub(super) fn member_hangs(&mut self, slot: usize) {
        let (queue, m) = (self.queue_of_slot(slot), self.member_of(slot));
        let Some(rules) = self.group_rules(queue) else { return };
        let now = self.now;
        let Some(group) = &mut self.queues[queue].group else { return };
        if std::mem::take(&mut group.members[m].waiting) {
            group.members[m].last_poll = now;
        }
        self.watch(slot, rules);
    }

    /// Sees to it that a member that does not poll again in time is noticed.
    pub(super) fn watch(&mut self, slot: usize, rules: &GroupRules) {
        let Some(most) = rules.max_poll_interval else { return };
        let (queue, m) = (self.queue_of_slot(slot), self.member_of(slot));
        let Some(group) = &mut self.queues[queue].group else { return };
        let member = &mut group.members[m];
        if !std::mem::replace(&mut member.watched, true) {
            let at = member.last_poll + most.ns();
            self.alarm(at, Alarm::PollTooLate, slot as u64);
        }
    }

    pub(super) fn poll_too_late(&mut self, slot: usize, _: u32) {
        let (queue, m, now) = (self.queue_of_slot(slot), self.member_of(slot), self.now);
        let Some(most) = self.group_rules(queue).and_then(|rules| rules.max_poll_interval) else { return };
        let Some(group) = &mut self.queues[queue].group else { return };
        let member = &mut group.members[m];
        member.watched = false;
        let replica = &self.replicas[self.slots[slot].replica as usize];
        let silent = replica.hung || self.slots[slot].doing != Doing::Nothing;
        if member.standing != Standing::In || !silent {
            return;
        }
        let at = member.last_poll + most.ns();
        if at > now {
            member.watched = true;
            return self.alarm(at, Alarm::PollTooLate, slot as u64);
        }
        self.evict(slot);
    }

    /// The member has not polled in time: its lanes go to others, with all that it holds, while it goes on working.
    pub(super) fn evict(&mut self, slot: usize) {
        let (queue, m) = (self.queue_of_slot(slot), self.member_of(slot));
        let lane = self.slots[slot].lane;
        let mut pending = std::mem::take(&mut self.slots[slot].pending);
        for (token, lane) in pending.iter_mut().rev() {
            *token = self.share(queue, *token, 0, *lane);
        }
        self.slots[slot].pending = pending;
        let mut batch = std::mem::take(&mut self.slots[slot].batch);
        for (token, _) in batch.iter_mut().rev() {
            *token = self.share(queue, *token, 1, lane);
        }
        self.slots[slot].batch = batch;
        let token = self.slots[slot].token;
        if token != Token::NONE && matches!(self.slots[slot].doing, Doing::Work | Doing::Calling) {
            self.slots[slot].token = self.share(queue, token, 1, lane);
        }
        self.replay(queue, m);
        self.put_out(queue, m);
    }

    /// A record in the hands of a member that was put out: it waits in its lane again, and the member works on it too.
    fn share(&mut self, queue: usize, token: Token, started: u32, lane: u32) -> Token {
        let token = if token.is_plain() { self.promote_record(queue, token, started, lane) } else { token };
        if self.messages.is_current(token, State::InFlight) {
            self.queues[queue].in_flight.leave(self.now);
            let waiting = self.messages.enter(token.index(), State::Ready);
            self.enqueue(queue, waiting, lane as usize, Side::Front);
        } else if self.messages.is_current(token, State::Gone) {
            // It was done before and is to be done again; the member that goes on with it cannot commit it.
            let index = self.messages.insert(Message { copies: 1, ..*self.messages.get(token.index()) });
            self.messages.enter(token.index(), State::Gone);
            self.haunt_lane(queue, index, lane);
        }
        token
    }

    /// A crash took a record from its member.
    pub(super) fn record_lost(&mut self, queue: usize, token: Token, started: bool, lane: u32) {
        if self.consumers[self.queues[queue].consumers[0]].model.ack_before {
            let token =
                if token.is_plain() { self.promote_record(queue, token, u32::from(started), lane) } else { token };
            let index = token.index();
            self.messages.get_mut(index).copies -= 1;
            if self.messages.is_current(token, State::InFlight) {
                self.queues[queue].counters.dropped += 1;
                self.leave_queue(queue, index);
            }
            return self.messages.release_if_unheld(index);
        }
        let token = if token.is_plain() && started { self.promote_record(queue, token, 1, lane) } else { token };
        self.back_to_lane(queue, token, lane);
    }

    /// What a member had done and not committed is done again by whoever gets its lanes.
    fn replay(&mut self, queue: usize, m: usize) {
        let Some(group) = &mut self.queues[queue].group else { return };
        let lanes = group.members[m].lanes.clone();
        for lane in lanes {
            let Some(group) = &mut self.queues[queue].group else { return };
            let done = std::mem::take(&mut group.lanes[lane as usize].uncommitted);
            let partition = group.partition_of(lane as usize);
            group.shards[partition].seen.redeliveries += done.len() as u64;
            for done in done.into_iter().rev() {
                let index = self.messages.insert(ghost(queue, lane, done));
                self.haunt_lane(queue, index, lane);
            }
        }
    }
}

fn ghost(queue: usize, lane: u32, done: Done) -> Message {
    Message {
        service: done.service as Nanos,
        key: done.key,
        twin: done.twin,
        lane,
        handed: 1,
        attempts: 1,
        started: 1,
        copies: 1,
        done: true,
        ..Message::new(queue, done.published, done.published)
    }
}
