//! Messages to replay, from a CSV with one row a message.

use super::Checker;
use super::curve::Mistake;
use crate::arrivals::Row;
use crate::scenario::problem::nearest;
use crate::scenario::reader::Placed;
use crate::scenario::written;
use crate::units::Nanos;

const COLUMNS: [&str; 6] = ["time_s", "service_s", "key", "priority", "size", "poison"];
const WAY_OUT: &str = "a recording has a header with time_s and any of service_s, key, priority, size, poison";

/// Where each known column stands.
struct Columns {
    time: usize,
    service: Option<usize>,
    key: Option<usize>,
    priority: Option<usize>,
    size: Option<usize>,
    poison: Option<usize>,
}

impl Checker<'_> {
    /// `None` where the recording could not be read, which is noted.
    pub(super) fn recording(
        &mut self,
        producer: &Placed<written::Producer>,
        path: &Placed<String>,
        levels: &[String],
    ) -> Option<Vec<Row>> {
        let text = self.named_file("messages", path)?;
        let mut names = std::mem::take(&mut self.key_names);
        let outcome = read(&text, levels, &mut names);
        self.key_names = names;
        match outcome {
            Ok((columns, rows)) => {
                let twice = [
                    (columns.poison.is_some() && producer.poison.is_written(), "poison", &producer.poison.place),
                    (
                        columns.priority.is_some() && producer.priority.is_some(),
                        "priority",
                        producer.priority.as_ref().map_or(&path.place, |priority| &priority.place),
                    ),
                ];
                for (_, key, place) in twice.into_iter().filter(|(both, ..)| *both) {
                    let message = format!("`{key}` is given twice: here, and as a column of {:?}", path.value);
                    self.refuse(place, message, "leave it out here, or drop the column");
                }
                Some(rows)
            }
            Err(mistakes) => {
                self.file_mistakes(path, mistakes);
                None
            }
        }
    }
}

fn read(text: &str, levels: &[String], names: &mut Vec<String>) -> Result<(Columns, Vec<Row>), Vec<Mistake>> {
    let mut csv = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = csv.headers().cloned().unwrap_or_default();
    let columns = columns(&header, levels).map_err(|mistake| vec![mistake])?;
    let (mut rows, mut mistakes): (Vec<Row>, Vec<Mistake>) = (vec![], vec![]);
    let mut record = csv::StringRecord::new();
    let mut keys = Interned::new(names);
    loop {
        match csv.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                mistakes.push(mistake(line, error.to_string()));
                break;
            }
        }
        let line = record.position().map_or(0, csv::Position::line);
        match row(&record, &header, &columns, levels, &mut keys) {
            Err(message) => mistakes.push(mistake(line, message)),
            Ok(row) if rows.last().is_some_and(|before| row.at < before.at) => {
                let before = rows.last().map_or(0.0, |before| crate::units::seconds(before.at));
                let message = format!("`time_s` = {} comes before {before} in the row above", &record[columns.time]);
                mistakes.push(mistake(line, message));
            }
            Ok(row) => rows.push(row),
        }
    }
    if rows.is_empty() && mistakes.is_empty() {
        mistakes.push(mistake(1, "the recording has no rows".into()));
    }
    if mistakes.is_empty() { Ok((columns, rows)) } else { Err(mistakes) }
}

fn columns(header: &csv::StringRecord, levels: &[String]) -> Result<Columns, Mistake> {
    for name in header {
        if !COLUMNS.contains(&name) {
            let near = nearest(name, COLUMNS).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err(mistake(1, format!("there is no column `{name}`{near}")));
        }
    }
    let at = |name: &str| header.iter().position(|column| column == name);
    let Some(time) = at("time_s") else { return Err(mistake(1, "the column `time_s` is missing".into())) };
    let priority = at("priority");
    if priority.is_some() && levels.is_empty() {
        return Err(Mistake {
            line: 1,
            message: "the column `priority` has no meaning here: the target has no priorities".into(),
            way_out: "give the queue order = \"priority\" and priorities = [\"high\", \"low\"], or drop the column",
        });
    }
    Ok(Columns { time, service: at("service_s"), key: at("key"), priority, size: at("size"), poison: at("poison") })
}

fn row(
    record: &csv::StringRecord,
    header: &csv::StringRecord,
    columns: &Columns,
    levels: &[String],
    keys: &mut Interned<'_>,
) -> Result<Row, String> {
    if record.len() != header.len() {
        return Err(format!("the row has {} columns, the header {}", record.len(), header.len()));
    }
    let seconds = |column: usize| {
        nanos(&record[column]).ok_or_else(|| {
            format!("`{}` = {:?} is not a length in seconds of zero or more", &header[column], &record[column])
        })
    };
    let level = match columns.priority {
        None => levels.len().saturating_sub(1),
        Some(column) => {
            let text = &record[column];
            let index = text.parse::<usize>().ok().filter(|index| *index < levels.len());
            levels.iter().position(|level| level == text).or(index).ok_or_else(|| {
                format!("`priority` = {text:?} is neither a level ({}) nor its index", levels.join(", "))
            })?
        }
    };
    let poison = match columns.poison.map(|column| &record[column]) {
        None | Some("0" | "false") => false,
        Some("1" | "true") => true,
        Some(other) => return Err(format!("`poison` = {other:?} is neither 0 nor 1")),
    };
    let size = match columns.size.map(|column| &record[column]) {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| format!("`size` = {text:?} is not a whole number of bytes"))?),
    };
    Ok(Row {
        key: columns.key.map(|column| keys.key(&record[column])),
        size,
        at: seconds(columns.time)?,
        service: columns.service.map(seconds).transpose()?,
        level: level as u8,
        poison,
    })
}

/// Keys as numbers: a whole number below 2³¹ is itself, any other text the place of its name in a list.
struct Interned<'n> {
    names: &'n mut Vec<String>,
    places: std::collections::BTreeMap<String, u32>,
}

impl Interned<'_> {
    fn new(names: &mut Vec<String>) -> Interned<'_> {
        let places = names.iter().enumerate().map(|(place, name)| (name.clone(), place as u32)).collect();
        Interned { names, places }
    }

    fn key(&mut self, text: &str) -> u32 {
        if let Ok(number) = text.parse::<u32>()
            && number >> 31 == 0
        {
            return number;
        }
        let next = self.names.len() as u32;
        let place = *self.places.entry(text.into()).or_insert_with(|| {
            self.names.push(text.into());
            next
        });
        1 << 31 | place
    }
}

/// Seconds in decimal notation to nanoseconds, exactly; with an exponent, as near as a float comes.
fn nanos(text: &str) -> Option<Nanos> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !whole.is_empty() && digits(whole) && digits(fraction) {
        let nine: String = fraction.chars().chain("000000000".chars()).take(9).collect();
        let up = Nanos::from(fraction.as_bytes().get(9).is_some_and(|digit| *digit >= b'5'));
        let whole: Nanos = whole.parse().ok()?;
        return whole.checked_mul(crate::units::SECOND)?.checked_add(nine.parse::<Nanos>().ok()? + up);
    }
    let seconds: f64 = text.parse().ok()?;
    (0.0..9.2e9).contains(&seconds).then(|| (seconds * 1e9).round() as Nanos)
}

fn mistake(line: u64, message: String) -> Mistake {
    Mistake { line, message, way_out: WAY_OUT }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_exact_to_the_nanosecond() {
        let levels = ["high".to_string(), "low".to_string()];
        let text = "time_s,service_s,priority,poison\n0.1,0.05,high,0\n123456789.123456789,1e-3,1,true\n";
        let (_, rows) = read(text, &levels, &mut vec![]).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        let first = Row { at: 100_000_000, service: Some(50_000_000), level: 0, poison: false, key: None, size: None };
        let second = Row {
            at: 123_456_789_123_456_789,
            service: Some(1_000_000),
            level: 1,
            poison: true,
            key: None,
            size: None,
        };
        assert_eq!(rows, vec![first, second]);
    }

    #[test]
    fn mistakes_name_their_line_and_value() {
        for (text, line, fragment) in [
            ("", 1, "`time_s` is missing"),
            ("time_s\n", 1, "no rows"),
            ("time_s,size\n0,a\n", 2, "`size` = \"a\""),
            ("time_s,sevice_s\n0,1\n", 1, "did you mean `service_s`?"),
            ("time_s,priority\n0,high\n", 1, "the target has no priorities"),
            ("time_s\n1\n0.5\n", 3, "`time_s` = 0.5 comes before 1"),
            ("time_s,service_s\n1,\n", 2, "`service_s` = \"\""),
            ("time_s\nNaN\n", 2, "`time_s` = \"NaN\""),
            ("time_s,poison\n0,maybe\n", 2, "`poison` = \"maybe\""),
        ] {
            let mistakes = read(text, &[], &mut vec![]).err().unwrap_or_else(|| panic!("{text:?} was taken"));
            assert_eq!(mistakes[0].line, line, "{text:?} {mistakes:?}");
            assert!(mistakes[0].message.contains(fragment), "{text:?}: {}", mistakes[0].message);
        }
    }
}
