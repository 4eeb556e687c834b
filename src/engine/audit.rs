//! The end of a run: the books are closed and audited, in release builds too.
//!
//! Two laws hold exactly, in whole numbers, for every queue: every published message is in one place, and Little's law
//! as an identity of areas, ∫ backlog dt = Σ times in the system, unfinished messages included. The two sides come from
//! different books: the areas from changes of state, the times from each message's own stamps.

use super::messages::Token;
use super::world::World;
use crate::observe::{ConsumerSeen, Observations, ProducerSeen, QueueSeen};

/// What can go wrong inside the engine.
#[derive(Debug, Clone, thiserror::Error, PartialEq)]
pub enum EngineError {
    /// A law of conservation is broken: a defect of Tailback. No figure of this run can be trusted.
    #[error("internal error: the audit of `{queue}` failed: {law}. Please report it with the scenario")]
    Audit { queue: String, law: String },
    /// The scenario goes round in circles without time passing.
    #[error(
        "at {at_s} s a hundred million events happened at one and the same instant: messages are retried at once and fail \
         in no time, for ever; give the consumer a service time, the retry a backoff, or the queue a `max_deliveries`"
    )]
    Standstill { at_s: f64 },
}

impl World<'_> {
    /// Audits the run and hands over what was seen.
    pub(super) fn finish(mut self) -> Result<Observations, EngineError> {
        for queue in 0..self.queues.len() {
            self.fold_latencies(queue);
            self.audit(queue)?;
        }
        self.audit_callers()?;
        self.close_meters();
        self.close_workflows()?;
        let now = self.now;
        let dependencies = std::mem::take(&mut self.dependencies).into_iter().map(|dependency| {
            let name = dependency.model.name.clone();
            dependency.finish(now).map_err(|law| EngineError::Audit { queue: name, law })
        });
        let dependencies = dependencies.collect::<Result<_, _>>()?;
        let queues = self.queues.into_iter().map(|mut q| {
            let (peak, peak_at, disturbances) = q.backlog.finish(&q.counters);
            QueueSeen {
                totals: q.counters,
                warmup: q.at_warmup,
                ready_area: q.ready.areas(now),
                in_flight_area: q.in_flight.areas(now),
                delayed_area: q.delayed.areas(now),
                unfinished: (q.ready.count, q.in_flight.count, q.delayed.count),
                time_in_system: q.time_in_system,
                peak,
                peak_at,
                wait: q.wait,
                latency: q.latency,
                journey: q.journey,
                levels: q.levels,
                partitions: q.group.map_or_else(Vec::new, |group| group.seen(now)),
                deepest_key: q.book.as_ref().and_then(|book| book.deepest()),
                keys: q.book.map_or_else(Vec::new, |book| book.busiest()),
                disturbances,
                traffic: q.meter.map(|meter| meter.finish(now)),
                series: q.series,
            }
        });
        let producers = self.producers.into_iter().map(|p| ProducerSeen {
            totals: p.counters,
            warmup: p.at_warmup,
            waiting_area: p.waiting.areas(now),
            waiting: p.waiting.count,
            series: p.series,
        });
        let consumers = self.consumers.into_iter().map(|c| ConsumerSeen {
            busy_area: c.busy.areas(now),
            slots_area: c.live_slots.areas(now),
            replicas_area: c.live_replicas.areas(now),
            kept_area: c.kept_replicas.area(now),
            invocations: c.invocations,
            scaling: c.scaler.map(|scaler| scaler.seen),
            series: c.series,
        });
        Ok(Observations {
            queues: queues.collect(),
            producers: producers.collect(),
            consumers: consumers.collect(),
            dependencies,
            workflows: self.workflows.seen(now),
            topics: self.topics.into_iter().map(|topic| topic.meter.map(|meter| meter.finish(now))).collect(),
            streams: self.streams.into_iter().map(|stream| stream.traffic(now)).collect(),
            events: self.events,
        })
    }

    fn audit(&mut self, queue: usize) -> Result<(), EngineError> {
        let now = self.now;
        let held = self
            .held_plain(queue)
            .fold((0u64, 0u128), |(n, sum), token| (n + 1, sum + u128::from(now - token.published())));
        let waiting = self.queues[queue]
            .rings
            .iter()
            .flat_map(super::ring::Ring::iter)
            .map(Token)
            .chain(self.queues[queue].group.iter().flat_map(|group| group.waiting()))
            .filter(|token| token.is_plain())
            .fold((0u64, 0u128), |(n, sum), token| (n + 1, sum + u128::from(now - token.published())));
        let records = self
            .messages
            .unfinished()
            .filter(|message| message.queue as usize == queue)
            .fold((0u64, 0u128), |(n, sum), message| (n + 1, sum + u128::from(now - message.published)));
        let q = &mut self.queues[queue];
        let found = held.0 + waiting.0 + records.0;
        q.time_in_system = q.time_in_system.wrapping_add(held.1 + waiting.1 + records.1);
        let c = &q.counters;
        let states = q.ready.count + q.in_flight.count + q.delayed.count;
        let accounted = c.rejected + c.completed + c.dead_lettered + c.expired + c.dropped + states;
        let area = q.ready.area(now).wrapping_add(q.in_flight.area(now)).wrapping_add(q.delayed.area(now));
        let law = if c.published != accounted {
            format!("{} published, {accounted} accounted for", c.published)
        } else if states != found || states != q.backlog.count {
            format!("{states} unfinished by state, {} by backlog, {found} found", q.backlog.count)
        } else if area != q.time_in_system {
            format!("∫ backlog dt is {area} ns, the times in the system sum to {} ns", q.time_in_system)
        } else {
            return Ok(());
        };
        Err(EngineError::Audit { queue: q.model.name.clone(), law })
    }
}
