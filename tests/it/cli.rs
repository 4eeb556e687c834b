//! The command line: exit statuses, streams, outputs, and every option.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::program::{PROGRAM, Place, SMALL};

#[test]
fn a_run_prints_a_summary_and_writes_the_outputs() {
    let place = Place::with_small();
    let ended = place.run(&["run", "small.toml"]).with_status(0);
    assert!(ended.stdout().contains("Small"), "{}", ended.stdout());
    assert!(!ended.stdout().contains('\u{1b}'), "no colour where nobody watches");
    assert!(ended.stderr().contains("output/small/"), "{}", ended.stderr());
    let listing = place.listing();
    for file in ["summary.json", "timeseries.csv", "report.md", "report.html"] {
        assert!(listing.contains(&format!("output/small/{file}")), "{file} in {listing:?}");
    }
    for kind in [".svg", ".png"] {
        let charts = listing.iter().filter(|name| name.starts_with("output/small/charts/") && name.ends_with(kind));
        assert!(charts.count() >= 3, "{kind} in {listing:?}");
    }
    assert!(!listing.iter().any(|name| name.contains("partial")), "{listing:?}");
}

#[test]
fn an_slo_that_does_not_hold_ends_with_99_and_the_outputs() {
    let place = Place::with_small();
    place.write("strict.toml", &SMALL.replace("jobs.dropped == 0", "jobs.peak_backlog < 1"));
    place.run(&["run", "strict.toml"]).with_status(99);
    assert!(place.path("output/strict/summary.json").exists());
    // One that holds beside one that does not is still 99, in either order.
    place.run(&["run", "strict.toml", "small.toml", "--quiet"]).with_status(99);
}

#[test]
fn wrong_arguments_end_with_2() {
    let place = Place::with_small();
    for arguments in [
        &["run"][..],
        &["run", "small.toml", "--runs", "many"],
        &["run", "small.toml", "--runs", "0"],
        &["run", "small.toml", "--threads", "0"],
        &["run", "small.toml", "--format", "xml"],
        &["run", "small.toml", "--set", "duration"],
        &["run", "small.toml", "--set", "duration=5 parsecs"],
        &["run", "small.toml", "--set", "consumer.worker.replica=5"],
        &["run", "small.toml", "--set", "consumer.nobody.replicas=5"],
        &["run", "missing.toml"],
        &["run", "."],
        &["fly"],
        &["new", "../evil"],
        &["new", "first", "--broker", "no-such-broker"],
        &["completions", "no-such-shell"],
        &["explain"],
        &["explain", "genric"],
        &["explain", "missing.toml"],
        &["explain", "."],
        &["explain", "generic", "--set", "runs=3"],
        &["explain", "generic", "--all"],
        &["explain", "--all", "--set", "runs=3"],
        &["explain", "small.toml", "--format", "markdown"],
        &["explain", "small.toml", "--set", "consumer.nobody.replicas=5"],
        &["explain", "small.toml", "--format", "xml"],
    ] {
        let ended = place.run(arguments).with_status(2);
        assert!(!ended.stderr().is_empty() && ended.stdout().is_empty(), "{arguments:?}");
        assert!(!ended.stderr().contains("panicked"), "{}", ended.stderr());
    }
    assert_eq!(place.listing(), ["small.toml"]);
}

#[test]
fn all_problems_are_shown_at_once_with_their_place() {
    let place = Place::new();
    place.write(
        "bad.toml",
        "duration = \"5 parsecs\"\nrunns = 3\n[producer.app]\nto = \"jbos\"\nrate = \"10/s\"\n[queue.jobs]\n[consumer.w]\nfrom = \"jobs\"\nservice = \"-1s\"\n",
    );
    let ended = place.run(&["run", "bad.toml"]).with_status(2);
    let said = ended.stderr();
    for place in ["bad.toml:1:", "bad.toml:2:", "bad.toml:4:", "bad.toml:9:"] {
        assert!(said.contains(place), "{place} in\n{said}");
    }
    assert!(said.matches("did you mean").count() >= 2, "{said}");
    assert!(!said.contains('\u{1b}'), "no colour where nobody watches");
}

#[test]
fn one_wrong_file_stops_all_and_touches_nothing() {
    let place = Place::with_small();
    place.write("bad.toml", "duration = 5\n");
    place.write("worse.toml", "= [\n");
    place.write("output/small/summary.json", "kept");
    place.write("output/bad/note.txt", "kept");
    let before = place.listing();
    let said = place.run(&["run", "small.toml", "bad.toml", "worse.toml"]).with_status(2).stderr();
    assert!(said.contains("bad.toml:1:") && said.contains("worse.toml:1:"), "{said}");
    assert_eq!(place.listing(), before);
    assert_eq!(place.read("output/small/summary.json"), "kept");
}

/// 10¹² messages a second for three minutes, and 10¹¹ ticks: no machine holds either.
#[test]
fn what_does_not_fit_into_the_machine_is_refused_before_it_starts() {
    if !std::path::Path::new("/proc/meminfo").exists() {
        eprintln!("skipped: this system does not say how much memory it has");
        return;
    }
    let place = Place::with_small();
    let said = place
        .run(&["run", "small.toml", "--set", "producer.app.rate=1000G/s", "--engine", "exact"])
        .with_status(2)
        .stderr();
    assert!(said.contains("small.toml") && said.contains("memory") && said.contains("messages wait"), "{said}");
    let said = place.run(&["run", "small.toml", "--set", "tick=1ns"]).with_status(2).stderr();
    assert!(said.contains("memory") && said.contains("samples"), "{said}");
    assert_eq!(place.listing(), ["small.toml"]);
}

#[test]
fn two_files_of_one_stem_are_refused() {
    let place = Place::with_small();
    place.write("other/small.toml", SMALL);
    let said = place.run(&["run", "small.toml", "other/small.toml"]).with_status(2).stderr();
    assert!(said.contains("other/small.toml") && said.contains("--output"), "{said}");
}

#[test]
fn a_world_that_refuses_ends_with_1() {
    let place = Place::with_small();
    place.write("file", "in the way");
    let said = place.run(&["run", "small.toml", "--output", "file"]).with_status(1).stderr();
    assert!(said.contains("not a folder"), "{said}");
    assert_eq!(place.listing(), ["file", "small.toml"]);
}

#[test]
fn outputs_replace_those_of_the_last_run_and_nothing_else() {
    let place = Place::with_small();
    place.run(&["run", "small.toml", "--quiet"]).with_status(0);
    place.write("output/small/my-notes.md", "mine");
    place.write("output/small/charts/of-a-queue-that-is-gone.svg", "<svg/>");
    place.run(&["run", "small.toml", "--quiet", "--seed", "9"]).with_status(0);
    assert_eq!(place.read("output/small/my-notes.md"), "mine");
    assert!(!place.path("output/small/charts/of-a-queue-that-is-gone.svg").exists());
    assert!(place.read("output/small/summary.json").contains("\"seed\": 9"));
}

#[test]
fn settings_change_the_run_and_are_named_as_the_origin() {
    let place = Place::with_small();
    let published = |arguments: &[&str]| {
        let mut all = vec!["run", "small.toml", "--format", "json", "--quiet"];
        all.extend(arguments);
        let json = place.run(&all).with_status(0).json();
        json["components"]["jobs"]["published"]["mean"].as_f64().expect("a mean")
    };
    let (as_written, doubled) = (published(&[]), published(&["--set", "producer.app.rate=200/s"]));
    assert!(doubled > 3.0 * as_written, "{doubled} against {as_written}");
    let shorter = published(&["--set", "duration=2m", "--set", "warmup = 10s"]);
    assert!(shorter < as_written);
    let json =
        place.run(&["run", "small.toml", "--format", "json", "--runs", "2", "--seed", "5"]).with_status(0).json();
    assert_eq!((json["runs"].as_u64(), json["seed"].as_u64()), (Some(2), Some(5)));
}

#[test]
fn every_format_is_what_it_says() {
    let place = Place::with_small();
    let format = |name| place.run(&["run", "small.toml", "--format", name, "--quiet"]).with_status(0);
    let json = format("json").json();
    assert_eq!(json["schema_version"], 1);
    assert_eq!(json["scenario"]["path"], "small.toml");
    assert_eq!(json["scenario"]["sha256"].as_str().expect("a hash").len(), 64);
    assert!(json["wall_time_s"].as_f64().expect("a time") > 0.0);
    assert!(json["components"]["jobs"]["recovery_time_s"]["never"].is_u64());
    let csv = format("csv").stdout();
    assert!(csv.starts_with("time_s,component,metric,mean,p05,p50,p95\n"), "{}", &csv[..80]);
    assert_eq!(csv, place.read("output/small/timeseries.csv"));
    assert!(format("md").stdout().starts_with("# "));
    assert_eq!(format("none").stdout(), "");
    assert_eq!(format("text").stderr(), "");
}

#[test]
fn help_shows_examples_everywhere() {
    let place = Place::new();
    for arguments in [
        &["--help"][..],
        &["run", "--help"],
        &["explain", "--help"],
        &["schema", "--help"],
        &["new", "--help"],
        &["completions", "--help"],
    ] {
        let said = place.run(arguments).with_status(0).stdout();
        assert!(said.contains("Examples:\n  tailback "), "{arguments:?}: {said}");
    }
    assert_eq!(
        place.run(&["--version"]).with_status(0).stdout(),
        concat!("tailback ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn a_broker_is_explained() {
    let place = Place::new();
    let said = place.run(&["explain", "generic"]).with_status(0).stdout();
    assert!(said.starts_with("generic: ") && !said.contains('\u{1b}'), "{said}");
    let json = place.run(&["explain", "generic", "--format", "json"]).with_status(0).json();
    assert_eq!(json["broker"], "generic");
    assert_eq!(json["presets"].as_array().map(Vec::len), Some(4));
    let said = place.run(&["explain", "genric"]).with_status(2).stderr();
    assert!(said.contains("did you mean \"generic\"?"), "{said}");
}

#[test]
fn all_brokers_are_explained_at_once() {
    let place = Place::new();
    let said = place.run(&["explain", "--all"]).with_status(0).stdout();
    assert!(said.starts_with("generic: ") && said.contains("\nsqs: ") && said.contains("\nkinesis: "), "{said}");
    let json = place.run(&["explain", "--all", "--format", "json"]).with_status(0).json();
    let brokers: Vec<_> = json["brokers"].as_array().expect("a list").iter().map(|one| &one["broker"]).collect();
    assert_eq!(brokers.iter().filter(|name| **name == "pubsub").count(), 1, "{brokers:?}");
    let tables = place.run(&["explain", "--all", "--format", "markdown"]).with_status(0).stdout();
    assert!(tables.starts_with("### Queues\n") && tables.contains("| `kafka-kip848` |"), "{tables}");
    let row = place.run(&["explain", "sqs", "--format", "markdown"]).with_status(0).stdout();
    assert!(row.contains("| `sqs` |") && !row.contains("kafka"), "{row}");
}

#[test]
fn a_scenario_is_explained() {
    let place = Place::new();
    let path = crate::program::repository().join("scenarios/flash-sale.toml");
    place.write("flash-sale.toml", &fs::read_to_string(path).expect("a committed scenario"));
    let said = place.run(&["explain", "flash-sale.toml", "--set", "runs=7"]).with_status(0).stdout();
    let row = |key: &str| said.lines().find(|line| line.split_whitespace().next() == Some(key)).unwrap_or_default();
    assert!(row("runs").ends_with("--set") && row("duration").contains("flash-sale.toml:"), "{said}");
    assert!(said.contains("default") && said.contains("\nqueue."), "{said}");
    let json = place.run(&["explain", "flash-sale.toml", "--set", "runs=7", "--format", "json"]).with_status(0).json();
    let runs = json["assumptions"].as_array().and_then(|all| all.iter().find(|one| one["path"] == "runs"));
    assert_eq!(runs.map(|one| (&one["value"], &one["origin"]["kind"])), Some((&"7".into(), &"set".into())));
    place.write("bad.toml", "duration = 5\n");
    assert!(place.run(&["explain", "bad.toml"]).with_status(2).stderr().contains("bad.toml:1:"));
}

#[test]
fn completions_know_our_options() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let said = place.run(&["completions", shell]).with_status(0).stdout();
        assert!(said.contains("tailback") && said.contains("threads"), "{shell}");
    }
}

#[test]
fn a_new_scenario_runs_and_is_not_overwritten() {
    let place = Place::new();
    place.run(&["new", "checkout"]).with_status(0);
    let ended = place.run(&["run", "checkout.toml", "--runs", "2"]);
    assert!(matches!(ended.0.status.code(), Some(0 | 99)), "{}", ended.stderr());
    place.write("checkout.toml", "mine");
    let said = place.run(&["new", "checkout"]).with_status(2).stderr();
    assert!(said.contains("checkout.toml exists"), "{said}");
    assert_eq!(place.read("checkout.toml"), "mine");
    place.run(&["new", "checkout", "--output", "other.toml"]).with_status(0);
    place.run(&["new", "checkout", "--output", "no/such/folder.toml"]).with_status(1);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let place = Place::with_small();
    // The whole series is more than a pipe holds, so that the program must notice.
    let mut child = Command::new(PROGRAM)
        .args(["run", "small.toml", "--format", "csv", "--set", "tick=10ms"])
        .current_dir(place.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(0), "{said}");
    assert!(!said.contains("panicked") && !said.contains("error"), "{said}");
    assert!(place.path("output/small/summary.json").exists());
}

#[test]
fn watching_runs_again_when_the_file_changes() {
    let place = Place::with_small();
    let out = fs::File::create(place.path("out.txt")).expect("a file");
    let mut child = Command::new(PROGRAM)
        .args(["run", "small.toml", "--watch"])
        .current_dir(place.path(""))
        .stdout(out)
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let waits_for = |words: &str| {
        for _ in 0..600 {
            std::thread::sleep(Duration::from_millis(50));
            let mut text = String::new();
            fs::File::open(place.path("out.txt")).and_then(|mut file| file.read_to_string(&mut text)).expect("text");
            if text.contains(words) {
                return true;
            }
        }
        false
    };
    let first = waits_for("Small");
    // A mistake in between must not end it.
    place.write("small.toml", "title = \"half-written");
    std::thread::sleep(Duration::from_millis(700));
    place.write("small.toml", &SMALL.replace("\"Small\"", "\"Changed\""));
    let second = first && waits_for("Changed");
    child.kill().expect("it is still there");
    child.wait().expect("it ends");
    assert!(first && second, "first {first}, second {second}");
}
