//! How long one delivery is held, from the hand-over to the end of its work.

use crate::random::Distribution;
use crate::random::distribution::{Gamma, Kind};
use crate::scenario::{Consumer, Scenario, Service};

/// The work on one message: its moments, and its law where it has one of its own.
#[derive(Debug, Clone)]
pub(super) struct Work {
    pub(super) mean: f64,
    variance: f64,
    law: Option<Distribution>,
}

impl Work {
    /// The consumer's own work on a message and its calls; `None` where the messages bring their own. Of several
    /// priorities the slowest counts.
    pub(super) fn of(scenario: &Scenario, consumer: &Consumer) -> Option<Work> {
        let whole_batch = consumer.batch.as_ref().and_then(|batch| batch.service_per_batch.as_ref());
        let own = match (&consumer.service, whole_batch) {
            (_, Some(law)) => law,
            (Service::Drawn(law), _) => law,
            (Service::ByPriority(laws), _) => laws.iter().max_by(|a, b| a.mean().total_cmp(&b.mean()))?,
            (Service::Message, _) => return None,
        };
        let mut work = Work { mean: own.mean(), variance: own.variance(), law: Some(own.clone()) };
        for call in &consumer.calls {
            let service = &scenario.dependencies[call.dependency].service;
            work.mean += call.share * service.mean();
            work.variance += call.share * (service.variance() + (1.0 - call.share) * service.mean().powi(2));
            work.law = None;
        }
        let slowest = consumer.speeds.iter().copied().fold(f64::INFINITY, f64::min);
        if slowest.is_finite() && slowest != 1.0 {
            (work.mean, work.variance, work.law) = (work.mean / slowest, work.variance / slowest / slowest, None);
        }
        (work.mean.is_finite() && work.mean > 0.0).then_some(work)
    }

    /// P(the sum of `n` of them takes longer than `limit`), each `slow` times as long. The sum of several is taken for a
    /// gamma of the same mean and variance.
    pub(super) fn longer(&self, n: f64, slow: f64, limit: f64) -> f64 {
        match &self.law {
            Some(law) if n == 1.0 => 1.0 - law.cdf(limit / slow),
            _ => {
                self.sum(n).map_or(f64::from(u8::from(self.mean * n * slow > limit)), |law| 1.0 - law.cdf(limit / slow))
            }
        }
    }

    /// Seconds within which the sum of `n` of them ends with probability `p`.
    pub(super) fn quantile(&self, n: f64, slow: f64, p: f64) -> f64 {
        let law = self.law.as_ref().filter(|_| n == 1.0).cloned();
        law.or_else(|| self.sum(n)).map_or(self.mean * n, |law| law.quantile(p)) * slow
    }

    fn sum(&self, n: f64) -> Option<Distribution> {
        let (mean, variance) = (self.mean * n, self.variance * n);
        // A law without a variance, or without an end, has no gamma beside it.
        let known = variance.is_finite() && variance > mean * mean * 1e-12;
        known.then(|| Kind::Gamma(Gamma { mean, shape: mean * mean / variance }).into())
    }
}

/// What one slot has in hand when there is enough to do.
#[derive(Debug, Clone)]
pub(super) struct Hold {
    pub(super) work: Work,
    /// Works that pass until the first message of one hand-over is done, and until the last.
    pub(super) first: f64,
    pub(super) last: f64,
    /// Before the work: a batch that fills.
    pub(super) wait_s: f64,
}

impl Hold {
    pub(super) fn of(scenario: &Scenario, consumer: &Consumer) -> Option<Hold> {
        let work = Work::of(scenario, consumer)?;
        // Of what lies ahead of the slots, a message waits for its share.
        let ahead = consumer.prefetch.map_or(0.0, |n| (f64::from(n) / f64::from(consumer.concurrency) - 1.0).max(0.0));
        Some(match (&consumer.batch, consumer.receive) {
            (Some(batch), _) => {
                let works = if batch.service_per_batch.is_some() { 1.0 } else { f64::from(batch.size) };
                // A prefetched message waits for whole batches.
                let behind = works + (ahead / f64::from(batch.size)).floor() * works;
                Hold { work, first: behind, last: behind, wait_s: batch.wait.seconds() }
            }
            (None, Some(receive)) => Hold { work, first: 1.0 + ahead, last: f64::from(receive) + ahead, wait_s: 0.0 },
            (None, None) => Hold { work, first: 1.0 + ahead, last: 1.0 + ahead, wait_s: 0.0 },
        })
    }

    /// Share of deliveries that are held longer than `limit` seconds, with work `slow` times as long.
    pub(super) fn longer(&self, slow: f64, limit: f64) -> f64 {
        let limit = limit - self.wait_s;
        if limit <= 0.0 {
            return 1.0;
        }
        let steps = (self.last - self.first).floor() as u32 + 1;
        let each = (0..steps).map(|k| self.work.longer(self.first + f64::from(k), slow, limit));
        each.sum::<f64>() / f64::from(steps)
    }

    /// Seconds within which nearly every delivery ends.
    pub(super) fn enough(&self, slow: f64) -> f64 {
        self.wait_s + self.work.quantile(self.last, slow, 0.9999)
    }
}
