//! Rules of retries, whoever tries again.

use super::Checker;
use crate::policy::retry::{Backoff, Growth};
use crate::scenario::problem::Place;
use crate::scenario::reader::Placed;
use crate::scenario::value::{OnFailure, Retry, RetryPlace, RetryPosition};
use crate::scenario::written::{self, ClientRetry, Delays};
use crate::units::{Duration, Nanos};

impl Checker<'_> {
    /// Also says which keys the growth does not look at, and where the client itself draws a line.
    pub(super) fn backoff(&mut self, delays: &Delays<'_>) -> Backoff {
        if let (Some(policy), Some(attempts)) = (delays.policy, delays.max_attempts)
            && let Some(limit) = policy.0.attempts_limit.filter(|limit| attempts.u32() > *limit)
        {
            let message =
                format!("`max_attempts` = {}, but {} never makes more than {limit}", attempts.u32(), policy.0.name);
            self.refuse(&attempts.place, message, format!("write {limit} or less, or leave `policy` out"));
        }
        let growth = delays.growth.value;
        let written = |is_written: bool, place| is_written.then_some(place);
        let backoff = written(delays.backoff.is_written(), &delays.backoff.place);
        let factor = written(delays.factor.is_written(), &delays.factor.place);
        let jitter = written(delays.jitter.is_written(), &delays.jitter.place);
        let unused: &[(&str, Option<&Place>)] = match growth {
            Growth::Exponential => &[],
            Growth::Envoy => &[("factor", factor)],
            Growth::Sidekiq => &[("backoff", backoff), ("factor", factor), ("jitter", jitter)],
        };
        for (key, place) in unused {
            if let Some(place) = place {
                let message = format!("`{key}` would change nothing here: this growth has a formula of its own");
                self.refuse(place, message, "use growth = \"exponential\"; or leave it out");
            }
        }
        Backoff {
            backoff: delays.backoff.value.clone(),
            factor: delays.factor.0,
            cap: cap(delays.cap),
            jitter: delays.jitter.value,
            growth,
        }
    }

    /// A record that blocks its partition is tried until it succeeds, whatever that costs.
    pub(super) fn budget_of_group(&mut self, consumer: &written::Consumer, on_failure: OnFailure) {
        let budget = consumer.retry.as_ref().and_then(|retry| retry.budget.as_ref());
        if let Some(budget) = budget.filter(|budget| on_failure == OnFailure::Block && budget.is_written()) {
            self.refuse(
                &budget.place,
                "`budget` gives up what it does not pay for, but here a failing record blocks its partition until it succeeds",
                "say on_failure = \"skip\", \"dead-letter\" or \"retry-topic\"; or leave it out",
            );
        }
    }

    pub(super) fn client_retry(&mut self, retry: &ClientRetry) -> Retry {
        Retry {
            backoff: self.backoff(&retry.delays()),
            max_attempts: retry.max_attempts.as_ref().map(|n| n.u32()),
            place: RetryPlace::Process,
            position: RetryPosition::Tail,
            budget: retry.budget.as_ref().map(|budget| budget.0.clone()),
        }
    }
}

pub(super) fn cap(cap: &Option<Placed<Duration>>) -> Nanos {
    cap.as_ref().map_or(Nanos::MAX, |cap| cap.ns())
}
