//! Finite room: M/M/c/K and Erlang B.

use super::case::{Case, shared};
use super::replicate::Experiment;
use super::station::{Station, list_unobserved, measure_all};
use super::verdict::{REPLICATIONS, judge};

/// Truth counts room in the system; `capacity` bounds `ready` only.
fn bounded(case: &Case) -> Experiment {
    let (service, servers) = (case.service(), case.servers());
    let waiting = case.number("capacity_waiting");
    Station::poisson(case.number("arrival_rate_per_s"), &service, servers)
        .queue(&format!("capacity = {waiting}\noverflow = \"reject\""))
        .bounded(servers / service.mean_s, waiting + servers, service.mean_s)
        .experiment(case, &[])
}

fn family(name: &str) {
    let cases = shared(name);
    let experiments: Vec<Experiment> = cases.iter().map(bounded).collect();
    list_unobserved(name, &cases);
    judge(name, REPLICATIONS, &measure_all(&experiments));
}

#[test]
fn mmck() {
    family("mmck");
}

#[test]
fn erlang_b() {
    family("erlang_b");
}
