//! Giving the broker's own names our keys.

use super::convert::convert;
use crate::broker::{Fact, Form};
use crate::scenario::problem::{Place, Problem};
use crate::scenario::tree::{Entry, Table, Value};

/// Keys to which the reader itself gives a meaning for `"none"`.
const READ_NONE: [&str; 1] = ["visibility_timeout"];

/// Renames and converts what the table writes in the words of `facts`; `keys` are ours, which stay. Gives the keys for
/// which the table says that there is no limit: they are taken out, and the preset's value is to stay out as well.
pub(super) fn apply(
    table: &mut Table,
    facts: &[Fact],
    keys: &[&str],
    problems: &mut Vec<Problem>,
) -> Vec<&'static str> {
    flatten(table, facts);
    let mut kept: Vec<Said> = vec![];
    for entry in std::mem::take(&mut table.entries) {
        let said = Said::of(entry, facts, keys);
        let before = said.key.and_then(|key| kept.iter_mut().find(|other| other.key == Some(key)));
        match before {
            None => kept.push(said),
            // What the command line says replaces what the file says, in whichever words.
            Some(before) if said.is_argument() && !before.is_argument() => *before = said,
            Some(before) => problems.push(said.repeats(before)),
        }
    }
    let mut unlimited = vec![];
    for said in kept {
        match (said.entry, said.key) {
            (Some(entry), _) => table.entries.push(entry),
            (None, Some(key)) => unlimited.push(key),
            (None, None) => {}
        }
    }
    unlimited
}

/// What one entry of the table says.
struct Said {
    /// The fact's key, where the entry is about one.
    key: Option<&'static str>,
    /// As the user wrote it.
    name: String,
    key_place: Place,
    /// `None` for no limit.
    entry: Option<Entry>,
}

impl Said {
    fn of(entry: Entry, facts: &[Fact], keys: &[&str]) -> Said {
        let Entry { key: name, key_place, node } = entry;
        let found = if keys.contains(&name.as_str()) {
            facts.iter().find(|fact| fact.key == name).map(|fact| (fact.key, Form::Same))
        } else {
            facts.iter().find_map(|fact| {
                let (_, form) = fact.names.iter().find(|(theirs, _)| plain(theirs) == plain(&name))?;
                Some((fact.key, *form))
            })
        };
        let Some((key, form)) = found else {
            let entry = Entry { key: name.clone(), key_place: key_place.clone(), node };
            return Said { key: None, name, key_place, entry: Some(entry) };
        };
        let node = convert(node, form).filter(|node| node.as_text() != Some("none") || READ_NONE.contains(&key));
        let entry = node.map(|node| Entry { key: key.into(), key_place: key_place.clone(), node });
        Said { key: Some(key), name, key_place, entry }
    }

    fn is_argument(&self) -> bool {
        matches!(self.key_place, Place::Argument(_))
    }

    fn repeats(&self, before: &Said) -> Problem {
        let message = format!("`{}` says the same as `{}`", self.name, before.name);
        Problem::new(&self.key_place, message).way_out("keep one of the two")
    }
}

/// What is the same in every way of writing a name: `max_poll_records`, `maxPollRecords`, `max.poll.records`.
pub(in crate::scenario) fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '.' | '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// TOML reads an unquoted `max.poll.records = 500` as tables in tables; where that spells one of the broker's dotted
/// names, it becomes one entry again.
fn flatten(table: &mut Table, facts: &[Fact]) {
    let names = facts.iter().flat_map(|fact| fact.names);
    let dotted: Vec<String> =
        names.filter(|(name, _)| name.contains('.')).map(|(name, _)| name.to_lowercase()).collect();
    if dotted.is_empty() {
        return;
    }
    for mut entry in std::mem::take(&mut table.entries) {
        let mut found = vec![];
        let key = entry.key.clone();
        let emptied = match &mut entry.node.value {
            Value::Table(inner) => take_dotted(inner, &key, &dotted, &mut found),
            _ => false,
        };
        if !emptied {
            table.entries.push(entry);
        }
        table.entries.append(&mut found);
    }
}

/// Takes the entries out of `table` whose path spells one of `dotted`; true where that leaves nothing in it.
fn take_dotted(table: &mut Table, path: &str, dotted: &[String], found: &mut Vec<Entry>) -> bool {
    let before = found.len();
    for mut entry in std::mem::take(&mut table.entries) {
        let path = format!("{path}.{}", entry.key);
        if dotted.contains(&path.to_lowercase()) {
            found.push(Entry { key: path, ..entry });
            continue;
        }
        let emptied = match &mut entry.node.value {
            Value::Table(inner) => take_dotted(inner, &path, dotted, found),
            _ => false,
        };
        if !emptied {
            table.entries.push(entry);
        }
    }
    found.len() > before && table.entries.is_empty()
}
