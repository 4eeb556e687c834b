//! Messages per time, written `"800/s"`, `"12k/min"`, `"1.2M/h"`.

use super::split_number;

/// A non-negative number of things per second.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Rate(pub f64);

impl Rate {
    pub fn per_second(self) -> f64 {
        self.0
    }

    /// Reads `number[k|M|G]/unit`. The error is a sentence for the user.
    pub fn parse(text: &str) -> Result<Rate, String> {
        let hint = "rates are written \"800/s\", \"12k/min\" or \"1.2M/h\"";
        let Some((count, per)) = text.split_once('/') else {
            return Err(format!("\"{text}\" is not a rate; {hint}"));
        };
        let Some((number, factor)) = split_number(count) else {
            return Err(format!("\"{text}\" is not a rate; {hint}"));
        };
        let factor = match factor {
            "" => 1.0,
            "k" | "K" => 1e3,
            "M" => 1e6,
            "G" => 1e9,
            other => return Err(format!("\"{other}\" is not a multiplier (k, M or G); {hint}")),
        };
        let seconds = match per.trim() {
            "ms" => 1e-3,
            "s" | "sec" | "second" => 1.0,
            "m" | "min" | "minute" => 60.0,
            "h" | "hour" => 3_600.0,
            "d" | "day" => 86_400.0,
            other => return Err(format!("\"{other}\" is not a unit of time for a rate (s, min, h, d); {hint}")),
        };
        if number < 0.0 {
            return Err(format!("\"{text}\" is negative; a rate is zero or more"));
        }
        let rate = number * factor / seconds;
        if !rate.is_finite() || rate > 1e12 {
            return Err(format!("\"{text}\" is more than 10¹² a second, which no clock of nanoseconds resolves"));
        }
        Ok(Rate(rate))
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/s", super::significant(self.0, 4))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_mean_what_they_say() {
        for (text, rate) in [("800/s", 800.0), ("12k/min", 200.0), ("1.2M/h", 1_200_000.0 / 3600.0), ("0/s", 0.0)] {
            assert_eq!(Rate::parse(text), Ok(Rate(rate)), "{text}");
        }
        for text in ["800", "800/parsec", "-1/s", "x/s", "5q/s", "1000000000G/s"] {
            assert!(Rate::parse(text).is_err(), "{text}");
        }
    }
}
