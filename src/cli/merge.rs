//! `tailback merge`: puts shards together, exactly and in any order, and names what is missing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::study::{self, PointResult, PointStore, Slice, SweepPlan};

use super::ending::{Done, Failure, Outcome};
use super::points::{self, Points};
use super::study::StudyFormat;
use super::{outputs, sweep, terminal};

/// Put the shards of a sweep together
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tailback merge output/checkout/sweep/plan.json            the shards beside the plan
  tailback merge plan.json from-cluster/ more/0003-of-0008  shards from elsewhere
  tailback merge one/ other/ --into half                    put some together, to be merged again later

A folder is one shard's, or holds shards' folders. The results are those of the same sweep on one machine.")]
pub(super) struct MergeArguments {
    /// The plan's file, and folders of shards [default: those that `tailback shard PLAN` left]
    #[arg(value_name = "PLAN|DIR", required = true)]
    paths: Vec<PathBuf>,

    /// Put the points into this new folder, complete or not, instead of making the results
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,

    /// Folder for the results, in which the scenario gets a folder of its own [default: beside the plan]
    #[arg(long, value_name = "DIR", conflicts_with = "into")]
    output: Option<PathBuf>,

    /// What goes to stdout; the files are written in any case
    #[arg(long, value_enum, default_value = "text")]
    format: StudyFormat,

    /// Say nothing on stderr but errors
    #[arg(long)]
    quiet: bool,
}

pub(super) fn merge(arguments: &MergeArguments) -> Outcome {
    let (folders, plans): (Vec<&PathBuf>, Vec<&PathBuf>) = arguments.paths.iter().partition(|path| path.is_dir());
    if let [_, second, ..] = plans[..] {
        return Err(Failure::Wrong(format!(
            "{} is a second plan; shards of one plan are put together",
            second.display()
        )));
    }
    let plan = plans.first().map(|path| Ok((*path, points::read_plan(path)?))).transpose()?;
    let beside = plan.as_ref().map(|(path, (plan, _))| points::shards_folder(path, &plan.hash()));
    let folders = match (folders.is_empty(), beside) {
        (true, Some(beside)) => vec![beside],
        _ => folders.into_iter().cloned().collect(),
    };
    let slices = slices_at(&folders)?;
    if let Some(into) = &arguments.into {
        if let Some((_, (plan, _))) = &plan {
            belongs(plan, &slices)?;
        }
        return join(&slices, into, arguments.quiet);
    }
    let Some((file, (plan, shards))) = plan else {
        return Err(Failure::Wrong(
            "the results need the plan too: `tailback merge PLAN DIR…`; or --into DIR puts the points together without it"
                .into(),
        ));
    };
    let folder = sweep::folder_of(&plan, file, arguments.output.as_ref());
    outputs::check(&folder)?;
    let all = complete(&plan, shards, &slices, file)?;
    keep(&all, &folder)?;
    sweep::finish(&plan, &Points::new(folder.join("points")), &folder, arguments.format, arguments.quiet)
}

/// What lies in the folders.
pub(super) fn slices_at(folders: &[PathBuf]) -> Result<Vec<Slice>, Failure> {
    let mut slices = vec![];
    for folder in folders {
        let found = points::sealed_at(folder);
        if found.is_empty() {
            return Err(Failure::Wrong(format!("{} has no folder of a shard", folder.display())));
        }
        for path in found {
            slices.push(points::slice(&path)?);
        }
    }
    Ok(slices)
}

fn belongs(plan: &SweepPlan, slices: &[Slice]) -> Result<(), Failure> {
    let hash = plan.hash();
    let strange: Vec<&str> =
        slices.iter().filter(|slice| slice.plan != hash).map(|slice| slice.name.as_str()).collect();
    if strange.is_empty() {
        return Ok(());
    }
    Err(Failure::Wrong(format!(
        "of another plan than this one: {}; only shards of one plan, made by one version, are put together",
        strange.join(", ")
    )))
}

/// All points of the plan, or what is missing.
pub(super) fn complete(
    plan: &SweepPlan,
    shards: usize,
    slices: &[Slice],
    file: &Path,
) -> Result<BTreeMap<String, PointResult>, Failure> {
    belongs(plan, slices)?;
    let all = study::merge(slices).map_err(|failure| Failure::Wrong(failure.to_string()))?;
    let lacking = plan.lacking(&all);
    if lacking.is_empty() {
        return Ok(all);
    }
    let mut of_shards: Vec<usize> = lacking.iter().map(|i| i % shards).collect();
    of_shards.sort_unstable();
    of_shards.dedup();
    let listed: Vec<String> = of_shards.iter().map(usize::to_string).collect();
    Err(Failure::World(format!(
        "{} of {} points are missing, of the {} {} of {shards}; `tailback shard {} {}` computes {}",
        lacking.len(),
        plan.points.len(),
        if listed.len() == 1 { "shard" } else { "shards" },
        listed.join(", "),
        file.display(),
        of_shards[0],
        if listed.len() == 1 { "it" } else { "the first of them" },
    )))
}

/// Keeps merged points where a sweep on this machine looks for them.
pub(super) fn keep(all: &BTreeMap<String, PointResult>, folder: &Path) -> Result<(), Failure> {
    let store = Points::new(folder.join("points"));
    for (key, point) in all {
        let joined = store.get(key).map_or_else(|| point.clone(), |earlier| point.clone().joined(&earlier));
        store.put(&joined).map_err(Failure::World)?;
    }
    Ok(())
}

/// One folder of all points, which can be merged again.
fn join(slices: &[Slice], into: &Path, quiet: bool) -> Outcome {
    if into.exists() {
        return Err(Failure::Wrong(format!("{} exists and is left alone; name a new folder", into.display())));
    }
    let all = study::merge(slices).map_err(|failure| Failure::Wrong(failure.to_string()))?;
    let name = into.file_name().map_or_else(|| "merged".into(), |name| name.to_string_lossy());
    let staging = into.with_file_name(format!(".{name}.partial-{}", std::process::id()));
    let store = Points::new(staging.join("points"));
    let written = all
        .values()
        .try_for_each(|point| store.put(point).map_err(Failure::World))
        .and_then(|()| {
            let plan = slices.first().map_or("", |slice| &slice.plan);
            points::seal(&staging, plan, &all.keys().map(String::as_str).collect::<Vec<_>>())
        })
        .and_then(|()| fs::rename(&staging, into).map_err(|error| Failure::io("rename into place", into, &error)));
    // What is left here is empty, or of no use to anybody.
    let _ = fs::remove_dir_all(&staging);
    written?;
    if !quiet {
        terminal::say(&format!("{} points in {}", all.len(), into.display()));
    }
    Ok(Done::Well)
}
