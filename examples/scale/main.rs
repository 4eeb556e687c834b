//! How far scaled runs are from exact ones: the table of `docs/scale.md`.
//!
//! `cargo run --release --example scale` makes it for the six scenarios of `benches/scale/`, in half an hour on one core;
//! names on the command line choose some of them. The figures depend on nothing but the scenarios and the version.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a study for people: its table is what it is for")]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;
use tailback::scenario::Scenario;
use tailback::study::{Deviation, Engine, Findings, Options, deviations, replicate};

const SCENARIOS: [&str; 6] = ["plain-spike", "retries", "autoscaled", "stream", "duplicates", "storm"];
const WEIGHTS: [u32; 3] = [10, 100, 1_000];

/// In the order of the table; others are left out.
const FIGURES: [(&str, &str); 9] = [
    ("peak_backlog", "peak backlog"),
    ("peak_at_s", "time of the peak, s"),
    ("recovery_time_s", "recovery, s"),
    ("recovery_time_s.never", "runs that never recover"),
    ("oldest_age_max_s", "oldest age, s"),
    ("latency_s.p50", "latency p50, s"),
    ("latency_s.p99", "latency p99, s"),
    ("dead_lettered", "dead-lettered"),
    ("duplicates", "duplicates"),
];

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    for name in SCENARIOS.iter().filter(|name| asked.is_empty() || asked.iter().any(|other| other == *name)) {
        if let Err(why) = table(name) {
            eprintln!("{name}: {why}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn table(name: &str) -> Result<(), String> {
    let text = std::fs::read_to_string(format!("benches/scale/{name}.toml")).map_err(|error| error.to_string())?;
    let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let scenario = Scenario::parse(&text, &files).map_err(|problems| format!("{problems:?}"))?;
    let (exact, seconds) = simulate(&scenario, Engine::Exact)?;
    let scaled: Vec<(Findings, f64)> =
        WEIGHTS.iter().map(|&weight| simulate(&scenario, Engine::Weight(weight))).collect::<Result<_, String>>()?;
    println!("### {}\n", scenario.title);
    println!("| `{name}.toml` | exact | k = 10 | k = 100 | k = 1,000 |\n| --- | ---: | ---: | ---: | ---: |");
    let each: Vec<Vec<Deviation>> = scaled.iter().map(|(findings, _)| deviations(&exact, findings)).collect();
    for (figure, title) in FIGURES {
        for seen in each[0].iter().filter(|seen| seen.figure == figure && shown(seen)) {
            let find = |all: &Vec<Deviation>| {
                let same = |it: &&Deviation| it.figure == seen.figure && it.component == seen.component;
                all.iter().find(same).map_or("–".into(), cell)
            };
            let cells: Vec<String> = each.iter().map(find).collect();
            println!("| `{}` {title} | {} | {} |", seen.component, value(seen.here), cells.join(" | "));
        }
    }
    let runs = f64::from(exact.runs);
    let times: Vec<String> = scaled.iter().map(|(_, seconds)| format!("{:.3} s", seconds / runs)).collect();
    println!("| one run takes | {:.3} s | {} |\n", seconds / runs, times.join(" | "));
    Ok(())
}

/// A dead-letter queue has its count of messages and nothing else that matters.
fn shown(seen: &Deviation) -> bool {
    !(seen.component.ends_with("-dlq")) && (seen.here != 0.0 || seen.there != 0.0)
}

fn cell(seen: &Deviation) -> String {
    if seen.figure.ends_with("never") {
        return value(seen.there);
    }
    let share = format!("{:+.2} %", seen.share() * 100.0).replace('-', "−");
    // The time of a peak at the end of a spike hardly varies at all.
    let spread = seen.deviations.filter(|_| seen.figure != "peak_at_s");
    spread.map_or(share.clone(), |deviations| format!("{share} ({deviations:.1} sd)"))
}

fn value(value: f64) -> String {
    if value.abs() >= 1e4 || value.fract() == 0.0 {
        tailback::units::grouped(value.round(), 0)
    } else {
        tailback::units::significant(value, 4)
    }
}

#[expect(clippy::disallowed_methods, reason = "what a run takes is part of the table")]
fn simulate(scenario: &Scenario, engine: Engine) -> Result<(Findings, f64), String> {
    let start = Instant::now();
    let options = Options { engine, ..Options::default() };
    let findings = replicate(scenario, &options, &|_| ()).map_err(|failure| failure.to_string())?;
    Ok((findings, start.elapsed().as_secs_f64()))
}
