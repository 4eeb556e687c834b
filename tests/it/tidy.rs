//! House rules, read from ARCHITECTURE.md and held against the code.

use std::fs;
use std::path::Path;

use crate::program::{files_below, repository, scenarios};

const LINES_PER_FILE: usize = 400;
const LINES_PER_FUNCTION: usize = 70;
const DRAWERS: [&str; 8] = ["util", "utils", "helper", "helpers", "common", "misc", "shared", "manager"];

/// Rooms in the table's order, each with the rooms that it may use.
struct Rooms(Vec<(String, Vec<String>)>);

impl Rooms {
    fn read() -> Rooms {
        let text = fs::read_to_string(repository().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
        let (_, table) = text.split_once("| room | what lives here | may use |\n").expect("the room table");
        let mut rooms: Vec<(String, Vec<String>)> = vec![];
        for row in table.lines().skip(1).take_while(|line| line.starts_with('|')) {
            let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
            assert_eq!(cells.len(), 3, "{row}");
            let above: Vec<String> = rooms.iter().map(|(name, _)| name.clone()).collect();
            let uses = match cells[2] {
                "–" => vec![],
                "all" | "all above" | "the above" => above.clone(),
                list => list.split(", ").map(str::to_string).collect(),
            };
            for used in &uses {
                assert!(above.contains(used), "{row}: {used} does not stand above");
            }
            rooms.push((cells[0].trim_matches('`').to_string(), uses));
        }
        Rooms(rooms)
    }

    fn allowed(&self, room: &str) -> Option<&[String]> {
        self.0.iter().find(|(name, _)| name == room).map(|(_, uses)| uses.as_slice())
    }
}

/// Every Rust file of ours: (path within the repository, text).
fn rust_files() -> Vec<(String, String)> {
    let mut files = vec![];
    for folder in ["src", "tests", "benches", "examples"] {
        for path in files_below(&repository().join(folder)) {
            if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(repository()).expect("below").display().to_string();
                files.push((name, fs::read_to_string(&path).expect("text")));
            }
        }
    }
    files.sort();
    files
}

/// The code of a file without its comments and its tests, which may set up whatever they need; with line numbers.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(i, line)| (i + 1, line));
    lines.take_while(|(_, line)| line.trim() != "#[cfg(test)]").filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// The names that follow `crate::` in a line.
fn names_after_crate(line: &str) -> impl Iterator<Item = &str> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices("crate::").filter(move |(at, _)| !line[..*at].ends_with(word)).map(move |(at, found)| {
        let rest = &line[at + found.len()..];
        &rest[..rest.find(|c| !word(c)).unwrap_or(rest.len())]
    })
}

fn room_of(file: &str) -> Option<&str> {
    let rest = file.strip_prefix("src/")?;
    rest.split_once('/').map(|(room, _)| room)
}

#[track_caller]
fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn rooms_use_what_the_table_allows() {
    let rooms = Rooms::read();
    assert!(rooms.0.len() >= 10);
    let mut faults = vec![];
    for (file, text) in rust_files() {
        let Some(room) = room_of(&file) else { continue };
        let Some(allowed) = rooms.allowed(room) else {
            faults.push(format!("{file}: {room} is not in the table of ARCHITECTURE.md"));
            continue;
        };
        for (line, code) in code(&text) {
            for name in names_after_crate(code) {
                if name.is_empty() {
                    faults.push(format!("{file}:{line}: no groups over rooms: each gets its own `use crate::room::…`"));
                } else if name != room && !allowed.iter().any(|allowed| allowed == name) {
                    faults.push(format!("{file}:{line}: {room} may not use {name}"));
                }
            }
            if code.contains("super::super::") {
                faults.push(format!("{file}:{line}: super::super:: climbs; name the room"));
            }
        }
    }
    none(faults);
}

#[test]
fn files_say_what_they_are_and_stay_small() {
    let mut faults = vec![];
    for (file, text) in rust_files() {
        if !text.starts_with("//! ") {
            faults.push(format!("{file}: opens without a //! line"));
        }
        if text.lines().count() > LINES_PER_FILE {
            faults.push(format!("{file}: {} lines, of {LINES_PER_FILE}", text.lines().count()));
        }
        let stem = Path::new(&file).file_stem().expect("a stem").to_string_lossy().into_owned();
        if DRAWERS.contains(&stem.as_str()) {
            faults.push(format!("{file}: a drawer, not a room"));
        }
    }
    none(faults);
}

/// Rests on rustfmt: a function ends at the first line that is its own indentation and a brace.
#[test]
fn functions_fit_on_a_screen() {
    let mut faults = vec![];
    for (file, text) in rust_files() {
        let lines: Vec<&str> = text.lines().collect();
        for (start, line) in lines.iter().enumerate() {
            let indent = &line[..line.len() - line.trim_start().len()];
            let head = line.trim_start().split(" fn ").next().unwrap_or_default();
            let is_function = line.trim_start().starts_with("fn ")
                || (line.contains(" fn ")
                    && head
                        .split(' ')
                        .all(|word| word.starts_with("pub") || ["const", "async", "unsafe"].contains(&word)));
            if !is_function || line.ends_with('}') || line.ends_with(';') {
                continue;
            }
            let closing = format!("{indent}}}");
            let length = lines[start..].iter().position(|line| *line == closing).map_or(0, |end| end + 1);
            if length > LINES_PER_FUNCTION {
                faults.push(format!("{file}:{}: {length} lines, of {LINES_PER_FUNCTION}", start + 1));
            }
        }
    }
    none(faults);
}

#[test]
fn the_version_is_in_the_changelog() {
    let changelog = fs::read_to_string(repository().join("CHANGELOG.md")).expect("CHANGELOG.md");
    let heading = concat!("## ", env!("CARGO_PKG_VERSION"));
    assert!(changelog.lines().any(|line| line == heading || line.starts_with(&format!("{heading} "))), "{heading}");
}

#[test]
fn outputs_belong_to_scenarios() {
    let ignored = fs::read_to_string(repository().join(".gitignore")).expect(".gitignore");
    let kept = ignored.lines().filter_map(|line| line.strip_prefix("!/output/")?.strip_suffix('/'));
    let names = scenarios();
    none(kept.filter(|kept| !names.iter().any(|name| name == kept)).map(|kept| format!("output/{kept}/")).collect());
}

#[test]
fn no_file_names_a_machine() {
    // Put together here, so that this file does not name them.
    let machines = ["/wo", "/ho", "/ro", "/Use"].into_iter().zip(["rk/", "me/", "ot/", "rs/"]);
    let machines: Vec<String> = machines.map(|(a, b)| [a, b].concat()).collect();
    let mut faults = vec![];
    for entry in fs::read_dir(repository()).expect("the repository") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if ["target", ".git"].contains(&name.as_str()) {
            continue;
        }
        let files = if path.is_dir() { files_below(&path) } else { vec![path] };
        for file in files {
            // Pictures are not text, and cannot name anything.
            let Ok(text) = fs::read_to_string(&file) else { continue };
            for machine in machines.iter().filter(|machine| text.contains(machine.as_str())) {
                faults.push(format!("{}: {machine}", file.display()));
            }
        }
    }
    none(faults);
}
