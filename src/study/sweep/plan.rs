//! What a sweep is going to compute: the grid of its knobs, checked, with everything that a point depends on.

use super::key::{of_point, sha256};
use super::plan_json;
use crate::scenario::{Files, Place, Problem, Scenario, Source};
use crate::study::{Engine, Knob, KnobUnit, KnobValue};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Self-contained: with it and the program any machine computes any point.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepPlan {
    pub title: String,
    /// The scenario's file as named on the command line, and its name without the ending.
    pub path: String,
    pub stem: String,
    /// The scenario as it stands in the file.
    pub text: String,
    /// What it names, by path relative to the scenario.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What the command line sets for all points.
    pub settings: Vec<(String, String)>,
    pub seed: u64,
    pub runs: u32,
    pub engine: Engine,
    pub knobs: Vec<PlanKnob>,
    /// Figures asked for, beside the headline figures.
    pub asked: Vec<String>,
    /// The last knob turns fastest.
    pub points: Vec<PlanPoint>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PlanKnob {
    pub path: String,
    /// Paths that are set to the same values.
    pub tied: Vec<String>,
    pub unit: KnobUnit,
    pub values: Vec<KnobValue>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PlanPoint {
    pub key: String,
    /// Which value of each knob.
    pub at: Vec<usize>,
}

/// Where the scenario came from.
#[derive(Clone, Copy)]
pub struct SweepOrigin<'a> {
    pub path: &'a str,
    pub stem: &'a str,
    pub text: &'a str,
    pub files: &'a dyn Files,
    /// `--set`, `--runs` and `--seed`, in this order.
    pub settings: &'a [(String, String)],
    pub engine: Engine,
}

impl SweepPlan {
    /// Checks every point before anything is simulated.
    ///
    /// # Errors
    /// Every problem of every point, each once; a knob's value is named by its setting. Figures that were asked for and
    /// that some point does not have are among them.
    pub fn new(
        origin: SweepOrigin<'_>,
        knobs: &[Knob],
        ties: &[(String, String)],
        asked: &[String],
    ) -> Result<SweepPlan, Vec<Problem>> {
        let base = Scenario::parse_with(origin.text, origin.files, origin.settings)?;
        let mut problems: Vec<Problem> = vec![];
        let knobs: Vec<PlanKnob> = knobs
            .iter()
            .map(|knob| PlanKnob {
                path: knob.path.clone(),
                tied: ties.iter().filter(|(path, _)| *path == knob.path).map(|(_, tied)| tied.clone()).collect(),
                unit: knob.unit,
                // Whoever calls has refused ranges without a step.
                values: knob.values().unwrap_or_default(),
            })
            .collect();
        let mut plan = SweepPlan {
            title: base.title.clone(),
            path: origin.path.into(),
            stem: origin.stem.into(),
            text: origin.text.into(),
            files: BTreeMap::new(),
            settings: origin.settings.to_vec(),
            seed: base.seed,
            runs: base.runs,
            engine: origin.engine,
            knobs,
            // As the figures are named in results, whatever blanks were typed; what has no name is found below.
            asked: asked.iter().filter_map(|text| Some(base.figure(text).ok()?.expression)).collect(),
            points: vec![],
        };
        let text_sha256 = sha256(origin.text.as_bytes());
        let mut shapes: Vec<String> = vec![];
        for at in plan.grid() {
            let recorder = Recorder { inner: origin.files, read: RefCell::new(BTreeMap::new()) };
            let settings = plan.settings_at(&at);
            match Scenario::parse_with(origin.text, &recorder, &settings) {
                Ok(scenario) => {
                    problems.extend(asked.iter().filter_map(|figure| scenario.figure(figure).err()));
                    let read = recorder.read.into_inner();
                    let files: Vec<(String, String)> =
                        read.iter().map(|(path, bytes)| (path.clone(), sha256(bytes))).collect();
                    plan.files.extend(read);
                    shapes.push(shape(&scenario, &files));
                    let key = of_point(&text_sha256, &files, &settings, scenario.seed, scenario.runs, origin.engine);
                    plan.points.push(PlanPoint { key, at });
                }
                Err(of_point) => problems.extend(of_point),
            }
        }
        if problems.is_empty() {
            problems = plan.idle(&shapes);
        }
        let mut once: Vec<Problem> = vec![];
        for problem in problems {
            if !once.contains(&problem) {
                once.push(problem);
            }
        }
        if once.is_empty() { Ok(plan) } else { Err(once) }
    }

    /// Knobs that change nothing at any value of the others: a sweep over one would show its own noise as a result.
    fn idle(&self, shapes: &[String]) -> Vec<Problem> {
        let mut stride = self.points.len();
        let mut problems = vec![];
        for knob in &self.knobs {
            let values = knob.values.len();
            stride /= values.max(1);
            let turns =
                (stride..shapes.len()).any(|i| !(i / stride).is_multiple_of(values) && shapes[i] != shapes[i - stride]);
            if values > 1 && !turns {
                let message =
                    format!("`{}` changes nothing: the scenario is the same at all {values} values", knob.path);
                let way_out = "another setting overrides it; vary that one, or a value that the system depends on";
                let texts: Vec<&str> = knob.values.iter().map(|value| value.text.as_str()).collect();
                let place = Place::Argument(format!("{}={}", knob.path, texts.join(",")));
                problems.push(Problem { place, line: 0, column: 0, message, way_out: Some(way_out.into()) });
            }
        }
        problems
    }

    /// Every combination of the knobs' values.
    fn grid(&self) -> Vec<Vec<usize>> {
        self.knobs.iter().fold(vec![vec![]], |points, knob| {
            let turned = |point: &Vec<usize>| {
                let point = point.clone();
                (0..knob.values.len()).map(move |value| [point.as_slice(), &[value]].concat())
            };
            points.iter().flat_map(turned).collect()
        })
    }

    /// What the knobs, and what is tied to them, are set to at a point.
    pub fn knobs_at(&self, at: &[usize]) -> Vec<(String, String)> {
        let set = |(knob, &i): (&PlanKnob, &usize)| {
            let text = knob.values[i].text.clone();
            let paths: Vec<String> = std::iter::once(&knob.path).chain(&knob.tied).cloned().collect();
            paths.into_iter().map(move |path| (path, text.clone()))
        };
        self.knobs.iter().zip(at).flat_map(set).collect()
    }

    /// All settings of a point: those for all points, then its own.
    pub fn settings_at(&self, at: &[usize]) -> Vec<(String, String)> {
        self.settings.iter().cloned().chain(self.knobs_at(at)).collect()
    }

    /// `consumer.w.replicas=50, duration=1h`
    pub fn label(&self, at: &[usize]) -> String {
        let set: Vec<String> = self.knobs_at(at).into_iter().map(|(path, value)| format!("{path}={value}")).collect();
        set.join(", ")
    }

    pub fn text_sha256(&self) -> String {
        sha256(self.text.as_bytes())
    }

    /// Of everything that the results depend on. Plans that differ only in how their points are dealt out are the same.
    pub fn hash(&self) -> String {
        sha256(plan_json::header(self).to_string().as_bytes())
    }

    /// The points of one shard of several: every so-manyth, so that shards are alike where a knob makes points dear.
    pub fn shard(&self, index: usize, of: usize) -> Vec<usize> {
        (index..self.points.len()).step_by(of.max(1)).collect()
    }

    /// Indented JSON with a final newline; `shards` is how many parts it is meant to be dealt out into.
    pub fn to_json(&self, shards: usize) -> String {
        plan_json::write(self, shards)
    }

    /// Reads what `to_json` wrote, and its number of shards.
    ///
    /// # Errors
    /// What is not as it should be: another version, a file cut short, a hash that does not fit.
    pub fn from_json(text: &str) -> Result<(SweepPlan, usize), String> {
        plan_json::read(text)
    }
}

/// All that a scenario's runs are made from, apart from where its values came from; recordings as the hash of their file.
/// Where something is uncertain the settings are part of it, so that such a scenario never looks idle.
fn shape(scenario: &Scenario, files: &[(String, String)]) -> String {
    let mut copy = scenario.clone();
    copy.assumptions.clear();
    for producer in &mut copy.producers {
        if let Source::Messages(rows) = &mut producer.source {
            rows.clear();
        }
    }
    sha256(format!("{copy:?}{files:?}").as_bytes())
}

/// Keeps what was read.
struct Recorder<'a> {
    inner: &'a dyn Files,
    read: RefCell<BTreeMap<String, Vec<u8>>>,
}

impl Files for Recorder<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let bytes = self.inner.read(path)?;
        self.read.borrow_mut().insert(path.into(), bytes.clone());
        Ok(bytes)
    }
}
