//! Steady states: Erlang, Pollaczek–Khinchine, GI/M/1, bounded queues, batches.

use super::{agree, lines, near, station, value};
use crate::theory::case::{Case, Law, per_s, s, shared};
use tailback::envelope::{Leases, Mmc, bulk_service, fewest};

const STEADY: [(&str, &str); 8] = [
    ("utilization", "utilization_start"),
    ("p_wait", "wait_share"),
    ("wait_mean_s", "wait_mean"),
    ("wait_p50_s", "wait_p50"),
    ("wait_p99_s", "wait_p99"),
    ("backlog_mean", "backlog_mean"),
    ("latency_mean_s", "latency_mean"),
    ("latency_p99_s", "latency_p99"),
];

fn poisson(case: &Case) -> Vec<tailback::envelope::Line> {
    let rate = format!("rate = {}", per_s(case.number("arrival_rate_per_s")));
    let consumer = format!("replicas = {}\nservice = {}", case.servers(), case.service().toml);
    station(&rate, "", &consumer)
}

#[test]
fn erlang_c_is_exact() {
    for case in shared("mmc") {
        agree(&case, &poisson(&case), &STEADY, 1e-8);
    }
}

#[test]
fn one_server_with_any_service() {
    for case in shared("mg1") {
        let lines = poisson(&case);
        let exact = [STEADY[0], STEADY[1], STEADY[2], STEADY[5], STEADY[6]];
        // Durations are whole nanoseconds, and some laws are given by rounded parameters.
        agree(&case, &lines, &exact, 1e-6);
        for (metric, law) in [STEADY[3], STEADY[4]] {
            if let Some(expected) = case.expected(metric) {
                near(&case.id, metric, value(&lines, law), expected, 5e-3);
            }
        }
    }
}

#[test]
fn renewal_arrivals_at_one_server() {
    let mut compared = 0;
    for case in shared("gm1") {
        let gaps = &case.parameters["interarrival"];
        let process = match gaps["dist"].as_str().expect("dist") {
            "const" => "\"constant\"".to_owned(),
            "gamma" => format!("{{ cv = {} }}", gaps["cv"]),
            "erlang" => format!("{{ cv = {} }}", (1.0 / gaps["k"].as_f64().expect("k")).sqrt()),
            // The scenario language has no hyperexponential gaps.
            _ => continue,
        };
        let rate = format!("rate = {}\nprocess = {process}", per_s(case.number("arrival_rate_per_s")));
        let lines = station(&rate, "", &format!("replicas = 1\nservice = {}", case.service().toml));
        compared += agree(&case, &lines, &[STEADY[1], STEADY[2], STEADY[3], STEADY[4], STEADY[5]], 1e-6);
    }
    assert!(compared == 0 || compared > 15, "{compared}");
}

#[test]
fn a_bounded_queue_turns_away() {
    for case in shared("mmck") {
        let queue = format!("capacity = {}\noverflow = \"reject\"", case.number("capacity_waiting"));
        let rate = format!("rate = {}", per_s(case.number("arrival_rate_per_s")));
        let consumer = format!("replicas = {}\nservice = {}", case.servers(), case.service().toml);
        let lines = station(&rate, &queue, &consumer);
        let pairs = [
            ("reject_fraction", "rejected_share"),
            ("p_wait_accepted", "wait_share"),
            ("wait_mean_s", "wait_mean"),
            ("wait_p50_s", "wait_p50"),
            ("wait_p99_s", "wait_p99"),
            ("backlog_mean", "backlog_mean"),
        ];
        agree(&case, &lines, &pairs, 1e-7);
    }
}

#[test]
fn messages_that_come_together() {
    for case in shared("batch_arrivals") {
        let batch = &case.parameters["batch"];
        let text = match batch["kind"].as_str().expect("kind") {
            "fixed" => batch["size"].to_string(),
            "geometric" => format!("{{ geometric = {} }}", batch["mean"]),
            _ => {
                let pairs = batch["pmf"].as_object().expect("pmf").iter();
                let pairs: Vec<String> = pairs.map(|(size, share)| format!("[{size}, {share}]")).collect();
                format!("{{ pmf = [{}] }}", pairs.join(", "))
            }
        };
        let rate = format!("rate = {}\nbatch = {text}", per_s(case.number("batch_arrival_rate_per_s")));
        let lines = station(&rate, "", &format!("replicas = {}\nservice = {}", case.servers(), case.service().toml));
        agree(&case, &lines, &[STEADY[0], STEADY[2], STEADY[5], STEADY[6]], 1e-6);
    }
}

#[test]
fn a_server_that_takes_several_at_once() {
    for case in shared("bulk_service") {
        let service = Law::read(&case.parameters["service_per_batch"]);
        if service.scv != 1.0 {
            continue;
        }
        let (rate, size) = (case.number("arrival_rate_per_s"), case.number("max_batch"));
        let (waiting, busy) = bulk_service(rate, service.mean_s, size as u32).expect("it keeps up");
        near(&case.id, "ready_mean", waiting, case.expected("ready_mean").expect("ready"), 1e-8);
        near(&case.id, "busy", busy, case.expected("utilization_server").expect("busy"), 1e-8);
        let consumer =
            format!("replicas = 1\nbatch = {{ size = {size}, wait = \"0s\", service_per_batch = {} }}", service.toml);
        let lines = station(&format!("rate = {}", per_s(rate)), "", &consumer);
        agree(&case, &lines, &[STEADY[2], STEADY[6]], 1e-7);
    }
}

#[test]
fn the_smallest_fleet_for_a_target() {
    for case in shared("staffing") {
        let target = &case.parameters["target"];
        let n = |key: &str| target[key].as_f64().unwrap_or_else(|| panic!("no {key}"));
        let (rate, service) = (case.number("arrival_rate_per_s"), case.service().mean_s);
        let found = fewest(rate, service, |fleet: &Mmc| match target["kind"].as_str().expect("kind") {
            "p_wait_gt" => fleet.waits() * (-fleet.spare() * n("seconds")).exp() <= n("prob"),
            "mean_wait" => fleet.mean_wait_s() <= n("seconds"),
            _ => fleet.latency_quantile_s(n("q")) <= n("seconds"),
        });
        assert_eq!(found, case.expected("min_servers").map(|servers| servers as u32), "{}", case.id);
    }
}

/// To half of the last digit that was printed.
#[track_caller]
fn printed(case: &Case, metric: &str, found: f64, expected: f64) {
    let digits = case.expected[metric].to_string();
    let decimals = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let off = (found - expected).abs();
    assert!(off <= 0.5000001 * 10f64.powi(-(decimals as i32)), "{}: {metric} is {found}, not {expected}", case.id);
}

#[test]
fn published_examples_come_out_as_printed() {
    // (per, unit of the rate in seconds, unit of the answers in seconds)
    let seconds = |case: &Case| {
        let n = |key: &str| case.parameters[key].as_f64();
        let per = [
            ("lambda_per_s", 1.0),
            ("lambda_per_min", 60.0),
            ("lambda_per_h", 3600.0),
            ("lambda_per_yr", 31_536_000.0),
        ];
        let rate = per.iter().find_map(|(key, unit)| Some(n(key)? / unit)).expect("a rate");
        let lengths = [("service_s", 1.0), ("service_min", 60.0), ("service_days", 86_400.0)];
        let direct = lengths.iter().find_map(|(key, unit)| Some(n(key)? * unit));
        (rate, direct.or(n("mu_per_h").map(|mu| 3600.0 / mu)).expect("a service"))
    };
    let answers = [("Wq_s", 1.0), ("wait_mean_s", 1.0), ("Wq_min", 60.0), ("Wq_h", 3600.0), ("Wq_yr", 31_536_000.0)];
    for case in shared("published") {
        let (rate, service_s) = seconds(&case);
        let fleet = Mmc { rate, service_s, servers: case.servers() as u32 };
        for (metric, unit) in answers {
            if let Some(expected) = case.expected(metric) {
                printed(&case, metric, fleet.mean_wait_s() / unit, expected);
            }
        }
        for (metric, found) in [
            ("p_wait", fleet.waits()),
            ("Lq", rate * fleet.mean_wait_s()),
            ("L", rate * (fleet.mean_wait_s() + service_s)),
        ] {
            if let Some(expected) = case.expected(metric) {
                printed(&case, metric, found, expected);
            }
        }
    }
}

#[test]
fn leases_shorter_than_the_work() {
    for case in shared("visibility_timeout") {
        let accepted = case.parameters["stale_ack"] == "accepted";
        let text = format!(
            "duration = \"1h\"\n[producer.p]\nto = \"q\"\nrate = \"1/s\"\n[queue.q]\nvisibility_timeout = {}\n\
             max_deliveries = {}\nstale_ack = \"{}\"\ndead_letter = \"dlq\"\n[consumer.w]\nfrom = \"q\"\nreplicas = 1000\n\
             service = {}\n",
            s(case.number("visibility_timeout_s")),
            case.number("max_deliveries"),
            if accepted { "accepted" } else { "rejected" },
            case.service().toml
        );
        let lines = lines(&text);
        let beyond = case.expected("p_service_exceeds_timeout").expect("a share");
        near(&case.id, "P(S > V)", value(&lines, "lease_exceeded_share"), beyond, 1e-7);
        let extra = case.expected("deliveries_mean").expect("deliveries") - 1.0;
        let found = lines.iter().find(|line| line.law == "lease_duplicates").and_then(|line| line.value);
        near(&case.id, "extra deliveries", found.unwrap_or(0.0), extra, 1e-6);
        if let Some(given_up) = case.expected("dead_letter_fraction").filter(|share| *share > 1e-9) {
            near(&case.id, "given up", value(&lines, "lease_given_up_share"), given_up, 1e-6);
        }
    }
    // By hand: 20 s of work under a lease of 30 s never outlasts it.
    let work = tailback::random::Distribution::constant(20.0);
    assert_eq!(Leases::of(&work, 30.0, Some(5), true).extra, 0.0);
}
