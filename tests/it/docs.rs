//! Documents are programs: every command in them runs, every scenario in them parses, every key is described.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tailback::scenario::{self, Files, Scenario};

use crate::program::{PROGRAM, files_below, repository};

const FROM_CARGO: &str = "cargo run --release -- ";

/// README and everything in docs/.
fn documents() -> Vec<PathBuf> {
    let mut documents = files_below(&repository().join("docs"));
    documents.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    documents.push(repository().join("README.md"));
    documents.sort();
    documents
}

/// The fenced blocks of one language, each with its line.
fn blocks(path: &Path, language: &str) -> Vec<(usize, String)> {
    let text = fs::read_to_string(path).expect("a document");
    let mut blocks = vec![];
    let mut open: Option<(usize, &str, String)> = None;
    for (i, line) in text.lines().enumerate() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(language)) => open = Some((i + 1, language, String::new())),
            (Some((start, found, body)), Some(_)) => {
                if *found == language {
                    blocks.push((*start, std::mem::take(body)));
                }
                open = None;
            }
            (Some((_, _, body)), None) => {
                body.push_str(line);
                body.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{}: a block is left open", path.display());
    blocks
}

/// Where a document's commands run: a copy of what they name, so that the repository stays as it is.
fn copy_of_scenarios() -> tempfile::TempDir {
    let place = tempfile::tempdir().expect("a temporary folder");
    for file in files_below(&repository().join("scenarios")) {
        let copy = place.path().join(file.strip_prefix(repository()).expect("below"));
        fs::create_dir_all(copy.parent().expect("a parent")).expect("a folder");
        fs::copy(&file, copy).expect("a copy");
    }
    place
}

#[test]
fn every_command_runs() {
    let mut count = 0;
    for document in documents() {
        let place = copy_of_scenarios();
        for (line, block) in blocks(&document, "sh") {
            for command in block.replace("\\\n", " ").lines() {
                let Some(command) = command.strip_prefix("tailback ").or(command.strip_prefix(FROM_CARGO)) else {
                    continue;
                };
                let script = format!("\"$TAILBACK\" {command}");
                let ended = Command::new("sh")
                    .args(["-c", &script])
                    .env("TAILBACK", PROGRAM)
                    .current_dir(place.path())
                    .output()
                    .expect("a shell");
                let said = String::from_utf8_lossy(&ended.stderr);
                let at = format!("{}:{line}: tailback {command}", document.display());
                assert!(matches!(ended.status.code(), Some(0 | 99)), "{at}\n{said}");
                count += 1;
            }
        }
    }
    assert!(count >= 5, "only {count} commands were found");
}

/// README shows an excerpt of what its first command prints; each line of it must be printed.
#[test]
fn the_output_shown_is_the_output() {
    let readme = fs::read_to_string(repository().join("README.md")).expect("README.md");
    let (_, rest) = readme.split_once("<!-- output:flash-sale -->").expect("the mark");
    let (shown, _) = rest.split_once("<!-- /output -->").expect("the end mark");
    let shown: Vec<&str> = shown.lines().filter(|line| !line.starts_with("```") && !line.trim().is_empty()).collect();
    assert!(shown.len() >= 5, "five lines of output are promised");
    let place = copy_of_scenarios();
    let ended = Command::new(PROGRAM)
        .args(["run", "scenarios/flash-sale.toml", "--quiet"])
        .current_dir(place.path())
        .output()
        .expect("the program runs");
    let printed = String::from_utf8(ended.stdout).expect("UTF-8");
    for line in shown {
        assert!(printed.lines().any(|printed| printed.trim() == line.trim()), "not printed: {line}\n{printed}");
    }
}

/// Reads what scenarios in documents name: the traces beside the committed scenarios.
struct CommittedTraces;

impl Files for CommittedTraces {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(repository().join("scenarios").join(path)).map_err(|error| format!("{path}: {error}"))
    }
}

#[test]
fn every_whole_scenario_parses() {
    let mut count = 0;
    for document in documents() {
        for (line, text) in blocks(&document, "toml") {
            if !text.lines().any(|line| line.split('=').next().is_some_and(|key| key.trim() == "duration")) {
                continue;
            }
            if let Err(problems) = Scenario::parse_with(&text, &CommittedTraces, &[]) {
                let name = format!("{}, block at line {line}", document.display());
                panic!("{}", scenario::render(&problems, &name, &text, false));
            }
            count += 1;
        }
    }
    assert!(count >= 5, "only {count} scenarios were found");
}

/// Names of properties anywhere in a JSON Schema.
fn properties(schema: &serde_json::Value, names: &mut BTreeSet<String>) {
    match schema {
        serde_json::Value::Object(fields) => {
            if let Some(serde_json::Value::Object(found)) = fields.get("properties") {
                // The brokers' own names stand in docs/brokers.md and in `tailback explain`.
                let theirs = |field: &serde_json::Value| {
                    field["description"].as_str().is_some_and(|text| text.contains("'s name for `"))
                };
                names.extend(found.iter().filter(|(_, field)| !theirs(field)).map(|(name, _)| name.clone()));
            }
            fields.values().for_each(|field| properties(field, names));
        }
        serde_json::Value::Array(entries) => entries.iter().for_each(|entry| properties(entry, names)),
        _ => {}
    }
}

#[test]
fn every_key_is_in_the_reference() {
    let reference = fs::read_to_string(repository().join("docs/scenario-reference.md")).expect("the reference");
    let words: BTreeSet<&str> = reference.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    let mut names = BTreeSet::new();
    properties(&scenario::schema(), &mut names);
    let missing: Vec<&String> = names.iter().filter(|name| !words.contains(name.as_str())).collect();
    assert!(names.len() > 50 && missing.is_empty(), "{} keys; not described: {missing:?}", names.len());
}

/// The keys of `value` and below; the keys of `components` and `by_priority` are names that the scenario chose.
fn fields(value: &serde_json::Value, chosen: bool, names: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(entries) => {
            for (key, inner) in entries {
                if !chosen {
                    names.insert(key.clone());
                }
                fields(inner, key == "components" || key == "by_priority", names);
            }
        }
        serde_json::Value::Array(entries) => entries.iter().for_each(|entry| fields(entry, false, names)),
        _ => {}
    }
}

#[test]
fn every_field_is_on_the_page_of_outputs() {
    let page = fs::read_to_string(repository().join("docs/outputs.md")).expect("the page");
    let words: BTreeSet<&str> = page.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    let mut names = BTreeSet::new();
    // One with replies, one with priorities: between them they have every kind of figure.
    for name in ["metastable", "priority", "celebrity-key"] {
        let folder = repository().join("output").join(name);
        let read = |file: &str| fs::read_to_string(folder.join(file)).expect("a committed output");
        fields(&serde_json::from_str(&read("summary.json")).expect("JSON"), false, &mut names);
        names
            .extend(read("timeseries.csv").lines().skip(1).filter_map(|row| row.split(',').nth(2).map(str::to_string)));
    }
    // The page defines a metric by its name, which in files has its unit behind it.
    let described = |name: &str| {
        // Each partition has its own; the page shows the first.
        let name = if name.starts_with("lag_p") { "lag_p0" } else { name };
        let bare = name.strip_suffix("_per_s").or(name.strip_suffix("_s")).unwrap_or(name);
        words.contains(name) || words.contains(bare)
    };
    let missing: Vec<&String> = names.iter().filter(|name| !described(name)).collect();
    assert!(names.len() > 50 && missing.is_empty(), "{} fields; not described: {missing:?}", names.len());
}
