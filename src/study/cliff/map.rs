//! The map of safe operation over two knobs.

use super::{Fate, Field, Lattice, Wanted};
use crate::scenario::Scenario;
use crate::study::{Crew, Halt, KnobValue, Watch};

/// What is to be expected at a point, the worst of its runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    Quick,
    Slow,
    GaveUp,
    Never,
}

#[derive(Debug, Clone)]
pub struct MapOptions {
    /// Across, then up.
    pub lattices: [Lattice; 2],
    /// Recovery within it is quick; seconds.
    pub within_s: f64,
    /// Runs of every point.
    pub first_runs: u32,
    /// Runs of the points at which the picture changes.
    pub edge_runs: u32,
    /// Bytes that the machine can give; `None` where nobody knows.
    pub memory: Option<u64>,
}

/// One point of the map.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    pub runs: u32,
    /// The worst of its runs.
    pub class: Class,
    /// Runs of each class, in the order of `Class`.
    pub counts: [u32; 4],
    /// Runs in which all objectives hold.
    pub survived: u32,
    /// Mean over the runs that recovered, seconds.
    pub recovery_s: Option<f64>,
    /// Mean over the runs.
    pub given_up: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct MapFindings {
    pub lattices: [Lattice; 2],
    pub within_s: f64,
    pub first_runs: u32,
    pub edge_runs: u32,
    /// Runs simulated in all.
    pub simulated: u32,
    /// Share of the runs in which the objectives must hold; `None` without objectives.
    pub needed: Option<f64>,
    pub expressions: Vec<String>,
    /// Row by row from below, each from left to right.
    pub cells: Vec<Cell>,
}

impl MapFindings {
    pub fn cell(&self, across: usize, up: usize) -> &Cell {
        &self.cells[up * self.lattices[0].values.len() + across]
    }

    /// Whether enough runs survive here.
    pub fn survives(&self, cell: &Cell) -> bool {
        f64::from(cell.survived) >= self.needed.unwrap_or(1.0) * f64::from(cell.runs) - 1e-9
    }
}

/// Judges every point of the grid.
///
/// # Errors
/// What `variant` says of a point, or that a run could not be made.
pub fn map<E>(
    options: &MapOptions,
    variant: &dyn Fn(&[KnobValue; 2]) -> Result<Scenario, E>,
    crew: &Crew,
    watch: &Watch<'_>,
) -> Result<MapFindings, Halt<E>> {
    let field = Field { variant, crew, watch, memory: options.memory };
    let [across, up] = &options.lattices;
    let (width, height) = (across.values.len(), up.values.len());
    let at = |index: usize| [across.values[index % width].clone(), up.values[index / width].clone()];
    let everywhere: Vec<Wanted<[KnobValue; 2]>> =
        (0..width * height).map(|index| Wanted { at: at(index), runs: 0..options.first_runs }).collect();
    let mut fates: Vec<Vec<Fate>> = field.fates(&everywhere)?;
    if options.edge_runs > options.first_runs {
        let classes: Vec<(Class, bool)> = fates.iter().map(|fates| picture(fates, options.within_s)).collect();
        let edge: Vec<usize> = (0..width * height).filter(|&index| changes(index, width, height, &classes)).collect();
        let again: Vec<Wanted<[KnobValue; 2]>> =
            edge.iter().map(|&index| Wanted { at: at(index), runs: options.first_runs..options.edge_runs }).collect();
        for (index, more) in edge.into_iter().zip(field.fates(&again)?) {
            fates[index].extend(more);
        }
    }
    let scenario = variant(&at(0)).map_err(Halt::Variant)?;
    Ok(MapFindings {
        lattices: options.lattices.clone(),
        within_s: options.within_s,
        first_runs: options.first_runs,
        edge_runs: options.edge_runs,
        simulated: fates.iter().map(|fates| fates.len() as u32).sum(),
        needed: (!scenario.slos.is_empty()).then_some(scenario.slo_runs),
        expressions: scenario.slos.iter().map(|slo| slo.expression.clone()).collect(),
        cells: fates.iter().map(|fates| cell(fates, options.within_s)).collect(),
    })
}

fn class(fate: &Fate, within_s: f64) -> Class {
    match fate.recovery {
        None => Class::Never,
        Some(_) if fate.given_up > 0.0 => Class::GaveUp,
        Some(time) if time > within_s => Class::Slow,
        Some(_) => Class::Quick,
    }
}

/// What is drawn of a point, so that one sees where it changes.
fn picture(fates: &[Fate], within_s: f64) -> (Class, bool) {
    let worst = fates.iter().map(|fate| class(fate, within_s)).max().unwrap_or(Class::Never);
    (worst, fates.iter().all(|fate| fate.survived))
}

/// Whether a neighbour looks different.
fn changes(index: usize, width: usize, height: usize, pictures: &[(Class, bool)]) -> bool {
    let (x, y) = (index % width, index / width);
    let neighbours = [
        (x > 0).then(|| index - 1),
        (x + 1 < width).then_some(index + 1),
        (y > 0).then(|| index - width),
        (y + 1 < height).then_some(index + width),
    ];
    neighbours.into_iter().flatten().any(|other| pictures[other] != pictures[index])
}

fn cell(fates: &[Fate], within_s: f64) -> Cell {
    let mut counts = [0; 4];
    fates.iter().for_each(|fate| counts[class(fate, within_s) as usize] += 1);
    let recovered: Vec<f64> = fates.iter().filter_map(|fate| fate.recovery).collect();
    Cell {
        runs: fates.len() as u32,
        class: picture(fates, within_s).0,
        counts,
        survived: fates.iter().filter(|fate| fate.survived).count() as u32,
        recovery_s: (!recovered.is_empty()).then(|| recovered.iter().sum::<f64>() / recovered.len() as f64),
        given_up: fates.iter().map(|fate| fate.given_up).sum::<f64>() / fates.len() as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_as_bad_as_its_worst_run() {
        let fate = |recovery, given_up| Fate { survived: recovery == Some(1.0), recovery, given_up, holds: vec![] };
        let of = |fates: &[Fate]| (cell(fates, 60.0).class, cell(fates, 60.0).counts);
        assert_eq!(of(&[fate(Some(1.0), 0.0), fate(Some(60.0), 0.0)]), (Class::Quick, [2, 0, 0, 0]));
        assert_eq!(of(&[fate(Some(1.0), 0.0), fate(Some(61.0), 0.0)]), (Class::Slow, [1, 1, 0, 0]));
        assert_eq!(of(&[fate(Some(1.0), 5.0), fate(Some(61.0), 0.0)]), (Class::GaveUp, [0, 1, 1, 0]));
        assert_eq!(of(&[fate(None, 0.0), fate(Some(61.0), 9.0)]), (Class::Never, [0, 0, 1, 1]));
    }

    #[test]
    fn more_runs_go_where_neighbours_differ() {
        let [quick, never] = [(Class::Quick, true), (Class::Never, false)];
        let pictures = [quick, quick, never, quick, quick, never];
        let edge: Vec<usize> = (0..6).filter(|&index| changes(index, 3, 2, &pictures)).collect();
        assert_eq!(edge, [1, 2, 4, 5]);
    }
}
