//! `--set path=value`.

use super::everything::EVERYTHING;
use super::{BASE, files};
use crate::arrivals::SpikeLevel;
use crate::scenario::{Effect, Origin, Problem, Scenario, Service, Source, render};

fn set(text: &str, overrides: &[(&str, &str)]) -> Result<Scenario, Vec<Problem>> {
    let overrides: Vec<(String, String)> =
        overrides.iter().map(|(path, value)| ((*path).into(), (*value).into())).collect();
    Scenario::parse_with(text, &files(), &overrides)
}

fn good(text: &str, overrides: &[(&str, &str)]) -> Scenario {
    set(text, overrides).unwrap_or_else(|problems| panic!("{}", render(&problems, "s.toml", text, false)))
}

#[test]
fn values_are_replaced_and_marked_as_arguments() {
    let scenario =
        good(BASE, &[("consumer.worker.replicas", "7"), ("producer.shop.rate", "900/s"), ("duration", "1h")]);
    assert_eq!(scenario.consumers[0].replicas, 7);
    assert_eq!(scenario.duration.seconds(), 3600.0);
    let Source::Curve { curve, .. } = &scenario.producers[0].source else { panic!("a curve") };
    assert_eq!(curve.rate_at(0.0), 900.0);
    let rate = scenario.assumptions.iter().find(|assumption| assumption.path == "producer.shop.rate");
    assert_eq!(rate.map(|rate| (rate.value.as_str(), &rate.origin)), Some(("900/s", &Origin::Argument)));
}

#[test]
fn only_entries_may_be_left_out() {
    let one =
        BASE.replace("rate = \"10/s\"", "rate = \"10/s\"\nspikes = [{ at = \"1m\", for = \"1m\", rate = \"20/s\" }]");
    for path in ["producer.shop.spikes.rate", "producer.shop.spikes.0.rate"] {
        let scenario = good(&one, &[(path, "50/s")]);
        let Source::Curve { curve, .. } = &scenario.producers[0].source else { panic!("a curve") };
        assert_eq!(curve.spikes[0].level, SpikeLevel::Rate(50.0));
    }
    let law = BASE.replace("\"50ms\"", "{ exp = \"50ms\" }");
    let lognormal = BASE.replace("\"50ms\"", "{ lognormal = { mean = \"50ms\", cv = 1 } }");
    for text in [BASE, &law, &lognormal] {
        let scenario = good(text, &[("consumer.worker.service.mean", "80ms")]);
        let Service::Drawn(service) = &scenario.consumers[0].service else { panic!("a law") };
        assert!((service.mean() - 0.08).abs() < 1e-12);
    }
}

#[test]
fn faults_go_by_name_and_absent_tables_are_made() {
    let scenario = good(
        EVERYTHING,
        &[
            ("fault.down.at", "21m"),
            ("fault.1.crash", "3"),
            ("window.release.for", "1m"),
            ("queue.dead.ttl", "1h"),
            ("consumer.mailer.retry.backoff", "5s"),
        ],
    );
    assert_eq!(scenario.faults[0].at.seconds(), 21.0 * 60.0);
    assert!(matches!(scenario.faults[1].effect, Effect::ConsumerCrash { .. }));
    assert!(scenario.queues.iter().any(|queue| queue.name == "dead" && queue.ttl.is_some() && !queue.implied));
    assert!(scenario.consumers.iter().any(|consumer| consumer.name == "mailer" && consumer.retry.is_some()));
}

#[test]
fn mistakes_name_the_argument() {
    for (path, value, message, way_out) in [
        ("producer.shp.rate", "5/s", "no producer is called `shp`", "did you mean `shop`?"),
        ("producer.shop.rte", "5/s", "`rte` is not a key of a producer", "did you mean `rate`?"),
        ("producers.shop.rate", "5/s", "`producers` is not a key of a scenario", "did you mean `producer`?"),
        ("producer.shop.rate", "900", "`rate` takes a rate with its unit", "\"900/s\""),
        (
            "producer.shop.rate.x",
            "900",
            "`producer.shop.rate` is the text \"10/s\", which has nothing called `x`",
            "set",
        ),
        ("fault.outage.at", "5s", "no fault is called `outage`", "the scenario has no fault"),
        ("consumer.worker.replicas", "-1", "`replicas` = -1 is negative", "0 or more"),
        ("consumer.worker.crash.mtbf", "1h", "a crash needs `restart`", "mtbf"),
        ("", "1", "\"\" is not a path", "consumer.worker.replicas"),
    ] {
        let problems = set(BASE, &[(path, value)]).expect_err(path);
        let shown = render(&problems, "s.toml", BASE, false);
        assert!(shown.contains(message) && shown.contains(way_out), "{shown}");
        assert!(shown.contains(&format!("--> --set {path}={value}")), "{shown}");
        assert_eq!((problems.len(), problems[0].line), (1, 0), "{shown}");
    }
    let two = BASE.replace(
        "rate = \"10/s\"",
        "rate = \"10/s\"\nspikes = [{ at = \"1m\", for = \"1m\", times = 2 }, { at = \"3m\", for = \"1m\", times = 2 }]",
    );
    let problems = set(&two, &[("producer.shop.spikes.times", "3")]).expect_err("two spikes");
    assert!(problems[0].message.contains("has 2 entries"), "{problems:?}");
}
