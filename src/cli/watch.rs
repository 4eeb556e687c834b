//! `--watch`: runs again when the content of a file changes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, SystemTime};

use super::ending::{self, Failure, Outcome};
use super::terminal;

/// Short enough to feel immediate, long enough to cost nothing.
const POLL: Duration = Duration::from_millis(300);

/// Runs `once` now and after every change of the files that it names. Ends when stdout's reader goes away; a scenario
/// with problems is reported and waited for.
pub(super) fn watch(mut once: impl FnMut() -> (Outcome, BTreeSet<PathBuf>)) -> Outcome {
    loop {
        let (outcome, files) = once();
        if let Err(Failure::ReaderGone) = outcome {
            return outcome;
        }
        if let Err(failure) = &outcome {
            ending::tell(failure);
        }
        terminal::say(&format!("watching {} (Ctrl-C ends)", names(&files)));
        wait_for_change(&files);
    }
}

fn names(files: &BTreeSet<PathBuf>) -> String {
    files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// A file as it stands: its time and length, and its content, because some editors keep the time.
type Seen = BTreeMap<PathBuf, Option<(SystemTime, Vec<u8>)>>;

fn look(files: &BTreeSet<PathBuf>) -> Seen {
    let state = |file: &PathBuf| Some((fs::metadata(file).ok()?.modified().ok()?, fs::read(file).ok()?));
    files.iter().map(|file| (file.clone(), state(file))).collect()
}

fn wait_for_change(files: &BTreeSet<PathBuf>) {
    let before = look(files);
    loop {
        thread::sleep(POLL);
        if look(files) != before {
            return;
        }
    }
}
