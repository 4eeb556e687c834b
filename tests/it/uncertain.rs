//! What is not known, precision, and the beginning of a steady state: against figures known by hand, and as the command
//! line shows them.

use std::collections::BTreeMap;

use serde_json::Value;
use tailback::scenario::Scenario;
use tailback::study::{Findings, Options, Precision, replicate};

use crate::program::{Place, without_wall_time};

fn run(text: &str, options: &Options) -> Findings {
    let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let scenario = Scenario::parse(text, &files).unwrap_or_else(|problems| panic!("{problems:?}"));
    replicate(&scenario, options, &|_| {}).unwrap_or_else(|failure| panic!("{failure}"))
}

/// λ for 100 s against a server of 100/s.
const PEAK: &str = r#"
duration = "5m"
runs = 60

[producer.p]
to = "q"
spikes = [{ at = "10s", for = "100s", rate = "200/s" }]

[queue.q]

[consumer.w]
from = "q"
service = "10ms"

[uncertain]
"producer.p.spikes.rate" = ["150/s", "250/s"]
"#;

/// Peak = (λ − μ) · T with λ uniform on 150 … 250: not knowing λ spreads it by T · (b − a)/√12 = 2887; the chance of
/// Poisson arrivals by √(λT), on average √20,000 = 141.
#[test]
fn the_spread_of_a_peak_is_that_of_its_rate() {
    let findings = run(PEAK, &Options::default());
    let known = findings.uncertainty.expect("a line of [uncertain]");
    let peak = known.spreads.iter().find(|one| one.figure.expression == "q.peak_backlog").expect("the peak");
    let drawn = &known.inputs[0].drawn;
    assert_eq!((drawn.len(), known.repeated, known.inputs[0].unit.as_str()), (60, 20, "per_s"));
    // Of these sixty draws, not of the law: what is left is chance.
    let mean = drawn.iter().sum::<f64>() / 60.0;
    let variance = drawn.iter().map(|rate| (rate - mean).powi(2)).sum::<f64>() / 59.0;
    let exact = 100.0 * variance.sqrt();
    assert!((exact / 2_887.0 - 1.0).abs() < 0.15, "the draws themselves spread by {exact}");
    // The peaks' covariance with their own chance is left: 2 · 141/√60 of 2887.
    assert!((peak.spread.uncertain / exact - 1.0).abs() < 0.02, "{:?} against {exact}", peak.spread);
    // Twenty pairs: a chi-squared with 20 degrees of freedom, 4 standard errors are 63 % of the deviation.
    assert!((peak.spread.random / 141.0 - 1.0).abs() < 0.63, "{:?}", peak.spread);
    assert!((peak.mean / (100.0 * (mean - 100.0)) - 1.0).abs() < 0.01, "{}", peak.mean);
    assert!(peak.explained_by[0].1 > 0.99);
}

#[test]
fn without_ignorance_all_is_chance() {
    let text = PEAK.replace("\"150/s\", \"250/s\"", "\"199.999/s\", \"200.001/s\"");
    let known = run(&text, &Options::default()).uncertainty.expect("a line");
    let peak = known.spreads.iter().find(|one| one.figure.expression == "q.peak_backlog").expect("the peak");
    // Both estimates are of 141, from 60 runs and from 20 pairs: what is left between them is error of estimation.
    assert!((peak.spread.total / 141.0 - 1.0).abs() < 0.4, "{:?}", peak.spread);
    assert!((peak.spread.random / 141.0 - 1.0).abs() < 0.63, "{:?}", peak.spread);
}

/// M/M/1, ρ = 0.8 and μ = 10/s, for 100 s from empty: the mean backlog over that time is 3.900 (Kolmogorov's equations),
/// the steady state's is 4.
const EMPTY: &str = r#"
duration = "100s"
tick = "200ms"
runs = 1200
warmup = "WARMUP"

[producer.p]
to = "q"
rate = "8/s"

[queue.q]

[consumer.w]
from = "q"
service = { exp = "100ms" }
"#;

/// M/M/∞, 5/s of 20 s each: 100 · (1 − exp(−t/20)) from empty, over 400 s on average 95.
const BUSY: &str = r#"
duration = "400s"
tick = "1s"
runs = 50
warmup = "WARMUP"

[producer.p]
to = "q"
rate = "5/s"

[queue.q]

[consumer.w]
from = "q"
replicas = 500
service = { exp = "20s" }
"#;

/// Mean backlog after warm-up, its standard error, and the rest.
fn mean_backlog(text: &str, warmup: &str) -> (f64, f64, Findings) {
    let findings = run(&text.replace("WARMUP", warmup), &Options::default());
    let stat = findings.component("q").and_then(|q| q.average("backlog")).expect("its mean").clone();
    let (low, high) = stat.ci95.expect("an interval");
    (stat.mean, (high - low) / 2.0 / 1.96, findings)
}

#[test]
fn mser_leaves_the_beginning_out() {
    for (text, from_empty, settled) in [(EMPTY, 3.900, 4.0), (BUSY, 95.0, 100.0)] {
        let (all, error, _) = mean_backlog(text, "0s");
        assert!((all - from_empty).abs() < 4.0 * error, "{all} ± {error}, exactly {from_empty}");
        let (cut, error, findings) = mean_backlog(text, "auto");
        assert!((cut - settled).abs() < 4.0 * error, "{cut} ± {error}, exactly {settled}");
        // The same runs, so what was gained shows apart from chance.
        assert!(cut - all > 0.5 * (settled - from_empty), "{all}, without the first {} s {cut}", findings.warmup_s);
        assert!(findings.notes.iter().any(|note| note.contains("MSER-5 finds in ")), "{:?}", findings.notes);
        let said = findings.assumptions.iter().find(|one| one.path == "warmup").expect("the warm-up");
        assert!(said.value.ends_with("(MSER-5)"), "{}", said.value);
    }
}

#[test]
fn nothing_said_leaves_nothing_out_but_says_so() {
    let text = BUSY.replace("warmup = \"WARMUP\"\n", "");
    let findings = run(&text, &Options::default());
    assert_eq!(findings.warmup_s, 0.0);
    assert!(findings.notes.iter().any(|note| note.contains("say `warmup = ")), "{:?}", findings.notes);
    let precise = Options { precision: Some(Precision { share: 0.2, most: 50 }), ..Options::default() };
    assert!(run(&text, &precise).warmup_s > 0.0);
    let findings = run(&BUSY.replace("WARMUP", "0s"), &precise);
    assert!(findings.warmup_s == 0.0 && !findings.notes.iter().any(|note| note.contains("MSER")));
}

#[test]
fn the_search_for_a_warm_up_is_refused_where_something_is_planned() {
    let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let text = PEAK.replace("runs = 60", "warmup = \"auto\"");
    let problems = Scenario::parse(&text, &files).expect_err("a spike");
    assert!(problems[0].message.contains("is for a steady state, and here `p` publishes by spikes"), "{problems:?}");
}

#[test]
fn precision_ends_where_as_many_runs_would() {
    let place = Place::with_small();
    let json = |arguments: &[&str]| -> Value {
        let all = [&["run", "small.toml", "--quiet", "--format", "json"], arguments].concat();
        without_wall_time(&place.run(&all).stdout())
    };
    // The objective is on `dropped`, which is 0 in all runs: nothing to add.
    let at_once = json(&["--precision", "1%"]);
    assert_eq!((&at_once["runs"], &at_once["precision"]["reached"]), (&Value::from(4), &Value::from(true)));
    let slo = "slo=[\"jobs.peak_backlog > 1\"]";
    let precise = json(&["--precision", "3%", "--max-runs", "300", "--set", slo]);
    let runs = precise["runs"].as_u64().expect("runs");
    assert!(runs > 4 && precise["precision"]["reached"] == true, "{runs} {}", precise["precision"]);
    let half = precise["precision"]["half_width"].as_f64().expect("a width");
    let peak = &precise["components"]["jobs"]["peak_backlog"];
    let ends = [0, 1].map(|end| peak["ci95"][end].as_f64().expect("an end"));
    assert!(half <= 0.03 && (half - (ends[1] - ends[0]) / 2.0 / peak["mean"].as_f64().expect("a mean")).abs() < 1e-9);
    let mut plain = json(&["--runs", &runs.to_string(), "--set", slo]);
    plain["precision"] = precise["precision"].clone();
    plain["notes"] = precise["notes"].clone();
    assert_eq!(plain, precise);
    let capped = json(&["--precision", "0.1%", "--max-runs", "9", "--set", slo]);
    assert_eq!((&capped["runs"], &capped["precision"]["reached"]), (&Value::from(9), &Value::from(false)));
}

#[test]
fn draws_are_the_same_on_any_number_of_threads_and_shown() {
    let place = Place::new();
    place.write("peak.toml", &PEAK.replace("runs = 60", "runs = 6"));
    let on = |threads: &str| {
        let ended =
            place.run(&["run", "peak.toml", "--quiet", "--format", "json", "--threads", threads]).with_status(0);
        without_wall_time(&ended.stdout())
    };
    let value = on("1");
    assert_eq!(value, on("2"));
    assert_eq!(value["uncertain"][0]["path"], "producer.p.spikes.rate");
    assert_eq!(value["uncertain"][0]["drawn"].as_array().map(Vec::len), Some(6));
    assert_eq!(value["repeated_runs"], 6);
    assert!(value["components"]["q"]["recovery_time_s"]["spread"]["total"].is_number());
    let report = place.read("output/peak/report.md");
    assert!(report.contains("## Why runs differ") && report.contains("## Not known, drawn once a run"));
    assert!(place.read("output/peak/charts/q-backlog.svg").contains("differ by chance and 1 unknown value"));
}

#[test]
fn mistakes_end_with_their_place() {
    let place = Place::new();
    place.write("wrong.toml", &PEAK.replace("\"150/s\", \"250/s\"", "\"150/s\", \"2500ms\""));
    let two = "spikes = [{ at = \"1s\", for = \"5s\", rate = \"150/s\" }, {";
    let line = "\"producer.p.spikes.rate\" = [\"150/s\", \"250/s\"]";
    let joined = PEAK.replace("spikes = [{", two).replace(line, "\"producer.p.spikes.0.for\" = [\"5s\", \"20s\"]");
    place.write("joined.toml", &joined);
    for (file, said) in [
        ("wrong.toml", "are not quantities of one kind"),
        ("wrong.toml", "wrong.toml:16:"),
        ("joined.toml", "draws producer.p.spikes.0.for = "),
    ] {
        let ended = place.run(&["run", file, "--quiet"]).with_status(2);
        assert!(ended.stderr().contains(said), "{}", ended.stderr());
        assert!(!place.path("output").exists());
    }
    place.run(&["run", "joined.toml", "--precision", "200%"]).with_status(2);
    place.run(&["run", "joined.toml", "--max-runs", "50"]).with_status(2);
}
