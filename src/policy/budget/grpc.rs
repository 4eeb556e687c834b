//! gRPC's retry throttle: failures take tokens, successes give a fraction back, and at half the bucket retries stop
//! (brokers.md G-A6).

/// In tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Grpc {
    /// What a client begins with, and the most it has. There are retries above the half of it.
    pub tokens: u32,
    /// What a success gives back; a failure takes 1. Three decimals count.
    pub token_ratio: f64,
}

/// In thousandths of a token.
#[derive(Debug, Clone)]
pub(super) struct State {
    most: u64,
    back: u64,
    left: u64,
}

impl State {
    pub(super) fn new(rules: &Grpc) -> State {
        let most = u64::from(rules.tokens) * 1_000;
        State { most, back: (rules.token_ratio * 1e3).floor() as u64, left: most }
    }

    pub(super) fn failed(&mut self) {
        self.left = self.left.saturating_sub(1_000);
    }

    pub(super) fn may_retry(&self) -> bool {
        self.left > self.most / 2
    }

    pub(super) fn succeeded(&mut self) {
        self.left = (self.left + self.back).min(self.most);
    }
}
