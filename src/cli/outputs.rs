//! The folder of outputs: written beside, then moved into place, so that a reader never sees half a file.

use std::fs;
use std::path::{Path, PathBuf};

use crate::report;

use super::ending::Failure;

/// Finds out before a long run whether the folder can be made, without making it.
pub(super) fn check(folder: &Path) -> Result<(), Failure> {
    let existing = folder.ancestors().find(|ancestor| ancestor.exists());
    match existing {
        Some(ancestor) if !ancestor.is_dir() => {
            Err(Failure::World(format!("cannot write to {}: {} is not a folder", folder.display(), ancestor.display())))
        }
        _ => Ok(()),
    }
}

/// Puts all files into `folder`, which is made where it does not exist. Charts of an earlier run that this one does not
/// draw are removed; nothing else in the folder is touched.
pub(super) fn write(folder: &Path, files: &[report::File]) -> Result<(), Failure> {
    let staging = staging_beside(folder);
    let result = stage(&staging, files).and_then(|()| move_into(&staging, folder, files));
    // What is left here is empty, or of no use to anybody.
    let _ = fs::remove_dir_all(&staging);
    result
}

/// Beside the folder, so that moving into place is a rename on the same file system; named by the process, so that two
/// do not share it.
fn staging_beside(folder: &Path) -> PathBuf {
    let name = folder.file_name().map_or_else(|| "output".into(), |name| name.to_string_lossy());
    folder.with_file_name(format!(".{name}.partial-{}", std::process::id()))
}

fn stage(staging: &Path, files: &[report::File]) -> Result<(), Failure> {
    for file in files {
        let path = staging.join(&file.path);
        make_parent(&path)?;
        fs::write(&path, &file.bytes).map_err(|error| Failure::io("write", &path, &error))?;
    }
    Ok(())
}

fn move_into(staging: &Path, folder: &Path, files: &[report::File]) -> Result<(), Failure> {
    // Only where an earlier run wrote the same kind of report are the charts known to be ours.
    let is_ours = |file: &report::File| !file.path.contains('/') && file.path.ends_with(".json");
    let known = files.iter().any(|file| is_ours(file) && folder.join(&file.path).exists());
    let earlier = if known { charts_in(folder) } else { vec![] };
    for file in files {
        let path = folder.join(&file.path);
        make_parent(&path)?;
        fs::rename(staging.join(&file.path), &path).map_err(|error| Failure::io("write", &path, &error))?;
    }
    for chart in earlier {
        if !files.iter().any(|file| folder.join(&file.path) == chart) {
            fs::remove_file(&chart).map_err(|error| Failure::io("remove the outdated", &chart, &error))?;
        }
    }
    Ok(())
}

fn charts_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder.join("charts")) else { return vec![] };
    entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "svg" || extension == "png"))
        .collect()
}

fn make_parent(path: &Path) -> Result<(), Failure> {
    let Some(parent) = path.parent() else { return Ok(()) };
    fs::create_dir_all(parent).map_err(|error| Failure::io("make the folder", parent, &error))
}
