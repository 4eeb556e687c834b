//! `[uncertain]`: what is drawn, what is refused and in which words.

use super::{BASE, files, parse, shown};
use crate::scenario::{Origin, Scenario, Service, Source, Unknown};

fn with(lines: &str) -> String {
    format!("{BASE}[uncertain]\n{lines}\n")
}

fn good(text: &str) -> Scenario {
    parse(text).unwrap_or_else(|_| panic!("{}", shown(text)))
}

fn rate(scenario: &Scenario) -> f64 {
    let Source::Curve { curve, .. } = &scenario.producers[0].source else { panic!("a curve") };
    curve.rate_at(0.0)
}

fn mean_service(scenario: &Scenario) -> f64 {
    let Service::Drawn(service) = &scenario.consumers[0].service else { panic!("a law") };
    service.mean()
}

#[test]
fn a_run_has_its_own_values_and_paper_the_medians() {
    let text = with(
        "\"producer.shop.rate\" = [\"10/s\", \"900/min\"]\n\"consumer.worker.service.mean\" = [\"35ms\", \"60ms\"]\n\
         \"consumer.worker.replicas\" = [2, 7]\n\"consumer.worker.failure\" = { triangular = [\"0%\", \"2%\", \"10%\"] }",
    );
    let scenario = good(&text);
    assert_eq!((rate(&scenario), mean_service(&scenario)), (12.5, 0.0475));
    assert_eq!(scenario.consumers[0].replicas, 5);
    let [by_rate, by_service, by_replicas, by_failure] = scenario.uncertain.as_slice() else { panic!("four") };
    assert_eq!(by_rate.law, Unknown::Uniform { low: 10.0, high: 15.0 });
    assert_eq!(
        (by_service.unit.base.as_str(), by_service.unit.scale, by_failure.unit.base.as_str()),
        ("s", 0.001, "share")
    );
    assert!(by_replicas.whole && !by_service.whole);
    let mut seen = std::collections::BTreeSet::new();
    for run in 0..40 {
        let one = scenario.settled(run).unwrap();
        assert!(one.uncertain.is_empty() && (10.0..15.0).contains(&rate(&one)));
        assert!((0.035..0.060).contains(&mean_service(&one)) && (0.0..0.1).contains(&one.consumers[0].failure));
        assert!((one.consumers[0].failure - scenario.drawn(run)[3] / 100.0).abs() < 1e-12);
        seen.insert(one.consumers[0].replicas);
    }
    assert_eq!(seen.into_iter().collect::<Vec<u32>>(), [2, 3, 4, 5, 6, 7]);
}

#[test]
fn another_line_and_another_seed() {
    let one = good(&with("\"producer.shop.rate\" = [\"10/s\", \"15/s\"]"));
    let two = good(&with("\"consumer.worker.concurrency\" = [1, 3]\n\"producer.shop.rate\" = [\"10/s\", \"15/s\"]"));
    assert_eq!(rate(&one.settled(3).unwrap()), rate(&two.settled(3).unwrap()));
    let reseeded = Scenario { seed: 99, runs: 3, ..one.clone() };
    let settled = reseeded.settled(3).unwrap();
    assert_ne!(rate(&one.settled(3).unwrap()), rate(&settled));
    assert_eq!((settled.seed, settled.runs), (99, 3));
}

#[test]
fn every_law_is_read() {
    for law in [
        "[0.01, 0.05]",
        "{ uniform = [0.01, 0.05] }",
        "{ triangular = [0.01, 0.02, 0.05] }",
        "{ normal = { mean = 0.05, sd = 0.01 } }",
        "{ lognormal = { p50 = 0.02, p95 = 0.05 } }",
        "{ lognormal = { mean = 0.02, cv = 0.5 } }",
        "{ choice = [0.01, 0.02] }",
        "{ choice = [{ share = 0.9, value = 0.01 }, { share = 0.1, value = 0.5 }] }",
    ] {
        let scenario = good(&with(&format!("\"consumer.worker.failure\" = {law}")));
        let failure = scenario.settled(0).unwrap().consumers[0].failure;
        assert!((0.0001..0.6).contains(&failure), "{law}: {failure}");
    }
}

#[test]
fn what_a_setting_says_is_not_drawn() {
    let text = with("\"producer.shop.rate\" = [\"10/s\", \"15/s\"]");
    let set = |path: &str, value: &str| Scenario::parse_with(&text, &files(), &[(path.into(), value.into())]);
    let pinned = set("producer.shop.rate", "12/s").unwrap();
    assert!(pinned.uncertain.is_empty() && rate(&pinned.settled(4).unwrap()) == 12.0);
    let said = pinned.assumptions.iter().find(|one| one.path == "uncertain.producer.shop.rate").unwrap();
    assert_eq!((said.value.as_str(), &said.origin), ("not drawn: a setting says what it is", &Origin::Argument));
    let wider = set("uncertain.producer.shop.rate", "[\"20/s\", \"30/s\"]").unwrap();
    assert_eq!(rate(&wider), 25.0);
    let another = set("uncertain.consumer.worker.failure", "[\"1%\", \"3%\"]").unwrap();
    assert_eq!((another.uncertain.len(), another.consumers[0].failure), (2, 0.02));
}

#[test]
fn an_assumption_says_what_is_drawn() {
    let scenario = good(&with("\"consumer.worker.service\" = [\"35ms\", \"0.06s\"]"));
    let said = scenario.assumptions.iter().find(|one| one.path == "uncertain.consumer.worker.service").unwrap();
    assert_eq!(said.value, "0.035s to 0.06s, all equally likely, drawn once a run; 0.0475s on paper");
    assert_eq!(said.origin, Origin::File { line: 10 });
}

#[test]
fn recordings_are_read_once_and_kept() {
    let text = BASE.replace("rate = \"10/s\"", "trace = \"trace.csv\"")
        + "[uncertain]\n\"consumer.worker.failure\" = [0, 0.5]\n";
    let scenario = Scenario::parse(&text, &files()).unwrap();
    let one = scenario.settled(5).unwrap();
    assert_eq!(rate(&one), rate(&scenario));
}

#[test]
fn refusals_stand_at_their_line() {
    for (line, message, way_out) in [
        ("\"producer.shp.rate\" = [\"1/s\", \"2/s\"]", "no producer is called `shp`", "did you mean `shop`?"),
        ("\"runs\" = [1, 2]", "`runs` is the same in all runs", "draw what the system does"),
        (
            "\"consumer.worker.replicas\" = [-3, 5]",
            "at the low end, `consumer.worker.replicas` = -3: `replicas` = -3 is negative",
            "0 or more",
        ),
        (
            "\"consumer.worker.failure\" = [\"5%\", \"120%\"]",
            "at the high end, `consumer.worker.failure` = 120%",
            "write 0.02",
        ),
        ("\"producer.shop.rate\" = [\"5ms\", \"9ms\"]", "\"7ms\" is not a rate", "rates are written"),
        ("\"producer.shop.rate\" = [\"5/s\", \"9\"]", "takes a number, or a quantity with its unit", "write 9"),
        ("\"producer.shop.rate\" = [\"5/s\", \"9ms\"]", "are not quantities of one kind", "the same unit"),
        ("\"producer.shop.rate\" = [\"9/s\", \"5/s\"]", "the wrong way round", "the lower value first"),
        ("\"producer.shop.rate\" = [\"9/s\"]", "takes two values", "[\"35ms\", \"60ms\"]"),
        ("\"producer.shop.rate\" = \"9/s\"", "takes a range or a law", "[\"35ms\", \"60ms\"]"),
        ("\"producer.shop.rate\" = { gamma = [1, 2] }", "`gamma` is not a key of an uncertain value", "`uniform`"),
        ("producer.shop.rate = [\"1/s\", \"2/s\"]", "`producer` is only the beginning of a path", "in quotes"),
        (
            "\"consumer.worker.failure\" = { lognormal = { mean = 0.1, p95 = 0.9 } }",
            "no lognormal",
            "at most 3.9 times",
        ),
        ("\"consumer.worker.failure\" = { normal = { mean = 0.1, sd = 0 } }", "leaves nothing uncertain", "above zero"),
        (
            "\"consumer.worker.failure\" = { choice = [0.1, { share = 0.5, value = 0.2 }] }",
            "a share to some values only",
            "or none",
        ),
        ("\"consumer.worker.service.x\" = [1, 2]", "nothing called `x`", "set `consumer.worker.service` itself"),
    ] {
        let text = with(line);
        let shown = shown(&text);
        assert!(shown.contains(message) && shown.contains(way_out), "{line}\n{shown}");
        assert!(shown.contains("--> s.toml:10:"), "{line}\n{shown}");
    }
}

#[test]
fn a_knob_that_another_setting_overrides_is_refused() {
    let scaled = BASE.to_string()
        + "[consumer.worker.scaling]\npolicy = \"keda\"\ntarget = 10\nmin = 1\nmax = 9\n\
           [uncertain]\n\"consumer.worker.replicas\" = [1, 9]\n";
    assert!(
        shown(&scaled).contains("is overridden: `consumer.worker.scaling` says how many there are"),
        "{}",
        shown(&scaled)
    );
}

#[test]
fn ends_that_are_wrong_together_are_told() {
    let both = "\"consumer.worker.failure\" = [0, 0.6]\n\"consumer.worker.permanent_failure\" = [0, 0.6]";
    let text = with(both);
    assert!(shown(&text).contains("with every uncertain value at its high end: "), "{}", shown(&text));
    // Wrong in one corner only: runs that do not come there are sound, one that does says so.
    let pareto = BASE.replace("\"50ms\"", "{ pareto = { min = \"10ms\", alpha = 2, cap = \"1s\" } }");
    let corner = "\"consumer.worker.service.min\" = [\"10ms\", \"60ms\"]\n\"consumer.worker.service.cap\" = [\"50ms\", \"100ms\"]";
    let scenario = good(&format!("{pareto}[uncertain]\n{corner}\n"));
    let broken = (0..200).find_map(|run| scenario.settled(run).err()).unwrap();
    assert!(broken[0].message.contains("does not lie above `min`"), "{broken:?}");
}
