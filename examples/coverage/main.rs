//! How often the nominal 95 % intervals of `run`, `compare` and `plan` hold the exact value, on cases in which theory gives it.
//!
//! Each case is repeated with many seeds. It prints the tables of `docs/coverage.md`:
//! `cargo run --release --example coverage [REPETITIONS [run | compare | plan]]`.

#![allow(clippy::print_stdout, reason = "a study for people: its table is what it is for")]

mod cases;

use cases::{CompareCase, PlanCase, RunCase};
use std::collections::BTreeMap;
use tailback::scenario::Scenario;
use tailback::study::{
    self, Comparison, Crew, Failure, Halt, KnobValue, Options, Paired, PlanOptions, Stat, Variant, Watch,
};

const REPETITIONS: u64 = 1_000;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let repetitions = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(REPETITIONS);
    let only: Vec<String> = arguments.collect();
    let wanted = |study: &str| only.is_empty() || only.iter().any(|one| one == study);
    let crew = Crew::new(None)?;
    println!("{repetitions} repetitions of each case, with the seeds 1 to {repetitions}.");
    if wanted("run") {
        println!("\n| `run` | exact | mean of the estimates | intervals that hold it |\n| --- | ---: | ---: | ---: |");
        for case in cases::of_run() {
            of_run(&case, repetitions, &crew)?;
        }
    }
    if wanted("compare") {
        println!(
            "\n| `compare` | exact | mean of the estimates | intervals that hold it |\n| --- | ---: | ---: | ---: |"
        );
        let mut gains = vec![];
        for case in cases::of_compare() {
            gains.push(of_compare(&case, repetitions, &crew)?);
        }
        println!("\n| common random numbers | variance, shared | independent | ratio, measured | as `compare` says |");
        println!("| --- | ---: | ---: | ---: | ---: |");
        gains.iter().for_each(|row| println!("{row}"));
    }
    if wanted("plan") {
        println!(
            "\n| `plan` | exact | answers: exact, larger, smaller, none | exact value there | intervals that hold it |"
        );
        println!("| --- | ---: | ---: | ---: | ---: |");
        for case in cases::of_plan() {
            of_plan(&case, repetitions, &crew)?;
        }
    }
    Ok(())
}

fn options() -> Options {
    // The repetitions are spread over the cores already.
    Options { threads: Some(1), ..Options::default() }
}

fn parse(text: &str) -> Scenario {
    let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    Scenario::parse(text, &files).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"))
}

fn seeded(scenario: &Scenario, seed: u64) -> Scenario {
    let mut scenario = scenario.clone();
    scenario.seed = seed;
    scenario
}

fn of_run(case: &RunCase, repetitions: u64, crew: &Crew) -> Result<(), Failure> {
    let scenario = parse(&case.text);
    let seeds: Vec<u64> = (1..=repetitions).collect();
    let stats: Vec<Stat> = crew.map(&seeds, |&seed| {
        let scenario = seeded(&scenario, seed);
        Ok::<Stat, Failure>((case.read)(&study::replicate(&scenario, &options(), &|_| {})?))
    })?;
    row(case.name, case.exact, &stats);
    Ok(())
}

fn of_compare(case: &CompareCase, repetitions: u64, crew: &Crew) -> Result<String, Failure> {
    let variants = [("a", &case.first), ("b", &case.second)].map(|(name, text)| Variant {
        name: name.into(),
        scenario: parse(text),
        path: String::new(),
        sha256: String::new(),
        settings: vec![],
    });
    let seeds: Vec<u64> = (1..=repetitions).collect();
    let pairs: Vec<Paired> = crew.map(&seeds, |&seed| {
        let mut variants = variants.to_vec();
        variants.iter_mut().for_each(|variant| variant.scenario.seed = seed);
        Ok::<Paired, Failure>(paired(&study::compare(&variants, &options(), &|_| {})?, case.figure))
    })?;
    row(case.name, case.exact, &pairs.iter().map(|pair| pair.difference.clone()).collect::<Vec<Stat>>());
    // Independent: each first variant against the second one of the next seed.
    let next = pairs.iter().skip(1).chain(pairs.first());
    let apart: Vec<f64> = pairs.iter().zip(next).map(|(one, next)| next.second - one.first).collect();
    let together: Vec<f64> = pairs.iter().map(|pair| pair.difference.mean).collect();
    let mut said: Vec<f64> = pairs.iter().filter_map(|pair| pair.variance_reduction).collect();
    said.sort_by(f64::total_cmp);
    let (shared, independent) = (variance(&together), variance(&apart));
    let median = said.get(said.len() / 2).copied().unwrap_or(f64::NAN);
    let ratio = independent / shared;
    Ok(format!("| {} | {shared:.3e} | {independent:.3e} | {ratio:.2} | {median:.2} |", case.name))
}

/// A plan's answer, and the interval of the objective's figure at the exact one.
type Answered = (Option<u32>, Option<(f64, f64)>);

/// The smallest number of servers that keeps an objective, and the interval of the objective's figure at that number.
fn of_plan(case: &PlanCase, repetitions: u64, crew: &Crew) -> Result<(), Failure> {
    let variants: Vec<Scenario> = (1..=case.most).map(|servers| parse(&(case.text)(servers))).collect();
    let values = (1..=case.most).map(|n| KnobValue { text: n.to_string(), number: Some(f64::from(n)) });
    let options = PlanOptions {
        values: values.collect(),
        start: None,
        largest: false,
        confidence: 0.95,
        max_runs: u32::MAX,
        figures: vec![],
        show_ends: false,
        memory: None,
    };
    let seeds: Vec<u64> = (1..=repetitions).collect();
    let found: Vec<Answered> = crew.map(&seeds, |&seed| {
        let alone = Crew::new(Some(1))?;
        let variant = |value: &KnobValue| {
            let servers = value.number.unwrap_or(1.0) as usize;
            Ok::<Scenario, Failure>(seeded(&variants[servers - 1], seed))
        };
        let watch = Watch { looking: &|_, _| {}, ran: &|| {} };
        let plan = study::plan(&options, &variant, &alone, &watch).map_err(|halt| match halt {
            Halt::Study(failure) | Halt::Variant(failure) => failure,
        })?;
        let number = |index: usize| plan.candidates[index].value.number.map(|number| number as u32);
        let exact = (0..plan.candidates.len()).find(|index| number(*index) == Some(case.exact));
        Ok::<_, Failure>((
            plan.answer.and_then(number),
            exact.and_then(|index| plan.candidates[index].slos[0].interval),
        ))
    })?;
    let count = |is: &dyn Fn(Option<u32>) -> bool| found.iter().filter(|one| is(one.0)).count();
    let intervals: Vec<(f64, f64)> = found.iter().filter_map(|one| one.1).collect();
    let holding = intervals.iter().filter(|(low, high)| *low <= case.value && case.value <= *high).count();
    let (share, error) = shares(holding, intervals.len());
    println!(
        "| {} | {} | {}, {}, {}, {} | {:.6} | {share:.1} % ± {error:.1} |",
        case.name,
        case.exact,
        count(&|answer| answer == Some(case.exact)),
        count(&|answer| answer > Some(case.exact)),
        count(&|answer| answer.is_some() && answer < Some(case.exact)),
        count(&|answer| answer.is_none()),
        case.value,
    );
    Ok(())
}

fn paired(comparison: &Comparison, figure: &str) -> Paired {
    let compared = comparison.figures.iter().find(|one| one.figure.expression == figure).expect("the case's figure");
    compared.differences[0].clone().and_then(|difference| difference.paired).expect("a value in some runs of both")
}

fn row(name: &str, exact: f64, stats: &[Stat]) {
    let holds = |stat: &&Stat| stat.ci95.is_some_and(|(low, high)| low <= exact && exact <= high);
    let (share, error) = shares(stats.iter().filter(holds).count(), stats.len());
    let mean = stats.iter().map(|stat| stat.mean).sum::<f64>() / stats.len() as f64;
    println!("| {name} | {exact:.6} | {mean:.6} | {share:.1} % ± {error:.1} |");
}

/// A share in percent, and the half width of its own 95 % interval.
fn shares(holding: usize, of: usize) -> (f64, f64) {
    let share = holding as f64 / of as f64;
    (share * 100.0, 196.0 * (share * (1.0 - share) / of as f64).sqrt())
}

fn variance(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0)
}
