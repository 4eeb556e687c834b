//! Whether a queue gets over its disturbances, and why not: as JSON and in words.

use serde_json::{Value, json};

use super::figures::{percent, runs};
use super::json::{number, optional};
use crate::study::{ComponentFindings, Findings, Mechanism, Outcome, Verdict};

/// Null where there is none.
pub(super) fn of_component(verdict: Option<&Verdict>) -> Value {
    let Some(verdict) = verdict else { return Value::Null };
    json!({
        "outcome": verdict.outcome.word(),
        "recovered": verdict.recovered,
        "never": verdict.never,
        "mechanism": verdict.mechanism.map(Mechanism::word),
        "evidence": verdict.evidence,
        "offered_load": optional(verdict.offered_load),
        "experiments": verdict.experiments.iter().map(|experiment| json!({
            "name": experiment.name,
            "runs": number(f64::from(experiment.runs)),
            "recovered": number(f64::from(experiment.recovered)),
        })).collect::<Vec<_>>(),
    })
}

/// The worst of all, with whose it is.
pub(super) fn of_all(findings: &Findings) -> Value {
    let Some((part, verdict)) = findings.verdict() else { return Value::Null };
    let mut out = of_component(Some(verdict));
    out["component"] = part.name.clone().into();
    out
}

/// `never recovered in any of 20 runs, metastable: its own retries keep it overloaded. Without retries …`.
pub(super) fn words(verdict: &Verdict) -> String {
    let all = verdict.recovered + verdict.never;
    let outcome = match verdict.outcome {
        Outcome::Recovered if all == 1 => "recovered".into(),
        Outcome::Recovered => format!("recovered in all {}", runs(all)),
        Outcome::Never if all == 1 => "never recovered".into(),
        Outcome::Never => format!("never recovered in any of {}", runs(all)),
        Outcome::Mixed => {
            let share = percent(f64::from(verdict.never) / f64::from(all));
            format!("never recovered in {} of {} ({share})", verdict.never, runs(all))
        }
    };
    let why = match verdict.mechanism {
        None => "",
        Some(Mechanism::UnderProvisioned) => ", under-provisioned: more is asked for than can be done",
        Some(Mechanism::Metastable) => ", metastable: its own retries and duplicates keep it overloaded",
        Some(Mechanism::Blocked) => ", blocked: one part of it holds nearly all that is left",
        Some(Mechanism::ScaledTooLate) => ", scaled too late: its replicas came when the backlog had won",
        Some(Mechanism::GaveUp) => " by giving up: it lost more than it completed",
    };
    format!("{outcome}{why}. {}", verdict.evidence)
}

/// The same with the queue's name, where it says more than the recovery time beside it.
pub(super) fn sentence(part: &ComponentFindings) -> Option<String> {
    let verdict = part.verdict.as_ref()?;
    let is_news = verdict.outcome != Outcome::Recovered || verdict.mechanism.is_some();
    is_news.then(|| format!("Verdict: {} {}", part.name, words(verdict)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{fixture, markdown, summary_json, terminal};

    #[test]
    fn the_worst_stands_on_top() {
        let mut findings = fixture::never_recovers();
        let value: Value = serde_json::from_str(&summary_json(&findings)).unwrap();
        let (top, own) = (&value["verdict"], &value["components"]["orders"]["verdict"]);
        assert_eq!((&top["component"], &top["outcome"]), (&json!("orders"), &json!("never")));
        assert_eq!((&own["mechanism"], &own["never"]), (&json!("metastable"), &json!(20)));
        assert_eq!(own["experiments"][0], json!({ "name": "without-retries", "runs": 5, "recovered": 5 }));
        assert!(value["components"]["order-worker"].get("verdict").is_none());
        findings.components[0].verdict = None;
        assert!(serde_json::from_str::<Value>(&summary_json(&findings)).unwrap()["verdict"].is_null());
    }

    #[test]
    fn it_is_said_in_a_sentence() {
        let never = fixture::never_recovers();
        let said = "never recovered in any of 20 runs, metastable: its own retries and duplicates keep it overloaded. \
                    Without retries";
        assert!(markdown(&never).contains(&format!("Verdict: orders {said}")));
        let text = terminal(&never, 240, false);
        assert!(text.contains(said), "{text}");
        assert!(terminal(&fixture::flash_sale(), 100, false).contains("recovered in all 20 runs"));
        assert!(!markdown(&fixture::flash_sale()).contains("Verdict"));
    }
}
