//! Envoy's retry budget: retries under way are at most a share of the requests under way (brokers.md EN).

#[derive(Debug, Clone, PartialEq)]
pub struct Envoy {
    /// Retries under way ÷ requests under way.
    pub ratio: f64,
    /// So many retries may be under way in any case.
    pub min_concurrency: u32,
}

/// A retry that still waits counts as under way, for the retries and for the requests.
#[derive(Debug, Clone)]
pub(super) struct State {
    rules: Envoy,
    requests: u64,
    retries: u64,
}

impl State {
    pub(super) fn new(rules: &Envoy) -> State {
        State { rules: rules.clone(), requests: 0, retries: 0 }
    }

    pub(super) fn sent(&mut self) {
        self.requests += 1;
    }

    pub(super) fn ended(&mut self, retried: bool) {
        self.requests = self.requests.saturating_sub(1);
        self.retries -= u64::from(retried && self.retries > 0);
    }

    pub(super) fn may_retry(&mut self) -> bool {
        let share = (self.rules.ratio * self.requests as f64 + 1e-9) as u64;
        let granted = self.retries < share.max(u64::from(self.rules.min_concurrency));
        if granted {
            self.retries += 1;
            self.requests += 1;
        }
        granted
    }
}
