//! Retry budgets: what a client may spend on retries, one file each.
//!
//! A client calls `pause` and `sent` before a first attempt; at its end `failed`, `succeeded` or `forgotten`; after
//! `failed`, where it still has attempts left, `may_retry`, which takes the cost; and `pause` again before the retry.

mod adaptive;
mod envoy;
mod finagle;
mod grpc;
mod quota;

use crate::units::Nanos;
pub use adaptive::Adaptive;
pub use envoy::Envoy;
pub use finagle::Finagle;
pub use grpc::Grpc;
pub use quota::Quota;

/// Why an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// An error.
    Transient,
    /// No answer in time.
    Timeout,
    /// The server asks for less: it is over a limit.
    Throttle,
}

/// What a budget goes by.
#[derive(Debug, Clone, PartialEq)]
pub enum Rules {
    /// Tokens that retries cost and successes give back (AWS SDKs).
    Quota(Quota),
    /// The same, and a limit on the rate of all attempts that follows throttling (AWS SDKs, adaptive).
    Adaptive(Adaptive),
    /// No retries while more fail than succeed (gRPC).
    Grpc(Grpc),
    /// A share of recent requests and a rate (Finagle).
    Finagle(Finagle),
    /// A share of the requests under way (Envoy).
    Envoy(Envoy),
}

/// What one client has left.
#[derive(Debug, Clone)]
pub struct Budget {
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    Quota(quota::State),
    Adaptive(adaptive::State),
    Grpc(grpc::State),
    Finagle(finagle::State),
    Envoy(envoy::State),
}

impl Budget {
    pub fn new(rules: &Rules) -> Budget {
        let state = match rules {
            Rules::Quota(rules) => State::Quota(quota::State::new(rules)),
            Rules::Adaptive(rules) => State::Adaptive(adaptive::State::new(rules)),
            Rules::Grpc(rules) => State::Grpc(grpc::State::new(rules)),
            Rules::Finagle(rules) => State::Finagle(finagle::State::new(rules)),
            Rules::Envoy(rules) => State::Envoy(envoy::State::new(rules)),
        };
        Budget { state }
    }

    /// How long the next attempt, first or not, must wait before it goes out; it has its turn from then on.
    pub fn pause(&mut self, now: Nanos) -> Nanos {
        match &mut self.state {
            State::Adaptive(state) => state.pause(now),
            _ => 0,
        }
    }

    /// A first attempt goes out.
    pub fn sent(&mut self, now: Nanos) {
        match &mut self.state {
            State::Finagle(state) => state.sent(now),
            State::Envoy(state) => state.sent(),
            State::Quota(_) | State::Adaptive(_) | State::Grpc(_) => {}
        }
    }

    /// An attempt failed; `retried`: it was not the first.
    pub fn failed(&mut self, now: Nanos, trouble: Trouble, retried: bool) {
        match &mut self.state {
            State::Grpc(state) => state.failed(),
            State::Adaptive(state) => state.answered(now, trouble == Trouble::Throttle),
            State::Envoy(state) => state.ended(retried),
            State::Quota(_) | State::Finagle(_) => {}
        }
    }

    /// Whether a retry may follow on a failed attempt; takes its cost where it may.
    pub fn may_retry(&mut self, now: Nanos, trouble: Trouble) -> bool {
        match &mut self.state {
            State::Quota(state) => state.may_retry(trouble),
            State::Adaptive(state) => state.quota.may_retry(trouble),
            State::Grpc(state) => state.may_retry(),
            State::Finagle(state) => state.may_retry(now),
            State::Envoy(state) => state.may_retry(),
        }
    }

    /// An attempt succeeded; `last`: why the attempt before it failed, `None`: it was the first.
    pub fn succeeded(&mut self, now: Nanos, last: Option<Trouble>) {
        match &mut self.state {
            State::Quota(state) => state.succeeded(last),
            State::Adaptive(state) => {
                state.answered(now, false);
                state.quota.succeeded(last);
            }
            State::Grpc(state) => state.succeeded(),
            State::Envoy(state) => state.ended(last.is_some()),
            State::Finagle(_) => {}
        }
    }

    /// An attempt, or a retry that was granted, has ended without any answer: its caller is gone.
    pub fn forgotten(&mut self, retried: bool) {
        if let State::Envoy(state) = &mut self.state {
            state.ended(retried);
        }
    }
}
