//! Where points of sweeps lie: a file each, whole or not there, and the folders of shards.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::study::{PointResult, PointStore, Slice, SweepPlan};

use super::ending::Failure;

/// A folder of points, and others in which a point may be found.
pub(super) struct Points {
    folder: PathBuf,
    elsewhere: Vec<PathBuf>,
}

impl Points {
    pub(super) fn new(folder: PathBuf) -> Points {
        Points { folder, elsewhere: vec![] }
    }

    pub(super) fn with_elsewhere(self, elsewhere: Vec<PathBuf>) -> Points {
        Points { elsewhere, ..self }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        read_point(&self.folder, key).is_some()
    }
}

fn file_of(folder: &Path, key: &str) -> PathBuf {
    folder.join(format!("{key}.json"))
}

/// A file that cannot be read is no point: it is computed again and written over.
fn read_point(folder: &Path, key: &str) -> Option<PointResult> {
    let text = fs::read_to_string(file_of(folder, key)).ok()?;
    PointResult::from_json(&text).ok().filter(|point| point.key == key)
}

impl PointStore for Points {
    fn get(&self, key: &str) -> Option<PointResult> {
        let mut folders = std::iter::once(&self.folder).chain(&self.elsewhere);
        folders.find_map(|folder| read_point(folder, key))
    }

    fn put(&self, point: &PointResult) -> Result<(), String> {
        let place = file_of(&self.folder, &point.key);
        // Named by the process, so that two that compute the same do not write into one file.
        let beside = self.folder.join(format!(".{}.partial-{}", point.key, std::process::id()));
        let written = fs::create_dir_all(&self.folder)
            .and_then(|()| fs::write(&beside, point.to_json()))
            .and_then(|()| fs::rename(&beside, &place));
        written.map_err(|error| format!("cannot write {}: {error}", place.display()))
    }
}

/// What a folder of points belongs to.
const MANIFEST: &str = "shard.json";

/// Says that a folder holds these points of the plan. Written last, so that a folder with it is whole.
pub(super) fn seal(folder: &Path, plan: &str, keys: &[&str]) -> Result<(), Failure> {
    let all = json!({
        "schema_version": 1,
        "tool": format!("tailback {}", env!("CARGO_PKG_VERSION")),
        "plan": plan,
        "points": keys,
    });
    let path = folder.join(MANIFEST);
    fs::write(&path, format!("{all:#}\n")).map_err(|error| Failure::io("write", &path, &error))
}

/// The plan's hash and the points' keys of a sealed folder; `None` where it is none.
fn manifest(folder: &Path) -> Option<(String, Vec<String>)> {
    let all: Value = serde_json::from_str(&fs::read_to_string(folder.join(MANIFEST)).ok()?).ok()?;
    let keys = all["points"].as_array()?.iter().map(|key| key.as_str().map(String::from)).collect::<Option<_>>()?;
    Some((all["plan"].as_str()?.into(), keys))
}

/// Whether the folder holds all these points of the plan.
pub(super) fn is_sealed(folder: &Path, plan: &str, keys: &[&str]) -> bool {
    let points = folder.join("points");
    manifest(folder)
        .is_some_and(|(hash, held)| hash == plan && keys.iter().all(|key| held.iter().any(|one| one == key)))
        && keys.iter().all(|key| read_point(&points, key).is_some())
}

/// Reads a folder that a shard or a merge left.
pub(super) fn slice(folder: &Path) -> Result<Slice, Failure> {
    let name = folder.display().to_string();
    let Some((plan, keys)) = manifest(folder) else {
        return Err(Failure::Wrong(format!("{name} is no folder of a shard: it has no {MANIFEST} that can be read")));
    };
    let points = folder.join("points");
    let read = |key: &String| {
        read_point(&points, key).ok_or_else(|| {
            Failure::World(format!("{name}: the point {key:.12}… is missing or damaged; run its shard again"))
        })
    };
    Ok(Slice { points: keys.iter().map(read).collect::<Result<_, _>>()?, name, plan })
}

/// The sealed folders at a path: itself, or those right below it.
pub(super) fn sealed_at(path: &Path) -> Vec<PathBuf> {
    if path.join(MANIFEST).exists() {
        return vec![path.into()];
    }
    let Ok(entries) = fs::read_dir(path) else { return vec![] };
    let mut found: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.join(MANIFEST).exists()).collect();
    // Those that begin with a dot are not whole yet.
    found.retain(|path| path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.')));
    found.sort();
    found
}

/// Where the shards of a plan lie: shards of another plan have another folder.
pub(super) fn shards_folder(plan_file: &Path, hash: &str) -> PathBuf {
    plan_file.parent().unwrap_or(Path::new("")).join("shards").join(&hash[..12])
}

/// `0003-of-0008`
pub(super) fn shard_name(index: usize, of: usize) -> String {
    format!("{index:04}-of-{of:04}")
}

/// Shards of the plan that have no whole folder in `folder`.
pub(super) fn shards_to_do(plan: &SweepPlan, shards: usize, folder: &Path) -> Vec<usize> {
    let hash = plan.hash();
    let is_there = |index: &usize| {
        let keys: Vec<&str> = plan.shard(*index, shards).iter().map(|&i| plan.points[i].key.as_str()).collect();
        is_sealed(&folder.join(shard_name(*index, shards)), &hash, &keys)
    };
    (0..shards).filter(|index| !is_there(index)).collect()
}

/// Reads a plan's file.
pub(super) fn read_plan(path: &Path) -> Result<(SweepPlan, usize), Failure> {
    let name = path.display();
    let text = fs::read_to_string(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::Wrong(format!("{name}: there is no such plan")),
        std::io::ErrorKind::InvalidData => Failure::Wrong(format!("{name} is not text, so it is no plan")),
        _ => Failure::io("read", path, &error),
    })?;
    SweepPlan::from_json(&text).map_err(|why| Failure::Wrong(format!("{name}: {why}")))
}
