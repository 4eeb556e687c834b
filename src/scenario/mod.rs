//! The scenario language: the written form, the checks, problems with their place, and the JSON Schema.
//!
//! text → `tree` (every value knows its place) → `arguments` (what `--set` changes) → `presets` (what the brokers say) →
//! `written` (typed tables) → `check` (names resolved, rules that span keys) → `value` (what the model is made from).
//!
//! Architecture invariant: this room never touches the world; `Files` hands in what the scenario names. It never
//! stops at the first mistake.

#[macro_use]
mod macros;
mod arguments;
mod check;
mod figure;
mod files;
mod metrics;
mod numbers;
mod paste;
mod presets;
mod problem;
mod quantity;
mod reader;
mod ruled;
mod schema;
mod template;
mod tree;
mod unsettled;
mod value;
mod written;

#[cfg(test)]
mod tests;

pub use files::Files;
pub use numbers::{Number, size_of};
pub use paste::{Change, Pasted, PastedLine, paste};
pub(crate) use problem::nearest;
pub use problem::{Place, PresetFact, Problem, render};
pub use ruled::Ruled;
pub use schema::schema;
pub use template::template;
pub use unsettled::Unsettled;
pub use value::*;

use reader::{Read, Reader};
use tree::{Entry, Node, Value};
use unsettled::Kept;

impl Scenario {
    /// Reads and checks a scenario. `files` holds what it names; paths are relative to the scenario's folder.
    ///
    /// # Errors
    /// Every mistake in it, in the file's order. A syntax error stands alone.
    pub fn parse(text: &str, files: &dyn Files) -> Result<Scenario, Vec<Problem>> {
        Scenario::parse_with(text, files, &[])
    }

    /// The same with values replaced: `(path, value)` as in `--set path=value`.
    ///
    /// # Errors
    /// Every mistake in the scenario and in the replacements; those of the replacements have no line.
    pub fn parse_with(text: &str, files: &dyn Files, overrides: &[(String, String)]) -> Result<Scenario, Vec<Problem>> {
        let kept = Kept::new(files);
        let result = match tree::read(text) {
            Ok(mut tree) => {
                let mut problems = vec![];
                arguments::apply(&mut tree, overrides, &mut problems);
                unsettled::parse(tree, text, &kept, problems)
            }
            Err(problem) => Err(vec![problem]),
        };
        result.map_err(|problems| in_order(problems, text))
    }
}

/// Located, in the file's order; places outside the file come last.
fn in_order(mut problems: Vec<Problem>, text: &str) -> Vec<Problem> {
    problems.iter_mut().for_each(|problem| problem.locate(text));
    problems.sort_by_key(|problem| (problem.line == 0, problem.line, problem.column));
    problems.dedup();
    problems
}

fn read(tree: &Node, text: &str, reader: &mut Reader<'_>) -> Option<Scenario> {
    let written = written::ScenarioFile::read(tree, reader).or_else(|| {
        // Without a duration the rest is checked all the same, as if the run went on for ever.
        let Value::Table(mut table) = tree.value.clone() else { return None };
        table.entries.retain(|entry| entry.key != "duration");
        let node = Node { value: "10000w".into(), place: Place::Default };
        table.entries.push(Entry { key: "duration".into(), key_place: Place::Default, node });
        let mut quiet = Reader::new(reader.files);
        written::ScenarioFile::read(&Node { value: Value::Table(table), place: tree.place.clone() }, &mut quiet)
    })?;
    check::scenario(&written, tree, text, reader)
}
