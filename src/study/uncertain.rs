//! What is not known against what is random: the spread of each headline figure over the runs, split in two.
//!
//! Var(Y) = E[Var(Y | θ)] + Var(E[Y | θ]): the first term is chance, the second what the unknown values θ add. Some runs
//! are simulated a second time with the same draws and other chance; half the mean squared difference of the two is an
//! unbiased estimate of the first term, and the second is what remains of the variance over the runs.

use super::statistics::ranks;
use super::{Failure, Seen, headline};
use crate::model::Model;
use crate::scenario::{Figure, Scenario};

/// Runs that are simulated twice, at most: the chance part is then known to about 16 %.
const TWICE: u32 = 20;
/// The second simulation of a run has this bit in its number: no run of the scenario has.
pub(super) const AGAIN: u32 = 1 << 31;

/// What was drawn, and what it explains.
#[derive(Debug, Clone, PartialEq)]
pub struct UncertaintyFindings {
    pub inputs: Vec<InputFindings>,
    pub spreads: Vec<SpreadFindings>,
    /// Runs that were simulated a second time to tell chance from ignorance.
    pub repeated: u32,
}

/// One line of `[uncertain]`; numbers are in `unit`.
#[derive(Debug, Clone, PartialEq)]
pub struct InputFindings {
    pub path: String,
    /// The law's name in the scenario language.
    pub law: &'static str,
    /// In words, in the file's own unit.
    pub said: String,
    /// `s`, `per_s`, `bytes`, `share`, empty for bare numbers.
    pub unit: String,
    pub mean: f64,
    pub p05: f64,
    pub p95: f64,
    /// By run.
    pub drawn: Vec<f64>,
}

/// Standard deviations over the runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    pub total: f64,
    /// That of runs with equal inputs.
    pub random: f64,
    /// What not knowing the inputs adds: total² = random² + uncertain².
    pub uncertain: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SpreadFindings {
    pub figure: Figure,
    /// Over the runs that have the figure.
    pub mean: f64,
    pub spread: Spread,
    /// (index into the inputs, rank correlation with the figure), the strongest first.
    pub explained_by: Vec<(usize, f64)>,
}

/// How many runs beyond its own the scenario asks for, to split its spread.
pub fn repeated_runs(scenario: &Scenario) -> u32 {
    if scenario.uncertain.is_empty() || scenario.runs < 2 { 0 } else { scenario.runs.min(TWICE) }
}

/// Looks at the figures of all runs.
pub(super) type Look<'a> = &'a dyn Fn(&[Figure]) -> Vec<Vec<Seen>>;
/// Simulates runs with their own draws and other chance, and looks at the figures.
pub(super) type Again<'a> = &'a dyn Fn(&[Figure], &[u32]) -> Result<Vec<Vec<Seen>>, Failure>;

/// `None` where nothing is uncertain.
pub(super) fn findings(
    scenario: &Scenario,
    model: &Model,
    look: Look,
    again: Again,
) -> Result<Option<UncertaintyFindings>, Failure> {
    if scenario.uncertain.is_empty() {
        return Ok(None);
    }
    let figures = headline(scenario, model);
    let numbers: Vec<u32> = (0..scenario.runs).collect();
    let first = look(&figures);
    let repeated = repeated_runs(scenario);
    let second = again(&figures, &numbers[..repeated as usize])?;
    let drawn: Vec<Vec<f64>> = numbers.iter().map(|run| scenario.drawn(*run)).collect();
    let own = |seen: &Vec<Seen>, index: usize, figure: &Figure| seen[index].own(figure);
    let spreads = figures.iter().enumerate().filter_map(|(index, figure)| {
        let first: Vec<Option<f64>> = first.iter().map(|seen| own(seen, index, figure)).collect();
        let second: Vec<Option<f64>> = second.iter().map(|seen| own(seen, index, figure)).collect();
        Some(SpreadFindings {
            figure: figure.clone(),
            mean: mean(&first.iter().flatten().copied().collect::<Vec<f64>>()),
            spread: split(&first, &second)?,
            explained_by: explained(&first, &drawn),
        })
    });
    let spreads = spreads.collect();
    Ok(Some(UncertaintyFindings { inputs: inputs(scenario, &drawn), spreads, repeated }))
}

impl UncertaintyFindings {
    /// A sentence for the report.
    pub(super) fn note(&self) -> String {
        let inputs = self.inputs.len();
        let values = if inputs == 1 { "1 value is".into() } else { format!("{inputs} values are") };
        let split = match self.repeated {
            0 => "One run cannot tell the two apart.".into(),
            runs => format!("{runs} runs were simulated a second time with the same values to tell the two apart."),
        };
        format!(
            "{values} uncertain and drawn once a run: intervals and bands show what is not known and what is random. {split}"
        )
    }
}

fn inputs(scenario: &Scenario, drawn: &[Vec<f64>]) -> Vec<InputFindings> {
    let input = |(index, one): (usize, &crate::scenario::Uncertain)| {
        let scale = one.unit.scale;
        InputFindings {
            path: one.path.clone(),
            law: one.law.word(),
            said: one.said(),
            unit: one.unit.base.clone(),
            mean: one.law.mean() * scale,
            p05: one.quantile(0.05) * scale,
            p95: one.quantile(0.95) * scale,
            drawn: drawn.iter().map(|values| values[index] * scale).collect(),
        }
    };
    scenario.uncertain.iter().enumerate().map(input).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// By the law of total variance, from one value a run and a second one of some; `None` with fewer than two runs that
/// have the figure.
fn split(first: &[Option<f64>], second: &[Option<f64>]) -> Option<Spread> {
    let all: Vec<f64> = first.iter().flatten().copied().collect();
    let pairs: Vec<(f64, f64)> = first.iter().zip(second).filter_map(|(a, b)| Some(((*a)?, (*b)?))).collect();
    if all.len() < 2 || pairs.is_empty() {
        return None;
    }
    let centre = mean(&all);
    let total = all.iter().map(|value| (value - centre).powi(2)).sum::<f64>() / (all.len() - 1) as f64;
    let random = pairs.iter().map(|(a, b)| (a - b).powi(2) / 2.0).sum::<f64>() / pairs.len() as f64;
    // Estimates from few runs may cross: chance cannot be more than everything.
    let random = random.min(total);
    Some(Spread { total: total.sqrt(), random: random.sqrt(), uncertain: (total - random).sqrt() })
}

/// Spearman's rank correlation of the figure with each input, over the runs that have the figure.
fn explained(first: &[Option<f64>], drawn: &[Vec<f64>]) -> Vec<(usize, f64)> {
    let have: Vec<(f64, &Vec<f64>)> = first.iter().zip(drawn).filter_map(|(y, x)| Some(((*y)?, x))).collect();
    let inputs = drawn.first().map_or(0, Vec::len);
    let of_figure = ranks(&have.iter().map(|(y, _)| *y).collect::<Vec<f64>>());
    let mut all: Vec<(usize, f64)> = (0..inputs)
        .filter_map(|input| {
            let of_input = ranks(&have.iter().map(|(_, x)| x[input]).collect::<Vec<f64>>());
            Some((input, correlation(&of_figure, &of_input)?))
        })
        .collect();
    all.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    all
}

/// `None` where one of them does not vary.
fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut product, mut square_a, mut square_b) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        product += (x - mean_a) * (y - mean_b);
        square_a += (x - mean_a).powi(2);
        square_b += (y - mean_b).powi(2);
    }
    (square_a > 0.0 && square_b > 0.0).then(|| product / (square_a * square_b).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_sum_to_the_whole() {
        // θ = 0, 10, 20 with chance ±1: pairs differ by 2, so chance has variance 2.
        let first = [Some(1.0), Some(9.0), Some(21.0)];
        let second = [Some(-1.0), Some(11.0), Some(19.0)];
        let spread = split(&first, &second).unwrap();
        assert!((spread.random.powi(2) - 2.0).abs() < 1e-12);
        assert!((spread.total.powi(2) - spread.random.powi(2) - spread.uncertain.powi(2)).abs() < 1e-9);
        // Without chance, all is ignorance; a run without the figure says nothing.
        let spread = split(&[Some(1.0), Some(3.0), None], &[Some(1.0), None, Some(7.0)]).unwrap();
        assert_eq!((spread.random, spread.uncertain), (0.0, 2f64.sqrt()));
        assert_eq!(split(&[Some(1.0)], &[Some(1.0)]), None);
    }

    #[test]
    fn the_input_that_orders_the_runs_explains_them() {
        let drawn: Vec<Vec<f64>> = [(1.0, 5.0), (2.0, 1.0), (3.0, 4.0), (4.0, 2.0)].map(|(a, b)| vec![a, b]).to_vec();
        let figure = [Some(10.0), Some(100.0), Some(1_000.0), Some(2_000.0)];
        let all = explained(&figure, &drawn);
        assert_eq!(all[0], (0, 1.0));
        assert!((all[1].1 + 0.4).abs() < 1e-12, "{all:?}");
    }
}
