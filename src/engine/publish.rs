//! From an arrival to an accepted message: choosing a target, fan-out, full queues.

use super::messages::{Draft, Message, State, Token};
use super::world::{Arrival, Elder, Queue, Waiter, World};
use crate::arrivals::Row;
use crate::model::{Balance, Model, OnRejectModel, Overflow, Target};
use crate::units::Nanos;

/// What a queue says to a publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Accepted,
    /// The publisher is told.
    Rejected,
    /// Lost, and the publisher is not told.
    Lost,
    /// The publisher has to wait; nothing was counted.
    Full,
}

impl World<'_> {
    /// A producer's next arrival is now.
    #[inline]
    pub(super) fn arrived(&mut self) {
        let Some(&arrival) = self.arrivals.peek() else { return };
        let index = arrival.producer as usize;
        let producer = &mut self.producers[index];
        let row = producer.source.row(1);
        match producer.source.next() {
            Some(at) => {
                let at = at + self.model.origin;
                self.arrivals.replace_top(Arrival { at, producer: arrival.producer });
            }
            None => {
                self.arrivals.pop();
            }
        }
        let count = producer.model.batch.draw(&mut producer.batch);
        for _ in 0..count {
            self.request(index, row);
        }
    }

    /// A producer wants one message published.
    #[inline]
    pub(super) fn request(&mut self, index: usize, row: Option<&Row>) {
        self.producers[index].counters.requests += 1;
        let target = self.target(index);
        let producer = &mut self.producers[index];
        if producer.model.plain
            && matches!(producer.model.on_reject, OnRejectModel::Drop)
            && let Target::Queue(queue) = target
            && !self.queues[queue].model.rich
        {
            producer.counters.published += 1;
            match self.publish_plain(queue, false) {
                Verdict::Accepted | Verdict::Lost => {}
                Verdict::Rejected => self.producers[index].counters.rejected += 1,
                Verdict::Full => {
                    self.producers[index].counters.published -= 1;
                    let draft = Draft { producer: index as u32, ..Draft::new(self.now) };
                    self.wait_in_line(queue, draft, u32::MAX);
                }
            }
            return;
        }
        let mut draft = Draft { producer: index as u32, ..Draft::new(self.now) };
        match row {
            Some(row) => {
                draft.service = row.service.unwrap_or(Nanos::MAX);
                draft.level = row.level;
                draft.poison = row.poison;
            }
            None => {
                if !producer.model.priority.is_empty() {
                    draft.level = producer.attributes.pick(&producer.model.priority) as u8;
                }
            }
        }
        if producer.model.priority.is_empty() && row.is_none() {
            draft.level = self.lowest_level(target);
        }
        let producer = &mut self.producers[index];
        draft.poison |= producer.attributes.chance(producer.model.poison);
        if producer.model.reply.is_some() {
            self.open_request(index, &mut draft);
        }
        self.send(target, draft);
    }

    /// Without a priority of their own, messages go last.
    fn lowest_level(&self, target: Target) -> u8 {
        match target {
            Target::Queue(queue) => self.queues[queue].model.levels as u8 - 1,
            Target::Topic(_) | Target::Stream(_) => 0,
        }
    }

    #[inline]
    pub(super) fn target(&mut self, index: usize) -> Target {
        let producer = &mut self.producers[index];
        let to = &producer.model.to;
        if to.len() == 1 {
            return to[0];
        }
        let chosen = match producer.model.balance {
            Balance::RoundRobin => {
                producer.turn = (producer.turn + 1) % to.len();
                (producer.turn + to.len() - 1) % to.len()
            }
            Balance::Random => (producer.balance.uniform() * to.len() as f64) as usize,
            Balance::LeastBacklog => {
                let depth = |target: &Target| match *target {
                    Target::Queue(queue) => self.queues[queue].backlog.count,
                    Target::Stream(_) => 0,
                    Target::Topic(topic) => {
                        let subscriptions = &self.model.topics[topic].subscriptions;
                        subscriptions.iter().map(|(queue, _)| self.queues[*queue].backlog.count).sum()
                    }
                };
                (0..to.len()).min_by_key(|&i| depth(&to[i])).unwrap_or(0)
            }
        };
        to[chosen]
    }

    /// A producer's publish, first or repeated, and what a refusal leads to.
    pub(super) fn send(&mut self, target: Target, mut draft: Draft) {
        let index = draft.producer as usize;
        self.producers[index].counters.published += 1;
        draft.publishes += 1;
        let queue = match target {
            Target::Topic(topic) => return self.fan_out(topic, draft),
            Target::Stream(_) => return,
            Target::Queue(queue) => queue,
        };
        let blocking = matches!(self.producers[index].model.on_reject, OnRejectModel::Block);
        match self.publish(queue, draft, blocking) {
            Verdict::Accepted | Verdict::Lost => {}
            Verdict::Full => {
                self.producers[index].counters.published -= 1;
                draft.publishes -= 1;
                self.wait_in_line(queue, draft, u32::MAX);
            }
            Verdict::Rejected => {
                self.producers[index].counters.rejected += 1;
                self.refused(queue, draft);
            }
        }
    }

    /// Every subscription gets a copy of its own.
    pub(super) fn fan_out(&mut self, topic: usize, draft: Draft) {
        let model: &Model = self.model;
        for &(queue, share) in &model.topics[topic].subscriptions {
            if share < 1.0 && !self.queues[queue].chance.chance(share) {
                continue;
            }
            // A subscriber that refuses loses its own copy only; the publisher hears nothing of it.
            let draft = Draft { level: draft.level.min(self.queues[queue].model.levels as u8 - 1), ..draft };
            self.publish(queue, draft, false);
        }
    }

    /// Publishes one message into a queue. A `blocking` publisher waits rather than being refused.
    pub(super) fn publish(&mut self, queue: usize, draft: Draft, blocking: bool) -> Verdict {
        let carries = draft.poison || draft.service != Nanos::MAX || draft.request != u64::MAX;
        if !self.queues[queue].model.rich && !carries {
            return self.publish_plain(queue, blocking);
        }
        let verdict = self.gate(queue, blocking);
        if verdict == Verdict::Accepted {
            self.accept(queue, draft);
        }
        verdict
    }

    /// Publishes a message of which only the time matters.
    #[inline]
    pub(super) fn publish_plain(&mut self, queue: usize, blocking: bool) -> Verdict {
        let verdict = self.gate(queue, blocking);
        if verdict == Verdict::Accepted {
            let (now, q) = (self.now, &mut self.queues[queue]);
            if q.backlog.enter() {
                q.backlog.crossed(now, &q.counters);
            }
            self.offer(queue, Token::plain(now), false);
        }
        verdict
    }

    /// Counts the publish and decides on it; makes room by dropping the head where that is the rule.
    #[inline]
    fn gate(&mut self, queue: usize, blocking: bool) -> Verdict {
        let q = &mut self.queues[queue];
        q.counters.published += 1;
        if q.ready.count < q.model.capacity && q.down == 0 && q.line.is_empty() {
            return Verdict::Accepted;
        }
        self.gate_closed(queue, blocking)
    }

    #[cold]
    fn gate_closed(&mut self, queue: usize, blocking: bool) -> Verdict {
        let q = &mut self.queues[queue];
        if q.down > 0 {
            if blocking && q.silent == 0 {
                q.counters.published -= 1;
                return Verdict::Full;
            }
            q.counters.rejected += 1;
            return if q.silent > 0 { Verdict::Lost } else { Verdict::Rejected };
        }
        if q.line.is_empty() && q.taken_at_once() {
            return Verdict::Accepted;
        }
        if blocking || q.model.overflow == Overflow::Block {
            q.counters.published -= 1;
            return Verdict::Full;
        }
        if q.ready.count < q.model.capacity {
            // Others wait in line, but this publisher does not: it takes the room there is.
            return Verdict::Accepted;
        }
        match q.model.overflow {
            Overflow::DropHead if q.ready.count > 0 => {
                self.drop_head(queue);
                Verdict::Accepted
            }
            Overflow::DropHead | Overflow::DropNew => {
                // Accepted and gone at once: it never was in the backlog.
                q.counters.dropped += 1;
                Verdict::Lost
            }
            Overflow::Reject | Overflow::RejectDeadLetter | Overflow::Block => {
                q.counters.rejected += 1;
                Verdict::Rejected
            }
        }
    }

    fn drop_head(&mut self, queue: usize) {
        while let Some(token) = self.take_ready(queue) {
            if self.exorcise(token) {
                continue;
            }
            self.queues[queue].counters.dropped += 1;
            return self.gone(queue, token);
        }
    }

    /// An accepted message gets its record and becomes ready, or waits for its delivery delay.
    pub(super) fn accept(&mut self, queue: usize, draft: Draft) {
        let now = self.now;
        let message = Message {
            published: now,
            origin: draft.origin,
            expires: Nanos::MAX,
            service: draft.service,
            request: draft.request,
            request_attempt: draft.request_attempt,
            queue: queue as u32,
            level: draft.level,
            poison: draft.poison,
            ..Message::default()
        };
        let index = self.record(queue, message);
        let q = &mut self.queues[queue];
        if q.backlog.enter() {
            q.backlog.crossed(now, &q.counters);
        }
        let delay = q.model.delivery_delay;
        self.set_ttl(queue, index);
        if delay > 0 {
            self.delay(queue, index, delay, false);
        } else {
            let token = self.messages.enter(index, State::Ready);
            self.offer(queue, token, false);
        }
    }

    /// Keeps a record for a message and its place in the order of publishing.
    pub(super) fn record(&mut self, queue: usize, message: Message) -> usize {
        let published = message.published;
        let index = self.messages.insert(message);
        let life = self.messages.get(index).life;
        let q = &mut self.queues[queue];
        q.records += 1;
        q.elders.push(Elder { published, index: index as u32, life });
        q.elders_len += 1;
        if q.elders_len > 2 * q.records + 1024 {
            self.prune_elders(queue);
        }
        index
    }

    /// A publisher waits until the queue has room.
    pub(super) fn wait_in_line(&mut self, queue: usize, draft: Draft, slot: u32) {
        if draft.producer != u32::MAX {
            self.producers[draft.producer as usize].waiting.enter(self.now);
        }
        self.queues[queue].line.push_back(Waiter { draft: Draft { queue: queue as u32, ..draft }, slot });
    }

    /// Lets blocked publishers in as long as there is room.
    pub(super) fn unblock(&mut self, queue: usize) {
        loop {
            let q = &mut self.queues[queue];
            if q.down > 0 || (q.ready.count >= q.model.capacity && !q.taken_at_once()) {
                return;
            }
            let Some(waiter) = q.line.pop_front() else { return };
            q.counters.published += 1;
            let draft = waiter.draft;
            if draft.producer != u32::MAX {
                let producer = &mut self.producers[draft.producer as usize];
                producer.waiting.leave(self.now);
                producer.counters.published += 1;
            }
            self.accept(queue, draft);
            if waiter.slot != u32::MAX {
                self.onward_accepted(waiter.slot as usize);
            }
        }
    }
}

impl Queue<'_> {
    #[inline]
    pub(super) fn can_deliver(&self) -> bool {
        self.barred == 0 && self.in_flight.count < self.model.max_in_flight
    }

    /// A message published now would go straight to a consumer.
    fn taken_at_once(&self) -> bool {
        self.can_deliver() && !self.takers.is_empty() && self.ready.count == 0 && self.model.delivery_delay == 0
    }
}
