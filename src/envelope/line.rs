//! One estimate, the law behind it, and how its number reads.

use crate::units::{Duration, grouped, significant};

/// One estimate.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub component: String,
    /// Of the law, for programs: `utilization_start`.
    pub law: &'static str,
    /// `utilization at the start`.
    pub name: String,
    /// `ρ = λ·E[S] / c`.
    pub formula: &'static str,
    /// The numbers put in: `800 × 0.045 / 80`.
    pub arithmetic: String,
    /// In `unit`; `None` where the answer is no number: it never happens, there is no consumer.
    pub value: Option<f64>,
    pub unit: Unit,
    /// With its unit, ready to print: `0.45`, `14m12s`.
    pub result: String,
    /// When it does not hold.
    pub caveat: String,
    /// Belongs on the page of a report; the others are for those who ask.
    pub headline: bool,
}

/// What a value counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A ratio without a bound.
    Ratio,
    /// Of a whole: 0 … 1.
    Share,
    Seconds,
    PerSecond,
    Messages,
    /// Pieces of work at once.
    Slots,
    Replicas,
    Partitions,
    Bytes,
    Requests,
    /// In the file's currency, for 30 days.
    Money,
}

impl Unit {
    /// The word in JSON; empty for bare ratios.
    pub fn word(self) -> &'static str {
        match self {
            Unit::Ratio => "",
            Unit::Share => "share",
            Unit::Seconds => "s",
            Unit::PerSecond => "per_s",
            Unit::Messages => "messages",
            Unit::Slots => "slots",
            Unit::Replicas => "replicas",
            Unit::Partitions => "partitions",
            Unit::Bytes => "bytes",
            Unit::Requests => "requests",
            Unit::Money => "per_30_days",
        }
    }

    /// As people write it.
    pub fn text(self, value: f64) -> String {
        if !value.is_finite() {
            return "without end".into();
        }
        match self {
            Unit::Ratio => significant(value, 3),
            Unit::Share if value > 0.0 && value < LEAST => "under 0.0001 %".into(),
            Unit::Share => format!("{} %", significant(value * 100.0, 3)),
            Unit::Seconds => clock(value),
            Unit::PerSecond => format!("{}/s", significant(value, 4)),
            Unit::Messages | Unit::Slots | Unit::Requests => count(value),
            Unit::Money => format!("{} per 30 days", significant(value, 4)),
            Unit::Replicas | Unit::Partitions => grouped(value, 0),
            Unit::Bytes => bytes(value),
        }
    }
}

/// What a line says whatever the numbers are.
pub(super) struct Law {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) formula: &'static str,
    pub(super) unit: Unit,
    pub(super) caveat: &'static str,
    pub(super) headline: bool,
}

impl Law {
    /// The line with its number.
    pub(super) fn line(&self, component: &str, arithmetic: String, value: f64) -> Line {
        Line {
            component: component.into(),
            law: self.id,
            name: self.name.into(),
            formula: self.formula,
            arithmetic,
            value: value.is_finite().then_some(value),
            unit: self.unit,
            result: self.unit.text(value),
            caveat: self.caveat.into(),
            headline: self.headline,
        }
    }

    /// The line where the answer is a word.
    pub(super) fn said(&self, component: &str, arithmetic: String, result: &str) -> Line {
        Line { value: None, result: result.into(), ..self.line(component, arithmetic, f64::NAN) }
    }
}

impl Line {
    /// With another result than the unit's own way of writing it.
    pub(super) fn reads(mut self, result: String) -> Line {
        self.result = result;
        self
    }

    /// With one more reason for which it does not hold.
    pub(super) fn but(mut self, more: &str) -> Line {
        if !more.is_empty() {
            let joint = if self.caveat.is_empty() { "" } else { "; " };
            self.caveat = format!("{}{joint}{more}", self.caveat);
        }
        self
    }
}

/// A probability or a factor put into a sum.
pub(super) fn factor(value: f64) -> String {
    if value > 0.0 && value < LEAST { "under 0.000001".into() } else { significant(value, 4) }
}

/// Smaller shares are said to be so.
const LEAST: f64 = 1e-6;

/// Whole from 100 up, three digits below.
pub(super) fn count(value: f64) -> String {
    if value.abs() >= 100.0 || value == value.trunc() { grouped(value, 0) } else { significant(value, 3) }
}

/// A length of time to about three digits: `1.23ms`, `45.1s`, `14m12s`.
pub(super) fn clock(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "without end".into();
    }
    if seconds >= 60.0 {
        let step = if seconds >= 36_000.0 { 60.0 } else { 1.0 };
        return Duration::from_seconds((seconds / step).round() * step).to_string();
    }
    if seconds > 0.0 && seconds < 1e-9 {
        return "under 1ns".into();
    }
    let (unit, size) = match seconds {
        s if s >= 1.0 || s <= 0.0 => ("s", 1.0),
        s if s >= 1e-3 => ("ms", 1e-3),
        s if s >= 1e-6 => ("us", 1e-6),
        _ => ("ns", 1e-9),
    };
    format!("{}{unit}", significant(seconds / size, 3))
}

/// Base 10 alone, for what is put in.
pub(super) fn size(value: f64) -> String {
    bytes(value).split(" = ").next().unwrap_or_default().to_owned()
}

/// Base 10 and base 2, as disks and memory are sold: `4 TB = 3.64 TiB`.
pub(super) fn bytes(value: f64) -> String {
    let scaled = |base: f64, units: [&str; 6]| {
        let step = if value < base { 0 } else { (value.ln() / base.ln() + 1e-9).floor().min(5.0) as usize };
        format!("{} {}", significant(value / base.powi(step as i32), 3), units[step])
    };
    let ten = scaled(1e3, ["B", "KB", "MB", "GB", "TB", "PB"]);
    if value < 1024.0 {
        return ten;
    }
    format!("{ten} = {}", scaled(1024.0, ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]))
}

/// Whole things enough for `exact` of them; a rounding error is not a reason for one more.
pub(super) fn whole(exact: f64) -> f64 {
    (exact * (1.0 - 1e-12)).ceil().max(0.0)
}

/// `8 (7.4 rounded up)`, or `45` where it is whole.
pub(super) fn rounded_up(exact: f64) -> String {
    let up = whole(exact);
    if (up - exact).abs() < 1e-9 * up.max(1.0) {
        return grouped(up, 0);
    }
    format!("{} ({} rounded up)", grouped(up, 0), significant(exact, 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_not_seven() {
        assert_eq!(rounded_up(7.4), "8 (7.4 rounded up)");
        assert_eq!(rounded_up(250.0 * 0.18), "45");
        assert_eq!((whole(0.7 / 0.07), whole(45.0 / 0.7)), (10.0, 65.0));
    }

    #[test]
    fn both_bases_are_said() {
        assert_eq!(bytes(4e12), "4 TB = 3.64 TiB");
        assert_eq!((bytes(1000.0), size(2048.0)), ("1 KB".into(), "2.05 KB".into()));
        assert_eq!(bytes(512.0), "512 B");
    }

    #[test]
    fn lengths_of_time_are_short() {
        assert_eq!(
            [2800.0, 45.12, 0.012_34, 0.000_05, 0.0].map(clock),
            ["46m40s", "45.1s", "12.3ms", "50us", "0s"].map(String::from)
        );
    }
}
