//! Backpressure: rejected publishes come back after an exponential backoff.

use super::case::{Case, Law, shared};
use super::replicate::Experiment;
use super::station::{Station, list_unobserved, measure_all};
use super::verdict::{REPLICATIONS, judge, leave_out};

fn experiment(case: &Case) -> Experiment {
    let (service, servers) = (case.service(), case.servers());
    let backoff = Law::read(&case.parameters["retry_backoff"]);
    let waiting = case.number("capacity_in_system") - servers;
    let mut station = Station::poisson(case.number("arrival_rate_per_s"), &service, servers)
        .queue(&format!("capacity = {waiting}\noverflow = \"reject\""));
    station.producer += &format!("\non_reject = {{ retry = {{ backoff = {} }} }}", backoff.toml);
    let attempts = case.expected("publish_attempt_rate_per_s").expect("attempt rate");
    station.rate_per_s = attempts;
    // The orbit empties through the spare capacity, and each of its messages only looks in once a backoff.
    let spare = 1.0 - case.expected("utilization").expect("utilization");
    station.relaxation_s += 2.0 * backoff.mean_s / spare;
    let mut experiment = station.experiment(case, &[]);
    experiment.pool = false;
    experiment
}

#[test]
fn retrial() {
    let (kept, left): (Vec<Case>, Vec<Case>) =
        shared("retrial").into_iter().partition(|case| case.number("retry_persistence") >= 1.0);
    for case in &left {
        leave_out("retrial", &case.id, "giving up with a probability at each rejection is no key of `on_reject`");
    }
    let experiments: Vec<Experiment> = kept.iter().map(experiment).collect();
    list_unobserved("retrial", &kept);
    judge("retrial", REPLICATIONS, &measure_all(&experiments));
}
