//! Computes points, a few at a time, and hands each to its store as soon as it is whole.

use super::key::in_order;
use super::plan::SweepPlan;
use super::point::{PointFigure, PointResult, PointSlo};
use crate::scenario::{Figure, Problem, Scenario};
use crate::study::{
    Crew, Failure, Models, Point, RunFigures, Seen, Simulator, headline, judge, measure, memory, over_runs,
};

/// Where points are kept. What is kept is whole: a point that was cut short is none.
pub trait PointStore {
    /// The point of this key, where it is there.
    fn get(&self, key: &str) -> Option<PointResult>;

    /// Keeps a point.
    ///
    /// # Errors
    /// A sentence about the world.
    fn put(&self, point: &PointResult) -> Result<(), String>;
}

#[derive(Debug, thiserror::Error)]
pub enum SweepFailure {
    /// The checked plan and this program disagree on what the point is.
    #[error("the point {0} is refused, though its plan was checked")]
    Refused(String, Vec<Problem>),
    #[error("at {0}: {1}")]
    Study(String, Failure),
    #[error("{0}")]
    Store(String),
}

/// Which of the `wanted` points of the plan the store does not have, or has without a figure that is asked for.
pub fn missing(plan: &SweepPlan, wanted: &[usize], store: &dyn PointStore) -> Vec<usize> {
    let is_there =
        |key: &str| store.get(key).is_some_and(|point| plan.asked.iter().all(|figure| point.figure(figure).is_some()));
    wanted.iter().copied().filter(|&i| !is_there(&plan.points[i].key)).collect()
}

/// Computes the `wanted` points and keeps them. `progress` hears of each finished run, from any thread; `available` is
/// the memory that the machine can give, in bytes.
///
/// # Errors
/// The first failure; the points before it are kept.
pub fn compute(
    plan: &SweepPlan,
    wanted: &[usize],
    store: &dyn PointStore,
    crew: &Crew,
    available: Option<u64>,
    progress: &(dyn Fn() + Sync),
) -> Result<(), SweepFailure> {
    // Two rounds of work for every thread: no thread idles for long, and little is lost where the process is killed.
    let at_once = (2 * crew.at_once()).div_ceil(plan.runs.max(1) as usize).max(1);
    for few in wanted.chunks(at_once) {
        let tasks: Vec<Task> =
            few.iter().map(|&i| Task::new(plan, i, crew, available)).collect::<Result<_, SweepFailure>>()?;
        let points: Vec<Point<'_>> = tasks
            .iter()
            .map(|task| Point { scenario: &task.scenario, runs: 0..task.scenario.runs, figures: &task.figures })
            .collect();
        let seen =
            measure(&points, crew, progress).map_err(|failure| SweepFailure::Study(label(plan, few), failure))?;
        for (task, runs) in tasks.iter().zip(&seen) {
            let point = task.result(plan, runs);
            let point = match store.get(&point.key) {
                // Another sweep looked at other figures of the same point.
                Some(earlier) => point.joined(&earlier),
                None => point,
            };
            store.put(&point).map_err(SweepFailure::Store)?;
        }
    }
    Ok(())
}

fn label(plan: &SweepPlan, few: &[usize]) -> String {
    let labels: Vec<String> = few.iter().map(|&i| plan.label(&plan.points[i].at)).collect();
    labels.join(" or ")
}

/// One point about to be computed.
struct Task {
    index: usize,
    scenario: Scenario,
    /// The headline figures, then what else is asked for.
    figures: Vec<Figure>,
    headline: usize,
}

impl Task {
    fn new(plan: &SweepPlan, index: usize, crew: &Crew, available: Option<u64>) -> Result<Task, SweepFailure> {
        let at = &plan.points[index].at;
        let refused = |problems| SweepFailure::Refused(plan.label(at), problems);
        let scenario = Scenario::parse_with(&plan.text, &plan.files, &plan.settings_at(at)).map_err(refused)?;
        let models = Models::new(&scenario);
        let asked: Result<Vec<Figure>, Problem> = plan.asked.iter().map(|text| scenario.figure(text)).collect();
        let mut figures = headline(&scenario, models.base());
        let headline = figures.len();
        for figure in asked.map_err(|problem| refused(vec![problem]))? {
            if !figures.contains(&figure) {
                figures.push(figure);
            }
        }
        // Only the figures of a run are kept, so the runs at once are all that needs room.
        let mut abreast = scenario.clone();
        abreast.runs = abreast.runs.min(crew.at_once() as u32);
        let refused_here = |failure| SweepFailure::Study(plan.label(at), failure);
        let simulator = Simulator::new(&abreast, crew.engine()).map_err(refused_here)?;
        memory::check(&abreast, &simulator, crew.at_once() as u64, available).map_err(refused_here)?;
        Ok(Task { index, scenario, figures, headline })
    }

    fn result(&self, plan: &SweepPlan, runs: &[RunFigures]) -> PointResult {
        let of = |i: usize| -> Vec<&Seen> { runs.iter().map(|run| &run.seen[i]).collect() };
        let place = |i: usize| (i < self.headline).then_some(i as u32);
        let mut figures: Vec<PointFigure> =
            self.figures.iter().enumerate().map(|(i, figure)| summed(figure, place(i), &of(i))).collect();
        figures.sort_by(|a, b| a.expression.cmp(&b.expression));
        let slo = self.scenario.slos.iter().filter_map(|slo| {
            let i = self.figures.iter().position(|figure| *figure == slo.figure)?;
            let judged = judge(slo, &of(i), self.scenario.slo_runs);
            Some(PointSlo {
                expression: slo.expression.clone(),
                figure: slo.figure.expression.clone(),
                bound: slo.value,
                value: judged.value.filter(|value| value.is_finite()),
                share_of_runs: judged.share_of_runs,
                holds: judged.holds,
            })
        });
        let point = &plan.points[self.index];
        // A function of the key alone, whichever of the settings are knobs.
        let settings = in_order(&plan.settings_at(&point.at));
        PointResult { key: point.key.clone(), settings, figures, slo: slo.collect() }
    }
}

fn summed(figure: &Figure, headline: Option<u32>, runs: &[&Seen]) -> PointFigure {
    let finite = |value: &f64| value.is_finite();
    PointFigure {
        expression: figure.expression.clone(),
        unit: figure.unit,
        headline,
        pooled: figure.pooled,
        value: over_runs(figure, runs).value.filter(finite),
        by_run: runs.iter().map(|seen| seen.own(figure).filter(finite)).collect(),
    }
}
