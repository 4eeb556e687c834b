//! Product-form networks: tandem and feedback stations, retries that rejoin the queue after a backoff.

use super::case::{Case, FileMap, Law, per_s, s, shared};
use super::observe;
use super::replicate::{Experiment, MOST_MESSAGES, Metric, Plan};
use super::station::{Station, list_unobserved, measure_all, plain, relaxation_s};
use super::verdict::{REPLICATIONS, judge};
use serde_json::Value;
use tailback::study::Findings;

struct Node {
    external: f64,
    /// Share of messages that go on to each station.
    onward: Vec<f64>,
    service: Law,
    servers: f64,
}

fn nodes(case: &Case) -> Vec<Node> {
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let numbers = |value: &Value| list(value).iter().map(|n| n.as_f64().expect("a number")).collect::<Vec<f64>>();
    let external = numbers(&case.parameters["external_rates_per_s"]);
    let routing = list(&case.parameters["routing"]);
    let stations = list(&case.parameters["stations"]);
    let node = |(i, station): (usize, &Value)| Node {
        external: external[i],
        onward: numbers(&routing[i]),
        service: Law::read(&station["service"]),
        servers: station["servers"].as_f64().expect("servers"),
    };
    stations.iter().enumerate().map(node).collect()
}

fn text(id: &str, nodes: &[Node], plan: &Plan) -> String {
    let mut out = plan.head(id);
    for (i, node) in nodes.iter().enumerate() {
        let name = i + 1;
        if node.external > 0.0 {
            out += &format!("[producer.p{name}]\nto = \"q{name}\"\nrate = {}\n\n", per_s(node.external));
        }
        out += &format!("[queue.q{name}]\n\n[consumer.w{name}]\nfrom = \"q{name}\"\n");
        out += &format!("replicas = {}\nservice = {}\n", node.servers, node.service.toml);
        let onward = node.onward.iter().enumerate().filter(|(_, share)| **share > 0.0);
        let then: Vec<String> =
            onward.map(|(to, share)| format!("{{ to = \"q{}\", share = {share} }}", to + 1)).collect();
        if !then.is_empty() {
            out += &format!("then = [{}]\nroute = \"one\"\n", then.join(", "));
        }
        out.push('\n');
    }
    out
}

fn jackson_experiment(case: &Case) -> Experiment {
    let nodes = nodes(case);
    let count = nodes.len();
    let expected = case.expected.as_object().expect("expected");
    let mut metrics = vec![];
    for (key, value) in expected {
        let Some((name, station)) = key.split_once(".station") else { continue };
        let (queue, consumer) = (format!("q{station}"), format!("w{station}"));
        let name = name.to_owned();
        let read =
            move |findings: &Findings| observe::metric(findings, &queue, &consumer, &name).expect("an observed metric");
        metrics.push(Metric { read: Box::new(read), ..plain(case, key, value.as_f64().expect("a number")) });
    }
    let total = move |findings: &Findings| {
        (1..=count).map(|i| observe::average(observe::component(findings, &format!("q{i}")), "backlog")).sum::<f64>()
    };
    let backlog = case.expected("backlog_mean.total").expect("total backlog");
    metrics.push(Metric { read: Box::new(total), ..plain(case, "backlog_mean.total", backlog) });
    if case.id.starts_with("tandem") {
        let last = format!("q{count}");
        let read =
            move |findings: &Findings| observe::component(findings, &last).journey.as_ref().expect("a journey").mean;
        let end_to_end = case.expected("end_to_end_mean_s").expect("end to end");
        metrics.push(Metric { read: Box::new(read), ..plain(case, "end_to_end_mean_s", end_to_end) });
    }
    let flow = |i: usize| case.expected(&format!("throughput_per_s.station{}", i + 1)).expect("throughput");
    let slowest = nodes.iter().enumerate().map(|(i, node)| relaxation_s(flow(i), node.service.mean_s, node.servers));
    let id = case.id.clone();
    Experiment {
        id: case.id.clone(),
        rate_per_s: (0..count).map(flow).sum(),
        relaxation_s: 2.0 * slowest.fold(0.0, f64::max),
        most_messages: MOST_MESSAGES,
        pool: false,
        metrics,
        scenario: Box::new(move |plan| (text(&id, &nodes, plan), FileMap::new())),
    }
}

/// The wait of a first delivery has the law of every delivery's: in a product form each visit sees the same state.
fn retry_experiment(case: &Case) -> Experiment {
    let (service, servers) = (case.service(), case.servers());
    let deliveries = case.expected("delivery_rate_per_s").expect("delivery rate");
    let mut station =
        Station::poisson(case.number("arrival_rate_per_s"), &service, servers).queue("dead_letter = \"dlq\"");
    let attempts = case.number("max_attempts");
    let backoff = &case.parameters["backoff"];
    let (delay, longest) = match backoff["base_s"].as_f64() {
        None => ("backoff = \"0s\"".to_owned(), 0.0),
        Some(base) => {
            let n = |key: &str| backoff[key].as_f64().expect("a number");
            let jitter = backoff["jitter"].as_str().expect("jitter");
            let text = format!(
                "backoff = {}, factor = {}, cap = {}, jitter = \"{jitter}\"",
                s(base),
                n("factor"),
                s(n("cap_s"))
            );
            (text, backoff["delays_s"].as_array().expect("delays").iter().filter_map(Value::as_f64).sum())
        }
    };
    station.consumer += &format!(
        "\nfailure = {}\nretry = {{ max_attempts = {attempts}, {delay} }}",
        case.number("failure_probability")
    );
    station.rate_per_s = deliveries;
    // All retries of one message are over after the sum of its delays.
    station.relaxation_s = relaxation_s(deliveries, service.mean_s, servers) + longest / 5.0;
    let mut experiment = station.experiment(case, &["latency_mean_s"]);
    experiment.pool = false;
    experiment
}

#[test]
fn jackson() {
    let experiments: Vec<Experiment> = shared("jackson").iter().map(jackson_experiment).collect();
    judge("jackson", REPLICATIONS, &measure_all(&experiments));
}

#[test]
fn retry_network() {
    let cases = shared("retry_network");
    let experiments: Vec<Experiment> = cases.iter().map(retry_experiment).collect();
    list_unobserved("retry_network", &cases);
    super::verdict::leave_out(
        "retry_network",
        "latency_mean_s",
        "it counts dead-lettered messages too; backlog_mean is it times the rate",
    );
    judge("retry_network", REPLICATIONS, &measure_all(&experiments));
}
