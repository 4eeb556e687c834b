//! `tailback check`: the back of the envelope, from a scenario or from arguments alone.

mod sketch;
mod words;

use std::path::PathBuf;

use clap::Args;
use sha2::{Digest, Sha256};

use crate::envelope::{self, Question};
use crate::report::{self, Check};
use crate::scenario::{self, Files, Scenario};
use crate::study::{self, Findings};
use crate::units::{Duration, Share};

use super::ending::{Done, Failure, Outcome};
use super::run::key_and_value;
use super::study::{StudyFormat, load_one, refused};
use super::{memory, progress, terminal};
use sketch::Sketch;

/// The back of the envelope: what formulas say, with their arithmetic and their limits
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub(super) struct CheckArguments {
    /// Scenario file (TOML); without one, the options below describe a queue
    #[arg(value_name = "FILE", conflicts_with = "Sketch")]
    file: Option<PathBuf>,

    #[command(flatten)]
    sketch: Sketch,

    /// Utilization for which consumers are counted [default: 70%]
    #[arg(long, value_name = "SHARE", value_parser = target, help_heading = "Questions")]
    target_utilization: Option<f64>,

    /// How many consumers it takes to be rid of the highest backlog within this time
    #[arg(long, value_name = "TIME", value_parser = seconds, help_heading = "Questions")]
    drain_in: Option<f64>,

    /// Simulate too, and set the simulated value beside each estimate that has one
    #[arg(long)]
    simulate: bool,

    /// Print the scenario that the options describe, and do nothing else
    #[arg(long, conflicts_with_all = ["file", "simulate"])]
    print_scenario: bool,

    /// Set a value of the scenario, by its TOML path; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_and_value)]
    settings: Vec<(String, String)>,

    /// Independent runs, with --simulate
    #[arg(long, value_name = "N", requires = "simulate", value_parser = clap::value_parser!(u32).range(1..))]
    runs: Option<u32>,

    /// Seed of all randomness, with --simulate
    #[arg(long, value_name = "N", requires = "simulate")]
    seed: Option<u64>,

    /// Threads to use, with --simulate; the results do not depend on it [default: one per core]
    #[arg(long, value_name = "N", requires = "simulate", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,

    /// What goes to stdout; no file is written
    #[arg(long, value_enum, default_value = "text")]
    format: StudyFormat,

    /// Say nothing on stderr but errors
    #[arg(long)]
    quiet: bool,
}

const EXAMPLES: &str = "\
Examples:
  tailback check scenarios/flash-sale.toml
  tailback check --rate 800/s --service 45ms --consumers 80 --spike 6000/s/5m
  tailback check --rate 250/s --service 180ms --target-utilization 70%
  tailback check --backlog 14000 --rate 200/min --throughput 500/min
  tailback check --daily-users 150M --requests-per-user 2 --peak-factor 2
  tailback check scenarios/mm1.toml --simulate

The options are written out as a scenario and read like any other; --print-scenario shows it.
Exit status: 0 done; 2 the scenario or the arguments are wrong; 1 anything else.";

fn target(text: &str) -> Result<f64, String> {
    let share = Share::parse(text)?.value();
    if share > 0.0 { Ok(share) } else { Err("a target of 0 takes consumers without end; write 70% or so".into()) }
}

fn seconds(text: &str) -> Result<f64, String> {
    match Duration::parse(text)? {
        Duration::ZERO => Err("no time at all takes consumers without end; write 10m or so".into()),
        time => Ok(time.seconds()),
    }
}

/// A scenario, however it was given.
struct Subject {
    scenario: Scenario,
    path: String,
    sha256: String,
    /// How the arguments were read.
    reading: Vec<String>,
}

pub(super) fn check(arguments: &CheckArguments) -> Outcome {
    if arguments.print_scenario {
        let made = arguments.sketch.written(arguments.target_utilization.unwrap_or(TARGET))?;
        terminal::print(made.text)?;
        return Ok(Done::Well);
    }
    let subject = subject(arguments)?;
    let question = Question {
        target_utilization: arguments.target_utilization.unwrap_or(TARGET),
        drain_in_s: arguments.drain_in,
        users: arguments.sketch.users(),
        service_known: arguments.sketch.throughput.is_none(),
    };
    let lines = envelope::check(&subject.scenario, &question);
    if lines.is_empty() {
        return Err(nothing_to_say(&subject));
    }
    let findings = if arguments.simulate { Some(simulate(&subject, arguments)?) } else { None };
    let rows = match &findings {
        Some(findings) => study::beside(&subject.scenario, lines, findings),
        None => study::alone(lines),
    };
    let check = Check {
        title: subject.scenario.title.clone(),
        path: subject.path,
        sha256: subject.sha256,
        reading: subject.reading,
        rows,
        simulated: findings.as_ref().map(|findings| (findings.seed, findings.runs)),
        notes: findings.map_or_else(Vec::new, |findings| findings.notes),
    };
    show(&check, arguments.format)?;
    Ok(Done::Well)
}

const TARGET: f64 = 0.7;

fn nothing_to_say(subject: &Subject) -> Failure {
    let what = if subject.path.is_empty() { "these options" } else { subject.path.as_str() };
    Failure::Wrong(format!(
        "{what}: there is nothing to reckon with: no queue has both a producer with a known rate and a consumer whose \
         service has a mean; give --rate and --service, or a scenario in which a consumer's work is not \"message\""
    ))
}

fn subject(arguments: &CheckArguments) -> Result<Subject, Failure> {
    let runs = arguments.runs.map(|runs| ("runs".to_string(), runs.to_string()));
    let seed = arguments.seed.map(|seed| ("seed".to_string(), seed.to_string()));
    let overrides: Vec<(String, String)> = arguments.settings.iter().cloned().chain(runs).chain(seed).collect();
    if let Some(file) = &arguments.file {
        let one = load_one(file, &overrides)?;
        return Ok(Subject { scenario: one.scenario, path: one.path, sha256: one.sha256, reading: vec![] });
    }
    let made = arguments.sketch.written(arguments.target_utilization.unwrap_or(TARGET))?;
    let parsed = Scenario::parse_with(&made.text, &NoFiles, &overrides);
    let color = terminal::color_on_stderr();
    let scenario = parsed.map_err(|problems| {
        Failure::Problems(scenario::render(&problems, "the scenario made of the options", &made.text, color))
    })?;
    let sha256 = Sha256::digest(made.text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Subject { scenario, path: String::new(), sha256, reading: made.reading })
}

/// Options name no files.
struct NoFiles;

impl Files for NoFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        Err(format!("there is no folder to read {path} from; write a scenario file instead"))
    }
}

fn simulate(subject: &Subject, arguments: &CheckArguments) -> Result<Findings, Failure> {
    let options = study::Options {
        threads: arguments.threads.map(usize::from),
        memory: memory::available(),
        path: subject.path.clone(),
        sha256: subject.sha256.clone(),
        ..study::Options::default()
    };
    let bar = progress::bar(&subject.scenario.title, subject.scenario.runs, arguments.quiet);
    let result = study::replicate(&subject.scenario, &options, &|_run| bar.inc(1));
    bar.finish_and_clear();
    let name = if subject.path.is_empty() { "the scenario made of the options" } else { &subject.path };
    result.map_err(|failure| refused(name, &failure))
}

fn show(check: &Check, format: StudyFormat) -> Result<(), Failure> {
    match format {
        StudyFormat::Text => {
            terminal::print(report::check_terminal(check, terminal::width(), terminal::color_on_stdout()))
        }
        StudyFormat::Json => terminal::print(report::check_json(check)),
        StudyFormat::Csv => terminal::print(report::check_csv(check)),
        StudyFormat::Md => terminal::print(report::check_markdown(check)),
        StudyFormat::None => Ok(()),
    }
}
