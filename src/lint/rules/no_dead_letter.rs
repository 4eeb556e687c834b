//! Messages that are given up and kept nowhere.

use super::{Found, Rule, View, of_queue};
use crate::lint::words::{count, percent, text};
use crate::lint::{Figure, Severity};

pub(super) const RULE: Rule = Rule {
    name: "no-dead-letter",
    finds: "a bound on deliveries without a dead-letter queue: what is given up is lost",
    find,
};

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (index, queue) in view.queues() {
        let readers: Vec<_> = view.readers(index).collect();
        let limit = readers.iter().filter_map(|(_, c)| view.most_deliveries(c)).min().or(queue.max_deliveries);
        let (Some(limit), None) = (limit, queue.dead_letter) else { continue };
        let is_a_dead_letter = view.scenario.queues.iter().any(|other| other.dead_letter == Some(index));
        if is_a_dead_letter || queue.traits.at_most_once {
            continue;
        }
        let failure = readers.iter().map(|(_, c)| view.failure(c)).fold(0.0, f64::max);
        let hopeless = readers.iter().map(|(_, c)| c.permanent_failure).fold(0.0, f64::max);
        let trouble = readers.iter().find_map(|(c, _)| view.trouble(*c));
        let crashes = readers.iter().any(|(_, c)| c.crash.is_some()) && queue.traits.counts.crash;
        let poison = readers.iter().map(|(_, c)| view.poison(c.from)).fold(0.0, f64::max);
        let rate = view.load_of_queue(index).map_or(0.0, |load| load.rate_at(0.0));
        let run = view.scenario.duration.seconds();
        let lost = rate * run * (failure.powf(f64::from(limit)) + hopeless) + poison * run;
        let (severity, why) = if let Some(trouble) = &trouble {
            (Severity::Error, format!("in {} every delivery can fail", trouble.name))
        } else if lost >= 0.5 {
            let share = failure.powf(f64::from(limit)) + hopeless;
            (
                Severity::Error,
                format!("{} of the messages get there, about {} in this run", percent(share), count(lost)),
            )
        } else if crashes {
            (Severity::Error, "crashes use up deliveries, too".into())
        } else if failure > 0.0 {
            (Severity::Warning, format!("about {} in this run", count(lost)))
        } else {
            continue;
        };
        found.push(Found {
            severity,
            component: queue.name.clone(),
            says: format!(
                "After {limit} deliveries a message is dropped, and nobody can look at it or try it later: {why}."
            ),
            figure: Figure { name: "messages dropped in this run on an ordinary day", value: lost, unit: "messages" },
            fix: vec![of_queue(&queue.name, "dead_letter", text(&format!("{}-dlq", queue.name)))],
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::Severity;
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn a_tenth_three_times_is_a_thousandth() {
        let text = plain(&[
            ("[queue.q]", "[queue.q]\nmax_deliveries = 3"),
            ("replicas = 20", "replicas = 20\nfailure = \"10%\""),
        ]);
        let finding = found(&text, "no-dead-letter");
        assert!((finding.figure.value - 36.0).abs() < 1e-6, "36,000 × 0.1³");
        assert_eq!(finding.severity, Severity::Error);
        silent(&text.replace("failure = \"10%\"", ""), "no-dead-letter");
    }
}
