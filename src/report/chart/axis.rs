//! Axes: scales, and ticks at round places with labels people read.

use crate::report::figures::duration;
use crate::units::{grouped, significant};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Count,
    /// Per second or one thing a piece of another; the axis title says so.
    Rate,
    Seconds,
    Share,
}

/// From values to the share of the axis' length, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scale {
    /// From zero.
    Linear {
        high: f64,
    },
    /// Linear between two values.
    Between {
        low: f64,
        high: f64,
    },
    Log {
        low: f64,
        high: f64,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    pub(super) value: f64,
    pub(super) label: String,
}

impl Scale {
    pub(super) fn share(self, value: f64) -> f64 {
        match self {
            Scale::Linear { high } => value / high,
            Scale::Between { low, high } => (value - low) / (high - low),
            Scale::Log { low, high } => (value.max(low) / low).ln() / (high / low).ln(),
        }
        .clamp(0.0, 1.0)
    }

    fn holds(self, value: f64) -> bool {
        match self {
            Scale::Linear { high } => value <= high * (1.0 + 1e-9),
            Scale::Between { low, high } => {
                let slack = (high - low) * 1e-9;
                value >= low - slack && value <= high + slack
            }
            Scale::Log { low, high } => value >= low * (1.0 - 1e-9) && value <= high * (1.0 + 1e-9),
        }
    }
}

/// Steps of time that people count in, seconds.
const TIME_STEPS: [f64; 25] = [
    1.0,
    2.0,
    5.0,
    10.0,
    15.0,
    30.0,
    60.0,
    120.0,
    300.0,
    600.0,
    900.0,
    1_800.0,
    3_600.0,
    7_200.0,
    10_800.0,
    21_600.0,
    43_200.0,
    86_400.0,
    172_800.0,
    432_000.0,
    864_000.0,
    1_728_000.0,
    4_320_000.0,
    8_640_000.0,
    31_536_000.0,
];
/// Ticks of a logarithmic axis of time, seconds: about ten times one another, and round in their units.
const TIME_DECADES: [f64; 13] =
    [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0, 60.0, 600.0, 3_600.0, 36_000.0, 345_600.0];

/// Ticks of a logarithmic axis of time that is too short for decades, seconds.
fn between_decades() -> impl Iterator<Item = f64> {
    let fractions = (1..=6).rev().flat_map(|power| [1.0, 2.0, 5.0].map(|factor| factor / 10_f64.powi(power)));
    let lengths = [1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_200.0, 1_800.0, 3_600.0, 7_200.0];
    fractions.chain(lengths).chain([18_000.0, 36_000.0, 86_400.0, 172_800.0, 432_000.0])
}

/// Ticks of a value axis, about `count` of them.
pub(super) fn ticks(scale: Scale, unit: Unit, count: f64) -> Vec<Tick> {
    let values: Vec<f64> = match (scale, unit) {
        (Scale::Log { .. }, Unit::Seconds) => {
            let decades: Vec<f64> = TIME_DECADES.into_iter().filter(|&value| scale.holds(value)).collect();
            if decades.len() > 2 { decades } else { between_decades().filter(|&value| scale.holds(value)).collect() }
        }
        (Scale::Log { low, .. }, _) => {
            let first = low.log10().floor() as i32;
            (first..first + 25).map(|power| 10_f64.powi(power)).filter(|&value| scale.holds(value)).collect()
        }
        (Scale::Linear { high }, _) => {
            let step = step(high / count, unit);
            (0..50).map(|i| f64::from(i) * step).filter(|&value| scale.holds(value)).collect()
        }
        (Scale::Between { low, high }, _) => {
            let step = step((high - low) / count, unit);
            let first = (low / step).ceil();
            (0..50).map(|i| (first + f64::from(i)) * step).filter(|&value| scale.holds(value)).collect()
        }
    };
    let greatest = values.last().copied().unwrap_or(0.0);
    let label = |value| label(value, unit, if matches!(scale, Scale::Log { .. }) { value } else { greatest });
    values.into_iter().map(|value| Tick { value, label: label(value) }).collect()
}

fn step(least: f64, unit: Unit) -> f64 {
    match unit {
        Unit::Seconds if least >= 1.0 => {
            TIME_STEPS.into_iter().find(|&step| step >= least).unwrap_or_else(|| round_step(least))
        }
        Unit::Count => round_step(least).max(1.0),
        Unit::Share => [0.05, 0.1, 0.25].into_iter().find(|&step| step >= least).unwrap_or(0.25),
        Unit::Seconds | Unit::Rate => round_step(least),
    }
}

/// 1, 2, 2.5 or 5 times a power of ten; 2.5 only where it gives whole numbers.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let factors: &[f64] = if power >= 10.0 { &[1.0, 2.0, 2.5, 5.0] } else { &[1.0, 2.0, 5.0] };
    let steps = factors.iter().map(|factor| factor * power);
    steps.into_iter().find(|&step| step >= least * (1.0 - 1e-9)).unwrap_or(power * 10.0)
}

/// `like` is the value whose thousands or millions this one is written in, so that an axis has one style.
fn label(value: f64, unit: Unit, like: f64) -> String {
    match unit {
        Unit::Count | Unit::Rate => match size(like) {
            (_, "") => short(value, 4, true),
            _ if value == 0.0 => "0".into(),
            (size, suffix) => format!("{}{suffix}", significant(value / size, 4)),
        },
        Unit::Seconds if value == 0.0 => "0".into(),
        Unit::Seconds => duration(value),
        Unit::Share => format!("{} %", significant(value * 100.0, 3)),
    }
}

/// `950`, `9,500`, `50k`, `1.5M`; `trimmed` leaves zeros after the point away.
pub(super) fn short(value: f64, digits: usize, trimmed: bool) -> String {
    let (size, suffix) = size(value);
    if suffix.is_empty() {
        return if value.abs() >= 100.0 { grouped(value, 0) } else { significant(value, digits) };
    }
    let scaled = value / size;
    if trimmed {
        return format!("{}{suffix}", significant(scaled, digits));
    }
    let whole = scaled.abs().log10().floor().max(0.0) as usize + 1;
    format!("{}{suffix}", grouped(scaled, digits.saturating_sub(whole)))
}

/// What a number is written in, and the letter for it.
fn size(value: f64) -> (f64, &'static str) {
    match value.abs() {
        v if v >= 999_500_000.0 => (1e9, "G"),
        v if v >= 999_500.0 => (1e6, "M"),
        v if v >= 10_000.0 => (1e3, "k"),
        _ => (1.0, ""),
    }
}

/// Ticks of the clock along the bottom, and the axis' title, which says how to read them.
pub(super) fn clock(end_s: f64, count: f64) -> (Vec<Tick>, &'static str) {
    let step = TIME_STEPS.into_iter().find(|&step| step >= end_s / count).unwrap_or_else(|| round_step(end_s / count));
    let (title, label): (_, fn(u64) -> String) = match end_s {
        s if s < 10.0 => ("time (s)", |s| s.to_string()),
        s if s <= 5_400.0 => ("time (min:s)", |s| format!("{}:{:02}", s / 60, s % 60)),
        s if s <= 172_800.0 => ("time (h:min)", |s| format!("{}:{:02}", s / 3_600, s / 60 % 60)),
        _ if step < 86_400.0 => ("time (days, h:min)", |s| match s % 86_400 {
            0 => format!("day {}", s / 86_400),
            rest => format!("{}:{:02}", rest / 3_600, rest / 60 % 60),
        }),
        _ => ("time (days)", |s| (s / 86_400).to_string()),
    };
    if end_s < 10.0 {
        return (ticks(Scale::Linear { high: end_s }, Unit::Rate, count), title);
    }
    let whole = (0..200).map(|i| f64::from(i) * step).take_while(|&value| value <= end_s * (1.0 + 1e-9));
    (whole.map(|value| Tick { value, label: label(value as u64) }).collect(), title)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn ticks_are_round() {
        let linear = |high, unit| ticks(Scale::Linear { high }, unit, 5.0);
        assert_eq!(labels(&linear(1.6e6, Unit::Count)), ["0", "0.5M", "1M", "1.5M"]);
        assert_eq!(labels(&linear(10_400.0, Unit::Rate)), ["0", "2.5k", "5k", "7.5k", "10k"]);
        assert_eq!(labels(&linear(9_000.0, Unit::Rate)), ["0", "2,000", "4,000", "6,000", "8,000"]);
        assert_eq!(labels(&linear(620.0, Unit::Seconds)), ["0", "5m", "10m"]);
        assert_eq!(labels(&linear(3.0, Unit::Count)), ["0", "1", "2", "3"]);
        assert_eq!(labels(&linear(1.0, Unit::Share)), ["0 %", "25 %", "50 %", "75 %", "100 %"]);
        let log = ticks(Scale::Log { low: 0.02, high: 700.0 }, Unit::Seconds, 5.0);
        assert_eq!(labels(&log), ["100 ms", "1 s", "10 s", "1m", "10m"]);
        let short = ticks(Scale::Log { low: 2.0, high: 150.0 }, Unit::Seconds, 5.0);
        assert_eq!(labels(&short), ["2 s", "5 s", "10 s", "20 s", "30 s", "1m", "2m"]);
    }

    #[test]
    fn the_clock_follows_the_range() {
        assert_eq!(labels(&clock(2_700.0, 8.0).0)[..3], ["0:00", "10:00", "20:00"]);
        assert_eq!(labels(&clock(86_400.0, 8.0).0)[..3], ["0:00", "3:00", "6:00"]);
        assert_eq!(labels(&clock(7.0 * 86_400.0, 8.0).0)[..3], ["0", "1", "2"]);
        assert_eq!(clock(2_700.0, 8.0).1, "time (min:s)");
    }

    #[test]
    fn short_numbers() {
        assert_eq!(short(1_498_210.0, 3, false), "1.50M");
        assert_eq!([short(950.0, 3, true), short(9_500.0, 3, true), short(50_000.0, 3, true)], ["950", "9,500", "50k"]);
    }
}
