//! `tailback explain`: what a broker's preset says, or where each value of a scenario comes from.

mod client;
mod markdown;
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
    /// A broker, such as generic, a client's retries, such as aws-standard, or a scenario file
    #[arg(value_name = "BROKER|FILE", required_unless_present = "all")]
    subject: Option<String>,

    /// Show all brokers
    #[arg(long, conflicts_with_all = ["subject", "settings"])]
    all: bool,

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
  tailback explain aws-standard             what a client does when it tries again
  tailback explain scenarios/flash-sale.toml
  tailback explain scenarios/flash-sale.toml --set consumer.order-worker.replicas=30
  tailback explain scenarios/flash-sale.toml --format json | jq '.assumptions[].origin'
  tailback explain --all --format markdown  the tables of docs/brokers.md

A file that is called like a broker is written as a path: ./generic";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables for people
    Text,
    /// The same as JSON
    Json,
    /// Brokers side by side, by mechanism, as Markdown
    Markdown,
}

pub(super) fn explain(arguments: &ExplainArguments) -> Outcome {
    let screen = Screen::new(terminal::width(), terminal::color_on_stdout());
    let shown = match &arguments.subject {
        None => everything(arguments.format, &screen),
        Some(subject) => one(subject, arguments, &screen)?,
    };
    terminal::print(shown)?;
    Ok(Done::Well)
}

fn everything(format: Format, screen: &Screen) -> String {
    match format {
        Format::Text => {
            let texts: Vec<String> = names().into_iter().map(|name| preset::text(&presets(name), screen)).collect();
            texts.join("\n")
        }
        Format::Json => {
            let brokers: Vec<_> = names().into_iter().map(|name| preset::json(&presets(name))).collect();
            pretty(&serde_json::json!({ "schema_version": 1, "brokers": brokers }))
        }
        Format::Markdown => markdown::tables(&broker::presets::ALL),
    }
}

fn one(subject: &str, arguments: &ExplainArguments, screen: &Screen) -> Result<String, Failure> {
    let presets = presets(subject);
    if !presets.is_empty() {
        if !arguments.settings.is_empty() {
            return Err(Failure::Wrong(format!(
                "--set changes a scenario file, and {subject} is a broker; a file of that name is ./{subject}"
            )));
        }
        return Ok(match arguments.format {
            Format::Text => {
                let client = client::named(subject).map(|client| format!("\n{}", client::text(client, screen)));
                preset::text(&presets, screen) + &client.unwrap_or_default()
            }
            Format::Json => pretty(&preset::json(&presets)),
            Format::Markdown => markdown::tables(&presets),
        });
    }
    if let Some(client) = client::named(subject) {
        return match arguments.format {
            Format::Text => Ok(client::text(client, screen)),
            Format::Json => Ok(pretty(&client::json(client))),
            Format::Markdown => {
                Err(Failure::Wrong(format!("Markdown is there for brokers only, and {subject} is a client")))
            }
        };
    }
    if !Path::new(subject).exists() {
        return Err(Failure::Wrong(neither(subject)));
    }
    if arguments.format == Format::Markdown {
        return Err(Failure::Wrong(format!("Markdown is there for brokers only, and {subject} is a file")));
    }
    let loading = load::load(&[PathBuf::from(subject)], &arguments.settings);
    let loaded = loading.result?;
    let texts = loaded.iter().map(|one| match arguments.format {
        Format::Json => pretty(&scenario::json(&one.scenario, &one.path)),
        Format::Text | Format::Markdown => scenario::text(&one.scenario, &one.path, screen),
    });
    Ok(texts.collect())
}

fn pretty(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}

/// Every broker once, however many shapes it has.
fn names() -> Vec<&'static str> {
    let mut names = vec![];
    for preset in broker::presets::ALL {
        if !names.contains(&preset.name) {
            names.push(preset.name);
        }
    }
    names
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
    let names: Vec<&str> = names().into_iter().chain(broker::clients().iter().map(|client| client.name)).collect();
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
        assert_eq!(neither("x").matches("pubsub").count(), 1, "{}", neither("x"));
        assert_eq!(neither("no/such.toml"), "no/such.toml: there is no such file");
        assert_eq!(neither("such.toml"), "such.toml: there is no such file");
    }

    #[test]
    fn a_broker_comes_with_all_its_shapes() {
        assert_eq!(presets("generic").len(), 4);
        assert!(presets("no-such-broker").is_empty());
    }
}
