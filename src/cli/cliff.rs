//! `tailback cliff`: where a scenario tips over, along one knob or over two.

use clap::Args;

use crate::report;
use crate::scenario::Scenario;
use crate::study::{self, CliffOptions, Knob, KnobValue, Lattice, MapOptions};
use crate::units::Duration;

use super::ending::{Done, Failure, Outcome};
use super::load::Loaded;
use super::plan::{ended, free};
use super::study::{StudyArguments, StudyFormat};
use super::{memory, progress, terminal};

/// Find the largest disturbance that is survived, or draw the map of safe operation over two settings
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CliffArguments {
    #[command(flatten)]
    study: StudyArguments,

    /// A setting and the range to look in; a second one makes a map
    #[arg(long = "vary", required = true, value_name = "PATH=FROM..TO[:STEP]")]
    vary: Vec<String>,

    /// Points of the map, across and up, where a range has no step [default: 20x20]
    #[arg(long, value_name = "NxN", value_parser = points)]
    points: Option<(usize, usize)>,

    /// On a map, recovery within it is quick [default: the bound of an SLO on a recovery time, else a tenth of the run]
    #[arg(long, value_name = "DURATION", value_parser = within)]
    within: Option<f64>,
}

const EXAMPLES: &str = "\
Examples:
  tailback cliff checkout.toml --vary producer.shop.spikes.rate=1000/s..9000/s
  tailback cliff checkout.toml --vary fault.db-down.for=10s..10m --runs 40
  tailback cliff checkout.toml --vary producer.shop.spikes.rate=1k/s..9k/s --vary consumer.worker.replicas=10..60
  tailback cliff checkout.toml --vary fault.db-down.for=10s..5m --vary fault.db-down.error_rate=0..1 --points 30x20

A run survives if all SLOs of the file hold in it; without SLOs, if everything recovers and no message was given up.
Exit status: 0 done; 2 the scenario or the arguments are wrong; 1 anything else.";

/// Values along a knob between which the tipping point is told apart.
const FINE: usize = 129;
/// Values at which all runs are made first.
const COARSE: usize = 9;
/// Runs of each point of a map, and of those where it changes.
const MAP_RUNS: (u32, u32) = (2, 6);

fn points(text: &str) -> Result<(usize, usize), String> {
    let wrong = || "write two numbers from 2 to 200, such as 20x20".to_string();
    let (across, up) = text.split_once(['x', '×']).ok_or_else(wrong)?;
    let read = |part: &str| part.trim().parse().ok().filter(|count| (2..=200).contains(count)).ok_or_else(wrong);
    Ok((read(across)?, read(up)?))
}

fn within(text: &str) -> Result<f64, String> {
    Ok(Duration::parse(text)?.seconds())
}

pub(super) fn cliff(arguments: &CliffArguments) -> Outcome {
    let one = arguments.study.load("cliff")?;
    if one.scenario.slos.is_empty() && study::Models::new(&one.scenario).base().disturbances.is_empty() {
        return Err(Failure::Wrong(format!(
            "{}: without SLOs a run survives if it recovers, and nothing in this scenario disturbs anything; add a \
             spike, a fault or a window, or write an slo",
            one.path
        )));
    }
    let (across, up) = arguments.points.unwrap_or((20, 20));
    match arguments.vary.as_slice() {
        [knob] if arguments.points.is_none() && arguments.within.is_none() => {
            line(arguments, &one, lattice(&one, knob, FINE)?)
        }
        [_] => Err(Failure::Wrong("--points and --within are for maps, which take two --vary".into())),
        [a, b] => area(arguments, &one, [lattice(&one, a, across)?, lattice(&one, b, up)?]),
        more => Err(Failure::Wrong(format!(
            "--vary is given {} times: a cliff has one knob, a map two; for more use `tailback sweep`",
            more.len()
        ))),
    }
}

fn lattice(one: &Loaded, text: &str, points: usize) -> Result<Lattice, Failure> {
    let knob = Knob::parse(text).map_err(|why| Failure::Wrong(format!("--vary: {why}")))?;
    free(one, &knob.path)?;
    let lattice = Lattice::of(&knob, points).map_err(|why| Failure::Wrong(format!("--vary: {why}")))?;
    let at = |value: &KnobValue| one.with(&[(knob.path.clone(), value.text.clone())]);
    let (low, high) = (&lattice.values[0], &lattice.values[lattice.values.len() - 1]);
    if study::same_system(&at(low)?, &at(high)?) {
        return Err(Failure::Wrong(format!(
            "--vary: {} changes nothing in this scenario: with {} and with {} it is the same system, so another setting \
             rules it; `tailback explain` shows which values are in force",
            knob.path, low.text, high.text
        )));
    }
    Ok(lattice)
}

fn line(arguments: &CliffArguments, one: &Loaded, lattice: Lattice) -> Outcome {
    let (path, unit) = (lattice.path.clone(), lattice.unit);
    let options = CliffOptions { lattice, grid: COARSE, runs: one.scenario.runs, memory: memory::available() };
    let variant = |value: &KnobValue| one.with(&[(path.clone(), value.text.clone())]);
    let common = &arguments.study.common;
    let crew = common.crew()?;
    let bar = progress::spinner(&one.scenario.title, common.quiet);
    let watch = study::Watch {
        looking: &|value, runs| bar.set_message(format!("{} with {runs} runs", value.text)),
        ran: &|| bar.inc(1),
    };
    let findings = study::cliff(&options, &variant, &crew, &watch);
    bar.finish_and_clear();
    let findings = findings.map_err(|halt| ended(one, halt))?;
    let head = common.head(one, "cliff");
    let knob = (path.as_str(), unit);
    common.write(one, "cliff", &report::cliff::files(&head, knob, &findings))?;
    match common.format {
        StudyFormat::Text => {
            let color = terminal::color_on_stdout();
            terminal::print(report::cliff::terminal(&head, knob, &findings, terminal::width(), color))?;
        }
        StudyFormat::Json => terminal::print(report::cliff::json(&head, knob, &findings))?,
        StudyFormat::Csv => terminal::print(report::cliff::csv(knob, &findings))?,
        StudyFormat::Md => terminal::print(report::cliff::markdown(&head, knob, &findings))?,
        StudyFormat::None => {}
    }
    Ok(Done::Well)
}

fn area(arguments: &CliffArguments, one: &Loaded, lattices: [Lattice; 2]) -> Outcome {
    let common = &arguments.study.common;
    let (first_runs, edge_runs) = match common.runs {
        Some(runs) => (runs, runs),
        None => (MAP_RUNS.0.min(one.scenario.runs), MAP_RUNS.1.min(one.scenario.runs)),
    };
    let paths = lattices.each_ref().map(|lattice| lattice.path.clone());
    let within_s = arguments.within.unwrap_or_else(|| usual_bound(&one.scenario));
    let options = MapOptions { lattices, within_s, first_runs, edge_runs, memory: memory::available() };
    let variant = |values: &[KnobValue; 2]| {
        let pairs = paths.iter().zip(values).map(|(path, value)| (path.clone(), value.text.clone()));
        one.with(&pairs.collect::<Vec<_>>())
    };
    let crew = common.crew()?;
    let bar = progress::spinner(&one.scenario.title, common.quiet);
    let watch = study::Watch { looking: &|_, _| {}, ran: &|| bar.inc(1) };
    let findings = study::map(&options, &variant, &crew, &watch);
    bar.finish_and_clear();
    let findings = findings.map_err(|halt| ended(one, halt))?;
    let head = common.head(one, "cliff");
    common.write(one, "cliff", &report::cliff::map_files(&head, &findings))?;
    match common.format {
        StudyFormat::Text => {
            let color = terminal::color_on_stdout();
            terminal::print(report::cliff::map_terminal(&head, &findings, terminal::width(), color))?;
        }
        StudyFormat::Json => terminal::print(report::cliff::map_json(&head, &findings))?,
        StudyFormat::Csv => terminal::print(report::cliff::map_csv(&findings))?,
        StudyFormat::Md => terminal::print(report::cliff::map_markdown(&head, &findings))?,
        StudyFormat::None => {}
    }
    Ok(Done::Well)
}

/// What counts as quick where nobody says.
fn usual_bound(scenario: &Scenario) -> f64 {
    let bounds = scenario.slos.iter().filter(|slo| slo.figure.metric == "recovery_time").map(|slo| slo.value);
    bounds.reduce(f64::min).unwrap_or(scenario.duration.seconds() / 10.0)
}
