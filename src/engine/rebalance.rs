//! Who reads what: members join, partitions move, and what stands still meanwhile.
//!
//! Eager and cooperative groups rebalance in rounds: a round ends when every member has taken part, which a member does
//! when it polls; in an eager round it gives up everything first. A broker that assigns by itself has no rounds: each
//! member gives up and takes over what it is told as it reports.

use super::alarms::Alarm;
use super::group::{Group, NOBODY, Standing};
use super::world::{Doing, World};
use crate::model::Assignment;
use crate::units::Nanos;

impl World<'_> {
    /// A member is there and wants its share.
    pub(super) fn join_group(&mut self, slot: usize) {
        let (queue, m, now) = (self.queue_of_slot(slot), self.member_of(slot), self.now);
        let consumer = &mut self.consumers[self.slots[slot].consumer as usize];
        // Members that look at intervals look at moments of their own.
        let offset = match consumer.model.poll {
            0 => 0,
            poll => (consumer.polling.uniform() * poll as f64) as Nanos,
        };
        let Some(group) = &mut self.queues[queue].group else { return };
        let member = &mut group.members[m];
        member.next_fetch = now + offset;
        member.standing = Standing::In;
        (member.joined_at, member.last_poll, member.last_commit) = (now, now, now);
        (member.joined, member.waiting) = (true, true);
        self.rebalance(queue);
    }

    /// The group has changed.
    pub(super) fn rebalance(&mut self, queue: usize) {
        let (Some(rules), now) = (self.group_rules(queue), self.now) else { return };
        let Some(group) = &mut self.queues[queue].group else { return };
        if rules.assignment == Assignment::Server {
            let at = now + rules.rebalance_delay.ns();
            return self.rebalance_at(queue, at);
        }
        if group.rebalancing.is_none() {
            group.rebalancing = Some(now);
            let first = self.consumers[group.consumer].first_slot;
            let beat = rules.heartbeat_interval.ns();
            let group = self.queues[queue].group.as_mut();
            let others: Vec<(usize, Nanos)> = group
                .into_iter()
                .flat_map(|group| group.members.iter().enumerate())
                .filter(|(_, member)| member.standing == Standing::In && !member.joined)
                .map(|(m, member)| (m, next_beat(member.joined_at, beat, now)))
                .collect();
            others.into_iter().for_each(|(m, at)| self.alarm(at, Alarm::Heartbeat, (first + m) as u64));
        }
        self.round_may_end(queue);
    }

    fn rebalance_at(&mut self, queue: usize, at: Nanos) {
        let Some(group) = &mut self.queues[queue].group else { return };
        if group.rebalance_alarm.is_none_or(|pending| pending < self.now || at < pending) {
            group.rebalance_alarm = Some(at);
            self.alarm(at, Alarm::Rebalance, queue as u64);
        }
    }

    /// Ends the round where every member has taken part, not before its least time, and not in the middle of an instant
    /// at which others may still come.
    fn round_may_end(&mut self, queue: usize) {
        let (Some(rules), now) = (self.group_rules(queue), self.now) else { return };
        let Some(group) = &self.queues[queue].group else { return };
        let Some(since) = group.rebalancing else { return };
        let waited_for = |standing| matches!(standing, Standing::In | Standing::Dead | Standing::Returning);
        if group.members.iter().all(|member| member.joined || !waited_for(member.standing)) {
            self.rebalance_at(queue, now.max(since + rules.rebalance_delay.ns()));
        }
    }

    /// A rebalance may be completed now, if nothing has come between.
    pub(super) fn rebalance_due(&mut self, queue: usize) {
        let (Some(rules), now) = (self.group_rules(queue), self.now) else { return };
        let Some(group) = &mut self.queues[queue].group else { return };
        if group.rebalance_alarm != Some(now) {
            return;
        }
        group.rebalance_alarm = None;
        if rules.assignment == Assignment::Server {
            return self.assign_by_server(queue);
        }
        let waited_for = |standing| matches!(standing, Standing::In | Standing::Dead | Standing::Returning);
        if group.rebalancing.is_none() || group.members.iter().any(|m| !m.joined && waited_for(m.standing)) {
            return;
        }
        group.rebalancing = None;
        group.members.iter_mut().for_each(|member| member.joined = false);
        let sticky = rules.assignment == Assignment::Cooperative;
        let target = if sticky { balanced(group) } else { ranges(group) };
        let mut moving = false;
        for (lane, &to) in target.iter().enumerate() {
            let owner = group.lanes[lane].owner;
            if to == NOBODY || owner == to {
                continue;
            }
            if owner == NOBODY {
                group.own(lane as u32, to as usize);
            } else {
                // Its owner gives it up when it polls next; the round after that hands it on.
                group.members[owner as usize].to_give.push(lane as u32);
                moving = true;
            }
        }
        if moving {
            self.give_when_idle(queue);
        }
        self.wake_members(queue);
    }

    /// Members that are idle give up at once what they have to.
    fn give_when_idle(&mut self, queue: usize) {
        let Some(group) = &self.queues[queue].group else { return };
        let first = self.consumers[group.consumer].first_slot;
        for m in 0..group.members.len() {
            if self.slots[first + m].doing == Doing::Nothing && self.slots[first + m].pending.is_empty() {
                self.at_poll_boundary(first + m);
            }
        }
    }

    /// A member reports to the broker: it hears of a rebalance, gives up what moves, and takes over what is free.
    pub(super) fn heartbeat(&mut self, slot: usize) {
        let (queue, m) = (self.queue_of_slot(slot), self.member_of(slot));
        let Some(rules) = self.group_rules(queue) else { return };
        let Some(group) = &mut self.queues[queue].group else { return };
        if group.members[m].standing != Standing::In {
            return;
        }
        if rules.assignment == Assignment::Server {
            return self.assign_by_server(queue);
        }
        if group.rebalancing.is_none() || group.members[m].joined {
            return;
        }
        group.members[m].summoned = true;
        let hung = self.replicas[self.slots[slot].replica as usize].hung;
        if self.slots[slot].doing == Doing::Nothing && self.slots[slot].pending.is_empty() && !hung {
            self.at_poll_boundary(slot);
            self.wake(slot);
        }
    }

    fn wake(&mut self, slot: usize) {
        let (queue, m) = (self.queue_of_slot(slot), self.member_of(slot));
        if self.queues[queue].group.as_ref().is_some_and(|group| group.members[m].waiting) {
            self.poll(slot);
        }
    }

    /// What a member does for its group when it polls, with nothing in hand: it gives up lanes, and takes part in a round.
    pub(super) fn at_poll_boundary(&mut self, slot: usize) {
        let (queue, m, now) = (self.queue_of_slot(slot), self.member_of(slot), self.now);
        let Some(rules) = self.group_rules(queue) else { return };
        let Some(group) = &mut self.queues[queue].group else { return };
        let give = std::mem::take(&mut group.members[m].to_give);
        if !give.is_empty() {
            group.commit(m, now);
            give.iter().for_each(|&lane| group.disown(lane));
            if rules.assignment == Assignment::Server {
                return self.rebalance_at(queue, now);
            }
            // The round that hands on what is free begins with the member that made it so.
            group.members[m].joined = true;
            return self.rebalance(queue);
        }
        if std::mem::take(&mut group.members[m].summoned) && group.rebalancing.is_some() {
            group.members[m].joined = true;
            if rules.assignment == Assignment::Eager {
                group.commit(m, now);
                for lane in std::mem::take(&mut group.members[m].lanes) {
                    group.lanes[lane as usize].owner = NOBODY;
                }
            }
            self.round_may_end(queue);
        }
    }

    /// The broker's own assignment: free lanes go to whom they are meant for, others are asked for. Either is heard at the
    /// member's next report; who has just joined hears at once.
    fn assign_by_server(&mut self, queue: usize) {
        let (Some(rules), now) = (self.group_rules(queue), self.now) else { return };
        let Some(group) = &mut self.queues[queue].group else { return };
        let target = balanced(group);
        let beat = rules.heartbeat_interval.ns();
        let mut reports: Vec<(usize, Nanos)> = vec![];
        let mut gives = false;
        for (lane, &to) in target.iter().enumerate() {
            let owner = group.lanes[lane].owner;
            if to == NOBODY || to == owner {
                continue;
            }
            let hearer = if owner == NOBODY { to } else { owner } as usize;
            let member = &mut group.members[hearer];
            let at = next_beat(member.joined_at, beat, now);
            if at > now && !std::mem::take(&mut member.joined) {
                if !reports.contains(&(hearer, at)) {
                    reports.push((hearer, at));
                }
            } else if owner == NOBODY {
                group.own(lane as u32, hearer);
            } else if member.standing == Standing::In && !member.to_give.contains(&(lane as u32)) {
                member.to_give.push(lane as u32);
                gives = true;
            }
        }
        group.members.iter_mut().for_each(|member| member.joined = false);
        let first = self.consumers[group.consumer].first_slot;
        reports.into_iter().for_each(|(m, at)| self.alarm(at, Alarm::Heartbeat, (first + m) as u64));
        if gives {
            self.give_when_idle(queue);
        }
        self.wake_members(queue);
    }
}

/// The first report at or after now.
pub(super) fn next_beat(joined_at: Nanos, beat: Nanos, now: Nanos) -> Nanos {
    match beat {
        0 => now,
        beat => joined_at + (now - joined_at).div_ceil(beat) * beat,
    }
}

/// Lanes in a row for each member, the first members one more where they do not divide evenly: Kafka's range assignor.
fn ranges(group: &Group) -> Vec<u32> {
    let members: Vec<u32> = standing_in(group);
    let (lanes, n) = (group.lanes.len(), members.len());
    if n == 0 {
        return vec![NOBODY; lanes];
    }
    let (each, more) = (lanes / n, lanes % n);
    let shares = members.iter().enumerate().map(|(i, m)| (*m, each + usize::from(i < more)));
    shares.flat_map(|(m, share)| std::iter::repeat_n(m, share)).collect()
}

/// As even as can be, with as few lanes moving as can be.
fn balanced(group: &Group) -> Vec<u32> {
    let members: Vec<u32> = standing_in(group);
    let (lanes, n) = (group.lanes.len(), members.len());
    if n == 0 {
        return vec![NOBODY; lanes];
    }
    let (each, more) = (lanes / n, lanes % n);
    let mut target: Vec<u32> = vec![NOBODY; lanes];
    let mut count = vec![0usize; group.members.len()];
    // Who has more already keeps the uneven ones.
    let mut by_load: Vec<u32> = members.clone();
    by_load.sort_by_key(|m| (std::cmp::Reverse(group.members[*m as usize].lanes.len()), *m));
    let mut most = vec![0usize; group.members.len()];
    by_load.iter().enumerate().for_each(|(i, m)| most[*m as usize] = each + usize::from(i < more));
    for (lane, state) in group.lanes.iter().enumerate() {
        let owner = state.owner;
        if owner == NOBODY {
            continue;
        }
        match group.members[owner as usize].standing {
            Standing::In if count[owner as usize] < most[owner as usize] => {
                target[lane] = owner;
                count[owner as usize] += 1;
            }
            // The broker still believes in it.
            Standing::Dead | Standing::Returning => target[lane] = owner,
            _ => {}
        }
    }
    for place in target.iter_mut().filter(|place| **place == NOBODY) {
        let least =
            members.iter().min_by_key(|m| (count[**m as usize] >= most[**m as usize], count[**m as usize], **m));
        if let Some(&m) = least {
            *place = m;
            count[m as usize] += 1;
        }
    }
    target
}

fn standing_in(group: &Group) -> Vec<u32> {
    let members = group.members.iter().enumerate();
    members.filter(|(_, member)| member.standing == Standing::In).map(|(m, _)| m as u32).collect()
}
