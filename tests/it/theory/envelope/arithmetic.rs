//! Retries and hot keys: sums that need no theory.

use super::{near, station, value};
use crate::theory::case::shared;
use tailback::envelope::{Attempts, Question, backoff_mean_s, check, to_the_last_s};

#[test]
fn retries_multiply_work() {
    for case in shared("retry_arithmetic") {
        let b = &case.parameters["backoff"];
        let retry = format!(
            "retry = {{ max_attempts = {}, backoff = \"{}s\", factor = {}, cap = \"{}s\", jitter = {} }}",
            case.number("max_attempts"),
            b["base_s"],
            b["factor"],
            b["cap_s"],
            b["jitter"]
        );
        let failure = case.number("failure_probability");
        let consumer = format!("replicas = 100\nservice = \"10ms\"\nfailure = {failure:?}\n{retry}");
        let lines = station("rate = \"100/s\"", "dead_letter = \"dlq\"", &consumer);
        let expected = |metric: &str| case.expected(metric).unwrap_or_else(|| panic!("no {metric}"));
        near(&case.id, "attempts", value(&lines, "attempts"), expected("attempts_mean"), 1e-9);
        near(&case.id, "given up", value(&lines, "given_up_share"), expected("dead_letter_fraction"), 1e-9);
        near(&case.id, "delay", value(&lines, "backoff_mean"), expected("backoff_total_mean_s"), 1e-9);
        let last = expected("time_to_dead_letter_excluding_service_mean_s");
        near(&case.id, "to the last", value(&lines, "to_the_last"), last, 1e-9);
        let most = expected("max_sustainable_input_fraction_of_capacity");
        near(&case.id, "ceiling", value(&lines, "retry_ceiling"), most, 1e-9);
    }
}

/// 2 % of 300/s, five attempts: 0.02⁵ is 3.2 in a billion.
#[test]
fn dead_letters_by_hand() {
    let attempts = Attempts { failure: 0.02, hopeless: 0.0, poison: 0.0, limit: Some(5) };
    near("by hand", "given up", attempts.given_up(), 3.2e-9, 1e-12);
    let poisoned = Attempts { poison: 0.1, ..attempts };
    near("by hand", "attempts", poisoned.mean(), 0.9 * attempts.mean() + 0.5, 1e-12);
    let text = "duration = \"1m\"\n[producer.p]\nto = \"q\"\nrate = \"1/s\"\n[queue.q]\n[consumer.c]\nfrom = \"q\"\nservice = \"1ms\"\n\
                failure = 0.5\nretry = { max_attempts = 3, backoff = \"1s\", factor = 2 }\n";
    let scenario = super::parsed(text);
    let retry = scenario.consumers[0].retry.as_ref().expect("a retry");
    let half = Attempts { failure: 0.5, hopeless: 0.0, poison: 0.0, limit: Some(3) };
    // ½·1 s + ¼·2 s, and 1 s + 2 s.
    near("by hand", "delay", backoff_mean_s(&half, &retry.backoff), 1.0, 1e-12);
    near("by hand", "to the last", to_the_last_s(&half, &retry.backoff).expect("a limit"), 3.0, 1e-12);
}

/// However keys are hashed, the hottest alone bounds the rate; where each lies depends on the hash.
#[test]
fn the_hottest_key_bounds_the_rate() {
    for case in shared("hot_partition") {
        // No exponent is the language's way of saying 0.
        let zipf = match case.number("zipf") {
            0.0 => String::new(),
            exponent => format!(", zipf = {exponent}"),
        };
        let text = format!(
            "duration = \"10m\"\n[producer.p]\nto = \"s\"\nrate = \"{}/s\"\nkeys = {{ count = {}{zipf} }}\n[stream.s]\npartitions = {}\n\
             [consumer.w]\nfrom = \"s\"\nreplicas = {}\nservice = \"{}s\"\n",
            case.number("input_rate_per_s"),
            case.number("keys"),
            case.number("partitions"),
            case.number("partitions"),
            case.parameters["service"]["value_s"]
        );
        let lines = check(&super::parsed(&text), &Question::default());
        let ceiling = case.expected("upper_bound_input_rate_any_hash_per_s").expect("a bound");
        let service_s = case.parameters["service"]["value_s"].as_f64().expect("a service");
        let found = value(&lines, "hot_key_ceiling").min(case.number("partitions") / service_s);
        near(&case.id, "ceiling", found, ceiling, 1e-6);
        let share = &case.expected["max_partition_share_random_hash"];
        let (low, high) = (share["p05"].as_f64().expect("p05"), share["p95"].as_f64().expect("p95"));
        let found = value(&lines, "utilization_hottest") / (case.number("input_rate_per_s") * service_s);
        // One hash is one draw of the law of random hashes.
        assert!((low * 0.8..=high * 1.3).contains(&found), "{}: {found} of {low} … {high}", case.id);
    }
}
