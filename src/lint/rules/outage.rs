//! Retries that are used up before the outage is over.

use super::in_process::delays;
use super::{Found, Rule, View, of_consumer};
use crate::lint::words::{count, no_shorter, text, time};
use crate::lint::{Figure, Severity};
use crate::policy::retry::Backoff;
use crate::scenario::{Consumer, Effect, RetryPlace};

pub(super) const RULE: Rule = Rule {
    name: "retries-shorter-than-outage",
    finds: "attempts that are used up before a fault of this scenario ends: all that came in it is given up",
    find,
};

/// How long one attempt takes while what it calls fails: a silent dependency costs every try its timeout.
fn attempt(view: &View<'_>, index: usize, consumer: &Consumer) -> f64 {
    let own = view.hold(consumer).map_or(0.0, |hold| hold.work.mean);
    let calls = consumer.calls.iter().map(|call| {
        let silent = view.scenario.faults.iter().any(|fault| {
            matches!(fault.effect, Effect::DependencyDown { dependency, silent: true } if dependency == call.dependency)
        });
        let tries = call.retry.as_ref().map_or(Some(1), |retry| retry.max_attempts).unwrap_or(10_000);
        let waits = call.retry.as_ref().map_or(0.0, |retry| delays(&retry.backoff, tries));
        let timeout = call.timeout.filter(|_| silent).map_or(0.0, |timeout| timeout.seconds());
        waits + f64::from(tries) * timeout
    });
    let all = own + calls.sum::<f64>();
    let own_fails = view
        .scenario
        .faults
        .iter()
        .any(|fault| matches!(fault.effect, Effect::ConsumerErrors { consumer, .. } if consumer == index));
    if own_fails { own } else { all }
}

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (index, consumer) in view.consumers() {
        let Some(trouble) = view.trouble(index) else { continue };
        let Some(limit) = view.most_deliveries(consumer) else { continue };
        // A breaker holds attempts back while it is open, and a call's own retries take their time, too.
        if consumer.calls.iter().any(|call| call.breaker.is_some()) || consumer.ack_before {
            continue;
        }
        let none = Backoff::immediate();
        let backoff = consumer.retry.as_ref().map_or(&none, |retry| &retry.backoff);
        let queue = view.queue_of(consumer);
        let lease = queue.filter(|queue| queue.traits.nack_waits_for_lease).and_then(|queue| queue.visibility_timeout);
        let work = attempt(view, index, consumer);
        let own = delays(backoff, limit) + f64::from(limit) * work;
        let span = lease.map_or(own, |lease| own.max(f64::from(limit - 1) * lease.seconds()));
        if span >= trouble.lasts_s {
            continue;
        }
        let kept = queue.is_some_and(|queue| queue.dead_letter.is_some())
            || consumer.group.as_ref().is_some_and(|group| group.dead_letter.is_some());
        let gone = view.rate(index).map_or("the messages that come in it".into(), |rate| {
            format!("about {} messages", count(rate * (trouble.lasts_s - span)))
        });
        // The last retry comes when the outage is over, with the first delay that doubling needs for it.
        let attempts = 10u32;
        let first = trouble.lasts_s * 1.5 / (2f64.powi(attempts as i32 - 1) - 1.0);
        let mut fix = vec![
            of_consumer(&consumer.name, "retry.backoff", no_shorter(first)),
            of_consumer(&consumer.name, "retry.factor", "2"),
            of_consumer(&consumer.name, "retry.cap", no_shorter(trouble.lasts_s)),
            of_consumer(&consumer.name, "retry.jitter", text("equal")),
        ];
        if consumer.retry.as_ref().is_some_and(|retry| retry.place == RetryPlace::Process) {
            fix.push(of_consumer(&consumer.name, "retry.where", text("queue")));
        }
        if queue.is_some_and(|queue| queue.max_deliveries.is_some()) {
            let name = queue.map_or("", |queue| &queue.name);
            fix.push(super::of_queue(name, "max_deliveries", attempts.to_string()));
        }
        if consumer.retry.as_ref().is_some_and(|retry| retry.max_attempts.is_some()) {
            fix.push(of_consumer(&consumer.name, "retry.max_attempts", attempts.to_string()));
        }
        found.push(Found {
            severity: if kept { Severity::Warning } else { Severity::Error },
            component: view.component(consumer),
            says: format!(
                "{} of {} used up within {}, and {} lasts {}: {gone} are {}.",
                if limit == 1 { "The only attempt".into() } else { format!("The {limit} attempts") },
                if limit == 1 { format!("{} is", consumer.name) } else { format!("{} are", consumer.name) },
                time(span),
                trouble.name,
                time(trouble.lasts_s),
                if kept { "dead-lettered" } else { "lost" },
            ),
            figure: Figure { name: "time until all attempts are used up", value: span, unit: "s" },
            fix,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn five_attempts_of_a_second_do_not_outlast_five_minutes() {
        let fault = "\n[[fault]]\nname = \"db\"\nat = \"10m\"\nfor = \"5m\"\nconsumer = \"c\"\nerror_rate = 1.0\n";
        let text = plain(&[("[queue.q]", "[queue.q]\nmax_deliveries = 5\ndead_letter = \"d\"")]) + fault;
        let finding = found(&text, "retries-shorter-than-outage");
        assert_eq!(finding.figure.value, 5.0);
        // 10/s for the 295 s that are left.
        assert!(finding.says.contains("2,950 messages are dead-lettered"), "{}", finding.says);
        let patient = text.replace("replicas", "retry = { backoff = \"100s\", factor = 1 }\nreplicas");
        silent(&patient, "retries-shorter-than-outage");
    }
}
