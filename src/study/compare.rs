//! Variants of a system under the same arrivals: each simulated as it stands, and their figures compared run by run.

use super::replicate::observe;
use super::work::Work;
use super::{Crew, Difference, Failure, FigureOverRuns, Findings, Options, RunFigures, Seen, difference, over_runs};
use crate::model::Model;
use crate::scenario::{Figure, Scenario};

/// One of the systems that are compared.
#[derive(Debug, Clone)]
pub struct Variant {
    /// In legends and sentences; no two have the same.
    pub name: String,
    pub scenario: Scenario,
    /// As given on the command line.
    pub path: String,
    /// Hex SHA-256 of the scenario's text.
    pub sha256: String,
    /// What is set in it beside its file, as `--set` takes it.
    pub settings: Vec<(String, String)>,
}

/// A variant and what it did.
#[derive(Debug, Clone)]
pub struct VariantFindings {
    pub name: String,
    pub settings: Vec<(String, String)>,
    pub findings: Findings,
    /// Whether each producer that it shares with the first variant made as many requests as there, in every run; `None`
    /// for the first variant itself.
    pub same_arrivals: Option<bool>,
}

/// One figure in every variant, and against the first one.
#[derive(Debug, Clone)]
pub struct FigureCompared {
    pub figure: Figure,
    /// One entry a variant; `None` where the variant has no such component or metric.
    pub values: Vec<Option<FigureOverRuns>>,
    /// Each later variant against the first, run by run; `None` where either has no such figure.
    pub differences: Vec<Option<Difference>>,
}

/// All that `compare` found. The first variant is the one that the others are held against.
#[derive(Debug, Clone)]
pub struct Comparison {
    pub seed: u64,
    /// Of every variant.
    pub runs: u32,
    pub variants: Vec<VariantFindings>,
    pub figures: Vec<FigureCompared>,
    /// What a reader must know about the variants to read the differences rightly.
    pub notes: Vec<String>,
}

impl Comparison {
    /// Every SLO of every variant holds.
    pub fn slo_holds(&self) -> bool {
        self.variants.iter().all(|variant| variant.findings.slo_holds())
    }
}

impl FigureCompared {
    /// Whether there is anything to tell: not a count that is zero in every run of every variant.
    pub fn is_seen(&self) -> bool {
        let is_something = |value: &FigureOverRuns| {
            value.never > 0 || value.stat.as_ref().is_some_and(|stat| stat.min != 0.0 || stat.max != 0.0)
        };
        self.values.iter().flatten().any(is_something)
    }
}

/// Simulates every variant with the seed of the first, and as many runs as the one that has the fewest. `progress` hears
/// of each finished run of each variant, from any thread.
///
/// # Errors
/// As `replicate`, for any variant.
pub fn compare(
    variants: &[Variant],
    options: &Options,
    progress: &(dyn Fn(u32) + Sync),
) -> Result<Comparison, Failure> {
    let seed = variants.first().map_or(0, |first| first.scenario.seed);
    let runs = variants.iter().map(|variant| variant.scenario.runs).min().unwrap_or(0);
    let mut scenarios: Vec<Scenario> = variants.iter().map(|variant| alike(&variant.scenario, seed, runs)).collect();
    let crew = Crew::new(options.threads)?;
    let work = Work { crew: &crew, engine: options.engine, memory: options.memory, progress: &|_| {} };
    let lead_in = work.common_lead_in(&mut scenarios)?;
    let figures = figures(&scenarios);
    let arrivals = requests(&scenarios);
    let mut done: Vec<(Findings, Vec<RunFigures>)> = vec![];
    for (variant, scenario) in variants.iter().zip(&scenarios) {
        let options = Options { path: variant.path.clone(), sha256: variant.sha256.clone(), ..options.clone() };
        let asked: Vec<Figure> =
            figures.iter().chain(&arrivals).filter_map(|figure| scenario.figure(&figure.expression).ok()).collect();
        done.push(observe(scenario, &options, &asked, progress)?);
    }
    let seen: Vec<Vec<Option<Vec<&Seen>>>> = (scenarios.iter().zip(&done))
        .map(|(scenario, (_, runs))| columns(scenario, figures.iter().chain(&arrivals), runs))
        .collect();
    let compared = figures.iter().enumerate().map(|(index, figure)| compared(figure, index, &seen)).collect();
    let is_same = |variant: usize| {
        (figures.len()..figures.len() + arrivals.len()).zip(&arrivals).all(|(index, figure)| {
            let pair = seen[0][index].as_ref().zip(seen[variant][index].as_ref());
            pair.is_none_or(|(first, second)| own(figure, first) == own(figure, second))
        })
    };
    let same: Vec<bool> = (0..variants.len()).map(is_same).collect();
    let mut notes = notes(variants, &scenarios, &same);
    notes.extend(lead_in);
    notes.extend(weights(variants, &done));
    let variants = variants.iter().zip(done).zip(same).enumerate().map(|(index, ((variant, (findings, _)), same))| {
        VariantFindings {
            name: variant.name.clone(),
            settings: variant.settings.clone(),
            findings,
            same_arrivals: (index > 0).then_some(same),
        }
    });
    Ok(Comparison { seed, runs, variants: variants.collect(), figures: compared, notes })
}

/// For each figure what all runs of one variant say; `None` where the variant does not have it.
fn columns<'a, 'f>(
    scenario: &Scenario,
    figures: impl Iterator<Item = &'f Figure>,
    runs: &'a [RunFigures],
) -> Vec<Option<Vec<&'a Seen>>> {
    let mut at = 0..;
    figures
        .map(|figure| {
            scenario.figure(&figure.expression).ok()?;
            let index = at.next()?;
            Some(runs.iter().map(|run| &run.seen[index]).collect())
        })
        .collect()
}

fn own(figure: &Figure, runs: &[&Seen]) -> Vec<Option<f64>> {
    runs.iter().map(|seen| seen.own(figure)).collect()
}

fn compared(figure: &Figure, index: usize, seen: &[Vec<Option<Vec<&Seen>>>]) -> FigureCompared {
    let of = |variant: usize| seen[variant][index].as_deref();
    let pair = |variant: usize| Some(difference(&own(figure, of(0)?), &own(figure, of(variant)?)));
    FigureCompared {
        figure: figure.clone(),
        values: (0..seen.len()).map(|variant| Some(over_runs(figure, of(variant)?))).collect(),
        differences: (1..seen.len()).map(pair).collect(),
    }
}

/// Of every queue and group that somebody works off, beside its recovery.
const OF_A_QUEUE: [&str; 11] = [
    "peak_backlog",
    "oldest_age.max",
    "latency.mean",
    "latency.p99",
    "completed",
    "dead_lettered",
    "expired",
    "dropped",
    "rejected",
    "duplicates",
    "work_amplification",
];
const OF_A_CONSUMER: [&str; 2] = ["utilization.mean", "replicas.mean"];
const OF_A_DEPENDENCY: [&str; 3] = ["latency.p99", "utilization", "errors"];
const OF_A_PRODUCER: [&str; 4] = ["goodput", "timeouts", "gave_up", "publish_amplification"];
const OF_A_WORKFLOW: [&str; 5] = ["duration.p99", "completed", "compensated", "failed", "stuck"];

/// The figures of every variant's objectives and components, each once: objectives first, then those of the first variant.
fn figures(scenarios: &[Scenario]) -> Vec<Figure> {
    let mut all: Vec<Figure> = vec![];
    let slos = scenarios.iter().flat_map(|scenario| scenario.slos.iter().map(|slo| slo.figure.clone()));
    for figure in slos.chain(scenarios.iter().flat_map(usual)) {
        if !all.iter().any(|there| there.expression == figure.expression) {
            all.push(figure);
        }
    }
    all
}

fn usual(scenario: &Scenario) -> Vec<Figure> {
    let model = Model::compile(scenario);
    let is_read = |queue: usize| model.consumers.iter().any(|consumer| consumer.queue == queue);
    let queues = (0..model.queues.len()).filter(|queue| is_read(*queue)).map(|queue| &model.queues[queue].name);
    let recovery: &[&str] = if model.disturbances.is_empty() { &[] } else { &["recovery_time"] };
    let mut names: Vec<(&str, Vec<&str>)> =
        queues.map(|name| (name.as_str(), [recovery, &OF_A_QUEUE].concat())).collect();
    names.extend(scenario.workflows.iter().map(|one| (one.name.as_str(), OF_A_WORKFLOW.to_vec())));
    names.extend(scenario.consumers.iter().map(|one| (one.name.as_str(), OF_A_CONSUMER.to_vec())));
    names.extend(scenario.dependencies.iter().map(|one| (one.name.as_str(), OF_A_DEPENDENCY.to_vec())));
    names.extend(scenario.producers.iter().map(|one| (one.name.as_str(), OF_A_PRODUCER.to_vec())));
    let each = names.iter().flat_map(|(name, metrics)| metrics.iter().map(move |metric| format!("{name}.{metric}")));
    let costs = ["cost", "cost_per_30_days"].map(String::from);
    // Not every component has every metric, and a scenario without prices costs nothing.
    each.chain(costs).filter_map(|expression| scenario.figure(&expression).ok()).collect()
}

/// What each producer of any variant asked for: where it agrees in every run, the arrivals were the same.
fn requests(scenarios: &[Scenario]) -> Vec<Figure> {
    let mut all: Vec<Figure> = vec![];
    for scenario in scenarios {
        for producer in &scenario.producers {
            let figure = scenario.figure(&format!("{}.requests", producer.name)).ok();
            all.extend(figure.filter(|figure| all.iter().all(|there| there.expression != figure.expression)));
        }
    }
    all
}

/// Variants of which a simulated message stands for different numbers of messages.
fn weights(variants: &[Variant], done: &[(Findings, Vec<RunFigures>)]) -> Option<String> {
    let weight = |index: usize| done[index].0.engine.weight.max(1);
    let others = (1..done.len()).filter(|index| weight(*index) != weight(0));
    let others: Vec<String> = others.map(|index| format!("{} in {}", variants[index].name, weight(index))).collect();
    let all = || format!("{} messages of {}, {}", weight(0), variants[0].name, others.join(", "));
    (!others.is_empty()).then(|| {
        format!("a simulated message stands for {}: differences hold what that rounds, too; see --engine", all())
    })
}

fn notes(variants: &[Variant], scenarios: &[Scenario], same: &[bool]) -> Vec<String> {
    let (Some(first), Some(base)) = (variants.first(), scenarios.first()) else { return vec![] };
    let mut notes = vec![];
    if base.runs == 1 {
        notes.push("with one run there are differences, but no intervals: ask for more with --runs".to_string());
    }
    for ((variant, scenario), same) in variants.iter().zip(scenarios).zip(same).skip(1) {
        let name = &variant.name;
        if variant.scenario.seed != base.seed {
            let (own, used) = (variant.scenario.seed, base.seed);
            notes.push(format!("{name} is run with seed {used} of {}, not with its own seed {own}", first.name));
        }
        if scenario.duration != base.duration || scenario.warmup != base.warmup {
            notes.push(format!(
                "{name} lasts {} with {} of warm-up, {} lasts {} with {}: totals and averages are over different times",
                scenario.duration, scenario.warmup, first.name, base.duration, base.warmup
            ));
        }
        if !same {
            notes.push(format!(
                "the arrivals of {name} are not those of {}: what differs is their work as well as its handling",
                first.name
            ));
        }
        let alone = |here: &Scenario, there: &Scenario| -> Vec<String> {
            let names = here.producers.iter().map(|producer| producer.name.clone());
            names.filter(|name| there.producers.iter().all(|producer| producer.name != *name)).collect()
        };
        for (producers, with, without) in
            [(alone(scenario, base), name, &first.name), (alone(base, scenario), &first.name, name)]
        {
            if !producers.is_empty() {
                let producers = producers.join(", ");
                notes.push(format!("{producers} publishes in {with} and does not exist in {without}"));
            }
        }
    }
    let most = variants.iter().map(|variant| variant.scenario.runs).max().unwrap_or(0);
    if most != base.runs {
        let fewest = variants.iter().min_by_key(|variant| variant.scenario.runs).map_or("", |variant| &variant.name);
        notes.push(format!("{} runs of each are compared, as many as {fewest} has; others ask for more", base.runs));
    }
    notes
}

/// The scenario with the seed and the number of runs that all variants have.
fn alike(scenario: &Scenario, seed: u64, runs: u32) -> Scenario {
    let mut scenario = scenario.clone();
    (scenario.seed, scenario.runs) = (seed, runs);
    scenario
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn variant(name: &str, replicas: u32, more: &str) -> Variant {
        let text = format!(
            "duration = \"5m\"\nruns = 6\nseed = 7\nslo = [\"q.recovery_time < 1m\"]\n{more}\n\
             [producer.p]\nto = \"q\"\nrate = \"20/s\"\nspikes = [{{ at = \"1m\", for = \"30s\", rate = \"60/s\" }}]\n\
             [queue.q]\n[consumer.w]\nfrom = \"q\"\nreplicas = {replicas}\nservice = {{ exp = \"100ms\" }}\n"
        );
        let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let scenario = Scenario::parse(&text, &files).unwrap_or_else(|problems| panic!("{problems:?}"));
        Variant { name: name.into(), scenario, path: format!("{name}.toml"), sha256: String::new(), settings: vec![] }
    }

    fn of(variants: &[Variant]) -> Comparison {
        let options = Options { threads: Some(1), ..Options::default() };
        compare(variants, &options, &|_| {}).unwrap()
    }

    fn figure<'a>(comparison: &'a Comparison, expression: &str) -> &'a FigureCompared {
        comparison.figures.iter().find(|one| one.figure.expression == expression).expect(expression)
    }

    #[test]
    fn a_variant_against_itself_differs_in_nothing() {
        let comparison = of(&[variant("a", 3, ""), variant("b", 3, "")]);
        for compared in &comparison.figures {
            let difference = compared.differences[0].as_ref().unwrap();
            let paired = difference.paired.as_ref();
            assert!(paired.is_none_or(|paired| paired.certainty() == crate::study::Certainty::Same), "{compared:?}");
        }
        assert_eq!(comparison.variants[1].same_arrivals, Some(true));
        assert!(comparison.notes.is_empty(), "{:?}", comparison.notes);
    }

    #[test]
    fn more_workers_recover_sooner_in_every_run() {
        let comparison = of(&[variant("three", 3, ""), variant("six", 6, "")]);
        let recovery = figure(&comparison, "q.recovery_time");
        let difference = recovery.differences[0].as_ref().unwrap();
        let paired = difference.paired.as_ref().unwrap();
        assert!(paired.difference.max < 0.0, "{paired:?}");
        assert_eq!(paired.runs, 6);
        // The same arrivals, so the same number of messages; what chance does to both is not in the difference.
        assert_eq!(comparison.variants[1].same_arrivals, Some(true));
        let peak = figure(&comparison, "q.peak_backlog").differences[0].as_ref().unwrap().paired.clone().unwrap();
        assert!(peak.correlation.unwrap() > 0.5, "{peak:?}");
        assert!(figure(&comparison, "q.recovery_time").is_seen() && !figure(&comparison, "q.expired").is_seen());
    }

    #[test]
    fn what_is_not_alike_is_said() {
        let mut other = variant("b", 3, "");
        other.scenario.seed = 9;
        other.scenario.runs = 4;
        let comparison = of(&[variant("a", 3, ""), other]);
        assert_eq!((comparison.runs, comparison.seed), (4, 7));
        assert!(comparison.notes[0].contains("seed 7 of a, not with its own seed 9"), "{:?}", comparison.notes);
        assert!(comparison.notes[1].contains("4 runs of each"), "{:?}", comparison.notes);
        let mut faster = variant("c", 3, "");
        faster.scenario = {
            let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
            let text = "duration = \"5m\"\nruns = 6\nseed = 7\n[producer.p]\nto = \"q\"\nrate = \"25/s\"\n[queue.q]\n\
                        [consumer.w]\nfrom = \"q\"\nreplicas = 3\nservice = { exp = \"100ms\" }\n";
            Scenario::parse(text, &files).unwrap()
        };
        let comparison = of(&[variant("a", 3, ""), faster]);
        assert_eq!(comparison.variants[1].same_arrivals, Some(false));
        assert!(comparison.notes[0].contains("arrivals of c are not those of a"), "{:?}", comparison.notes);
        // Without a disturbance the variant is always recovered; the figure is there for its objective.
        assert!(figure(&comparison, "q.recovery_time").values[1].is_some());
    }
}
