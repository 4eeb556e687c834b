//! `tailback shard`: one slice of a plan, into a folder that appears whole. What schedulers run.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::study::{PointStore, SweepPlan};

use super::ending::{Done, Failure, Outcome};
use super::points::{self, Points};
use super::{sweep, terminal};

/// Compute one shard of a sweep's plan: what the jobs of a cluster run
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tailback sweep checkout.toml --vary consumer.worker.replicas=4..12:1 --shards 3
  tailback shard output/checkout/sweep/plan.json 0
  tailback shard plan.json --index-from-env         as a task of SLURM, Kubernetes or HyperQueue

A shard that is there already is left alone. A shard never ends with 99: whoever runs it would only run it again.")]
pub(super) struct ShardArguments {
    /// The plan, as `tailback sweep … --shards N` writes it
    #[arg(value_name = "PLAN")]
    plan: PathBuf,

    /// Which shard, from 0
    #[arg(value_name = "INDEX", required_unless_present = "index_from_env", conflicts_with = "index_from_env")]
    index: Option<usize>,

    /// Which shard: from SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX or HQ_TASK_ID
    #[arg(long)]
    index_from_env: bool,

    /// Folder for the shards' folders [default: below `shards` beside the plan]
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,

    /// Threads to use; the results do not depend on it [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,

    /// Say nothing on stderr but errors
    #[arg(long)]
    quiet: bool,
}

/// HyperQueue's task arrays, Kubernetes' indexed jobs, SLURM's job arrays. HyperQueue's workers may be SLURM's jobs, whose
/// variables their tasks inherit: the innermost scheduler comes first.
const VARIABLES: [&str; 3] = ["HQ_TASK_ID", "JOB_COMPLETION_INDEX", "SLURM_ARRAY_TASK_ID"];

pub(super) fn shard(arguments: &ShardArguments) -> Outcome {
    let (plan, shards) = points::read_plan(&arguments.plan)?;
    let index = match arguments.index {
        Some(index) => index,
        None => index_from(&VARIABLES.map(|name| (name, std::env::var(name).ok())))?,
    };
    if index >= shards {
        return Err(Failure::Wrong(format!(
            "the plan has the shards 0 to {}, so there is no shard {index}",
            shards - 1
        )));
    }
    let hash = plan.hash();
    let all = arguments.output.clone().unwrap_or_else(|| points::shards_folder(&arguments.plan, &hash));
    let (wanted, name) = (plan.shard(index, shards), points::shard_name(index, shards));
    let mine = Shard { plan: &plan, hash, wanted, all, name };
    if mine.is_there() {
        if !arguments.quiet {
            terminal::say(&format!("{} is there already", mine.place().display()));
        }
        return Ok(Done::Well);
    }
    let kept = arguments.plan.parent().unwrap_or(Path::new("")).join("points");
    let done = mine.compute(&kept, arguments);
    // Somebody else may have computed the same at the same time, and been faster.
    match done {
        Err(failure) if !mine.is_there() => Err(failure),
        _ => {
            if !arguments.quiet {
                terminal::say(&format!("{} points in {}", mine.wanted.len(), mine.place().display()));
            }
            Ok(Done::Well)
        }
    }
}

/// The index that the scheduler's variables say.
fn index_from(variables: &[(&str, Option<String>)]) -> Result<usize, Failure> {
    let set: Vec<(&str, &str)> =
        variables.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
    let Some(&(name, first)) = set.first() else {
        let names: Vec<&str> = variables.iter().map(|(name, _)| *name).collect();
        return Err(Failure::Wrong(format!("--index-from-env: none of {} is set", names.join(", "))));
    };
    let others = if name == VARIABLES[0] { &[][..] } else { &set };
    if let Some((other, value)) = others.iter().find(|(_, value)| *value != first) {
        return Err(Failure::Wrong(format!(
            "--index-from-env: {name} says {first} and {other} says {value}; unset one, or give the index itself"
        )));
    }
    first.trim().parse().map_err(|_| Failure::Wrong(format!("--index-from-env: {name} is {first:?}, not an index")))
}

struct Shard<'a> {
    plan: &'a SweepPlan,
    hash: String,
    /// Indices of the plan's points.
    wanted: Vec<usize>,
    /// The folder of the shards' folders.
    all: PathBuf,
    name: String,
}

impl Shard<'_> {
    fn place(&self) -> PathBuf {
        self.all.join(&self.name)
    }

    fn keys(&self) -> Vec<&str> {
        self.wanted.iter().map(|&i| self.plan.points[i].key.as_str()).collect()
    }

    fn is_there(&self) -> bool {
        points::is_sealed(&self.place(), &self.hash, &self.keys())
    }

    /// Into a folder of our own, which is then renamed. Points that earlier tries of this shard or a sweep on one
    /// machine left are used.
    fn compute(&self, kept: &Path, arguments: &ShardArguments) -> Result<(), Failure> {
        fs::create_dir_all(&self.all).map_err(|error| Failure::io("make the folder", &self.all, &error))?;
        let earlier = self.earlier();
        let staging = self.staging()?;
        let elsewhere = earlier.iter().map(|folder| folder.join("points")).chain([kept.to_path_buf()]).collect();
        let store = Points::new(staging.join("points")).with_elsewhere(elsewhere);
        sweep::compute(self.plan, &self.wanted, &store, arguments.threads, arguments.quiet)?;
        for key in self.keys() {
            if !store.has(key)
                && let Some(point) = store.get(key)
            {
                store.put(&point).map_err(Failure::World)?;
            }
        }
        points::seal(&staging, &self.hash, &self.keys())?;
        let place = self.place();
        // What lies there is of another plan or damaged, or it would have been left alone.
        if place.exists() {
            fs::remove_dir_all(&place).map_err(|error| Failure::io("remove the outdated", &place, &error))?;
        }
        fs::rename(&staging, &place).map_err(|error| Failure::io("rename into place", &place, &error))?;
        for folder in earlier {
            // Whoever may still be at work there finds the shard done.
            let _ = fs::remove_dir_all(folder);
        }
        Ok(())
    }

    fn partial(&self) -> String {
        format!(".{}.partial-", self.name)
    }

    /// What earlier tries left behind.
    fn earlier(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(&self.all) else { return vec![] };
        let is_ours =
            |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&self.partial()));
        entries.flatten().map(|entry| entry.path()).filter(is_ours).collect()
    }

    /// A new folder that nobody else has: on a shared file system numbers of processes are not unique, but making a
    /// folder is one step.
    fn staging(&self) -> Result<PathBuf, Failure> {
        for number in 0.. {
            let path = self.all.join(format!("{}{number}", self.partial()));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(path),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Failure::io("make the folder", &path, &error)),
            }
        }
        unreachable!("numbers do not end")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(values: [Option<&str>; 3]) -> Result<usize, String> {
        let set: Vec<(&str, Option<String>)> =
            VARIABLES.into_iter().zip(values.map(|value| value.map(String::from))).collect();
        index_from(&set).map_err(|failure| format!("{failure:?}"))
    }

    #[test]
    fn the_index_comes_from_whatever_scheduler_there_is() {
        assert_eq!(index([Some("7"), None, None]), Ok(7));
        assert_eq!(index([None, Some("0"), None]), Ok(0));
        assert_eq!(index([None, None, Some("12")]), Ok(12));
        assert_eq!(index([Some("3"), None, Some("3")]), Ok(3));
        assert!(index([None, None, None]).unwrap_err().contains("none of HQ_TASK_ID"));
        assert!(index([None, Some("3"), Some("4")]).unwrap_err().contains("SLURM_ARRAY_TASK_ID says 4"));
        assert_eq!(index([Some("3"), None, Some("4")]), Ok(3), "a task of HyperQueue within a job of SLURM");
        assert!(index([Some("x"), None, None]).unwrap_err().contains("not an index"));
    }
}
