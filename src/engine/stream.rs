//! The log's side of a stream: which partition a record goes to, what it may refuse, and what retention takes away.

use super::gate::Verdict;
use super::group::NOBODY;
use super::limits::Bucket;
use super::messages::{Draft, Message, State, Token};
use super::meter::{Meter, Shelf};
use super::world::World;
use crate::arrivals::keys::hash;
use crate::model::{Model, PartitionLimit, Start};
use crate::observe::Traffic;
use crate::policy::budget::Trouble;
use crate::random::Stream;
use crate::units::Nanos;

/// The limits of one partition.
pub(super) struct Shard {
    /// Faults that refuse its records now, and of these the ones that do not tell the publisher.
    pub(super) down: u32,
    pub(super) silent: u32,
    write_records: Option<Bucket>,
    write_bytes: Option<Bucket>,
    read_records: Option<Bucket>,
    read_bytes: Option<Bucket>,
    fetches: Option<Bucket>,
}

/// The state of one stream.
pub(super) struct StreamState {
    pub(super) shards: Vec<Shard>,
    publish_bucket: Option<Bucket>,
    deliver_bucket: Option<Bucket>,
    /// Faults that refuse publishes now, and of these the ones that do not tell the publisher.
    pub(super) down: u32,
    pub(super) silent: u32,
    /// Faults that hit some of its partitions.
    pub(super) partial: u32,
    /// Each producer's present partition for records without a key, and the bytes that still go to it; last that of
    /// consumers that publish onward.
    sticky: Vec<(u32, u64)>,
    pub(super) chance: Stream,
    /// Accepted so far.
    records: u64,
    bytes: u64,
    pub(super) meter: Option<Box<Meter>>,
    /// With `meter`.
    pub(super) shelf: Option<Box<Shelf>>,
}

impl StreamState {
    pub(super) fn new(model: &Model, index: usize, run: u32) -> StreamState {
        let (rules, now) = (&model.streams[index].rules, model.origin);
        let pair = |limit: &PartitionLimit| (Bucket::optional(limit.records, now), Bucket::optional(limit.bytes, now));
        let shard = |_| {
            let ((write_records, write_bytes), (read_records, read_bytes)) = (pair(&rules.write), pair(&rules.read));
            Shard {
                down: 0,
                silent: 0,
                write_records,
                write_bytes,
                read_records,
                read_bytes,
                fetches: Bucket::optional(rules.fetches, now),
            }
        };
        StreamState {
            shards: (0..rules.partitions).map(shard).collect(),
            publish_bucket: Bucket::optional(rules.publish_limit, now),
            deliver_bucket: Bucket::optional(rules.deliver_limit, now),
            down: 0,
            silent: 0,
            partial: 0,
            sticky: vec![(0, 0); model.producers.len() + 1],
            records: 0,
            bytes: 0,
            meter: Meter::optional(model.streams[index].meter, model.weight, 1.0),
            shelf: model.streams[index].meter.map(|_| Box::new(Shelf::new(rules, model.origin, model.end))),
            chance: Stream::new(model.seed, run, &rules.name, "partition").evened(model.strata()),
        }
    }

    fn admits(&mut self, partition: usize, size: u32, now: Nanos) -> bool {
        let shard = &mut self.shards[partition];
        let bytes = f64::from(size);
        let mut asked =
            [(&mut self.publish_bucket, 1.0), (&mut shard.write_records, 1.0), (&mut shard.write_bytes, bytes)];
        let admitted = asked.iter_mut().all(|(bucket, n)| bucket.as_mut().is_none_or(|b| b.ready_at(*n, now) <= now));
        if admitted {
            self.records += 1;
            self.bytes += u64::from(size);
            if let Some(shelf) = &mut self.shelf {
                shelf.add(partition, size, now);
            }
            asked.into_iter().for_each(|(bucket, n)| bucket.iter_mut().for_each(|b| b.charge(n, now)));
        }
        admitted
    }

    /// What was billed; `None` where nothing has a price.
    pub(super) fn traffic(self, now: Nanos) -> Option<Traffic> {
        let kept = self.shelf.map_or(0, |shelf| shelf.finish(now));
        let seen = self.meter?.finish(now);
        Some(Traffic { kept, accepted: self.records, ..seen })
    }

    /// How many of `wanted` records of `size` bytes a fetch may return now, and when to come back where it is none.
    pub(super) fn readable(&mut self, partition: usize, wanted: u64, size: u64, now: Nanos) -> Result<u64, Nanos> {
        let shard = &mut self.shards[partition];
        let mut most = wanted as f64;
        let mut again = now;
        let limits = [
            (&mut shard.fetches, f64::INFINITY),
            (&mut shard.read_records, 1.0),
            (&mut shard.read_bytes, size as f64),
            (&mut self.deliver_bucket, 1.0),
        ];
        for (bucket, each) in limits {
            let Some(bucket) = bucket else { continue };
            let first = if each.is_finite() { each } else { 1.0 };
            let at = bucket.ready_at(first, now);
            again = again.max(at);
            if each.is_finite() {
                most = most.min(((bucket.level(now) + 1e-6) / each).floor().max(1.0));
            }
        }
        if again > now { Err(again) } else { Ok(most as u64) }
    }

    pub(super) fn charge_read(&mut self, partition: usize, records: u64, size: u64, now: Nanos) {
        let shard = &mut self.shards[partition];
        let limits = [
            (&mut shard.fetches, 1.0),
            (&mut shard.read_records, records as f64),
            (&mut shard.read_bytes, (records * size) as f64),
            (&mut self.deliver_bucket, records as f64),
        ];
        limits.into_iter().for_each(|(bucket, n)| bucket.iter_mut().for_each(|b| b.charge(n, now)));
    }
}

impl World<'_> {
    /// A record for every group of a stream. A partition beyond its limits refuses it for all of them.
    pub(super) fn publish_to_stream(&mut self, stream: usize, draft: Draft) -> Verdict {
        let model: &Model = self.model;
        let partition = self.partition_for(stream, &draft);
        let state = &mut self.streams[stream];
        let lost = state.down > 0 || state.has_lost(partition);
        if let Some(meter) = state.meter.as_mut().filter(|_| !lost) {
            meter.published(draft.size);
        }
        let refused = lost || !state.admits(partition as usize, draft.size, self.now);
        if refused && !lost {
            self.trouble = Trouble::Throttle;
        }
        for &queue in &model.streams[stream].groups {
            let q = &mut self.queues[queue];
            q.counters.published += 1;
            if refused {
                q.counters.rejected += 1;
                let shards = q.group.iter_mut().map(|group| &mut group.shards[partition as usize].seen);
                shards.for_each(|seen| (seen.published, seen.rejected) = (seen.published + 1, seen.rejected + 1));
            } else {
                self.append(queue, partition, draft, self.now);
            }
        }
        match refused {
            false => Verdict::Accepted,
            true if self.streams[stream].keeps_silent(partition) => Verdict::Lost,
            true => Verdict::Rejected,
        }
    }

    /// By the hash of its key; without one, where its producer's present batch goes.
    fn partition_for(&mut self, stream: usize, draft: &Draft) -> u32 {
        let partitions = self.model.streams[stream].rules.partitions;
        if draft.key != super::keys::NO_KEY {
            return draft.hash % partitions;
        }
        let producers = self.model.producers.len();
        let (index, batch) = match draft.producer as usize {
            index if index < producers => (index, self.model.producers[index].sticky),
            _ => (producers, 0),
        };
        let state = &mut self.streams[stream];
        let (partition, left) = state.sticky[index];
        let size = u64::from(draft.size);
        if left >= size && !state.refuses(partition) {
            state.sticky[index].1 = left - size;
            return partition;
        }
        let next = match state.partial {
            0 => (state.chance.uniform() * f64::from(partitions)) as u32,
            _ => state.one_that_takes(),
        };
        state.sticky[index] = (next, batch.saturating_sub(size));
        next
    }

    /// A record is at the end of a partition, and is work for one group.
    pub(super) fn append(&mut self, queue: usize, partition: u32, draft: Draft, published: Nanos) {
        let now = self.now;
        let q = &mut self.queues[queue];
        let rich = q.model.rich || draft.poison || draft.service != Nanos::MAX || draft.request != u64::MAX;
        if q.backlog.enter() {
            q.backlog.crossed(now, &q.counters);
        }
        let Some(group) = &mut q.group else { return };
        let lane = group.lane_of(partition, hash(draft.hash));
        group.entered(lane, now);
        let token = if rich {
            let message = Message { lane: lane as u32, ..draft.record(queue, published) };
            if let Some(book) = &mut q.book
                && draft.key != super::keys::NO_KEY
            {
                book.published(draft.key);
            }
            let index = self.record(queue, message);
            self.messages.enter(index, State::Ready)
        } else {
            Token::plain(published)
        };
        self.enqueue(queue, token, lane, Side::Back);
    }

    /// The record with that token waits in its lane; whoever owns the lane may want it.
    pub(super) fn enqueue(&mut self, queue: usize, token: Token, lane: usize, side: Side) {
        let now = self.now;
        let q = &mut self.queues[queue];
        q.ready.enter(now);
        if token.is_plain() {
            q.plain_ready += 1;
        } else {
            q.ready_bytes += u64::from(self.messages.get(token.index()).size);
        }
        let Some(group) = &mut q.group else { return };
        group.lanes[lane].push(token, side);
        let owner = group.lanes[lane].owner;
        if owner != NOBODY && group.members[owner as usize].waiting {
            let slot = self.consumers[group.consumer].first_slot + owner as usize;
            self.poll(slot);
        }
    }

    /// A record that came back: in front of its lane, or behind those that are tried again out of order.
    pub(super) fn offer_to_lane(&mut self, queue: usize, token: Token, at_head: bool) {
        let lane = self.messages.get(token.index()).lane as usize;
        if let Some(group) = &mut self.queues[queue].group
            && at_head
        {
            group.lanes[lane].blocked = false;
        }
        self.enqueue(queue, token, lane, if at_head { Side::Front } else { Side::Retry });
    }

    /// Records of the log at time 0 that the group has not read.
    pub(super) fn fill_group(&mut self, queue: usize) {
        let Some(rules) = &self.queues[queue].model.group else { return };
        let (messages, age) = self.queues[queue].model.initial.map_or((0, 0), |i| (i.messages, i.age.ns()));
        let messages = match rules.rules.start {
            Start::Earliest => messages,
            Start::Latest => 0,
            Start::Lag(lag) => lag,
        };
        let partitions = self.model.streams[rules.stream].rules.partitions;
        let keyed = self.model.producers.iter().position(|producer| producer.keys.is_some());
        for i in 0..messages {
            let left = (messages - i) as f64 / messages as f64;
            let published = self.now - ((age as f64 * left) as Nanos).min(self.now);
            let mut draft = Draft::new(published);
            let mut partition = (i % u64::from(partitions)) as u32;
            let q = &mut self.queues[queue];
            if let Some(keys) = keyed.and_then(|producer| self.model.producers[producer].keys.as_ref()) {
                draft.key = keys.draw(&mut q.chance);
                draft.hash = hash(draft.key);
                partition = draft.hash % partitions;
            }
            q.counters.published += 1;
            // Only the time within the run counts on both sides of Little's law.
            q.time_in_system = q.time_in_system.wrapping_sub(u128::from(self.now - published));
            self.append(queue, partition, draft, published);
        }
    }

    /// Bytes of a record: the mean of all that were published to the group's stream so far.
    pub(super) fn record_size(&self, queue: usize) -> u64 {
        let Some(model) = &self.queues[queue].model.group else { return 1 };
        let state = &self.streams[model.stream];
        let mean = state.bytes.checked_div(state.records);
        mean.map_or(u64::from(super::messages::DEFAULT_SIZE), |mean| mean.max(1))
    }

    /// Takes away what retention does not keep: by age, and by the bytes of a partition.
    pub(super) fn retain(&mut self, queue: usize) {
        let Some(model) = &self.queues[queue].model.group else { return };
        let rules = &self.model.streams[model.stream].rules;
        if rules.retention.is_none() && rules.retention_bytes.is_none() {
            return;
        }
        let lanes = self.queues[queue].group.as_ref().map_or(0, |group| group.lanes.len());
        (0..lanes).for_each(|lane| self.retain_lane(queue, lane));
    }

    pub(super) fn retain_lane(&mut self, queue: usize, lane: usize) {
        let Some(model) = &self.queues[queue].model.group else { return };
        let rules = &self.model.streams[model.stream].rules;
        let size = self.record_size(queue);
        let most = rules.retention_bytes.map_or(u64::MAX, |bytes| bytes / size);
        let oldest = rules.retention.map_or(0, |retention| self.now.saturating_sub(retention.ns()));
        loop {
            let Some(group) = &mut self.queues[queue].group else { return };
            let Some(token) = group.lanes[lane].ring.front().map(Token) else { return };
            let published =
                if token.is_plain() { token.published() } else { self.messages.get(token.index()).published };
            if published >= oldest && group.lanes[lane].in_ring <= most {
                return;
            }
            group.lanes[lane].overtaken = true;
            self.lose_front(queue, lane);
        }
    }

    /// The first record of a lane is gone for this group.
    pub(super) fn lose_front(&mut self, queue: usize, lane: usize) {
        let now = self.now;
        let q = &mut self.queues[queue];
        let Some(group) = &mut q.group else { return };
        let Some(token) = group.lanes[lane].pop_ring() else { return };
        if token.is_plain() {
            q.plain_ready -= 1;
            q.ready.leave(now);
            q.counters.expired += 1;
            group.left(lane as u32, now);
            self.gone(queue, token);
        } else if self.messages.is_current(token, State::Ready) {
            self.expire(queue, token.index());
            self.messages.release_if_unheld(token.index());
        } else if self.messages.is_current(token, State::Ghost) {
            q.ghosts -= 1;
            group.settled(lane as u32, 1);
            self.exorcise(token);
        }
    }
}

/// Where a record joins its lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Back,
    Front,
    /// Among those that are tried again out of order.
    Retry,
}
