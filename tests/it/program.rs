//! The built program, and a folder of its own to run it in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use tempfile::TempDir;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_tailback");

/// The folder of this repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// One spike over a queue that copes: a run takes milliseconds.
pub(crate) const SMALL: &str = r#"
title = "Small"
duration = "3m"
warmup = "20s"
runs = 4
slo = ["jobs.dropped == 0"]

[producer.app]
to = "jobs"
rate = "20/s"
spikes = [{ at = "1m", for = "20s", rate = "80/s" }]

[queue.jobs]

[consumer.worker]
from = "jobs"
replicas = 2
service = { exp = "40ms" }
"#;

/// A temporary folder with scenarios in it.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Place {
        Place(tempfile::tempdir().expect("a temporary folder"))
    }

    /// A folder in which `small.toml` is `SMALL`.
    pub(crate) fn with_small() -> Place {
        let place = Place::new();
        place.write("small.toml", SMALL);
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs the program in this folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = Command::new(PROGRAM);
        Ended(command.args(arguments).current_dir(self.0.path()).output().expect("the program runs"))
    }

    /// Names of everything below the folder, in order.
    pub(crate) fn listing(&self) -> Vec<String> {
        let mut names: Vec<String> = files_below(self.0.path())
            .iter()
            .map(|path| path.strip_prefix(self.0.path()).expect("below").display().to_string())
            .collect();
        names.sort();
        names
    }
}

/// What the program said, and how it ended.
pub(crate) struct Ended(pub(crate) Output);

impl Ended {
    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).expect("stdout is UTF-8")
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).expect("stderr is UTF-8")
    }

    /// Asserts the exit status, showing stderr where it is another.
    #[track_caller]
    pub(crate) fn with_status(self, status: i32) -> Ended {
        assert_eq!(self.0.status.code(), Some(status), "stderr:\n{}", self.stderr());
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.0.stdout).unwrap_or_else(|error| panic!("{error}:\n{}", self.stdout()))
    }
}

/// Every file below `folder`, in no particular order.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = vec![];
    let Ok(entries) = fs::read_dir(folder) else { return files };
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files.append(&mut files_below(&path)) } else { files.push(path) }
    }
    files
}

/// Names of the committed scenarios, without `.toml`, in order.
pub(crate) fn scenarios() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(repository().join("scenarios"))
        .expect("scenarios/")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| path.file_stem().expect("a stem").to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert!(!names.is_empty());
    names
}

/// `summary.json` as one value, without the field that may differ.
pub(crate) fn without_wall_time(text: &str) -> serde_json::Value {
    let mut value: serde_json::Value = serde_json::from_str(text).expect("JSON");
    value.as_object_mut().expect("an object").shift_remove("wall_time_s").expect("wall_time_s");
    value
}
