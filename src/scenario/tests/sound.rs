//! Sound scenarios: what is read, what is filled in, and that the schema agrees.

use super::{BASE, parse, shown};
use crate::arrivals::Base;
use crate::broker::{Shape, presets};
use crate::scenario::{Effect, Origin, Overflow, RecoveredWhen, Scenario, Service, Source, render, schema, template};
use crate::units::Duration;

#[test]
fn defaults_are_filled_in_and_listed() {
    let scenario = parse(BASE).unwrap_or_else(|_| panic!("{}", shown(BASE)));
    assert_eq!((scenario.runs, scenario.seed, scenario.tick), (20, 1, Duration::from_seconds(1.0)));
    assert_eq!((scenario.queues[0].hold, scenario.slo_runs), (Duration::from_seconds(30.0), 0.95));
    assert_eq!(scenario.queues[0].overflow, Overflow::Reject);
    let origin = |path: &str| {
        let found = scenario.assumptions.iter().find(|assumption| assumption.path == path);
        found.map(|assumption| (assumption.value.as_str(), assumption.origin.clone()))
    };
    assert_eq!(origin("producer.shop.rate"), Some(("10/s", Origin::File { line: 4 })));
    assert_eq!(origin("queue.orders.hold"), Some(("30s", Origin::Default)));
    assert_eq!(origin("queue.orders.visibility_timeout"), Some(("none", Origin::Default)));
    assert_eq!(origin("tick"), Some(("1s", Origin::Default)));
}

#[test]
fn the_template_is_sound() {
    for name in ["flash", "with \"quotes\" and \\"] {
        let text = template(name, "generic").unwrap_or_else(|why| panic!("{why}"));
        let scenario = parse(&text).unwrap_or_else(|_| panic!("{}", shown(&text)));
        assert_eq!(scenario.title, name);
    }
    assert!(template("x", "genric").is_err_and(|why| why.contains("did you mean \"generic\"?")));
    assert!(template("x", "zzz").is_err_and(|why| why.contains("there is ") && why.contains("generic")));
}

/// Each broker with queues or streams has a template that its own rules allow, and nothing of the form is left over.
#[test]
fn every_brokers_template_is_sound() {
    for preset in presets::ALL {
        let text = match template("x", preset.name) {
            Ok(text) => text,
            Err(why) if preset.shape == Shape::Topic => {
                assert!(why.contains("has topics only"), "{why}");
                continue;
            }
            Err(why) => panic!("{why}"),
        };
        assert!(parse(&text).is_ok(), "{}:\n{}", preset.name, shown(&text));
        assert!(text.contains(&format!("= \"{}\"\n", preset.name)) && !text.contains('?'), "{text}");
    }
}

/// Everything the language has, in one file.
pub(super) const EVERYTHING: &str = r#"
schema_version = 1
title = "Everything"
duration = "1h"
warmup = "1m"
seed = 7
runs = 3
tick = "10s"
slo = ["orders.recovery_time < 20m", "orders.latency.p99 < 2s", "worker.utilization.mean <= 80%", "asker.goodput > 5/s", "orders.backlog < 1_000"]
slo_runs = 0.9

[producer.shop]
to = ["orders", "returns"]
balance = "least-backlog"
rate = "12k/min"
spikes = [{ at = "10m", for = "5m", rate = "6000/s", ramp = "20s", fall = "1m" }, { at = "30m", for = "1m", times = 3 }]
process = { cv = 2.0 }
batch = { pmf = [[1, 0.8], [10, 0.2]] }
priority = { high = "10%", low = 0.9 }
poison = 0.001
on_reject = { retry = { backoff = "1s", factor = 2, cap = "1m", jitter = "decorrelated", max_attempts = 5 } }

[producer.ramp]
to = "events"
rate = "1/s"
stages = [{ duration = "5m", target = "100/s" }, { duration = "0s", target = "10/s" }]
process = "constant"
batch = { geometric = 20 }

[producer.sine]
to = "events"
rate = "10/s"
wave = { amplitude = "5/s", period = "20m", phase = 1.5 }

[producer.day]
to = "events"
rate = "10/s"
daily = { peak = "18/s", at = "14h" }

[producer.traced]
to = "events"
trace = "trace.csv"
time_scale = 0.5
rate_scale = 10

[producer.bursty]
to = "events"
process = { mmpp = [{ rate = "1/s", mean_stay = "1m" }, { rate = "50/s", mean_stay = "5s" }] }

[producer.replayed]
to = "recorded"
messages = "messages.csv"

[producer.asker]
to = "questions"
clients = { count = 10, think = { exp = "1s" } }
reply = { timeout = "1s", retry = { max_attempts = 3, backoff = "100ms" } }
on_reject = "block"

[topic.events]

[queue.orders]
broker = "generic"
visibility_timeout = "60s"
stale_ack = "rejected"
max_deliveries = 5
dead_letter = "dead"
ttl = { uniform = ["1h", "2h"] }
capacity = 100000
overflow = "drop-head"
order = "priority"
priorities = ["high", "low"]
delivery_delay = "1s"
max_in_flight = 500
initial = { messages = 1000, age = "10m" }
recovered_when = "backlog < 20"
hold = "1m"

[queue.returns]
order = "priority"
priorities = ["high", "low"]
recovered_when = "oldest_age < 5s"

[queue.audit]
subscribe = "events"
order = "lifo"

[queue.mail]
subscribe = { topic = "events", share = 0.3 }

[queue.recorded]
[queue.questions]
capacity = 0
overflow = "reject"

[consumer.worker]
from = "orders"
replicas = 20
concurrency = 4
schedule = [{ at = "10m", replicas = 40 }, { at = "20m", replicas = 20 }]
service = { by_priority = { high = "10ms", low = { lognormal = { mean = "45ms", p99 = "250ms" } } } }
overhead = { success = "1ms", failure = { exp = "2ms" } }
speeds = [1, 1, 0.1]
failure_service = { gamma = { mean = "5ms", cv = 0.5 }, shift = "1ms" }
prefetch = 10
failure = "2%"
permanent_failure = 0.001
retry = { backoff = { uniform = ["1s", "2s"] }, factor = 2, cap = "2m", jitter = "full", max_attempts = 4, where = "process" }
timeout = "5s"
then = [{ to = "returns", share = 0.1 }, { to = "events", times = 2, share = 0.2 }]
route = "one"
crash = { mtbf = "6h", restart = "30s" }

[consumer.returner]
from = "returns"
service = { erlang = { mean = "10ms", k = 3 } }
then = [{ to = "orders", share = 0.5 }]

[consumer.auditor]
from = "audit"
batch = { size = 10, wait = "200ms", partial = true, service_per_batch = { weibull = { mean = "20ms", shape = 0.7 } } }
ack = "before"

[consumer.mailer]
from = "mail"
service = { pareto = { min = "1ms", alpha = 1.5, cap = "5s" } }

[consumer.second-mailer]
from = "mail"
service = { hyperexp = [{ share = 0.9, mean = "30ms" }, { share = 0.1, mean = "300ms" }] }
overhead = { choice = [{ share = 0.25, value = "1ms" }, { share = 0.75, value = "0s" }] }

[consumer.recorder]
from = "recorded"
service = "message"

[consumer.answerer]
from = "questions"
service = { empirical = "lengths.csv" }

[[fault]]
name = "down"
at = "20m"
for = "3m"
queue = "orders"
down = "blackhole"

[[fault]]
at = "25m"
for = "3m"
consumer = "worker"
crash = "50%"

[[fault]]
at = "30m"
for = "1m"
producer = "sine"
times = 0.5

[[fault]]
at = "30m"
for = "1m"
consumer = "mailer"
slow = 5

[[window]]
name = "release"
at = "40m"
for = "5m"
"#;

#[test]
fn everything_the_language_has_is_read() {
    let scenario = parse(EVERYTHING).unwrap_or_else(|_| panic!("{}", shown(EVERYTHING)));
    assert_eq!(scenario.queues.last().map(|queue| (queue.name.as_str(), queue.implied)), Some(("dead", true)));
    assert_eq!(scenario.queues[0].dead_letter, Some(6));
    assert_eq!(scenario.queues[0].recovered_when, Some(RecoveredWhen::BacklogAtMost(19)));
    assert_eq!(scenario.producers[0].priority, vec![0.1, 0.9]);
    assert!(matches!(scenario.consumers[0].service, Service::ByPriority(ref laws) if laws.len() == 2));
    assert!(matches!(scenario.faults[0].effect, Effect::QueueDown { queue: 0, silent: true }));
    assert_eq!(scenario.faults[1].name, "fault-2");
    let Source::Curve { curve, .. } = &scenario.producers[3].source else { panic!("a daily curve") };
    assert!((curve.rate_at(14.0 * 3600.0) - 18.0).abs() < 1e-9 && (curve.rate_at(2.0 * 3600.0) - 2.0).abs() < 1e-9);
    let Source::Curve { curve, .. } = &scenario.producers[4].source else { panic!("a trace") };
    assert_eq!(curve.base, Base::Trace { steps: vec![(0.0, 20.0), (30.0, 40.0), (60.0, 10.0)], end: 90.0 });
    assert_eq!(scenario.slos[2].value, 0.8);
    assert_eq!(scenario.slos[0].stat, None);
    assert_eq!(scenario.slos[4].stat.as_deref(), Some("max"));
}

#[test]
fn the_schema_takes_what_the_reader_takes() {
    let validator = jsonschema::validator_for(&schema()).unwrap_or_else(|error| panic!("{error}"));
    let json = |text: &str| -> serde_json::Value {
        let value: toml::Value = toml::from_str(text).unwrap_or_else(|error| panic!("{error}"));
        serde_json::to_value(value).unwrap_or_else(|error| panic!("{error}"))
    };
    let template = template("x", "generic").unwrap_or_default();
    for text in [BASE, EVERYTHING, template.as_str()] {
        let errors: Vec<String> =
            validator.iter_errors(&json(text)).map(|error| format!("{} at {}", error, error.instance_path())).collect();
        assert!(errors.is_empty(), "{}", errors.join("\n"));
    }
    for (from, to) in [
        ("rate = \"10/s\"", "rte = \"10/s\""),
        ("rate = \"10/s\"", "rate = 10"),
        ("service = \"50ms\"", "service = { exp = 50 }"),
        ("duration = \"10m\"", "durration = \"10m\""),
        ("duration = \"10m\"", "duration = \"10\""),
        ("duration = \"10m\"", "duration = \"0s\""),
        ("[queue.orders]", "[queue.orders]\norder = \"random\""),
        ("[queue.orders]", "[queue.orders]\nmax_deliveries = 0"),
        ("[queue.orders]", "[queue.orders]\nkeys = 3"),
    ] {
        assert!(!validator.is_valid(&json(&BASE.replace(from, to))), "{from} → {to}");
        assert!(parse(&BASE.replace(from, to)).is_err(), "{from} → {to}");
    }
}

/// Recorded arrivals of real systems, where they lie beside the repository.
#[test]
fn real_traces_are_read() {
    let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/traces"));
    let Ok(entries) = std::fs::read_dir(folder) else {
        #[allow(clippy::print_stderr, reason = "a test that checks nothing must say so")]
        {
            eprintln!("skipped: no shared/traces beside the repository");
        }
        return;
    };
    let mut read = 0;
    for path in
        entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|ext| ext == "csv"))
    {
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let total: f64 = String::from_utf8_lossy(&bytes)
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(',')?.1.trim().parse::<f64>().ok())
            .sum();
        let files = std::collections::BTreeMap::from([("real.csv".to_string(), bytes)]);
        let text = BASE.replace("rate = \"10/s\"", "trace = \"real.csv\"\ntime_scale = 0.001");
        let scenario = Scenario::parse(&text, &files)
            .unwrap_or_else(|problems| panic!("{}", render(&problems, &path.display().to_string(), &text, false)));
        let Source::Curve { curve, .. } = &scenario.producers[0].source else { panic!("a curve") };
        // Gaps in a recording are filled at the last rate, so a little more than what was counted may come.
        let ratio = curve.expected(1e7) / total;
        assert!((0.999..1.1).contains(&ratio), "{}: {ratio}", path.display());
        read += 1;
    }
    assert!(read >= 5, "{read} traces");
}
