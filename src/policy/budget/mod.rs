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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SECOND;

    const AWS: Quota = Quota { tokens: 500, retry_cost: 14, timeout_cost: 14, throttle_cost: 5, refund: 1 };

    /// Retries that are granted when everything fails at one instant.
    fn granted(budget: &mut Budget, now: Nanos, trouble: Trouble, most: u32) -> u32 {
        (0..most).take_while(|_| budget.may_retry(now, trouble)).count() as u32
    }

    #[test]
    fn a_quota_of_500_pays_for_35_retries_at_14() {
        let mut budget = Budget::new(&Rules::Quota(AWS));
        assert_eq!(granted(&mut budget, 0, Trouble::Transient, 1_000), 35);
        // 10 are left: two more after throttling, at 5.
        assert_eq!(granted(&mut budget, 0, Trouble::Throttle, 1_000), 2);
        // A retry that succeeds gives back its 14, a first attempt 1.
        budget.succeeded(0, Some(Trouble::Transient));
        assert_eq!(granted(&mut budget, 0, Trouble::Transient, 1_000), 1);
        (0..14).for_each(|_| budget.succeeded(0, None));
        assert_eq!(granted(&mut budget, 0, Trouble::Timeout, 1_000), 1);
        // Never more than the bucket holds.
        (0..1_000).for_each(|_| budget.succeeded(0, None));
        assert_eq!(granted(&mut budget, 0, Trouble::Transient, 1_000), 35);
    }

    #[test]
    fn grpc_stops_at_half_the_bucket() {
        let mut budget = Budget::new(&Rules::Grpc(Grpc { tokens: 10, token_ratio: 0.1 }));
        let mut fails = || {
            budget.failed(0, Trouble::Transient, false);
            budget.may_retry(0, Trouble::Transient)
        };
        // 9, 8, 7, 6 are above 5; 5 is not.
        assert_eq!((0..6).map(|_| fails()).collect::<Vec<bool>>(), [true, true, true, true, false, false]);
        // At 4 tokens: a success brings 0.1, so after 10 there are 5, after 11 more than half.
        (0..10).for_each(|_| budget.succeeded(0, None));
        assert!(!budget.may_retry(0, Trouble::Transient));
        budget.succeeded(0, None);
        assert!(budget.may_retry(0, Trouble::Transient));
    }

    #[test]
    fn finagle_grants_a_fifth_and_ten_a_second() {
        let rules = Rules::Finagle(Finagle { ratio: 0.2, min_per_s: 10.0, ttl: 10 * SECOND });
        let mut budget = Budget::new(&rules);
        // The reserve of ten seconds.
        assert_eq!(granted(&mut budget, 0, Trouble::Transient, 1_000), 100);
        (0..500).for_each(|_| budget.sent(SECOND / 2));
        assert_eq!(granted(&mut budget, SECOND / 2, Trouble::Transient, 1_000), 100);
        // What was spent in the first second is forgotten with it, and so is what was earned.
        assert_eq!(granted(&mut budget, 10 * SECOND - 1, Trouble::Transient, 1_000), 0);
        assert_eq!(granted(&mut budget, 10 * SECOND, Trouble::Transient, 1_000), 100);
    }

    #[test]
    fn envoy_grants_a_fifth_of_what_is_under_way() {
        let mut budget = Budget::new(&Rules::Envoy(Envoy { ratio: 0.2, min_concurrency: 3 }));
        // One fails, nothing else is under way: three retries at once, whoever asks.
        budget.sent(0);
        budget.failed(0, Trouble::Transient, false);
        assert_eq!(granted(&mut budget, 0, Trouble::Transient, 100), 3);
        (0..3).for_each(|_| budget.forgotten(true));
        // 100 under way: 20, and what is granted counts as under way too: the 24th is a fifth of 120, the 25th more.
        (0..100).for_each(|_| budget.sent(0));
        assert_eq!(granted(&mut budget, 0, Trouble::Transient, 100), 24);
        // The retries end one by one, each making room for another until the requests are fewer.
        budget.succeeded(0, Some(Trouble::Transient));
        assert_eq!(granted(&mut budget, 0, Trouble::Transient, 100), 1);
    }

    #[test]
    fn the_adaptive_client_slows_down_when_throttled() {
        let mut budget = Budget::new(&Rules::Adaptive(Adaptive { quota: AWS }));
        // 20 answers a second for ten seconds: nothing waits.
        let mut at = 0;
        while at < 10 * SECOND {
            assert_eq!(budget.pause(at), 0);
            budget.succeeded(at, None);
            at += SECOND / 20;
        }
        // Throttled at about 20/s: from now on 70 % of it, one attempt every 71 ms.
        budget.failed(at, Trouble::Throttle, false);
        let pauses: Vec<Nanos> = (0..5).map(|_| budget.pause(at)).collect();
        let gaps: Vec<f64> = pauses.windows(2).map(|pair| (pair[1] - pair[0]) as f64 / 1e9).collect();
        assert!(gaps.iter().all(|gap| (0.070..0.073).contains(gap)), "{gaps:?}");
        // Successes bring the rate back to where it was after ∛(20 · 0.3 ÷ 0.4) = 2.5 s.
        let back = (20.0f64 * 0.3 / 0.4).cbrt();
        let mut later = at;
        while later < at + (back * 1e9) as u64 {
            later += SECOND / 20;
            budget.succeeded(later, None);
        }
        let burst = (0..100).take_while(|_| budget.pause(later + SECOND) == 0).count();
        assert!((18..=21).contains(&burst), "a second's worth at about 20/s: {burst}");
    }
}
