//! Figures as people write them: `14m 32s`, `1,498,210 ± 1,420`, `71 %`.

use crate::study::{Figure, FigureUnit, Stat};
use crate::units::{grouped, significant};

/// What stands where there is no figure.
pub(super) const NOTHING: &str = "–";

/// How a quantity is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    Count,
    Seconds,
    PerSecond,
    Share,
}

impl Quantity {
    /// From a metric's name, with its unit (`oldest_age_s`) or without (`oldest_age`, as in an SLO).
    pub(super) fn of(metric: &str) -> Quantity {
        match metric {
            "utilization" => Quantity::Share,
            "wait" | "latency" | "journey" | "oldest_age" | "recovery_time" | "peak_at" => Quantity::Seconds,
            "goodput" => Quantity::PerSecond,
            name if name.ends_with("_rate") || name.ends_with("_per_s") => Quantity::PerSecond,
            name if name.ends_with("_s") => Quantity::Seconds,
            _ => Quantity::Count,
        }
    }

    pub(super) fn of_figure(figure: &Figure) -> Quantity {
        match figure.unit {
            FigureUnit::Time => Quantity::Seconds,
            FigureUnit::PerTime => Quantity::PerSecond,
            // Utilization has a whole, amplification has none.
            FigureUnit::Ratio if figure.metric == "utilization" => Quantity::Share,
            // In whatever currency the prices are.
            FigureUnit::Count | FigureUnit::Ratio | FigureUnit::Money => Quantity::Count,
        }
    }

    pub(super) fn text(self, value: f64) -> String {
        match self {
            Quantity::Count => count(value),
            Quantity::Seconds => duration(value),
            Quantity::PerSecond => format!("{}/s", count(value)),
            Quantity::Share => percent(value),
        }
    }

    /// Mean with its interval, where there is one.
    pub(super) fn stat(self, stat: &Stat) -> String {
        self.interval(stat.mean, stat.ci95)
    }

    /// `mean ± half width`, the half width rounded up at the precision of the mean.
    pub(super) fn interval(self, mean: f64, ci95: Option<(f64, f64)>) -> String {
        let half = ci95.map_or(0.0, |(low, high)| (high - low) / 2.0);
        let text = self.text(mean);
        if !half.is_finite() || half <= 0.0 || !mean.is_finite() {
            return text;
        }
        let half = match self {
            Quantity::Count => half_width(mean, half),
            Quantity::PerSecond => return format!("{} ± {}/s", count(mean), half_width(mean, half)),
            Quantity::Seconds => half_length(mean.abs(), half),
            Quantity::Share => format!("{} %", half_width(mean * 100.0, half * 100.0)),
        };
        format!("{text} ± {half}")
    }
}

/// Rounded up at the last of the three digits that the mean is written with.
fn half_width(mean: f64, half: f64) -> String {
    let whole = mean.abs().max(1e-9).log10().floor() as i32 + 1;
    let decimals = (3 - whole).clamp(0, 12);
    let step = 10_f64.powi(decimals);
    // A little less than a step's fraction is an error of the arithmetic, not a reason to round up.
    let text = grouped((half * step - 1e-6).ceil().max(1.0) / step, decimals as usize);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

/// A half width in the unit that the mean is written in.
fn half_length(mean: f64, half: f64) -> String {
    match mean {
        s if s >= 3_600.0 => duration((half / 60.0).ceil() * 60.0),
        s if s >= 59.95 => duration(half.ceil()),
        s if s >= 0.999_5 => format!("{} s", half_width(s, half)),
        s if s >= 0.000_999_5 => format!("{} ms", half_width(s * 1e3, half * 1e3)),
        s => format!("{} µs", half_width(s * 1e6, half * 1e6)),
    }
}

/// A count or a mean of counts: whole from 100 up, three significant digits below.
pub(super) fn count(value: f64) -> String {
    if !value.is_finite() {
        NOTHING.into()
    } else if value.abs() >= 100.0 || value == value.trunc() {
        grouped(value, 0)
    } else {
        significant(value, 3)
    }
}

pub(super) fn percent(share: f64) -> String {
    if !share.is_finite() {
        return NOTHING.into();
    }
    let percent = share * 100.0;
    format!("{} %", if percent >= 99.95 { grouped(percent, 1) } else { significant(percent, 3) }).replace(".0 %", " %")
}

/// A length of time: `420 µs`, `45 ms`, `12.3 s`, `14m 32s`, `2h 05m`, `3d 4h`.
pub(super) fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return NOTHING.into();
    }
    if seconds < 0.0 {
        return format!("-{}", duration(-seconds));
    }
    if seconds < 59.95 {
        return match seconds {
            0.0 => "0 s".into(),
            s if s < 0.000_999_5 => format!("{} µs", significant(s * 1e6, 3)),
            s if s < 0.999_5 => format!("{} ms", significant(s * 1e3, 3)),
            s => format!("{} s", significant(s, 3)),
        };
    }
    let whole = seconds.round() as u64;
    let (days, hours, minutes, rest) = (whole / 86_400, whole / 3_600 % 24, whole / 60 % 60, whole % 60);
    match (days, hours, minutes, rest) {
        (0, 0, m, 0) => format!("{m}m"),
        (0, 0, m, s) => format!("{m}m {s:02}s"),
        (0, h, 0, _) => format!("{h}h"),
        (0, h, m, _) => format!("{h}h {m:02}m"),
        (d, 0, _, _) => format!("{d}d"),
        (d, h, _, _) => format!("{d}d {h}h"),
    }
}

/// A point on the clock of the run: `300 ms`, `5:07`, `1:02:03`, `2d 03:15`.
pub(super) fn instant(seconds: f64) -> String {
    if !seconds.is_finite() {
        return NOTHING.into();
    }
    if seconds > 0.0 && seconds < 10.0 {
        return duration(seconds);
    }
    let whole = seconds.max(0.0).round() as u64;
    let (days, hours, minutes, rest) = (whole / 86_400, whole / 3_600 % 24, whole / 60 % 60, whole % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes}:{rest:02}"),
        (0, h) => format!("{h}:{minutes:02}:{rest:02}"),
        (d, h) => format!("{d}d {h:02}:{minutes:02}"),
    }
}

/// `1 run`, `20 runs`.
pub(super) fn runs(count: u32) -> String {
    format!("{} {}", grouped(f64::from(count), 0), if count == 1 { "run" } else { "runs" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_people_write_them() {
        let spoken = [
            (0.0, "0 s"),
            (0.000_42, "420 µs"),
            (0.045, "45 ms"),
            (12.34, "12.3 s"),
            (59.97, "1m"),
            (872.0, "14m 32s"),
            (7_500.0, "2h 05m"),
            (273_600.0, "3d 4h"),
            (f64::NAN, "–"),
        ];
        for (seconds, text) in spoken {
            assert_eq!(duration(seconds), text);
        }
        assert_eq!((instant(900.0), instant(3_723.0)), ("15:00".into(), "1:02:03".into()));
    }

    #[test]
    fn figures_carry_their_interval() {
        assert_eq!(Quantity::Count.interval(1_498_210.4, Some((1_496_790.0, 1_499_630.0))), "1,498,210 ± 1,420");
        assert_eq!(Quantity::Seconds.interval(872.0, Some((868.5, 875.5))), "14m 32s ± 4 s");
        assert_eq!(Quantity::Seconds.interval(2.5813, Some((2.5721, 2.5905))), "2.58 s ± 0.01 s");
        assert_eq!(Quantity::Seconds.interval(8_220.0, Some((8_078.0, 8_362.0))), "2h 17m ± 3m");
        assert_eq!(Quantity::Share.interval(0.583, Some((0.5816, 0.5844))), "58.3 % ± 0.2 %");
        assert_eq!(Quantity::Share.interval(0.71, None), "71 %");
        assert_eq!(Quantity::of("publish_rate_per_s").text(1234.5), "1,234/s");
        assert_eq!((percent(1.0), percent(0.9999)), ("100 %".into(), "100 %".into()));
    }
}
