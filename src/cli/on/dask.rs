//! Dask: the shards are handed to a scheduler through a small driver in its own language, and collected.

use std::io::{BufRead, BufReader, ErrorKind};
use std::process::{Command, Stdio};

use super::{Failure, Job, OnArguments, Submitted, terminal, whole};
use crate::cli::progress;

const DRIVER: &str = include_str!("dask_driver.py");
const DRIVER_FILE: &str = "dask_driver.py";

/// Statuses of the driver.
const MISSING: i32 = 3;
const WRONG: i32 = 2;

/// Computes the missing shards and comes back when all are there.
pub(super) fn run(arguments: &OnArguments, job: &Job<'_>) -> Result<Submitted, Failure> {
    let to_do = job.to_do();
    if to_do.len() < job.shards && !job.quiet {
        terminal::say(&format!("{} of {} shards are there already", job.shards - to_do.len(), job.shards));
    }
    if to_do.is_empty() {
        return Ok(Submitted::Computed);
    }
    let driver = job.folder().join(DRIVER_FILE);
    whole(&driver, DRIVER)?;
    let mut command = Command::new(&arguments.python);
    command.arg(&driver).args(["--program", &arguments.program()?]).arg("--plan").arg(&job.plan_file);
    command.arg("--folder").arg(job.shards_folder());
    if let Some(scheduler) = &arguments.scheduler {
        command.args(["--scheduler", scheduler]);
    }
    if let Some(workers) = arguments.workers {
        command.args(["--workers", &workers.to_string()]);
    }
    command.args(to_do.iter().map(usize::to_string));
    // The driver ends when its standard input does: with us, however we end.
    let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = started.map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::World(format!(
            "there is no program {}; --on dask needs Python with Dask: --python names another",
            arguments.python
        )),
        _ => Failure::World(format!("cannot start {}: {error}", arguments.python)),
    })?;
    let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(Failure::World("the driver of Dask has no output".into()));
    };
    // Read meanwhile, so that a talkative driver is not held up by a full pipe.
    let said = std::thread::spawn(move || std::io::read_to_string(err).unwrap_or_default());
    let bar = progress::bar_of(&job.plan.title, "shard", to_do.len() as u64, job.quiet);
    for line in BufReader::new(out).lines().map_while(Result::ok) {
        match line.split_once(' ') {
            Some(("cluster", address)) if !job.quiet => {
                terminal::say(&format!("{} shards on Dask at {address}", to_do.len()))
            }
            Some(("done", _)) => bar.inc(1),
            _ => {}
        }
    }
    let ended = child.wait().map_err(|error| Failure::World(format!("cannot wait for {}: {error}", arguments.python)));
    bar.finish_and_clear();
    let said = said.join().unwrap_or_default();
    match ended?.code() {
        Some(0) => Ok(Submitted::Computed),
        Some(WRONG) => Err(Failure::Wrong(format!("a shard on Dask was refused: {}", tail(&said)))),
        Some(MISSING) => Err(Failure::World(format!(
            "{} has no Dask ({}); install it with: {} -m pip install \"dask[distributed]\", or name another with --python",
            arguments.python,
            tail(&said),
            arguments.python
        ))),
        status => {
            let status = status.map_or_else(|| "a signal".into(), |status| format!("status {status}"));
            Err(Failure::World(format!(
                "Dask's driver ended with {status}: {}; started again, this goes on where it stopped",
                tail(&said)
            )))
        }
    }
}

/// The last lines, in which the reason stands.
fn tail(said: &str) -> String {
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(4)..].join("\n")
}
