//! Non-preemptive priorities: one producer a class, the first level is served first.

use super::case::{Case, FileMap, Law, per_s, shared};
use super::observe;
use super::replicate::{Experiment, MOST_MESSAGES, Metric, Plan};
use super::station::{measure_all, plain, relaxation_s};
use super::verdict::{REPLICATIONS, judge, leave_out};
use serde_json::Value;

fn text(id: &str, classes: &[(f64, Law)], servers: f64, plan: &Plan) -> String {
    let mut out = plan.head(id);
    let level = |i: usize| format!("class{}", i + 1);
    for (i, (rate, _)) in classes.iter().enumerate() {
        let name = level(i);
        out += &format!("[producer.p{name}]\nto = \"q\"\nrate = {}\npriority = {{ {name} = 1.0 }}\n\n", per_s(*rate));
    }
    let names: Vec<String> = (0..classes.len()).map(|i| format!("\"{}\"", level(i))).collect();
    let services: Vec<String> =
        classes.iter().enumerate().map(|(i, (_, law))| format!("{} = {}", level(i), law.toml)).collect();
    out += &format!("[queue.q]\norder = \"priority\"\npriorities = [{}]\n\n", names.join(", "));
    out += &format!(
        "[consumer.w]\nfrom = \"q\"\nreplicas = {servers}\nservice = {{ by_priority = {{ {} }} }}\n",
        services.join(", ")
    );
    out
}

pub(crate) fn experiment(case: &Case) -> Experiment {
    let read = |class: &Value| (class["arrival_rate_per_s"].as_f64().expect("rate"), Law::read(&class["service"]));
    let classes: Vec<(f64, Law)> = case.parameters["classes"].as_array().expect("classes").iter().map(read).collect();
    let rate: f64 = classes.iter().map(|(rate, _)| rate).sum();
    let busy: f64 = classes.iter().map(|(rate, law)| rate * law.mean_s).sum();
    let servers = case.servers();
    let mut metrics = vec![];
    for (i, _) in classes.iter().enumerate() {
        let expected = case.expected(&format!("wait_mean_s.class{}", i + 1)).expect("the class's wait");
        metrics.push(wait_of(case, i, expected));
    }
    metrics.push(plain(case, "wait_mean_s", case.expected("wait_mean_s.all").expect("the wait of all")));
    if let Some(expected) = case.expected("utilization") {
        metrics.push(plain(case, "utilization", expected));
    }
    let id = case.id.clone();
    Experiment {
        id: case.id.clone(),
        rate_per_s: rate,
        // The lowest class sees what the others leave over: a margin for its longer memory.
        relaxation_s: 2.0 * relaxation_s(rate, busy / rate, servers),
        most_messages: MOST_MESSAGES,
        pool: false,
        metrics,
        scenario: Box::new(move |plan| (text(&id, &classes, servers, plan), FileMap::new())),
    }
}

fn wait_of(case: &Case, class: usize, expected: f64) -> Metric {
    let level = format!("class{}", class + 1);
    let name = format!("wait_mean_s.{level}");
    let read = move |findings: &tailback::study::Findings| {
        let levels = &observe::component(findings, "q").by_priority;
        let found = levels.iter().find(|entry| entry.level == level).expect("findings of the level");
        found.wait.as_ref().expect("its waits").mean
    };
    Metric { read: Box::new(read), ..plain(case, &name, expected) }
}

#[test]
fn priority() {
    let cases = shared("priority");
    let experiments: Vec<Experiment> = cases.iter().map(experiment).collect();
    leave_out("priority", "ready_mean.class*", "findings hold `ready` of all levels together");
    judge("priority", REPLICATIONS, &measure_all(&experiments));
}
