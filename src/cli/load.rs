//! From files to checked scenarios: all of them, or every problem of every one.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::scenario::{self, Files, Problem, Scenario};

use super::ending::Failure;
use super::terminal;

/// A scenario and where it came from.
pub(super) struct Loaded {
    pub scenario: Scenario,
    /// As given on the command line.
    pub path: String,
    /// The file's name without its extension: the name of its folder of outputs.
    pub stem: String,
    /// Of the file's text, in hex.
    pub sha256: String,
    /// The file as it stands.
    pub text: String,
    /// What was set on the command line, for all variants.
    overrides: Vec<(String, String)>,
    folder: PathBuf,
}

impl Loaded {
    /// The scenario with more values set, on top of what the command line sets for all.
    pub(super) fn with(&self, more: &[(String, String)]) -> Result<Scenario, Failure> {
        let overrides: Vec<(String, String)> = self.overrides.iter().chain(more).cloned().collect();
        let folder = Folder { path: self.folder.clone(), seen: RefCell::new(BTreeSet::new()) };
        parse(&self.text, &folder, &overrides, &self.path)
    }

    /// The same, for a study that goes on where a value is refused.
    pub(super) fn attempt(&self, more: &[(String, String)]) -> Result<Scenario, Vec<Problem>> {
        let overrides: Vec<(String, String)> = self.overrides.iter().chain(more).cloned().collect();
        let folder = Folder { path: self.folder.clone(), seen: RefCell::new(BTreeSet::new()) };
        Scenario::parse_with(&self.text, &folder, &overrides)
    }

    /// What the scenario names, read from its folder.
    pub(super) fn files(&self) -> impl Files {
        Folder { path: self.folder.clone(), seen: RefCell::new(BTreeSet::new()) }
    }

    /// What the command line sets for all variants, as it stands there.
    pub(super) fn overrides(&self) -> &[(String, String)] {
        &self.overrides
    }
}

/// What loading gave, and the files it depends on, for `--watch`.
pub(super) struct Loading {
    pub result: Result<Vec<Loaded>, Failure>,
    pub files: BTreeSet<PathBuf>,
}

/// Reads and checks every file before anything runs. Each has a folder of outputs of its own.
pub(super) fn load(paths: &[PathBuf], overrides: &[(String, String)]) -> Loading {
    let mut loading = read(paths, overrides);
    loading.result = loading.result.and_then(|loaded| stems_differ(&loaded).map(|()| loaded));
    loading
}

/// Reads and checks every file, wherever its outputs go.
pub(super) fn read(paths: &[PathBuf], overrides: &[(String, String)]) -> Loading {
    let mut files = BTreeSet::new();
    let mut loaded = vec![];
    let mut problems = vec![];
    for path in paths {
        files.insert(path.clone());
        match load_one(path, overrides, &mut files) {
            Ok(one) => loaded.push(one),
            Err(Failure::Wrong(text)) => problems.push(format!("error: {text}\n")),
            Err(Failure::Problems(rendered)) => problems.push(rendered),
            Err(failure) => return Loading { result: Err(failure), files },
        }
    }
    let result = if problems.is_empty() { Ok(loaded) } else { Err(Failure::Problems(problems.join("\n"))) };
    Loading { result, files }
}

fn load_one(path: &Path, overrides: &[(String, String)], seen: &mut BTreeSet<PathBuf>) -> Result<Loaded, Failure> {
    let name = path.display().to_string();
    let bytes = fs::read(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::Wrong(format!("{name}: there is no such file")),
        ErrorKind::IsADirectory => Failure::Wrong(format!("{name} is a folder; a scenario is a .toml file")),
        _ => Failure::io("read", path, &error),
    })?;
    let sha256 = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::Wrong(format!("{name} is not text in UTF-8; a scenario is a TOML file")))?;
    let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) else {
        return Err(Failure::Wrong(format!("{name}: the file's name is not text, so its outputs cannot be named")));
    };
    let folder = Folder { path: path.parent().unwrap_or(Path::new("")).into(), seen: RefCell::new(BTreeSet::new()) };
    let scenario = parse(&text, &folder, overrides, &name);
    seen.append(&mut folder.seen.borrow_mut());
    let (stem, folder) = (stem.into(), folder.path);
    Ok(Loaded { scenario: scenario?, path: name, stem, sha256, text, overrides: overrides.to_vec(), folder })
}

fn parse(text: &str, folder: &Folder, overrides: &[(String, String)], name: &str) -> Result<Scenario, Failure> {
    let color = terminal::color_on_stderr();
    Scenario::parse_with(text, folder, overrides)
        .map_err(|problems| Failure::Problems(scenario::render(&problems, name, text, color)))
}

/// Two scenarios would write over each other's outputs.
fn stems_differ(loaded: &[Loaded]) -> Result<(), Failure> {
    for (i, one) in loaded.iter().enumerate() {
        if let Some(other) = loaded[..i].iter().find(|other| other.stem == one.stem) {
            return Err(Failure::Wrong(format!(
                "{} and {} would both write to the folder \"{}\"; run them apart, with another --output each",
                other.path, one.path, one.stem
            )));
        }
    }
    Ok(())
}

/// The scenario's own folder: what it names is read relative to it.
struct Folder {
    path: PathBuf,
    seen: RefCell<BTreeSet<PathBuf>>,
}

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let full = self.path.join(path);
        self.seen.borrow_mut().insert(full.clone());
        fs::read(&full).map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                format!("there is no file {} (paths are relative to the scenario's folder)", full.display())
            }
            ErrorKind::IsADirectory => format!("{} is a folder, not a file", full.display()),
            _ => format!("cannot read {}: {error}", full.display()),
        })
    }
}
