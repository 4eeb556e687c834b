//! What all commands that make many runs of one scenario have in common: their arguments, and where results go.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::engine::EngineError;
use crate::report;
use crate::study;

use super::ending::Failure;
use super::engine::EngineArguments;
use super::load::{self, Loaded};
use super::run::key_and_value;
use super::{outputs, terminal};

#[derive(Debug, Args)]
pub(super) struct StudyArguments {
    /// Scenario file (TOML)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    #[command(flatten)]
    pub common: CommonArguments,
}

/// Without the file, for commands that take several.
#[derive(Debug, Args)]
pub(super) struct CommonArguments {
    /// Set a value of the file for all points, by its TOML path; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_and_value)]
    pub settings: Vec<(String, String)>,

    /// Independent runs of each point, instead of the file's `runs`
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub runs: Option<u32>,

    /// Seed of all randomness, instead of the file's `seed`
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,

    /// Threads to use; the results do not depend on it [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,

    /// Folder for the outputs; each scenario gets a folder of its own in it
    #[arg(long, value_name = "DIR", default_value = "output")]
    pub output: PathBuf,

    /// What goes to stdout; the files are written in any case
    #[arg(long, value_enum, default_value = "text")]
    pub format: StudyFormat,

    #[command(flatten)]
    pub engine: EngineArguments,

    /// Say nothing on stderr but errors
    #[arg(long)]
    pub quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum StudyFormat {
    /// The findings for people
    Text,
    /// The command's JSON
    Json,
    /// The command's CSV
    Csv,
    /// The report in Markdown
    Md,
    /// Nothing
    None,
}

impl CommonArguments {
    /// `--set`, `--runs` and `--seed` as settings like any other.
    pub(super) fn overrides(&self) -> Vec<(String, String)> {
        let runs = self.runs.map(|runs| ("runs".to_string(), runs.to_string()));
        let seed = self.seed.map(|seed| ("seed".to_string(), seed.to_string()));
        self.settings.iter().cloned().chain(runs).chain(seed).collect()
    }

    pub(super) fn crew(&self) -> Result<study::Crew, Failure> {
        let crew = study::Crew::new(self.threads.map(usize::from));
        let crew = crew.map_err(|failure| Failure::World(failure.to_string()))?;
        Ok(crew.simulating(self.engine.engine()))
    }

    /// What stands at the top of the study's results.
    pub(super) fn head(&self, one: &Loaded, verb: &'static str) -> report::Head {
        report::Head {
            verb,
            title: one.scenario.title.clone(),
            path: one.path.clone(),
            sha256: one.sha256.clone(),
            seed: one.scenario.seed,
            runs: one.scenario.runs,
        }
    }

    /// Writes the files of a study into `<output>/<stem>/<verb>/`.
    pub(super) fn write(&self, one: &Loaded, verb: &str, files: &[report::File]) -> Result<(), Failure> {
        let folder = self.folder(one, verb);
        outputs::write(&folder, files)?;
        if !self.quiet {
            terminal::say(&format!("{} files in {}/", files.len(), folder.display()));
        }
        Ok(())
    }

    pub(super) fn folder(&self, one: &Loaded, verb: &str) -> PathBuf {
        self.output.join(&one.stem).join(verb)
    }
}

impl StudyArguments {
    /// Reads and checks the scenario, and that its results have somewhere to go.
    pub(super) fn load(&self, verb: &str) -> Result<Loaded, Failure> {
        let one = load_one(&self.file, &self.common.overrides())?;
        outputs::check(&self.common.folder(&one, verb))?;
        Ok(one)
    }
}

pub(super) fn load_one(file: &Path, overrides: &[(String, String)]) -> Result<Loaded, Failure> {
    let mut all = load::load(&[file.to_path_buf()], overrides).result?;
    Ok(all.remove(0))
}

/// Whose fault it is decides the exit status: a scenario that no machine could run, or this machine and this program.
pub(super) fn refused(path: &str, failure: &study::Failure) -> Failure {
    let text = format!("{path}: {failure}");
    match failure {
        study::Failure::Memory { .. }
        | study::Failure::Draws { .. }
        | study::Failure::Unscalable(_)
        | study::Failure::Engine(EngineError::Standstill { .. }) => Failure::Wrong(text),
        study::Failure::Engine(EngineError::Audit { .. }) | study::Failure::Threads(_) => Failure::World(text),
    }
}
