//! Reading the tree into the written form: one list of fields makes the struct, its reader and its JSON Schema.

use super::files::Files;
use super::problem::{Place, Problem, listed, nearest};
use super::tree::{Entry, Node, Table, Value};
use super::written::law::LAWS;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;
use std::ops::Deref;

/// A value and where it was written.
#[derive(Debug, Clone)]
pub(in crate::scenario) struct Placed<T> {
    pub(in crate::scenario) value: T,
    pub(in crate::scenario) place: Place,
}

impl<T> Deref for Placed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Placed<T> {
    /// Written in the file or given with `--set`, rather than a default.
    pub(in crate::scenario) fn is_written(&self) -> bool {
        !matches!(self.place, Place::Default | Place::Preset(_))
    }
}

/// What can be read from a node. `None` means that at least one problem was noted.
pub(in crate::scenario) trait Read: Sized {
    /// A limit, length or count: where its key may be left out, the text "none" says the same.
    const IS_QUANTITY: bool = false;

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self>;
}

/// Collects what is wrong while the tree is read.
pub(in crate::scenario) struct Reader<'a> {
    pub(in crate::scenario) files: &'a dyn Files,
    pub(in crate::scenario) problems: Vec<Problem>,
    /// The key whose value is being read, for messages.
    key: String,
    /// Where in the tree it is, for assumptions.
    path: Vec<String>,
    /// Every effective value met so far: path, value, place.
    pub(in crate::scenario) values: Vec<(String, String, Place)>,
    /// Places of drawn numbers that were read as whole ones.
    pub(in crate::scenario) rounded: Vec<Place>,
}

/// A key that belongs to another version or another broker, and what to do about it.
pub(in crate::scenario) enum Stranger {
    /// Named by the language, not built yet.
    Later(&'static str, &'static str),
    /// Another product's word for something that has a key here.
    Instead(&'static str, &'static str),
}

impl<'a> Reader<'a> {
    pub(in crate::scenario) fn new(files: &'a dyn Files) -> Reader<'a> {
        Reader { files, problems: vec![], key: "the scenario".into(), path: vec![], values: vec![], rounded: vec![] }
    }

    pub(in crate::scenario) fn note(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The key being read, in backticks.
    pub(in crate::scenario) fn subject(&self) -> String {
        format!("`{}`", self.key)
    }

    /// Notes that the node holds the wrong kind of value, and gives `None` to return.
    pub(in crate::scenario) fn wrong<T>(&mut self, node: &Node, wanted: &str, way_out: impl Into<String>) -> Option<T> {
        let message = format!("{} takes {wanted}, not {}", self.subject(), node.kind());
        self.note(Problem::new(&node.place, message).way_out(way_out));
        None
    }

    /// Notes a value out of its range, and gives `None` to return.
    pub(in crate::scenario) fn refuse<T>(&mut self, node: &Node, rule: &str, way_out: &str) -> Option<T> {
        let message = format!("{} = {} {rule}", self.subject(), super::tree::crop(&node.written()));
        self.note(Problem::new(&node.place, message).way_out(way_out));
        None
    }

    pub(in crate::scenario) fn table<'n>(&mut self, node: &'n Node, called: &str) -> Option<&'n Table> {
        match &node.value {
            Value::Table(table) => Some(table),
            _ => {
                let message = format!("{} is {called}: it takes a table, not {}", self.subject(), node.kind());
                self.note(Problem::new(&node.place, message).way_out("write { key = value, … }"));
                None
            }
        }
    }

    /// Notes every key of the table that is not among `keys`.
    pub(in crate::scenario) fn known(&mut self, table: &Table, called: &str, keys: &[&str], strangers: &[Stranger]) {
        for entry in table.entries.iter().filter(|entry| !keys.contains(&entry.key.as_str())) {
            let problem = unknown(entry, called, keys, strangers);
            self.note(problem);
        }
    }

    /// Reads the value of a key. A value that is one thing to the user is kept as one assumption.
    fn value<T: Read>(&mut self, key: &str, node: &Node) -> Option<T> {
        let outer = std::mem::replace(&mut self.key, key.into());
        self.path.push(key.into());
        let kept = self.values.len();
        let value = T::read(node, self);
        if is_one_value(node) {
            self.values.truncate(kept);
            self.values.push((self.path.join("."), node.plain(), node.place.clone()));
        }
        self.path.pop();
        self.key = outer;
        value
    }

    /// Reads one entry of a list. In paths, entries go by `name`, a list's only entry by nothing, others by index.
    fn entry<T: Read>(&mut self, index: usize, entries: usize, node: &Node) -> Option<T> {
        let name = node.as_table().and_then(|table| table.get("name")).and_then(Node::as_text);
        let segment = name.map(String::from).or((entries > 1).then(|| index.to_string()));
        let depth = self.path.len();
        self.path.extend(segment);
        let value = T::read(node, self);
        self.path.truncate(depth);
        value
    }

    pub(in crate::scenario) fn optional<T: Read>(&mut self, table: &Table, key: &str) -> Option<Placed<T>> {
        let node = table.get(key)?;
        let value = self.value(key, node)?;
        Some(Placed { value, place: node.place.clone() })
    }

    /// The same for keys of the language that may be left out: for quantities, "none" says so in the file.
    pub(in crate::scenario) fn left_out_or<T: Read>(&mut self, table: &Table, key: &str) -> Option<Placed<T>> {
        if T::IS_QUANTITY && table.get(key).and_then(Node::as_text) == Some("none") {
            return None;
        }
        self.optional(table, key)
    }

    pub(in crate::scenario) fn required<T: Read>(
        &mut self,
        node: &Node,
        key: &str,
        called: &str,
        say: &str,
    ) -> Option<Placed<T>> {
        let table = node.as_table()?;
        if table.get(key).is_none() {
            self.note(Problem::new(&node.place, format!("{called} needs `{key}`, which is missing here")).way_out(say));
        }
        self.optional(table, key)
    }

    /// A default is read like any other value, so it obeys the same rules.
    pub(in crate::scenario) fn defaulted<T: Read>(
        &mut self,
        table: &Table,
        key: &str,
        default: Value,
    ) -> Option<Placed<T>> {
        if let Some(placed) = self.optional(table, key) {
            return Some(placed);
        }
        let node = Node { value: default, place: Place::Default };
        let kept = self.values.len();
        let value = self.value(key, &node)?;
        if table.get(key).is_some() {
            // The value in the file was noted as broken; the default only stands in so that reading can go on.
            self.values.truncate(kept);
        }
        Some(Placed { value, place: Place::Default })
    }
}

/// Scalars, lists without tables, and distributions.
fn is_one_value(node: &Node) -> bool {
    match &node.value {
        Value::Table(table) => table.entries.iter().any(|entry| LAWS.contains(&entry.key.as_str())),
        Value::List(list) => !list.is_empty() && list.iter().all(|inner| inner.as_table().is_none()),
        _ => true,
    }
}

fn unknown(entry: &Entry, called: &str, keys: &[&str], strangers: &[Stranger]) -> Problem {
    let key = entry.key.as_str();
    for stranger in strangers {
        match stranger {
            Stranger::Later(name, why) if *name == key => {
                let problem = Problem::new(&entry.key_place, format!("`{key}` is not supported yet"));
                return problem.way_out(*why);
            }
            Stranger::Instead(name, here) if *name == key => {
                let problem = Problem::new(&entry.key_place, format!("`{key}` is not a key of {called}"));
                return problem.way_out(format!("here it is called `{here}`"));
            }
            _ => {}
        }
    }
    let problem = Problem::new(&entry.key_place, format!("`{key}` is not a key of {called}"));
    match nearest(key, keys.iter().copied()) {
        Some(near) => problem.way_out(format!("did you mean `{near}`?")),
        None => problem.way_out(format!("it has {}", listed(keys.iter().copied()))),
    }
}

impl<T: Read> Read for Vec<Placed<T>> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let Some(list) = node.as_list() else {
            return reader.wrong(node, "a list", "put it in brackets: [ … ]");
        };
        let read: Vec<Option<Placed<T>>> = list
            .iter()
            .enumerate()
            .map(|(index, inner)| {
                Some(Placed { value: reader.entry(index, list.len(), inner)?, place: inner.place.clone() })
            })
            .collect();
        // Entries that could not be read are noted; the others go on to be checked.
        Some(read.into_iter().flatten().collect())
    }
}

impl<T: JsonSchema> JsonSchema for Placed<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

/// Entries under names the user chooses, in the file's order.
#[derive(Debug, Clone)]
pub(in crate::scenario) struct Named<T>(pub(in crate::scenario) Vec<(Placed<String>, Placed<T>)>);

impl<T: Read> Read for Named<T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let table = reader.table(node, "a table of names")?;
        let mut named = vec![];
        for Entry { key, key_place, node } in &table.entries {
            if let Some(value) = reader.value(key, node) {
                let name = Placed { value: key.clone(), place: key_place.clone() };
                named.push((name, Placed { value, place: node.place.clone() }));
            }
        }
        Some(Named(named))
    }
}

impl<T: JsonSchema> JsonSchema for Named<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("{}ByName", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "propertyNames": { "pattern": r"^[^\s./]+$" },
            "additionalProperties": generator.subschema_for::<T>(),
        })
    }
}

/// Builds the schema of a table with fixed keys.
pub(in crate::scenario) struct TableSchema {
    description: String,
    properties: serde_json::Map<String, serde_json::Value>,
    required: Vec<serde_json::Value>,
}

impl TableSchema {
    pub(in crate::scenario) fn new(description: &[&str]) -> TableSchema {
        TableSchema { description: sentence(description), properties: serde_json::Map::new(), required: vec![] }
    }

    pub(in crate::scenario) fn property(&mut self, key: &str, description: &[&str], mut schema: Schema) {
        schema.insert("description".into(), sentence(description).into());
        self.properties.insert(key.into(), schema.to_value());
    }

    /// The key of a quantity that may be left out.
    pub(in crate::scenario) fn allow_none(&mut self, key: &str) {
        if let Some(property) = self.properties.get_mut(key).and_then(|property| property.as_object_mut()) {
            let description = property.remove("description");
            let quantity = std::mem::take(property);
            property.insert("anyOf".into(), serde_json::json!([quantity, { "const": "none" }]));
            property.extend(description.map(|text| ("description".to_string(), text)));
        }
    }

    pub(in crate::scenario) fn require(&mut self, key: &str) {
        self.required.push(key.into());
    }

    pub(in crate::scenario) fn default(&mut self, key: &str, default: &Value) {
        if let Some(property) = self.properties.get_mut(key).and_then(|property| property.as_object_mut()) {
            property.insert("default".into(), json(default));
        }
    }

    pub(in crate::scenario) fn finish(self) -> Schema {
        json_schema!({
            "description": self.description,
            "type": "object",
            "properties": self.properties,
            "required": self.required,
            "additionalProperties": false,
        })
    }
}

/// Doc comments come line by line with a blank in front.
pub(in crate::scenario) fn sentence(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

pub(in crate::scenario) fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Text(text) | Value::Date(text) => text.clone().into(),
        Value::Whole(number) => i64::try_from(*number).unwrap_or(i64::MAX).into(),
        Value::Number(number) => (*number).into(),
        Value::Flag(flag) => (*flag).into(),
        Value::List(list) => list.iter().map(|node| json(&node.value)).collect(),
        Value::Table(table) => table.entries.iter().map(|entry| (entry.key.clone(), json(&entry.node.value))).collect(),
    }
}
