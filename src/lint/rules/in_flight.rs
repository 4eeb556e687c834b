//! The broker's bound on messages in flight is a bound on the throughput.

use super::{Found, Rule, View, of_queue};
use crate::lint::words::{count, no_fewer, number, time};
use crate::lint::{Figure, Severity};

pub(super) const RULE: Rule = Rule {
    name: "in-flight-limit",
    finds: "a bound on messages in flight that the consumers, or the retries that wait, run into",
    find,
};

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (index, queue) in view.queues() {
        let Some(limit) = queue.max_in_flight else { continue };
        let Some(load) = view.load_of_queue(index) else { continue };
        let (base, peak) = view.rates(load);
        let most = |n: u32, scaled: Option<u32>| f64::from(scaled.unwrap_or(n).max(n));
        let in_hand: f64 = view
            .readers(index)
            .map(|(_, c)| {
                let scheduled = c.schedule.iter().map(|(_, n)| *n).max();
                let replicas = most(c.replicas, c.scaling.as_ref().map(|s| s.limits.max).or(scheduled));
                let each = [f64::from(c.concurrency), f64::from(c.prefetch.unwrap_or(0))];
                let times = c.batch.as_ref().map_or(c.receive.unwrap_or(1), |batch| batch.size);
                replicas * each[0].max(each[1]) * f64::from(times)
            })
            .sum();
        // While everything fails, whatever came within one delay waits for its retry.
        let waiting = view.readers(index).filter_map(|(c, consumer)| {
            let trouble = view.trouble(c)?;
            let own = consumer.retry.as_ref().map_or(0.0, |retry| retry.backoff.backoff.mean());
            let lease = queue.visibility_timeout.filter(|_| queue.traits.nack_waits_for_lease);
            let delay = own.max(lease.map_or(0.0, |lease| lease.seconds())).min(trouble.lasts_s);
            let counted = queue.traits.in_flight_includes_delayed || lease.is_some();
            counted.then_some((base * delay, delay, trouble.name))
        });
        let worst = waiting.max_by(|a, b| a.0.total_cmp(&b.0));
        let (needed, says) = match worst {
            Some((waiting, delay, fault)) if waiting > limit as f64 => (
                waiting + in_hand,
                format!(
                    "In {fault}, messages that failed wait {} for their retry and count as in flight: at {}/s that is \
                     {}, and the broker delivers nothing beyond {}.",
                    time(delay),
                    number(base),
                    count(waiting),
                    count(limit as f64)
                ),
            ),
            _ if in_hand > limit as f64 => (
                in_hand,
                format!(
                    "The consumers have room for {} messages at once and the broker hands out {}: with {} for each, \
                     no more than {}/s are completed, and up to {}/s come.",
                    count(in_hand),
                    count(limit as f64),
                    time(load.service_s),
                    number(limit as f64 / load.service_s),
                    number(peak),
                ),
            ),
            _ => continue,
        };
        let short = needed > limit as f64 && limit as f64 / load.service_s < peak || worst_is_error(needed, in_hand);
        found.push(Found {
            severity: if short { Severity::Error } else { Severity::Warning },
            component: queue.name.clone(),
            says,
            figure: Figure { name: "messages that want to be in flight", value: needed, unit: "messages" },
            fix: vec![of_queue(&queue.name, "max_in_flight", no_fewer(needed * 1.05))],
        });
    }
    found
}

/// Retries that wait take all places from what has not failed.
fn worst_is_error(needed: f64, in_hand: f64) -> bool {
    needed > in_hand
}

#[cfg(test)]
mod tests {
    use crate::lint::Severity;
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn a_thousand_in_flight_are_five_hundred_a_second() {
        let text = plain(&[
            ("[queue.q]", "[queue.q]\nbroker = \"jetstream\""),
            ("rate = \"10/s\"", "rate = \"600/s\""),
            ("replicas = 20\nservice = \"1s\"", "replicas = 2000\nservice = \"2s\""),
        ]);
        let finding = found(&text, "in-flight-limit");
        assert!(finding.says.contains("500/s"), "{}", finding.says);
        assert_eq!(finding.severity, Severity::Error);
        silent(&text.replace("replicas = 2000", "replicas = 1000"), "in-flight-limit");
    }
}
