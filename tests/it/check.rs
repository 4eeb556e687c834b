//! `tailback check`: worked examples to the digit, arguments as scenarios, refusals, JSON, and what is simulated beside it.

use serde_json::Value;

use crate::program::{Place, repository};

/// The line of a law in JSON.
#[track_caller]
fn line<'v>(value: &'v Value, law: &str) -> &'v Value {
    let lines = value["lines"].as_array().expect("lines");
    lines.iter().find(|line| line["law"] == law).unwrap_or_else(|| panic!("no {law} in {value:#}"))
}

fn checked(arguments: &str) -> Value {
    let arguments: Vec<&str> = ["check", "--format", "json"].into_iter().chain(arguments.split(' ')).collect();
    Place::new().run(&arguments).with_status(0).json()
}

#[track_caller]
fn says(arguments: &str, law: &str, expected: f64, result: &str) {
    let value = checked(arguments);
    let found = line(&value, law);
    let number = found["value"].as_f64().expect("a number");
    assert!((number - expected).abs() <= 1e-9 * expected.abs(), "{arguments}: {law} is {number}, not {expected}");
    assert_eq!(found["result"], result, "{arguments}: {law}");
}

#[test]
fn worked_examples_come_out() {
    let workers = "--rate 250/s --service 180ms --target-utilization 70%";
    says(workers, "replicas_target", 65.0, "65 (64.29 rounded up)");
    says(workers, "replicas_full", 45.0, "45");
    says("--backlog 14000 --rate 200/min --throughput 500/min", "drain", 2800.0, "46m40s (46.7 min)");
    says("--rate 1200/min --throughput 500/min --duration 20m", "peak_backlog", 14_000.0, "14,000");
    let users = "--daily-users 150M --requests-per-user 2 --peak-factor 2";
    says(users, "users_mean_rate", 150e6 * 2.0 / 86_400.0, "3,472/s");
    says(users, "users_peak_rate", 150e6 * 4.0 / 86_400.0, "6,944/s");
    says("--rate 7.4/s --service 1s --target-utilization 100%", "replicas_full", 8.0, "8 (7.4 rounded up)");
}

/// 800/s at 45 ms keep 36 of 80 busy; 6,000/s for 300 s leave (6,000 − 80/0.045)·300 behind, which 80/0.045 − 800 drain.
#[test]
fn a_spike_by_arguments_alone() {
    let spike = "--rate 800/s --service 45ms --consumers 80 --spike 6000/s/5m --drain-in 10m";
    says(spike, "utilization_start", 0.45, "0.45");
    let peak = (6000.0 - 80.0 / 0.045) * 300.0;
    says(spike, "peak_backlog", peak, "1,266,667");
    says(spike, "drain", peak / (80.0 / 0.045 - 800.0), "21m35s (21.6 min)");
    // (1,266,667/600 + 800) × 0.045 = 131 exactly.
    says(spike, "replicas_drain", 131.0, "131");
}

#[test]
fn storage_is_said_in_both_bases() {
    let kept = "--rate 1000/s --service 5ms --partitions 12 --size 1KB --retention 7d";
    says(kept, "storage", 1000.0 * 1000.0 * 604_800.0, "605 GB = 563 GiB");
}

/// Options are written out as a scenario: what that file says is what they say.
#[test]
fn options_are_a_scenario() {
    let place = Place::new();
    let options =
        ["--rate", "40/s", "--service", "100ms", "--service-p99", "900ms", "--failure", "2%", "--max-attempts", "3"];
    let written = place.run(&[&["check", "--print-scenario"], &options[..]].concat()).with_status(0);
    place.write("made.toml", &written.stdout());
    let lines = |value: Value| value["lines"].clone();
    let of_options = place.run(&[&["check", "--format", "json"], &options[..]].concat()).with_status(0).json();
    let of_file = place.run(&["check", "made.toml", "--format", "json"]).with_status(0).json();
    assert_eq!(lines(of_options), lines(of_file));
}

#[test]
fn what_cannot_be_is_refused() {
    let place = Place::with_small();
    let cases: [(&[&str], &str); 9] = [
        (&["check"], "Usage"),
        (&["check", "--service", "45ms"], "--rate"),
        (&["check", "--rate", "800/s", "--consumers", "3"], "--service"),
        (&["check", "--rate", "800", "--service", "45ms"], "not a rate"),
        (&["check", "--rate", "8/s", "--service", "45ms", "--spike", "6000/s"], "6000/s/5m"),
        (&["check", "small.toml", "--rate", "8/s"], "cannot be used with"),
        (&["check", "--rate", "8/s", "--service", "1s", "--target-utilization", "0%"], "without end"),
        (&["check", "small.toml", "--runs", "3"], "--simulate"),
        (&["check", "--rate", "8/s", "--service", "1s", "--broker", "sns"], "no broker of that name"),
    ];
    for (arguments, told) in cases {
        let ended = place.run(arguments).with_status(2);
        assert!(ended.stderr().contains(told), "{arguments:?}: {}", ended.stderr());
    }
    assert_eq!(place.listing(), ["small.toml"], "check writes no files");
}

#[test]
fn what_was_simulated_stands_beside() {
    let place = Place::with_small();
    let value = place.run(&["check", "small.toml", "--simulate", "--format", "json"]).with_status(0).json();
    assert_eq!((value["runs"].as_u64(), value["verb"].as_str()), (Some(4), Some("check")));
    // 80/s for 20 s at 50/s out: 600, and the randomness of 1,600 arrivals.
    let peak = line(&value, "peak_backlog");
    assert_eq!(peak["value"].as_f64(), Some(600.0));
    let seen = peak["simulated"]["value"].as_f64().expect("a value");
    assert!((seen - 600.0).abs() < 150.0, "{seen}");
    let departure = peak["simulated"]["departure"].as_f64().expect("a departure");
    assert!((departure - (seen / 600.0 - 1.0)).abs() < 1e-9);
    let again = place.run(&["check", "small.toml", "--simulate", "--format", "json", "--threads", "1"]);
    assert_eq!(again.with_status(0).json(), value, "threads change nothing");
    let text = place.run(&["check", "small.toml", "--simulate"]).with_status(0).stdout();
    assert!(text.contains("simulated ") && text.contains("highest backlog"), "{text}");
}

/// Every committed scenario has an envelope that fits on the screen and holds no nonsense.
#[test]
fn every_committed_scenario_has_an_envelope() {
    let place = Place::new();
    for name in crate::program::scenarios() {
        let file = repository().join("scenarios").join(format!("{name}.toml"));
        let text = place.run(&["check", file.to_str().expect("a path")]).with_status(0).stdout();
        assert!(text.lines().count() > 5, "{name}: {text}");
        for line in text.lines() {
            assert!(line.chars().count() <= 110, "{name}: {line}");
            for nonsense in ["NaN", "inf", "–/s"] {
                assert!(!line.contains(nonsense), "{name}: {line}");
            }
        }
    }
}

#[test]
fn other_formats_hold_the_same_lines() {
    let place = Place::with_small();
    let csv = place.run(&["check", "small.toml", "--format", "csv"]).with_status(0).stdout();
    let markdown = place.run(&["check", "small.toml", "--format", "md"]).with_status(0).stdout();
    let value = place.run(&["check", "small.toml", "--format", "json"]).with_status(0).json();
    let count = value["lines"].as_array().expect("lines").len();
    assert_eq!(csv.lines().count(), count + 1);
    assert_eq!(markdown.lines().filter(|line| line.starts_with("| jobs")).count(), count);
    assert!(place.run(&["check", "small.toml", "--format", "none"]).with_status(0).stdout().is_empty());
}

/// What the page shows of a command is what the command prints.
#[test]
fn the_page_shows_what_is_printed() {
    let page = std::fs::read_to_string(repository().join("docs/check.md")).expect("the page");
    let shown = page.split("```text\n").skip(1).map(|block| block.split("```").next().unwrap_or_default());
    let place = Place::new();
    let servers = ["check", "--rate", "250/s", "--service", "180ms", "--target-utilization", "70%"];
    let file = repository().join("scenarios/flash-sale.toml");
    let beside = ["check", file.to_str().expect("a path"), "--simulate", "--runs", "5"];
    for (block, arguments) in shown.zip([&servers[..], &beside[..]]) {
        let printed = place.run(arguments).with_status(0).stdout();
        for line in block.lines() {
            // The numbers of the notes change with the lines before.
            let bare = |line: &str| line.split("  [").next().unwrap_or_default().to_owned();
            assert!(printed.lines().any(|other| bare(other) == bare(line)), "not printed: {line}\n{printed}");
        }
    }
}
