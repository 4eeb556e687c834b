//! Who is called what: names in the file's order, and what a reference means.

use crate::scenario::problem::{Place, Problem, listed, nearest};
use crate::scenario::reader::Placed;
use crate::scenario::tree::{Node, Table};
use crate::scenario::value::{Feed, Target};
use std::collections::BTreeMap;

/// Every name of the tree, whether its table could be read or not. Positions are those of the finished scenario.
pub(super) struct Names {
    pub(super) producers: Vec<String>,
    pub(super) queues: Vec<String>,
    pub(super) topics: Vec<String>,
    pub(super) streams: Vec<String>,
    pub(super) consumers: Vec<String>,
    pub(super) dependencies: Vec<String>,
    pub(super) workflows: Vec<String>,
    /// The workers of task queues, and how many there are.
    pub(super) task_workers: Vec<(String, u32)>,
    /// How many of the queues have a table; the rest are made because a `dead_letter` names them.
    pub(super) written_queues: usize,
}

impl Names {
    pub(super) fn collect(tree: &Node, problems: &mut Vec<Problem>) -> Names {
        let root = tree.as_table();
        let keys = |kind: &str| -> Vec<String> {
            let table = root.and_then(|root| root.get(kind)).and_then(Node::as_table);
            table.into_iter().flat_map(|table| &table.entries).map(|entry| entry.key.clone()).collect()
        };
        let mut names = Names {
            producers: keys("producer"),
            queues: keys("queue"),
            topics: keys("topic"),
            streams: keys("stream"),
            consumers: keys("consumer"),
            dependencies: keys("dependency"),
            workflows: keys("workflow"),
            task_workers: vec![],
            written_queues: 0,
        };
        names.written_queues = names.queues.len();
        if let Some(root) = root {
            spelling_and_uniqueness(root, problems);
            names.add_dead_letters(root, problems);
        }
        names
    }

    fn add_dead_letters(&mut self, root: &Table, problems: &mut Vec<Problem>) {
        let tables = |kind: &str| root.get(kind).and_then(Node::as_table).into_iter().flat_map(|table| &table.entries);
        for entry in tables("queue").chain(tables("consumer")) {
            let node = entry.node.as_table().and_then(|table| table.get("dead_letter"));
            let Some((node, name)) = node.and_then(|node| Some((node, node.as_text()?))) else { continue };
            if name.is_empty() || self.queues.iter().any(|queue| queue == name) {
                continue;
            }
            let taken = [
                (&self.producers, "producer"),
                (&self.topics, "topic"),
                (&self.streams, "stream"),
                (&self.consumers, "consumer"),
                (&self.dependencies, "dependency"),
                (&self.workflows, "workflow"),
            ];
            if let Some((_, kind)) = taken.iter().find(|(names, _)| names.iter().any(|other| other == name)) {
                let message = format!("`dead_letter` = {name:?} is a {kind}; hopeless messages go to a queue");
                problems.push(Problem::new(&node.place, message).way_out("choose a name that is not taken"));
                continue;
            }
            if let Some(problem) = misspelt(name, &node.place) {
                problems.push(problem);
            }
            self.queues.push(name.into());
        }
    }

    pub(super) fn queue(&self, name: &str) -> Option<usize> {
        self.queues.iter().position(|queue| queue == name)
    }

    /// A queue, topic, stream or workflow to publish to.
    pub(super) fn target(&self, key: &str, name: &Placed<String>) -> Result<Target, Problem> {
        if let Some(queue) = self.queue(name) {
            return Ok(Target::Queue(queue));
        }
        if let Some(topic) = self.topics.iter().position(|topic| *topic == **name) {
            return Ok(Target::Topic(topic));
        }
        if let Some(stream) = self.streams.iter().position(|stream| *stream == **name) {
            return Ok(Target::Stream(stream));
        }
        if let Some(workflow) = self.workflows.iter().position(|workflow| *workflow == **name) {
            return Ok(Target::Workflow(workflow));
        }
        let known = self.queues.iter().chain(&self.topics).chain(&self.streams).chain(&self.workflows);
        let kinds =
            if self.workflows.is_empty() { "queue, topic or stream" } else { "queue, topic, stream or workflow" };
        Err(self.dangling(key, name, kinds, known.map(String::as_str).collect()))
    }

    /// A queue or stream to read.
    pub(super) fn feed(&self, key: &str, name: &Placed<String>) -> Result<Feed, Problem> {
        if let Some(queue) = self.queue(name) {
            return Ok(Feed::Queue(queue));
        }
        if let Some(stream) = self.streams.iter().position(|stream| *stream == **name) {
            return Ok(Feed::Stream(stream));
        }
        let known = self.queues.iter().chain(&self.streams).map(String::as_str);
        Err(self.dangling(key, name, "queue or stream", known.collect()))
    }

    /// The index of `name` among `names`, of which it must be one.
    pub(super) fn one_of(
        &self,
        names: &[String],
        kind: &str,
        key: &str,
        name: &Placed<String>,
    ) -> Result<usize, Problem> {
        let found = names.iter().position(|other| *other == **name);
        found.ok_or_else(|| self.dangling(key, name, kind, names.iter().map(String::as_str).collect()))
    }

    fn dangling(&self, key: &str, name: &Placed<String>, wanted: &str, known: Vec<&str>) -> Problem {
        let kinds = [
            (&self.queues, "queue"),
            (&self.topics, "topic"),
            (&self.streams, "stream"),
            (&self.consumers, "consumer"),
            (&self.dependencies, "dependency"),
            (&self.producers, "producer"),
            (&self.workflows, "workflow"),
        ];
        let problem = match kinds.iter().find(|(names, _)| names.contains(&name.value)) {
            Some((_, kind)) => {
                Problem::new(&name.place, format!("`{key}` = {:?} is a {kind}, not a {wanted}", name.value))
            }
            None => Problem::new(&name.place, format!("`{key}` = {:?}: no {wanted} has this name", name.value)),
        };
        if wanted.starts_with("queue") && !wanted.contains("topic") && self.topics.contains(&name.value) {
            let topic = &name.value;
            return problem.way_out(format!("a topic keeps nothing: read a queue that says subscribe = \"{topic}\""));
        }
        match nearest(name, known.iter().copied()) {
            Some(near) => problem.way_out(format!("did you mean \"{near}\"?")),
            None if known.is_empty() => problem.way_out(format!(
                "the scenario has no {wanted}; add a table such as [{}.{}]",
                first_word(wanted),
                name.value
            )),
            None => problem.way_out(format!("there is {}", listed(known))),
        }
    }
}

fn first_word(wanted: &str) -> &str {
    wanted.split([' ', ',']).next().unwrap_or(wanted)
}

fn spelling_and_uniqueness(root: &Table, problems: &mut Vec<Problem>) {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for kind in ["producer", "queue", "topic", "stream", "consumer", "dependency", "workflow"] {
        for entry in root.get(kind).and_then(Node::as_table).into_iter().flat_map(|table| &table.entries) {
            problems.extend(misspelt(&entry.key, &entry.key_place));
            if let Some(other) = seen.insert(&entry.key, kind) {
                let message = format!(
                    "the name `{}` is taken by a {other} already; names are unique across all tables",
                    entry.key
                );
                problems.push(Problem::new(&entry.key_place, message).way_out("give one of the two another name"));
            }
        }
    }
}

/// Names stand in paths, file names and tables.
pub(super) fn misspelt(name: &str, place: &Place) -> Option<Problem> {
    let sound =
        !name.is_empty() && !name.contains(|c: char| c == '.' || c == '/' || c.is_whitespace() || c.is_control());
    if sound {
        return None;
    }
    let message = format!("{name:?} cannot be a name: names have no blanks, no `.` and no `/`, and are not empty");
    let tidy: String = name
        .split(|c: char| c == '.' || c == '/' || c.is_whitespace())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-");
    let way_out = if tidy.is_empty() { "choose a name such as orders".into() } else { format!("write {tidy}") };
    Some(Problem::new(place, message).way_out(way_out))
}
