//! `tailback compare`: what it prints and writes, and that its differences are the true ones.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::program::{Place, SMALL, repository};

fn difference<'a>(found: &'a Value, figure: &str, variant: &str) -> &'a Value {
    let figures = found["figures"].as_array().expect("figures");
    let one = figures.iter().find(|one| one["figure"] == figure).unwrap_or_else(|| panic!("{figure} is missing"));
    let all = one["differences"].as_array().expect("differences");
    all.iter().find(|one| one["variant"] == variant).unwrap_or_else(|| panic!("{variant} is missing"))
}

#[test]
fn variants_of_a_file_are_compared_and_written() {
    let place = Place::with_small();
    let arguments = ["compare", "small.toml", "--with", "more: consumer.worker.replicas=4"];
    let ended = place.run(&arguments).with_status(0);
    let text = ended.stdout();
    for part in [
        "more against small",
        "the backlog of jobs peaks",
        "messages lower",
        "95 % interval",
        "4 runs of 3m each",
        "the same",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let listing = place.listing();
    for file in ["compare.json", "compare.csv", "report.md", "charts/jobs-backlog.svg", "charts/jobs-distribution.png"]
    {
        assert!(listing.contains(&format!("output/small/compare/{file}")), "{file} in {listing:?}");
    }
    assert!(!listing.iter().any(|name| name.contains("partial") || name.ends_with("summary.json")), "{listing:?}");
    let chart = place.read("output/small/compare/charts/jobs-backlog.svg");
    assert!(chart.contains("\nmore\n") && chart.contains("\nsmall\n"), "the legend has the variants' names");
    // Each format is what the file says.
    for (format, file) in [("json", "compare.json"), ("csv", "compare.csv"), ("md", "report.md")] {
        let shown = place.run(&[&arguments[..], &["--format", format, "--quiet"]].concat()).with_status(0);
        assert_eq!(shown.stdout(), place.read(&format!("output/small/compare/{file}")), "{format}");
        assert_eq!(shown.stderr(), "");
    }
    let shown = place.run(&[&arguments[..], &["--format", "none", "--quiet"]].concat()).with_status(0);
    assert_eq!(shown.stdout(), "");
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let place = Place::with_small();
    place.write("other.toml", &SMALL.replace("replicas = 2", "replicas = 3").replace("runs = 4", "runs = 6"));
    let of = |threads: &str| {
        let arguments = ["compare", "small.toml", "other.toml", "--threads", threads, "--output", threads, "--quiet"];
        place.run(&arguments).with_status(0);
    };
    of("1");
    of("3");
    let of = |folder: &str| {
        let names =
            place.listing().into_iter().filter_map(|name| name.strip_prefix(&format!("{folder}/")).map(String::from));
        names.map(|name| (name.clone(), fs::read(place.path(&format!("{folder}/{name}"))).unwrap())).collect::<Vec<_>>()
    };
    assert!(of("1").len() > 5 && of("1") == of("3"));
    let found: Value = serde_json::from_str(&place.read("1/small/compare/compare.json")).unwrap();
    assert_eq!((&found["runs"], &found["verb"]), (&4.into(), &"compare".into()));
    assert!(found["notes"][0].as_str().unwrap().contains("4 runs of each"), "{}", found["notes"]);
}

/// By hand: constant arrivals of 40/s for 30 s at workers of 100 ms. Two do 20/s and leave 20 × 30 = 600 behind, which
/// they work off at 20 − 10 = 10/s in 60 s; three do 30/s, leave 300, and need 300 ÷ (30 − 10) = 15 s.
#[test]
fn a_difference_without_chance_is_the_one_on_paper() {
    let place = Place::new();
    place.write(
        "paper.toml",
        "duration = \"5m\"\nruns = 3\n[producer.p]\nto = \"q\"\nrate = \"10/s\"\nprocess = \"constant\"\n\
         spikes = [{ at = \"1m\", for = \"30s\", rate = \"40/s\" }]\n[queue.q]\nhold = \"1s\"\n\
         [consumer.w]\nfrom = \"q\"\nreplicas = 2\nservice = \"100ms\"\n",
    );
    let arguments = ["compare", "paper.toml", "--with", "three: consumer.w.replicas=3", "--format", "json"];
    let found = place.run(&arguments).with_status(0).json();
    let recovery = difference(&found, "q.recovery_time", "three");
    let mean = recovery["difference"]["mean"].as_f64().unwrap();
    assert!((mean - (15.0 - 60.0)).abs() < 0.2, "{recovery}");
    assert_eq!(recovery["difference"]["ci95"][0], recovery["difference"]["ci95"][1]);
    assert!(recovery["sentence"].as_str().unwrap().contains("sooner, in every run alike"), "{recovery}");
    let peak = difference(&found, "q.peak_backlog", "three")["difference"]["mean"].as_f64().unwrap();
    assert!((peak + 300.0).abs() <= 3.0, "{peak}");
    assert!(recovery["variance_reduction"].is_null() && recovery["certainty"] == "clear", "{recovery}");
}

#[test]
fn a_recovery_that_never_comes_is_counted_in_words_and_numbers() {
    let place = Place::with_small();
    // 25/s is less than what arrives.
    let slow = "slow: consumer.worker.service.mean=100ms";
    let ended = place.run(&["compare", "small.toml", "--with", slow, "--set", "producer.app.rate=24/s"]).with_status(0);
    let text = ended.stdout().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("jobs never recovers in any of 4 runs, with small it does in 4"), "{text}");
    let found: Value = serde_json::from_str(&place.read("output/small/compare/compare.json")).unwrap();
    let recovery = difference(&found, "jobs.recovery_time", "slow");
    assert_eq!((&recovery["runs"]["first_only"], &recovery["difference"]), (&4.into(), &Value::Null));
}

#[test]
fn an_slo_of_any_variant_decides_the_status_and_stands_beside_the_others() {
    let place = Place::with_small();
    let text = SMALL.replace("jobs.dropped == 0", "jobs.peak_backlog < 700");
    place.write("small.toml", &text);
    let slow = ["compare", "small.toml", "--with", "slow: consumer.worker.service.mean=90ms", "--quiet"];
    let ended = place.run(&slow).with_status(99);
    let row = ended.stdout().lines().find(|line| line.contains("jobs.peak_backlog < 700")).unwrap().to_string();
    assert!(row.contains('✓') && row.contains('✗'), "{row}");
}

#[test]
fn what_is_wrong_is_said_with_the_way_out() {
    let place = Place::with_small();
    place.write("other.toml", SMALL);
    for (arguments, said) in [
        (&["compare", "small.toml"][..], "alone is nothing to compare"),
        (
            &["compare", "small.toml", "other.toml", "--with", "consumer.worker.replicas=3"],
            "--with makes variants of one",
        ),
        (&["compare", "small.toml", "--with", "fast"], "sets nothing"),
        (&["compare", "small.toml", "--with", "small: consumer.worker.replicas=3"], "two variants are called"),
        (&["compare", "small.toml", "--with", "x: consumer.worker.replica=3"], "did you mean `replicas`?"),
        (&["compare", "small.toml", "missing.toml"], "there is no such file"),
    ] {
        let ended = place.run(arguments).with_status(2);
        assert!(ended.stderr().contains(said), "{said} in\n{}", ended.stderr());
        assert_eq!(ended.stdout(), "");
    }
    // All variants' mistakes at once.
    let two = ["compare", "small.toml", "--with", "a: queue.jobs.ttl=5", "--with", "b: consumer.worker.replicas=x"];
    let said = place.run(&two).with_status(2).stderr();
    assert!(said.contains("queue.jobs.ttl=5") && said.contains("consumer.worker.replicas=x"), "{said}");
}

/// Names of fields anywhere in a value; the settings' are paths that the user chose.
pub(crate) fn fields(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(entries) => {
            for (key, inner) in entries {
                names.insert(key.clone());
                if key != "settings" {
                    fields(inner, names);
                }
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| fields(entry, names)),
        _ => {}
    }
}

/// Every field of a study's JSON and column of its CSV stands on the page of outputs.
pub(crate) fn is_described(json: &str, csv: &str) {
    let page = fs::read_to_string(repository().join("docs/outputs.md")).expect("the page");
    let words: BTreeSet<&str> = page.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    let mut names: BTreeSet<String> = csv.lines().next().unwrap().split(',').map(String::from).collect();
    fields(&serde_json::from_str(json).expect("JSON"), &mut names);
    let missing: Vec<&String> = names.iter().filter(|name| !words.contains(name.as_str())).collect();
    assert!(names.len() > 20 && missing.is_empty(), "not described: {missing:?}");
}

#[test]
fn every_field_is_described() {
    let place = Place::with_small();
    place.run(&["compare", "small.toml", "--with", "consumer.worker.replicas=4", "--quiet"]).with_status(0);
    let read = |file: &str| place.read(&format!("output/small/compare/{file}"));
    is_described(&read("compare.json"), &read("compare.csv"));
}
