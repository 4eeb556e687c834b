//! Points of a study: scenarios of which only some figures are wanted, run by run.

use super::seen::Seen;
use super::{Crew, Failure, Simulator};
use crate::scenario::{Figure, Scenario};
use std::ops::Range;

/// One run of one point, with one entry for each figure that was asked for.
#[derive(Debug, Clone)]
pub struct RunFigures {
    pub run: u32,
    pub seen: Vec<Seen>,
}

/// A scenario, the runs that are wanted of it, and what is looked at.
pub struct Point<'a> {
    pub scenario: &'a Scenario,
    pub runs: Range<u32>,
    pub figures: &'a [Figure],
}

/// Simulates the runs of all points, as many at once as the crew can: one list a point, in the order of the runs. A run
/// is a function of its scenario and number alone, so runs may be asked for in pieces. `progress` hears of each
/// finished run, from any thread.
///
/// # Errors
/// `Failure::Engine` where a run fails its audit or stands still; `Failure::Unscalable` where the crew was told to scale
/// what cannot be scaled.
pub fn measure(
    points: &[Point<'_>],
    crew: &Crew,
    progress: &(dyn Fn() + Sync),
) -> Result<Vec<Vec<RunFigures>>, Failure> {
    let simulators = points.iter().map(|point| Simulator::new(point.scenario, crew.engine()));
    let simulators = simulators.collect::<Result<Vec<Simulator>, Failure>>()?;
    let tasks: Vec<(usize, u32)> =
        points.iter().enumerate().flat_map(|(p, point)| point.runs.clone().map(move |run| (p, run))).collect();
    let done = crew.map(&tasks, |&(p, run)| {
        let (model, seen) = simulators[p].run(run)?;
        progress();
        let figures = points[p].figures.iter().map(|figure| Seen::of(&model, &seen, figure)).collect();
        Ok::<RunFigures, Failure>(RunFigures { run, seen: figures })
    })?;
    let mut done = done.into_iter();
    Ok(points.iter().map(|point| done.by_ref().take(point.runs.len()).collect()).collect())
}
