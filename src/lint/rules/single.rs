//! Nobody stands in when the only replica is away.

use super::{Found, Rule, View, of_consumer};
use crate::lint::words::{count, number};
use crate::lint::{Figure, Severity};
use crate::scenario::Effect;

pub(super) const RULE: Rule =
    Rule { name: "single-replica", finds: "a queue or stream with one replica: every restart is an outage", find };

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for load in &view.loads {
        let readers: Vec<_> = view.consumers().filter(|(index, _)| load.consumers.contains(index)).collect();
        let [(index, consumer)] = readers[..] else { continue };
        let more_later = consumer.schedule.iter().any(|(_, replicas)| *replicas > 1);
        if consumer.replicas != 1 || consumer.scaling.is_some() || more_later {
            continue;
        }
        let restarts = consumer.crash.is_some()
            || view.scenario.faults.iter().any(|fault| match fault.effect {
                Effect::ConsumerCrash { consumer, .. }
                | Effect::ConsumerHang { consumer, .. }
                | Effect::ConsumerDeploy { consumer, .. } => consumer == index,
                _ => false,
            });
        let rate = load.rate_at(0.0);
        found.push(Found {
            severity: if restarts { Severity::Warning } else { Severity::Info },
            component: load.component.clone(),
            says: format!(
                "{} has one replica: whenever it restarts nothing is worked on, and each minute of that leaves {} messages \
                 ({}/s).",
                consumer.name,
                count(rate * 60.0),
                number(rate)
            ),
            figure: Figure { name: "messages that a minute's absence leaves", value: rate * 60.0, unit: "messages" },
            fix: vec![of_consumer(&consumer.name, "replicas", "2")],
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn a_minute_of_ten_a_second() {
        let text = plain(&[("replicas = 20", "replicas = 1"), ("\"1s\"", "\"10ms\"")]);
        assert_eq!(found(&text, "single-replica").figure.value, 600.0);
        silent(&plain(&[]), "single-replica");
    }
}
