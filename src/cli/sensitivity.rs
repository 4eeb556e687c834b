//! `tailback sensitivity`: which number of a file matters most.

use clap::Args;

use crate::report;
use crate::scenario::{Number, Scenario, render, size_of};
use crate::study::{self, Figure, Knob, LeftOut, Move, Sensitivity, Span};

use super::ending::{Done, Failure, Outcome};
use super::load::Loaded;
use super::study::{StudyArguments, StudyFormat, refused};
use super::{progress, terminal};

/// Move each number of a scenario alone and show which ones matter most
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct SensitivityArguments {
    #[command(flatten)]
    study: StudyArguments,

    /// What to look at, as in an SLO; may be repeated [default: the file's SLOs, or the first queue's recovery time]
    #[arg(long = "metric", value_name = "METRIC")]
    metrics: Vec<String>,

    /// How far each number is moved, down and up
    #[arg(long, value_name = "SHARE", default_value = "20%", value_parser = share)]
    by: f64,

    /// Move only this number, from one value to another; may be repeated
    #[arg(long = "vary", value_name = "KEY=LOW..HIGH", value_parser = Knob::parse)]
    vary: Vec<Knob>,

    /// Move what the brokers' presets say, too
    #[arg(long)]
    presets: bool,
}

const EXAMPLES: &str = "\
Examples:
  tailback sensitivity checkout.toml
  tailback sensitivity checkout.toml --metric orders.recovery_time --metric orders.latency.p99
  tailback sensitivity checkout.toml --by 10% --presets
  tailback sensitivity checkout.toml --vary consumer.worker.replicas=10..40 --vary consumer.worker.service.mean=30ms..90ms

Whole numbers are moved by one at least. Every point runs under the same random numbers.
Exit status: 0 done; 2 the scenario or the arguments are wrong; 1 anything else.";

fn share(text: &str) -> Result<f64, String> {
    match crate::units::Share::parse(text).map(crate::units::Share::value) {
        Ok(share) if share > 0.0 && share < 1.0 => Ok(share),
        Ok(_) => Err("it lies between 0 % and 100 %, without the two: a number is moved down by it, and up".into()),
        Err(why) => Err(why),
    }
}

pub(super) fn sensitivity(arguments: &SensitivityArguments) -> Outcome {
    let common = &arguments.study.common;
    let one = arguments.study.load("sensitivity")?;
    let figures = figures(&one, &arguments.metrics)?;
    let (moves, left_out) = moves(&one, arguments)?;
    let found = simulate(&one, moves, left_out, &figures, arguments)?;
    let head = common.head(&one, "sensitivity");
    // Written first: a reader of stdout that goes away must not cost the files.
    common.write(&one, "sensitivity", &report::sensitivity_files(&head, &found))?;
    match common.format {
        StudyFormat::Text => {
            let (width, color) = (terminal::width(), terminal::color_on_stdout());
            terminal::print(report::sensitivity_text(&head, &found, width, color))?;
        }
        StudyFormat::Json => terminal::print(report::sensitivity_json(&head, &found))?,
        StudyFormat::Csv => terminal::print(report::sensitivity_csv(&found))?,
        StudyFormat::Md => terminal::print(report::sensitivity_markdown(&head, &found))?,
        StudyFormat::None => {}
    }
    Ok(Done::Well)
}

/// Those asked for; else those of the objectives; else the one that a study looks at.
fn figures(one: &Loaded, metrics: &[String]) -> Result<Vec<Figure>, Failure> {
    let mut figures: Vec<Figure> = vec![];
    let mut problems = vec![];
    for text in metrics {
        match one.scenario.figure(text) {
            Ok(figure) => figures.push(figure),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        let color = terminal::color_on_stderr();
        return Err(Failure::Problems(render(&problems, &one.path, &one.text, color)));
    }
    if metrics.is_empty() {
        figures.extend(one.scenario.slos.iter().map(|slo| slo.figure.clone()));
    }
    if figures.is_empty() {
        let models = study::Models::new(&one.scenario);
        figures.extend(study::main_figure(&one.scenario, models.base()));
    }
    if figures.is_empty() {
        let path = &one.path;
        return Err(Failure::Wrong(format!(
            "{path}: nobody works anything off here, so there is no figure to look at by itself; name one with --metric"
        )));
    }
    let mut once: Vec<Figure> = vec![];
    for figure in figures {
        if once.iter().all(|there| there.expression != figure.expression) {
            once.push(figure);
        }
    }
    Ok(once)
}

fn moves(one: &Loaded, arguments: &SensitivityArguments) -> Result<(Vec<Move>, Vec<LeftOut>), Failure> {
    let numbers = Scenario::numbers(&one.text, one.overrides(), arguments.presets)
        .map_err(|problems| Failure::Problems(render(&problems, &one.path, &one.text, terminal::color_on_stderr())))?;
    if !arguments.vary.is_empty() {
        return Ok((asked(one, &numbers, &arguments.vary)?, vec![]));
    }
    let parse = |more: &[(String, String)]| one.attempt(more);
    let (moves, left_out) = study::moves(&one.scenario, &numbers, arguments.by, &parse);
    if moves.is_empty() {
        let path = &one.path;
        return Err(Failure::Wrong(format!(
            "{path}: no number of it can be moved; name one with --vary KEY=LOW..HIGH"
        )));
    }
    Ok((moves, left_out))
}

/// What `--vary` asks for. A value that the language refuses is an error here, for it was meant.
fn asked(one: &Loaded, numbers: &[Number], knobs: &[Knob]) -> Result<Vec<Move>, Failure> {
    let mut problems = vec![];
    let mut moves = vec![];
    for knob in knobs {
        let (low, high) = match &knob.span {
            Span::Range { low, high, step: None } => (knob.value(*low), knob.value(*high)),
            Span::List(values) if values.len() == 2 => (values[0].clone(), values[1].clone()),
            _ => {
                let path = &knob.path;
                problems.push(format!(
                    "error: --vary {path}: a number is moved to two ends here; write {path}=LOW..HIGH, without a step\n"
                ));
                continue;
            }
        };
        let number = numbers.iter().find(|number| number.path == knob.path);
        let was = number.map_or(f64::NAN, Number::size);
        let mut end = |text: &str| match one.with(&[(knob.path.clone(), text.to_string())]) {
            Ok(scenario) => {
                let change = size_of(text).map(|is| is / was - 1.0).filter(|change| change.is_finite());
                Ok(study::End { text: text.into(), change, scenario })
            }
            Err(failure) => {
                let said = match failure {
                    Failure::Problems(text) => text,
                    Failure::Wrong(text) | Failure::World(text) => format!("error: {text}\n"),
                    Failure::ReaderGone => String::new(),
                };
                problems.push(said);
                Err(String::new())
            }
        };
        let ends = [end(&low.text), end(&high.text)];
        let text = number.map_or_else(|| "not in the file".into(), |number| number.text.clone());
        let (preset, ruled) = (number.and_then(|number| number.preset), one.scenario.ruled(&knob.path));
        moves.push(Move { path: knob.path.clone(), text, preset, ruled, ends });
    }
    if problems.is_empty() { Ok(moves) } else { Err(Failure::Problems(problems.join("\n"))) }
}

fn simulate(
    one: &Loaded,
    moves: Vec<Move>,
    left_out: Vec<LeftOut>,
    figures: &[Figure],
    arguments: &SensitivityArguments,
) -> Result<Sensitivity, Failure> {
    let common = &arguments.study.common;
    let points = 1 + moves.iter().flat_map(|one| &one.ends).filter(|end| end.is_ok()).count() as u32;
    let runs = one.scenario.runs;
    if !common.quiet {
        terminal::say(&format!("{}: {points} points of {runs} runs each", one.scenario.title));
    }
    let crew = common.crew()?;
    let bar = progress::bar(&one.scenario.title, points * runs, common.quiet);
    let result = study::sensitivity(&one.scenario, moves, left_out, figures, &crew, &|| bar.inc(1));
    bar.finish_and_clear();
    result.map_err(|failure| refused(&one.path, &failure))
}
