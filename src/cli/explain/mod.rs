//! `tailback explain`: what a broker's preset says, or where each value of a scenario comes from.

mod preset;
mod scenario;
mod screen;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::broker::{self, Preset};
use crate::scenario::nearest;

use super::ending::{Done, Failure, Outcome};
use super::run::key_and_value;
use super::{load, terminal};
use screen::Screen;

/// Show what a broker's preset says and who says so, or where each value of a scenario comes from
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ExplainArguments {
    /// A broker, such as generic, or a scenario file
    #[arg(value_name = "BROKER|FILE")]
    subject: String,

    /// Set a value of the file, by its TOML path; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_and_value)]
    settings: Vec<(String, String)>,

    /// What goes to stdout
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  tailback explain generic                  keys, values, limits and sources of a broker
  tailback explain scenarios/flash-sale.toml
  tailback explain scenarios/flash-sale.toml --set consumer.order-worker.replicas=30
  tailback explain scenarios/flash-sale.toml --format json | jq '.assumptions[].origin'

A file that is called like a broker is written as a path: ./generic";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables for people
    Text,
    /// The same as JSON
    Json,
}

pub(super) fn explain(arguments: &ExplainArguments) -> Outcome {
    let screen = Screen::new(terminal::width(), terminal::color_on_stdout());
    let presets = presets(&arguments.subject);
    let shown = if !presets.is_empty() {
        if !arguments.settings.is_empty() {
            return Err(Failure::Wrong(format!(
                "--set changes a scenario file, and {0} is a broker; a file of that name is ./{0}",
                arguments.subject
            )));
        }
        match arguments.format {
            Format::Text => preset::text(&presets, &screen),
            Format::Json => pretty(&preset::json(&presets)),
        }
    } else if Path::new(&arguments.subject).exists() {
        let loading = load::load(&[PathBuf::from(&arguments.subject)], &arguments.settings);
        let loaded = loading.result?;
        let texts = loaded.iter().map(|one| match arguments.format {
            Format::Text => scenario::text(&one.scenario, &one.path, &screen),
            Format::Json => pretty(&scenario::json(&one.scenario, &one.path)),
        });
        texts.collect()
    } else {
        return Err(Failure::Wrong(neither(&arguments.subject)));
    };
    terminal::print(shown)?;
    Ok(Done::Well)
}

fn pretty(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}

/// One for each kind of table that the broker has.
fn presets(name: &str) -> Vec<&'static Preset> {
    broker::presets::ALL.into_iter().filter(|preset| preset.name == name).collect()
}

/// Says what was meant, perhaps.
fn neither(subject: &str) -> String {
    let path = Path::new(subject);
    if path.extension().is_some() || path.components().count() > 1 {
        return format!("{subject}: there is no such file");
    }
    let mut names: Vec<&str> = broker::presets::ALL.into_iter().map(|preset| preset.name).collect();
    names.dedup();
    match nearest(subject, names.iter().copied()) {
        Some(near) => format!("no broker and no file is called \"{subject}\"; did you mean \"{near}\"?"),
        None => format!("no broker and no file is called \"{subject}\"; there is {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_neither_is_answered_with_a_guess() {
        assert!(neither("genric").ends_with("did you mean \"generic\"?"), "{}", neither("genric"));
        assert!(neither("x").contains("there is generic"), "{}", neither("x"));
        assert_eq!(neither("no/such.toml"), "no/such.toml: there is no such file");
        assert_eq!(neither("such.toml"), "such.toml: there is no such file");
    }

    #[test]
    fn a_broker_comes_with_all_its_shapes() {
        assert_eq!(presets("generic").len(), 3);
        assert!(presets("no-such-broker").is_empty());
    }
}
