//! AWS SDKs, adaptive: the quota, and a limit on the rate of all attempts that shrinks when throttled and grows back
//! along a cubic curve (brokers.md AWS-BC, AWS-RB).

use super::quota::{self, Quota};
use crate::units::{Nanos, SECOND, seconds};

/// The rate after a throttled answer is so many times the rate before.
const BETA: f64 = 0.7;
/// Steepness of the curve.
const SCALE: f64 = 0.4;
/// Weight of the newest half second in the measured rate.
const SMOOTH: f64 = 0.8;
/// Per second.
const LEAST_RATE: f64 = 0.5;
/// Attempts that may go out together.
const LEAST_BURST: f64 = 1.0;
/// The rate is measured over steps of this length.
const STEP: Nanos = SECOND / 2;

#[derive(Debug, Clone, PartialEq)]
pub struct Adaptive {
    pub quota: Quota,
}

#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) quota: quota::State,
    /// `None` until the first throttled answer.
    limit: Option<Limit>,
    /// Per second.
    measured: f64,
    step: u64,
    answers: u64,
}

/// A bucket that fills at the allowed rate; below zero are attempts that wait for their turn.
#[derive(Debug, Clone)]
struct Limit {
    rate: f64,
    burst: f64,
    tokens: f64,
    filled: Nanos,
    /// The rate before the last throttled answer, and when that was.
    best: f64,
    throttled: Nanos,
}

impl State {
    pub(super) fn new(rules: &Adaptive) -> State {
        State { quota: quota::State::new(&rules.quota), limit: None, measured: 0.0, step: 0, answers: 0 }
    }

    pub(super) fn pause(&mut self, now: Nanos) -> Nanos {
        let Some(limit) = &mut self.limit else { return 0 };
        limit.fill(now);
        limit.tokens -= 1.0;
        if limit.tokens >= 0.0 { 0 } else { (-limit.tokens / limit.rate * SECOND as f64).ceil() as Nanos }
    }

    pub(super) fn answered(&mut self, now: Nanos, throttled: bool) {
        self.measure(now);
        let rate = match &mut self.limit {
            None if !throttled => return,
            Some(limit) if !throttled => limit.grown(now),
            limit => {
                let best = limit.as_ref().map_or(self.measured, |limit| self.measured.min(limit.rate));
                let limit = limit.get_or_insert(Limit {
                    rate: 0.0,
                    burst: 0.0,
                    tokens: 0.0,
                    filled: now,
                    best,
                    throttled: now,
                });
                (limit.best, limit.throttled) = (best, now);
                best * BETA
            }
        };
        let most = 2.0 * self.measured;
        if let Some(limit) = &mut self.limit {
            limit.fill(now);
            limit.rate = rate.min(most).max(LEAST_RATE);
            limit.burst = rate.min(most).max(LEAST_BURST);
            limit.tokens = limit.tokens.min(limit.burst);
        }
    }

    fn measure(&mut self, now: Nanos) {
        self.answers += 1;
        let step = now / STEP;
        if step > self.step {
            let rate = self.answers as f64 / seconds((step - self.step) * STEP);
            self.measured = rate * SMOOTH + self.measured * (1.0 - SMOOTH);
            (self.answers, self.step) = (0, step);
        }
    }
}

impl Limit {
    fn fill(&mut self, now: Nanos) {
        let passed = seconds(now.saturating_sub(self.filled));
        self.tokens = (self.tokens + passed * self.rate).min(self.burst);
        self.filled = self.filled.max(now);
    }

    fn grown(&self, now: Nanos) -> f64 {
        let back = (self.best * (1.0 - BETA) / SCALE).cbrt();
        let passed = seconds(now.saturating_sub(self.throttled));
        SCALE * (passed - back).powi(3) + self.best
    }
}
