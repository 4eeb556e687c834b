//! Messages that come or go in lumps: batch arrivals, batch service, on/off arrivals.

use super::case::{Case, Law, per_s, s, shared};
use super::replicate::Experiment;
use super::station::{Station, list_unobserved, measure_all, relaxation_s};
use super::verdict::{REPLICATIONS, judge};

/// Bursts hang together for so long that 1 % needs hundreds of millions of messages; the table says where it is wider.
const MOST_BURSTY: f64 = 64e6;

fn batches(case: &Case) -> Experiment {
    let batch = &case.parameters["batch"];
    let (text, mean, second) = match batch["kind"].as_str().expect("kind") {
        "fixed" => {
            let size = batch["size"].as_f64().expect("size");
            (format!("{size}"), size, size * size)
        }
        "geometric" => {
            let mean = batch["mean"].as_f64().expect("mean");
            (format!("{{ geometric = {mean} }}"), mean, mean * (2.0 * mean - 1.0))
        }
        _ => {
            let pmf = batch["pmf"].as_object().expect("pmf").iter();
            let pairs: Vec<(f64, f64)> =
                pmf.map(|(size, share)| (size.parse().expect("a size"), share.as_f64().expect("a share"))).collect();
            let text: Vec<String> = pairs.iter().map(|(size, share)| format!("[{size}, {share}]")).collect();
            let moment = |power: i32| pairs.iter().map(|(size, share)| share * size.powi(power)).sum::<f64>();
            (format!("{{ pmf = [{}] }}", text.join(", ")), moment(1), moment(2))
        }
    };
    let rate = case.number("batch_arrival_rate_per_s");
    let mut station = Station::poisson(rate * mean, &case.service(), case.servers());
    station.producer = format!("rate = {}\nbatch = {text}", per_s(rate));
    station.relaxation_s *= (second / mean + 1.0) / 2.0;
    station.experiment(case, &[])
}

fn bulk(case: &Case) -> Experiment {
    let service = Law::read(&case.parameters["service_per_batch"]);
    let size = case.number("max_batch");
    let rate = case.number("arrival_rate_per_s");
    let mut station = Station::poisson(rate, &service, case.servers());
    station.consumer = format!(
        "replicas = {}\nbatch = {{ size = {size}, wait = {}, service_per_batch = {} }}",
        case.servers(),
        s(case.number("batch_wait_s")),
        service.toml
    );
    station.relaxation_s = relaxation_s(rate / size, service.mean_s, case.servers());
    station.experiment(case, &[])
}

fn on_off(case: &Case) -> Experiment {
    let phases = case.parameters["mmpp"].as_array().expect("mmpp");
    let number = |phase: &serde_json::Value, key: &str| phase[key].as_f64().expect("a number");
    let text: Vec<String> = phases
        .iter()
        .map(|phase| {
            let (rate, stay) = (number(phase, "rate_per_s"), number(phase, "mean_stay_s"));
            format!("{{ rate = {}, mean_stay = {} }}", per_s(rate), s(stay))
        })
        .collect();
    let rate = case.expected("mean_rate_per_s").expect("mean rate");
    let mut station = Station::poisson(rate, &case.service(), case.servers());
    station.producer = format!("process = {{ mmpp = [{}] }}", text.join(", "));
    // The backlog of a burst drains within about backlog_mean / spare capacity.
    let spare = case.servers() / case.service().mean_s - rate;
    let cycle: f64 = phases.iter().map(|phase| number(phase, "mean_stay_s")).sum();
    station.relaxation_s = case.expected("backlog_mean").expect("backlog") / spare + cycle;
    let mut experiment = station.experiment(case, &[]);
    experiment.most_messages = MOST_BURSTY;
    experiment
}

fn family(name: &str, experiment: fn(&Case) -> Experiment) {
    let cases = shared(name);
    let experiments: Vec<Experiment> = cases.iter().map(experiment).collect();
    list_unobserved(name, &cases);
    judge(name, REPLICATIONS, &measure_all(&experiments));
}

#[test]
fn batch_arrivals() {
    family("batch_arrivals", batches);
}

#[test]
fn bulk_service() {
    family("bulk_service", bulk);
}

#[test]
fn mmpp() {
    family("mmpp", on_off);
}
