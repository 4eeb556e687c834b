//! Numbers in sentences, and values that are good to write into a file.

use crate::units::{Duration, significant};

/// `3.2s`, `1m20s`, `250ms`: three digits, as the scenario language writes lengths of time.
pub(super) fn time(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "for ever".into();
    }
    let step = match seconds {
        s if s >= 600.0 => 60.0,
        s if s >= 60.0 => 1.0,
        s if s > 0.0 => 10f64.powi(s.log10().floor() as i32 - 2),
        _ => 1.0,
    };
    Duration::from_seconds((seconds / step).round() * step).to_string()
}

/// `5.2 %`.
pub(super) fn percent(share: f64) -> String {
    format!("{} %", significant(share * 100.0, 3))
}

/// `1,234`, `0.52`.
pub(super) fn number(value: f64) -> String {
    significant(value, 3)
}

/// Whole from 100 up.
pub(super) fn count(value: f64) -> String {
    if value >= 100.0 { significant(value.round(), 15) } else { significant(value, 3) }
}

/// As TOML, the first round length of time that is no shorter: `"45s"`, `"2m"`.
pub(super) fn no_shorter(seconds: f64) -> String {
    const STEPS: [f64; 12] = [1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0];
    let rounded = match seconds {
        s if s <= 1.0 => {
            let millis = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 300.0, 500.0, 1000.0];
            millis.iter().copied().find(|ms| ms / 1e3 >= s).unwrap_or(1000.0) / 1e3
        }
        s if s <= 120.0 => STEPS.iter().copied().find(|step| *step >= s).unwrap_or(120.0),
        s if s <= 600.0 => (s / 60.0).ceil() * 60.0,
        s if s <= 3_600.0 => (s / 300.0).ceil() * 300.0,
        s if s <= 86_400.0 => (s / 3_600.0).ceil() * 3_600.0,
        s => (s / 86_400.0).ceil() * 86_400.0,
    };
    text(&Duration::from_seconds(rounded).to_string())
}

/// As TOML, a whole number of two digits and zeros that is no smaller.
pub(super) fn no_fewer(value: f64) -> String {
    let whole = value.ceil().max(1.0);
    let step = 10f64.powi((whole.log10().floor() as i32 - 1).max(0));
    format!("{}", ((whole / step).ceil() * step) as u64)
}

/// As TOML, a rate of two digits that is no higher.
pub(super) fn no_faster(per_second: f64) -> String {
    let step = 10f64.powi(per_second.max(1e-9).log10().floor() as i32 - 1);
    text(&format!("{}/s", significant((per_second / step + 1e-9).floor() * step, 2).replace(',', "")))
}

/// A TOML text.
pub(super) fn text(value: &str) -> String {
    format!("{value:?}")
}

/// `1 replica`, `4 replicas`.
pub(super) fn replicas(n: f64) -> String {
    format!("{} {}", number(n), if n == 1.0 { "replica" } else { "replicas" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_to_write_are_round_and_safe() {
        let spoken =
            [(0.0123, "\"20ms\""), (12.0, "\"15s\""), (61.0, "\"1m30s\""), (700.0, "\"15m\""), (4e5, "\"5d\"")];
        for (seconds, text) in spoken {
            assert_eq!(no_shorter(seconds), text, "{seconds}");
        }
        assert_eq!((no_fewer(7.4), no_fewer(123.0), no_fewer(14_000.0)), ("8".into(), "130".into(), "14000".into()));
        assert_eq!((no_faster(123.0), no_faster(0.58)), ("\"120/s\"".into(), "\"0.58/s\"".into()));
    }

    #[test]
    fn sentences_have_three_digits() {
        assert_eq!((time(83.26), time(0.2504), time(4_500.0)), ("1m23s".into(), "250ms".into(), "1h15m".into()));
        assert_eq!((percent(0.0523), count(14_000.4), number(0.52)), ("5.23 %".into(), "14,000".into(), "0.52".into()));
    }
}
