//! What one point of a sweep gave, and its written form: one JSON file a point.

use crate::scenario::FigureUnit;
use crate::study::{Stat, stat};
use serde_json::{Map, Value, json};

/// Of the layout of a point's file.
const SCHEMA_VERSION: u64 = 1;

/// The figures of a point; a pure function of its key.
#[derive(Debug, Clone, PartialEq)]
pub struct PointResult {
    pub key: String,
    /// All that the command line set: only for people who look into the file.
    pub settings: Vec<(String, String)>,
    pub figures: Vec<PointFigure>,
    pub slo: Vec<PointSlo>,
}

/// A figure of a point: over all runs, and of each run by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct PointFigure {
    /// `orders.latency.p99`.
    pub expression: String,
    pub unit: FigureUnit,
    /// Its place among the figures that every study of this scenario looks at; `None` where it was asked for.
    pub headline: Option<u32>,
    /// Of all messages of all runs together.
    pub pooled: bool,
    /// Mean over the runs that have one, or pooled; `None` where nothing was seen.
    pub value: Option<f64>,
    /// `None` where a run has none: it never recovered.
    pub by_run: Vec<Option<f64>>,
}

/// An objective at a point.
#[derive(Debug, Clone, PartialEq)]
pub struct PointSlo {
    pub expression: String,
    /// The left side, as the figure is named.
    pub figure: String,
    /// The right side, in the figure's unit.
    pub bound: f64,
    pub value: Option<f64>,
    /// Of the runs; `None` where it is judged on all messages together.
    pub share_of_runs: Option<f64>,
    pub holds: bool,
}

/// A figure at a point, summed up.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepValue {
    /// Mean over the runs that have one, or pooled; `None` where nothing was seen.
    pub value: Option<f64>,
    /// Of the runs' own numbers; `None` where no run has one.
    pub stat: Option<Stat>,
    /// Runs without a number: never recovered, or nothing seen.
    pub never: u32,
    pub runs: u32,
}

impl SweepValue {
    pub fn never_share(&self) -> f64 {
        f64::from(self.never) / f64::from(self.runs.max(1))
    }
}

impl PointFigure {
    pub fn over_runs(&self) -> SweepValue {
        let numbers: Vec<f64> = self.by_run.iter().flatten().copied().collect();
        SweepValue {
            value: self.value,
            stat: (!numbers.is_empty()).then(|| stat(&numbers)),
            never: (self.by_run.len() - numbers.len()) as u32,
            runs: self.by_run.len() as u32,
        }
    }
}

impl PointResult {
    pub fn figure(&self, expression: &str) -> Option<&PointFigure> {
        self.figures.iter().find(|figure| figure.expression == expression)
    }

    /// The same figures; who computed them first does not matter.
    pub fn agrees_with(&self, other: &PointResult) -> bool {
        let differs = |figure: &PointFigure| other.figure(&figure.expression).is_some_and(|theirs| theirs != figure);
        self.key == other.key && !self.figures.iter().any(differs) && self.slo == other.slo
    }

    /// With the figures that only `other` has: two sweeps may look at different ones.
    pub fn joined(mut self, other: &PointResult) -> PointResult {
        let new = other.figures.iter().filter(|figure| self.figure(&figure.expression).is_none());
        let new: Vec<PointFigure> = new.cloned().collect();
        self.figures.extend(new);
        // Whoever came first, the same file.
        self.figures.sort_by(|a, b| a.expression.cmp(&b.expression));
        self
    }

    /// Indented JSON with a final newline.
    pub fn to_json(&self) -> String {
        let figures: Vec<Value> = self.figures.iter().map(figure).collect();
        let settings: Map<String, Value> =
            self.settings.iter().map(|(path, value)| (path.clone(), value.clone().into())).collect();
        let slo: Vec<Value> = self.slo.iter().map(objective).collect();
        let all = json!({
            "schema_version": SCHEMA_VERSION,
            "tool": format!("tailback {}", env!("CARGO_PKG_VERSION")),
            "point": self.key,
            "settings": settings,
            "figures": figures,
            "slo": slo,
        });
        format!("{all:#}\n")
    }

    /// Reads what `to_json` wrote.
    ///
    /// # Errors
    /// What is not as it should be.
    pub fn from_json(text: &str) -> Result<PointResult, String> {
        let all: Value = serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))?;
        if all["schema_version"] != SCHEMA_VERSION {
            return Err(format!("its `schema_version` is {}, not {SCHEMA_VERSION}", all["schema_version"]));
        }
        let settings = all["settings"].as_object().ok_or("`settings` is missing")?;
        let list = |name: &str| all[name].as_array().ok_or(format!("`{name}` is missing"));
        Ok(PointResult {
            key: all["point"].as_str().ok_or("`point` is missing")?.into(),
            settings: settings
                .iter()
                .map(|(path, value)| (path.clone(), value.as_str().unwrap_or_default().into()))
                .collect(),
            figures: list("figures")?.iter().map(read_figure).collect::<Result<_, _>>()?,
            slo: list("slo")?.iter().map(read_objective).collect::<Result<_, _>>()?,
        })
    }
}

/// JSON has no infinity; a figure that is none is null.
fn number(value: Option<f64>) -> Value {
    value.filter(|value| value.is_finite()).map_or(Value::Null, Value::from)
}

/// What a figure's numbers are, in files.
const UNITS: [(FigureUnit, &str); 5] = [
    (FigureUnit::Count, "count"),
    (FigureUnit::Time, "s"),
    (FigureUnit::PerTime, "per_s"),
    (FigureUnit::Ratio, "ratio"),
    (FigureUnit::Money, "money"),
];

/// `count`, `s`, `per_s`, `ratio` or `money`.
pub fn word(unit: FigureUnit) -> &'static str {
    UNITS.iter().find(|(one, _)| *one == unit).map_or("count", |(_, word)| word)
}

fn figure(figure: &PointFigure) -> Value {
    json!({
        "figure": figure.expression,
        "unit": word(figure.unit),
        "headline": figure.headline,
        "pooled": figure.pooled,
        "value": number(figure.value),
        "by_run": figure.by_run.iter().map(|value| number(*value)).collect::<Vec<_>>(),
    })
}

fn objective(slo: &PointSlo) -> Value {
    json!({
        "expression": slo.expression,
        "figure": slo.figure,
        "bound": slo.bound,
        "value": number(slo.value),
        "share_of_runs": number(slo.share_of_runs),
        "holds": slo.holds,
    })
}

fn read_figure(from: &Value) -> Result<PointFigure, String> {
    Ok(PointFigure {
        expression: from["figure"].as_str().ok_or("a figure without its name")?.into(),
        unit: UNITS.iter().find(|(_, word)| from["unit"] == *word).ok_or("a figure without its `unit`")?.0,
        headline: from["headline"].as_u64().and_then(|place| u32::try_from(place).ok()),
        pooled: from["pooled"].as_bool().ok_or("a figure without `pooled`")?,
        value: from["value"].as_f64(),
        by_run: from["by_run"].as_array().ok_or("a figure without `by_run`")?.iter().map(Value::as_f64).collect(),
    })
}

fn read_objective(from: &Value) -> Result<PointSlo, String> {
    Ok(PointSlo {
        expression: from["expression"].as_str().ok_or("an objective without its expression")?.into(),
        figure: from["figure"].as_str().ok_or("an objective without its figure")?.into(),
        bound: from["bound"].as_f64().ok_or("an objective without its bound")?,
        value: from["value"].as_f64(),
        share_of_runs: from["share_of_runs"].as_f64(),
        holds: from["holds"].as_bool().ok_or("an objective without `holds`")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(values: &[(&str, f64)]) -> PointResult {
        let figures = values.iter().map(|(name, value)| PointFigure {
            expression: name.to_string(),
            unit: FigureUnit::Time,
            headline: None,
            pooled: false,
            value: Some(*value),
            by_run: vec![Some(*value), None],
        });
        let slo = PointSlo {
            expression: "a < 1".into(),
            figure: "a".into(),
            bound: 1.0,
            value: None,
            share_of_runs: Some(0.5),
            holds: false,
        };
        PointResult {
            key: "k".into(),
            settings: vec![("c.w.replicas".into(), "5".into())],
            figures: figures.collect(),
            slo: vec![slo],
        }
    }

    #[test]
    fn what_is_written_is_read_back_to_the_last_bit() {
        let awkward = point(&[("a", 0.1 + 0.2), ("b", 1.0 / 3.0), ("c", 5e-324), ("d", 1.797_693_134_862_315_7e308)]);
        let text = awkward.to_json();
        let back = PointResult::from_json(&text).unwrap();
        assert_eq!(back, awkward);
        assert_eq!(back.to_json(), text);
    }

    #[test]
    fn a_run_without_a_number_counts_as_never() {
        let over = point(&[("a", 3.0)]).figures[0].over_runs();
        assert_eq!((over.never, over.value, over.stat.unwrap().mean), (1, Some(3.0), 3.0));
    }

    #[test]
    fn points_are_joined_in_any_order() {
        let (one, other) = (point(&[("b", 1.0), ("a", 2.0)]), point(&[("c", 3.0), ("a", 2.0)]));
        assert!(one.agrees_with(&other));
        assert_eq!(one.clone().joined(&other), other.clone().joined(&one));
        assert!(!one.agrees_with(&point(&[("a", 2.5)])));
    }

    #[test]
    fn half_a_file_is_refused() {
        let text = point(&[("a", 3.0)]).to_json();
        assert!(PointResult::from_json(&text[..text.len() / 2]).unwrap_err().contains("not JSON"));
        assert!(PointResult::from_json("{\"schema_version\": 9}").unwrap_err().contains("schema_version"));
    }
}
