//! Service-level objectives, and the figures that they bound.

/// `COMPONENT.METRIC[.STAT]`, checked against the component's kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// As written, without blanks.
    pub expression: String,
    /// Empty for figures of the whole scenario.
    pub component: String,
    /// Without its unit: `oldest_age`, `latency`, `recovery_time`.
    pub metric: String,
    /// `max`, `mean`, `p95` …; `None` for totals, `peak_backlog` and `recovery_time`.
    pub stat: Option<String>,
    pub unit: FigureUnit,
    /// Of all messages of all runs together, not one number a run.
    pub pooled: bool,
}

/// What a figure's value is written in; values are in seconds, per second, or bare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FigureUnit {
    Count,
    Time,
    PerTime,
    Ratio,
    /// In the scenario's currency.
    Money,
}

/// `COMPONENT.METRIC[.STAT] OP VALUE`.
#[derive(Debug, Clone, PartialEq)]
pub struct Slo {
    /// As written.
    pub expression: String,
    pub figure: Figure,
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
