//! Poisson arrivals at one station: M/M/c, M/D/c, M/G/1.

use super::case::{Case, shared};
use super::replicate::Experiment;
use super::station::{Station, list_unobserved, measure_all};
use super::verdict::{REPLICATIONS, judge};

fn experiment(case: &Case) -> Experiment {
    Station::poisson(case.number("arrival_rate_per_s"), &case.service(), case.servers()).experiment(case, &[])
}

fn family(name: &str, wanted: impl Fn(&Case) -> bool) {
    let cases: Vec<Case> = shared(name).into_iter().filter(wanted).collect();
    let experiments: Vec<Experiment> = cases.iter().map(experiment).collect();
    list_unobserved(name, &cases);
    judge(name, REPLICATIONS, &measure_all(&experiments));
}

#[test]
fn mmc_up_to_20_servers() {
    family("mmc", |case| case.servers() <= 20.0);
}

#[test]
fn mmc_beyond_20_servers() {
    family("mmc", |case| case.servers() > 20.0);
}

#[test]
fn mdc() {
    family("mdc", |_| true);
}

#[test]
fn mg1_of_phases() {
    family("mg1", |case| case.id.starts_with("mek1") || case.id.starts_with("mh21"));
}

#[test]
fn mg1_of_other_laws() {
    family("mg1", |case| case.id.starts_with("mg1"));
}
