//! An acknowledgement before the work is a promise that nobody keeps.

use super::{Found, Rule, View, of_consumer};
use crate::lint::words::{number, text};
use crate::lint::{Figure, Severity};
use crate::scenario::Effect;

pub(super) const RULE: Rule = Rule {
    name: "ack-before-work",
    finds: "messages acknowledged before the work where attempts fail or replicas die: what fails is lost",
    find,
};

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (index, consumer) in view.consumers().filter(|(_, consumer)| consumer.ack_before) {
        let failure = view.failure(consumer);
        let rate = view.load(index).map_or(0.0, |load| load.rate_at(0.0));
        let run = view.scenario.duration.seconds();
        let slots = f64::from(consumer.replicas * consumer.concurrency);
        let dies = |effect: &Effect| match *effect {
            Effect::ConsumerCrash { consumer, .. } | Effect::ConsumerErrors { consumer, .. } => consumer == index,
            _ => false,
        };
        let crashes = consumer.crash.as_ref().map_or(0.0, |crash| {
            run / crash.mtbf.seconds() * f64::from(consumer.replicas) * f64::from(consumer.concurrency)
        });
        let fault = view.scenario.faults.iter().find(|fault| dies(&fault.effect));
        let in_fault = fault.map_or(0.0, |fault| match fault.effect {
            Effect::ConsumerErrors { error_rate, .. } => rate * fault.lasts.seconds() * error_rate,
            _ => slots,
        });
        let lost = rate * run * failure + crashes + in_fault;
        if lost <= 0.0 {
            continue;
        }
        found.push(Found {
            severity: Severity::Error,
            component: view.component(consumer),
            says: format!(
                "{} acknowledges before it works: about {} messages of this run fail or die with their replica, and the \
                 broker believes that they are done.",
                consumer.name,
                number(lost)
            ),
            figure: Figure { name: "messages lost in this run, at most", value: lost, unit: "messages" },
            fix: vec![of_consumer(&consumer.name, "ack", text("after"))],
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn every_failure_is_a_loss() {
        let text = plain(&[("replicas = 20", "replicas = 20\nack = \"before\"\nfailure = \"1%\"")]);
        assert!((found(&text, "ack-before-work").figure.value - 360.0).abs() < 1e-6);
        silent(&text.replace("\nfailure = \"1%\"", ""), "ack-before-work");
    }
}
