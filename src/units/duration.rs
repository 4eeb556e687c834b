//! A length of time, written `"250ms"`, `"1h30m"`, `"7d"`.

use super::{Nanos, split_number};

/// A non-negative length of time in whole nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Duration(pub Nanos);

/// Unit names and their nanoseconds, longest first: the order in which they are printed.
const UNITS: [(&str, f64); 8] =
    [("w", 604_800e9), ("d", 86_400e9), ("h", 3_600e9), ("m", 60e9), ("s", 1e9), ("ms", 1e6), ("us", 1e3), ("ns", 1.0)];

/// About 290 years; what an unsigned count of nanoseconds holds with room for sums.
const LONGEST_NS: f64 = 9.2e18;

impl Duration {
    pub const ZERO: Duration = Duration(0);

    /// From seconds, rounded to the nearest nanosecond; negative and NaN become zero.
    pub fn from_seconds(seconds: f64) -> Duration {
        Duration((seconds * 1e9).round().max(0.0) as Nanos)
    }

    pub fn seconds(self) -> f64 {
        super::seconds(self.0)
    }

    pub fn ns(self) -> Nanos {
        self.0
    }

    /// Reads one or more `number unit` parts. The error is a sentence for the user.
    pub fn parse(text: &str) -> Result<Duration, String> {
        let mut rest = text.trim();
        let mut total = 0.0;
        let hint = "durations are written \"250ms\", \"1h30m\" or \"7d\" (ns, us, ms, s, m, h, d, w)";
        if rest.is_empty() {
            return Err(format!("an empty duration; {hint}"));
        }
        while !rest.is_empty() {
            let Some((number, after)) = split_number(rest) else {
                return Err(format!("\"{text}\" is not a duration; {hint}"));
            };
            let end = after.find(|c: char| !(c.is_alphabetic() || c == 'µ')).unwrap_or(after.len());
            let unit = match &after[..end] {
                "µs" | "μs" => "us",
                "min" => "m",
                "sec" => "s",
                unit => unit,
            };
            if unit.is_empty() {
                return Err(format!("\"{text}\" has no unit; {hint}"));
            }
            let Some((_, ns)) = UNITS.iter().find(|(name, _)| *name == unit) else {
                return Err(format!("\"{unit}\" is not a unit of time; {hint}"));
            };
            if number < 0.0 {
                return Err(format!("\"{text}\" is negative; a duration is zero or more"));
            }
            total += number * ns;
            rest = after[end..].trim_start();
        }
        if total > LONGEST_NS {
            return Err(format!("\"{text}\" is longer than 290 years, which is more than the clock holds"));
        }
        Ok(Duration(total.round() as Nanos))
    }
}

/// Prints so that `parse` reads the same value back: `1h30m`, `2.5s`, `250ms`.
impl std::fmt::Display for Duration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ns = self.0;
        if ns == 0 {
            return f.write_str("0s");
        }
        if ns < super::SECOND {
            let (unit, size) = match ns {
                1_000_000.. => ("ms", 1e6),
                1_000.. => ("us", 1e3),
                _ => ("ns", 1.0),
            };
            return write!(f, "{}{unit}", ns as f64 / size);
        }
        let mut rest = ns;
        for (unit, size) in [("d", 86_400), ("h", 3_600), ("m", 60)] {
            let count = rest / (size * super::SECOND);
            if count > 0 {
                write!(f, "{count}{unit}")?;
                rest %= size * super::SECOND;
            }
        }
        if rest > 0 {
            write!(f, "{}s", rest as f64 / 1e9)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_mean_what_they_say() {
        for (text, ns) in [
            ("250ms", 250_000_000),
            ("1h30m", 5_400_000_000_000),
            ("7d", 604_800_000_000_000),
            ("1.5s", 1_500_000_000),
            ("0s", 0),
            ("10us", 10_000),
            ("1 m 30 s", 90_000_000_000),
        ] {
            assert_eq!(Duration::parse(text), Ok(Duration(ns)), "{text}");
            assert_eq!(Duration::parse(&Duration(ns).to_string()), Ok(Duration(ns)), "{text} printed and read back");
        }
        for text in ["", "5", "ms", "5 parsecs", "-1s", "NaNs", "1e9w", "99999999w"] {
            assert!(Duration::parse(text).is_err(), "{text}");
        }
    }
}
