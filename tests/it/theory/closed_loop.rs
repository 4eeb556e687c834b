//! Clients that think, publish one message and wait for it.

use super::case::{Case, Law, shared};
use super::replicate::Experiment;
use super::station::{Station, list_unobserved, measure_all};
use super::verdict::{REPLICATIONS, judge};

/// Longer than any run: no client ever gives up.
const PATIENCE: &str = "100000h";

fn experiment(case: &Case) -> Experiment {
    let think = Law::read(&case.parameters["think"]);
    let rate = case.expected("throughput_per_s").expect("throughput");
    let mut station = Station::poisson(rate, &case.service(), case.servers());
    let clients = case.number("clients");
    station.producer =
        format!("clients = {{ count = {clients}, think = {} }}\nreply = {{ timeout = \"{PATIENCE}\" }}", think.toml);
    station.relaxation_s += think.mean_s;
    let mut experiment = station.experiment(case, &[]);
    experiment.pool = false;
    experiment
}

#[test]
fn closed_loop() {
    let cases = shared("closed_loop");
    let experiments: Vec<Experiment> = cases.iter().map(experiment).collect();
    list_unobserved("closed_loop", &cases);
    judge("closed_loop", REPLICATIONS, &measure_all(&experiments));
}
