//! Independent replications with fixed seeds: a pilot sizes the run, the main runs are compared.

use super::case::FileMap;
use super::verdict::Comparison;
use std::ops::Range;
use std::sync::Mutex;
use tailback::study::Findings;

/// Replications of every steady-state experiment: enough that a t of 3.5 is nearly what it is for a normal.
pub(crate) const REPLICATIONS: u64 = 32;
/// Counted from the case's first seed, which the main runs take. Chosen once.
const PILOT_SEED: u64 = 10_000;
const POOLED_SEED: u64 = 20_000;
/// Messages of a whole pilot, and of all main runs of one experiment at most. A case that would need more for 1 % keeps
/// a wider standard error, which the table states.
const PILOT_MESSAGES: f64 = 1.6e6;
pub(crate) const MOST_MESSAGES: f64 = 32e6;
/// How much longer than the pilot says: its own estimate of the spread is rough. What is missing then comes in blocks.
const MARGIN: f64 = 1.3;
/// Runs added at once where the main runs do not meet the rule.
const BLOCK: usize = 8;
/// The standard error that is still a comparison where the budget ends first, in multiples of what the rule asks for.
const WIDEST: f64 = 8.0;
/// Largest relative error of a quantile from the histogram, as the program states it.
const HISTOGRAM_ERROR: f64 = 0.005;

/// What the scenario text is made for.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) warmup_s: f64,
    pub(crate) span_s: f64,
    pub(crate) seed: u64,
    pub(crate) runs: u64,
}

impl Plan {
    /// The top of the scenario. Series are not looked at: a tenth of the run is tick enough.
    pub(crate) fn head(&self, title: &str) -> String {
        let duration = self.warmup_s + self.span_s;
        let (seed, runs, tick) = (self.seed, self.runs, duration / 10.0);
        let warmup = self.warmup_s;
        format!(
            "title = \"{title}\"\nduration = \"{duration}s\"\nwarmup = \"{warmup}s\"\nseed = {seed}\n\
            runs = {runs}\ntick = \"{tick}s\"\n\n"
        )
    }
}

type Scenario = Box<dyn Fn(&Plan) -> (String, FileMap) + Sync>;
type Read = Box<dyn Fn(&Findings) -> f64 + Sync>;

/// One number to compare.
pub(crate) struct Metric {
    pub(crate) name: String,
    pub(crate) expected: f64,
    /// Relative error of `expected` itself.
    pub(crate) numeric_error: f64,
    pub(crate) remark: &'static str,
    pub(crate) read: Read,
}

impl Metric {
    fn quantile(&self) -> bool {
        self.name.contains("_p5") || self.name.contains("_p9")
    }

    /// The standard error that is wanted, relative; `None` for events too rare to be counted to 1 %.
    fn bound(&self) -> Option<f64> {
        if self.name.contains("_p99") {
            Some(0.03)
        } else if self.name.contains("fraction") && self.expected < 0.005 || self.expected == 0.0 {
            None
        } else {
            Some(0.01)
        }
    }

    /// What may be off beside chance.
    fn slack(&self) -> f64 {
        let histogram = if self.quantile() { HISTOGRAM_ERROR } else { 0.0 };
        self.expected.abs() * (self.numeric_error + histogram + 1e-7) + 1e-9
    }
}

/// A steady state to be measured.
pub(crate) struct Experiment {
    pub(crate) id: String,
    pub(crate) scenario: Scenario,
    /// Deliveries per second: what a second of simulated time costs.
    pub(crate) rate_per_s: f64,
    /// Slowest time constant; twenty of them are dropped as warm-up.
    pub(crate) relaxation_s: f64,
    pub(crate) most_messages: f64,
    /// Quantiles from a further simulation with all runs pooled: the mean of quantiles of short runs is biased where
    /// waits hang together for long. Off where all runs of one simulation would replay the same file.
    pub(crate) pool: bool,
    pub(crate) metrics: Vec<Metric>,
}

/// Measures an experiment: a pilot gives the length of the main runs; runs are added, in blocks with seeds that follow,
/// until every standard error meets its bound or the message budget ends. Only the errors decide, never the means.
pub(crate) fn measure(experiment: &Experiment) -> Vec<Comparison> {
    let n = REPLICATIONS as f64;
    let warmup_s = 20.0 * experiment.relaxation_s;
    let pilot_s = (PILOT_MESSAGES / n / experiment.rate_per_s).max(50.0 * experiment.relaxation_s);
    let first = first_seed(&experiment.id);
    let pilot_seed = first + PILOT_SEED;
    let pilot = replicate(experiment, warmup_s, pilot_s, pilot_seed..pilot_seed + REPLICATIONS);
    let factor = needed(&experiment.metrics, &pilot) * MARGIN;
    let most_s = (experiment.most_messages / n / experiment.rate_per_s).max(pilot_s);
    let span_s = (pilot_s * factor).clamp(pilot_s, most_s);

    let mut values = replicate(experiment, warmup_s, span_s, first..first + REPLICATIONS);
    let affordable = |runs: usize| runs as f64 * span_s <= most_s * n;
    while needed(&experiment.metrics, &values) > 1.0 && affordable(values.len() + BLOCK) {
        let next = first + values.len() as u64;
        values.extend(replicate(experiment, warmup_s, span_s, next..next + BLOCK as u64));
    }
    let ended = needed(&experiment.metrics, &values) > 1.0;

    let pooled = experiment.pool && experiment.metrics.iter().any(Metric::quantile);
    let pooled = pooled.then(|| {
        let plan = Plan { warmup_s, span_s, seed: first + POOLED_SEED, runs: values.len() as u64 };
        read(experiment, &plan)
    });
    let compare = |(i, metric): (usize, &Metric)| {
        let (mean, se) = mean_and_se(values.iter().map(|run| run[i]));
        let got = match &pooled {
            Some(pooled) if metric.quantile() => pooled[i],
            _ => mean,
        };
        Comparison {
            case: experiment.id.clone(),
            metric: metric.name.clone(),
            expected: metric.expected,
            got,
            se,
            slack: metric.slack(),
            wanted_se: metric.bound(),
            allowed_se: metric.bound().map(|bound| if ended { WIDEST * bound } else { bound }),
            remark: metric.remark,
        }
    };
    experiment.metrics.iter().enumerate().map(compare).collect()
}

/// One row a run, one column a metric.
fn replicate(experiment: &Experiment, warmup_s: f64, span_s: f64, seeds: Range<u64>) -> Vec<Vec<f64>> {
    spread(seeds, |seed| read(experiment, &Plan { warmup_s, span_s, seed, runs: 1 }))
}

fn read(experiment: &Experiment, plan: &Plan) -> Vec<f64> {
    let (text, files) = (experiment.scenario)(plan);
    let findings = simulate(&text, &files);
    experiment.metrics.iter().map(|metric| (metric.read)(&findings)).collect()
}

/// How many times the length would bring every standard error within its bound. Without a variance the measured error
/// says nothing: it is small exactly where the large values have not come yet, so such a case runs to the budget's end.
fn needed(metrics: &[Metric], pilot: &[Vec<f64>]) -> f64 {
    let ask = |(i, metric): (usize, &Metric)| {
        if !metric.remark.is_empty() {
            return f64::INFINITY;
        }
        let (_, se) = mean_and_se(pilot.iter().map(|run| run[i]));
        metric.bound().map_or(0.0, |bound| (se / metric.expected / bound).powi(2))
    };
    metrics.iter().enumerate().map(ask).fold(0.0, f64::max)
}

/// Simulates a text that the test made; a refusal shows the text.
pub(crate) fn simulate(text: &str, files: &FileMap) -> Findings {
    tailback::simulate(text, files).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Over independent values; the standard error is of the mean.
pub(crate) fn mean_and_se(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let values: Vec<f64> = values.collect();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, if values.len() < 2 { 0.0 } else { (squares / (n - 1.0) / n).sqrt() })
}

/// One value a seed, seeds from 1, in order.
pub(crate) fn repeat<T: Send>(count: u64, run: impl Fn(u64) -> T + Sync + Send) -> Vec<T> {
    spread(1..count + 1, run)
}

/// One value a seed, in order. On threads of its own: a simulation has a thread pool, and one that is waited for from
/// within another pool takes up further work of that pool meanwhile, one inside the other until the stack ends.
fn spread<T: Send>(seeds: Range<u64>, run: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
    let left = Mutex::new(seeds);
    let done = Mutex::new(vec![]);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let Some(seed) = left.lock().expect("no run panicked").next() else { return };
                    let value = run(seed);
                    done.lock().expect("no run panicked").push((seed, value));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no run panicked");
    done.sort_by_key(|(seed, _)| *seed);
    done.into_iter().map(|(_, value)| value).collect()
}

/// A case's own seeds, far from any other's: with the same seeds everywhere all cases would share one luck.
fn first_seed(id: &str) -> u64 {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3);
    let hash = id.bytes().fold(0xCBF2_9CE4_8422_2325, mix);
    1 + (hash >> 40 << 20)
}
