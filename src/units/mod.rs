//! Quantities that cannot be mixed up: time, rate, share, size, price; read from text, printed for people.
//!
//! Architecture invariant: this room knows nothing of queues. It parses, prints and does checked arithmetic.

mod duration;
mod number;
mod price;
mod rate;
mod share;
mod size;

pub use duration::Duration;
pub use number::{grouped, significant};
pub use price::{Per, Price};
pub use rate::Rate;
pub use share::Share;
pub use size::Size;

/// A point on the simulation's clock, or a distance on it, in whole nanoseconds.
pub type Nanos = u64;

/// One second in nanoseconds.
pub const SECOND: Nanos = 1_000_000_000;

/// Nanoseconds as seconds, for results. Exact up to 2⁵³ ns (104 days), within one part in 10¹⁶ beyond.
pub fn seconds(ns: Nanos) -> f64 {
    ns as f64 / 1e9
}

/// Splits `"250 ms"` into its number and its unit; `None` where no number stands in front.
pub(crate) fn split_number(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text
        .char_indices()
        .find(|&(i, c)| !(c.is_ascii_digit() || c == '.' || c == '_' || ((c == '-' || c == '+') && i == 0)))
        .map_or(text.len(), |(i, _)| i);
    let number: f64 = text[..end].replace('_', "").parse().ok()?;
    Some((number, text[end..].trim()))
}
