//! The state of a stream's group: its lanes, its members, and what was seen of each partition.
//!
//! A lane is a partition, or one of the parts into which `parallelization` cuts it by key. A member is a work slot of the
//! group's consumer.

use super::messages::{Message, Token};
use super::queue::PARTITION_SERIES;
use super::ring::Ring;
use super::stream::Side;
use super::world::World;
use crate::model::{GroupModel, Model};
use crate::observe::{Gauge, PartitionSeen};
use crate::units::Nanos;
use std::collections::VecDeque;

/// No owner.
pub(super) const NOBODY: u32 = u32::MAX;

pub(super) struct Group {
    /// Index of its consumer.
    pub(super) consumer: usize,
    pub(super) stream: usize,
    pub(super) lanes: Vec<Lane>,
    pub(super) members: Vec<Member>,
    pub(super) shards: Vec<ShardSeen>,
    /// Lanes of one partition.
    ways: u32,
    /// A rebalance goes on since then.
    pub(super) rebalancing: Option<Nanos>,
    /// When the pending alarm completes it.
    pub(super) rebalance_alarm: Option<Nanos>,
}

#[derive(Debug, Default)]
pub(super) struct ShardSeen {
    pub(super) seen: PartitionSeen,
    pub(super) backlog: Gauge,
    /// Records done and not committed, those included that are to be done again.
    pub(super) uncommitted: u64,
}

/// A record that is done, in case it is replayed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Done {
    pub(super) published: Nanos,
    pub(super) service: Nanos,
    pub(super) key: u32,
    pub(super) twin: u64,
}

impl Done {
    pub(super) fn of(message: &Message) -> Done {
        Done { published: message.published, service: message.service, key: message.key, twin: message.twin }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Lane {
    /// Records not handed out, in the partition's order.
    pub(super) ring: Ring,
    pub(super) in_ring: u64,
    /// Records that are tried again out of order.
    pub(super) retries: VecDeque<Token>,
    /// Member that reads it.
    pub(super) owner: u32,
    /// Its first record waits for its retry, and all behind it.
    pub(super) blocked: bool,
    /// Faults of its partition that keep its records back.
    pub(super) barred: u32,
    /// Retention took records that were not read.
    pub(super) overtaken: bool,
    /// Sizes of the next batches, last first, after a batch was cut in halves.
    pub(super) split: Vec<u32>,
    pub(super) uncommitted: VecDeque<Done>,
    pub(super) latest_done: Nanos,
}

impl Lane {
    pub(super) fn push(&mut self, token: Token, side: Side) {
        match side {
            Side::Back => self.ring.push_back(token.0),
            Side::Front => self.ring.push_front(token.0),
            Side::Retry => return self.retries.push_back(token),
        }
        self.in_ring += 1;
    }

    pub(super) fn pop_ring(&mut self) -> Option<Token> {
        let token = self.ring.pop_front().map(Token)?;
        self.in_ring -= 1;
        Some(token)
    }

    /// Records that could be handed out.
    pub(super) fn available(&self) -> u64 {
        if self.barred > 0 {
            return 0;
        }
        let in_order = if self.blocked { 0 } else { self.in_ring };
        in_order + self.retries.len() as u64
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Out,
    In,
    /// It died, and the broker does not know yet.
    Dead,
    /// It died and is back, but its old session still holds its place.
    Returning,
}

#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) standing: Standing,
    pub(super) lanes: Vec<u32>,
    /// Idle, and to be woken by a record.
    pub(super) waiting: bool,
    pub(super) joined_at: Nanos,
    pub(super) last_poll: Nanos,
    pub(super) last_commit: Nanos,
    /// With a poll interval: not before.
    pub(super) next_fetch: Nanos,
    /// Since when it waits for enough records to be worth a fetch or a batch.
    pub(super) gathering: Option<Nanos>,
    /// Where it looks first, so that no partition starves.
    pub(super) turn: usize,
    /// Tells its pending poll alarm from older ones; and when that is due, where it is to come yet.
    pub(super) poll_alarm: u32,
    pub(super) next_poll: Nanos,
    pub(super) session_alarm: u32,
    /// An alarm for polling too late is pending.
    pub(super) watched: bool,
    /// It has heard of a rebalance and takes part when it polls next.
    pub(super) summoned: bool,
    /// It has taken part in the rebalance that goes on.
    pub(super) joined: bool,
    /// Lanes that it has to give up when it polls next.
    pub(super) to_give: Vec<u32>,
}

impl Group {
    pub(super) fn new(model: &Model, group: &GroupModel) -> Group {
        let rules = &model.streams[group.stream].rules;
        let ways = group.rules.parallelization;
        let consumer = &model.consumers[group.consumer];
        let lane = Lane {
            ring: Ring::default(),
            in_ring: 0,
            retries: VecDeque::new(),
            owner: NOBODY,
            blocked: false,
            barred: 0,
            overtaken: false,
            split: vec![],
            uncommitted: VecDeque::new(),
            latest_done: 0,
        };
        let member = Member {
            standing: Standing::Out,
            lanes: vec![],
            waiting: false,
            joined_at: 0,
            last_poll: 0,
            last_commit: 0,
            next_fetch: 0,
            gathering: None,
            turn: 0,
            poll_alarm: 0,
            next_poll: 0,
            session_alarm: 0,
            watched: false,
            summoned: false,
            joined: false,
            to_give: vec![],
        };
        Group {
            consumer: group.consumer,
            stream: group.stream,
            lanes: vec![lane; (rules.partitions * ways) as usize],
            members: vec![member; (consumer.max_replicas * consumer.concurrency) as usize],
            shards: (0..rules.partitions).map(|_| ShardSeen::default()).collect(),
            ways,
            rebalancing: None,
            rebalance_alarm: None,
        }
    }

    pub(super) fn lane_of(&self, partition: u32, hash: u32) -> usize {
        (partition * self.ways + if self.ways > 1 { hash % self.ways } else { 0 }) as usize
    }

    pub(super) fn lanes_of(&mut self, partition: u32) -> &mut [Lane] {
        let first = (partition * self.ways) as usize;
        &mut self.lanes[first..first + self.ways as usize]
    }

    pub(super) fn partition_of(&self, lane: usize) -> usize {
        lane / self.ways as usize
    }

    /// A record entered a lane for the first time.
    pub(super) fn entered(&mut self, lane: usize, now: Nanos) {
        let partition = self.partition_of(lane);
        let shard = &mut self.shards[partition];
        shard.seen.published += 1;
        shard.backlog.enter(now);
        if shard.backlog.count > shard.seen.peak_backlog {
            (shard.seen.peak_backlog, shard.seen.peak_at) = (shard.backlog.count, now);
        }
    }

    /// A record is unfinished no more.
    pub(super) fn left(&mut self, lane: u32, now: Nanos) {
        let partition = self.partition_of(lane as usize);
        self.shards[partition].backlog.leave(now);
    }

    /// Everything that a member has done so far is committed.
    pub(super) fn commit(&mut self, member: usize, now: Nanos) {
        self.members[member].last_commit = now;
        for i in 0..self.members[member].lanes.len() {
            let lane = self.members[member].lanes[i] as usize;
            let done = self.lanes[lane].uncommitted.len() as u64;
            self.lanes[lane].uncommitted.clear();
            self.settled(lane as u32, done);
        }
    }

    /// So many records of a lane that were done are committed, or will not be replayed any more.
    pub(super) fn settled(&mut self, lane: u32, records: u64) {
        let partition = self.partition_of(lane as usize);
        self.shards[partition].uncommitted -= records;
    }

    /// A record of a lane that is done waits to be done again by its owner.
    pub(super) fn unsettled(&mut self, lane: u32) {
        let partition = self.partition_of(lane as usize);
        self.shards[partition].uncommitted += 1;
    }

    pub(super) fn has_uncommitted(&self, member: usize) -> bool {
        self.members[member].lanes.iter().any(|lane| !self.lanes[*lane as usize].uncommitted.is_empty())
    }

    /// The lane has no owner any more.
    pub(super) fn disown(&mut self, lane: u32) {
        let owner = std::mem::replace(&mut self.lanes[lane as usize].owner, NOBODY);
        if owner != NOBODY {
            self.members[owner as usize].lanes.retain(|other| *other != lane);
        }
    }

    pub(super) fn own(&mut self, lane: u32, member: usize) {
        self.disown(lane);
        self.lanes[lane as usize].owner = member as u32;
        self.members[member].lanes.push(lane);
    }

    /// Every token that waits.
    pub(super) fn waiting(&self) -> impl Iterator<Item = Token> + '_ {
        self.lanes.iter().flat_map(|lane| lane.ring.iter().map(Token).chain(lane.retries.iter().copied()))
    }

    /// When the oldest plain record that waits was published. In a lane the first plain one is the oldest.
    pub(super) fn oldest_plain(&self) -> Option<Nanos> {
        let first = |lane: &Lane| lane.ring.iter().map(Token).find(|token| token.is_plain()).map(Token::published);
        self.lanes.iter().filter_map(first).min()
    }

    /// Log end less committed position: in total, and of each partition where these have series.
    /// Log end − committed offset, over all partitions.
    pub(super) fn lag(&self) -> u64 {
        self.shards.iter().map(|shard| shard.backlog.count + shard.uncommitted).sum()
    }

    pub(super) fn lags(&self) -> Vec<f64> {
        let lag = |shard: &ShardSeen| (shard.backlog.count + shard.uncommitted) as f64;
        let each: Vec<f64> = self.shards.iter().map(lag).collect();
        let mut row = vec![each.iter().sum()];
        if each.len() <= PARTITION_SERIES {
            row.extend(each);
        }
        row
    }

    /// The end of the run.
    pub(super) fn seen(&self, now: Nanos) -> Vec<PartitionSeen> {
        let of = |shard: &ShardSeen| PartitionSeen {
            unfinished: shard.backlog.count,
            backlog_area: shard.backlog.area(now),
            ..shard.seen
        };
        self.shards.iter().map(of).collect()
    }
}

impl World<'_> {
    /// When the oldest unfinished record of each partition was published.
    pub(super) fn oldest_by_partition(&self, queue: usize) -> Vec<Option<Nanos>> {
        let Some(group) = &self.queues[queue].group else { return vec![] };
        let mut oldest: Vec<Option<Nanos>> = vec![None; group.shards.len()];
        let mut note = |lane: usize, published: Nanos| {
            let place = &mut oldest[group.partition_of(lane)];
            *place = Some(place.map_or(published, |before| before.min(published)));
        };
        for (number, lane) in group.lanes.iter().enumerate() {
            // In a lane the first is the oldest, but for those that are done and wait to be replayed.
            let mut tokens = lane.ring.iter().map(Token).chain(lane.retries.iter().copied());
            let first = tokens.find_map(|token| match token.is_plain() {
                true => Some(token.published()),
                false => {
                    let message = self.messages.get(token.index());
                    (!message.state.is_finished()).then_some(message.published)
                }
            });
            first.into_iter().for_each(|published| note(number, published));
        }
        for slot in self.consumers[group.consumer].slots() {
            let slot = &self.slots[slot];
            let batch = slot.batch.iter().map(|(token, _)| (*token, slot.lane));
            for (token, lane) in
                std::iter::once((slot.token, slot.lane)).chain(batch).chain(slot.pending.iter().copied())
            {
                if token == Token::NONE {
                    continue;
                }
                let published = match token.is_plain() {
                    true => Some(token.published()),
                    false => {
                        let message = self.messages.get(token.index());
                        (!message.state.is_finished()).then_some(message.published)
                    }
                };
                published.into_iter().for_each(|published| note(lane as usize, published));
            }
        }
        oldest
    }
}
