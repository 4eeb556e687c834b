//! `[uncertain]` as written: a range or a law for any number in the file.

use super::law::normalised;
use crate::random::distribution::Lognormal;
use crate::scenario::problem::{Place, Problem, listed};
use crate::scenario::quantity::Factor;
use crate::scenario::reader::{Placed, Read, Reader};
use crate::scenario::tree::{Node, Value};
use crate::scenario::value::{Unknown, UnknownUnit};
use crate::units::{Duration, Rate, Share, Size, split_number};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// Paths as for `--set`, with what is believed of each.
#[derive(Debug, Clone)]
pub(in crate::scenario) struct Beliefs(pub(in crate::scenario) Vec<(Placed<String>, Placed<Belief>)>);

/// One value's law and the unit in which it is written.
#[derive(Debug, Clone)]
pub(in crate::scenario) struct Belief {
    pub(in crate::scenario) law: Unknown,
    pub(in crate::scenario) unit: UnknownUnit,
}

/// A number, alone or with a unit.
#[derive(Debug, Clone)]
pub(in crate::scenario) struct Amount {
    number: f64,
    /// As written, trimmed.
    suffix: String,
    text: String,
}

const LAWS: [&str; 5] = ["uniform", "triangular", "normal", "lognormal", "choice"];
const EXAMPLE: &str = "write [\"35ms\", \"60ms\"], or a law such as { triangular = [10, 20, 40] }";

written! {
    /// Exp of a normal: for what is known to a factor. One of `mean`, `p50`, and one of `p95`, `cv`.
    UnknownLognormal called "a lognormal" {
        /// The mean.
        mean: optional Amount;
        /// The median, instead of the mean.
        p50: optional Amount;
        /// The 95th percentile.
        p95: optional Amount;
        /// Standard deviation ÷ mean, instead of `p95`.
        cv: optional Factor;
    }
}

written! {
    /// The bell curve, cut at its 0.1 % and 99.9 % quantiles.
    UnknownNormal called "a normal law" {
        /// The mean.
        mean: required Amount = "write { normal = { mean = \"50ms\", sd = \"5ms\" } }";
        /// The standard deviation.
        sd: required Amount = "write { normal = { mean = \"50ms\", sd = \"5ms\" } }";
    }
}

written! {
    /// One of several values.
    UnknownBranch called "a branch of choice" {
        /// Its share; the shares sum to 1.
        share: required Share = "write { share = 0.9, value = \"30ms\" }";
        /// The value.
        value: required Amount = "write { share = 0.9, value = \"30ms\" }";
    }
}

impl Read for Amount {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Amount> {
        let bare = |number: f64| Amount { number, suffix: String::new(), text: node.plain() };
        match &node.value {
            Value::Whole(number) => Some(bare(*number as f64)),
            Value::Number(number) if number.is_finite() => Some(bare(*number)),
            Value::Text(text) => match split_number(text) {
                Some((number, unit)) if number.is_finite() && !unit.is_empty() => {
                    Some(Amount { number, suffix: unit.into(), text: text.clone() })
                }
                Some((number, _)) if number.is_finite() => {
                    reader.wrong(node, "a number, or a quantity with its unit", format!("write {number}"))
                }
                _ => reader.wrong(node, "a number, or a quantity with its unit", EXAMPLE),
            },
            _ => reader.wrong(node, "a number, or a quantity with its unit", EXAMPLE),
        }
    }
}

impl Read for Beliefs {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Beliefs> {
        let table = reader.table(node, "a table of paths")?;
        let mut read = vec![];
        for entry in &table.entries {
            let is_law = |key: &str| LAWS.contains(&key);
            let nested = entry.node.as_table().filter(|inner| !inner.entries.iter().any(|inner| is_law(&inner.key)));
            if let Some(inner) = nested.filter(|_| !entry.key.contains('.'))
                && let Some(first) = inner.entries.first()
                && (first.node.as_table().is_some() || first.node.as_list().is_some())
            {
                let message = format!("`{}` is only the beginning of a path", entry.key);
                let way_out = format!("put the whole path in quotes: \"{}.{}…\" = [ … ]", entry.key, first.key);
                reader.note(Problem::new(&entry.key_place, message).way_out(way_out));
                continue;
            }
            if let Some(belief) = reader.optional::<Belief>(table, &entry.key) {
                let path = Placed { value: entry.key.trim().into(), place: entry.key_place.clone() };
                read.push((path, belief));
            }
        }
        Some(Beliefs(read))
    }
}

impl Read for Belief {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Belief> {
        match &node.value {
            Value::List(_) => range(node, reader),
            Value::Table(table) => {
                reader.known(table, "an uncertain value", &LAWS, &[]);
                let laws: Vec<_> = table.entries.iter().filter(|entry| LAWS.contains(&entry.key.as_str())).collect();
                let [law] = laws.as_slice() else {
                    if laws.len() > 1 {
                        let message = format!("{} has {} laws; one says all", reader.subject(), laws.len());
                        let names = listed(laws.iter().map(|entry| entry.key.as_str()));
                        reader.note(Problem::new(&laws[1].key_place, message).way_out(format!("keep one of {names}")));
                    } else if table.entries.is_empty() {
                        return reader.wrong(node, "a range or a law", EXAMPLE);
                    }
                    return None;
                };
                match law.key.as_str() {
                    "uniform" => range(&law.node, reader),
                    "triangular" => triangle(&law.node, reader),
                    "normal" => normal(&law.node, reader),
                    "lognormal" => lognormal(&law.node, reader),
                    _ => choice(&law.node, reader),
                }
            }
            _ => reader.wrong(node, "a range or a law", EXAMPLE),
        }
    }
}

/// So many amounts, in one unit.
fn amounts(node: &Node, many: usize, reader: &mut Reader<'_>) -> Option<(Vec<f64>, UnknownUnit)> {
    let list = node.as_list().filter(|list| list.len() == many);
    let Some(list) = list else {
        let words = if many == 2 {
            "two values, the lowest and the highest"
        } else {
            "three values: lowest, likeliest, highest"
        };
        return reader.wrong(node, words, EXAMPLE);
    };
    let read: Vec<Amount> = list.iter().filter_map(|inner| Amount::read(inner, reader)).collect();
    if read.len() < many {
        return None;
    }
    in_one_unit(&read.iter().collect::<Vec<_>>(), &node.place, reader)
}

/// Numbers in the unit that all share, or in the base unit of what they measure.
fn in_one_unit(all: &[&Amount], place: &Place, reader: &mut Reader<'_>) -> Option<(Vec<f64>, UnknownUnit)> {
    let suffix = all.first().map_or("", |first| first.suffix.as_str());
    if all.iter().all(|amount| amount.suffix == suffix) && !suffix.contains(|c: char| c.is_ascii_digit()) {
        return Some((all.iter().map(|amount| amount.number).collect(), unit(suffix)));
    }
    let every =
        |read: &dyn Fn(&str) -> Option<f64>| all.iter().map(|amount| read(&amount.text)).collect::<Option<Vec<f64>>>();
    let seconds = every(&|text| Some(Duration::parse(text).ok()?.seconds()));
    let rates = || every(&|text| Some(Rate::parse(text).ok()?.per_second()));
    let bytes = || every(&|text| Some(Size::parse(text).ok()?.0 as f64));
    if let Some(seconds) = seconds {
        return Some((seconds, unit("s")));
    }
    if let Some(rates) = rates() {
        return Some((rates, unit("/s")));
    }
    if let Some(bytes) = bytes() {
        return Some((bytes, unit("B")));
    }
    let texts: Vec<&str> = all.iter().map(|amount| amount.text.as_str()).collect();
    let message = format!("{}: {} are not quantities of one kind", reader.subject(), listed(texts));
    reader.note(Problem::new(place, message).way_out("write all of them with the same unit"));
    None
}

fn unit(suffix: &str) -> UnknownUnit {
    let one = format!("1{suffix}");
    let (scale, base) = if suffix.is_empty() {
        (1.0, "")
    } else if suffix == "%" {
        (0.01, "share")
    } else if let Ok(duration) = Duration::parse(&one) {
        (duration.seconds(), "s")
    } else if let Ok(rate) = Rate::parse(&one) {
        (rate.per_second(), "per_s")
    } else if let Ok(size) = Size::parse(&one) {
        (size.0 as f64, "bytes")
    } else {
        (1.0, suffix)
    };
    // Sizes are read better apart from their unit.
    let blank = if base == "bytes" { " " } else { "" };
    UnknownUnit { suffix: format!("{blank}{suffix}"), scale, base: base.into() }
}

fn range(node: &Node, reader: &mut Reader<'_>) -> Option<Belief> {
    let (numbers, unit) = amounts(node, 2, reader)?;
    let (low, high) = (numbers[0], numbers[1]);
    if low >= high {
        let rule = if low == high { "leaves nothing uncertain" } else { "has its ends the wrong way round" };
        return reader.refuse(node, rule, "write the lower value first, then a higher one");
    }
    Some(Belief { law: Unknown::Uniform { low, high }, unit })
}

fn triangle(node: &Node, reader: &mut Reader<'_>) -> Option<Belief> {
    let (numbers, unit) = amounts(node, 3, reader)?;
    let (low, mode, high) = (numbers[0], numbers[1], numbers[2]);
    if !(low <= mode && mode <= high && low < high) {
        return reader.refuse(node, "is not in order", "write lowest, likeliest, highest: [10, 20, 40]");
    }
    Some(Belief { law: Unknown::Triangular { low, mode, high }, unit })
}

fn normal(node: &Node, reader: &mut Reader<'_>) -> Option<Belief> {
    let table = UnknownNormal::read(node, reader)?;
    let (numbers, unit) = in_one_unit(&[&table.mean, &table.sd], &node.place, reader)?;
    if numbers[1] <= 0.0 {
        let message = format!("`sd` = {} leaves nothing uncertain", table.sd.text);
        reader.note(Problem::new(&table.sd.place, message).way_out("write a standard deviation above zero"));
        return None;
    }
    Some(Belief { law: Unknown::Normal { mean: numbers[0], sd: numbers[1] }, unit })
}

fn lognormal(node: &Node, reader: &mut Reader<'_>) -> Option<Belief> {
    let table = UnknownLognormal::read(node, reader)?;
    if table.broken {
        return None;
    }
    let amounts: Vec<&Amount> =
        [&table.mean, &table.p50, &table.p95].into_iter().flatten().map(|placed| &placed.value).collect();
    let shape = (table.mean.is_some(), table.p50.is_some(), table.p95.is_some(), table.cv.is_some());
    if !matches!(
        shape,
        (true, false, true, false)
            | (true, false, false, true)
            | (false, true, true, false)
            | (false, true, false, true)
    ) {
        let message = "`lognormal` takes one of `mean` and `p50`, and one of `p95` and `cv`";
        let way_out = "write { lognormal = { p50 = \"45ms\", p95 = \"60ms\" } }";
        reader.note(Problem::new(&node.place, message).way_out(way_out));
        return None;
    }
    let (numbers, unit) = in_one_unit(&amounts, &node.place, reader)?;
    let centre = numbers[0];
    if numbers.iter().any(|number| *number <= 0.0) {
        return reader.refuse(node, "has a value that is not above zero", "a lognormal is of what cannot be zero");
    }
    let made = match (&table.cv, table.mean.is_some()) {
        (Some(cv), true) => Ok(Lognormal::from_mean_cv(centre, cv.0)),
        (Some(cv), false) => Ok(Lognormal::from_median_cv(centre, cv.0)),
        (None, true) => Lognormal::from_mean_quantile(centre, 0.95, numbers[1]),
        (None, false) => Lognormal::from_median_quantile(centre, 0.95, numbers[1]),
    };
    match made {
        Ok(law) if law.sigma > 0.0 => Some(Belief { law: Unknown::Lognormal { mu: law.mu, sigma: law.sigma }, unit }),
        _ => {
            let message =
                format!("no lognormal has this centre and a p95 of {}", numbers.get(1).copied().unwrap_or(centre));
            let way_out = "the p95 lies above the centre, and at most 3.9 times above the mean; or give a `cv` instead";
            reader.note(Problem::new(&node.place, message).way_out(way_out));
            None
        }
    }
}

fn choice(node: &Node, reader: &mut Reader<'_>) -> Option<Belief> {
    let Some(list) = node.as_list().filter(|list| list.len() > 1) else {
        return reader.wrong(node, "a list of at least two values", "write { choice = [10, 20, 40] }");
    };
    let (mut shares, mut values) = (vec![], vec![]);
    for inner in list {
        if inner.as_table().is_some() {
            let branch = UnknownBranch::read(inner, reader)?;
            shares.push(branch.share.0);
            values.push(branch.value.value);
        } else {
            values.push(Amount::read(inner, reader)?);
        }
    }
    if shares.is_empty() {
        shares = vec![1.0 / values.len() as f64; values.len()];
    }
    if shares.len() < values.len() {
        return reader.refuse(node, "gives a share to some values only", "give all of them a share, or none");
    }
    let shares = normalised(node, shares, reader)?;
    let (numbers, unit) = in_one_unit(&values.iter().collect::<Vec<_>>(), &node.place, reader)?;
    Some(Belief { law: Unknown::Choice(shares.into_iter().zip(numbers).collect()), unit })
}

impl JsonSchema for Amount {
    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number, or a quantity with its unit, as the path takes it.",
            "anyOf": [{ "type": "number" }, { "type": "string", "pattern": r"^\s*[+-]?[0-9._]+\s*\S.*$" }],
        })
    }
}

impl JsonSchema for Beliefs {
    fn schema_name() -> Cow<'static, str> {
        "Uncertain".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let amount = generator.subschema_for::<Amount>();
        let list =
            |many: u32| serde_json::json!({ "type": "array", "items": amount, "minItems": many, "maxItems": many });
        let branch = generator.subschema_for::<UnknownBranch>();
        let bodies = [
            ("uniform", "Between two values, all equally likely.", list(2)),
            ("triangular", "Lowest, likeliest, highest.", list(3)),
            ("normal", "Normal.", generator.subschema_for::<UnknownNormal>().to_value()),
            ("lognormal", "Lognormal.", generator.subschema_for::<UnknownLognormal>().to_value()),
            (
                "choice",
                "One of several values.",
                serde_json::json!({ "type": "array", "items": { "anyOf": [amount, branch] }, "minItems": 2 }),
            ),
        ];
        let mut choices = vec![list(2)];
        for (law, description, body) in bodies {
            choices.push(serde_json::json!({
                "type": "object", "description": description, "required": [law], "additionalProperties": false,
                "properties": { law: body },
            }));
        }
        json_schema!({
            "type": "object",
            "propertyNames": { "pattern": r"^[^.\s]+(\.[^.]+)*$" },
            "additionalProperties": { "anyOf": choices },
        })
    }
}
