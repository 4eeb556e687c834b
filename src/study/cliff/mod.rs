//! Where a system tips over: the largest disturbance that it survives.
//!
//! Along one knob each run has a tipping point of its own: with the same arrivals and draws (common random numbers) it
//! survives up to some value and no further. A coarse grid brackets it in every run, and bisection closes in. Over two
//! knobs every point of a grid is judged by a few runs, and those where the picture changes by more.

mod fate;
mod map;
mod tipping;

pub use fate::{Fate, Signs};
pub use map::{Cell, Class, MapFindings, MapOptions, map};
pub use tipping::{CliffFindings, CliffOptions, GridPoint, Threshold, cliff};

use super::{Crew, Halt, KnobValue, Point, RunFigures, Watch, measure};
use crate::model::Model;
use crate::scenario::Scenario;

/// Scenarios at points of a study, each made once, and the fates of their runs.
struct Field<'a, K, E> {
    variant: &'a dyn Fn(&K) -> Result<Scenario, E>,
    crew: &'a Crew,
    watch: &'a Watch<'a>,
}

/// A point and the runs wanted of it.
struct Wanted<K> {
    at: K,
    runs: std::ops::Range<u32>,
}

impl<K, E> Field<'_, K, E> {
    /// Simulates, all points at once; the fates come by point, in the order of the runs.
    fn fates(&self, wanted: &[Wanted<K>]) -> Result<Vec<Vec<Fate>>, Halt<E>> {
        // A point that is wanted in several pieces is made several times: it costs little beside its runs.
        let mut fates = Vec::with_capacity(wanted.len());
        for part in wanted.chunks(MOST_AT_ONCE) {
            let scenarios: Vec<Scenario> =
                part.iter().map(|one| (self.variant)(&one.at).map_err(Halt::Variant)).collect::<Result<_, _>>()?;
            let signs: Vec<Signs> =
                scenarios.iter().map(|scenario| Signs::of(scenario, &Model::compile(scenario))).collect();
            let points: Vec<Point<'_>> = (0..part.len())
                .map(|i| Point { scenario: &scenarios[i], runs: part[i].runs.clone(), figures: &signs[i].figures })
                .collect();
            let seen: Vec<Vec<RunFigures>> = measure(&points, self.crew, self.watch.ran)?;
            fates.extend(
                seen.iter().zip(&signs).map(|(runs, signs)| runs.iter().map(|run| signs.read(run)).collect::<Vec<_>>()),
            );
        }
        Ok(fates)
    }
}

/// Points whose models are held at the same time.
const MOST_AT_ONCE: usize = 64;

/// Numbers evenly spaced from one end to the other, both included.
fn spaced(low: f64, high: f64, count: usize) -> Vec<f64> {
    let step = (high - low) / count.saturating_sub(1).max(1) as f64;
    (0..count).map(|i| if i + 1 == count { high } else { low + i as f64 * step }).collect()
}

/// A knob that moves over numbers, and how finely.
#[derive(Debug, Clone, PartialEq)]
pub struct Lattice {
    /// Ascending.
    pub values: Vec<KnobValue>,
}

impl Lattice {
    pub fn number(&self, index: usize) -> f64 {
        self.values[index].number.unwrap_or(f64::NAN)
    }
}
