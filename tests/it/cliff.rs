//! `tailback cliff`: tipping points known by hand, and the map.

use serde_json::Value;

use crate::compare::is_described;
use crate::program::{Place, SMALL};

/// 2 × 25/s against a spike of r/s for 20 s and 20/s then: it is down to 50 by the end at 3 min if (r − 50) · 20 − 50 is
/// less than the 30/s · 100 s that are worked off, so for r up to 202/s.
fn undisturbed() -> String {
    SMALL
        .replace("slo = [\"jobs.dropped == 0\"]\n", "")
        .replace("service = { exp = \"40ms\" }", "service = \"40ms\"")
        .replace("[queue.jobs]", "[queue.jobs]\nrecovered_when = \"backlog <= 50\"")
}

#[test]
fn the_tipping_point_is_the_one_by_hand() {
    let place = Place::new();
    place.write("small.toml", &undisturbed());
    let vary = "producer.app.spikes.rate=50/s..450/s";
    let arguments = ["cliff", "small.toml", "--vary", vary, "--runs", "12"];
    let ended = place.run(&arguments).with_status(0);
    let text = ended.stdout();
    assert!(text.contains("every run survives up to") && text.contains("It tips at"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let json: Value = serde_json::from_str(&place.read("output/small/cliff/cliff.json")).unwrap();
    is_described(&place.read("output/small/cliff/cliff.json"), &place.read("output/small/cliff/cliff.csv"));
    let tipping = json["tipping_point"].as_f64().unwrap();
    let (low, high) = (json["tipping_ci95"][0].as_f64().unwrap(), json["tipping_ci95"][1].as_f64().unwrap());
    // A run's Poisson counts of some 4,000 and 2,000 have a standard
    // deviation of about 75 messages, or 4/s of the spike.
    assert!((192.0..=208.0).contains(&tipping), "{tipping}");
    assert!(low <= tipping && tipping <= high && high - low < 15.0, "{low} {tipping} {high}");
    assert!(json["survived_up_to"].as_f64().unwrap() <= low, "{json}");
    assert!(json["lost_from"].as_f64().unwrap() >= high, "{json}");
    let listing = place.listing();
    for file in ["cliff.json", "cliff.csv", "report.md", "charts/survival.svg", "charts/survival.png"] {
        assert!(listing.contains(&format!("output/small/cliff/{file}")), "{file} in {listing:?}");
    }
    for (format, file) in [("json", "cliff.json"), ("csv", "cliff.csv"), ("md", "report.md")] {
        let shown = place.run(&[&arguments[..], &["--format", format, "--quiet", "--threads", "3"]].concat());
        let shown = shown.with_status(0);
        assert_eq!(shown.stdout(), place.read(&format!("output/small/cliff/{file}")), "{format}");
    }
}

#[test]
fn what_helps_is_walked_the_other_way() {
    let place = Place::new();
    place.write("small.toml", &undisturbed());
    let find = |extra: &[&str]| {
        place.run(&[&["cliff", "small.toml", "--format", "json"][..], extra].concat()).with_status(0).json()
    };
    // (200 − 25c) · 20 ÷ (25c − 20) < 100 needs c = 2 at least; one replica is busy all the time.
    let json = find(&["--vary", "consumer.worker.replicas=1..9", "--set", "producer.app.spikes.rate=180/s"]);
    assert_eq!((&json["harm_rises"], &json["survived_up_to"]), (&false.into(), &2.into()), "{json:#}");
    let through = find(&["--vary", "consumer.worker.replicas=5..9"]);
    assert!(through["tipping_point"].is_null() && through["lost_from"].is_null(), "{through:#}");
}

#[test]
fn objectives_decide_where_there_are_any() {
    let place = Place::new();
    place.write("small.toml", &undisturbed().replace("runs = 4\n", "runs = 8\nslo = [\"jobs.peak_backlog < 1000\"]\n"));
    let arguments = ["cliff", "small.toml", "--vary", "producer.app.spikes.rate=50/s..450/s", "--format", "json"];
    let json = place.run(&arguments).with_status(0).json();
    // (r − 50) · 20 reaches 1,000 at 100/s.
    let tipping = json["tipping_point"].as_f64().unwrap();
    assert!((94.0..=106.0).contains(&tipping), "{tipping}");
    assert_eq!(json["slo"][0], "jobs.peak_backlog < 1000");
}

#[test]
fn the_map_shows_what_is_quick_slow_and_never() {
    let place = Place::new();
    place.write("small.toml", &undisturbed());
    let arguments = [
        "cliff",
        "small.toml",
        "--vary",
        "producer.app.spikes.rate=40/s..400/s",
        "--vary",
        "consumer.worker.replicas=1..4",
        "--points",
        "10x4",
        "--within",
        "30s",
    ];
    let ended = place.run(&arguments).with_status(0);
    let json: Value = serde_json::from_str(&place.read("output/small/cliff/cliff.json")).unwrap();
    is_described(&place.read("output/small/cliff/cliff.json"), &place.read("output/small/cliff/cliff.csv"));
    assert_eq!((json["points"].as_array().unwrap().len(), &json["within_s"]), (40, &30.into()));
    let class = |across: usize, up: usize| json["points"][up * 10 + across]["class"].as_str().unwrap().to_owned();
    // Two replicas: (r − 50) · 20 ÷ 30 is 20 s at 80/s, 73 s at 160/s, and 127 s at 240/s, when the run is over.
    assert_eq!([class(1, 1), class(3, 1), class(5, 1)], ["quick", "slow", "never"].map(String::from));
    assert!(ended.stdout().contains("across: producer.app.spikes.rate, up: consumer.worker.replicas"));
    let again = place.run(&[&arguments[..], &["--threads", "1", "--format", "json"]].concat()).with_status(0);
    assert_eq!(again.stdout(), place.read("output/small/cliff/cliff.json"));
    let listing = place.listing();
    assert!(listing.contains(&"output/small/cliff/charts/safe-map.png".to_owned()), "{listing:?}");
}

#[test]
fn what_makes_no_cliff_is_refused() {
    let place = Place::new();
    place.write("small.toml", &undisturbed());
    let refused = |extra: &[&str], why: &str| {
        let ended = place.run(&[&["cliff", "small.toml"][..], extra].concat()).with_status(2);
        let said = ended.stderr().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(why), "{why} in {said}");
    };
    let vary = ["--vary", "producer.app.rate=10/s..30/s"];
    refused(&[&vary[..], &["--set", "producer.app.spikes=[]"]].concat(), "nothing in this scenario disturbs anything");
    refused(&[&vary[..], &["--points", "4x4"]].concat(), "for maps");
    refused(&[&vary[..], &vary, &vary].concat(), "--vary is given 3 times");
    refused(&["--vary", "queue.jobs.broker=sqs,kafka-share"], "takes words");
    refused(&["--vary", "seed=1..9"], "changes nothing in it");
}
