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

/// M/M/1, ρ = 0.8 and μ = 10/s, for 40 s from empty: the mean backlog over that time is 3.750 (Kolmogorov's equations),
/// the steady state's is 4.
const EMPTY: &str = r#"
duration = "40s"
tick = "100ms"
runs = 4000
warmup = "WARMUP"

[producer.p]
to = "q"
rate = "8/s"

[queue.q]

[consumer.w]
from = "q"
service = { exp = "100ms" }
"#;

#[test]
fn mser_leaves_the_beginning_out() {
    let mean = |warmup: &str| {
        let findings = run(&EMPTY.replace("WARMUP", warmup), &Options::default());
        let q = findings.component("q").expect("the queue");
        let stat = q.average("backlog").expect("its mean").clone();
        let (low, high) = stat.ci95.expect("an interval");
        (stat.mean, (high - low) / 2.0 / 1.96, findings)
    };
    let (all, error, _) = mean("0s");
    assert!((all - 3.750).abs() < 4.0 * error, "{all} ± {error}");
    let (settled, error, findings) = mean("auto");
    assert!((2.0..20.0).contains(&findings.warmup_s), "{}", findings.warmup_s);
    assert!((settled - 4.0).abs() < 4.0 * error + 0.08, "{settled} ± {error}");
    assert!((settled - 4.0).abs() < 0.5 * (all - 4.0).abs(), "{settled} against {all}");
    assert!(findings.notes.iter().any(|note| note.contains("MSER-5 finds in 100 runs that `q` needs")));
    let said = findings.assumptions.iter().find(|one| one.path == "warmup").expect("the warm-up");
    assert!(said.value.ends_with("(MSER-5)"), "{}", said.value);
}

#[test]
fn nothing_said_leaves_nothing_out_but_says_so() {
    let text = EMPTY.replace("warmup = \"WARMUP\"\n", "").replace("4000", "400");
    let findings = run(&text, &Options::default());
    assert_eq!(findings.warmup_s, 0.0);
    assert!(findings.notes.iter().any(|note| note.contains("say `warmup = ")), "{:?}", findings.notes);
    let precise = Options { precision: Some(Precision { share: 0.2, most: 400 }), ..Options::default() };
    assert!(run(&text, &precise).warmup_s > 0.0);
    let zero = EMPTY.replace("WARMUP", "0s").replace("4000", "400");
    let findings = run(&zero, &precise);
    assert!(findings.warmup_s == 0.0 && !findings.notes.iter().any(|note| note.contains("MSER")));
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
    let precise = json(&["--precision", "8%", "--max-runs", "300", "--set", "slo=[\"jobs.peak_backlog > 1\"]"]);
    let runs = precise["runs"].as_u64().expect("runs");
    assert!(runs > 4 && precise["precision"]["reached"] == true, "{}", precise["precision"]);
    let half = precise["precision"]["half_width"].as_f64().expect("a width");
    let peak = &precise["components"]["jobs"]["peak_backlog"];
    let ends = [0, 1].map(|end| peak["ci95"][end].as_f64().expect("an end"));
    assert!(half <= 0.08 && (half - (ends[1] - ends[0]) / 2.0 / peak["mean"].as_f64().expect("a mean")).abs() < 1e-9);
    let mut plain = json(&["--runs", &runs.to_string(), "--set", "slo=[\"jobs.peak_backlog > 1\"]"]);
    plain["precision"] = precise["precision"].clone();
    plain["notes"] = precise["notes"].clone();
    assert_eq!(plain, precise);
    let capped = json(&["--precision", "0.1%", "--max-runs", "9", "--set", "slo=[\"jobs.peak_backlog > 1\"]"]);
    assert_eq!((&capped["runs"], &capped["precision"]["reached"]), (&Value::from(9), &Value::from(false)));
}

#[test]
fn draws_are_the_same_on_any_number_of_threads_and_shown() {
    let place = Place::new();
    place.write("peak.toml", &PEAK.replace("runs = 60", "runs = 6"));
    let bytes = |threads: &str| {
        let ended = place.run(&["run", "peak.toml", "--quiet", "--format", "json", "--threads", threads]);
        without_wall_time(&ended.stdout())
    };
    let value = bytes("1");
    assert_eq!(value, bytes("2"));
    assert_eq!(value["uncertain"][0]["path"], "producer.p.spikes.rate");
    assert_eq!(value["uncertain"][0]["drawn"].as_array().map(Vec::len), Some(6));
    assert_eq!(value["repeated_runs"], 6);
    assert!(value["components"]["q"]["recovery_time_s"]["spread"]["total"].is_number());
    let report = std::fs::read_to_string(place.path("output/peak/report.md")).expect("a report");
    assert!(report.contains("## Why runs differ") && report.contains("## Not known, drawn once a run"));
    let chart = std::fs::read_to_string(place.path("output/peak/charts/q-backlog.svg")).expect("a chart");
    assert!(chart.contains("differ by chance and 1 unknown value"));
}

#[test]
fn mistakes_end_with_their_place() {
    let place = Place::new();
    place.write("wrong.toml", &PEAK.replace("\"150/s\", \"250/s\"", "\"150/s\", \"2500ms\""));
    place.write(
        "joined.toml",
        &PEAK.replace("spikes = [{", "spikes = [{ at = \"1s\", for = \"5s\", rate = \"150/s\" }, {").replace(
            "\"producer.p.spikes.rate\" = [\"150/s\", \"250/s\"]",
            "\"producer.p.spikes.0.for\" = [\"5s\", \"20s\"]",
        ),
    );
    for (file, said) in
        [("wrong.toml", "are not quantities of one kind"), ("joined.toml", "draws producer.p.spikes.0.for = ")]
    {
        let text = place.run(&["run", file, "--quiet"]).with_status(2).stderr();
        assert!(text.contains(said), "{text}");
        assert!(!place.path("output").join(file.trim_end_matches(".toml")).exists());
    }
    place.run(&["run", "wrong.toml", "--precision", "200%"]).with_status(2);
}
