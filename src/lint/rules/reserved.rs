//! Invocations that are refused use up deliveries.

use super::{Found, Rule, View, of_consumer};
use crate::lint::words::{number, time};
use crate::lint::{Figure, Severity};

pub(super) const RULE: Rule = Rule {
    name: "reserved-concurrency-trap",
    finds: "pollers that receive more than the reserved concurrency can work on: good messages are dead-lettered",
    find,
};

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (index, consumer) in view.consumers() {
        let (Some(scaling), Some(queue)) = (&consumer.scaling, view.queue_of(consumer)) else { continue };
        let Some(reserved) = scaling.reserved_concurrency.filter(|reserved| *reserved < scaling.limits.max) else {
            continue;
        };
        let Some(load) = view.load(index) else { continue };
        let (_, peak) = view.rates(load);
        let most = f64::from(reserved) / load.service_s;
        let limit = queue.max_deliveries;
        let lease = queue.visibility_timeout.map_or(0.0, |lease| lease.seconds());
        let then = match limit {
            Some(n) => format!(
                "after {n} refused receives, {} at the earliest, a good message is {}",
                time(f64::from(n) * lease),
                if queue.dead_letter.is_some() { "dead-lettered" } else { "dropped" }
            ),
            None => "each refusal costs a receive and a lease".into(),
        };
        let hits = peak > most;
        found.push(Found {
            severity: if hits && limit.is_some() { Severity::Error } else { Severity::Info },
            component: queue.name.clone(),
            says: format!(
                "Pollers of {} go up to {} invocations and the account allows {reserved}, which complete {}/s of up to \
                 {}/s: {then}.",
                consumer.name,
                scaling.limits.max,
                number(most),
                number(peak)
            ),
            figure: Figure { name: "highest rate over what is allowed to run", value: peak / most, unit: "1" },
            // Pollers that never ask for more than may run are never refused.
            fix: vec![
                of_consumer(&consumer.name, "scaling.reserved_concurrency", ""),
                of_consumer(&consumer.name, "scaling.max", reserved.to_string()),
            ],
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::Severity;
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn twenty_at_a_time_are_half_of_what_comes() {
        let text = plain(&[
            ("\"10/s\"", "\"40/s\""),
            ("[queue.q]", "[queue.q]\nbroker = \"sqs\"\ndead_letter = \"d\"\nmax_receive_count = 3"),
            ("replicas = 20\n", ""),
        ]) + "\n[consumer.c.scaling]\npolicy = \"lambda\"\nreserved_concurrency = 20\n";
        let finding = found(&text, "reserved-concurrency-trap");
        assert_eq!((finding.figure.value, finding.severity), (2.0, Severity::Error));
        silent(&text.replace("reserved_concurrency = 20", "max = 20"), "reserved-concurrency-trap");
    }
}
