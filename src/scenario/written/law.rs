//! Distributions as written: a bare duration, or a table with the law's name.

use crate::random::Distribution;
use crate::random::distribution::{
    Choice, Empirical, Exponential, Gamma, Hyperexponential, Kind, Law, Lognormal, Pareto, Uniform, Weibull,
};
use crate::scenario::files;
use crate::scenario::problem::Problem;
use crate::scenario::quantity::{Factor, Positive, Span};
use crate::scenario::reader::{Placed, Read, Reader, Stranger};
use crate::scenario::tree::{Node, Value};
use crate::units::{Duration, Share};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// The laws' names, as keys of the table.
pub(in crate::scenario) const LAWS: [&str; 10] =
    ["exp", "lognormal", "gamma", "erlang", "weibull", "pareto", "uniform", "hyperexp", "choice", "empirical"];

written! {
    /// Exp of a normal: the usual shape of service times with a tail. One of `mean`, `p50`, and one of `p99`, `cv`.
    LognormalTable called "a lognormal" {
        /// The mean.
        mean: optional Span;
        /// The median, instead of the mean.
        p50: optional Span;
        /// The 99th percentile.
        p99: optional Span;
        /// Standard deviation ÷ mean, instead of `p99`.
        cv: optional Factor;
    }
}

written! {
    /// Gamma with a given mean and spread.
    GammaTable called "a gamma law" {
        /// The mean.
        mean: required Span = "write { mean = \"50ms\", cv = 0.5 }";
        /// Standard deviation ÷ mean.
        cv: required Factor = "write { mean = \"50ms\", cv = 0.5 }";
    }
}

written! {
    /// The sum of `k` equal exponentials.
    ErlangTable called "an Erlang law" {
        /// The mean of the whole.
        mean: required Span = "write { mean = \"50ms\", k = 4 }";
        /// How many exponentials it is the sum of.
        k: required Positive = "write { mean = \"50ms\", k = 4 }";
    }
}

written! {
    /// A tail heavier (shape below 1) or lighter (above 1) than the exponential's.
    WeibullTable called "a Weibull law" {
        /// The mean.
        mean: required Span = "write { mean = \"50ms\", shape = 0.7 }";
        /// 1 is the exponential.
        shape: required Factor = "write { mean = \"50ms\", shape = 0.7 }";
    }
}

written! {
    /// A power-law tail, cut at `cap`: what is drawn longer counts as the cap.
    ParetoTable called "a Pareto law" {
        /// The shortest.
        min: required Span = "write { min = \"10ms\", alpha = 1.5, cap = \"5s\" }";
        /// The tail's exponent: the smaller, the heavier.
        alpha: required Factor = "write { min = \"10ms\", alpha = 1.5, cap = \"5s\" }";
        /// The longest. Without one `alpha` must be above 1.
        cap: optional Span;
    }
}

written! {
    /// One branch of a mixture of exponentials.
    PhaseTable called "a branch of hyperexp" {
        /// Its share; the shares sum to 1.
        share: required Share = "write { share = 0.9, mean = \"30ms\" }";
        /// Its mean.
        mean: required Span = "write { share = 0.9, mean = \"30ms\" }";
    }
}

written! {
    /// One of several fixed lengths.
    ChoiceTable called "a branch of choice" {
        /// Its share; the shares sum to 1.
        share: required Share = "write { share = 0.9, value = \"30ms\" }";
        /// Its length.
        value: required Duration = "write { share = 0.9, value = \"30ms\" }";
    }
}

impl Read for Distribution {
    const IS_QUANTITY: bool = true;

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Distribution> {
        let table = match &node.value {
            Value::Table(table) => table,
            Value::Text(_) | Value::Whole(_) | Value::Number(_) => {
                return Some(Distribution::constant(Duration::read(node, reader)?.seconds()));
            }
            _ => {
                return reader.wrong(node, "a distribution", "write \"50ms\", or a law such as { exp = \"50ms\" }");
            }
        };
        let keys: Vec<&str> = LAWS.into_iter().chain(["shift"]).collect();
        const CONSTANT: &[Stranger] =
            &[Stranger::Instead("exponential", "exp"), Stranger::Instead("log_normal", "lognormal")];
        reader.known(table, "a distribution", &keys, CONSTANT);
        let laws: Vec<_> = table.entries.iter().filter(|entry| LAWS.contains(&entry.key.as_str())).collect();
        let shift: Option<Placed<Duration>> = reader.optional(table, "shift");
        let [law] = laws.as_slice() else {
            if laws.len() > 1 {
                let message = format!("{} has {} laws; a distribution has one", reader.subject(), laws.len());
                reader.note(Problem::new(&laws[1].key_place, message).way_out(format!("keep one of {}", named(&laws))));
            } else if table.entries.iter().all(|entry| entry.key == "shift") {
                let message = format!("{} names no law", reader.subject());
                reader.note(Problem::new(&node.place, message).way_out("write a law such as { exp = \"50ms\" }"));
            }
            return None;
        };
        let Placed { value: Parsed(kind), .. } = match law.key.as_str() {
            "exp" => reader.optional::<Parsed>(table, "exp"),
            "lognormal" => lognormal(reader.optional(table, "lognormal")?, reader),
            "gamma" => gamma(reader.optional(table, "gamma")?, reader),
            "erlang" => erlang(reader.optional(table, "erlang")?),
            "weibull" => weibull(reader.optional(table, "weibull")?, reader),
            "pareto" => pareto(reader.optional(table, "pareto")?, reader),
            "uniform" => uniform(&law.node, reader.optional(table, "uniform")?, reader),
            "hyperexp" => hyperexp(&law.node, reader.optional(table, "hyperexp")?, reader),
            "choice" => choice(&law.node, reader.optional(table, "choice")?, reader),
            _ => empirical(reader.optional(table, "empirical")?, reader),
        }?;
        Some(Distribution { kind, shift: shift.map_or(0.0, |shift| shift.seconds()) })
    }
}

fn named(laws: &[&crate::scenario::tree::Entry]) -> String {
    crate::scenario::problem::listed(laws.iter().map(|entry| entry.key.as_str()))
}

/// A law under construction.
struct Parsed(Kind);

impl Read for Parsed {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        Some(Parsed(Kind::Exponential(Exponential { mean: Span::read(node, reader)?.0.seconds() })))
    }
}

type Made = Option<Placed<Parsed>>;

fn made(place: crate::scenario::problem::Place, kind: Kind) -> Made {
    Some(Placed { value: Parsed(kind), place })
}

fn lognormal(table: Placed<LognormalTable>, reader: &mut Reader<'_>) -> Made {
    if table.broken {
        return None;
    }
    let seconds = |span: &Option<Placed<Span>>| span.as_ref().map(|span| span.0.seconds());
    let (mean, median, p99) = (seconds(&table.mean), seconds(&table.p50), seconds(&table.p99));
    let cv = table.cv.as_ref().map(|cv| cv.0);
    let law = match (mean, median, p99, cv) {
        (Some(mean), None, None, Some(cv)) => Ok(Lognormal::from_mean_cv(mean, cv)),
        (Some(mean), None, Some(p99), None) => Lognormal::from_mean_quantile(mean, 0.99, p99),
        (None, Some(median), None, Some(cv)) => Ok(Lognormal::from_median_cv(median, cv)),
        (None, Some(median), Some(p99), None) => Lognormal::from_median_quantile(median, 0.99, p99),
        _ => {
            let message = "`lognormal` takes one of `mean` and `p50`, and one of `p99` and `cv`";
            let problem = Problem::new(&table.place, message);
            reader.note(problem.way_out("write { lognormal = { mean = \"45ms\", p99 = \"250ms\" } }"));
            return None;
        }
    };
    match law {
        Ok(law) => made(table.place, Kind::Lognormal(law)),
        Err(why) => {
            let way_out = "raise or lower the p99, or give a `cv` instead";
            reader.note(Problem::new(&table.place, format!("`lognormal`: {why}")).way_out(way_out));
            None
        }
    }
}

fn gamma(table: Placed<GammaTable>, reader: &mut Reader<'_>) -> Made {
    finite(Kind::Gamma(Gamma::from_mean_cv(table.mean.0.seconds(), table.cv.0)), table.place, reader)
}

fn erlang(table: Placed<ErlangTable>) -> Made {
    made(table.place.clone(), Kind::Gamma(Gamma { mean: table.mean.0.seconds(), shape: f64::from(table.k.u32()) }))
}

fn weibull(table: Placed<WeibullTable>, reader: &mut Reader<'_>) -> Made {
    finite(Kind::Weibull(Weibull::new(table.mean.0.seconds(), table.shape.0)), table.place, reader)
}

/// Extreme parameters leave the range of floating-point numbers.
fn finite(kind: Kind, place: crate::scenario::problem::Place, reader: &mut Reader<'_>) -> Made {
    let sound = match &kind {
        Kind::Gamma(law) => law.shape.is_finite() && law.shape > 1e-6 && law.shape < 1e12,
        Kind::Weibull(law) => law.scale.is_finite() && law.scale > 0.0 && law.variance().is_finite(),
        _ => true,
    };
    if !sound {
        let problem = Problem::new(&place, format!("{} has a spread beyond all reckoning", reader.subject()));
        reader.note(problem.way_out("choose a `cv` or `shape` nearer to 1; a constant is written as a bare duration"));
        return None;
    }
    made(place, kind)
}

fn pareto(table: Placed<ParetoTable>, reader: &mut Reader<'_>) -> Made {
    let (min, alpha) = (table.min.0.seconds(), table.alpha.0);
    match &table.cap {
        Some(cap) if cap.0.seconds() <= min => {
            let message = format!("`cap` = {} does not lie above `min` = {}", cap.0, table.min.0);
            reader.note(
                Problem::new(&cap.place, message).way_out("raise `cap`; a constant is written as a bare duration"),
            );
            None
        }
        None if alpha <= 1.0 && !table.broken => {
            let message = format!("a Pareto law with `alpha` = {alpha} and no `cap` has no mean");
            reader.note(Problem::new(&table.alpha.place, message).way_out("give a `cap`, or an `alpha` above 1"));
            None
        }
        cap => {
            let cap = cap.as_ref().map_or(f64::INFINITY, |cap| cap.0.seconds());
            made(table.place.clone(), Kind::Pareto(Pareto { min, alpha, cap }))
        }
    }
}

fn uniform(node: &Node, bounds: Placed<Vec<Placed<Duration>>>, reader: &mut Reader<'_>) -> Made {
    if node.as_list().is_none_or(|list| list.len() != 2) {
        let message = format!("`uniform` takes two lengths of time, not {}", node.as_list().map_or(0, <[Node]>::len));
        reader.note(Problem::new(&node.place, message).way_out("write { uniform = [\"10ms\", \"90ms\"] }"));
        return None;
    }
    let [low, high] = bounds.value.as_slice() else { return None };
    if low.value > high.value || high.value == Duration::ZERO {
        let message = format!("`uniform` = {}: the second must be the longer one", node.written());
        reader.note(Problem::new(&node.place, message).way_out("write { uniform = [\"10ms\", \"90ms\"] }"));
        return None;
    }
    made(bounds.place, Kind::Uniform(Uniform { low: low.seconds(), high: high.seconds() }))
}

fn hyperexp(node: &Node, branches: Placed<Vec<Placed<PhaseTable>>>, reader: &mut Reader<'_>) -> Made {
    if node.as_list().is_some_and(|list| list.len() != branches.len()) {
        return None;
    }
    let shares = normalised(node, branches.iter().map(|branch| branch.share.0).collect(), reader)?;
    let means = branches.iter().map(|branch| branch.mean.0.seconds());
    made(branches.place.clone(), Kind::Hyperexponential(Hyperexponential::new(shares.into_iter().zip(means).collect())))
}

fn choice(node: &Node, branches: Placed<Vec<Placed<ChoiceTable>>>, reader: &mut Reader<'_>) -> Made {
    if node.as_list().is_some_and(|list| list.len() != branches.len()) {
        return None;
    }
    let shares = normalised(node, branches.iter().map(|branch| branch.share.0).collect(), reader)?;
    let values = branches.iter().map(|branch| branch.value.value.seconds());
    made(branches.place.clone(), Kind::Choice(Choice::new(shares.into_iter().zip(values).collect())))
}

/// Shares that sum to 1 within a millionth are made to sum to it; others are refused.
pub(in crate::scenario) fn normalised(node: &Node, shares: Vec<f64>, reader: &mut Reader<'_>) -> Option<Vec<f64>> {
    let total: f64 = shares.iter().sum();
    if (total - 1.0).abs() > 1e-6 {
        let message = if shares.is_empty() {
            format!("{} is empty", reader.subject())
        } else {
            format!("the shares sum to {}, not to 1", (total * 1e6).round() / 1e6)
        };
        reader.note(Problem::new(&node.place, message).way_out("give shares such as 0.9 and 0.1"));
        return None;
    }
    Some(shares.into_iter().map(|share| share / total).collect())
}

fn empirical(path: Placed<String>, reader: &mut Reader<'_>) -> Made {
    match files::text(reader.files, &path).and_then(|text| lengths(&text)) {
        Ok(values) => made(path.place, Kind::Empirical(Empirical::new(values))),
        Err(why) => {
            let way_out =
                "a CSV relative to the scenario's folder: a column `service_s` of seconds, or nothing but numbers";
            reader.note(Problem::new(&path.place, format!("`empirical` = {:?}: {why}", path.value)).way_out(way_out));
            None
        }
    }
}

/// Seconds, from the column `service_s` where there is a header, else from the first.
fn lengths(text: &str) -> Result<Vec<f64>, String> {
    let mut rows =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let (mut column, mut values) = (0, vec![]);
    for (index, row) in rows.records().enumerate() {
        let row = row.map_err(|error| format!("row {}: {error}", index + 1))?;
        let field = row.get(column).unwrap_or("");
        match field.parse::<f64>() {
            Ok(value) if value.is_finite() && value >= 0.0 => values.push(value),
            Err(_) if index == 0 => column = row.iter().position(|name| name == "service_s").unwrap_or(0),
            _ => return Err(format!("row {}: {field:?} is not a length in seconds", index + 1)),
        }
    }
    match values.iter().sum::<f64>() {
        0.0 => Err("it holds no length above zero".into()),
        _ => Ok(values),
    }
}

impl JsonSchema for Distribution {
    fn schema_name() -> Cow<'static, str> {
        "Distribution".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let duration = generator.subschema_for::<Duration>();
        let bodies = [
            ("exp", "Exponential with this mean.", generator.subschema_for::<Span>()),
            ("lognormal", "Lognormal.", generator.subschema_for::<LognormalTable>()),
            ("gamma", "Gamma.", generator.subschema_for::<GammaTable>()),
            ("erlang", "Erlang.", generator.subschema_for::<ErlangTable>()),
            ("weibull", "Weibull.", generator.subschema_for::<WeibullTable>()),
            ("pareto", "Pareto with a cap.", generator.subschema_for::<ParetoTable>()),
            (
                "uniform",
                "Between two bounds.",
                json_schema!({ "type": "array", "items": duration, "minItems": 2, "maxItems": 2 }),
            ),
            ("hyperexp", "A mixture of exponentials.", generator.subschema_for::<Vec<PhaseTable>>()),
            ("choice", "One of several fixed lengths.", generator.subschema_for::<Vec<ChoiceTable>>()),
            ("empirical", "A CSV of measured lengths in seconds.", generator.subschema_for::<String>()),
        ];
        let mut choices = vec![duration.clone().to_value()];
        for (law, description, body) in bodies {
            choices.push(serde_json::json!({
                "type": "object", "description": description, "required": [law], "additionalProperties": false,
                "properties": { law: body, "shift": duration },
            }));
        }
        json_schema!({
            "description": "A length of time, fixed or drawn: a bare duration, or a law; `shift` is added to every draw.",
            "anyOf": choices,
        })
    }
}
