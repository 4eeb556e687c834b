//! `tailback eta`: in the middle of an incident, when is the backlog gone.

use clap::Args;

use crate::report;
use crate::scenario::nearest;
use crate::study::{self, Blocks, Eta, Incident, Waiting};
use crate::units::Duration;

use super::ending::{Done, Failure, Outcome};
use super::load::Loaded;
use super::study::{StudyArguments, StudyFormat, refused};
use super::{memory, progress, terminal};

/// Say when the backlog of this moment is gone, with a band, and what each extra block of consumers buys
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct EtaArguments {
    #[command(flatten)]
    study: StudyArguments,

    /// What waits now, and how old its oldest message is: orders=4.2M@38m, events/indexer=2M; may be repeated
    #[arg(long = "now", required = true, value_name = "QUEUE=COUNT[@AGE]", value_parser = waiting)]
    now: Vec<Waiting>,

    /// Where on the scenario's clock now is: its spikes, faults and schedules go on from there
    #[arg(long, value_name = "TIME", value_parser = Duration::parse)]
    at: Option<Duration>,

    /// Whose replicas are added in the table [default: those that read the first backlog]
    #[arg(long, value_name = "NAME")]
    consumer: Option<String>,

    /// Replicas in a block [default: about a quarter of those there are]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    block: Option<u32>,

    /// Blocks in the table
    #[arg(long, value_name = "N", default_value = "5", value_parser = clap::value_parser!(u32).range(0..=50))]
    blocks: u32,
}

const EXAMPLES: &str = "\
Examples:
  tailback eta checkout.toml --now orders=4.2M@38m
  tailback eta checkout.toml --now orders=4.2M@38m --set consumer.worker.replicas=60
  tailback eta checkout.toml --now orders=150k --block 10 --blocks 3 --at 25m
  tailback eta clicks.toml --now events/indexer=2M --now events/archive=300k@12m --format json

Without --at the rates and replicas of the scenario's start go on, and none of its spikes and faults.
Exit status: 0 done; 2 the scenario or the arguments are wrong; 1 anything else.";

/// `NAME=COUNT[@AGE]`.
fn waiting(text: &str) -> Result<Waiting, String> {
    let shape = "write QUEUE=COUNT or QUEUE=COUNT@AGE, such as orders=4.2M@38m";
    let Some((component, rest)) = text.split_once('=').map(|(name, rest)| (name.trim(), rest.trim())) else {
        return Err(shape.into());
    };
    let (messages, age) = match rest.split_once('@') {
        Some((messages, age)) => (messages, Some(Duration::parse(age.trim())?)),
        None => (rest, None),
    };
    let messages = messages.trim().replace(['_', ','], "");
    let (number, power) = match messages.char_indices().next_back() {
        Some((at, 'k' | 'K')) => (&messages[..at], 1e3),
        Some((at, 'M')) => (&messages[..at], 1e6),
        Some((at, 'G' | 'B')) => (&messages[..at], 1e9),
        _ => (messages.as_str(), 1.0),
    };
    let Some(count) = number.parse::<f64>().ok().map(|number| (number * power).round()) else {
        return Err(format!("{messages:?} is no number of messages; {shape}"));
    };
    if component.is_empty() || !(0.0..=1e12).contains(&count) {
        return Err(format!("a backlog lies between 0 and 10¹² messages and has a name; {shape}"));
    }
    Ok(Waiting { component: component.into(), messages: count as u64, age })
}

pub(super) fn eta(arguments: &EtaArguments) -> Outcome {
    let common = &arguments.study.common;
    let one = arguments.study.load("eta")?;
    let incident = Incident { now: arguments.now.clone(), at: arguments.at };
    let wrong = |problems: Vec<String>| {
        let said: Vec<String> = problems.iter().map(|problem| format!("error: {}: {problem}\n", one.path)).collect();
        Err(Failure::Problems(said.concat()))
    };
    let problems = incident.problems(&one.scenario);
    if !problems.is_empty() {
        return wrong(problems);
    }
    let blocks = match blocks(&one, &incident, arguments) {
        Ok(blocks) => blocks,
        Err(problem) => return wrong(vec![problem]),
    };
    // What waits is read and checked as if the file said it.
    let scenario = one.with(&incident.settings(&one.scenario))?;
    let spinner = progress::spinner(&one.scenario.title, common.quiet);
    let options = study::Options {
        threads: common.threads.map(usize::from),
        memory: memory::available(),
        engine: common.engine.engine(),
        ..study::Options::default()
    };
    let result = study::eta(&scenario, &incident, &blocks, &options, &|| spinner.inc(1));
    spinner.finish_and_clear();
    let found = result.map_err(|failure| refused(&one.path, &failure))?;
    show(&one, &found, arguments)?;
    Ok(Done::Well)
}

fn blocks(one: &Loaded, incident: &Incident, arguments: &EtaArguments) -> Result<Blocks, String> {
    let usual = Blocks::usual(&one.scenario, incident);
    let consumer = match &arguments.consumer {
        None => usual.as_ref().map(|blocks| blocks.consumer).ok_or_else(|| {
            let name = &incident.now[0].component;
            format!("nobody reads {name}, so its backlog only grows; name another, or add a consumer")
        })?,
        Some(name) => one.scenario.consumers.iter().position(|consumer| consumer.name == *name).ok_or_else(|| {
            let names = one.scenario.consumers.iter().map(|consumer| consumer.name.as_str());
            match nearest(name, names) {
                Some(near) => format!("--consumer {name}: no consumer is called so; did you mean {near}?"),
                None => format!("--consumer {name}: no consumer is called so"),
            }
        })?,
    };
    let size = arguments.block.or(usual.map(|blocks| blocks.size)).unwrap_or(1);
    Ok(Blocks { consumer, size, count: arguments.blocks })
}

fn show(one: &Loaded, found: &Eta, arguments: &EtaArguments) -> Result<(), Failure> {
    let common = &arguments.study.common;
    let head = common.head(one, "eta");
    // Written first: a reader of stdout that goes away must not cost the files.
    common.write(one, "eta", &report::eta_files(&head, found))?;
    match common.format {
        StudyFormat::Text => {
            let (width, color) = (terminal::width(), terminal::color_on_stdout());
            terminal::print(report::eta_text(&head, found, width, color))
        }
        StudyFormat::Json => terminal::print(report::eta_json(&head, found)),
        StudyFormat::Csv => terminal::print(report::eta_csv(found)),
        StudyFormat::Md => terminal::print(report::eta_markdown(&head, found)),
        StudyFormat::None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backlog_is_a_name_a_number_and_an_age() {
        let read = |text: &str| waiting(text).map(|one| (one.component, one.messages, one.age.map(Duration::seconds)));
        assert_eq!(read("orders=4.2M@38m"), Ok(("orders".into(), 4_200_000, Some(2_280.0))));
        assert_eq!(read("events/indexer=150k"), Ok(("events/indexer".into(), 150_000, None)));
        assert_eq!(read("q = 14_000 @ 1h"), Ok(("q".into(), 14_000, Some(3_600.0))));
        for text in ["orders", "orders=", "=5", "orders=many", "orders=-1", "orders=5@long", "orders=9e99"] {
            assert!(waiting(text).is_err(), "{text}");
        }
    }
}
