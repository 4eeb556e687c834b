//! How the program ends: what an outcome prints on stderr, and the exit status it becomes.

use std::io;
use std::process::ExitCode;

use super::terminal;

/// A command went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    /// Exit status 0.
    Well,
    /// Exit status 99: the results stand, and an SLO does not hold.
    SloBroken,
}

/// A command did not go through; the text is for the user.
#[derive(Debug)]
pub(super) enum Failure {
    /// Exit status 2: the arguments are wrong.
    Wrong(String),
    /// Exit status 2: the scenario is wrong; the text is rendered, each problem with its place.
    Problems(String),
    /// Exit status 1: the scenario is fine, the world is not.
    World(String),
    /// The reader of our output has gone (`tailback run … | head`), which is its right.
    ReaderGone,
}

pub(super) type Outcome = Result<Done, Failure>;

impl Failure {
    /// An error of the file system, with what was tried.
    pub(super) fn io(doing: &str, path: &std::path::Path, error: &io::Error) -> Failure {
        Failure::World(format!("cannot {doing} {}: {error}", path.display()))
    }
}

/// Says what went wrong and gives the exit status.
pub(super) fn finish(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(Done::Well) | Err(Failure::ReaderGone) => ExitCode::SUCCESS,
        Ok(Done::SloBroken) => ExitCode::from(99),
        Err(failure) => {
            let status = match failure {
                Failure::Wrong(_) | Failure::Problems(_) => 2,
                Failure::World(_) | Failure::ReaderGone => 1,
            };
            tell(&failure);
            ExitCode::from(status)
        }
    }
}

/// Prints a failure.
pub(super) fn tell(failure: &Failure) {
    match failure {
        Failure::Problems(rendered) => terminal::say(rendered.trim_end()),
        Failure::Wrong(text) | Failure::World(text) => terminal::say(&format!("error: {text}")),
        Failure::ReaderGone => {}
    }
}
