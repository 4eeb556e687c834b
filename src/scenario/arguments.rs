//! What `--set path=value` changes in the tree, before it is read.

use super::problem::{Place, Problem, listed, nearest};
use super::tree::{Entry, Node, Table, Value, read_bare};
use super::written::law::LAWS;
use crate::units::Duration;

/// The tables whose keys are names.
const NAMED: [&str; 5] = ["producer", "queue", "topic", "stream", "consumer"];

/// Puts each value in its place; whether it is a good one is the reader's to say.
pub(super) fn apply(tree: &mut Node, overrides: &[(String, String)], problems: &mut Vec<Problem>) {
    for (path, value) in overrides {
        let place = Place::Argument(format!("{path}={value}"));
        if let Err(problem) = put(tree, path, read_bare(value, &place)) {
            problems.push(problem);
        }
    }
}

/// Puts one value in its place, and says where what stood there before was written; `None` where nothing did. Problems
/// have the value's place.
pub(super) fn put(tree: &mut Node, path: &str, value: Node) -> Result<Option<Place>, Problem> {
    let place = value.place.clone();
    let segments: Vec<&str> = match path.trim().split_once('.') {
        // Keys there are whole paths.
        Some(("uncertain", inner)) if !inner.trim().is_empty() => vec!["uncertain", inner.trim().trim_matches('"')],
        _ => path.trim().split('.').map(str::trim).collect(),
    };
    if segments.iter().any(|segment| segment.is_empty()) {
        let problem = Problem::new(&place, format!("{path:?} is not a path"));
        return Err(problem.way_out("paths are written like consumer.worker.replicas"));
    }
    let dead_letters = dead_letters(tree);
    Walk { path: &segments, place: &place, dead_letters: &dead_letters }.set(tree, 0, value)
}

/// Queues that exist without a table.
fn dead_letters(tree: &Node) -> Vec<String> {
    let named = ["queue", "consumer"]
        .into_iter()
        .filter_map(|kind| tree.as_table()?.get(kind)?.as_table())
        .flat_map(|named| &named.entries)
        .filter_map(|entry| entry.node.as_table()?.get("dead_letter"));
    named.filter_map(Node::as_text).map(String::from).collect()
}

struct Walk<'a> {
    path: &'a [&'a str],
    place: &'a Place,
    dead_letters: &'a [String],
}

impl Walk<'_> {
    /// Sets what `path[depth..]` names below `node`, and gives the place of what stood there.
    fn set(&self, node: &mut Node, depth: usize, value: Node) -> Result<Option<Place>, Problem> {
        let Some(segment) = self.path.get(depth) else {
            return Ok(Some(std::mem::replace(node, value).place));
        };
        match &mut node.value {
            Value::List(list) => {
                let index = self.entry(list, depth)?;
                // The only entry needs no segment of its own.
                let named = is_entry(&list[index], index, segment);
                self.set(&mut list[index], if named { depth + 1 } else { depth }, value)
            }
            Value::Table(table) => {
                if let Some(at) = table.position(segment) {
                    return self.set(&mut table.entries[at].node, depth + 1, value);
                }
                if let Some(law) = table.entries.iter().position(|entry| LAWS.contains(&entry.key.as_str()))
                    && *segment != "shift"
                    && !LAWS.contains(segment)
                {
                    return self.set(&mut table.entries[law].node, depth, value);
                }
                self.insert(table, depth, value).map(|()| None)
            }
            // The mean of a constant or an exponential is the value itself.
            Value::Text(text)
                if *segment == "mean" && depth + 1 == self.path.len() && Duration::parse(text).is_ok() =>
            {
                Ok(Some(std::mem::replace(node, value).place))
            }
            _ => {
                let message =
                    format!("`{}` is {}, which has nothing called `{segment}` inside", self.upto(depth), node.kind());
                Err(Problem::new(self.place, message).way_out(format!("set `{}` itself", self.upto(depth))))
            }
        }
    }

    fn insert(&self, table: &mut Table, depth: usize, value: Node) -> Result<(), Problem> {
        let segment = self.path[depth];
        if let Some((kind, name)) = self.missing_component(depth) {
            let names: Vec<&str> = match depth {
                0 => vec![],
                _ => table.entries.iter().map(|entry| entry.key.as_str()).collect(),
            };
            return Err(self.nothing_called(kind, name, names));
        }
        let mut node = value;
        for key in self.path[depth + 1..].iter().rev() {
            let entry = Entry { key: (*key).into(), key_place: self.place.clone(), node };
            node = Node { value: Value::Table(Table { entries: vec![entry] }), place: self.place.clone() };
        }
        table.entries.push(Entry { key: segment.into(), key_place: self.place.clone(), node });
        Ok(())
    }

    /// A path may add keys to a component, but no component. Only the dead-letter queues that exist without a table do
    /// get one.
    fn missing_component(&self, depth: usize) -> Option<(&str, &str)> {
        let (kind, name) = (*self.path.first()?, *self.path.get(1)?);
        let implied = kind == "queue" && self.dead_letters.iter().any(|queue| queue == name);
        let named = depth <= 1 && NAMED.contains(&kind) && !implied;
        let listed = depth == 0 && ["fault", "window"].contains(&kind);
        (named || listed).then_some((kind, name))
    }

    /// Which entry of a list the segment means: by `name`, by index, or the only one.
    fn entry(&self, list: &[Node], depth: usize) -> Result<usize, Problem> {
        let segment = self.path[depth];
        if let Some(index) = list.iter().enumerate().position(|(index, node)| is_entry(node, index, segment)) {
            return Ok(index);
        }
        let names: Vec<&str> = list.iter().filter_map(name).collect();
        let is_last = depth + 1 == self.path.len();
        if list.len() == 1 && segment.parse::<usize>().is_err() && (names.is_empty() || is_last) {
            return Ok(0);
        }
        if !names.is_empty() {
            return Err(self.nothing_called(self.path[depth - 1], segment, names));
        }
        let before = self.upto(depth);
        let message = match segment.parse::<usize>() {
            Ok(index) => {
                format!("`{before}` has {} entries, so none has index {index} (they count from 0)", list.len())
            }
            Err(_) => format!("`{before}` has {} entries, so the path must say which", list.len()),
        };
        let example = format!("{before}.0.{segment}");
        Err(Problem::new(self.place, message).way_out(format!("name one by its index, such as {example}")))
    }

    fn nothing_called<'n>(&self, kind: &str, name: &str, names: impl IntoIterator<Item = &'n str>) -> Problem {
        let names: Vec<&str> = names.into_iter().collect();
        let problem = Problem::new(self.place, format!("no {kind} is called `{name}`"));
        match nearest(name, names.iter().copied()) {
            Some(near) => problem.way_out(format!("did you mean `{near}`?")),
            None if names.is_empty() => problem.way_out(format!("the scenario has no {kind}")),
            None => problem.way_out(format!("there is {}", listed(names))),
        }
    }

    fn upto(&self, depth: usize) -> String {
        self.path[..depth].join(".")
    }
}

fn name(node: &Node) -> Option<&str> {
    node.as_table()?.get("name")?.as_text()
}

fn is_entry(node: &Node, index: usize, segment: &str) -> bool {
    name(node) == Some(segment) || segment.parse() == Ok(index)
}
