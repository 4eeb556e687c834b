//! `tailback schema`: the JSON Schema of scenario files.

use clap::Args;

use crate::scenario;

use super::ending::{Done, Failure, Outcome};
use super::terminal;

/// Print the JSON Schema of scenario files, for editors and checks
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tailback schema > tailback.schema.json

Editors that know TOML (Even Better TOML, taplo) then complete and check scenarios whose first line is
  #:schema ./tailback.schema.json")]
pub(super) struct SchemaArguments {}

pub(super) fn schema(_arguments: &SchemaArguments) -> Outcome {
    let text = serde_json::to_string_pretty(&scenario::schema())
        .map_err(|error| Failure::World(format!("cannot print the schema: {error}")))?;
    terminal::print(format!("{text}\n"))?;
    Ok(Done::Well)
}
