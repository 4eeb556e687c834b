//! How the options of `tailback check` read: quantities as in a scenario, without quotation marks.

use crate::broker::{self, Shape};
use crate::units::{Duration, Price, Rate, Share, Size};

pub(super) fn rate(text: &str) -> Result<f64, String> {
    Rate::parse(text).map(Rate::per_second)
}

pub(super) fn time(text: &str) -> Result<f64, String> {
    match Duration::parse(text)? {
        Duration::ZERO => Err("longer than no time at all".into()),
        time => Ok(time.seconds()),
    }
}

pub(super) fn share(text: &str) -> Result<f64, String> {
    Share::parse(text).map(Share::value)
}

pub(super) fn size(text: &str) -> Result<u64, String> {
    Size::parse(text).map(|size| size.0)
}

pub(super) fn ratio(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| format!("\"{text}\" is not a number"))?;
    if number.is_finite() && number >= 0.0 { Ok(number) } else { Err("a number from 0 up".into()) }
}

pub(super) fn factor(text: &str) -> Result<f64, String> {
    let number = ratio(text)?;
    if number >= 1.0 { Ok(number) } else { Err("the busiest hour is at least as busy as the mean: from 1 up".into()) }
}

/// `14000`, `4.2M`.
pub(super) fn count(text: &str) -> Result<f64, String> {
    let trimmed = text.trim();
    let (digits, scale) = match trimmed.char_indices().next_back() {
        Some((at, 'k' | 'K')) => (&trimmed[..at], 1e3),
        Some((at, 'M')) => (&trimmed[..at], 1e6),
        Some((at, 'G' | 'B')) => (&trimmed[..at], 1e9),
        _ => (trimmed, 1.0),
    };
    let number: f64 = digits
        .replace(['_', ','], "")
        .trim()
        .parse()
        .map_err(|_| format!("\"{text}\" is not a number of things; write 14000, 12k or 4.2M"))?;
    let number = (number * scale).round();
    if (0.0..=1e15).contains(&number) { Ok(number) } else { Err(format!("\"{text}\" is out of range: 0 to 10¹⁵")) }
}

/// Kept as it was written.
pub(super) fn price(text: &str) -> Result<String, String> {
    Price::parse(text).map(|_| text.to_owned())
}

pub(super) fn spike(text: &str) -> Result<(f64, f64), String> {
    let hint = "write a rate and a time: 6000/s/5m";
    let (level, lasts) = text.rsplit_once('/').ok_or_else(|| format!("\"{text}\" is no spike; {hint}"))?;
    let level = rate(level).map_err(|why| format!("{why}; {hint}"))?;
    Ok((level, time(lasts).map_err(|why| format!("{why}; {hint}"))?))
}

pub(super) fn preset(text: &str) -> Result<String, String> {
    let known = [Shape::Queue, Shape::Stream].into_iter().any(|shape| broker::preset(text, shape).is_some());
    if known {
        Ok(text.into())
    } else {
        Err("no broker of that name has queues or streams; see tailback explain".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_read_as_people_write_them() {
        assert_eq!(spike("6000/s/5m"), Ok((6000.0, 300.0)));
        assert_eq!([count("4.2M"), count("14,000"), count("12k")], [Ok(4.2e6), Ok(14_000.0), Ok(12_000.0)]);
        for text in ["6000/s", "5m", "6000/s/5", ""] {
            assert!(spike(text).is_err(), "{text}");
        }
        for text in ["", "-3", "many", "1e99"] {
            assert!(count(text).is_err(), "{text}");
        }
        assert!(preset("sqs").is_ok() && preset("sns").is_err() && factor("0.5").is_err() && price("free").is_err());
    }
}
