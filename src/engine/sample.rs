//! The series, sampled at every tick, and the age of the oldest unfinished message.

use super::messages::{State, Token};
use super::world::{Elder, World};
use crate::observe::Histogram;
use crate::units::{Nanos, seconds};

impl World<'_> {
    pub(super) fn sampled(&mut self) {
        for queue in 0..self.queues.len() {
            if self.queues[queue].group.is_some() {
                self.retain(queue);
            }
            self.sample_queue(queue);
        }
        self.sample_partitions();
        self.sample_consumers();
        self.sample_producers();
        self.sample_dependencies();
        self.sample_workflows();
        self.samples_left -= 1;
        // Where a fault or a schedule ended the short path, the last of it may have passed by now.
        if self.queues.iter().any(|q| !q.coasting) {
            self.find_lanes();
        }
        self.next_sample += self.model.tick;
    }

    fn sample_queue(&mut self, queue: usize) {
        let now = self.now;
        let age = self.oldest(queue).map_or(0, |published| now - published);
        let first = self.next_sample == self.model.origin;
        let tick_s = seconds(self.model.tick);
        let q = &mut self.queues[queue];
        let counters = q.counters;
        q.backlog.sampled(now, &counters, age);
        let added = counters.since(&q.at_sample);
        // There is no tick before the first sample, so there is no rate either.
        let rate = |count: u64| if first { f64::NAN } else { count as f64 / tick_s };
        let [p50, p99] = quantiles(&mut q.latency_tick);
        let mut row = vec![
            q.ready.count as f64,
            q.in_flight.count as f64,
            q.delayed.count as f64,
            q.backlog.count as f64,
            seconds(age),
            rate(added.published),
            rate(added.deliveries),
            rate(added.completed),
            rate(added.redeliveries),
            rate(added.rejected),
            rate(added.dropped),
            rate(added.expired),
            rate(added.dead_lettered),
            p50,
            p99,
            if first { f64::NAN } else { ratio(added.attempts, added.attempted) },
        ];
        if let Some(group) = &q.group {
            row.extend(group.lags());
        }
        q.series.push(&row);
        q.at_sample = counters;
        self.fold_latencies(queue);
    }

    /// The age of each partition's oldest record, where there are few enough to look.
    fn sample_partitions(&mut self) {
        let (now, warm) = (self.now, self.now >= self.warm);
        for queue in 0..self.queues.len() {
            if !warm || self.queues[queue].group.is_none() {
                continue;
            }
            let records = self.oldest_by_partition(queue);
            let Some(group) = &mut self.queues[queue].group else { continue };
            for (shard, published) in group.shards.iter_mut().zip(records) {
                let age = published.map_or(0, |published| now - published);
                shard.seen.oldest_age_max = shard.seen.oldest_age_max.max(age);
            }
        }
    }

    /// Moves the latencies since the last sample into those of the run; what was published before the end of warm-up
    /// was of interest for the series only.
    pub(super) fn fold_latencies(&mut self, queue: usize) {
        let q = &mut self.queues[queue];
        q.latency.merge(&q.latency_tick[0]);
        q.latency_tick.iter_mut().for_each(Histogram::clear);
    }

    fn sample_consumers(&mut self) {
        let seen: Vec<f64> = (0..self.consumers.len()).map(|ci| self.scaling_metric(ci)).collect();
        for (c, metric) in self.consumers.iter_mut().zip(seen) {
            let slots = c.live_slots.count as f64;
            let busy = c.busy.count as f64;
            let utilization = if slots > 0.0 { busy / slots } else { f64::NAN };
            let row = [c.live_replicas.count as f64, f64::from(c.desired), busy, utilization, metric];
            c.series.push(&row[..c.series.names.len()]);
        }
    }

    fn sample_producers(&mut self) {
        let first = self.next_sample == self.model.origin;
        let tick_s = seconds(self.model.tick);
        for p in &mut self.producers {
            let rate = |now: u64, before: u64| if first { f64::NAN } else { (now - before) as f64 / tick_s };
            let (now, before) = (&p.counters, &p.at_sample);
            p.series.push(&[
                rate(now.requests, before.requests),
                rate(now.published, before.published),
                rate(now.answered, before.answered),
                rate(now.timeouts, before.timeouts),
                p.waiting.count as f64,
                if first { f64::NAN } else { ratio(now.published - before.published, now.requests - before.requests) },
            ]);
            p.at_sample = p.counters.clone();
        }
    }

    /// When the oldest unfinished message was published.
    pub(super) fn oldest(&mut self, queue: usize) -> Option<Nanos> {
        let record = self.oldest_record(queue);
        let q = &self.queues[queue];
        let waiting = if let Some(group) = &q.group {
            group.oldest_plain()
        } else if q.plain_ready > 0 {
            q.rings[0].iter().map(Token).find(|token| token.is_plain()).map(Token::published)
        } else {
            None
        };
        let working = if q.in_flight.count > 0 { self.oldest_held(queue) } else { None };
        [record, waiting, working].into_iter().flatten().min()
    }

    fn oldest_held(&self, queue: usize) -> Option<Nanos> {
        let mut oldest = Token::NONE;
        for &ci in &self.queues[queue].consumers {
            let model = self.consumers[ci].model;
            let slots = &self.slots[self.consumers[ci].slots()];
            if model.batch.is_none()
                && model.receive.is_none()
                && model.prefetch == 0
                && self.queues[queue].group.is_none()
            {
                // Nothing is held but what is worked on.
                oldest = slots.iter().fold(oldest, |oldest, slot| Token(oldest.0.min(slot.token.0)));
                continue;
            }
            for slot in slots {
                // Rich tokens have the upper bit set and no token is the greatest of the plain ones.
                oldest = Token(oldest.0.min(slot.token.0));
                for (token, _) in &slot.batch {
                    oldest = Token(oldest.0.min(token.0));
                }
                for (token, _) in &slot.pending {
                    oldest = Token(oldest.0.min(token.0));
                }
            }
            for ri in self.replicas_of(ci) {
                for token in &self.replicas[ri].buffer {
                    oldest = Token(oldest.0.min(token.0));
                }
            }
        }
        (oldest != Token::NONE).then(|| oldest.published())
    }

    /// Plain messages in the hands of consumers: in slots, batches and prefetch buffers.
    pub(super) fn held_plain(&self, queue: usize) -> impl Iterator<Item = Token> + '_ {
        self.queues[queue]
            .consumers
            .iter()
            .flat_map(|&ci| self.replicas_of(ci))
            .flat_map(|ri| {
                let slots = self.slots_of(ri).flat_map(|slot| {
                    let slot = &self.slots[slot];
                    let pending = slot.pending.iter().map(|(token, _)| *token);
                    std::iter::once(slot.token).chain(slot.batch.iter().map(|(token, _)| *token)).chain(pending)
                });
                self.replicas[ri].buffer.iter().copied().chain(slots)
            })
            .filter(|token| token.is_plain() && *token != Token::NONE)
    }

    fn oldest_record(&mut self, queue: usize) -> Option<Nanos> {
        while let Some(&elder) = self.queues[queue].elders.peek() {
            if self.is_unfinished(queue, elder) {
                return Some(elder.published);
            }
            self.queues[queue].elders.pop();
            self.queues[queue].elders_len -= 1;
        }
        None
    }

    fn is_unfinished(&self, queue: usize, elder: Elder) -> bool {
        let message = self.messages.get(elder.index as usize);
        message.life == elder.life && !message.state.is_finished() && message.queue as usize == queue
    }

    /// Forgets finished messages in the order of publishing, when they have come to outnumber the others.
    pub(super) fn prune_elders(&mut self, queue: usize) {
        let old = std::mem::replace(&mut self.queues[queue].elders, super::calendar::Heap::new());
        let mut kept = super::calendar::Heap::new();
        let mut len = 0;
        for elder in old.into_items() {
            // The newest record has no state yet when this is called; its life tells it apart from an older one.
            let message = self.messages.get(elder.index as usize);
            let fresh =
                message.life == elder.life && message.handed == 0 && message.state == State::Gone && !message.done;
            if fresh || self.is_unfinished(queue, elder) {
                kept.push(elder);
                len += 1;
            }
        }
        self.queues[queue].elders = kept;
        self.queues[queue].elders_len = len;
    }
}

/// NaN where there is nothing to divide by: a tick in which nothing began says nothing of what a beginning costs.
fn ratio(all: u64, first: u64) -> f64 {
    if first == 0 { f64::NAN } else { all as f64 / first as f64 }
}

/// p50 and p99 of the latencies since the last sample, before and after warm-up together; NaN where there are none.
fn quantiles(tick: &mut [Histogram; 2]) -> [f64; 2] {
    if tick[1].is_empty() {
        return tick[0].quantiles([0.5, 0.99]);
    }
    let mut both = tick[1].clone();
    both.merge(&tick[0]);
    both.quantiles([0.5, 0.99])
}
