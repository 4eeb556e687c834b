//! `tailback plan`: the smallest value of a knob with which the objectives hold.

use clap::Args;

use crate::report::{self, plan::Turned};
use crate::scenario::{Figure, FigureUnit, Scenario};
use crate::study::{self, Crew, Halt, Knob, KnobUnit, KnobValue, PlanFindings, PlanOptions, Span};

use super::ending::{Done, Failure, Outcome};
use super::load::Loaded;
use super::study::{StudyArguments, StudyFormat, refused};
use super::{memory, progress, terminal};

/// Find the smallest value of a setting with which all SLOs of the file hold
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct PlanArguments {
    #[command(flatten)]
    study: StudyArguments,

    /// The setting to find a value for, by its TOML path; with the values to choose from, or, for whole numbers that the
    /// file gives, without: then 1 to 64 times that
    #[arg(long, value_name = "PATH[=FROM..TO[:STEP]]")]
    find: String,

    /// Move another setting with it: both get the same value; may be repeated
    #[arg(long = "tie", value_name = "PATH=PATH", value_parser = super::run::key_and_value)]
    ties: Vec<(String, String)>,

    /// How sure the answer is to be
    #[arg(long, value_name = "SHARE", default_value = "95%", value_parser = confidence)]
    confidence: f64,

    /// Find the largest value instead, such as the most traffic that is carried
    #[arg(long)]
    largest: bool,

    /// Most runs of a value, where it is hard to tell [default: as many as it takes, about 16 times `runs`]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_runs: Option<u32>,

    /// Show a figure beside the SLOs, such as orders.latency.p99; may be repeated [default: recovery, age, latency]
    #[arg(long = "metric", value_name = "FIGURE")]
    metrics: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  tailback plan checkout.toml --find consumer.worker.replicas
  tailback plan checkout.toml --find consumer.worker.replicas=10..80 --confidence 99%
  tailback plan events.toml --find consumer.indexer.replicas=4..64 --tie consumer.indexer.replicas=stream.events.partitions
  tailback plan checkout.toml --find producer.shop.rate=500/s..5k/s:100/s --largest
  tailback plan checkout.toml --find consumer.worker.replicas --set 'slo=[\"orders.latency.p99 < 2s\"]'

Exit status: 0 found; 99 no value meets the SLOs; 2 the scenario or the arguments are wrong; 1 anything else.";

/// Below one half it would be a guess, and certainty has no number of runs.
fn confidence(text: &str) -> Result<f64, String> {
    let share = crate::units::Share::parse(text)?.value();
    match share {
        share if (0.5..=0.9999).contains(&share) => Ok(share),
        _ => Err("write a share from 50% to 99.99%".into()),
    }
}

pub(super) fn plan(arguments: &PlanArguments) -> Outcome {
    let one = arguments.study.load("plan")?;
    if one.scenario.slos.is_empty() {
        return Err(Failure::Wrong(no_slo(&one)));
    }
    let (knob, start) = knob(&arguments.find, &one)?;
    let turned = turned(arguments, &knob)?;
    for path in [&turned.path].into_iter().chain(&turned.tied) {
        free(&one, path)?;
    }
    let values = knob.values().map_err(|text| Failure::Wrong(format!("--find: {text}")))?;
    let values = ascending(&knob, values)?;
    let variant = |value: &KnobValue| one.with(&settings(&turned, value));
    let (values, start) = match start {
        Some(start) => allowed(values, start, &|value| variant(value).is_ok()),
        None => (values, None),
    };
    has_effect(&turned, &values, start, &variant)?;
    let options = PlanOptions {
        start,
        largest: arguments.largest,
        confidence: arguments.confidence,
        max_runs: arguments.max_runs.unwrap_or(u32::MAX),
        figures: figures(arguments, &one.scenario)?,
        show_ends: start.is_none(),
        memory: memory::available(),
        values,
    };
    let crew = arguments.study.common.crew()?;
    let findings = search(arguments, &one, &options, &variant, &crew)?;
    let head = arguments.study.common.head(&one, "plan");
    arguments.study.common.write(&one, "plan", &report::plan::files(&head, &turned, &findings))?;
    show(arguments, &head, &turned, &findings)?;
    Ok(if findings.answer.is_some() { Done::Well } else { Done::SloBroken })
}

fn search(
    arguments: &PlanArguments,
    one: &Loaded,
    options: &PlanOptions,
    variant: &dyn Fn(&KnobValue) -> Result<Scenario, Failure>,
    crew: &Crew,
) -> Result<PlanFindings, Failure> {
    let bar = progress::spinner(&one.scenario.title, arguments.study.common.quiet);
    let watch = study::Watch {
        looking: &|value, runs| bar.set_message(format!("{} with {runs} runs", value.text)),
        ran: &|| bar.inc(1),
    };
    let found = study::plan(options, variant, crew, &watch);
    bar.finish_and_clear();
    found.map_err(|halt| ended(one, halt))
}

/// Why a study of variants ended.
pub(super) fn ended(one: &Loaded, halt: Halt<Failure>) -> Failure {
    match halt {
        Halt::Study(failure) => refused(&one.path, &failure),
        Halt::Variant(failure) => failure,
    }
}

fn no_slo(one: &Loaded) -> String {
    let name = one.scenario.queues.first().map_or("orders", |queue| queue.name.as_str());
    format!(
        "{}: there is no SLO in the file, so there is nothing that a value could meet; write one, such as \
         slo = [\"{name}.latency.p99 < 2s\", \"{name}.recovery_time < 10m\"], or give it with --set",
        one.path
    )
}

/// The knob, and the index to begin at where the range is our own.
fn knob(find: &str, one: &Loaded) -> Result<(Knob, Option<usize>), Failure> {
    let wrong = |text: String| Failure::Wrong(format!("--find: {text}"));
    if find.contains('=') {
        let mut knob = Knob::parse(find).map_err(wrong)?;
        let unit = knob.unit;
        if let Span::Range { low, high, step } = &mut knob.span
            && step.is_none()
            && unit == KnobUnit::Plain
            && low.fract() == 0.0
            && high.fract() == 0.0
            && *high - *low > 1.0
        {
            *step = Some(1.0);
        }
        return Ok((knob, None));
    }
    let path = find.trim();
    let known = one.scenario.assumptions.iter().find(|assumption| assumption.path == path);
    let number = known.and_then(|assumption| assumption.value.parse::<u32>().ok()).filter(|number| *number > 0);
    let Some(number) = number else {
        let why = match known {
            Some(assumption) => format!("{path} is {}, which is no whole number", assumption.value),
            None => format!("the file gives no value for {path}"),
        };
        return Err(wrong(format!("{why}, so say between which values to look: --find {path}=1..100")));
    };
    let high = f64::from(number.saturating_mul(64).max(64));
    let span = Span::Range { low: 1.0, high, step: Some(1.0) };
    Ok((Knob { path: path.into(), unit: KnobUnit::Plain, span }, Some(number as usize - 1)))
}

/// Of a range that is our own, the part around its start that the file's other settings allow: no fewer replicas than
/// an autoscaler's `min`, say.
fn allowed(
    values: Vec<KnobValue>,
    start: usize,
    is_allowed: &dyn Fn(&KnobValue) -> bool,
) -> (Vec<KnobValue>, Option<usize>) {
    let edge = |mut inside: usize, mut outside: usize| {
        if is_allowed(&values[outside]) {
            return outside;
        }
        while inside.abs_diff(outside) > 1 {
            let middle = usize::midpoint(inside, outside);
            if is_allowed(&values[middle]) { inside = middle } else { outside = middle }
        }
        inside
    };
    let (low, high) = (edge(start, 0), edge(start, values.len() - 1));
    (values[low..=high].to_vec(), Some(start - low))
}

/// Values in order, numbers all.
pub(super) fn ascending(knob: &Knob, mut values: Vec<KnobValue>) -> Result<Vec<KnobValue>, Failure> {
    if values.iter().any(|value| value.number.is_none()) {
        return Err(Failure::Wrong(format!("--find: {} takes words, which have no smallest", knob.path)));
    }
    values.sort_by(|a, b| a.number.unwrap_or(0.0).total_cmp(&b.number.unwrap_or(0.0)));
    values.dedup_by(|a, b| a.number == b.number);
    Ok(values)
}

/// One side of a tie is the knob, or a setting that is tied to it already.
fn turned(arguments: &PlanArguments, knob: &Knob) -> Result<Turned, Failure> {
    let mut turned = Turned { path: knob.path.clone(), tied: vec![], unit: knob.unit };
    for (a, b) in &arguments.ties {
        let moves = |path: &String| *path == turned.path || turned.tied.contains(path);
        let other = match (moves(a), moves(b)) {
            (true, false) => b.clone(),
            (false, true) => a.clone(),
            (true, true) => continue,
            (false, false) => {
                let text =
                    format!("--tie {a}={b}: neither is {}, which is to be found; tie a setting to it", turned.path);
                return Err(Failure::Wrong(text));
            }
        };
        turned.tied.push(other);
    }
    Ok(turned)
}

pub(super) fn settings(turned: &Turned, value: &KnobValue) -> Vec<(String, String)> {
    [&turned.path].into_iter().chain(&turned.tied).map(|path| (path.clone(), value.text.clone())).collect()
}

/// Refuses a setting that another decides over.
pub(super) fn free(one: &Loaded, path: &str) -> Result<(), Failure> {
    match one.scenario.ruled(path) {
        None => Ok(()),
        Some(ruled) if ruled.by == path => Err(Failure::Wrong(format!("{}; {}", ruled.why, ruled.instead))),
        Some(ruled) => {
            Err(Failure::Wrong(format!("{path} is overridden by {}: {}; {}", ruled.by, ruled.why, ruled.instead)))
        }
    }
}

/// Refuses a setting that changes nothing in the system.
fn has_effect(
    turned: &Turned,
    values: &[KnobValue],
    start: Option<usize>,
    variant: &dyn Fn(&KnobValue) -> Result<Scenario, Failure>,
) -> Result<(), Failure> {
    let (low, high) = match start {
        Some(start) => (start, (start + 1).min(values.len() - 1)),
        None => (0, values.len() - 1),
    };
    if low == high || !study::same_system(&variant(&values[low])?, &variant(&values[high])?) {
        return Ok(());
    }
    Err(Failure::Wrong(format!(
        "{} changes nothing in this scenario: with {} and with {} it is the same system, so another setting rules it; \
         `tailback explain` shows which values are in force",
        turned.path, values[low].text, values[high].text
    )))
}

/// What the trade-off is shown in.
fn figures(arguments: &PlanArguments, scenario: &Scenario) -> Result<Vec<Figure>, Failure> {
    if arguments.metrics.is_empty() {
        let model = study::Models::new(scenario);
        let judged = |figure: &Figure| scenario.slos.iter().any(|slo| slo.figure.component == figure.component);
        let is_usual = |figure: &&Figure| {
            let of_the_judged = matches!(figure.metric.as_str(), "recovery_time" | "oldest_age" | "latency");
            judged(figure) && of_the_judged || figure.unit == FigureUnit::Money
        };
        return Ok(study::headline(scenario, model.base()).iter().filter(is_usual).cloned().collect());
    }
    let read = |text: &String| {
        scenario.figure(text).map_err(|problem| {
            let way_out = problem.way_out.map_or_else(String::new, |way_out| format!("; {way_out}"));
            Failure::Wrong(format!("--metric {text}: {}{way_out}", problem.message))
        })
    };
    arguments.metrics.iter().map(read).collect()
}

fn show(
    arguments: &PlanArguments,
    head: &report::Head,
    turned: &Turned,
    findings: &PlanFindings,
) -> Result<(), Failure> {
    match arguments.study.common.format {
        StudyFormat::Text => {
            let color = terminal::color_on_stdout();
            terminal::print(report::plan::terminal(head, turned, findings, terminal::width(), color))
        }
        StudyFormat::Json => terminal::print(report::plan::json(head, turned, findings)),
        StudyFormat::Csv => terminal::print(report::plan::csv(turned, findings)),
        StudyFormat::Md => terminal::print(report::plan::markdown(head, turned, findings)),
        StudyFormat::None => Ok(()),
    }
}
