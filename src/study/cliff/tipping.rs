//! The tipping point along one knob.

use super::{Fate, Field, Lattice, Wanted};
use crate::scenario::Scenario;
use crate::study::{Crew, Halt, KnobValue, Stat, Watch, stat};
use statrs::distribution::{Binomial, DiscreteCDF};
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct CliffOptions {
    pub lattice: Lattice,
    /// Values of the coarse grid.
    pub grid: usize,
    pub runs: u32,
    /// Bytes that the machine can give; `None` where nobody knows.
    pub memory: Option<u64>,
}

/// What happened at one value of the coarse grid.
#[derive(Debug, Clone, PartialEq)]
pub struct GridPoint {
    pub value: KnobValue,
    /// Runs that survived, that never recovered, that gave messages up, and in which each objective failed.
    pub survived: u32,
    pub never: u32,
    pub gave_up: u32,
    pub broken: Vec<u32>,
    /// Of the runs that recovered, seconds.
    pub recovery: Option<Stat>,
}

/// The tipping point of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    pub run: u32,
    /// The farthest value that it survived; `None`: it did not survive the harmless end.
    pub survived: Option<f64>,
    /// The next, which it did not; `None`: it survived the whole range.
    pub failed: Option<f64>,
    /// On the grid it survived nothing beyond a value that it did not.
    pub monotone: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CliffFindings {
    /// `true`: small values are harmless and large ones are not.
    pub harm_rises: bool,
    pub low: KnobValue,
    pub high: KnobValue,
    pub runs: u32,
    /// Runs simulated in all.
    pub simulated: u32,
    /// Share of the runs that must survive for the whole to be said to.
    pub needed: f64,
    pub expressions: Vec<String>,
    /// Ascending by value.
    pub grid: Vec<GridPoint>,
    pub thresholds: Vec<Threshold>,
    /// The farthest value that enough runs survive.
    pub survived_up_to: Option<f64>,
    /// Half of the runs survive to here: the median of their own tipping points. `None` where half or more do not tip
    /// within the range.
    pub tipping: Option<f64>,
    /// 95 % interval of that median, from the order of the runs alone; an end is `None` where it lies beyond the range,
    /// or where there are fewer than six runs.
    pub interval: (Option<f64>, Option<f64>),
    /// The value from which on no run survives.
    pub lost_from: Option<f64>,
}

/// Where one run stands between the last value survived and the first that was not; positions on the way from the
/// harmless end.
#[derive(Debug, Clone, Copy)]
struct Bracket {
    survived: Option<usize>,
    failed: Option<usize>,
    monotone: bool,
}

/// Finds the tipping point of every run.
///
/// # Errors
/// What `variant` says of a value, or that a run could not be made.
pub fn cliff<E>(
    options: &CliffOptions,
    variant: &dyn Fn(&KnobValue) -> Result<Scenario, E>,
    crew: &Crew,
    watch: &Watch<'_>,
) -> Result<CliffFindings, Halt<E>> {
    let field = Field { variant, crew, watch, memory: options.memory };
    let values = &options.lattice.values;
    let last = values.len() - 1;
    let mut grid: Vec<usize> =
        (0..options.grid).map(|i| (i * last + (options.grid - 1) / 2) / (options.grid - 1).max(1)).collect();
    grid.dedup();
    let wanted: Vec<Wanted<KnobValue>> =
        grid.iter().map(|&index| Wanted { at: values[index].clone(), runs: 0..options.runs }).collect();
    let fates = field.fates(&wanted)?;
    let survivors = |at: usize| fates[at].iter().filter(|fate| fate.survived).count();
    let harm_rises = survivors(0) >= survivors(fates.len() - 1);
    let away = |index: usize| if harm_rises { index } else { last - index };
    let mut brackets: Vec<Bracket> = (0..options.runs as usize)
        .map(|run| {
            let mut seen: Vec<(usize, bool)> =
                grid.iter().zip(&fates).map(|(&index, fates)| (away(index), fates[run].survived)).collect();
            seen.sort_unstable();
            bracket(&seen)
        })
        .collect();
    let mut simulated = grid.len() as u32 * options.runs;
    simulated += close_in(&field, values, &away, &mut brackets)?;
    let scenario = variant(&values[0]).map_err(Halt::Variant)?;
    Ok(findings(options, &scenario, (&grid, &fates), harm_rises, &brackets, simulated))
}

/// From what was seen at ascending positions.
fn bracket(seen: &[(usize, bool)]) -> Bracket {
    let failed = seen.iter().position(|(_, survived)| !survived);
    let until = failed.unwrap_or(seen.len());
    Bracket {
        survived: seen[..until].last().map(|(at, _)| *at),
        failed: failed.map(|at| seen[at].0),
        monotone: seen[until..].iter().all(|(_, survived)| !survived),
    }
}

/// Halves every run's bracket until its ends are neighbours; gives the number of runs it took.
fn close_in<E>(
    field: &Field<'_, KnobValue, E>,
    values: &[KnobValue],
    away: &dyn Fn(usize) -> usize,
    brackets: &mut [Bracket],
) -> Result<u32, Halt<E>> {
    let mut simulated = 0;
    loop {
        let mut asked: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (run, bracket) in brackets.iter().enumerate() {
            if let (Some(survived), Some(failed)) = (bracket.survived, bracket.failed)
                && failed - survived > 1
            {
                asked.entry(survived + (failed - survived) / 2).or_default().push(run);
            }
        }
        if asked.is_empty() {
            return Ok(simulated);
        }
        let mut wanted = vec![];
        for (&at, runs) in &asked {
            (field.watch.looking)(&values[away(at)], runs.len() as u32);
            for stretch in runs.chunk_by(|a, b| a + 1 == *b) {
                let (first, last) = (stretch[0] as u32, stretch[stretch.len() - 1] as u32);
                wanted.push((at, Wanted { at: values[away(at)].clone(), runs: first..last + 1 }));
            }
        }
        let (places, wanted): (Vec<usize>, Vec<Wanted<KnobValue>>) = wanted.into_iter().unzip();
        for ((at, wanted), fates) in places.iter().zip(&wanted).zip(field.fates(&wanted)?) {
            for (run, fate) in wanted.runs.clone().zip(fates) {
                let bracket = &mut brackets[run as usize];
                if fate.survived {
                    bracket.survived = Some(*at)
                } else {
                    bracket.failed = Some(*at)
                }
                simulated += 1;
            }
        }
    }
}

fn findings(
    options: &CliffOptions,
    scenario: &Scenario,
    (grid, fates): (&[usize], &[Vec<Fate>]),
    harm_rises: bool,
    brackets: &[Bracket],
    simulated: u32,
) -> CliffFindings {
    let lattice = &options.lattice;
    let last = lattice.values.len() - 1;
    let number = |at: usize| lattice.number(if harm_rises { at } else { last - at });
    let needed = if scenario.slos.is_empty() { 1.0 } else { scenario.slo_runs };
    // Positions at which runs tip: the first not survived; beyond the last for those that survive everything.
    let mut tips: Vec<usize> = brackets.iter().map(|bracket| bracket.failed.unwrap_or(last + 1)).collect();
    tips.sort_unstable();
    let middle = |tip: usize| match tip {
        0 => None,
        tip if tip > last => None,
        tip => Some(f64::midpoint(number(tip - 1), number(tip))),
    };
    let n = tips.len();
    // So many may fail that enough survive.
    let may_fail = ((1.0 - needed) * n as f64 + 1e-9).floor() as usize;
    let limit = tips.get(may_fail).copied().unwrap_or(last + 1);
    let (low, high) = median_ranks(n);
    CliffFindings {
        harm_rises,
        low: lattice.values[0].clone(),
        high: lattice.values[last].clone(),
        runs: options.runs,
        simulated,
        needed,
        expressions: scenario.slos.iter().map(|slo| slo.expression.clone()).collect(),
        grid: grid.iter().zip(fates).map(|(&index, fates)| grid_point(&lattice.values[index], fates)).collect(),
        thresholds: brackets
            .iter()
            .zip(0..)
            .map(|(bracket, run)| Threshold {
                run,
                survived: bracket.survived.map(number),
                failed: bracket.failed.map(number),
                monotone: bracket.monotone,
            })
            .collect(),
        survived_up_to: limit.checked_sub(1).map(number),
        tipping: median(&tips).and_then(middle_of(&middle)),
        // A run tips somewhere between two neighbours: the interval takes the outer one.
        interval: (
            low.and_then(|rank| tips[rank].checked_sub(1)).filter(|at| *at < last).map(number),
            high.map(|rank| tips[rank]).filter(|at| (1..=last).contains(at)).map(number),
        ),
        lost_from: tips.last().copied().filter(|tip| *tip <= last).map(number),
    }
}

/// The two middle ranks of the sorted tips, which are one where their number is odd.
fn median(tips: &[usize]) -> Option<(usize, usize)> {
    let n = tips.len();
    (n > 0).then(|| (tips[(n - 1) / 2], tips[n / 2]))
}

fn middle_of(middle: &dyn Fn(usize) -> Option<f64>) -> impl Fn((usize, usize)) -> Option<f64> {
    move |(a, b)| Some(f64::midpoint(middle(a)?, middle(b)?))
}

/// Ranks (from 0) between which the median of the law lies with at least 95 %: P(at most k of n fair coins) ≤ 2.5 %.
fn median_ranks(n: usize) -> (Option<usize>, Option<usize>) {
    let Ok(coins) = Binomial::new(0.5, n as u64) else { return (None, None) };
    let rank = (0..n / 2).take_while(|&k| coins.cdf(k as u64) <= 0.025).last();
    (rank, rank.map(|rank| n - 1 - rank))
}

fn grid_point(value: &KnobValue, fates: &[Fate]) -> GridPoint {
    let count = |is: &dyn Fn(&Fate) -> bool| fates.iter().filter(|fate| is(fate)).count() as u32;
    let recovered: Vec<f64> = fates.iter().filter_map(|fate| fate.recovery).collect();
    GridPoint {
        value: value.clone(),
        survived: count(&|fate| fate.survived),
        never: count(&|fate| fate.recovery.is_none()),
        gave_up: count(&|fate| fate.given_up > 0.0),
        broken: (0..fates[0].holds.len()).map(|slo| count(&|fate| !fate.holds[slo])).collect(),
        recovery: (!recovered.is_empty()).then(|| stat(&recovered)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_bracketed_by_its_first_failure() {
        let of = |seen: &[(usize, bool)]| {
            let bracket = bracket(seen);
            (bracket.survived, bracket.failed, bracket.monotone)
        };
        assert_eq!(of(&[(0, true), (4, true), (8, false)]), (Some(4), Some(8), true));
        assert_eq!(of(&[(0, true), (4, false), (8, true)]), (Some(0), Some(4), false));
        assert_eq!(of(&[(0, false), (4, false)]), (None, Some(0), true));
        assert_eq!(of(&[(0, true), (4, true)]), (Some(4), None, true));
    }

    #[test]
    fn the_median_lies_between_ranks_that_are_known() {
        // Of 20 runs the 6th and the 15th: P(at most 5 of 20 coins) is 0.0207.
        assert_eq!(median_ranks(20), (Some(5), Some(14)));
        assert_eq!(median_ranks(6), (Some(0), Some(5)));
        assert_eq!(median_ranks(5), (None, None));
    }
}
