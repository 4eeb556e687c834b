//! `tailback sweep`: the figures over a grid of knobs; on this machine, or dealt out to many.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::report;
use crate::scenario;
use crate::study::{self, Knob, SweepFailure, SweepFindings, SweepOrigin, SweepPlan};

use super::ending::{Done, Failure, Outcome};
use super::load::Loaded;
use super::on::{self, OnArguments};
use super::points::Points;
use super::run::key_and_value;
use super::study::{StudyArguments, StudyFormat, refused};
use super::{memory, merge, outputs, progress, terminal};

/// Simulate a scenario over ranges of its values: line chart, heat map, CSV
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct SweepArguments {
    #[command(flatten)]
    study: StudyArguments,

    /// A value to vary, by its TOML path: FROM..TO:STEP or A,B,C; repeat it for a grid
    #[arg(long = "vary", required = true, value_name = "PATH=VALUES", value_parser = Knob::parse)]
    knobs: Vec<Knob>,

    /// Set another value along with one that is varied, such as consumer.worker.replicas=stream.orders.partitions
    #[arg(long = "tie", value_name = "PATH=PATH", value_parser = key_and_value)]
    ties: Vec<(String, String)>,

    /// A figure to show, COMPONENT.METRIC[.STAT]; may be repeated [default: those of the objectives and the headline]
    #[arg(long = "metric", value_name = "FIGURE")]
    metrics: Vec<String>,

    /// Deal the points out into N shards: write the plan and stop, or with --on hand them to an engine
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    shards: Option<u32>,

    #[command(flatten)]
    on: OnArguments,
}

const EXAMPLES: &str = "\
Examples:
  tailback sweep checkout.toml --vary consumer.worker.replicas=4..12:2
  tailback sweep checkout.toml --vary consumer.worker.replicas=4..12:2 --vary producer.checkout.rate=50/s..200/s:50/s
  tailback sweep checkout.toml --vary queue.orders.broker=sqs,rabbitmq --metric orders.latency.p99
  tailback sweep checkout.toml --vary consumer.worker.replicas=1..400 --on dask --scheduler tcp://head:8786

Points that are there already are not computed again: a sweep that was interrupted goes on when it is started again.";

/// More points than this are a slip of the pen.
const MOST_POINTS: usize = 100_000;

pub(super) fn sweep(arguments: &SweepArguments) -> Outcome {
    let common = &arguments.study.common;
    check_knobs(&arguments.knobs, &arguments.ties)?;
    arguments.on.check()?;
    let one = arguments.study.load("sweep")?;
    free(&one, arguments)?;
    let plan = plan(&one, arguments)?;
    let folder = common.folder(&one, "sweep");
    if let Some(engine) = arguments.on.engine {
        let job = on::Job::new(&plan, &folder, arguments.shards, common.threads, common.quiet)?;
        return match on::submit(engine, &arguments.on, &job)? {
            on::Submitted::Script => Ok(Done::Well),
            on::Submitted::Computed => {
                let slices = merge::slices_at(&[job.shards_folder()])?;
                let points = merge::complete(&plan, job.shards, &slices, &job.plan_file)?;
                merge::keep(&points, &folder)?;
                finish(&plan, &Points::new(folder.join("points")), &folder, common.format, common.quiet)
            }
        };
    }
    if arguments.shards.is_some() {
        let job = on::Job::new(&plan, &folder, arguments.shards, common.threads, common.quiet)?;
        job.say_plan();
        return Ok(Done::Well);
    }
    let store = Points::new(folder.join("points"));
    compute(&plan, &(0..plan.points.len()).collect::<Vec<_>>(), &store, common.threads, common.quiet)?;
    finish(&plan, &store, &folder, common.format, common.quiet)
}

/// What is wrong with the knobs themselves, all of it.
fn check_knobs(knobs: &[Knob], ties: &[(String, String)]) -> Result<(), Failure> {
    let mut wrong: Vec<String> = knobs.iter().filter_map(|knob| knob.values().err()).collect();
    for (i, knob) in knobs.iter().enumerate() {
        if knobs[..i].iter().any(|other| other.path == knob.path) {
            wrong.push(format!("--vary names {} twice; give all its values in one", knob.path));
        }
        let values = knob.values().unwrap_or_default();
        for (j, value) in values.iter().enumerate() {
            if values[..j].iter().any(|other| other.text == value.text) {
                wrong.push(format!("--vary {} has the value {} twice", knob.path, value.text));
            }
        }
    }
    for (i, (path, tied)) in ties.iter().enumerate() {
        if knobs.iter().all(|knob| knob.path != *path) {
            wrong.push(format!("--tie {path}={tied}: {path} is not varied; the varied path stands on the left"));
        }
        if knobs.iter().any(|knob| knob.path == *tied) || ties[..i].iter().any(|(_, other)| other == tied) {
            wrong.push(format!("--tie {path}={tied}: {tied} is varied or tied already"));
        }
    }
    let points: usize =
        knobs.iter().map(|knob| knob.values().map_or(1, |values| values.len())).fold(1, usize::saturating_mul);
    if points > MOST_POINTS {
        wrong.push(format!("the knobs make {points} points, and {MOST_POINTS} is the most; widen the steps"));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Failure::Wrong(wrong.join("\nerror: "))) }
}

/// Refuses knobs that another setting decides over, all at once. How the system is looked at (`duration`, `tick`) may be
/// varied as well.
fn free(one: &Loaded, arguments: &SweepArguments) -> Result<(), Failure> {
    let paths = arguments.knobs.iter().map(|knob| &knob.path).chain(arguments.ties.iter().map(|(_, tied)| tied));
    let wrong: Vec<String> = paths
        .filter_map(|path| one.scenario.ruled(path).filter(|ruled| ruled.by != *path).map(|ruled| (path, ruled)))
        .map(|(path, ruled)| format!("{path} is overridden by {}: {}; {}", ruled.by, ruled.why, ruled.instead))
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(Failure::Wrong(wrong.join("\nerror: "))) }
}

/// Checks every point, and the figures.
fn plan(one: &Loaded, arguments: &SweepArguments) -> Result<SweepPlan, Failure> {
    let SweepArguments { knobs, ties, metrics, .. } = arguments;
    let no_figure = |text: &String| {
        let problem = one.scenario.figure(text).err()?;
        let way_out = problem.way_out.map_or_else(String::new, |way_out| format!("; {way_out}"));
        Some(format!("--metric {text}: {}{way_out}", problem.message))
    };
    let wrong: Vec<String> = metrics.iter().filter_map(no_figure).collect();
    if !wrong.is_empty() {
        return Err(Failure::Wrong(wrong.join("\nerror: ")));
    }
    let origin = SweepOrigin {
        path: &one.path,
        stem: &one.stem,
        text: &one.text,
        files: &one.files(),
        settings: one.overrides(),
        engine: arguments.study.common.engine.engine(),
    };
    SweepPlan::new(origin, knobs, ties, metrics).map_err(|problems| {
        Failure::Problems(scenario::render(&problems, &one.path, &one.text, terminal::color_on_stderr()))
    })
}

/// Computes the points that the store does not have, with a bar for whoever watches.
pub(super) fn compute(
    plan: &SweepPlan,
    wanted: &[usize],
    store: &Points,
    threads: Option<u16>,
    quiet: bool,
) -> Result<(), Failure> {
    let crew = study::Crew::new(threads.map(usize::from)).map_err(|failure| Failure::World(failure.to_string()))?;
    let crew = crew.simulating(plan.engine);
    let todo = study::missing(plan, wanted, store);
    if todo.len() < wanted.len() && !quiet {
        terminal::say(&format!("{} of {} points are there already", wanted.len() - todo.len(), wanted.len()));
    }
    let runs = todo.len() as u64 * u64::from(plan.runs);
    let bar = progress::bar_of(&format!("{}: {} points", plan.title, todo.len()), "run", runs, quiet);
    let result = study::compute(plan, &todo, store, &crew, memory::available(), &|| bar.inc(1));
    bar.finish_and_clear();
    result.map_err(|failure| match failure {
        SweepFailure::Refused(at, problems) => {
            let rendered = scenario::render(&problems, &plan.path, &plan.text, terminal::color_on_stderr());
            Failure::Problems(format!("error: at {at}\n{rendered}"))
        }
        SweepFailure::Study(at, failure) => refused(&format!("{}, at {at}", plan.path), &failure),
        SweepFailure::Store(why) => Failure::World(why),
    })
}

/// Writes and shows the results. They are made from what is kept, so that it does not matter who computed it.
pub(super) fn finish(plan: &SweepPlan, store: &Points, folder: &Path, format: StudyFormat, quiet: bool) -> Outcome {
    use study::PointStore as _;
    let points = plan.points.iter().filter_map(|point| Some((point.key.clone(), store.get(&point.key)?))).collect();
    let findings = study::sweep_findings(plan, &points);
    let head = head(plan);
    let files = report::sweep(&head, &findings);
    // Written first: a reader of stdout that goes away must not cost the files.
    outputs::write(folder, &files)?;
    if !quiet {
        terminal::say(&format!("{} files in {}/", files.len(), folder.display()));
    }
    show(&head, &findings, format)?;
    // A sweep looks for where objectives hold; that they do not everywhere is no news.
    Ok(Done::Well)
}

fn head(plan: &SweepPlan) -> report::Head {
    report::Head {
        verb: "sweep",
        title: plan.title.clone(),
        path: plan.path.clone(),
        sha256: plan.text_sha256(),
        seed: plan.seed,
        runs: plan.runs,
    }
}

fn show(head: &report::Head, findings: &SweepFindings, format: StudyFormat) -> Result<(), Failure> {
    match format {
        StudyFormat::Text => {
            terminal::print(report::sweep_text(head, findings, terminal::width(), terminal::color_on_stdout()))
        }
        StudyFormat::Json => terminal::print(report::sweep_json(head, findings)),
        StudyFormat::Csv => terminal::print(report::sweep_csv(findings)),
        StudyFormat::Md => terminal::print(report::sweep_markdown(head, findings)),
        StudyFormat::None => Ok(()),
    }
}

/// Where the results of a plan go: beside it, or into the scenario's folder below `output`.
pub(super) fn folder_of(plan: &SweepPlan, plan_file: &Path, output: Option<&PathBuf>) -> PathBuf {
    match output {
        Some(output) => output.join(&plan.stem).join("sweep"),
        None => plan_file.parent().unwrap_or(Path::new("")).into(),
    }
}
