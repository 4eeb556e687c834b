//! AWS SDKs, standard: a bucket of tokens that retries cost and successes fill again (brokers.md AWS-BC).

use super::Trouble;

/// In tokens. Without any, there is no retry.
#[derive(Debug, Clone, PartialEq)]
pub struct Quota {
    /// What a client begins with, and the most it has.
    pub tokens: u32,
    pub retry_cost: u32,
    pub timeout_cost: u32,
    pub throttle_cost: u32,
    /// Given back by a first attempt that succeeds; a retry that succeeds gives back what it cost.
    pub refund: u32,
}

#[derive(Debug, Clone)]
pub(super) struct State {
    rules: Quota,
    left: u32,
}

impl State {
    pub(super) fn new(rules: &Quota) -> State {
        State { left: rules.tokens, rules: rules.clone() }
    }

    fn cost(&self, trouble: Trouble) -> u32 {
        match trouble {
            Trouble::Transient => self.rules.retry_cost,
            Trouble::Timeout => self.rules.timeout_cost,
            Trouble::Throttle => self.rules.throttle_cost,
        }
    }

    pub(super) fn may_retry(&mut self, trouble: Trouble) -> bool {
        let left = self.left.checked_sub(self.cost(trouble));
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }

    pub(super) fn succeeded(&mut self, last: Option<Trouble>) {
        let back = last.map_or(self.rules.refund, |trouble| self.cost(trouble));
        self.left = self.left.saturating_add(back).min(self.rules.tokens);
    }
}
