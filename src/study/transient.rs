//! How long a steady state takes to come: the initial transient of runs that start empty, by MSER-5.
//!
//! MSER (White 1997; with means of five, White, Cobb and Spratt 2000) leaves out as much of the beginning as makes the
//! standard error of the mean of what remains smallest: over the cuts d in the first half it minimises Σ (y − ȳ)² ÷
//! (n − d)². A minimum at the end of that half says that the series is too short to tell.

use super::summary;
use crate::model::Model;
use crate::observe::Observations;
use crate::scenario::{Origin, Scenario, WarmupRule};
use crate::units::{Duration, Nanos, significant};

/// Ticks in one mean.
const BATCH: usize = 5;
/// With fewer means than this nothing is found that is not chance.
const FEWEST: usize = 20;
/// A part left out whose mean is nearer to the rest's than this is not worth a word.
const NOTABLE: f64 = 0.05;
/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Transient {
    /// Scenario time at which the slowest queue is past it.
    pub(super) cut: Nanos,
    /// That queue.
    pub(super) queue: String,
    /// Its mean backlog before the cut ÷ after it.
    pub(super) ratio: f64,
}

/// What the runs say together.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Detected {
    /// Nothing is to be left out.
    None,
    Found(Transient),
    /// This queue's backlog has not settled in the run.
    TooShort(String),
}

/// The longest transient of the backlogs of all queues that are worked off, from their means over the runs.
pub(super) fn detect(model: &Model, runs: &[Observations]) -> Detected {
    let mut longest: Option<Transient> = None;
    for (index, queue) in model.queues.iter().enumerate() {
        if queue.is_dead_letter || !model.consumers.iter().any(|consumer| consumer.queue == index) {
            continue;
        }
        let series = mean_backlog(model, runs, index);
        let Some(ticks) = mser5(&series) else { return Detected::TooShort(queue.name.clone()) };
        let cut = ticks as Nanos * model.tick;
        if ticks > 0 && longest.as_ref().is_none_or(|longest| cut > longest.cut) {
            let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
            let ratio = mean(&series[..ticks]) / mean(&series[ticks..]);
            longest = Some(Transient { cut, queue: queue.name.clone(), ratio });
        }
    }
    longest.map_or(Detected::None, Detected::Found)
}

fn mean_backlog(model: &Model, runs: &[Observations], queue: usize) -> Vec<f64> {
    let mut sum: Vec<f64> = vec![];
    for run in runs {
        let values = summary::after_warmup(model, &run.queues[queue].series, "backlog");
        for (at, value) in values.enumerate() {
            if at == sum.len() {
                sum.push(0.0);
            }
            sum[at] += value;
        }
    }
    sum.into_iter().map(|total| total / runs.len() as f64).collect()
}

/// How many values of the series to leave out, a multiple of five; `None` where the series is too short to tell.
fn mser5(series: &[f64]) -> Option<usize> {
    let means: Vec<f64> = series.chunks_exact(BATCH).map(|batch| batch.iter().sum::<f64>() / BATCH as f64).collect();
    let n = means.len();
    if n < FEWEST {
        return None;
    }
    // From the end backwards, so that each cut adds one value to the sums.
    let (mut sum, mut squares) = (0.0, 0.0);
    let mut best = (f64::INFINITY, 0);
    for d in (0..n).rev() {
        sum += means[d];
        squares += means[d] * means[d];
        let kept = (n - d) as f64;
        let error = (squares - sum * sum / kept).max(0.0) / (kept * kept);
        // Of the second half too little is left to go by.
        if 2 * d <= n && error <= best.0 {
            best = (error, d);
        }
    }
    // Where the last cut allowed is the best, a later one would be better still.
    (2 * best.1 < n - 1).then_some(best.1 * BATCH)
}

impl Transient {
    /// Leaving it out would be seen in the figures.
    pub(super) fn is_notable(&self) -> bool {
        (self.ratio - 1.0).abs() > NOTABLE
    }
}

/// Puts what was found into the scenario as its warm-up, and says so.
pub(super) fn left_out(scenario: &mut Scenario, detected: &Detected, runs: u32) -> String {
    let looked = if runs == 1 { "1 run".into() } else { format!("{runs} runs") };
    match detected {
        Detected::Found(found) => {
            scenario.warmup = Duration(found.cut);
            scenario.say("warmup", &format!("{} (MSER-5)", scenario.warmup), Origin::Default);
            format!(
                "Warm-up: MSER-5 finds in {looked} that `{}` needs {} to its steady state; that is left out of the statistics. \
                 `warmup` in the file replaces it, \"0s\" leaves nothing out.",
                found.queue, scenario.warmup
            )
        }
        Detected::None => format!("Warm-up: MSER-5 finds no initial transient in {looked}; nothing is left out."),
        Detected::TooShort(queue) => format!(
            "Warm-up: the backlog of `{queue}` has not settled in the first half of {looked}, so MSER-5 cannot tell what to \
             leave out, and nothing is. Lengthen `duration`, or say `warmup`."
        ),
    }
}

/// Runs of a steady state that started empty, with nothing said about a warm-up: what that does to the figures.
pub(super) fn note(scenario: &Scenario, model: &Model, runs: &[Observations]) -> Option<String> {
    if scenario.warmup_rule != WarmupRule::Unsaid || scenario.unsteady().is_some() {
        return None;
    }
    match detect(model, runs) {
        Detected::Found(found) if found.is_notable() => Some(format!(
            "The runs start empty and nothing is left out: before {} the mean backlog of `{}` is {} times what it is later \
             (MSER-5). For a steady state say `warmup = \"{}\"`, or \"auto\".",
            Duration(found.cut),
            found.queue,
            significant(found.ratio, 2),
            Duration(found.cut),
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fixed sawtooth of mean 0: noise without chance.
    fn noise(at: usize) -> f64 {
        [0.3, -0.5, 0.1, 0.4, -0.3][at % 5] + [0.2, -0.2][at / 5 % 2]
    }

    #[test]
    fn the_beginning_that_differs_is_left_out() {
        let series: Vec<f64> = (0..600).map(|at| 10.0 - 10.0 * (-(at as f64) / 10.0).exp() + noise(at)).collect();
        let cut = mser5(&series).unwrap();
        // Four time constants on, 0.18 are missing, less than the noise.
        assert!((25..=60).contains(&cut), "{cut}");
        assert_eq!(mser5(&(0..600).map(noise).collect::<Vec<f64>>()), Some(0));
    }

    #[test]
    fn what_never_settles_is_told() {
        assert_eq!(mser5(&(0..600).map(|at| at as f64).collect::<Vec<f64>>()), None);
        assert_eq!(mser5(&[1.0; 50]), None);
    }
}
