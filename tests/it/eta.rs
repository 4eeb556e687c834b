//! `tailback eta`: the worked example, what is lost, what keeps a backlog up, and the command.

use serde_json::Value;

use crate::program::{Place, repository};

/// 200 a minute in, 500 a minute out, both by the clock.
const PAPER: &str = r#"
title = "The worked example"
duration = "2h"
runs = 4

[producer.app]
to = "jobs"
rate = "200/min"
process = "constant"

[queue.jobs]

[consumer.worker]
from = "jobs"
replicas = 5
service = "600ms"
"#;

fn place(text: &str) -> Place {
    let place = Place::new();
    place.write("s.toml", text);
    place
}

#[track_caller]
fn eta(text: &str, arguments: &[&str]) -> Value {
    let all = ["eta", "s.toml", "--quiet", "--format", "json"].iter().chain(arguments);
    place(text).run(&all.copied().collect::<Vec<&str>>()).with_status(0).json()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("no number: {value}"))
}

#[track_caller]
fn close(seen: &Value, expected: f64, margin: f64) {
    let seen = number(seen);
    assert!((seen / expected - 1.0).abs() <= margin, "{seen}, by hand {expected} ± {margin}");
}

#[test]
fn fourteen_thousand_at_500_less_200_a_minute_take_46_7_minutes() {
    let json = eta(PAPER, &["--now", "jobs=14000", "--block", "5", "--blocks", "1"]);
    let jobs = |row: usize| &json["rows"][row]["components"]["jobs"];
    close(&jobs(0)["paper_s"], 2_800.0, 1e-9);
    close(&jobs(0)["fluid_s"], 2_800.0, 1e-6);
    // Gone is the ordinary backlog of a few messages, a second before none.
    close(&jobs(0)["gone_s"]["mean"], 2_800.0, 1e-3);
    assert_eq!(jobs(0)["never"], 0);
    // Ten replicas complete 1,000 a minute.
    close(&jobs(1)["paper_s"], 14_000.0 / 800.0 * 60.0, 1e-9);
    close(&jobs(1)["gone_s"]["mean"], 1_050.0, 2e-3);
    close(&jobs(1)["sooner_s"]["mean"], 1_750.0, 2e-3);
    // Nobody said how old it is: as old as it takes for so many to come, 70 minutes.
    close(&json["now"][0]["oldest_age_s"], 4_200.0, 1e-9);
    assert_eq!(json["now"][0]["age_given"], false);
}

#[test]
fn chance_gives_a_band_around_the_closed_form() {
    let text = PAPER.replace("process = \"constant\"\n", "").replace("\"600ms\"", "{ exp = \"600ms\" }");
    let json = eta(&text, &["--now", "jobs=14000@1h", "--runs", "20", "--blocks", "0"]);
    let gone = &json["rows"][0]["components"]["jobs"]["gone_s"];
    close(&gone["mean"], 2_800.0, 0.02);
    assert!(number(&gone["p05"]) < number(&gone["p50"]) && number(&gone["p50"]) < number(&gone["p95"]), "{gone}");
    // A difference of two Poisson streams of 700/min in all has a standard deviation of √(700·46.7)/300 min = 36 s.
    let width = (number(&gone["p95"]) - number(&gone["p05"])) / 2.0 / 1.645;
    assert!((18.0..72.0).contains(&width), "{gone}");
}

#[test]
fn what_is_too_old_is_lost_on_the_way() {
    let text = PAPER.replace("[queue.jobs]", "[queue.jobs]\nttl = \"10m\"");
    // Ages are spread evenly up to 20 minutes: half of it is too old already.
    let json = eta(&text, &["--now", "jobs=10000@20m", "--blocks", "0"]);
    let jobs = &json["rows"][0]["components"]["jobs"];
    let expired = number(&jobs["expired"]["mean"]);
    assert!((5_000.0..5_200.0).contains(&expired), "{expired}");
    // Of the rest 500 a minute become too old and as many are completed. After ten minutes 2,000 that came since wait,
    // and go at 300 a minute: 1,000 s in all.
    close(&jobs["gone_s"]["mean"], 1_000.0, 0.01);
}

#[test]
fn a_retry_storm_is_called_one() {
    let place = Place::new();
    let scenario = repository().join("scenarios/metastable.toml");
    let scenario = scenario.to_str().expect("a path");
    let arguments = ["eta", scenario, "--now", "requests=3000@1m", "--runs", "4", "--blocks", "0"];
    let ended = place.run(&arguments).with_status(0);
    assert!(ended.stdout().contains("They are not gone within"), "{}", ended.stdout());
    assert!(ended.stdout().contains("should drain on paper and does not"), "{}", ended.stdout());
    let json: Value = serde_json::from_str(&place.read("output/metastable/eta/eta.json")).expect("JSON");
    let requests = &json["rows"][0]["components"]["requests"];
    assert_eq!((&requests["never"], &requests["gone_s"]), (&4.into(), &Value::Null));
    // Four copies of each of 60 requests a second.
    close(&requests["publish_rate_per_s"], 240.0, 0.05);
    assert!(place.path("output/metastable/eta/charts/requests-eta.svg").exists());
}

#[test]
fn more_than_is_completed_never_drains() {
    let json = eta(&PAPER.replace("200/min", "600/min"), &["--now", "jobs=1000@1m", "--block", "5", "--blocks", "1"]);
    let jobs = |row: usize| &json["rows"][row]["components"]["jobs"];
    assert_eq!((&jobs(0)["paper_s"], &jobs(0)["never"]), (&Value::Null, &4.into()));
    close(&jobs(1)["fluid_s"], 1_000.0 / 400.0 * 60.0, 1e-6);
    // All five busy: 5 + 3·√5 are ordinary, and 988 go at 400 a minute.
    assert_eq!(json["now"][0]["gone_at_backlog"], 12);
    close(&jobs(1)["gone_s"]["mean"], 148.2, 2e-3);
}

#[test]
fn now_may_be_in_the_middle_of_a_spike() {
    let text = PAPER.replace("process =", "spikes = [{ at = \"10m\", for = \"10m\", rate = \"800/min\" }]\nprocess =");
    let without = eta(&text, &["--now", "jobs=3000@1m", "--blocks", "0"]);
    close(&without["rows"][0]["components"]["jobs"]["gone_s"]["mean"], 600.0, 0.01);
    // Five minutes of the spike are left, in which 300 a minute stay: 4,500, and 300 a minute go.
    let with = eta(&text, &["--now", "jobs=3000@1m", "--blocks", "0", "--at", "15m"]);
    close(&with["rows"][0]["components"]["jobs"]["fluid_s"], 1_200.0, 1e-3);
    close(&with["rows"][0]["components"]["jobs"]["gone_s"]["mean"], 1_200.0, 0.01);
    assert_eq!(with["at_s"], 900);
}

#[test]
fn a_group_has_its_own_lag_and_no_more_readers_than_partitions() {
    let text = PAPER
        .replace("to = \"jobs\"", "to = \"log\"")
        .replace("200/min", "1/min")
        .replace("[queue.jobs]", "[stream.log]\npartitions = 5")
        .replace("from = \"jobs\"", "from = \"log\"")
        + "\n[consumer.other]\nfrom = \"log\"\nreplicas = 5\nservice = \"10ms\"\n";
    let json = eta(&text, &["--now", "log/worker=3000@5m", "--block", "5", "--blocks", "1"]);
    let rows = |row: usize| &json["rows"][row]["components"]["log/worker"];
    // 600 in each partition, at 0.6 s; hardly anything comes.
    close(&rows(0)["gone_s"]["mean"], 360.0, 0.01);
    close(&rows(1)["gone_s"]["mean"], 360.0, 0.01);
    let notes = json["notes"].to_string();
    assert!(notes.contains("has 5 partitions: replicas beyond read nothing"), "{notes}");
}

#[test]
fn extra_replicas_have_their_price() {
    let text = PAPER.replace("replicas = 5", "replicas = 5\nprice = \"0.30/h\"");
    let json = eta(&text, &["--now", "jobs=14000@1h", "--block", "5", "--blocks", "1"]);
    assert_eq!(json["rows"][0]["extra_cost"]["mean"], 0);
    // Five replicas for 1,050 s at 0.30 an hour.
    close(&json["rows"][1]["extra_cost"]["mean"], 5.0 * 1_050.0 / 3_600.0 * 0.30, 0.01);
}

#[test]
fn what_is_not_known_widens_the_band() {
    let text = format!("{PAPER}\n[uncertain]\n\"consumer.worker.service\" = [\"500ms\", \"700ms\"]\n");
    let json = eta(&text, &["--now", "jobs=14000@1h", "--runs", "20", "--blocks", "0"]);
    let gone = &json["rows"][0]["components"]["jobs"]["gone_s"];
    // From 600 to 429 a minute out: 35 to 61 minutes.
    assert!(number(&gone["min"]) > 2_090.0 && number(&gone["max"]) < 3_680.0, "{gone}");
    assert!(number(&gone["p95"]) - number(&gone["p05"]) > 600.0, "{gone}");
}

#[test]
fn outputs_are_the_same_on_any_number_of_threads() {
    let text = PAPER.replace("process = \"constant\"\n", "").replace("\"600ms\"", "{ exp = \"600ms\" }");
    let files = ["eta.json", "eta.csv", "report.md", "charts/jobs-eta.svg"];
    let outputs = ["1", "2"].map(|threads| {
        let place = place(&text);
        place.run(&["eta", "s.toml", "--now", "jobs=2k", "--threads", threads, "--quiet"]).with_status(0);
        files.map(|file| place.read(&format!("output/s/eta/{file}")))
    });
    assert!(outputs[0] == outputs[1]);
    assert_eq!(outputs[0][1].lines().count(), 1 + 6, "a header, and the rows of no block and five");
}

/// Names of fields anywhere below; those of `components` and of `scenario` are others' to describe.
fn fields(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            for (name, inner) in entries.iter().filter(|(name, _)| !["jobs", "scenario"].contains(&name.as_str())) {
                names.push(name.clone());
                fields(inner, names);
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| fields(entry, names)),
        _ => {}
    }
}

#[test]
fn every_field_of_eta_is_described() {
    let json = eta(PAPER, &["--now", "jobs=2k", "--blocks", "1"]);
    let read = |name: &str| std::fs::read_to_string(repository().join("docs").join(name)).expect("a page");
    let pages = read("eta.md") + &read("outputs.md");
    let words: Vec<&str> = pages.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    let mut names = vec![];
    fields(&json, &mut names);
    fields(&json["rows"][1]["components"]["jobs"], &mut names);
    let missing: Vec<&String> = names.iter().filter(|name| !words.contains(&name.as_str())).collect();
    assert!(names.len() > 40 && missing.is_empty(), "{} fields; not described: {missing:?}", names.len());
}

#[test]
fn wrong_arguments_of_eta_end_with_2() {
    let place = place(&PAPER.replace("[queue.jobs]", "[queue.jobs]\ncapacity = 100"));
    for (arguments, why) in [
        (&["eta", "s.toml"][..], "--now"),
        (&["eta", "s.toml", "--now", "jobs"], "write QUEUE=COUNT"),
        (&["eta", "s.toml", "--now", "jobs=some"], "is no number of messages"),
        (&["eta", "s.toml", "--now", "jobs=5@old"], "is not a duration"),
        (&["eta", "s.toml", "--now", "job=5"], "did you mean jobs?"),
        (&["eta", "s.toml", "--now", "jobs=500"], "its capacity is 100"),
        (&["eta", "s.toml", "--now", "jobs=5", "--now", "jobs=6"], "is given twice"),
        (&["eta", "s.toml", "--now", "jobs=5", "--at", "3h"], "beyond the end"),
        (&["eta", "s.toml", "--now", "jobs=5", "--consumer", "wroker"], "did you mean worker?"),
        (&["eta", "s.toml", "--now", "jobs=5", "--block", "0"], "--block"),
        (&["eta", "missing.toml", "--now", "jobs=5"], "no such file"),
    ] {
        let ended = place.run(arguments).with_status(2);
        assert!(ended.stderr().contains(why), "{why} in\n{}", ended.stderr());
    }
    assert_eq!(place.listing(), ["s.toml"], "nothing is written");
}
