//! Failed messages that come back at once: a loop at full speed against what is broken.

use super::{Found, Rule, View, of_consumer};
use crate::lint::words::{number, text, time};
use crate::lint::{Figure, Severity};

pub(super) const RULE: Rule = Rule {
    name: "requeue-without-delay",
    finds: "failed messages that are delivered again at once: a loop at full speed while something is broken",
    find,
};

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (index, consumer) in view.consumers() {
        let Some(queue) = view.queue_of(consumer) else { continue };
        let (trouble, tries) = (view.trouble(index), view.most_deliveries(consumer));
        // With a bound, what poison costs is bounded.
        let poison = view.poison(consumer.from) > 0.0 && tries.is_none();
        let delayed = consumer.retry.as_ref().is_some_and(|retry| !retry.backoff.is_zero());
        let never_again = tries == Some(1) || consumer.ack_before || queue.traits.at_most_once;
        if delayed || never_again || queue.traits.nack_waits_for_lease || (trouble.is_none() && !poison) {
            continue;
        }
        let Some(hold) = view.hold(consumer) else { continue };
        let slots = f64::from(consumer.replicas * consumer.concurrency);
        let most = tries.zip(view.rate(index)).map_or(f64::INFINITY, |(tries, rate)| rate * f64::from(tries));
        let busy = (slots / hold.work.mean).min(most);
        let (when, severity) = match &trouble {
            Some(trouble) => {
                (format!("in {}, which lasts {},", trouble.name, time(trouble.lasts_s)), Severity::Warning)
            }
            None => ("a poison message is tried again as soon as a slot is free, and".into(), Severity::Info),
        };
        found.push(Found {
            severity,
            component: queue.name.clone(),
            says: format!(
                "A failed message returns without a delay: {when} {} makes up to {} attempts a second for nothing.",
                consumer.name,
                number(busy)
            ),
            figure: Figure { name: "attempts a second for nothing", value: busy, unit: "1/s" },
            fix: vec![
                of_consumer(&consumer.name, "retry.backoff", text("1s")),
                of_consumer(&consumer.name, "retry.factor", "2"),
                of_consumer(&consumer.name, "retry.cap", text("2m")),
                of_consumer(&consumer.name, "retry.jitter", text("full")),
            ],
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn twenty_slots_make_twenty_attempts_a_second() {
        let fault = "\n[[fault]]\nname = \"db\"\nat = \"10m\"\nfor = \"5m\"\nconsumer = \"c\"\nerror_rate = 1.0\n";
        let text = plain(&[]) + fault;
        assert_eq!(found(&text, "requeue-without-delay").figure.value, 20.0);
        silent(&text.replace("replicas", "retry = { backoff = \"1s\" }\nreplicas"), "requeue-without-delay");
    }
}
