//! Messages that expire unless started in time: Erlang A and a constant TTL.

use super::case::{Case, Law, shared};
use super::observe;
use super::replicate::{Experiment, Metric};
use super::station::{Station, list_unobserved, measure_all, plain};
use super::verdict::{REPLICATIONS, judge};

fn experiment(case: &Case) -> Experiment {
    let patience = Law::read(&case.parameters["patience"]);
    let (service, servers) = (case.service(), case.servers());
    let mut station = Station::poisson(case.number("arrival_rate_per_s"), &service, servers)
        .queue(&format!("ttl = {}", patience.toml));
    station.relaxation_s = station.relaxation_s.min(3.0 * patience.mean_s + 2.0 * service.mean_s);
    let mut experiment = station.experiment(case, &["p_wait"]);
    if let Some(expected) = case.expected("p_wait") {
        experiment.metrics.push(p_wait(case, expected));
    }
    experiment
}

/// Of all messages: one that is expired has waited, but only those that were served have a `wait`.
fn p_wait(case: &Case, expected: f64) -> Metric {
    let read = |findings: &tailback::study::Findings| {
        let q = observe::component(findings, "q");
        let expired = observe::after(q, "expired") / observe::after(q, "published");
        1.0 - observe::share_at_zero(observe::pooled(q, "wait")) * (1.0 - expired)
    };
    Metric { read: Box::new(read), ..plain(case, "p_wait", expected) }
}

#[test]
fn abandonment() {
    let cases = shared("abandonment");
    let experiments: Vec<Experiment> = cases.iter().map(experiment).collect();
    list_unobserved("abandonment", &cases);
    judge("abandonment", REPLICATIONS, &measure_all(&experiments));
}
