//! Counts what a broker bills. Nothing here decides anything: with and without a price a run is the same.

use super::messages::Token;
use super::world::World;
use crate::model::{Billing, ConsumerModel, Stream};
use crate::observe::{Gauge, Traffic};
use crate::units::Nanos;
use std::collections::VecDeque;

/// Where something of a queue, topic, stream or group has a price.
pub(super) struct Meter {
    rules: Billing,
    /// Messages that each one stands for; its size is that of all of them.
    weight: u64,
    /// Receivers that each one stands for.
    receivers: f64,
    pub(super) seen: Traffic,
    /// Messages and bytes in the publish call that is being put together.
    publishing: (u64, u64),
    /// The same of the receive that is going on.
    receiving: (u64, u64),
    /// What is left of a request where receivers do not come in whole numbers.
    part: f64,
    /// Bytes of a queue's unfinished messages.
    pub(super) stored: Gauge,
}

impl Meter {
    pub(super) fn optional(rules: Option<Billing>, weight: u32, receivers: f64) -> Option<Box<Meter>> {
        let meter = |rules| Meter {
            rules,
            weight: u64::from(weight),
            receivers,
            seen: Traffic::default(),
            publishing: (0, 0),
            receiving: (0, 0),
            part: 0.0,
            stored: Gauge::default(),
        };
        rules.map(|rules| Box::new(meter(rules)))
    }

    /// Billed bytes of a message, or of all that it stands for.
    fn bytes(&self, size: u64) -> u128 {
        u128::from(self.rules.bytes(size / self.weight)) * u128::from(self.weight)
    }

    /// Billed requests of the full calls among those that are being put together; what is left waits for more.
    fn full_calls(&self, call: &mut (u64, u64), batch: u32) -> u64 {
        let batch = u64::from(batch.max(1));
        let full = call.0 / batch;
        if full == 0 {
            return 0;
        }
        let bytes = call.1 / call.0 * batch;
        if self.weight == 1 {
            // One call, of messages that need not be alike.
            return self.rules.requests(std::mem::take(call).1);
        }
        *call = (call.0 - full * batch, call.1 - full * bytes);
        full * self.rules.requests(bytes)
    }

    /// A message is published, alone or in a call with others.
    pub(super) fn published(&mut self, size: u32) {
        let size = u64::from(size);
        self.seen.bytes_in += self.bytes(size);
        let mut call = (self.publishing.0 + self.weight, self.publishing.1 + size);
        self.seen.publishes += self.full_calls(&mut call, self.rules.publish_batch);
        self.publishing = call;
    }

    fn publish_ends(&mut self) {
        let (messages, bytes) = std::mem::take(&mut self.publishing);
        if messages > 0 {
            self.seen.publishes += self.rules.requests(bytes);
        }
    }

    /// A message is handed to a consumer, in a receive that may go on.
    pub(super) fn handed(&mut self, size: u64) {
        self.seen.bytes_out += self.bytes(size);
        let mut call = (self.receiving.0 + self.weight, self.receiving.1 + size);
        // Where one receiver stands for many, what each of them gets is known at the end of the receive only.
        if self.rules.receive_batch > 0 && (self.weight == 1 || self.rules.receive_batch == 1) {
            self.seen.receives += self.full_calls(&mut call, self.rules.receive_batch);
        }
        self.receiving = call;
    }

    pub(super) fn receive_ends(&mut self) {
        let (messages, bytes) = std::mem::take(&mut self.receiving);
        if messages == 0 {
            return;
        }
        if self.weight == 1 {
            self.seen.receives += self.rules.requests(bytes);
            return;
        }
        let each = messages as f64 / self.receivers;
        let calls = match self.rules.receive_batch {
            0 => self.receivers,
            most => self.receivers * (each / f64::from(most)).ceil().max(1.0),
        };
        self.part += calls * self.rules.requests((bytes as f64 / calls) as u64) as f64;
        self.seen.receives += self.part as u64;
        self.part = self.part.fract();
    }

    /// A topic hands on a copy.
    pub(super) fn copied(&mut self, size: u32) {
        self.seen.deliveries += self.weight;
        self.seen.bytes_out += self.bytes(u64::from(size));
    }

    /// A message was acknowledged or refused, after its consumer had held it since then.
    fn settled(&mut self, consumer: &ConsumerModel, lease: Nanos, held: Nanos) {
        self.seen.settles += self.weight;
        self.extended(consumer, lease, held);
    }

    /// A lease is extended at each beat of its consumer, but not at the very end of the work.
    fn extended(&mut self, consumer: &ConsumerModel, lease: Nanos, held: Nanos) {
        if let Some(heartbeat) = consumer.heartbeat.filter(|heartbeat| *heartbeat > 0 && *heartbeat <= lease) {
            self.seen.extensions += held.saturating_sub(1) / heartbeat * self.weight;
        }
    }

    pub(super) fn finish(mut self, now: Nanos) -> Traffic {
        self.publish_ends();
        self.receive_ends();
        self.seen.kept = self.seen.kept.wrapping_add(self.stored.area(now));
        self.seen
    }
}

impl World<'_> {
    /// A publish call to a queue, by a producer or by a consumer that publishes onward. What the broker moves by itself,
    /// copies of a topic and dead letters, is no call.
    #[inline]
    pub(super) fn meter_publish(&mut self, queue: usize, size: u32) {
        let q = &mut self.queues[queue];
        if let Some(meter) = &mut q.meter
            && q.down == 0
        {
            meter.published(size);
        }
    }

    #[cold]
    #[inline(never)]
    pub(super) fn meter_hand_over(&mut self, queue: usize, token: Token) {
        let size =
            if token.is_plain() { self.record_size(queue) } else { u64::from(self.messages.get(token.index()).size) };
        if let Some(meter) = &mut self.queues[queue].meter {
            meter.handed(size);
        }
    }

    /// What was handed over since came with one receive.
    #[inline]
    pub(super) fn receive_ends(&mut self, queue: usize) {
        if let Some(meter) = &mut self.queues[queue].meter {
            meter.receive_ends();
        }
    }

    /// Receives that returned nothing.
    #[inline]
    pub(super) fn meter_empty(&mut self, queue: usize, receives: u64) {
        if let Some(meter) = &mut self.queues[queue].meter {
            meter.seen.empty_receives += receives;
        }
    }

    /// The consumer tells the broker how its work on a message ended.
    #[inline]
    pub(super) fn meter_settle(&mut self, ci: usize, queue: usize, index: usize) {
        let q = &mut self.queues[queue];
        if let Some(meter) = &mut q.meter {
            meter.settled(self.consumers[ci].model, q.model.lease, self.now - self.messages.get(index).since);
        }
    }

    /// A consumer has lost a message whose lease it had extended until now.
    #[inline]
    pub(super) fn meter_loss(&mut self, ci: usize, queue: usize, index: usize) {
        let q = &mut self.queues[queue];
        if let Some(meter) = &mut q.meter {
            meter.extended(self.consumers[ci].model, q.model.lease, self.now - self.messages.get(index).since);
        }
    }

    /// What is still going on when the run ends: receives without an answer, and leases.
    pub(super) fn close_meters(&mut self) {
        let end = self.now;
        for queue in 0..self.queues.len() {
            if self.queues[queue].meter.is_none() {
                continue;
            }
            let consumers = self.queues[queue].consumers.clone();
            let slots = consumers.iter().flat_map(|&ci| self.consumers[ci].slots());
            let listening = slots.filter(|&slot| self.slots[slot].listening).count() as u64;
            let asleep = self.queues[queue].sleepers.clone();
            let wait = self.queues[queue].model.traits.receive_wait.ns();
            let asked = |(slot, at): &(u32, Nanos)| {
                let model = self.consumers[self.slots[*slot as usize].consumer as usize].model;
                super::receive::receives(model, wait, *at, end + 1)
            };
            let receives: u64 = asleep.iter().map(asked).sum();
            self.meter_empty(queue, listening + receives);
            let Some(&ci) = consumers.first() else { continue };
            let held: Vec<Nanos> = self
                .messages
                .unfinished()
                .filter(|message| message.queue as usize == queue && message.state == super::messages::State::InFlight)
                .map(|message| end - message.since)
                .collect();
            let (model, q) = (self.consumers[ci].model, &mut self.queues[queue]);
            if let Some(meter) = &mut q.meter {
                held.into_iter().for_each(|held| meter.extended(model, q.model.lease, held));
            }
        }
    }
}

/// What a stream keeps: its log, read or not.
pub(super) struct Shelf {
    end: Nanos,
    retention: Nanos,
    /// Of one partition; 0: all.
    most: u64,
    /// With `most`: what each partition keeps, the oldest first, in parts so small that a part's end is its beginning.
    parts: Vec<VecDeque<(Nanos, u64)>>,
    kept: Vec<u64>,
    stored: Gauge,
    /// Byte·nanoseconds of what is kept for a time known beforehand.
    known: u128,
}

/// Parts of a partition's log within its retention.
const PARTS: Nanos = 1_000;

impl Shelf {
    pub(super) fn new(rules: &Stream, origin: Nanos, end: Nanos) -> Shelf {
        let bounded = rules.retention_bytes.is_some();
        let partitions = if bounded { rules.partitions as usize } else { 0 };
        let retention = rules.retention.map_or(Nanos::MAX, |length| length.ns());
        let mut shelf = Shelf {
            end,
            retention,
            most: rules.retention_bytes.unwrap_or(0),
            parts: vec![VecDeque::new(); partitions],
            kept: vec![0; partitions],
            stored: Gauge::default(),
            known: 0,
        };
        if let Some(initial) = rules.initial {
            shelf.known = initially(initial.messages, initial.age.ns(), retention, end - origin);
        }
        shelf
    }

    pub(super) fn add(&mut self, partition: usize, size: u32, now: Nanos) {
        let size = u64::from(size);
        let Some(parts) = self.parts.get_mut(partition) else {
            self.known += u128::from(size) * u128::from(self.retention.min(self.end - now));
            return;
        };
        let step = (self.retention.min(self.end) / PARTS).max(1);
        match parts.back_mut() {
            Some((since, bytes)) if now < *since + step => *bytes += size,
            _ => parts.push_back((now, size)),
        }
        self.kept[partition] += size;
        self.stored.add(size, now);
        self.trim(partition, now);
    }

    /// Takes away what is too old or too much.
    fn trim(&mut self, partition: usize, now: Nanos) {
        let (parts, kept) = (&mut self.parts[partition], &mut self.kept[partition]);
        while let Some((since, bytes)) = parts.front_mut() {
            let expires = since.saturating_add(self.retention);
            let (gone, at) = match (*kept).saturating_sub(self.most) {
                _ if expires <= now => (*bytes, expires),
                0 => break,
                over => (over.min(*bytes), now),
            };
            *bytes -= gone;
            *kept -= gone;
            self.stored.remove(gone, at);
            if *bytes == 0 {
                parts.pop_front();
            }
        }
    }

    pub(super) fn finish(mut self, now: Nanos) -> u128 {
        (0..self.parts.len()).for_each(|partition| self.trim(partition, now));
        self.known.wrapping_add(self.stored.area(now))
    }
}

/// Byte·nanoseconds of records that are there from the start, their ages spread evenly up to `age`: ∫ min(max(retention −
/// a, 0), run) over the ages.
fn initially(messages: u64, age: Nanos, retention: Nanos, run: Nanos) -> u128 {
    let (age, run) = (age as f64, run as f64);
    let each = match retention {
        Nanos::MAX => run,
        retention if age == 0.0 => (retention as f64).min(run),
        retention => {
            let retention = retention as f64;
            let (whole, gone) = ((retention - run).clamp(0.0, age), retention.clamp(0.0, age));
            let partly = ((retention - whole).powi(2) - (retention - gone).powi(2)) / 2.0;
            (whole * run + partly) / age
        }
    };
    (messages as f64 * f64::from(super::messages::DEFAULT_SIZE) * each) as u128
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SECOND;

    #[test]
    fn records_of_the_start_stay_until_they_are_too_old() {
        let s = SECOND;
        // Kept for ever, or for longer than the run.
        assert_eq!(initially(3, 10 * s, Nanos::MAX, 20 * s), 3_000 * 20 * u128::from(s));
        // Ages 0 to 10 s, kept 10 s, in a run of 20 s: 5 s on average.
        assert_eq!(initially(2, 10 * s, 10 * s, 20 * s), 2_000 * 5 * u128::from(s));
        // In a run of 5 s: those up to 5 s old stay to its end, the others 2.5 s on average.
        assert_eq!(initially(4, 10 * s, 10 * s, 5 * s), 4_000 * u128::from(s) * 15 / 4);
    }

    #[test]
    fn a_payload_is_billed_by_its_call() {
        let rules = Billing { chunk: 65_536, publish_batch: 10, ..Billing::default() };
        let mut meter = *Meter::optional(Some(rules), 1, 1.0).unwrap();
        (0..25).for_each(|_| meter.published(10_000));
        // Two calls of 100,000 bytes and one of 50,000.
        assert_eq!(meter.finish(0).publishes, 2 + 2 + 1);
    }
}
