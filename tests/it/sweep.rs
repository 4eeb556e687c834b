//! Sweeps: their truth, their files, and that nobody can tell how they were computed.

mod cluster;
mod resumed;
mod shards;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{Place, files_below};

/// Four points over a spike of 80/s on workers of 25/s each.
const REPLICAS: [&str; 2] = ["--vary", "consumer.worker.replicas=1..4:1"];

/// Everything below a folder of results but what only one way of computing leaves behind, by path.
fn results(place: &Place, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let folder = place.path(folder);
    let name = |path: &Path| path.strip_prefix(&folder).expect("below").display().to_string();
    let all = files_below(&folder).into_iter().map(|path| (name(&path), fs::read(&path).expect("a file")));
    all.filter(|(name, _)| {
        ["sweep.json", "sweep.csv", "report.md", "charts/", "points/"].iter().any(|ours| name.starts_with(ours))
    })
    .collect()
}

fn sweep(place: &Place, output: &str, more: &[&str]) -> String {
    let arguments = [&["sweep", "small.toml", "--output", output, "--format", "none"], more].concat();
    place.run(&arguments).with_status(0).stderr()
}

/// `value` of a figure by the text of the first knob.
fn values(json: &Value, knob: &str, figure: &str) -> BTreeMap<String, Option<f64>> {
    let points = json["points"].as_array().expect("points");
    let value = |point: &Value| {
        let text = point["settings"][knob].as_str().expect("a setting").to_string();
        (text, point["figures"][figure]["value"].as_f64())
    };
    points.iter().map(value).collect()
}

#[test]
fn a_spike_leaves_behind_what_the_workers_do_not_do() {
    let place = Place::with_small();
    let json = place.run(&[&["sweep", "small.toml", "--format", "json", "--runs", "10"], &REPLICAS[..]].concat());
    let json = json.with_status(0).json();
    let peaks = values(&json, "consumer.worker.replicas", "jobs.peak_backlog");
    // 20 s of 80/s less 25/s a worker; a Poisson spike of 1,600 varies by 40, one run in ten by 13.
    for (workers, expected) in [("1", 1_100.0), ("2", 600.0), ("3", 100.0)] {
        let peak = peaks[workers].expect("a peak");
        assert!((peak - expected).abs() < 60.0, "{workers} workers: {peak}, not about {expected}");
    }
    assert!(peaks["4"].expect("a peak") < 40.0, "100/s is more than comes");
}

#[test]
fn a_point_is_what_a_run_with_its_settings_says() {
    let place = Place::with_small();
    let json = place.run(&[&["sweep", "small.toml", "--format", "json"], &REPLICAS[..]].concat()).with_status(0).json();
    let run = place.run(&["run", "small.toml", "--format", "json", "--set", "consumer.worker.replicas=3"]);
    let run = run.with_status(0).json();
    let jobs = &run["components"]["jobs"];
    let of = |figure| values(&json, "consumer.worker.replicas", figure)["3"];
    assert_eq!(of("jobs.peak_backlog"), jobs["peak_backlog"]["mean"].as_f64());
    assert_eq!(of("jobs.latency.p99"), jobs["latency_s"]["p99"].as_f64());
    assert_eq!(of("jobs.recovery_time"), jobs["recovery_time_s"]["mean"].as_f64());
}

#[test]
fn a_sweep_writes_a_table_and_a_chart_of_each_figure() {
    let place = Place::with_small();
    let ended = place.run(&[&["sweep", "small.toml"], &REPLICAS[..]].concat()).with_status(0);
    for text in ["consumer.worker.", "replicas", "recovery_time", "never", "hold"] {
        assert!(ended.stdout().contains(text), "{text} in\n{}", ended.stdout());
    }
    let csv = place.read("output/small/sweep/sweep.csv");
    let header = csv.lines().next().expect("a header");
    assert!(header.starts_with("consumer.worker.replicas,figure,unit,value,ci95_low,ci95_high,p05,"), "{header}");
    assert_eq!(csv.lines().filter(|line| line.contains(",jobs.peak_backlog,count,")).count(), 4);
    let listing = place.listing();
    for file in ["report.md", "sweep.json", "charts/jobs-peak_backlog.svg", "charts/jobs-recovery_time.png"] {
        assert!(listing.contains(&format!("output/small/sweep/{file}")), "{file} in {listing:?}");
    }
    assert!(!listing.iter().any(|name| name.contains("partial")), "{listing:?}");
}

#[test]
fn two_knobs_make_a_map_and_three_a_table() {
    let place = Place::with_small();
    let more = ["--vary", "producer.app.rate=10/s,20/s", "--vary", "queue.jobs.broker=generic,rabbitmq"];
    let metric = ["--metric", "jobs.peak_backlog", "--runs", "1"];
    let ended = place.run(&[&["sweep", "small.toml", "--format", "csv"], &REPLICAS[..], &more, &metric].concat());
    assert_eq!(ended.with_status(0).stdout().matches("jobs.peak_backlog").count(), 16);
    assert!(!place.listing().iter().any(|name| name.contains("/charts/")), "three knobs");
    place
        .run(&[&["sweep", "small.toml", "--format", "none"], &REPLICAS[..], &more[..2], &metric].concat())
        .with_status(0);
    let svg = place.read("output/small/sweep/charts/jobs-peak_backlog.svg");
    for text in ["consumer.worker.replicas", "producer.app.rate", "20/s"] {
        assert!(svg.contains(text), "{text}");
    }
}

#[test]
fn a_run_that_never_recovers_has_no_number() {
    let place = Place::with_small();
    let slow = ["--set", "consumer.worker.service.mean=100ms", "--format", "json"];
    let json = place.run(&[&["sweep", "small.toml"], &slow[..], &REPLICAS[..]].concat()).with_status(0).json();
    let recovery = values(&json, "consumer.worker.replicas", "jobs.recovery_time");
    assert_eq!(recovery["1"], None, "10/s is less than 20/s");
    assert!(recovery["4"].is_some(), "40/s is more than 20/s");
    let svg = place.read("output/small/sweep/charts/jobs-recovery_time.svg");
    assert!(svg.contains("runs that never recover"));
}

#[test]
fn threads_do_not_show() {
    let place = Place::with_small();
    sweep(&place, "one", &[&REPLICAS[..], &["--threads", "1"]].concat());
    sweep(&place, "three", &[&REPLICAS[..], &["--threads", "3"]].concat());
    assert!(results(&place, "one/small/sweep") == results(&place, "three/small/sweep"));
}

#[test]
fn what_is_wrong_is_said_before_anything_runs() {
    let place = Place::with_small();
    let refused = |more: &[&str]| {
        let ended = place.run(&[&["sweep", "small.toml"], more].concat()).with_status(2);
        assert!(ended.stdout().is_empty());
        ended.stderr()
    };
    for (arguments, said) in [
        (&["--vary", "consumer.worker.replicas=1..5"][..], "without a step"),
        (&["--vary", "consumer.workr.replicas=1,2"], "did you mean `worker`?"),
        (&["--vary", "consumer.worker.replicas=1,-2"], "-2"),
        (&["--vary", "consumer.worker.service.mean=40ms,0.04s"], "changes nothing"),
        (&["--vary", "consumer.worker.replicas=2,2"], "has the value 2 twice"),
        (&["--vary", "consumer.worker.replicas=2", "--metric", "jobs.lag"], "--metric jobs.lag"),
        (&["--vary", "consumer.worker.replicas=2", "--on", "slurm", "--image", "x"], "--image is for --on kubernetes"),
        (&["--vary", "consumer.worker.replicas=2", "--on", "kubernetes"], "needs --claim"),
        (&["--vary", "consumer.worker.replicas=2", "--scheduler", "tcp://x:1"], "--on"),
        (&["--vary", "consumer.worker.replicas=2,3", "--shards", "3"], "more than the 2 points"),
    ] {
        let stderr = refused(arguments);
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
    }
    assert!(!place.path("output/small/sweep/sweep.csv").exists());
}

#[test]
fn a_knob_that_another_setting_rules_is_refused() {
    let place = Place::with_small();
    let scaled = format!(
        "{}[consumer.worker.scaling]\npolicy = \"hpa\"\nmin = 1\nmax = 4\ntarget = 100\n",
        crate::program::SMALL
    );
    place.write("small.toml", &scaled);
    let said = place.run(&[&["sweep", "small.toml"], &REPLICAS[..]].concat()).with_status(2).stderr();
    assert!(said.contains("consumer.worker.replicas is overridden by consumer.worker.scaling"), "{said}");
}

#[test]
fn tied_values_move_together() {
    let place = Place::with_small();
    let tie = ["--tie", "consumer.worker.replicas=consumer.worker.concurrency", "--format", "json"];
    let json = place.run(&[&["sweep", "small.toml"], &REPLICAS[..], &tie].concat()).with_status(0).json();
    let both = ["--set", "consumer.worker.replicas=3", "--set", "consumer.worker.concurrency=3", "--format", "json"];
    let run = place.run(&[&["run", "small.toml"], &both[..]].concat()).with_status(0).json();
    let peak = values(&json, "consumer.worker.replicas", "jobs.peak_backlog")["3"];
    assert_eq!(peak, run["components"]["jobs"]["peak_backlog"]["mean"].as_f64());
    let wrong = ["sweep", "small.toml", "--tie", "consumer.worker.concurrency=consumer.worker.replicas"];
    let said = place.run(&[&wrong[..], &REPLICAS].concat()).with_status(2).stderr();
    assert!(said.contains("consumer.worker.concurrency is not varied") && said.contains("is varied"), "{said}");
}
