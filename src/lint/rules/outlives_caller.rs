//! Work for somebody who does not wait any more.

use super::{Found, Rule, View, of_consumer, set};
use crate::lint::words::{no_shorter, text, time};
use crate::lint::{Figure, Severity};
use crate::scenario::Consumer;
use crate::units::Duration;

pub(super) const RULE: Rule = Rule {
    name: "timeout-outlives-caller",
    finds: "tries of a call that together last longer than the attempt, the lease or the client that waits for them",
    find,
};

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (_, consumer) in view.consumers() {
        found.extend(calls(consumer));
        found.extend(attempt(view, consumer));
        found.extend(client(view, consumer));
    }
    found
}

/// All tries of one call, against the bound on the attempt that makes it.
fn calls(consumer: &Consumer) -> Vec<Found> {
    let Some(bound) = consumer.timeout else { return vec![] };
    let mut found = vec![];
    for (at, call) in consumer.calls.iter().enumerate() {
        let tries = f64::from(call.retry.as_ref().map_or(Some(1), |retry| retry.max_attempts).unwrap_or(u32::MAX));
        let Some(timeout) = call.timeout.map(Duration::seconds).filter(|one| one * tries > bound.seconds()) else {
            continue;
        };
        found.push(Found {
            severity: Severity::Warning,
            component: consumer.name.clone(),
            says: format!(
                "An attempt of {} is cut off after {}, and the tries of its call may last {}: the last of them have no \
                 caller left.",
                consumer.name,
                time(bound.seconds()),
                time(timeout * tries)
            ),
            figure: Figure { name: "length of all tries", value: timeout * tries, unit: "s" },
            fix: if tries > 1e6 {
                let fits = (bound.seconds() / timeout).floor().max(2.0);
                vec![
                    of_consumer(&consumer.name, &format!("calls.{at}.retry.max_attempts"), format!("{fits}")),
                    of_consumer(&consumer.name, "timeout", no_shorter(timeout * fits)),
                ]
            } else {
                vec![of_consumer(&consumer.name, "timeout", no_shorter(timeout * tries))]
            },
        });
    }
    found
}

/// The bound on an attempt, against the lease.
fn attempt(view: &View<'_>, consumer: &Consumer) -> Option<Found> {
    let bound = consumer.timeout?;
    let lease = view.queue_of(consumer)?.visibility_timeout?;
    let extended = consumer.heartbeat.is_some_and(|beat| beat < lease);
    if bound <= lease || extended {
        return None;
    }
    let queue = view.queue_of(consumer)?;
    Some(Found {
        severity: Severity::Warning,
        component: queue.name.clone(),
        says: format!(
            "An attempt of {} may last {} before it is cut off, and the lease lasts {}: a hanging attempt is worked on \
             twice before it is given up.",
            consumer.name,
            time(bound.seconds()),
            time(lease.seconds())
        ),
        figure: Figure {
            name: "bound on the attempt over the lease",
            value: bound.seconds() / lease.seconds().max(1e-9),
            unit: "1",
        },
        fix: vec![super::of_queue(&queue.name, "visibility_timeout", no_shorter(bound.seconds() * 1.2))],
    })
}

/// The bound on an attempt, against the client that waits for it.
fn client(view: &View<'_>, consumer: &Consumer) -> Option<Found> {
    let bound = consumer.timeout?;
    let (producer, reply) = view.producers(consumer.from).find_map(|p| Some((p, p.reply.as_ref()?)))?;
    if bound <= reply.timeout {
        return None;
    }
    Some(Found {
        severity: Severity::Warning,
        component: consumer.name.clone(),
        says: format!(
            "A client of {} waits for {}, and an attempt of {} may last {}: work for a client that has gone.",
            producer.name,
            time(reply.timeout.seconds()),
            consumer.name,
            time(bound.seconds())
        ),
        figure: Figure {
            name: "bound on the attempt over the client's timeout",
            value: bound.seconds() / reply.timeout.seconds(),
            unit: "1",
        },
        fix: vec![set(format!("consumer.{}.timeout", consumer.name), text(&reply.timeout.to_string()))],
    })
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn three_tries_of_two_seconds_do_not_fit_into_five() {
        let call = "timeout = \"5s\"\ncalls = [{ dependency = \"d\", timeout = \"2s\", retry = { max_attempts = 3 } }]\nreplicas";
        let text = plain(&[("replicas", call)]) + "[dependency.d]\nservice = \"10ms\"\n";
        assert_eq!(found(&text, "timeout-outlives-caller").figure.value, 6.0);
        silent(&text.replace("\"5s\"", "\"6s\""), "timeout-outlives-caller");
    }

    #[test]
    fn an_attempt_fits_into_its_lease_and_its_clients_patience() {
        let text = plain(&[("replicas", "timeout = \"40s\"\nreplicas")]);
        found(&text.replace("[queue.q]", "[queue.q]\nvisibility_timeout = \"30s\""), "timeout-outlives-caller");
        found(&text.replace("rate", "reply = { timeout = \"10s\" }\nrate"), "timeout-outlives-caller");
    }
}
