//! Scaled runs: who is scaled, that the figures stay, and what is refused.

use std::collections::BTreeMap;
use std::fs;

use tailback::model::Model;
use tailback::scenario::{Files, Scenario};
use tailback::study::{Chosen, ComponentFindings, Engine, Findings, Options, replicate};

use crate::program::{Place, repository, scenarios};

fn scenario(text: &str) -> Scenario {
    let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    Scenario::parse(text, &files).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn run(text: &str, engine: Engine) -> Findings {
    let options = Options { engine, ..Options::default() };
    replicate(&scenario(text), &options, &|_| ()).unwrap_or_else(|failure| panic!("{failure}"))
}

fn mean(part: &ComponentFindings, figure: &str) -> f64 {
    part.total(figure).unwrap_or_else(|| panic!("no {figure}")).mean
}

/// Reads the traces beside the committed scenarios.
struct Beside;

impl Files for Beside {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(repository().join("scenarios").join(path)).map_err(|error| error.to_string())
    }
}

/// The committed scenarios are simulated message by message, but for the one that is about big traffic.
#[test]
fn the_committed_scenarios_are_exact() {
    for name in scenarios() {
        let folder = repository().join("scenarios");
        let text = fs::read_to_string(folder.join(format!("{name}.toml"))).expect("a scenario");
        let scenario = Scenario::parse(&text, &Beside).unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
        let chosen = Chosen::of(&Model::compile(&scenario), Engine::Auto).expect("auto fits all");
        assert_eq!(chosen.weight, if name == "black-friday" { 200 } else { 1 }, "{name}");
        assert_eq!(chosen.bound, None, "{name}");
    }
}

const SPIKE: &str = r#"
title = "t"
duration = "4m"
warmup = "20s"
runs = 4
[producer.web]
to = "orders"
rate = "2000/s"
spikes = [{ at = "1m", for = "30s", rate = "9000/s" }]
[queue.orders]
max_deliveries = 3
dead_letter = "lost"
recovered_when = "backlog <= 5000"
[consumer.worker]
from = "orders"
replicas = 600
service = { exp = "100ms" }
failure = "10%"
retry = { backoff = "1s", jitter = "full" }
"#;

#[test]
fn a_scaled_run_tells_what_the_exact_one_tells() {
    let (exact, scaled) = (run(SPIKE, Engine::Exact), run(SPIKE, Engine::Weight(10)));
    assert_eq!((exact.engine.word(), scaled.engine.word(), scaled.engine.weight), ("exact", "scaled", 10));
    let (a, b) = (exact.component("orders").expect("a queue"), scaled.component("orders").expect("a queue"));
    for (figure, tolerance) in [
        ("published", 0.003),
        ("completed", 0.003),
        ("peak_backlog", 0.01),
        ("dead_lettered", 0.15),
        ("oldest_age_max_s", 0.1),
    ] {
        let (exact, scaled) = (mean(a, figure), mean(b, figure));
        assert!((scaled / exact - 1.0).abs() < tolerance, "{figure}: {scaled} against {exact}");
    }
    let recovery = |part: &ComponentFindings| part.recovery.as_ref().and_then(|it| it.stat.as_ref()).map(|it| it.mean);
    let (here, there) = (recovery(a).expect("it recovers"), recovery(b).expect("it recovers"));
    assert!((there / here - 1.0).abs() < 0.03, "{there} against {here}");
    for (a, b) in [(&a.wait, &b.wait), (&a.latency, &b.latency)] {
        let (a, b) = (a.as_ref().expect("messages"), b.as_ref().expect("messages"));
        for (exact, scaled) in [(a.mean, b.mean), (a.p50, b.p50), (a.p99, b.p99)] {
            assert!((scaled - exact).abs() < 0.02 * exact.max(1.0), "{scaled} against {exact}");
        }
    }
    let workers = |findings: &Findings| {
        let part = findings.component("worker").expect("a consumer");
        (part.average("busy").expect("busy").mean, part.average("replicas").expect("replicas").mean)
    };
    let (here, there) = (workers(&exact), workers(&scaled));
    assert!((there.0 / here.0 - 1.0).abs() < 0.01 && there.1 == here.1, "{there:?} against {here:?}");
}

/// A pool that is far too small to be divided: the slot is busy with the other nine services after the first.
#[test]
fn few_servers_keep_their_speed_and_their_latency_at_low_load() {
    let text = SPIKE
        .replace("2000/s", "20/s")
        .replace("9000/s", "90/s")
        .replace("600", "6")
        .replace("5000", "100")
        .replace("4m", "20m");
    let (exact, scaled) = (run(&text, Engine::Exact), run(&text, Engine::Weight(10)));
    let (a, b) = (exact.component("orders").expect("a queue"), scaled.component("orders").expect("a queue"));
    assert!(scaled.engine.coarse.iter().any(|said| said.contains("one after another")), "{:?}", scaled.engine.coarse);
    let (here, there) = (mean(a, "peak_backlog"), mean(b, "peak_backlog"));
    assert!((there / here - 1.0).abs() < 0.08, "{there} against {here}");
    let service = |part: &ComponentFindings| {
        let latency = part.time_average.iter().find(|(name, _)| *name == "in_flight").expect("in flight");
        latency.1.mean
    };
    // By Little's law the time in work is that of one service.
    assert!((service(b) / service(a) - 1.0).abs() < 0.05, "{} against {}", service(b), service(a));
}

#[test]
fn requests_are_billed_as_for_the_real_messages() {
    let priced = "duration = \"2m\"\nruns = 2\n[producer.p]\nto = \"q\"\nrate = \"4000/s\"\nsize = \"100 KB\"\n\
        [queue.q]\nbroker = \"sqs\"\nprice = \"0.40/M\"\n\
        [consumer.w]\nfrom = \"q\"\nreplicas = 1000\nservice = \"20ms\"\nprice = \"1/h\"\n";
    let cost = |engine| {
        let findings = run(priced, engine);
        findings.cost.as_ref().expect("prices").parts.iter().map(|part| part.quantity.mean).collect::<Vec<f64>>()
    };
    let (exact, scaled) = (cost(Engine::Exact), cost(Engine::Weight(10)));
    for (exact, scaled) in exact.iter().zip(&scaled) {
        assert!((scaled / exact - 1.0).abs() < 0.02, "{scaled} against {exact}");
    }
}

#[test]
fn what_cannot_be_scaled_is_refused_with_the_reason() {
    let place = Place::new();
    place.write(
        "keyed.toml",
        "duration = \"1m\"\nruns = 1\n[producer.p]\nto = \"q\"\nrate = \"1000/s\"\nkeys = { count = 9 }\n\
        [queue.q]\norder = \"key\"\n[consumer.w]\nfrom = \"q\"\nreplicas = 9\nservice = \"1ms\"\n",
    );
    let said = place.run(&["run", "keyed.toml", "--weight", "10"]).with_status(2).stderr();
    assert!(said.contains("would change the answer: 1 at most, as `q` works on one message of a key"), "{said}");
    place.run(&["run", "keyed.toml", "--engine", "scaled"]).with_status(2);
}

#[test]
fn two_weights_are_held_against_each_other() {
    let place = Place::new();
    place.write("spike.toml", SPIKE);
    let ended = place.run(&["run", "spike.toml", "--runs", "2", "--weight", "20", "--verify", "--quiet"]);
    let said = ended.with_status(0).stdout();
    for part in ["weight 20  weight 10", "peak_backlog", "Scaled: each simulated message stands for 20 real ones."] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn a_bound_on_the_time_raises_the_weight() {
    let place = Place::new();
    let day =
        SPIKE.replace("4m", "10h").replace("2000/s", "50000/s").replace("600", "10000").replace("runs = 4", "runs = 1");
    place.write("day.toml", &day);
    let ended = place.run(&["run", "day.toml", "--max-time", "2m", "--format", "json", "--quiet"]);
    assert!(ended.with_status(0).json()["weight"].as_u64() >= Some(500));
    let exact = place.run(&["run", "day.toml", "--max-time", "1s", "--engine", "exact", "--quiet"]);
    let said = exact.with_status(1).stderr();
    assert!(said.contains("more than --max-time allows"), "{said}");
}
