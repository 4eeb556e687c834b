//! The state of one producer.

use super::calendar::Pending;
use super::source::Source;
use crate::model::{Model, ProducerModel};
use crate::observe::{Gauge, ProducerCounters, SeriesSet};
use crate::random::Stream;
use crate::units::Nanos;

/// A producer's next arrival.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    pub(super) at: Nanos,
    pub(super) producer: u32,
}

impl Arrival {
    pub(super) const NEVER: Arrival = Arrival { at: Nanos::MAX, producer: u32::MAX };
}

impl Pending for Arrival {
    #[inline]
    fn at(&self) -> Nanos {
        self.at
    }

    #[inline]
    fn key(&self) -> u128 {
        u128::from(self.at) << 64 | u128::from(self.producer)
    }
}

pub(super) struct Producer<'m> {
    pub(super) model: &'m ProducerModel,
    /// The queue that its messages may take the short path to.
    pub(super) coasts_to: Option<usize>,
    pub(super) source: Source<'m>,
    pub(super) turn: usize,
    pub(super) counters: ProducerCounters,
    pub(super) at_warmup: ProducerCounters,
    pub(super) at_sample: ProducerCounters,
    /// Publishes waiting outside the broker.
    pub(super) waiting: Gauge,
    pub(super) series: SeriesSet,
    pub(super) batch: Stream,
    pub(super) attributes: Stream,
    pub(super) keys: Stream,
    pub(super) duplicates: Stream,
    pub(super) balance: Stream,
    pub(super) retry: Stream,
}

pub(super) const PRODUCER_SERIES: [&str; 6] = [
    "request_rate_per_s",
    "publish_rate_per_s",
    "goodput_per_s",
    "timeout_rate_per_s",
    "waiting",
    "publish_amplification",
];

impl<'m> Producer<'m> {
    pub(super) fn new(model: &'m Model, producer: &'m ProducerModel, run: u32) -> Producer<'m> {
        let stream = |purpose| Stream::new(model.seed, run, &producer.name, purpose);
        Producer {
            model: producer,
            coasts_to: super::coast::coasts_to(producer),
            source: Source::new(model, producer, run),
            turn: 0,
            counters: ProducerCounters::default(),
            at_warmup: ProducerCounters::default(),
            at_sample: ProducerCounters::default(),
            waiting: Gauge::default(),
            series: SeriesSet::new(&PRODUCER_SERIES, model.samples()),
            batch: stream("batch"),
            attributes: stream("attributes"),
            keys: stream("keys"),
            duplicates: stream("duplicates"),
            balance: stream("balance"),
            retry: stream("retry"),
        }
    }
}
