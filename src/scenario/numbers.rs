//! The numbers that a file says, each with the path by which `--set` reaches it, and what they become when moved.

use super::problem::{Place, Problem};
use super::tree::{self, Node, Value};
use super::written::law::LAWS;
use super::{arguments, presets};
use crate::units::{Duration, Rate, Share, Size, split_number};

/// Keys of the file itself that hold no number of the system: what is judged, and how the simulation is run.
const NOT_NUMBERS: [&str; 11] =
    ["schema_version", "title", "seed", "runs", "tick", "duration", "warmup", "slo", "slo_runs", "uncertain", "window"];

/// A number in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// As `--set` takes it: `consumer.worker.service.mean`, `producer.shop.spikes.0.rate`.
    pub path: String,
    /// As it is written, without quotes: `45ms`, `20`.
    pub text: String,
    /// The broker whose preset says it; `None` for what stands in the file or was given with `--set`.
    pub preset: Option<&'static str>,
    /// Within a list, of which `--set` reaches single entries only where the file writes it.
    pub in_list: bool,
    value: Value,
}

impl super::Scenario {
    /// The numbers of a scenario, in the file's order; with `presets` also those that brokers' presets fill in.
    ///
    /// # Errors
    /// Where the text is no TOML, or an override has no place.
    pub fn numbers(text: &str, overrides: &[(String, String)], presets: bool) -> Result<Vec<Number>, Vec<Problem>> {
        let mut tree = tree::read(text).map_err(|problem| vec![problem])?;
        let mut problems = vec![];
        arguments::apply(&mut tree, overrides, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut numbers = vec![];
        collect(&tree, &mut vec![], &mut numbers);
        if presets {
            // What a preset renames in the file is read before, under the file's own name.
            presets::complete(&mut tree, &mut problems);
            let mut all = vec![];
            collect(&tree, &mut vec![], &mut all);
            numbers.extend(all.into_iter().filter(|number| number.preset.is_some()));
        }
        Ok(numbers)
    }
}

fn collect(node: &Node, path: &mut Vec<String>, out: &mut Vec<Number>) {
    match &node.value {
        Value::Table(table) => {
            let is_left_out = |key: &str| path.is_empty() && NOT_NUMBERS.contains(&key);
            for entry in table.entries.iter().filter(|entry| !is_left_out(&entry.key)).collect::<Vec<_>>() {
                let depth = path.len();
                path.extend(segment(&entry.key, &entry.node));
                collect(&entry.node, path, out);
                path.truncate(depth);
            }
        }
        Value::List(list) => {
            for (index, inner) in list.iter().enumerate() {
                let name = inner.as_table().and_then(|table| table.get("name")).and_then(Node::as_text);
                let name = name.filter(|name| !name.contains('.') && name.trim() == *name && !name.is_empty());
                // The only entry of a list of tables needs no segment of its own.
                let is_alone = list.len() == 1 && inner.as_table().is_some();
                let segment = name.map(String::from).or((!is_alone).then(|| index.to_string()));
                let depth = path.len();
                path.extend(segment);
                let before = out.len();
                collect(inner, path, out);
                out[before..].iter_mut().for_each(|number| number.in_list = true);
                path.truncate(depth);
            }
        }
        Value::Whole(_) | Value::Number(_) => out.push(number(node, path)),
        Value::Text(text) if is_quantity(text) => out.push(number(node, path)),
        Value::Text(_) | Value::Flag(_) | Value::Date(_) => {}
    }
}

/// How a key stands in a path: a law's name is left out where what follows tells, and its lone number is its mean.
fn segment(key: &str, node: &Node) -> Option<String> {
    match &node.value {
        Value::Table(_) if LAWS.contains(&key) => None,
        Value::Text(_) if LAWS.contains(&key) => Some("mean".into()),
        _ => Some(key.into()),
    }
}

fn number(node: &Node, path: &[String]) -> Number {
    let preset = match &node.place {
        Place::Preset(fact) => Some(fact.broker),
        _ => None,
    };
    Number { path: path.join("."), text: node.plain(), preset, in_list: false, value: node.value.clone() }
}

/// With a unit: a text of digits alone is a name.
fn is_quantity(text: &str) -> bool {
    let has_unit = split_number(text).is_some_and(|(_, unit)| !unit.is_empty());
    has_unit
        && (Duration::parse(text).is_ok()
            || Rate::parse(text).is_ok()
            || Share::parse(text).is_ok()
            || Size::parse(text).is_ok())
}

impl Number {
    /// Written without a point or a unit.
    pub fn is_whole(&self) -> bool {
        matches!(self.value, Value::Whole(_))
    }

    /// In seconds, per second, bytes, or as it stands: what two spellings of the same kind are compared by.
    pub fn size(&self) -> f64 {
        size(&self.value)
    }

    /// The number times `factor`, as texts for `--set` in the order in which they should be tried: some keys take only whole
    /// numbers, some only shares, and only their readers know. Empty where it would not move.
    pub fn times(&self, factor: f64) -> Vec<String> {
        let texts = match &self.value {
            Value::Whole(whole) => whole_times(*whole, factor),
            Value::Number(number) => number_times(*number, factor),
            Value::Text(text) => text_times(text, factor).into_iter().collect(),
            _ => vec![],
        };
        texts.into_iter().filter(|moved| size(&tree::read_bare(moved, &Place::Default).value) != self.size()).collect()
    }
}

/// How large a value given as text is; `None` where it is no number.
pub fn size_of(text: &str) -> Option<f64> {
    Some(size(&tree::read_bare(text, &Place::Default).value)).filter(|size| size.is_finite())
}

fn size(value: &Value) -> f64 {
    match value {
        Value::Whole(whole) => *whole as f64,
        Value::Number(number) => *number,
        Value::Text(text) => {
            let duration = Duration::parse(text).map(Duration::seconds);
            let rate = duration.or_else(|_| Rate::parse(text).map(Rate::per_second));
            let share = rate.or_else(|_| Share::parse(text).map(Share::value));
            share.or_else(|_| Size::parse(text).map(|size| size.0 as f64)).unwrap_or(f64::NAN)
        }
        _ => f64::NAN,
    }
}

/// A fraction first, then a whole number that has moved by one at least, and not below one.
fn whole_times(whole: i128, factor: f64) -> Vec<String> {
    let exact = whole as f64 * factor;
    let step = if factor < 1.0 { -1 } else { 1 };
    let rounded = exact.round() as i128;
    let moved = if rounded == whole { whole + step } else { rounded };
    let mut texts = vec![shortest(exact)];
    if moved >= 1 || whole < 1 {
        texts.push(moved.to_string());
    }
    texts.dedup();
    texts
}

/// A share stays one at most, where more is refused.
fn number_times(number: f64, factor: f64) -> Vec<String> {
    let moved = number * factor;
    let mut texts = vec![shortest(moved)];
    if number <= 1.0 && moved > 1.0 {
        texts.push("1".into());
    }
    texts
}

fn text_times(text: &str, factor: f64) -> Option<String> {
    if let Ok(duration) = Duration::parse(text) {
        return Some(Duration((duration.ns() as f64 * factor).round() as u64).to_string());
    }
    let (number, unit) = split_number(text)?;
    let moved = number * factor;
    if unit == "%" {
        return Some(format!("{}%", shortest(moved.min(100.0))));
    }
    let space = if text.contains(' ') { " " } else { "" };
    Some(format!("{}{space}{unit}", shortest(moved)))
}

/// Without what the multiplication added in the last places: `14.4`, not `14.399999999999999`.
fn shortest(value: f64) -> String {
    format!("{value:.11e}").parse::<f64>().unwrap_or(value).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    const FILE: &str = r#"
        title = "5m"
        duration = "10m"
        seed = 3
        slo = ["orders.recovery_time < 5m"]
        [producer.shop]
        to = "orders"
        rate = "12k/min"
        spikes = [{ at = "2m", for = "1m", rate = "300/s" }]
        [queue.orders]
        broker = "sqs"
        max_receive_count = 5
        [consumer.worker]
        from = "orders"
        replicas = 2
        service = { lognormal = { mean = "50ms", p99 = "1m30s" } }
        failure = "2%"
        calls = [{ dependency = "a", timeout = "1s" }, { dependency = "b", timeout = "2s" }]
        [[fault]]
        name = "down"
        consumer = "worker"
        at = "3m"
        for = "30s"
        slow = 2.5
    "#;

    fn numbers(presets: bool) -> Vec<Number> {
        Scenario::numbers(FILE, &[], presets).unwrap()
    }

    fn times(value: &str, factor: f64) -> Vec<String> {
        let value = tree::read_bare(value, &Place::Default).value;
        Number { path: String::new(), text: String::new(), preset: None, in_list: false, value }.times(factor)
    }

    #[test]
    fn each_number_has_the_path_that_sets_it() {
        let numbers = numbers(false);
        let paths: Vec<(&str, &str)> = numbers.iter().map(|n| (n.path.as_str(), n.text.as_str())).collect();
        assert_eq!(
            paths,
            [
                ("producer.shop.rate", "12k/min"),
                ("producer.shop.spikes.at", "2m"),
                ("producer.shop.spikes.for", "1m"),
                ("producer.shop.spikes.rate", "300/s"),
                ("queue.orders.max_receive_count", "5"),
                ("consumer.worker.replicas", "2"),
                ("consumer.worker.service.mean", "50ms"),
                ("consumer.worker.service.p99", "1m30s"),
                ("consumer.worker.failure", "2%"),
                ("consumer.worker.calls.0.timeout", "1s"),
                ("consumer.worker.calls.1.timeout", "2s"),
                ("fault.down.at", "3m"),
                ("fault.down.for", "30s"),
                ("fault.down.slow", "2.5"),
            ]
        );
        // Each path reaches its number, and no other.
        for (index, number) in numbers.iter().enumerate() {
            let set = [(number.path.clone(), number.times(0.5)[0].clone())];
            let moved = Scenario::numbers(FILE, &set, false).unwrap();
            let changed = |i: &usize| moved[*i].path != numbers[*i].path || moved[*i].text != numbers[*i].text;
            assert_eq!((0..moved.len()).filter(changed).collect::<Vec<_>>(), [index], "{}", number.path);
        }
    }

    #[test]
    fn presets_numbers_are_told_apart() {
        let all = numbers(true);
        let lease = all.iter().find(|number| number.path == "queue.orders.visibility_timeout").unwrap();
        assert_eq!((lease.text.as_str(), lease.preset), ("30s", Some("sqs")));
        assert!(all.iter().all(|number| number.path != "queue.orders.max_deliveries"), "the file says it already");
    }

    #[test]
    fn values_move_in_their_own_spelling() {
        for (value, down, up) in [
            ("45ms", "36ms", "54ms"),
            ("1m30s", "1m12s", "1m48s"),
            ("12k/min", "9.6k/min", "14.4k/min"),
            ("4 KB", "3.2 KB", "4.8 KB"),
            ("2%", "1.6%", "2.4%"),
            ("90%", "72%", "100%"),
            ("2.5", "2", "3"),
            ("20", "16", "24"),
        ] {
            assert_eq!(
                (times(value, 0.8), times(value, 1.2)),
                (vec![down.to_string()], vec![up.to_string()]),
                "{value}"
            );
        }
    }

    #[test]
    fn whole_numbers_move_by_one_at_least_and_stay_above_zero() {
        assert_eq!(
            (times("2", 0.8), times("2", 1.2)),
            (vec!["1.6".into(), "1".into()], vec!["2.4".into(), "3".into()])
        );
        assert_eq!((times("1", 0.8), times("1", 1.2)), (vec!["0.8".into()], vec!["1.2".into(), "2".into()]));
        assert_eq!(times("7", 1.2), ["8.4", "8"]);
    }

    #[test]
    fn zero_and_full_shares_do_not_move() {
        assert_eq!([times("0s", 1.2), times("0.0", 0.8), times("100%", 1.2)], [const { Vec::<String>::new() }; 3]);
        assert_eq!(times("0.9", 1.2), ["1.08", "1"]);
        assert_eq!(times("1.0", 1.2), ["1.2"]);
    }
}
