//! Settings as lines of the file: where a `path = value` is to be written, and what the line is then.

use super::presets::plain;
use super::problem::Place;
use super::tree::{self, Entry, Node, Table, Value};
use crate::broker::{Fact, presets};
use std::ops::Range;

/// A scenario's text with settings written into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pasted {
    /// The whole text.
    pub text: String,
    /// What is new in it, in the file's order.
    pub lines: Vec<PastedLine>,
}

/// One line that was changed or added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastedLine {
    /// Of the old text, from 1: the line that this one replaces, or after which it comes.
    pub line: usize,
    pub change: Change,
    /// Without its end; of a line that goes, what it was.
    pub text: String,
    /// What the old text has at `line`.
    pub old: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Added,
    Replaced,
    Removed,
}

/// A row of the text, and where it was before anything was pasted.
struct Row {
    text: String,
    line: usize,
    change: Option<Change>,
}

/// Writes settings, `(path, TOML value)` as in `--set path=value`, into the text; an empty value takes the key out. What
/// the file says in a broker's own words is replaced. `None` where the text is no TOML, or a path leads through something that has no keys.
pub fn paste(before: &str, settings: &[(String, String)]) -> Option<Pasted> {
    let mut rows: Vec<Row> =
        before.lines().enumerate().map(|(i, line)| Row { text: line.into(), line: i + 1, change: None }).collect();
    for (path, value) in settings {
        let now = joined(&rows);
        let edit = Edit::find(&now, path, value)?;
        edit.apply(&now, &mut rows);
    }
    let text = joined(&rows);
    let changed = rows.into_iter().filter_map(|row| Some((row.change?, row)));
    let old = |line: usize| before.lines().nth(line.saturating_sub(1)).unwrap_or("").trim().to_string();
    let lines = changed
        .map(|(change, row)| PastedLine { line: row.line, change, text: row.text, old: old(row.line) })
        .collect();
    Some(Pasted { text, lines })
}

fn joined(rows: &[Row]) -> String {
    let kept = rows.iter().filter(|row| row.change != Some(Change::Removed));
    kept.map(|row| format!("{}\n", row.text)).collect()
}

/// One change of the text.
#[derive(Debug)]
enum Edit {
    /// These bytes become that.
    Replace(Range<usize>, String),
    /// Lines after the line that this byte is in.
    After(usize, Vec<String>),
    /// Lines at the end.
    End(Vec<String>),
    /// The line that this byte is in goes.
    Remove(usize),
}

impl Edit {
    fn find(text: &str, path: &str, value: &str) -> Option<Edit> {
        let root = tree::read(text).ok()?;
        let segments: Vec<&str> = path.split('.').collect();
        let (mut node, mut key) = (&root, None);
        let mut depth = 0;
        while let Some(segment) = segments.get(depth) {
            match &node.value {
                Value::List(list) => {
                    let at = list.iter().position(|one| named(one, segment)).or_else(|| segment.parse().ok());
                    match at {
                        Some(at) => {
                            node = list.get(at)?;
                            depth += 1;
                        }
                        None if list.len() == 1 => node = &list[0],
                        None => return None,
                    }
                }
                Value::Table(table) => match table.entries.iter().find(|entry| entry.key == *segment) {
                    Some(found) => {
                        (node, key) = (&found.node, Some(&found.key_place));
                        depth += 1;
                    }
                    None if value.is_empty() => return None,
                    None => return Edit::missing(text, node, table, &segments, depth, value),
                },
                _ => return None,
            }
        }
        let Place::File(span) = &node.place else { return None };
        if !value.is_empty() {
            return Some(Edit::Replace(span.clone(), value.into()));
        }
        // Only a key that has its line for itself can be taken out.
        let Place::File(key) = key? else { return None };
        let begins = text[..key.start].rfind('\n').map_or(0, |at| at + 1);
        let alone = text[begins..key.start].trim().is_empty() && !text[key.start..span.end].contains('\n');
        let rest = text[span.end..].lines().next().unwrap_or("").trim();
        (alone && (rest.is_empty() || rest.starts_with('#'))).then_some(Edit::Remove(key.start))
    }

    /// The key `segments[depth]` is not in the table that `node` is.
    fn missing(text: &str, node: &Node, table: &Table, segments: &[&str], depth: usize, value: &str) -> Option<Edit> {
        let keys = &segments[depth..];
        if depth == 1 && keys.len() >= 2 {
            let header = format!("[{}.{}]", segments[0], bare(segments[1]));
            return Some(Edit::End(vec![String::new(), header, entry(&keys[1..], value)]));
        }
        let written = entry(keys, value);
        if let Some(theirs) = in_other_words(table, keys[0]) {
            let (Place::File(from), Place::File(to)) = (&theirs.key_place, &theirs.node.place) else { return None };
            return Some(Edit::Replace(from.start..to.end, written));
        }
        let Place::File(span) = &node.place else { return None };
        if depth == 0 {
            // Among the scenario's own keys: after the first of them.
            let plain = |entry: &&Entry| entry.node.as_table().is_none() && entry.node.as_list().is_none();
            return match table.entries.iter().find(plain).map(|entry| &entry.key_place) {
                Some(Place::File(first)) => Some(Edit::After(first.start, vec![written])),
                _ => None,
            };
        }
        match text.as_bytes().get(span.start)? {
            b'[' => Some(Edit::After(span.start, vec![written])),
            b'{' => {
                let inside = text[..span.end - 1].trim_end().len();
                let comma = if table.entries.is_empty() { " " } else { ", " };
                Some(Edit::Replace(inside..span.end, format!("{comma}{written} }}")))
            }
            _ => None,
        }
    }

    fn apply(self, text: &str, rows: &mut Vec<Row>) {
        // What was removed before is not in the text.
        let kept: Vec<usize> = (0..rows.len()).filter(|at| rows[*at].change != Some(Change::Removed)).collect();
        let row_of = |byte: usize| kept[text[..byte].matches('\n').count()];
        let added = |line: usize, texts: Vec<String>| {
            texts.into_iter().map(move |text| Row { text, line, change: Some(Change::Added) })
        };
        match self {
            Edit::Replace(span, with) => {
                let (first, last) = (row_of(span.start), row_of(span.end));
                let begins = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
                let ends = text[span.end..].find('\n').map_or(text.len(), |at| span.end + at);
                let line = format!("{}{with}{}", &text[begins..span.start], &text[span.end..ends]);
                let old = &rows[first];
                let change = if old.change == Some(Change::Added) { Change::Added } else { Change::Replaced };
                let row = Row { text: line, line: old.line, change: Some(change) };
                rows.splice(first..=last, [row]);
            }
            Edit::After(byte, texts) => {
                let at = row_of(byte);
                let line = rows[at].line;
                rows.splice(at + 1..at + 1, added(line, texts));
            }
            Edit::End(texts) => {
                let line = rows.last().map_or(0, |row| row.line);
                rows.extend(added(line, texts));
            }
            Edit::Remove(byte) => {
                let at = row_of(byte);
                rows[at].change = Some(Change::Removed);
            }
        }
    }
}

fn named(node: &Node, name: &str) -> bool {
    node.as_table().and_then(|table| table.get("name")).and_then(Node::as_text) == Some(name)
}

/// `retry = { jitter = "full" }` for the keys retry and jitter.
fn entry(keys: &[&str], value: &str) -> String {
    let (first, rest) = keys.split_first().map_or(("", &[][..]), |(first, rest)| (*first, rest));
    let nested = rest.iter().rev().fold(value.to_string(), |inner, key| format!("{{ {} = {inner} }}", bare(key)));
    format!("{} = {nested}", bare(first))
}

fn bare(key: &str) -> String {
    let is_bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if is_bare { key.into() } else { format!("{key:?}") }
}

/// The entry that says the same as `key` in some broker's own words.
fn in_other_words<'t>(table: &'t Table, key: &str) -> Option<&'t Entry> {
    let facts = presets::ALL
        .iter()
        .flat_map(|preset| [preset.own, preset.consumer, preset.producer, preset.subscriber].concat());
    let names: Vec<&str> =
        facts.filter(|fact: &Fact| fact.key == key).flat_map(|fact| fact.names.iter().map(|(name, _)| *name)).collect();
    let theirs = |entry: &&Entry| names.iter().any(|name| plain(name) == plain(&entry.key));
    table.entries.iter().find(theirs).filter(|entry| plain(&entry.key) != plain(key) || entry.key != key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Files, Scenario};
    use std::collections::BTreeMap;

    const TEXT: &str = "title = \"t\"\nduration = \"1m\"\n\n[producer.p]\nto = \"q\"\nrate = \"1/s\" # one\n\n\
        [queue.q]\nbroker = \"sqs\"\nVisibilityTimeout = 30\ndead_letter = \"d\"\n\n[consumer.c]\nfrom = \"q\"\n\
        service = \"1s\"\ncalls = [{ dependency = \"x\" }]\n\n[dependency.x]\nservice = \"1s\"\n";

    fn pasted(path: &str, value: &str) -> Vec<(usize, Change, String)> {
        let pasted = paste(TEXT, &[(path.into(), value.into())]).expect("it can be pasted");
        let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        Scenario::parse(&pasted.text, &files as &dyn Files).unwrap_or_else(|why| panic!("{why:?}\n{}", pasted.text));
        pasted.lines.into_iter().map(|line| (line.line, line.change, line.text)).collect()
    }

    #[test]
    fn what_is_there_is_replaced_with_its_comment() {
        assert_eq!(pasted("producer.p.rate", "\"2/s\""), [(6, Change::Replaced, "rate = \"2/s\" # one".into())]);
        assert_eq!(pasted("queue.q.dead_letter", ""), [(11, Change::Removed, "dead_letter = \"d\"".into())]);
        assert_eq!(
            pasted("queue.q.visibility_timeout", "\"1m\""),
            [(10, Change::Replaced, "visibility_timeout = \"1m\"".into())]
        );
    }

    #[test]
    fn what_is_missing_stands_below_its_header() {
        assert_eq!(pasted("consumer.c.replicas", "2"), [(13, Change::Added, "replicas = 2".into())]);
        let jitter = "retry = { jitter = \"full\" }";
        assert_eq!(pasted("consumer.c.retry.jitter", "\"full\""), [(13, Change::Added, jitter.into())]);
        assert_eq!(pasted("warmup", "\"1s\""), [(1, Change::Added, "warmup = \"1s\"".into())]);
        let calls = "calls = [{ dependency = \"x\", timeout = \"3s\" }]";
        assert_eq!(pasted("consumer.c.calls.timeout", "\"3s\""), [(16, Change::Replaced, calls.into())]);
        let table = [
            (19, Change::Added, String::new()),
            (19, Change::Added, "[queue.d]".into()),
            (19, Change::Added, "ttl = \"9d\"".into()),
        ];
        assert_eq!(pasted("queue.d.ttl", "\"9d\""), table);
    }

    #[test]
    fn several_settings_share_a_line() {
        let settings = [("consumer.c.retry.backoff", "\"1s\""), ("consumer.c.retry.cap", "\"9s\"")];
        let pasted = paste(TEXT, &settings.map(|(path, value)| (path.into(), value.into()))).expect("it can be");
        let texts: Vec<&str> = pasted.lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["retry = { backoff = \"1s\", cap = \"9s\" }"]);
        assert_eq!((pasted.lines[0].line, pasted.lines[0].old.as_str()), (13, "[consumer.c]"));
    }

    #[test]
    fn a_path_through_a_value_leads_nowhere() {
        assert_eq!(paste(TEXT, &[("consumer.c.from.x".into(), "1".into())]), None);
        assert_eq!(paste("no = toml = at all", &[("a".into(), "1".into())]), None);
    }
}
