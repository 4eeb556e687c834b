//! The committed truth set: closed forms computed here, so that a clone alone tests theory.

use super::case::Case;
use super::closed_forms::{cobham, erlang_b, erlang_c, mg1_wait, mm1k, mmc_wait, retries};
use super::priority;
use super::replicate::Experiment;
use super::station::{Station, measure_all};
use super::verdict::{REPLICATIONS, judge};
use serde_json::{Value, json};

/// A tenth of the shared families' budget: these cases are light, and every clone runs them.
const MOST_MESSAGES: f64 = 6e6;

fn cases() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/truth/cases.json");
    let text = std::fs::read_to_string(path).expect("the committed cases");
    serde_json::from_str(&text).expect("JSON")
}

fn case(value: &Value, expected: Value) -> Case {
    let id = value["id"].as_str().expect("id").to_owned();
    Case { id, parameters: value.clone(), expected, numeric_error: 1e-9 }
}

fn experiment(value: &Value) -> Experiment {
    let bare = case(value, json!({}));
    if value["law"] == "priority" {
        return classes(value);
    }
    let (rate, service, servers) = (bare.number("arrival_rate_per_s"), bare.service(), bare.servers());
    let mean = service.mean_s;
    let load = rate * mean;
    let station = Station::poisson(rate, &service, servers);
    match value["law"].as_str().expect("law") {
        "mmc" => {
            let wait = mmc_wait(rate, mean, servers);
            let p_wait = erlang_c(load, servers);
            // Beyond its atom at zero the wait is exponential.
            let p99 = (p_wait / 0.01).ln().max(0.0) / (servers / mean - rate);
            let expected = json!({ "wait_mean_s": wait, "ready_mean": rate * wait, "backlog_mean": rate * wait + load,
                "latency_mean_s": wait + mean, "p_wait": p_wait, "utilization": load / servers, "wait_p99_s": p99 });
            station.experiment(&case(value, expected), &[])
        }
        "mg1" => {
            let wait = mg1_wait(rate, mean, service.scv);
            let expected = json!({ "wait_mean_s": wait, "ready_mean": rate * wait, "backlog_mean": rate * wait + load,
                "utilization": load, "p_wait": load });
            station.experiment(&case(value, expected), &[])
        }
        "loss" => {
            let lost = erlang_b(load, servers);
            let expected = json!({ "reject_fraction": lost, "busy_mean": load * (1.0 - lost) });
            let station = station.queue("capacity = 0").bounded(servers / mean, servers, mean);
            station.experiment(&case(value, expected), &[])
        }
        "mm1k" => {
            let room = bare.number("room");
            let (backlog, full) = mm1k(rate, mean, room);
            let expected = json!({ "reject_fraction": full, "backlog_mean": backlog,
                "latency_mean_s": backlog / (rate * (1.0 - full)) });
            let station = station.queue(&format!("capacity = {}", room - 1.0)).bounded(1.0 / mean, room, mean);
            station.experiment(&case(value, expected), &[])
        }
        "retries" => {
            let (p, attempts) = (bare.number("failure"), bare.number("attempts"));
            let (mean_attempts, dead) = retries(p, attempts);
            let ready = rate * mean_attempts * mmc_wait(rate * mean_attempts, mean, 1.0);
            let expected = json!({ "work_amplification": mean_attempts, "dead_letter_fraction": dead,
                "utilization": load * mean_attempts, "ready_mean": ready });
            let mut station = station.queue("dead_letter = \"dlq\"");
            station.consumer += &format!("\nfailure = {p}\nretry = {{ max_attempts = {attempts}, backoff = \"0s\" }}");
            station.experiment(&case(value, expected), &[])
        }
        other => panic!("law {other} is new to this test"),
    }
}

/// Written as the shared family writes its classes.
fn classes(value: &Value) -> Experiment {
    let rates: Vec<f64> = value["rates_per_s"].as_array().expect("rates").iter().filter_map(Value::as_f64).collect();
    let mean = value["service"]["mean_s"].as_f64().expect("mean_s");
    let waits = cobham(&rates, mean);
    let total: f64 = rates.iter().sum();
    let mean_wait = waits.iter().zip(&rates).map(|(wait, rate)| wait * rate).sum::<f64>() / total;
    let mut expected = json!({ "wait_mean_s.all": mean_wait, "utilization": total * mean });
    for (i, wait) in waits.iter().enumerate() {
        expected[format!("wait_mean_s.class{}", i + 1)] = json!(wait);
    }
    let class = |rate: &f64| json!({ "arrival_rate_per_s": rate, "service": value["service"] });
    let mut value = value.clone();
    value["classes"] = rates.iter().map(class).collect();
    priority::experiment(&case(&value, expected))
}

#[test]
fn closed_forms() {
    let mut experiments: Vec<Experiment> = cases().iter().map(experiment).collect();
    for experiment in &mut experiments {
        experiment.most_messages = MOST_MESSAGES;
    }
    judge("tests/truth", REPLICATIONS, &measure_all(&experiments));
}
