//! Money for so much of something, written `"0.08/h"`, `"0.40/M"`, `"0.09/GB"` or `"0.023/GB-month"`.
//!
//! The money is a bare number: a scenario says once what it is counted in. A month is 30 days.

use super::split_number;

/// What a price is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// Requests, messages, calls.
    Count,
    Time,
    Bytes,
    /// Bytes kept for a time.
    ByteTime,
}

/// A price as it was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price {
    pub amount: f64,
    /// So many of the unit: 10 in `"0.05/10k"`.
    times: f64,
    unit: &'static str,
    /// Seconds, bytes or byte·seconds in one unit; how many in one unit of a count.
    size: f64,
    pub per: Per,
}

const COUNTS: [(&str, f64); 4] = [("k", 1e3), ("K", 1e3), ("M", 1e6), ("G", 1e9)];
const TIMES: [(&str, f64); 10] = [
    ("s", 1.0),
    ("m", 60.0),
    ("min", 60.0),
    ("h", 3_600.0),
    ("hour", 3_600.0),
    ("d", 86_400.0),
    ("day", 86_400.0),
    ("w", 604_800.0),
    ("mo", 2_592_000.0),
    ("month", 2_592_000.0),
];
const BYTES: [(&str, f64); 8] = [
    ("MB", 1e6),
    ("GB", 1e9),
    ("TB", 1e12),
    ("PB", 1e15),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("TiB", 1_099_511_627_776.0),
    ("PiB", 1_125_899_906_842_624.0),
];
/// Sizes kept for a time, as they are printed.
const BYTE_TIMES: [(&str, &str, &str); 12] = [
    ("MB-s", "MB", "s"),
    ("MB-h", "MB", "h"),
    ("MB-month", "MB", "month"),
    ("GB-s", "GB", "s"),
    ("GB-h", "GB", "h"),
    ("GB-month", "GB", "month"),
    ("GiB-s", "GiB", "s"),
    ("GiB-h", "GiB", "h"),
    ("GiB-month", "GiB", "month"),
    ("TB-month", "TB", "month"),
    ("TiB-month", "TiB", "month"),
    ("TiB-h", "TiB", "h"),
];

impl Price {
    /// Reads `amount/unit`. The error is a sentence for the user.
    pub fn parse(text: &str) -> Result<Price, String> {
        let hint = "prices are written \"0.08/h\", \"0.40/M\" (of a million), \"0.09/GB\" or \"0.023/GB-month\"";
        let wrong = || format!("\"{text}\" is not a price; {hint}");
        let (amount, unit) = text.split_once('/').ok_or_else(wrong)?;
        let Some((amount, rest)) = split_number(amount) else {
            return match amount.trim().starts_with(|c: char| !c.is_ascii_digit()) {
                true => Err(format!(
                    "\"{text}\" names a currency; say `currency` once at the top, and here the number alone"
                )),
                false => Err(wrong()),
            };
        };
        if !rest.is_empty() {
            return Err(format!(
                "\"{text}\" has {rest:?} behind its number; say `currency` once at the top, and {hint}"
            ));
        }
        if amount < 0.0 || !amount.is_finite() {
            return Err(format!("\"{text}\" is no price to pay: it is zero or more; {hint}"));
        }
        let (times, unit) = split_number(unit).unwrap_or((1.0, unit.trim()));
        if times <= 0.0 {
            return Err(format!("\"{text}\" is for nothing at all; {hint}"));
        }
        let found = |list: &[(&'static str, f64)]| list.iter().find(|(name, _)| *name == unit).copied();
        let price = |(unit, size), per| Price { amount, times, unit, size, per };
        if let Some(unit) = found(&COUNTS) {
            Ok(price(unit, Per::Count))
        } else if let Some(unit) = found(&TIMES) {
            Ok(price(unit, Per::Time))
        } else if let Some(unit) = found(&BYTES) {
            Ok(price(unit, Per::Bytes))
        } else if let Some((name, of, time)) = BYTE_TIMES.iter().find(|(name, ..)| *name == unit) {
            let size = |list: &[(&str, f64)], name: &str| {
                list.iter().find(|(other, _)| *other == name).map_or(1.0, |(_, n)| *n)
            };
            Ok(price((*name, size(&BYTES, of) * size(&TIMES, time)), Per::ByteTime))
        } else if unit.is_empty() {
            Ok(price(("", 1.0), Per::Count))
        } else {
            Err(format!("\"{unit}\" is nothing that a price is for; {hint}"))
        }
    }

    /// Of one thing, one second, one byte or one byte·second.
    pub fn each(&self) -> f64 {
        self.amount / (self.times * self.size)
    }

    /// What it is for, as written: `h`, `M`, `GB-month`; empty for single things.
    pub fn unit(&self) -> &'static str {
        self.unit
    }

    /// How many of its unit these are: of `"0.40/M"`, 2,500,000 requests are 2.5.
    pub fn units(&self, quantity: f64) -> f64 {
        quantity / self.size
    }
}

impl std::fmt::Display for Price {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.times == 1.0 && !self.unit.is_empty() {
            true => write!(f, "{}/{}", self.amount, self.unit),
            false => write!(f, "{}/{}{}", self.amount, self.times, self.unit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_mean_what_they_say() {
        let cases = [
            ("0.08/h", 0.08 / 3_600.0, Per::Time),
            ("72/month", 72.0 / 2_592_000.0, Per::Time),
            ("0.40/M", 4e-7, Per::Count),
            ("0.05/10k", 5e-6, Per::Count),
            ("3/1", 3.0, Per::Count),
            ("40/TiB", 40.0 / 1_099_511_627_776.0, Per::Bytes),
            ("0.25/GB-month", 0.25 / (1e9 * 2_592_000.0), Per::ByteTime),
            ("0.0000166667/GB-s", 1.66667e-14, Per::ByteTime),
            ("0/h", 0.0, Per::Time),
        ];
        for (text, each, per) in cases {
            let price = Price::parse(text).unwrap();
            assert!((price.each() - each).abs() <= 1e-12 * each, "{text}: {}", price.each());
            assert_eq!(price.per, per, "{text}");
            assert_eq!(Price::parse(&price.to_string()), Ok(price), "{text}");
        }
    }

    #[test]
    fn what_is_no_price_is_told_why() {
        for (text, why) in [
            ("0.08", "is not a price"),
            ("$0.08/h", "currency"),
            ("0.08 USD/h", "currency"),
            ("-1/h", "zero or more"),
            ("1/parsec", "nothing that a price is for"),
            ("1/0M", "nothing at all"),
        ] {
            let sentence = Price::parse(text).unwrap_err();
            assert!(sentence.contains(why), "{text}: {sentence}");
        }
    }
}
