//! Knobs: a path of the scenario and the values it is to take.
//!
//! Written `path=50..200:10` (from, to, step; both ends belong to it), `path=50..200` (a range to search in), or
//! `path=50,100,200`. Values carry the units of the file: `service=10ms..60ms:10ms`, `rate=500/s..5k/s:500/s`,
//! `failure=1%..9%:2%`. A list may hold anything that the key takes, such as names of brokers.

use crate::units::{Duration, Rate, Share, Size};

/// A path and the values it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Knob {
    /// As for `--set`.
    pub path: String,
    pub unit: KnobUnit,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Span {
    List(Vec<KnobValue>),
    /// In the knob's unit; `step` is `None` where none was given.
    Range {
        low: f64,
        high: f64,
        step: Option<f64>,
    },
}

/// One value, as `--set` would write it.
#[derive(Debug, Clone, PartialEq)]
pub struct KnobValue {
    pub text: String,
    /// In seconds, per second, bytes, as a share from 0 to 1, or bare; `None` for a word.
    pub number: Option<f64>,
}

/// What a knob's numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnobUnit {
    Plain,
    Seconds,
    PerSecond,
    Share,
    Bytes,
    /// Words, or values of several kinds.
    Words,
}

impl KnobUnit {
    /// A number of this unit as the scenario writes it.
    pub fn text(self, number: f64) -> String {
        match self {
            KnobUnit::Plain | KnobUnit::Words => format!("{number}"),
            KnobUnit::Seconds => Duration::from_seconds(number).to_string(),
            KnobUnit::PerSecond => format!("{number}/s"),
            KnobUnit::Share => format!("{}%", tidy(number * 100.0)),
            KnobUnit::Bytes => format!("{} B", number.round()),
        }
    }
}

/// More values than this on one knob are a slip of the pen.
const MOST_VALUES: f64 = 10_000.0;

impl Knob {
    /// Reads `path=values`.
    ///
    /// # Errors
    /// A sentence for the user.
    pub fn parse(text: &str) -> Result<Knob, String> {
        let hint = "write PATH=FROM..TO:STEP or PATH=A,B,C, such as consumer.worker.replicas=50..200:10";
        let Some((path, values)) = text.split_once('=').map(|(path, values)| (path.trim(), values.trim())) else {
            return Err(format!("{text:?} names no values; {hint}"));
        };
        if path.is_empty() || values.is_empty() {
            return Err(format!("{text:?} lacks a path or values; {hint}"));
        }
        match values.split_once("..") {
            Some((low, rest)) if !values.starts_with(['{', '[', '"']) => range(path, low.trim(), rest, hint),
            _ => Ok(list(path, values)),
        }
    }

    /// One value of the knob.
    pub fn value(&self, number: f64) -> KnobValue {
        KnobValue { text: self.unit.text(number), number: Some(number) }
    }

    /// All values, ascending for a range.
    ///
    /// # Errors
    /// A sentence for the user where a range has no step.
    pub fn values(&self) -> Result<Vec<KnobValue>, String> {
        match &self.span {
            Span::List(values) => Ok(values.clone()),
            Span::Range { low, high, step: Some(step) } => {
                let count = ((high - low) / step + 1e-9).floor() as usize;
                Ok((0..=count).map(|i| self.value(tidy(low + i as f64 * step))).collect())
            }
            Span::Range { low, high, step: None } => Err(format!(
                "{} goes from {} to {} without a step; add one, such as {}..{}:{}",
                self.path,
                self.unit.text(*low),
                self.unit.text(*high),
                self.unit.text(*low),
                self.unit.text(*high),
                self.unit.text(tidy((high - low) / 10.0)),
            )),
        }
    }
}

/// Without the last digits in which binary fractions differ from what was meant.
fn tidy(number: f64) -> f64 {
    format!("{number:.12e}").parse().unwrap_or(number)
}

/// What a text is as a number, and in which unit.
fn number(text: &str) -> Option<(f64, KnobUnit)> {
    let bare = text.trim().trim_matches('"');
    if let Ok(number) = bare.replace('_', "").parse::<f64>() {
        return number.is_finite().then_some((number, KnobUnit::Plain));
    }
    if let Ok(share) = Share::parse(bare) {
        return Some((share.value(), KnobUnit::Share));
    }
    if let Ok(rate) = Rate::parse(bare) {
        return Some((rate.per_second(), KnobUnit::PerSecond));
    }
    if let Ok(duration) = Duration::parse(bare) {
        return Some((duration.seconds(), KnobUnit::Seconds));
    }
    Size::parse(bare).ok().map(|size| (size.0 as f64, KnobUnit::Bytes))
}

fn range(path: &str, low: &str, rest: &str, hint: &str) -> Result<Knob, String> {
    let (high, step) = match rest.split_once(':') {
        Some((high, step)) => (high.trim(), Some(step.trim())),
        None => (rest.trim(), None),
    };
    let read = |text: &str| {
        number(text)
            .ok_or_else(|| format!("{text:?} in the range of {path} is neither a number nor a quantity; {hint}"))
    };
    let ((low_at, unit), (high_at, high_unit)) = (read(low)?, read(high)?);
    if unit != high_unit {
        return Err(format!("the range of {path} goes from {low:?} to {high:?}, which are of different kinds; {hint}"));
    }
    if low_at >= high_at {
        return Err(format!("the range of {path} goes from {low} to {high}; the first end must be the smaller"));
    }
    let step = match step {
        None => None,
        Some(text) => {
            let (step, step_unit) = read(text)?;
            if step_unit != unit {
                return Err(format!("the step {text:?} of {path} is of another kind than its ends; {hint}"));
            }
            if step <= 0.0 {
                return Err(format!("the step {text:?} of {path} leads nowhere; it must be greater than zero"));
            }
            if (high_at - low_at) / step > MOST_VALUES {
                return Err(format!("the step {text:?} of {path} gives more than {MOST_VALUES} values; widen it"));
            }
            Some(step)
        }
    };
    Ok(Knob { path: path.into(), unit, span: Span::Range { low: low_at, high: high_at, step } })
}

fn list(path: &str, values: &str) -> Knob {
    let read: Vec<(String, Option<(f64, KnobUnit)>)> =
        outer_commas(values).into_iter().map(|text| (text.to_string(), number(text))).collect();
    let first = read.first().and_then(|(_, number)| number.map(|(_, unit)| unit));
    let unit = match first {
        Some(unit) if read.iter().all(|(_, number)| number.is_some_and(|(_, other)| other == unit)) => unit,
        _ => KnobUnit::Words,
    };
    let value = |(text, number): (String, Option<(f64, KnobUnit)>)| KnobValue {
        text,
        number: number.filter(|_| unit != KnobUnit::Words).map(|(number, _)| number),
    };
    Knob { path: path.into(), unit, span: Span::List(read.into_iter().map(value).collect()) }
}

/// Splits at the commas that stand in no table, list or quotes.
fn outer_commas(text: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut start) = (0_i32, false, 0);
    let mut parts = vec![];
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' if !quoted => depth -= 1,
            ',' if !quoted && depth <= 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(knob: &str) -> Vec<String> {
        Knob::parse(knob).unwrap().values().unwrap().into_iter().map(|value| value.text).collect()
    }

    #[test]
    fn a_range_has_both_ends() {
        assert_eq!(texts("consumer.w.replicas=50..200:50"), ["50", "100", "150", "200"]);
        assert_eq!(texts("a=10ms..30ms:10ms"), ["10ms", "20ms", "30ms"]);
        assert_eq!(texts("a=500/s..1.5k/s:500/s"), ["500/s", "1000/s", "1500/s"]);
        assert_eq!(texts("a=1%..5%:2%"), ["1%", "3%", "5%"]);
        assert_eq!(texts("a=0.1..0.3:0.1"), ["0.1", "0.2", "0.3"]);
    }

    #[test]
    fn a_list_may_hold_anything() {
        assert_eq!(texts("queue.q.broker=sqs,rabbitmq"), ["sqs", "rabbitmq"]);
        assert_eq!(
            texts("c.service={ exp = \"50ms\", shift = \"1ms\" },60ms"),
            ["{ exp = \"50ms\", shift = \"1ms\" }", "60ms"]
        );
        assert_eq!(Knob::parse("a=1s,2s").unwrap().unit, KnobUnit::Seconds);
        assert_eq!(Knob::parse("a=1,2s").unwrap().unit, KnobUnit::Words);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, why) in [
            ("a", "names no values"),
            ("a=", "lacks a path or values"),
            ("a=5..1:1", "the first end must be the smaller"),
            ("a=1s..5:1s", "of different kinds"),
            ("a=1..5:0", "leads nowhere"),
            ("a=1..x:1", "neither a number"),
            ("a=0..1:0.00001", "more than 10000 values"),
        ] {
            let error = Knob::parse(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
        assert!(Knob::parse("a=1..5").unwrap().values().unwrap_err().contains("without a step"));
    }
}
