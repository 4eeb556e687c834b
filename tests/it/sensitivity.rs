//! `tailback sensitivity`: what it prints and writes, and that the bars are the true ones.

use serde_json::Value;

use crate::compare::is_described;
use crate::program::{Place, SMALL};

fn bar<'a>(found: &'a Value, path: &str) -> &'a Value {
    let bars = found["figures"][0]["numbers"].as_array().expect("numbers");
    bars.iter().find(|bar| bar["path"] == path).unwrap_or_else(|| panic!("{path} is missing"))
}

#[test]
fn every_number_is_moved_and_the_strongest_stands_first() {
    let place = Place::with_small();
    let arguments = ["sensitivity", "small.toml", "--metric", "jobs.peak_backlog"];
    let ended = place.run(&arguments).with_status(0);
    let text = ended.stdout();
    assert!(ended.stderr().contains("11 points of 4 runs each"), "{}", ended.stderr());
    for part in ["What moves jobs.peak_backlog", "as the file has it", "Not moved: 1", "producer.app.spikes.at"] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let found: Value = serde_json::from_str(&place.read("output/small/sensitivity/sensitivity.json")).unwrap();
    assert_eq!((&found["verb"], &found["runs"]), (&"sensitivity".into(), &4.into()));
    // On paper (80 − 50) × 20 = 600 are behind. One worker less or more: (80 − 25) × 20 = 1,100 or (80 − 75) × 20 = 100, so a
    // bar of 1,000. The spike a fifth lower or higher: 16 × 20 = 320 either way.
    assert_eq!(found["figures"][0]["numbers"][0]["path"], "consumer.worker.replicas");
    let length = found["figures"][0]["numbers"][0]["length"].as_f64().unwrap();
    assert!((length - 1_000.0).abs() < 120.0, "{length}");
    let rate = bar(&found, "producer.app.spikes.rate");
    let up = rate["larger"]["difference"]["mean"].as_f64().unwrap();
    assert!((up - 320.0).abs() < 60.0, "{rate}");
    assert_eq!((&rate["smaller"]["to"], &rate["larger"]["to"]), (&"64/s".into(), &"96/s".into()));
    // Whole replicas move by one.
    let replicas = bar(&found, "consumer.worker.replicas");
    assert_eq!((&replicas["smaller"]["to"], &replicas["larger"]["to"]), (&"1".into(), &"3".into()));
    let listing = place.listing();
    for file in ["sensitivity.csv", "report.md", "charts/jobs_peak_backlog-sensitivity.svg"] {
        assert!(listing.contains(&format!("output/small/sensitivity/{file}")), "{file} in {listing:?}");
    }
    for (format, file) in [("json", "sensitivity.json"), ("csv", "sensitivity.csv"), ("md", "report.md")] {
        let shown = place.run(&[&arguments[..], &["--format", format, "--quiet", "--threads", "3"]].concat());
        let shown = shown.with_status(0);
        assert_eq!(shown.stdout(), place.read(&format!("output/small/sensitivity/{file}")), "{format}");
    }
}

#[test]
fn a_given_range_is_the_only_one_that_is_moved() {
    let place = Place::with_small();
    let vary = ["--vary", "consumer.worker.replicas=3..5", "--vary", "consumer.worker.failure=0.1,0.2"];
    let arguments = [&["sensitivity", "small.toml", "--format", "json"][..], &vary].concat();
    let found = place.run(&arguments).with_status(0).json();
    // The file's only objective is on dropped messages, which nothing here changes.
    assert_eq!(found["figures"][0]["figure"], "jobs.dropped");
    let bars = found["figures"][0]["numbers"].as_array().unwrap();
    assert_eq!(bars.len(), 2);
    assert!(bars.iter().all(|bar| bar["has_effect"] == false), "{bars:?}");
    assert_eq!(bar(&found, "consumer.worker.failure")["is"], "not in the file");
    assert_eq!(bar(&found, "consumer.worker.replicas")["larger"]["to"], "5");
}

#[test]
fn never_stands_above_every_number() {
    let place = Place::with_small();
    place.write("tight.toml", &SMALL.replace("rate = \"20/s\"", "rate = \"44/s\""));
    let arguments = ["sensitivity", "tight.toml", "--metric", "jobs.recovery_time", "--format", "json"];
    let found = place.run(&arguments).with_status(0).json();
    // 44/s of 50/s: a fifth more work and the backlog stays.
    let first = &found["figures"][0]["numbers"][0];
    assert!(first["larger"]["never"] == 4 || first["smaller"]["never"] == 4, "{first}");
}

#[test]
fn what_is_wrong_is_said_with_the_way_out() {
    let place = Place::with_small();
    for (arguments, said) in [
        (&["sensitivity", "small.toml", "--metric", "jobs.peak"][..], "did you mean"),
        (&["sensitivity", "small.toml", "--by", "100%"], "between 0 % and 100 %"),
        (&["sensitivity", "small.toml", "--vary", "consumer.worker.replicas=3..5:1"], "without a step"),
        (&["sensitivity", "small.toml", "--vary", "consumer.worker.replica=3..5"], "did you mean `replicas`?"),
        (&["sensitivity", "small.toml", "--vary", "consumer.worker.replicas"], "names no values"),
        (&["sensitivity", "missing.toml"], "there is no such file"),
    ] {
        let ended = place.run(arguments).with_status(2);
        assert!(ended.stderr().contains(said), "{said} in\n{}", ended.stderr());
        assert_eq!(ended.stdout(), "");
    }
}

#[test]
fn every_field_is_described() {
    let place = Place::with_small();
    place.run(&["sensitivity", "small.toml", "--quiet"]).with_status(0);
    let read = |file: &str| place.read(&format!("output/small/sensitivity/{file}"));
    is_described(&read("sensitivity.json"), &read("sensitivity.csv"));
}
