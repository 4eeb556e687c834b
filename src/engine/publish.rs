//! From an arrival to an accepted message: what it carries, where it goes.

use super::gate::Verdict;
use super::messages::{Draft, Message, State, Token};
use super::world::{Arrival, Elder, World};
use crate::arrivals::Row;
use crate::arrivals::keys::hash;
use crate::model::{Balance, OnRejectModel, Overflow, Target};
use crate::policy::budget::Trouble;
use crate::units::Nanos;

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
        let mut draft = Draft {
            producer: index as u32,
            size: u32::try_from(producer.model.size).unwrap_or(u32::MAX),
            target,
            ..Draft::new(self.now)
        };
        match row {
            Some(row) => draft.fill_in(row),
            None => {
                if !producer.model.priority.is_empty() {
                    draft.level = producer.attributes.pick(&producer.model.priority) as u8;
                }
                if let Some(keys) = &producer.model.keys {
                    draft.key = keys.draw(&mut producer.keys);
                    draft.hash = hash(draft.key);
                }
            }
        }
        if producer.model.priority.is_empty() && row.is_none() {
            draft.level = self.lowest_level(target);
        }
        let producer = &mut self.producers[index];
        draft.poison |= producer.attributes.chance(producer.model.poison);
        let twice = producer.duplicates.chance(producer.model.duplicate);
        if twice {
            draft.twin = 1 << 63 | (index as u64) << 40 | producer.counters.requests;
        }
        if producer.model.reply.is_some() {
            self.open_request(index, &mut draft);
        }
        self.send(draft);
        // A relay repeats its rows by itself.
        if twice && self.producers[index].model.outbox.is_none() {
            self.send(draft);
        }
    }

    /// Without a priority of their own, messages go last.
    fn lowest_level(&self, target: Target) -> u8 {
        match target {
            Target::Queue(queue) => self.queues[queue].model.levels as u8 - 1,
            Target::Topic(_) | Target::Stream(_) | Target::Workflow(_) => 0,
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
                let depth = |target: &Target| {
                    let alone;
                    let queues: &mut dyn Iterator<Item = usize> = match *target {
                        Target::Queue(queue) => {
                            alone = [queue];
                            &mut alone.into_iter()
                        }
                        Target::Stream(stream) => &mut self.model.streams[stream].groups.iter().copied(),
                        Target::Workflow(workflow) => {
                            &mut self.model.workflows[workflow].steps.iter().map(|step| step.queue)
                        }
                        Target::Topic(topic) => {
                            &mut self.model.topics[topic].subscriptions.iter().map(|(queue, _)| *queue)
                        }
                    };
                    queues.map(|queue| self.queues[queue].backlog.count).sum::<u64>()
                };
                (0..to.len()).min_by_key(|&i| depth(&to[i])).unwrap_or(0)
            }
        };
        to[chosen]
    }

    /// A producer's publish, first or repeated, and what a refusal leads to.
    pub(super) fn send(&mut self, draft: Draft) {
        let index = draft.producer as usize;
        if self.producers[index].model.outbox.is_some() {
            return self.write_row(draft);
        }
        match self.upstream[index].purse {
            None => self.send_now(draft),
            Some(_) => self.send_in_turn(draft),
        }
    }

    /// The same, when it is its turn.
    pub(super) fn send_now(&mut self, mut draft: Draft) {
        let index = draft.producer as usize;
        self.producers[index].counters.published += 1;
        draft.publishes += 1;
        let blocking = matches!(self.producers[index].model.on_reject, OnRejectModel::Block);
        let verdict = self.put(draft, blocking);
        match (verdict, draft.target) {
            (Verdict::Full, Target::Queue(queue)) => {
                // One that waits in line is no failure to the client.
                self.budget_taken(&draft, verdict);
                self.producers[index].counters.published -= 1;
                draft.publishes -= 1;
                // A publisher with a disk does not wait for a broker that holds it up.
                match self.producers[index].model.on_reject {
                    OnRejectModel::Spill(_) => self.spill(draft),
                    _ => self.wait_in_line(queue, draft, u32::MAX),
                }
            }
            (Verdict::Rejected, _) => {
                self.producers[index].counters.rejected += 1;
                self.refused(Draft { trouble: self.trouble, ..draft });
                self.fails_fast(&draft);
            }
            _ => self.budget_taken(&draft, verdict),
        }
    }

    /// Publishes to whatever the target is.
    pub(super) fn put(&mut self, draft: Draft, blocking: bool) -> Verdict {
        self.trouble = Trouble::Transient;
        match draft.target {
            Target::Topic(topic) => self.publish_to_topic(topic, draft),
            Target::Stream(stream) => self.publish_to_stream(stream, draft),
            Target::Workflow(workflow) => self.start_execution(workflow, draft),
            Target::Queue(queue) => {
                self.meter_publish(queue, draft.size);
                self.publish(queue, draft, blocking)
            }
        }
    }

    /// Publishes one message into a queue. A `blocking` publisher waits rather than being refused.
    pub(super) fn publish(&mut self, queue: usize, draft: Draft, blocking: bool) -> Verdict {
        let carries =
            draft.poison || draft.service != Nanos::MAX || draft.request != u64::MAX || draft.twin != u64::MAX;
        if !self.queues[queue].model.rich && !carries {
            return self.publish_plain(queue, blocking);
        }
        if !self.queues[queue].model.plain
            && let Some(verdict) = self.hold_up(queue, &draft)
        {
            return verdict;
        }
        let verdict = self.gate(queue, blocking, draft.size);
        match verdict {
            Verdict::Accepted => self.accept(queue, draft),
            Verdict::Rejected if self.queues[queue].model.overflow == Overflow::RejectDeadLetter => {
                if let Some(to) = self.queues[queue].model.dead_letter
                    && self.queues[queue].down == 0
                {
                    self.bury(to, Draft { producer: u32::MAX, ..draft });
                }
            }
            _ => {}
        }
        verdict
    }

    /// Publishes a message of which only the time matters.
    #[inline]
    pub(super) fn publish_plain(&mut self, queue: usize, blocking: bool) -> Verdict {
        let verdict = self.gate(queue, blocking, 0);
        if verdict == Verdict::Accepted {
            let (now, q) = (self.now, &mut self.queues[queue]);
            if q.backlog.enter() {
                q.backlog.crossed(now, &q.counters);
            }
            self.offer(queue, Token::plain(now), false);
        }
        verdict
    }

    /// An accepted message gets its record and becomes ready, or waits for its delivery delay.
    pub(super) fn accept(&mut self, queue: usize, draft: Draft) {
        let now = self.now;
        let message = draft.record(queue, now);
        let index = self.record(queue, message);
        let q = &mut self.queues[queue];
        if q.backlog.enter() {
            q.backlog.crossed(now, &q.counters);
        }
        let delay = q.model.delivery_delay;
        // What the queue refused it does not remember: its publisher may try again.
        if let Some(memory) = &mut q.memory
            && draft.identity() != u64::MAX
        {
            memory.note(draft.identity(), now);
        }
        if !q.model.plain || q.model.keyed {
            self.enter_books(queue, index);
        }
        self.set_ttl(queue, index);
        if delay > 0 {
            self.delay(queue, index, delay, false, false);
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
        if let Some(meter) = &mut q.meter {
            meter.stored.add(u64::from(message.size), self.now);
        }
        q.elders.push(Elder { published, index: index as u32, life });
        q.elders_len += 1;
        if q.elders_len > 2 * q.records + 1024 {
            self.prune_elders(queue);
        }
        index
    }
}

impl Draft {
    fn fill_in(&mut self, row: &Row) {
        self.service = row.service.unwrap_or(Nanos::MAX);
        self.level = row.level;
        self.poison = row.poison;
        self.size = row.size.map_or(self.size, |size| u32::try_from(size).unwrap_or(u32::MAX));
        if let Some(key) = row.key {
            self.key = key;
            // A whole number is its own hash, as in most languages; a name is not.
            self.hash = if key >> 31 == 0 { key } else { hash(key) };
        }
    }
}
