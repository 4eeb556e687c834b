//! `tailback run`: simulates scenarios, prints the summary, writes the outputs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, ValueEnum};

use crate::model::Model;
use crate::report;
use crate::study::{self, Engine, Findings, Precision};
use crate::units::Share;

use super::ending::{Done, Failure, Outcome};
use super::load::{self, Loaded};
use super::study::refused;
use super::{announce, engine, hurry, memory, outputs, progress, terminal, watch};

/// Simulate scenarios, print the summary, write the outputs
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct RunArguments {
    /// Scenario files (TOML). All are checked before any is run
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Independent runs, instead of the file's `runs`
    #[arg(long, value_name = "N")]
    runs: Option<u32>,

    /// Add runs until the 95 % interval of every headline figure is this narrow: half its width ÷ the mean
    #[arg(long, value_name = "SHARE", value_parser = precision)]
    precision: Option<f64>,

    /// With --precision: never more runs than this
    #[arg(long, value_name = "N", default_value = "1000", requires = "precision", value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    max_runs: u32,

    /// Seed of all randomness, instead of the file's `seed`
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Threads to use; the results do not depend on it [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,

    /// Folder for the outputs; each scenario gets a folder of its own in it
    #[arg(long, value_name = "DIR", default_value = "output")]
    output: PathBuf,

    /// Set a value of the file, by its TOML path; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_and_value)]
    settings: Vec<(String, String)>,

    /// What goes to stdout; the files are written in any case
    #[arg(long, value_enum, default_value = "text")]
    format: Format,

    /// Add to timeseries.csv what the brokers' own monitoring would show, under its own names
    #[arg(long)]
    broker_metrics: bool,

    #[command(flatten)]
    engine: engine::EngineArguments,

    #[command(flatten)]
    checks: engine::CheckArguments,

    /// Say nothing on stderr but errors
    #[arg(long)]
    quiet: bool,

    /// Run again whenever a file changes, until interrupted
    #[arg(long)]
    watch: bool,
}

const EXAMPLES: &str = "\
Examples:
  tailback run scenarios/flash-sale.toml
  tailback run scenarios/flash-sale.toml --set consumer.order-worker.replicas=30 --set duration=1h
  tailback run scenarios/flash-sale.toml --runs 100 --seed 7 --output tries
  tailback run scenarios/flash-sale.toml --precision 2%
  tailback run scenarios/flash-sale.toml --format json | jq '.components.orders.recovery_time_s'

With several files, one result follows the other on stdout.
Exit status: 0 done; 99 done, and an SLO does not hold; 2 the scenario or the arguments are wrong; 1 anything else.";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The summary for people
    Text,
    /// summary.json
    Json,
    /// timeseries.csv
    Csv,
    /// report.md
    Md,
    /// Nothing
    None,
}

pub(super) fn key_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().into(), value.trim().into())),
        _ => Err("write KEY=VALUE, such as consumer.worker.replicas=40".into()),
    }
}

fn precision(text: &str) -> Result<f64, String> {
    let share = Share::parse(text)?.value();
    if share > 0.0 && share < 1.0 { Ok(share) } else { Err("it lies between 0 and 1, such as 2% or 0.02".into()) }
}

/// One pass over the files, or one after every change of them.
pub(super) fn run(arguments: &RunArguments) -> Outcome {
    if arguments.watch { watch::watch(|| once(arguments)) } else { once(arguments).0 }
}

/// Checks all, then simulates, writes and shows one after another. The files it depends on come back for `--watch`.
fn once(arguments: &RunArguments) -> (Outcome, BTreeSet<PathBuf>) {
    let loading = load::load(&arguments.files, &overrides(arguments));
    let outcome = loading.result.and_then(|loaded| {
        for one in &loaded {
            outputs::check(&arguments.output.join(&one.stem))?;
        }
        let mut worst = Done::Well;
        for one in &loaded {
            let engine = engine_of(one, arguments)?;
            let findings = simulate(one, engine, arguments)?;
            // Written first: a reader of stdout that goes away must not cost the files.
            write(one, &findings, arguments)?;
            show(&findings, arguments.format)?;
            if arguments.checks.verify {
                verify(one, &findings, arguments)?;
            }
            if !findings.slo_holds() {
                worst = Done::SloBroken;
            }
        }
        Ok(worst)
    });
    (outcome, loading.files)
}

/// `--runs` and `--seed` are settings like any other, so that the report names their origin.
fn overrides(arguments: &RunArguments) -> Vec<(String, String)> {
    let runs = arguments.runs.map(|runs| ("runs".to_string(), runs.to_string()));
    let seed = arguments.seed.map(|seed| ("seed".to_string(), seed.to_string()));
    arguments.settings.iter().cloned().chain(runs).chain(seed).collect()
}

/// As asked for, or so that the runs end in time.
fn engine_of(one: &Loaded, arguments: &RunArguments) -> Result<Engine, Failure> {
    let wanted = arguments.engine.engine();
    let Some(limit) = arguments.checks.max_time else { return Ok(wanted) };
    let threads = arguments.threads.map_or_else(cores, usize::from);
    hurry::engine(&one.path, &one.scenario, wanted, limit, threads)
}

/// The same runs with another weight, and how far the figures are apart.
fn verify(one: &Loaded, findings: &Findings, arguments: &RunArguments) -> Result<(), Failure> {
    let model = Model::compile(&one.scenario);
    let other = study::other_weight(&model, findings.engine.weight).map_err(|failure| refused(&one.path, &failure))?;
    let there = simulate(one, other, arguments)?;
    let table = report::verify_text(findings, &there, &study::deviations(findings, &there));
    match arguments.format {
        Format::Text => terminal::print(format!("\n{table}")),
        _ => {
            terminal::say(&table);
            Ok(())
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the wall time is measured here, outside of what must be reproducible")]
fn simulate(one: &Loaded, engine: Engine, arguments: &RunArguments) -> Result<Findings, Failure> {
    let threads = arguments.threads.map(usize::from);
    if !arguments.quiet
        && let Some(sentence) = announce::sentence(&one.scenario, engine, threads.unwrap_or_else(cores))
    {
        terminal::say(&sentence);
    }
    let options = study::Options {
        threads,
        memory: memory::available(),
        precision: arguments.precision.map(|share| Precision { share, most: arguments.max_runs }),
        broker_metrics: arguments.broker_metrics,
        engine,
        path: one.path.clone(),
        sha256: one.sha256.clone(),
        ..study::Options::default()
    };
    let runs = one.scenario.runs + study::repeated_runs(&one.scenario);
    let bar = progress::bar(&one.scenario.title, runs, arguments.quiet);
    let start = Instant::now();
    let deadline = arguments.checks.max_time.map(|limit| hurry::Deadline::new(&one.path, limit, one.scenario.runs));
    let result = study::replicate(&one.scenario, &options, &|_run| {
        bar.inc(1);
        // How many runs a precision takes is known when it is reached.
        bar.set_length(bar.length().unwrap_or(0).max(bar.position()));
        deadline.iter().for_each(hurry::Deadline::run_is_done);
    });
    drop(deadline);
    bar.finish_and_clear();
    let mut findings = result.map_err(|failure| refused(&one.path, &failure))?;
    findings.wall_time_s = Some(start.elapsed().as_secs_f64());
    Ok(findings)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn write(one: &Loaded, findings: &Findings, arguments: &RunArguments) -> Result<(), Failure> {
    let folder = arguments.output.join(&one.stem);
    let files = report::render(findings);
    outputs::write(&folder, &files)?;
    if !arguments.quiet {
        terminal::say(&format!("{} files in {}", files.len(), slashed(&folder)));
    }
    Ok(())
}

fn show(findings: &Findings, format: Format) -> Result<(), Failure> {
    match format {
        Format::Text => {
            let mut text = report::terminal(findings, terminal::width(), terminal::color_on_stdout());
            if !text.ends_with('\n') {
                text.push('\n');
            }
            terminal::print(text)
        }
        Format::Json => terminal::print(report::summary_json(findings)),
        Format::Csv => terminal::print(report::csv(findings)),
        Format::Md => terminal::print(report::markdown(findings)),
        Format::None => Ok(()),
    }
}

fn slashed(folder: &Path) -> String {
    format!("{}/", folder.display())
}
