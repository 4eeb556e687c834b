//! GI/M/1: evenly spaced, Erlang, gamma and hyperexponential gaps.

use super::case::{Case, Draws, FileMap, Law, shared};
use super::replicate::{Experiment, Plan};
use super::station::{Station, list_unobserved, measure_all, relaxation_s};
use super::verdict::{REPLICATIONS, judge};
use serde_json::Value;
use std::fmt::Write as _;

/// Rows replayed from a file are dear: text made, read and kept for every run.
const MOST_ROWS: f64 = 8e6;

fn experiment(case: &Case) -> Experiment {
    let gaps = &case.parameters["interarrival"];
    let law = Law::read(gaps);
    let rate = case.number("arrival_rate_per_s");
    let service = case.service();
    let mut station = Station::poisson(rate, &service, case.servers());
    station.relaxation_s = relaxation_s(rate, service.mean_s, 1.0) * ((law.scv + 1.0) / 2.0).max(1.0);
    match gaps["dist"].as_str().expect("dist") {
        "const" => station.producer += "\nprocess = \"constant\"",
        "erlang" | "gamma" => station.producer += &format!("\nprocess = {{ cv = {} }}", law.scv.sqrt()),
        _ => return replayed(case, station, gaps.clone()),
    }
    station.experiment(case, &[])
}

/// A law of gaps that no `process` has: its arrivals are drawn here and replayed.
fn replayed(case: &Case, mut station: Station, gaps: Value) -> Experiment {
    station.producer = "messages = \"messages.csv\"".into();
    let mut experiment = station.experiment(case, &[]);
    experiment.most_messages = MOST_ROWS;
    experiment.pool = false;
    let id = case.id.clone();
    experiment.scenario = Box::new(move |plan| {
        let files = FileMap::from([("messages.csv".to_owned(), arrivals(&gaps, plan).into_bytes())]);
        (station.text(&id, plan), files)
    });
    experiment
}

fn arrivals(gaps: &Value, plan: &Plan) -> String {
    let branches = gaps["branches"].as_array().expect("branches");
    let number = |branch: &Value, key: &str| branch[key].as_f64().expect("a number");
    let mut draws = Draws::new(plan.seed);
    let (mut at, mut text) = (0.0, String::from("time_s\n"));
    loop {
        let mut left = draws.uniform();
        let chosen = branches.iter().find(|branch| {
            left -= number(branch, "share");
            left < 0.0
        });
        at += draws.exponential(number(chosen.unwrap_or(&branches[0]), "mean_s"));
        if at >= plan.warmup_s + plan.span_s {
            return text;
        }
        writeln!(text, "{at:.9}").expect("a string takes all");
    }
}

#[test]
fn gm1() {
    let cases = shared("gm1");
    let experiments: Vec<Experiment> = cases.iter().map(experiment).collect();
    list_unobserved("gm1", &cases);
    judge("gm1", REPLICATIONS, &measure_all(&experiments));
}
