//! Scenarios with values that every run draws for itself: what is kept of the text, so that a run can be settled.
//!
//! A draw is put into the tree as a `--set` would be, and the tree is read and checked anew: a run's scenario obeys every
//! rule that one written by hand does.

use super::check::uncertain as ends;
use super::files::Files;
use super::problem::{Place, Problem};
use super::reader::{Read, Reader};
use super::tree::{Node, Value};
use super::value::{Assumption, Origin, Scenario, Uncertain};
use super::written::Beliefs;
use super::{arguments, in_order, presets, read};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a scenario is made from, but for what is drawn. Only `Scenario::settled` looks inside.
pub struct Unsettled {
    /// With the replacements, without `[uncertain]`, before the presets.
    tree: Node,
    text: String,
    /// What the scenario names.
    files: BTreeMap<String, Vec<u8>>,
    /// Where each of `Scenario::uncertain` is written.
    places: Vec<Place>,
}

impl std::fmt::Debug for Unsettled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unsettled")
    }
}

/// Keeps what was read.
pub(super) struct Kept<'a> {
    inner: &'a dyn Files,
    read: RefCell<BTreeMap<String, Vec<u8>>>,
}

impl<'a> Kept<'a> {
    pub(super) fn new(inner: &'a dyn Files) -> Kept<'a> {
        Kept { inner, read: RefCell::default() }
    }
}

impl Files for Kept<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        if let Some(bytes) = self.read.borrow().get(path) {
            return Ok(bytes.clone());
        }
        let bytes = self.inner.read(path)?;
        self.read.borrow_mut().insert(path.into(), bytes.clone());
        Ok(bytes)
    }
}

/// From a tree with its replacements to a scenario, settled at the medians of what is uncertain.
pub(super) fn parse(
    mut tree: Node,
    text: &str,
    files: &Kept<'_>,
    mut problems: Vec<Problem>,
) -> Result<Scenario, Vec<Problem>> {
    let table = take(&mut tree);
    let (uncertain, places) = match &table {
        Some(node) => believed(node, &tree, files, &mut problems),
        None => (vec![], vec![]),
    };
    let pinned = pinned(&uncertain, &places, &tree, &mut problems);
    let (uncertain, places): (Vec<Uncertain>, Vec<Place>) =
        uncertain.into_iter().zip(places).filter(|(one, _)| !pinned.contains(&one.path)).unzip();
    let mut unsettled = Unsettled { tree, text: text.into(), files: BTreeMap::new(), places };
    if uncertain.is_empty() {
        let made = unsettled.with(&[], &[], files, problems)?.0;
        return Ok(Scenario { assumptions: noted(made.assumptions, &[], &pinned, &[]), ..made });
    }
    let medians: Vec<f64> = uncertain.iter().map(|one| one.law.quantile(0.5)).collect();
    let (_, rounded) = unsettled.with(&uncertain, &medians, files, problems)?;
    let uncertain: Vec<Uncertain> = uncertain
        .into_iter()
        .zip(&unsettled.places)
        .map(|(one, place)| Uncertain { whole: rounded.contains(place), ..one })
        .collect();
    let medians: Vec<f64> = uncertain.iter().map(|one| one.quantile(0.5)).collect();
    let (middle, _) = unsettled.with(&uncertain, &medians, files, vec![])?;
    let settle = |values: &[f64]| unsettled.with(&uncertain, values, files, vec![]).map(|(scenario, _)| scenario);
    ends::check(&middle, &uncertain, &unsettled.places, &medians, &settle)?;
    let lines: Vec<usize> = unsettled.places.iter().map(|place| line(place, text)).collect();
    unsettled.files = files.read.take();
    Ok(Scenario {
        assumptions: noted(middle.assumptions, &uncertain, &pinned, &lines),
        uncertain,
        unsettled: Some(Arc::new(unsettled)),
        ..middle
    })
}

fn line(place: &Place, text: &str) -> usize {
    let mut problem = Problem::new(place, "");
    problem.locate(text);
    problem.line
}

/// Takes `[uncertain]` out of the tree.
fn take(tree: &mut Node) -> Option<Node> {
    let Value::Table(table) = &mut tree.value else { return None };
    let at = table.position("uncertain")?;
    Some(table.entries.remove(at).node)
}

/// What the table says, and where.
fn believed(node: &Node, tree: &Node, files: &dyn Files, problems: &mut Vec<Problem>) -> (Vec<Uncertain>, Vec<Place>) {
    let mut reader = Reader::new(files);
    let beliefs = Beliefs::read(node, &mut reader).map_or(vec![], |beliefs| beliefs.0);
    problems.append(&mut reader.problems);
    let (mut uncertain, mut places): (Vec<Uncertain>, Vec<Place>) = (vec![], vec![]);
    for (path, belief) in beliefs {
        if let Err(problem) = ends::may_be_drawn(&path, tree) {
            problems.push(problem);
            continue;
        }
        let belief = belief.value;
        let place = match path.place {
            Place::File(span) => Place::Drawn(span),
            other => other,
        };
        places.push(place);
        uncertain.push(Uncertain { path: path.value, law: belief.law, unit: belief.unit, whole: false });
    }
    (uncertain, places)
}

/// The paths whose values are set by an argument: those are known.
fn pinned(uncertain: &[Uncertain], places: &[Place], tree: &Node, problems: &mut Vec<Problem>) -> Vec<String> {
    let mut pinned = vec![];
    let mut broken = vec![];
    for (one, place) in uncertain.iter().zip(places) {
        let before = arguments::put(&mut tree.clone(), &one.path, one.node(one.law.quantile(0.5), place));
        match before {
            Ok(Some(Place::Argument(_))) if !matches!(place, Place::Argument(_)) => pinned.push(one.path.clone()),
            Ok(_) => {}
            Err(problem) => {
                problems.push(problem);
                broken.push(one.path.clone());
            }
        }
    }
    // What cannot be put in its place was noted once; the rest is checked without it.
    pinned.extend(broken);
    pinned
}

/// With a line for each uncertain value.
fn noted(
    mut assumptions: Vec<Assumption>,
    uncertain: &[Uncertain],
    pinned: &[String],
    lines: &[usize],
) -> Vec<Assumption> {
    for (one, line) in uncertain.iter().zip(lines) {
        let median = one.shown(one.quantile(0.5));
        assumptions.push(Assumption {
            path: format!("uncertain.{}", one.path),
            value: format!("{}, drawn once a run; {median} on paper", one.said()),
            origin: if *line > 0 { Origin::File { line: *line } } else { Origin::Argument },
        });
    }
    for path in pinned {
        let value = "not drawn: a setting says what it is".into();
        assumptions.push(Assumption { path: format!("uncertain.{path}"), value, origin: Origin::Argument });
    }
    assumptions
}

impl Uncertain {
    /// As it would be written in the file.
    fn node(&self, value: f64, place: &Place) -> Node {
        let value = match (self.unit.suffix.as_str(), self.whole) {
            ("", true) => Value::Whole(value as i128),
            ("", false) => Value::Number(value),
            (suffix, _) => Value::Text(format!("{value}{suffix}")),
        };
        Node { value, place: place.clone() }
    }
}

impl Unsettled {
    /// The scenario with these values, and the places of numbers that were read as whole ones.
    fn with(
        &self,
        uncertain: &[Uncertain],
        values: &[f64],
        files: &dyn Files,
        problems: Vec<Problem>,
    ) -> Result<(Scenario, Vec<Place>), Vec<Problem>> {
        let mut reader = Reader::new(files);
        reader.problems = problems;
        let mut tree = self.tree.clone();
        for ((one, value), place) in uncertain.iter().zip(values).zip(&self.places) {
            if let Err(problem) = arguments::put(&mut tree, &one.path, one.node(*value, place)) {
                reader.note(problem);
            }
        }
        presets::complete(&mut tree, &mut reader.problems);
        match read(&tree, &self.text, &mut reader) {
            Some(scenario) if reader.problems.is_empty() => Ok((scenario, reader.rounded)),
            _ => Err(reader.problems),
        }
    }
}

impl Scenario {
    /// The scenario of one run: with the values that it draws, and nothing uncertain any more. Seed, runs, warm-up and
    /// lengths are this scenario's, which may differ from the text's.
    ///
    /// # Errors
    /// Every problem that the drawn values make together, though each of them alone is sound.
    pub fn settled(&self, run: u32) -> Result<Scenario, Vec<Problem>> {
        let Some(unsettled) = &self.unsettled else { return Ok(self.clone()) };
        let values = self.drawn(run);
        let (made, _) = unsettled
            .with(&self.uncertain, &values, &unsettled.files, vec![])
            .map_err(|problems| in_order(problems, &unsettled.text))?;
        Ok(Scenario {
            seed: self.seed,
            runs: self.runs,
            warmup: self.warmup,
            warmup_rule: self.warmup_rule,
            tick: self.tick,
            duration: self.duration,
            ..made
        })
    }

    /// What a run draws, in the order and units of `uncertain`.
    pub fn drawn(&self, run: u32) -> Vec<f64> {
        self.uncertain.iter().map(|one| one.draw(self.seed, run)).collect()
    }
}
