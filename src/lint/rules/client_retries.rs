//! Clients that never give up: calls that hold a slot, and publishers that come again.

use super::{Found, Rule, View, of_consumer, set};
use crate::lint::{Figure, Severity};
use crate::scenario::OnReject;

pub(super) const RULE: Rule = Rule {
    name: "client-retries-without-end",
    finds: "a call, a request or a refused publish that is tried again without a bound",
    find,
};

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (index, consumer) in view.consumers() {
        let slots = f64::from(consumer.replicas * consumer.concurrency);
        for (at, call) in consumer.calls.iter().enumerate() {
            if call.retry.as_ref().is_none_or(|retry| retry.max_attempts.is_some()) {
                continue;
            }
            let dependency = &view.scenario.dependencies[call.dependency];
            let severity = if view.trouble(index).is_some() { Severity::Error } else { Severity::Warning };
            found.push(Found {
                severity,
                component: consumer.name.clone(),
                says: format!(
                    "A call of {} to {} is tried until it succeeds, and the message keeps its work slot meanwhile: \
                     while {} fails, all {slots} slots are taken.",
                    consumer.name, dependency.name, dependency.name
                ),
                figure: Figure { name: "work slots that it can take", value: slots, unit: "slots" },
                fix: vec![of_consumer(&consumer.name, &format!("calls.{at}.retry.max_attempts"), "3")],
            });
        }
    }
    for producer in &view.scenario.producers {
        let reply = producer.reply.as_ref().and_then(|reply| reply.retry.as_ref()).map(|retry| ("reply", retry));
        let refused = match &producer.on_reject {
            OnReject::Retry(retry) => Some(("on_reject", retry)),
            _ => None,
        };
        for (key, retry) in [reply, refused].into_iter().flatten() {
            if retry.max_attempts.is_some() {
                continue;
            }
            let what = if key == "reply" { "A request without an answer" } else { "A refused publish" };
            let per_s = view.loads.iter().map(|load| load.rate_at(0.0)).fold(0.0, f64::max);
            found.push(Found {
                severity: Severity::Warning,
                component: producer.name.clone(),
                says: format!(
                    "{what} of {} is sent again without end: in an outage the clients of every second are added to \
                     those of the second before.",
                    producer.name
                ),
                figure: Figure { name: "clients added each second of an outage", value: per_s, unit: "1/s" },
                fix: vec![set(format!("producer.{}.{key}.retry.max_attempts", producer.name), "4")],
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn a_call_without_end_takes_all_slots() {
        let call = "replicas = 20\ncalls = [{ dependency = \"d\", timeout = \"1s\", retry = { backoff = \"1s\" } }]";
        let text = plain(&[("replicas = 20", call)]) + "\n[dependency.d]\nservice = \"10ms\"\n";
        assert_eq!(found(&text, "client-retries-without-end").figure.value, 20.0);
        silent(&text.replace("backoff = \"1s\"", "max_attempts = 3"), "client-retries-without-end");
    }

    #[test]
    fn publishers_are_clients_too() {
        let reply = "rate = \"10/s\"\nreply = { timeout = \"5s\", retry = { backoff = \"1s\" } }";
        found(&plain(&[("rate = \"10/s\"", reply)]), "client-retries-without-end");
    }
}
