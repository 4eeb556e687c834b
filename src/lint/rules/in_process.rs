//! Retries inside the process hold the lease while they wait.

use super::{Found, Rule, View, of_consumer};
use crate::lint::words::{text, time};
use crate::lint::{Figure, Severity};
use crate::policy::retry::{Backoff, Growth};
use crate::scenario::RetryPlace;

pub(super) const RULE: Rule = Rule {
    name: "in-process-retry-outlives-lease",
    finds: "retries inside the process that wait, lease in hand, until it runs out",
    find,
};

/// Seconds of waiting before all retries of `attempts`, without jitter.
pub(super) fn delays(backoff: &Backoff, attempts: u32) -> f64 {
    let cap = crate::units::seconds(backoff.cap);
    let delay = |n: u32| match backoff.growth {
        // The fourth power of the retries made so far, and 15 s.
        Growth::Sidekiq => f64::from(n - 1).powi(4) + 15.0,
        Growth::Envoy => backoff.backoff.mean() * (2f64.powi(n.min(60) as i32) - 1.0),
        Growth::Exponential => backoff.backoff.mean() * backoff.factor.powi(n.saturating_sub(1).min(1_000) as i32),
    };
    let retries = attempts.saturating_sub(1).min(10_000);
    (1..=retries).map(|n| delay(n).min(cap)).sum()
}

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (index, consumer) in view.consumers() {
        let (Some(queue), Some(retry)) = (view.queue_of(consumer), &consumer.retry) else { continue };
        let (Some(lease), Some(hold)) = (queue.visibility_timeout, view.hold(consumer)) else { continue };
        let extended = consumer.heartbeat.is_some_and(|beat| beat < lease);
        let fails = view.failure(consumer) > 0.0 || view.trouble(index).is_some() || view.poison(consumer.from) > 0.0;
        if retry.place != RetryPlace::Process || extended || !fails {
            continue;
        }
        let attempts = retry.max_attempts.unwrap_or(10_000);
        let held = delays(&retry.backoff, attempts) + f64::from(attempts) * hold.work.mean;
        if held <= lease.seconds() {
            continue;
        }
        let tries = retry.max_attempts.map_or("without end".into(), |n| format!("{n} times"));
        found.push(Found {
            severity: Severity::Warning,
            component: queue.name.clone(),
            says: format!(
                "{} tries a message {tries} inside the process, which takes {} with the waits in between, and its \
                 lease lasts {}: another consumer gets the message meanwhile.",
                consumer.name,
                time(held),
                time(lease.seconds()),
            ),
            figure: Figure { name: "time that all attempts take", value: held, unit: "s" },
            fix: vec![of_consumer(&consumer.name, "retry.where", text("queue"))],
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn waits_and_attempts_add_up() {
        let retry = "failure = 0.1\nretry = { where = \"process\", backoff = \"1s\", factor = 2, max_attempts = 4 }";
        let text = plain(&[
            ("[queue.q]", "[queue.q]\nvisibility_timeout = \"10s\""),
            ("replicas = 20", &format!("replicas = 20\n{retry}")),
        ]);
        // 1 + 2 + 4 of waiting, 4 of work.
        assert_eq!(found(&text, "in-process-retry-outlives-lease").figure.value, 11.0);
        silent(&text.replace("\"10s\"", "\"11s\""), "in-process-retry-outlives-lease");
    }
}
