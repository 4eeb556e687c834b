//! `tailback new`: a scenario to start from.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use clap::Args;

use crate::scenario;

use super::ending::{Done, Failure, Outcome};
use super::terminal;

/// Write a commented scenario to start from
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tailback new checkout                     writes checkout.toml
  tailback new checkout --output scenarios/checkout.toml
  tailback new checkout --broker generic    the broker decides what the file leaves out

`tailback explain BROKER` shows what a broker's preset fills in.

A file that is there already is left alone.")]
pub(super) struct NewArguments {
    /// Name of the scenario: letters, digits, - and _
    #[arg(value_name = "NAME", value_parser = plain_name)]
    name: String,

    /// The broker whose defaults to start from: any that has queues or streams
    #[arg(long, default_value = "generic")]
    broker: String,

    /// Where to write [default: NAME.toml]
    #[arg(long, value_name = "PATH")]
    output: Option<PathBuf>,
}

/// The name becomes a file's, so it must not lead elsewhere.
fn plain_name(text: &str) -> Result<String, String> {
    let plain = !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    if plain { Ok(text.into()) } else { Err("letters, digits, - and _ only; --output says where to write".into()) }
}

pub(super) fn new(arguments: &NewArguments) -> Outcome {
    let text = scenario::template(&arguments.name, &arguments.broker).map_err(Failure::Wrong)?;
    let path = arguments.output.clone().unwrap_or_else(|| format!("{}.toml", arguments.name).into());
    // `create_new` looks and makes in one step, so that nothing can be overwritten in between.
    let mut file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Failure::Wrong(format!("{} exists and is left alone; --output names another file", path.display()))
        }
        _ => Failure::io("write", &path, &error),
    })?;
    file.write_all(text.as_bytes()).map_err(|error| Failure::io("write", &path, &error))?;
    terminal::say(&format!("wrote {0}; try: tailback run {0}", path.display()));
    Ok(Done::Well)
}
