//! Dependencies and calls, dense.

use super::UNLIMITED;
use crate::policy::retry::Backoff;
use crate::policy::{breaker, budget};
use crate::random::Distribution;
use crate::scenario::{self, Call, DependencyOrder, Hedge, RateLimit, Slowdown};
use crate::units::{Duration, Nanos};

#[derive(Debug, Clone)]
pub struct DependencyModel {
    pub name: String,
    /// `UNLIMITED`: all calls at once.
    pub concurrency: u64,
    pub service: Distribution,
    pub failure_service: Option<Distribution>,
    /// Calls that may wait; `UNLIMITED`: any number.
    pub queue_limit: u64,
    pub order: DependencyOrder,
    pub rate_limit: Option<RateLimit>,
    pub error_rate: f64,
    pub slowdown: Option<Slowdown>,
}

/// A call that a consumer makes in every attempt.
#[derive(Debug, Clone)]
pub struct CallModel {
    /// Index into `Model::dependencies`.
    pub dependency: usize,
    pub share: f64,
    /// `UNLIMITED`: waits for ever.
    pub timeout: Nanos,
    /// Tries in all; 1 without a retry.
    pub max_attempts: u32,
    pub backoff: Backoff,
    /// After a try that was throttled.
    pub throttled: Backoff,
    pub budget: Option<budget::Rules>,
    pub breaker: Option<breaker::Rules>,
    /// Tries that one replica has under way; `u32::MAX`: any number.
    pub bulkhead: u32,
    pub hedge: Option<Hedge>,
    pub deadline: bool,
}

pub(super) fn dependency(d: &scenario::Dependency) -> DependencyModel {
    DependencyModel {
        name: d.name.clone(),
        concurrency: d.concurrency.map_or(UNLIMITED, u64::from),
        service: d.service.clone(),
        failure_service: d.failure_service.clone(),
        queue_limit: d.queue_limit.unwrap_or(UNLIMITED),
        order: d.order,
        rate_limit: d.rate_limit,
        error_rate: d.error_rate,
        slowdown: d.slowdown,
    }
}

pub(super) fn call(call: &Call) -> CallModel {
    let retry = call.retry.as_ref();
    let backoff = retry.map_or_else(Backoff::immediate, |retry| retry.backoff.clone());
    CallModel {
        dependency: call.dependency,
        share: call.share,
        timeout: call.timeout.map_or(UNLIMITED, Duration::ns),
        max_attempts: retry.map_or(1, |retry| retry.max_attempts.unwrap_or(u32::MAX)),
        throttled: retry.and_then(|retry| retry.throttled.clone()).unwrap_or_else(|| backoff.clone()),
        backoff,
        budget: retry.and_then(|retry| retry.budget.clone()),
        breaker: call.breaker.clone(),
        bulkhead: call.bulkhead.unwrap_or(u32::MAX),
        hedge: call.hedge,
        deadline: call.deadline,
    }
}
