//! Sound scenarios: what is read, what is filled in, and that the schema agrees.

use super::everything::EVERYTHING;
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

#[test]
fn everything_the_language_has_is_read() {
    let scenario = parse(EVERYTHING).unwrap_or_else(|_| panic!("{}", shown(EVERYTHING)));
    let implied = scenario.queues.iter().rfind(|queue| queue.implied);
    assert_eq!(implied.map(|queue| queue.name.as_str()), Some("dead-records"));
    assert_eq!(scenario.queues[0].dead_letter, Some(9));
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
    assert_eq!(scenario.slos[0].figure.stat, None);
    assert_eq!(scenario.slos[4].figure.stat.as_deref(), Some("max"));
}

#[test]
fn the_schema_takes_what_the_reader_takes() {
    let validator = jsonschema::validator_for(&schema()).unwrap_or_else(|error| panic!("{error}"));
    let json = |text: &str| -> serde_json::Value {
        let value: toml::Value = toml::from_str(text).unwrap_or_else(|error| panic!("{error}"));
        serde_json::to_value(value).unwrap_or_else(|error| panic!("{error}"))
    };
    let template = template("x", "generic").unwrap_or_default();
    let beliefs = concat!(
        "[uncertain]\n\"consumer.worker.service.mean\" = [\"35ms\", \"60ms\"]\n\"queue.orders.max_in_flight\" = { uniform = [5, 9] }\n",
        "\"consumer.worker.failure\" = { triangular = [\"0%\", \"1%\", \"4%\"] }\n\"queue.orders.hold\" = { choice = [\"9s\", \"1m\"] }\n",
        "\"producer.shop.rate\" = { lognormal = { p50 = \"9/s\", p95 = \"20/s\" } }\n",
        "\"consumer.worker.timeout\" = { normal = { mean = \"2s\", sd = \"100ms\" } }\n",
    );
    let uncertain = format!("{BASE}{beliefs}");
    for text in [BASE, EVERYTHING, template.as_str(), &uncertain] {
        assert!(parse(text).is_ok(), "{}", shown(text));
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
        ("[queue.orders]", "[uncertain]\n\"producer.shop.rate\" = [\"9/s\"]\n[queue.orders]"),
        ("[queue.orders]", "[uncertain]\n\"producer.shop.rate\" = { gamma = [\"9/s\", \"19/s\"] }\n[queue.orders]"),
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
