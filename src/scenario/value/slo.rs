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

impl Figure {
    /// The share of messages at or below the value, of a figure that is a quantile of them.
    pub fn quantile(&self) -> Option<f64> {
        self.stat.as_deref().filter(|_| self.pooled).and_then(quantile_share)
    }
}

/// `p80` is 0.80 and `p999` is 0.999: the digits are those after the point, two of them or more.
pub fn quantile_share(stat: &str) -> Option<f64> {
    let digits = stat.strip_prefix('p').filter(|digits| (2..=6).contains(&digits.len()) && *digits != "100")?;
    let share: f64 = digits.bytes().all(|b| b.is_ascii_digit()).then(|| format!("0.{digits}").parse().ok())??;
    (share > 0.0).then_some(share)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_of_a_quantile_stand_after_the_point() {
        assert_eq!(["p80", "p05", "p999", "p50"].map(quantile_share), [Some(0.8), Some(0.05), Some(0.999), Some(0.5)]);
        assert_eq!(["p5", "p100", "p00", "p", "max", "p9x", "99"].map(quantile_share), [None; 7]);
    }
}
