//! Interrupted and gone on with; points shared between sweeps.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{REPLICAS, results, sweep};
use crate::program::{PROGRAM, Place};

/// Twelve points, some tenths of a second each.
const LONG: [&str; 6] =
    ["--runs", "60", "--vary", "consumer.worker.replicas=1..6:1", "--vary", "producer.app.rate=15/s,20/s"];

fn whole_points(place: &Place, folder: &str) -> usize {
    let Ok(entries) = fs::read_dir(place.path(folder)) else { return 0 };
    entries.flatten().filter(|entry| !entry.file_name().to_string_lossy().starts_with('.')).count()
}

/// Starts the sweep, and kills it when so many points are there and `after` has gone by.
#[expect(clippy::disallowed_methods, reason = "a test that waits for another process gives up some time")]
fn killed(place: &Place, points: usize, after: Duration) -> usize {
    let mut child = Command::new(PROGRAM)
        .args(["sweep", "small.toml", "--output", "killed", "--format", "none", "--threads", "1"])
        .args(LONG)
        .current_dir(place.path(""))
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let start = Instant::now();
    while whole_points(place, "killed/small/sweep/points") < points && start.elapsed() < Duration::from_secs(120) {
        std::thread::sleep(Duration::from_millis(2));
    }
    std::thread::sleep(after);
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    whole_points(place, "killed/small/sweep/points")
}

#[test]
fn a_sweep_killed_at_a_random_moment_and_resumed_equals_one_that_was_not() {
    let place = Place::with_small();
    sweep(&place, "whole", &LONG);
    // Somewhere within the third point, at another moment in each run of this test; and once more within the seventh.
    let moment = Duration::from_micros(u64::from(std::process::id()) * 7_919 % 30_000);
    let there = killed(&place, 2, moment);
    assert!((2..12).contains(&there), "{there} points when it was killed");
    assert!(!place.path("killed/small/sweep/sweep.csv").exists(), "no results of half a sweep");
    let before = stamps(&place);
    let again = killed(&place, there + 3, moment);
    assert!(again < 12, "{again} points when it was killed again");
    let said = sweep(&place, "killed", &LONG);
    assert!(said.contains(&format!("{again} of 12 points are there already")), "{said}");
    assert!(results(&place, "whole/small/sweep") == results(&place, "killed/small/sweep"));
    let after = stamps(&place);
    assert!(before.iter().all(|stamp| after.contains(stamp)), "what was there was not computed again");
}

/// Names of the points with the times at which they were written.
fn stamps(place: &Place) -> Vec<(String, std::time::SystemTime)> {
    let entries = fs::read_dir(place.path("killed/small/sweep/points")).expect("points").flatten();
    let stamp = |entry: fs::DirEntry| {
        let written = entry.metadata().expect("its data").modified().expect("its time");
        (entry.file_name().to_string_lossy().into_owned(), written)
    };
    entries.filter(|entry| !entry.file_name().to_string_lossy().starts_with('.')).map(stamp).collect()
}

#[test]
fn sweeps_share_their_points() {
    let place = Place::with_small();
    sweep(&place, "output", &REPLICAS);
    let two = ["--vary", "producer.app.rate=20/s,30/s", "--vary", "consumer.worker.replicas=2,3"];
    assert!(!sweep(&place, "output", &two).contains("already"), "the file says 20/s without being told");
    let set = ["--set", "producer.app.rate=20/s", "--vary", "consumer.worker.replicas=2..4:1"];
    assert!(sweep(&place, "output", &set).contains("2 of 3 points are there already"));
    // The order of knobs is no reason to compute again, and neither is another figure of those measured anyway.
    let turned = ["--vary", "consumer.worker.replicas=2,3", "--vary", "producer.app.rate=20/s,30/s"];
    assert!(sweep(&place, "output", &turned).contains("4 of 4"));
    assert!(sweep(&place, "output", &[&turned[..], &["--metric", "jobs.latency.p99"]].concat()).contains("4 of 4"));
    // Another seed or number of runs is another point; so is a changed file.
    assert!(!sweep(&place, "output", &[&REPLICAS[..], &["--seed", "8"]].concat()).contains("already"));
    place.write("small.toml", &crate::program::SMALL.replace("40ms", "41ms"));
    assert!(!sweep(&place, "output", &REPLICAS).contains("already"));
}

#[test]
fn another_figure_is_computed_once_and_leaves_no_trace() {
    let place = Place::with_small();
    let wait = [&REPLICAS[..], &["--metric", "jobs.wait.p90"]].concat();
    sweep(&place, "plain", &REPLICAS);
    sweep(&place, "both", &wait);
    assert!(sweep(&place, "both", &wait).contains("4 of 4"));
    assert!(sweep(&place, "both", &REPLICAS).contains("4 of 4"));
    let without_points = |folder| {
        let mut all = results(&place, folder);
        all.retain(|name, _| !name.starts_with("points/"));
        all
    };
    assert!(without_points("plain/small/sweep") == without_points("both/small/sweep"));
    assert!(sweep(&place, "plain", &wait).is_empty() || !sweep(&place, "plain", &wait).contains("0 of 4"));
    assert!(
        results(&place, "plain/small/sweep") == {
            sweep(&place, "both", &wait);
            results(&place, "both/small/sweep")
        }
    );
}

#[test]
fn a_damaged_point_is_computed_again() {
    let place = Place::with_small();
    sweep(&place, "output", &REPLICAS);
    let good = results(&place, "output/small/sweep");
    let (name, bytes) = good.iter().find(|(name, _)| name.starts_with("points/")).expect("a point");
    fs::write(place.path("output/small/sweep").join(name), &bytes[..bytes.len() / 2]).expect("written");
    assert!(sweep(&place, "output", &REPLICAS).contains("3 of 4 points are there already"));
    assert!(results(&place, "output/small/sweep") == good);
}
