//! Shared downstreams, and how consumers call them.

use crate::policy::retry::Backoff;
use crate::policy::{breaker, budget};
use crate::random::Distribution;
use crate::units::Duration;

/// A database, a payment API: what calls of several consumers share.
#[derive(Debug, Clone, PartialEq)]
pub struct Dependency {
    pub name: String,
    /// Calls worked on at once; `None`: all of them.
    pub concurrency: Option<u32>,
    /// Time of the work on one call.
    pub service: Distribution,
    /// How long a failing call takes; `None`: as `service`.
    pub failure_service: Option<Distribution>,
    /// Calls that wait, at most; more are refused at once. `None`: no bound.
    pub queue_limit: Option<u64>,
    pub order: DependencyOrder,
    /// Calls beyond it are refused at once, as throttled.
    pub rate_limit: Option<RateLimit>,
    /// Share of calls that fail.
    pub error_rate: f64,
    /// Needs a `concurrency`.
    pub slowdown: Option<Slowdown>,
}

/// Which of the waiting calls comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DependencyOrder {
    #[default]
    Fifo,
    Lifo,
}

/// A bucket of tokens, full at time 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateLimit {
    pub per_second: f64,
    pub burst: f64,
}

/// Service × (1 + (factor − 1) × max(0, busy ÷ concurrency − from) ÷ (1 − from)), `busy` with the call that starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slowdown {
    /// At full load.
    pub factor: f64,
    /// Share of the concurrency up to which nothing slows down; below 1.
    pub from: f64,
}

/// A call that a consumer makes for every attempt, or for every batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Index into `Scenario::dependencies`.
    pub dependency: usize,
    /// Share of attempts that make it.
    pub share: f64,
    /// Of one try: the caller gives up, and the dependency works on.
    pub timeout: Option<Duration>,
    /// `None`: a failed call fails the attempt.
    pub retry: Option<CallRetry>,
    pub breaker: Option<breaker::Rules>,
    /// Calls that one replica has under way at once, at most; more fail at once.
    pub bulkhead: Option<u32>,
    pub hedge: Option<Hedge>,
    /// The dependency does not start on a call whose caller has given up.
    pub deadline: bool,
}

/// Tries of one call while the message stays in work.
#[derive(Debug, Clone, PartialEq)]
pub struct CallRetry {
    pub backoff: Backoff,
    /// Instead of `backoff` after a try that was throttled, where a client tells the two apart.
    pub throttled: Option<Backoff>,
    /// The first try counts too; `None`: no limit.
    pub max_attempts: Option<u32>,
    pub budget: Option<budget::Rules>,
}

/// Another copy of a call that has no answer yet; the first answer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hedge {
    /// Before each further copy.
    pub after: Duration,
    /// Copies besides the first.
    pub max: u32,
}
