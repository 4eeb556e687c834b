//! The file as a tree in which every key and value knows where it was written.

use super::problem::{Place, Problem};
use toml::de::{DeTable, DeValue};

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) place: Place,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Whole(i128),
    Number(f64),
    Flag(bool),
    /// A TOML date or time, which no key takes.
    Date(String),
    List(Vec<Node>),
    Table(Table),
}

/// Entries in the file's order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Table {
    pub(super) entries: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_place: Place,
    pub(super) node: Node,
}

impl Table {
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    pub(super) fn position(&self, key: &str) -> Option<usize> {
        self.entries.iter().position(|entry| entry.key == key)
    }
}

impl Node {
    pub(super) fn as_table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    pub(super) fn as_list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// As it would be written in the file: `"60s"`, `20`, `{ exp = "50ms" }`.
    pub(super) fn written(&self) -> String {
        match &self.value {
            Value::Text(text) => format!("{text:?}"),
            Value::Whole(number) => number.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Flag(flag) => flag.to_string(),
            Value::Date(text) => text.clone(),
            Value::List(list) => format!("[{}]", list.iter().map(Node::written).collect::<Vec<_>>().join(", ")),
            Value::Table(table) => {
                let entries: Vec<String> =
                    table.entries.iter().map(|entry| format!("{} = {}", entry.key, entry.node.written())).collect();
                format!("{{ {} }}", entries.join(", "))
            }
        }
    }

    /// The same without quotes around a text.
    pub(super) fn plain(&self) -> String {
        match &self.value {
            Value::Text(text) => text.clone(),
            _ => self.written(),
        }
    }

    /// What kind of value stands here, for messages: `the text "x"`, `the number 3`.
    pub(super) fn kind(&self) -> String {
        let shown = crop(&self.written());
        match &self.value {
            Value::Text(_) => format!("the text {shown}"),
            Value::Whole(_) | Value::Number(_) => format!("the bare number {shown}"),
            Value::Flag(_) => shown,
            Value::Date(_) => format!("the date {shown}"),
            Value::List(_) => "a list".into(),
            Value::Table(_) => "a table".into(),
        }
    }
}

/// Long values are cut in messages; the line itself is shown below them anyway.
pub(super) fn crop(text: &str) -> String {
    if text.chars().count() <= 60 {
        return text.into();
    }
    format!("{}…", text.chars().take(59).collect::<String>())
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.into())
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Value {
        Value::Whole(number.into())
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Value {
        Value::Flag(flag)
    }
}

/// Reads the file; a syntax error stands alone.
pub(super) fn read(text: &str) -> Result<Node, Problem> {
    let root = DeTable::parse(text).map_err(|error| syntax(text, &error))?;
    let span = root.span();
    Ok(Node { value: Value::Table(table(root.into_inner())), place: Place::File(span) })
}

/// Reads the value of a `--set`: as TOML where that works, else as bare text (`900/s`).
pub(super) fn read_bare(text: &str, place: &Place) -> Node {
    let text = text.trim();
    let value = match DeValue::parse(text) {
        Ok(read) => value(read.into_inner()),
        Err(_) => Value::Text(text.into()),
    };
    let mut node = Node { value, place: place.clone() };
    relocate(&mut node, place);
    node
}

fn relocate(node: &mut Node, place: &Place) {
    node.place = place.clone();
    match &mut node.value {
        Value::List(list) => list.iter_mut().for_each(|inner| relocate(inner, place)),
        Value::Table(table) => {
            for entry in &mut table.entries {
                entry.key_place = place.clone();
                relocate(&mut entry.node, place);
            }
        }
        _ => {}
    }
}

fn table(from: DeTable<'_>) -> Table {
    let mut entries: Vec<(usize, Entry)> = from
        .into_iter()
        .map(|(key, inner)| {
            let (at, place) = (key.span().start, inner.span());
            let node = Node { value: value(inner.into_inner()), place: Place::File(place) };
            (at, Entry { key_place: Place::File(key.span()), key: key.into_inner().into_owned(), node })
        })
        .collect();
    entries.sort_by_key(|(at, _)| *at);
    Table { entries: entries.into_iter().map(|(_, entry)| entry).collect() }
}

fn value(from: DeValue<'_>) -> Value {
    match from {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) => match i128::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Value::Whole(number),
            Err(_) => Value::Number(number.as_str().parse().unwrap_or(f64::INFINITY)),
        },
        DeValue::Float(number) => Value::Number(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(flag) => Value::Flag(flag),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(list) => Value::List(
            list.into_iter()
                .map(|inner| {
                    let place = Place::File(inner.span());
                    Node { value: value(inner.into_inner()), place }
                })
                .collect(),
        ),
        DeValue::Table(inner) => Value::Table(table(inner)),
    }
}

fn syntax(text: &str, error: &toml::de::Error) -> Problem {
    let span = error.span().unwrap_or(0..0);
    let line_start = text.get(..span.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let line = text.get(line_start..).and_then(|rest| rest.lines().next()).unwrap_or("");
    let place = Place::File(span.clone());
    if error.message() == "duplicate key" {
        let name = text.get(span).unwrap_or("this key");
        let problem = Problem::new(&place, format!("`{name}` is written twice"));
        return problem.way_out("keep one of the two, or give the second another name");
    }
    let problem = Problem::new(&place, format!("this is not TOML: {}", error.message()));
    let unquoted = line
        .split_once('=')
        .map(|(_, right)| right.trim())
        .filter(|right| right.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.'))
        .filter(|right| !right.contains(['"', '\'', '[', '{', '#']));
    match unquoted {
        Some(right) => problem.way_out(format!("quantities and names stand in quotes: \"{right}\"")),
        None => problem,
    }
}
