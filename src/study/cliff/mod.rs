//! Where a system tips over: the largest disturbance that it survives.
//!
//! Along one knob each run has a tipping point of its own: with the same arrivals and draws (common random numbers) it
//! survives up to some value and no further. A coarse grid brackets it in every run, and bisection closes in. Over two
//! knobs every point of a grid is judged by a few runs, and those where the picture changes by more.

mod fate;
mod map;
mod tipping;

use fate::{Fate, Signs};
pub use map::{Cell, Class, MapFindings, MapOptions, map};
pub use tipping::{CliffFindings, CliffOptions, GridPoint, Threshold, cliff};

use crate::model::Model;
use crate::scenario::Scenario;
use crate::study::halt::roomy;
use crate::study::{Crew, Halt, Knob, KnobUnit, KnobValue, Point, RunFigures, Span, Watch, measure};

/// Scenarios at points of a study, each made once, and the fates of their runs.
struct Field<'a, K, E> {
    variant: &'a dyn Fn(&K) -> Result<Scenario, E>,
    crew: &'a Crew,
    watch: &'a Watch<'a>,
    memory: Option<u64>,
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
            for scenario in &scenarios {
                roomy(scenario, self.crew, self.memory)?;
            }
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

/// A knob that moves over numbers, and how finely.
#[derive(Debug, Clone, PartialEq)]
pub struct Lattice {
    /// As for `--set`.
    pub path: String,
    pub unit: KnobUnit,
    /// Ascending, two or more.
    pub values: Vec<KnobValue>,
}

impl Lattice {
    /// The values of a knob; `points` of them, evenly spaced, where it is a range without a step. Between whole bare
    /// numbers further apart than 1 only whole ones are taken.
    ///
    /// # Errors
    /// A sentence for the user.
    pub fn of(knob: &Knob, points: usize) -> Result<Lattice, String> {
        let mut values = match knob.span {
            Span::Range { low, high, step: None } => {
                let is_whole = |number: f64| number.fract() == 0.0;
                let whole = knob.unit == KnobUnit::Plain && is_whole(low) && is_whole(high) && high - low > 1.0;
                let step = (high - low) / (points.max(2) - 1) as f64;
                let numbers = (0..points.max(2)).map(|i| low + i as f64 * step);
                numbers.map(|number| knob.value(if whole { number.round() } else { tidy(number, step) })).collect()
            }
            _ => knob.values()?,
        };
        if values.iter().any(|value| value.number.is_none()) {
            return Err(format!("{} takes words: a cliff is looked for along numbers of one unit", knob.path));
        }
        values.sort_by(|a, b| a.number.unwrap_or(0.0).total_cmp(&b.number.unwrap_or(0.0)));
        values.dedup_by(|a, b| a.number == b.number);
        if values.len() < 2 {
            return Err(format!("{} has one value only; write a range such as {}=1..10", knob.path, knob.path));
        }
        Ok(Lattice { path: knob.path.clone(), unit: knob.unit, values })
    }

    pub fn number(&self, index: usize) -> f64 {
        self.values[index].number.unwrap_or(f64::NAN)
    }
}

/// Rounded to the digit behind the first of the step, so that it reads as somebody would write it.
fn tidy(number: f64, step: f64) -> f64 {
    let decimals = 1 - step.log10().floor() as i32;
    let text = format!("{:.*}", decimals.clamp(0, 12) as usize, number);
    text.parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(knob: &str, points: usize) -> Vec<f64> {
        let lattice = Lattice::of(&Knob::parse(knob).unwrap(), points).unwrap();
        lattice.values.iter().map(|value| value.number.unwrap()).collect()
    }

    #[test]
    fn whole_numbers_stay_whole() {
        assert_eq!(numbers("a=1..9", 3), [1.0, 5.0, 9.0]);
        assert_eq!(numbers("a=1..4", 20), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(numbers("a=0..1", 3), [0.0, 0.5, 1.0]);
        assert_eq!(numbers("a=10s..60s", 3), [10.0, 35.0, 60.0]);
        assert_eq!(numbers("a=7,3", 9), [3.0, 7.0]);
        assert_eq!(numbers("a=5s..60s", 20)[18..], [57.1, 60.0]);
        assert_eq!(numbers("a=1000/s..1001/s", 5), [1000.0, 1000.25, 1000.5, 1000.75, 1001.0]);
        assert!(Lattice::of(&Knob::parse("a=sqs,kafka").unwrap(), 9).is_err());
    }
}
