//! Service-level objectives.

/// `COMPONENT.METRIC[.STAT] OP VALUE`, checked against the component's kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Slo {
    /// As written.
    pub expression: String,
    pub component: String,
    /// Without its unit: `oldest_age`, `latency`, `recovery_time`.
    pub metric: String,
    /// `max`, `mean`, `p95` …; `None` for totals, `peak_backlog` and `recovery_time`.
    pub stat: Option<String>,
    pub op: Comparison,
    /// In seconds, per second, or a bare count.
    pub value: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Less,
    AtMost,
    Greater,
    AtLeast,
    Equal,
}

impl Comparison {
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Comparison::Less => left < right,
            Comparison::AtMost => left <= right,
            Comparison::Greater => left > right,
            Comparison::AtLeast => left >= right,
            Comparison::Equal => left == right,
        }
    }
}
