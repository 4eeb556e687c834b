//! Shards on engines that others run: Dask is driven to the end, for the others the job is written.

mod dask;
mod hyperqueue;
mod kubernetes;
mod slurm;

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::study::SweepPlan;

use super::ending::Failure;
use super::{points, terminal};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Engine {
    /// Submit to Dask, wait, merge
    Dask,
    /// Write a SLURM job array
    Slurm,
    /// Write a Kubernetes indexed job
    Kubernetes,
    /// Write a HyperQueue task array
    Hyperqueue,
}

#[derive(Debug, Args)]
pub(super) struct OnArguments {
    /// Where the points are computed, instead of on this machine alone
    #[arg(id = "on", long, value_enum, value_name = "ENGINE")]
    pub engine: Option<Engine>,

    /// Dask: address of the scheduler, such as tcp://head:8786 [default: a cluster on this machine]
    #[arg(long, value_name = "ADDRESS", requires = "on", conflicts_with = "workers")]
    scheduler: Option<String>,

    /// Dask: workers of a cluster on this machine [default: one per core]. Kubernetes: pods at once
    #[arg(long, value_name = "N", requires = "on", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    workers: Option<u32>,

    /// Dask: the Python that has it
    #[arg(long, value_name = "PATH", requires = "on", default_value = "python3")]
    python: String,

    /// Where this program is on the workers [default: where it is here; `tailback` in Kubernetes' image]
    #[arg(long, value_name = "PATH", requires = "on")]
    program: Option<String>,

    /// Kubernetes: image that has this program
    #[arg(long, value_name = "IMAGE", requires = "on")]
    image: Option<String>,

    /// Kubernetes: volume claim that holds the plan and takes the results
    #[arg(long, value_name = "NAME", requires = "on")]
    claim: Option<String>,
}

impl OnArguments {
    /// An option that the engine does not know would be silently lost.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let Some(engine) = self.engine else { return Ok(()) };
        let given = [
            ("--scheduler", self.scheduler.is_some(), &[Engine::Dask][..]),
            ("--workers", self.workers.is_some(), &[Engine::Dask, Engine::Kubernetes]),
            ("--python", self.python != "python3", &[Engine::Dask]),
            ("--image", self.image.is_some(), &[Engine::Kubernetes]),
            ("--claim", self.claim.is_some(), &[Engine::Kubernetes]),
        ];
        let name =
            |engine: &Engine| engine.to_possible_value().map_or_else(String::new, |value| value.get_name().into());
        let mut wrong: Vec<String> = given
            .iter()
            .filter(|(_, is_given, engines)| *is_given && !engines.contains(&engine))
            .map(|(option, _, engines)| {
                let engines: Vec<String> = engines.iter().map(name).collect();
                format!("{option} is for --on {}, not for {}", engines.join(" or "), name(&engine))
            })
            .collect();
        if engine == Engine::Kubernetes {
            for (option, is_given, what) in [
                ("--image", self.image.is_some(), "the image that has this program"),
                ("--claim", self.claim.is_some(), "the volume claim for the plan and the results"),
            ] {
                if !is_given {
                    wrong.push(format!("--on kubernetes needs {option}: {what}"));
                }
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(Failure::Wrong(wrong.join("\nerror: "))) }
    }

    /// The program as the workers start it.
    fn program(&self) -> Result<String, Failure> {
        match &self.program {
            Some(program) => Ok(program.clone()),
            None => {
                let here = std::env::current_exe()
                    .map_err(|error| Failure::World(format!("cannot find this program: {error}; use --program")))?;
                Ok(here.display().to_string())
            }
        }
    }
}

/// A plan that lies in its file, ready to be dealt out.
pub(super) struct Job<'a> {
    pub plan: &'a SweepPlan,
    pub shards: usize,
    /// Absolute, because a job may start anywhere.
    pub plan_file: PathBuf,
    hash: String,
    threads: u16,
    quiet: bool,
}

/// So many shards where nobody says how many: enough for a large cluster, few enough for every scheduler's limits.
const SHARDS: usize = 200;

impl<'a> Job<'a> {
    /// Writes the plan into `folder`.
    pub(super) fn new(
        plan: &'a SweepPlan,
        folder: &Path,
        shards: Option<u32>,
        threads: Option<u16>,
        quiet: bool,
    ) -> Result<Job<'a>, Failure> {
        let points = plan.points.len();
        let shards = shards.map_or(points.min(SHARDS), |shards| shards as usize);
        if shards > points {
            return Err(Failure::Wrong(format!(
                "--shards {shards} is more than the {points} points; a point is computed in one piece"
            )));
        }
        fs::create_dir_all(folder).map_err(|error| Failure::io("make the folder", folder, &error))?;
        let folder = fs::canonicalize(folder).map_err(|error| Failure::io("find", folder, &error))?;
        let plan_file = folder.join("plan.json");
        whole(&plan_file, &plan.to_json(shards))?;
        Ok(Job { plan, shards, plan_file, hash: plan.hash(), threads: threads.unwrap_or(1), quiet })
    }

    fn folder(&self) -> &Path {
        self.plan_file.parent().unwrap_or(Path::new(""))
    }

    pub(super) fn shards_folder(&self) -> PathBuf {
        points::shards_folder(&self.plan_file, &self.hash)
    }

    fn to_do(&self) -> Vec<usize> {
        points::shards_to_do(self.plan, self.shards, &self.shards_folder())
    }

    /// A name that every engine takes: small letters, digits and dashes.
    fn name(&self) -> String {
        let plain: String =
            self.plan.stem.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let plain = plain.trim_matches('-');
        format!("tailback-{}-{}", &plain[..plain.len().min(30)], &self.hash[..8])
    }

    pub(super) fn say_plan(&self) {
        if self.quiet {
            return;
        }
        let file = self.plan_file.display();
        terminal::say(&format!("{} points in {} shards: {file}", self.plan.points.len(), self.shards));
        terminal::say(&format!(
            "compute each: tailback shard {} 0   (to {})",
            quoted(&file.to_string()),
            self.shards - 1
        ));
        self.say_merge();
    }

    fn say_merge(&self) {
        if !self.quiet {
            terminal::say(&format!("then:         tailback merge {}", quoted(&self.plan_file.display().to_string())));
        }
    }

    /// Writes a script beside the plan, says what submits it and what comes after.
    fn script(&self, name: &str, text: &str, submit: &str) -> Result<Submitted, Failure> {
        let path = self.folder().join(name);
        whole(&path, text)?;
        if !self.quiet {
            let done = self.shards - self.to_do().len();
            if done > 0 {
                terminal::say(&format!("{done} of {} shards are there already", self.shards));
            }
            terminal::say(&format!("submit:       {submit} {}", quoted(&path.display().to_string())));
        }
        self.say_merge();
        Ok(Submitted::Script)
    }
}

pub(super) enum Submitted {
    /// A job was written, for the user to submit.
    Script,
    /// All shards are there.
    Computed,
}

pub(super) fn submit(engine: Engine, arguments: &OnArguments, job: &Job<'_>) -> Result<Submitted, Failure> {
    match engine {
        Engine::Dask => dask::run(arguments, job),
        Engine::Slurm => job.script("slurm.sh", &slurm::script(job, &arguments.program()?), "sbatch"),
        Engine::Hyperqueue => job.script("hyperqueue.sh", &hyperqueue::script(job, &arguments.program()?), "sh"),
        Engine::Kubernetes => kubernetes::write(arguments, job),
    }
}

/// Written beside and renamed: a job that starts meanwhile sees the old file or the new one.
fn whole(path: &Path, text: &str) -> Result<(), Failure> {
    let beside = path.with_extension(format!("partial-{}", std::process::id()));
    fs::write(&beside, text).map_err(|error| Failure::io("write", &beside, &error))?;
    fs::rename(&beside, path).map_err(|error| Failure::io("rename into place", path, &error))
}

/// As one word of a POSIX shell.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:,@%=".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.into()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// `0-3,7,9-10`
fn ranges(indices: &[usize]) -> String {
    let mut out: Vec<(usize, usize)> = vec![];
    for &index in indices {
        match out.last_mut() {
            Some((_, last)) if *last + 1 == index => *last = index,
            _ => out.push((index, index)),
        }
    }
    let text =
        |(first, last): &(usize, usize)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    out.iter().map(text).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_are_written_as_ranges() {
        assert_eq!(ranges(&[0, 1, 2, 3, 7, 9, 10]), "0-3,7,9-10");
        assert_eq!(ranges(&[5]), "5");
    }

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(quoted("/a/b-c.json"), "/a/b-c.json");
        assert_eq!(quoted("it's here"), r"'it'\''s here'");
    }
}
