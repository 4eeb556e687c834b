//! Engines that others run: Dask for real where it is installed, the others by what is written for them.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{REPLICAS, results, sweep};
use crate::program::{PROGRAM, Place};

const PLAN: &str = "many/small/sweep/plan.json";

#[test]
fn slurms_script_computes_the_shard_of_its_task() {
    let place = Place::with_small();
    sweep(&place, "one", &REPLICAS);
    let said = sweep(&place, "many", &[&REPLICAS[..], &["--on", "slurm", "--shards", "3", "--threads", "2"]].concat());
    assert!(said.contains("sbatch ") && said.contains("tailback merge "), "{said}");
    let script = place.read("many/small/sweep/slurm.sh");
    for line in ["#SBATCH --array=0-2", "#SBATCH --cpus-per-task=2", "#SBATCH --requeue"] {
        assert!(script.contains(line), "{line} in\n{script}");
    }
    for index in ["1", "0", "2"] {
        let mut task = Command::new("sh");
        task.arg(place.path("many/small/sweep/slurm.sh")).env("SLURM_ARRAY_TASK_ID", index);
        assert!(task.status().expect("a shell").success(), "task {index}");
    }
    place.run(&["merge", PLAN, "--format", "none"]).with_status(0);
    assert!(results(&place, "one/small/sweep") == results(&place, "many/small/sweep"));
}

#[test]
fn only_missing_shards_are_submitted_again() {
    let place = Place::with_small();
    let on = [&REPLICAS[..], &["--on", "slurm"]].concat();
    sweep(&place, "many", &on);
    place.run(&["shard", PLAN, "1"]).with_status(0);
    assert!(sweep(&place, "many", &on).contains("1 of 4 shards are there already"));
    let script = place.read("many/small/sweep/slurm.sh");
    assert!(script.contains("#SBATCH --array=0,2-3\n"), "{script}");
}

#[test]
fn hyperqueues_script_submits_the_array() {
    let place = Place::with_small();
    sweep(&place, "one", &REPLICAS);
    sweep(&place, "many", &[&REPLICAS[..], &["--on", "hyperqueue"]].concat());
    // In place of HyperQueue's client: checks what it knows, and runs what stands behind `--` for each index.
    let client = "#!/bin/sh\nset -e\nwhile [ \"$1\" != -- ]; do case \"$1\" in\n\
                  submit|--name=tailback-small-*|--array=0-3|--cpus=1|--stdout=none|--stderr=*) shift;;\n\
                  *) echo \"unknown: $1\" >&2; exit 1;; esac; done\nshift\n\
                  for index in 0 1 2 3; do HQ_TASK_ID=$index \"$@\"; done\n";
    place.write("bin/hq", client);
    let path = format!("{}:{}", place.path("bin").display(), std::env::var("PATH").unwrap_or_default());
    assert!(Command::new("chmod").arg("+x").arg(place.path("bin/hq")).status().expect("chmod").success());
    let mut submit = Command::new("sh");
    submit.arg(place.path("many/small/sweep/hyperqueue.sh")).env("PATH", path);
    assert!(submit.status().expect("a shell").success());
    place.run(&["merge", PLAN, "--format", "none"]).with_status(0);
    assert!(results(&place, "one/small/sweep") == results(&place, "many/small/sweep"));
}

#[test]
fn kubernetes_gets_an_indexed_job() {
    let place = Place::with_small();
    let on = ["--on", "kubernetes", "--image", "registry.example/tailback:1", "--claim", "results", "--workers", "2"];
    let said = sweep(&place, "many", &[&REPLICAS[..], &on].concat());
    assert!(said.contains("kubectl apply -f ") && said.contains("copy first:"), "{said}");
    let text = place.read("many/small/sweep/kubernetes.yaml");
    for line in [
        "completionMode: Indexed",
        "completions: 4",
        "parallelism: 2",
        "backoffLimitPerIndex: 3",
        "image: \"registry.example/tailback:1\"",
        "claimName: \"results\"",
        "--index-from-env",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
}

#[test]
fn a_python_without_dask_is_told_what_to_install() {
    let place = Place::with_small();
    place.write("bin/python", "#!/bin/sh\necho \"No module named 'distributed'\" >&2\nexit 3\n");
    assert!(Command::new("chmod").arg("+x").arg(place.path("bin/python")).status().expect("chmod").success());
    let dask = ["sweep", "small.toml", "--on", "dask", "--python"];
    let said = place.run(&[&dask[..], &["bin/python"], &REPLICAS].concat()).with_status(1).stderr();
    assert!(said.contains("pip install \"dask[distributed]\""), "{said}");
    let said = place.run(&[&dask[..], &["bin/none"], &REPLICAS].concat()).with_status(1).stderr();
    assert!(said.contains("there is no program bin/none"), "{said}");
}

/// The Python that has Dask: what `TAILBACK_DASK_PYTHON` names, or `python3`.
fn python_with_dask() -> Option<String> {
    let python = std::env::var("TAILBACK_DASK_PYTHON").unwrap_or_else(|_| "python3".into());
    let found = Command::new(&python).args(["-c", "import distributed"]).stderr(Stdio::null()).status();
    found.is_ok_and(|status| status.success()).then_some(python)
}

/// A scheduler and its workers, each a process of its own, ended with this value.
struct Cluster {
    scheduler: Child,
    workers: Vec<Child>,
    address: String,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for child in self.workers.iter_mut().chain([&mut self.scheduler]) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a test that waits for another process gives up some time")]
fn waited<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(120), "waited too long for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Workers without a nanny: one that is killed stays dead.
fn cluster(place: &Place, python: &str) -> Cluster {
    let start = |module: &str, arguments: &[&str]| {
        let mut command = Command::new(python);
        command.args(["-m", module, "--no-dashboard"]).args(arguments).current_dir(place.path(""));
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("Dask starts")
    };
    let scheduler = start(
        "distributed.cli.dask_scheduler",
        &["--host", "127.0.0.1", "--port", "0", "--scheduler-file", "scheduler.json"],
    );
    let address = waited("the scheduler", || {
        let text = fs::read_to_string(place.path("scheduler.json")).ok()?;
        let known: Value = serde_json::from_str(&text).ok()?;
        known["address"].as_str().map(String::from)
    });
    let worker = || start("distributed.cli.dask_worker", &[address.as_str(), "--no-nanny", "--nthreads", "1"]);
    Cluster { workers: vec![worker(), worker()], scheduler, address }
}

fn shards_there(place: &Place) -> usize {
    let below = place.path("many/small/sweep/shards");
    let entries = |path: PathBuf| fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    entries(below).flat_map(entries).filter(|path| path.join("shard.json").exists()).count()
}

#[test]
fn a_sweep_on_dask_with_a_worker_killed_is_the_sweep_of_one_machine() {
    let Some(python) = python_with_dask() else {
        println!("SKIPPED: no Dask here; pip install \"dask[distributed]\", or name a Python in TAILBACK_DASK_PYTHON");
        return;
    };
    let place = Place::with_small();
    let long =
        ["--runs", "60", "--vary", "consumer.worker.replicas=1..4:1", "--vary", "producer.app.rate=15/s..20/s:1/s"];
    sweep(&place, "one", &long);
    let mut cluster = cluster(&place, &python);
    let mut command = Command::new(PROGRAM);
    command.args(["sweep", "small.toml", "--output", "many", "--format", "none"]).args(long);
    command.args(["--on", "dask", "--scheduler", &cluster.address, "--python", &python]).current_dir(place.path(""));
    let mut driven = command.stderr(Stdio::piped()).spawn().expect("the program starts");
    waited("the first shards", || (shards_there(&place) >= 2).then_some(()));
    let there = shards_there(&place);
    cluster.workers[0].kill().expect("a worker can be killed");
    let ended = driven.wait().expect("it ends");
    let said = std::io::read_to_string(driven.stderr.take().expect("its errors")).unwrap_or_default();
    assert!(ended.success(), "{said}");
    println!("a worker was killed when {there} of 24 shards were there");
    assert!(there < 24, "killed too late to show anything");
    assert!(results(&place, "one/small/sweep") == results(&place, "many/small/sweep"));
    // All shards are there: nothing is left to submit, whoever asks.
    drop(cluster);
    let more = ["--on", "dask", "--scheduler", "tcp://127.0.0.1:1", "--python", &python];
    assert!(sweep(&place, "many", &[&long[..], &more].concat()).contains("24 of 24 shards are there already"));
}
