//! Where each effective value of a scenario comes from.

use serde_json::{Value, json};

use crate::scenario::{Assumption, Origin, Scenario};

use super::screen::{Footnotes, Screen};

/// Tables whose entries have names; what belongs to one entry stands together.
const NAMED: [&str; 5] = ["producer", "queue", "topic", "stream", "consumer"];

/// Every value below the component that it belongs to; `path` is the file as the user named it.
pub(super) fn text(scenario: &Scenario, path: &str, screen: &Screen) -> String {
    let mut notes = Footnotes::default();
    let mut out = screen.heading(&scenario.title);
    for (component, assumptions) in by_component(&scenario.assumptions) {
        let rows: Vec<Vec<String>> = assumptions
            .iter()
            .map(|(key, assumption)| {
                let origin = match &assumption.origin {
                    Origin::File { line } => format!("{path}:{line}"),
                    Origin::Argument => "--set".into(),
                    Origin::Preset { broker, source, grade } => {
                        format!("preset {broker}, {}", notes.cite(grade.word(), source))
                    }
                    Origin::Default => "default".into(),
                };
                vec![(*key).to_string(), assumption.value.clone(), origin]
            })
            .collect();
        if !component.is_empty() {
            out.push('\n');
            out.push_str(&screen.heading(component));
        }
        out.push_str(&screen.table(&["key", "value", "from"], &rows));
    }
    out + &notes.text(screen)
}

pub(super) fn json(scenario: &Scenario, path: &str) -> Value {
    let assumptions = scenario.assumptions.iter().map(|assumption| {
        let origin = match &assumption.origin {
            Origin::File { line } => json!({ "kind": "file", "line": line }),
            Origin::Argument => json!({ "kind": "set" }),
            Origin::Preset { broker, source, grade } => {
                json!({ "kind": "preset", "broker": broker, "grade": grade.word(), "source": source })
            }
            Origin::Default => json!({ "kind": "default" }),
        };
        json!({ "path": assumption.path, "value": assumption.value, "origin": origin })
    });
    json!({
        "schema_version": 1,
        "file": path,
        "title": scenario.title,
        "assumptions": assumptions.collect::<Vec<_>>(),
    })
}

/// What one component is called, and its values under the keys that they have in it.
type Group<'a> = (&'a str, Vec<(&'a str, &'a Assumption)>);

/// Components in the order of their first value; the scenario's own values have none.
fn by_component(assumptions: &[Assumption]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = vec![];
    for assumption in assumptions {
        let (component, key) = split(&assumption.path);
        match groups.iter_mut().find(|(name, _)| *name == component) {
            Some((_, values)) => values.push((key, assumption)),
            None => groups.push((component, vec![(key, assumption)])),
        }
    }
    groups
}

/// `queue.orders.retry.cap` is `retry.cap` of `queue.orders`; `fault.outage.at` is `outage.at` of `fault`.
fn split(path: &str) -> (&str, &str) {
    let Some((kind, rest)) = path.split_once('.') else { return ("", path) };
    match rest.split_once('.') {
        Some((name, key)) if NAMED.contains(&kind) => (&path[..kind.len() + 1 + name.len()], key),
        _ => (kind, rest),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::scenario::Grade;

    const TEXT: &str = r#"title = "Letters"
duration = "10m"
[producer.shop]
to = "orders"
rate = "10/s"
[queue.orders]
[consumer.worker]
from = "orders"
service = "50ms"
[[fault]]
at = "5m"
for = "1m"
consumer = "worker"
crash = "50%"
"#;

    fn letters() -> Scenario {
        let overrides = [("queue.orders.ttl".to_string(), "1h".to_string())];
        let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut scenario = Scenario::parse_with(TEXT, &files, &overrides).expect("it is sound");
        for (key, grade) in [("stale_ack", Grade::Documented), ("withdraw", Grade::Secondary)] {
            let origin = Origin::Preset { broker: "post", source: "https://post.example/rules", grade };
            scenario.assumptions.push(Assumption { path: format!("queue.orders.{key}"), value: "x".into(), origin });
        }
        scenario
    }

    fn row<'t>(text: &'t str, key: &str) -> Vec<&'t str> {
        let line = text.lines().find(|line| line.split_whitespace().next() == Some(key));
        line.unwrap_or_else(|| panic!("{key} in\n{text}")).split_whitespace().skip(1).collect()
    }

    #[test]
    fn every_origin_is_told() {
        let text = text(&letters(), "s.toml", &Screen::new(100, false));
        assert!(text.starts_with("Letters\n"), "{text}");
        assert_eq!(row(&text, "rate"), ["10/s", "s.toml:5"]);
        assert_eq!(row(&text, "ttl"), ["1h", "--set"]);
        assert_eq!(row(&text, "seed"), ["1", "default"]);
        assert_eq!(row(&text, "stale_ack"), ["x", "preset", "post,", "documented", "[1]"]);
        assert_eq!(row(&text, "withdraw"), ["x", "preset", "post,", "secondary", "[1]"]);
        assert!(text.ends_with("Sources\n [1] https://post.example/rules\n"), "{text}");
        for component in ["producer.shop", "queue.orders", "consumer.worker", "fault"] {
            assert_eq!(text.lines().filter(|line| *line == component).count(), 1, "{component} in\n{text}");
        }
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn json_says_the_same() {
        let json = json(&letters(), "s.toml");
        let origin = |path: &str| {
            let all = json["assumptions"].as_array().expect("a list");
            all.iter().find(|one| one["path"] == path).map(|one| one["origin"].clone()).expect("it is there")
        };
        assert_eq!(origin("producer.shop.rate"), json!({ "kind": "file", "line": 5 }));
        assert_eq!(origin("queue.orders.ttl"), json!({ "kind": "set" }));
        assert_eq!(origin("queue.orders.withdraw")["grade"], "secondary");
        assert_eq!(origin("seed"), json!({ "kind": "default" }));
    }
}
