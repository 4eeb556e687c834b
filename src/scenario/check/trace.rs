//! A rate over time from a CSV.

use super::curve::Mistake;
use crate::arrivals::Base;
use std::collections::BTreeMap;

const WAY_OUT: &str = "a trace has the header time_s,rate or time_s,count and rising times in seconds";

/// Reads `time_s,rate` (steps that hold until the next row) or `time_s,count` (messages in the bucket that starts
/// there).
///
/// A bucket is as wide as the most common spacing, or up to the next row where that comes sooner; in a longer gap the
/// last rate goes on. The trace ends one spacing after its last row. `time_scale` multiplies times, `rate_scale` rates;
/// counts are kept when time is squeezed.
pub(super) fn read(text: &str, time_scale: f64, rate_scale: f64) -> Result<Base, Vec<Mistake>> {
    let mut csv = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = csv.headers().cloned().unwrap_or_default();
    let counts = match header.iter().collect::<Vec<_>>().as_slice() {
        ["time_s", "rate"] => false,
        ["time_s", "count"] => true,
        _ => {
            let shown = header.iter().collect::<Vec<_>>().join(",");
            return Err(vec![mistake(1, format!("the header is {shown:?}"))]);
        }
    };
    let rows = rows(&mut csv, &header)?;
    if rows.len() < 2 {
        let message = format!("the trace has {} rows; it takes two to know how long one lasts", rows.len());
        return Err(vec![mistake(1, message)]);
    }
    let spacing = most_common_spacing(&rows);
    let (last, _) = rows[rows.len() - 1];
    let end = (last + spacing) * time_scale;
    let steps: Vec<(f64, f64)> = rows
        .iter()
        .enumerate()
        .map(|(index, (at, value))| {
            let gap = rows.get(index + 1).map_or(spacing, |(next, _)| next - at);
            let rate = if counts { value / (gap.min(spacing) * time_scale) } else { *value };
            (at * time_scale, rate * rate_scale)
        })
        .collect();
    if steps.iter().any(|(_, rate)| !rate.is_finite() || *rate > 1e12) {
        return Err(vec![mistake(1, "the scaled rates exceed 10¹² a second".into())]);
    }
    Ok(Base::Trace { steps, end })
}

fn rows(csv: &mut csv::Reader<&[u8]>, header: &csv::StringRecord) -> Result<Vec<(f64, f64)>, Vec<Mistake>> {
    let (mut rows, mut mistakes) = (vec![], vec![]);
    let mut before: Option<f64> = None;
    for (index, record) in csv.records().enumerate() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                mistakes.push(mistake(index as u64 + 2, error.to_string()));
                continue;
            }
        };
        let line = record.position().map_or(index as u64 + 2, csv::Position::line);
        if record.len() != 2 {
            mistakes.push(mistake(line, format!("the row has {} columns, not 2", record.len())));
            continue;
        }
        let number = |column: usize| match record[column].parse::<f64>() {
            Ok(number) if number.is_finite() && (0.0..=1e12).contains(&number) => Ok(number),
            _ => Err(mistake(
                line,
                format!("`{}` = {:?} is not a number of zero or more", &header[column], &record[column]),
            )),
        };
        match (number(0), number(1)) {
            (Ok(at), Ok(_)) if before.is_some_and(|before| at <= before) => {
                let message =
                    format!("`time_s` = {at} does not come after {} in the row before", before.unwrap_or(0.0));
                mistakes.push(mistake(line, message));
            }
            (Ok(at), Ok(value)) => {
                before = Some(at);
                rows.push((at, value));
            }
            (at, value) => mistakes.extend([at.err(), value.err()].into_iter().flatten()),
        }
    }
    if mistakes.is_empty() { Ok(rows) } else { Err(mistakes) }
}

fn mistake(line: u64, message: String) -> Mistake {
    Mistake { line, message, way_out: WAY_OUT }
}

/// Of equally common ones the shortest, in seconds. Spacings are told apart by the nanosecond.
fn most_common_spacing(rows: &[(f64, f64)]) -> f64 {
    let mut tally: BTreeMap<u64, u32> = BTreeMap::new();
    for pair in rows.windows(2) {
        *tally.entry(((pair[1].0 - pair[0].0) * 1e9).round() as u64).or_default() += 1;
    }
    let most = tally.values().max().copied().unwrap_or(0);
    let spacing = tally.into_iter().find(|(_, count)| *count == most).map_or(1, |(spacing, _)| spacing);
    spacing.max(1) as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_become_rates_and_survive_squeezing() {
        let text = "time_s,count\n0,60\n60,120\n120,0\n300,30\n";
        let base = read(text, 0.5, 1.0);
        // Buckets of 60 s squeezed to 30; the gap from 120 to 300 goes on at the rate of its first bucket.
        let steps = vec![(0.0, 2.0), (30.0, 4.0), (60.0, 0.0), (150.0, 1.0)];
        assert_eq!(base, Ok(Base::Trace { steps, end: 180.0 }));
    }

    #[test]
    fn rates_hold_until_the_next_row() {
        let base = read("time_s, rate\n0, 5\n10, 7.5\n", 1.0, 2.0);
        assert_eq!(base, Ok(Base::Trace { steps: vec![(0.0, 10.0), (10.0, 15.0)], end: 20.0 }));
    }

    #[test]
    fn mistakes_name_their_line_and_value() {
        for (text, line, fragment) in [
            ("", 1, "header is \"\""),
            ("t,count\n0,1\n", 1, "header is \"t,count\""),
            ("time_s,count\n0,1\n1,NaN\n", 3, "`count` = \"NaN\""),
            ("time_s,count\n0,1\nx,2\n", 3, "`time_s` = \"x\""),
            ("time_s,count\n0,1\n1,-2\n", 3, "`count` = \"-2\""),
            ("time_s,rate\n0,1\n5,2\n3,1\n", 4, "does not come after 5"),
            ("time_s,rate\n0,1\n5\n", 3, "has 1 columns"),
            ("time_s,rate\n0,1\n", 1, "has 1 rows"),
        ] {
            let mistakes = read(text, 1.0, 1.0).expect_err(text);
            assert_eq!(mistakes[0].line, line, "{text:?} {mistakes:?}");
            assert!(mistakes[0].message.contains(fragment), "{text:?}: {}", mistakes[0].message);
        }
    }
}
