//! Rate limits: a bucket of tokens that fills evenly and holds one second's worth.

use super::world::World;
use crate::units::Nanos;

#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket {
    /// Tokens per nanosecond.
    rate: f64,
    most: f64,
    tokens: f64,
    at: Nanos,
}

impl Bucket {
    /// Full at `now`. A bucket holds at least one token, so that low rates pass at all.
    pub(super) fn new(per_second: f64, now: Nanos) -> Bucket {
        let most = per_second.max(1.0);
        Bucket { rate: per_second / 1e9, most, tokens: most, at: now }
    }

    /// With room for so many tokens.
    pub(super) fn holding(per_second: f64, burst: f64, now: Nanos) -> Bucket {
        let most = burst.max(1.0);
        Bucket { rate: per_second / 1e9, most, tokens: most, at: now }
    }

    pub(super) fn optional(per_second: Option<f64>, now: Nanos) -> Option<Bucket> {
        per_second.map(|rate| Bucket::new(rate, now))
    }

    /// Tokens there now.
    pub(super) fn level(&mut self, now: Nanos) -> f64 {
        self.tokens = (self.tokens + (now - self.at) as f64 * self.rate).min(self.most);
        self.at = now;
        self.tokens
    }

    /// Takes `n` tokens, where they are all there. More than a full bucket may be taken from a full one: what is missing
    /// has to fill up before the next.
    pub(super) fn take(&mut self, n: f64, now: Nanos) -> bool {
        // Filling in steps of a nanosecond leaves a rounding error behind.
        if self.level(now) + 1e-6 < n.min(self.most) {
            return false;
        }
        self.tokens -= n;
        true
    }

    /// Takes `n` tokens whether they are there or not.
    pub(super) fn charge(&mut self, n: f64, now: Nanos) {
        self.level(now);
        self.tokens -= n;
    }

    /// When `n` tokens will be there.
    pub(super) fn ready_at(&mut self, n: f64, now: Nanos) -> Nanos {
        let missing = n.min(self.most) - self.level(now);
        if missing <= 0.0 { now } else { now + (missing / self.rate).ceil() as Nanos }
    }
}

impl World<'_> {
    /// A delivery was made: where the queue's rate is used up, it delivers nothing until the next is due.
    pub(super) fn charge_delivery(&mut self, queue: usize) {
        let now = self.now;
        let q = &mut self.queues[queue];
        let mut free_at = now;
        for bucket in [&mut q.deliver_bucket, &mut q.operation_bucket].into_iter().flatten() {
            bucket.charge(1.0, now);
            free_at = free_at.max(bucket.ready_at(1.0, now));
        }
        if free_at > now {
            q.throttled = true;
            self.alarm(free_at, super::alarms::Alarm::Unthrottle, queue as u64);
        }
    }

    /// The next delivery of a queue that was held back by its rate is due, unless publishes took the token meanwhile.
    pub(super) fn unthrottle(&mut self, queue: usize) {
        let now = self.now;
        let q = &mut self.queues[queue];
        let buckets = [&mut q.deliver_bucket, &mut q.operation_bucket];
        let free_at = buckets.into_iter().flatten().map(|bucket| bucket.ready_at(1.0, now)).max().unwrap_or(now);
        if free_at > now {
            return self.alarm(free_at, super::alarms::Alarm::Unthrottle, queue as u64);
        }
        q.throttled = false;
        self.pump(queue);
    }

    /// Whether the queue's rates let one more publish in now.
    pub(super) fn publish_allowed(&mut self, queue: usize) -> bool {
        let now = self.now;
        let q = &mut self.queues[queue];
        let allowed = [&mut q.publish_bucket, &mut q.operation_bucket]
            .into_iter()
            .flatten()
            .all(|bucket| bucket.level(now) + 1e-6 >= 1.0);
        if allowed {
            for bucket in [&mut q.publish_bucket, &mut q.operation_bucket].into_iter().flatten() {
                bucket.charge(1.0, now);
            }
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_lets_its_rate_through() {
        let mut bucket = Bucket::new(100.0, 0);
        let passed = (0..5_000u64).filter(|ms| bucket.take(1.0, ms * 1_000_000)).count();
        // One second's worth at once, then five seconds at 100/s.
        assert!((599..=600).contains(&passed), "{passed}");
        assert!(bucket.ready_at(1.0, 5_000_000_000) <= 5_010_000_000);
    }
}
