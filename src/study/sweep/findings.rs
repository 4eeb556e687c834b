//! What a sweep gave, for the reports: the grid with the figures of each point.

use super::plan::{PlanKnob, SweepPlan};
use super::point::{PointResult, PointSlo, SweepValue};
use crate::scenario::FigureUnit;
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq)]
pub struct SweepFindings {
    pub title: String,
    pub seed: u64,
    pub runs: u32,
    pub knobs: Vec<PlanKnob>,
    /// Those asked for first, then the objectives', then the usual ones.
    pub figures: Vec<SweepFigure>,
    /// The last knob turns fastest.
    pub points: Vec<SweepPoint>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SweepFigure {
    /// `orders.latency.p99`.
    pub expression: String,
    pub unit: FigureUnit,
    /// Of all messages of all runs together.
    pub pooled: bool,
    /// Worth a chart and a column: asked for, or not the same nothing at every point.
    pub shown: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SweepPoint {
    pub key: String,
    /// Which value of each knob.
    pub at: Vec<usize>,
    /// As the sweep's `figures`; `None` where this point has no such figure.
    pub figures: Vec<Option<SweepValue>>,
    pub slo: Vec<PointSlo>,
}

impl SweepFindings {
    /// The value of a knob at a point, as it was set.
    pub fn text(&self, point: &SweepPoint, knob: usize) -> &str {
        &self.knobs[knob].values[point.at[knob]].text
    }

    /// The objectives on a figure: expression and bound. Those of the first point that has any.
    pub fn bounds<'a>(&'a self, figure: &SweepFigure) -> Vec<(&'a str, f64)> {
        let its = |point: &'a SweepPoint| -> Vec<(&'a str, f64)> {
            let slos = point.slo.iter().filter(|slo| slo.figure == figure.expression);
            slos.map(|slo| (slo.expression.as_str(), slo.bound)).collect()
        };
        self.points.iter().map(its).find(|bounds| !bounds.is_empty()).unwrap_or_default()
    }
}

impl SweepPoint {
    /// Whether all objectives on a figure hold; `None` where there is none.
    pub fn holds(&self, figure: &str) -> Option<bool> {
        let mut judged = self.slo.iter().filter(|slo| slo.figure == figure).map(|slo| slo.holds).peekable();
        judged.peek()?;
        Some(judged.all(|holds| holds))
    }
}

/// The findings of a plan all of whose points are there; those that are not are left out.
pub fn sweep_findings(plan: &SweepPlan, points: &BTreeMap<String, PointResult>) -> SweepFindings {
    let there: Vec<(&[usize], &PointResult)> =
        plan.points.iter().filter_map(|point| Some((point.at.as_slice(), points.get(&point.key)?))).collect();
    let mut figures: Vec<SweepFigure> = vec![];
    let is_asked = |expression: &String| plan.asked.contains(expression);
    for expression in plan.asked.iter().chain(usual(&there)) {
        let known = figures.iter().any(|figure| figure.expression == *expression);
        let Some(figure) = there.iter().find_map(|(_, point)| point.figure(expression)).filter(|_| !known) else {
            continue;
        };
        let mut all = there.iter().filter_map(|(_, point)| point.figure(expression));
        let seen = all.any(|figure| figure.value != Some(0.0) || figure.by_run.iter().any(|run| *run != Some(0.0)));
        figures.push(SweepFigure {
            expression: expression.clone(),
            unit: figure.unit,
            pooled: figure.pooled,
            shown: if plan.asked.is_empty() { seen } else { is_asked(expression) },
        });
    }
    let point = |(at, result): &(&[usize], &PointResult)| SweepPoint {
        key: result.key.clone(),
        at: at.to_vec(),
        figures: figures.iter().map(|f| result.figure(&f.expression).map(|figure| figure.over_runs())).collect(),
        slo: result.slo.clone(),
    };
    SweepFindings {
        title: plan.title.clone(),
        seed: plan.seed,
        runs: plan.runs,
        knobs: plan.knobs.clone(),
        points: there.iter().map(point).collect(),
        figures,
    }
}

/// The headline figures of all points, in their own order.
fn usual<'a>(there: &[(&[usize], &'a PointResult)]) -> Vec<&'a String> {
    let mut all: Vec<&String> = vec![];
    for (_, point) in there {
        let mut ranked: Vec<(u32, &String)> =
            point.figures.iter().filter_map(|figure| Some((figure.headline?, &figure.expression))).collect();
        ranked.sort();
        for (_, expression) in ranked {
            if !all.contains(&expression) {
                all.push(expression);
            }
        }
    }
    all
}
