//! A lease that ends before the work does: another consumer gets the message, and both finish it.

use super::{Found, Rule, View, of_consumer, of_queue};
use crate::lint::words::{no_shorter, number, percent, time};
use crate::lint::{Figure, Severity};
use crate::scenario::{Consumer, Queue};

pub(super) const RULE: Rule = Rule {
    name: "lease-too-short",
    finds: "a lease that runs out while the work goes on; receives of several messages, batches and prefetch included",
    find,
};

/// Fewer than this are not worth a word.
const NOTEWORTHY: f64 = 0.001;

/// The longest leases that brokers grant, seconds (S-API, A-LOCK, P-SUB, K-SGC).
const LONGEST: [(&str, f64); 5] =
    [("sqs", 43_200.0), ("sqs-fifo", 43_200.0), ("service-bus", 300.0), ("pubsub", 600.0), ("kafka-share", 60.0)];

fn find(view: &View<'_>) -> Vec<Found> {
    let pairs = view.queues().flat_map(|(index, queue)| view.readers(index).map(move |(c, reader)| (queue, c, reader)));
    pairs.filter_map(|(queue, index, consumer)| one(view, queue, index, consumer)).collect()
}

fn one(view: &View<'_>, queue: &Queue, index: usize, consumer: &Consumer) -> Option<Found> {
    let lease = queue.visibility_timeout?.seconds();
    let beats = consumer.heartbeat.filter(|beat| beat.seconds() < lease);
    // Heartbeats keep it, up to the end that the broker sets.
    let limit = match beats {
        Some(_) => queue.traits.lease_extension?.seconds(),
        None => lease,
    };
    let hold = view.hold(consumer)?;
    let slow = view.slowest(index);
    let (share, at_worst) = (hold.longer(1.0, limit), hold.longer(slow, limit));
    if at_worst < NOTEWORTHY {
        return None;
    }
    let per_hour = view.load(index).map(|load| load.rate_at(0.0) * share * 3_600.0);
    let hands = hold.last - hold.first + 1.0;
    let behind = match (hands > 1.0, hold.first > 1.0) {
        (true, _) => format!(" (up to {} messages are worked on one after another)", number(hold.last)),
        (false, true) => format!(" (behind {} others, while a backlog waits)", number(hold.first - 1.0)),
        (false, false) => String::new(),
    };
    let worse =
        if slow > 1.0 { format!(", {} in the fault that slows it down", percent(at_worst)) } else { String::new() };
    let rate = per_hour.map_or(String::new(), |n| format!(", about {} an hour at the base rate", number(n)));
    let enough = hold.enough(slow) * 1.2;
    let longest = LONGEST.iter().find(|(broker, _)| *broker == queue.broker).map_or(f64::INFINITY, |(_, most)| *most);
    let fix = if enough > longest || beats.is_some() {
        let beat = of_consumer(&consumer.name, "heartbeat", no_shorter((lease / 3.0).clamp(0.001, 10.0)));
        vec![beat, of_queue(&queue.name, "lease_extension", no_shorter(enough))]
    } else {
        vec![of_queue(&queue.name, "visibility_timeout", no_shorter(enough))]
    };
    Some(Found {
        severity: if share >= 0.01 || at_worst >= 0.05 { Severity::Error } else { Severity::Warning },
        component: queue.name.clone(),
        says: format!(
            "The lease of {} runs out for {} of the deliveries to {}{behind}{worse}: each is worked on twice{rate}.",
            time(limit),
            percent(share),
            consumer.name,
        ),
        figure: Figure { name: "share of deliveries whose lease runs out", value: share, unit: "1" },
        fix,
    })
}

#[cfg(test)]
mod tests {
    use crate::lint::Severity;
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn the_share_is_that_of_the_law() {
        let text = plain(&[("[queue.q]", "[queue.q]\nvisibility_timeout = \"3s\""), ("\"1s\"", "{ exp = \"1s\" }")]);
        let finding = found(&text, "lease-too-short");
        // e⁻³, at 10/s an hour.
        assert!((finding.figure.value - (-3f64).exp()).abs() < 1e-9);
        assert!(finding.says.contains("4.98 %") && finding.says.contains("1,792 an hour"), "{}", finding.says);
        silent(&plain(&[("[queue.q]", "[queue.q]\nvisibility_timeout = \"3s\"")]), "lease-too-short");
        silent(&text.replace("replicas", "heartbeat = \"1s\"\nreplicas"), "lease-too-short");
    }

    #[test]
    fn the_tenth_of_a_receive_has_waited_for_nine() {
        // 4 s each: the eighth ends at 32 s, so three of ten are too late.
        let text = plain(&[
            ("[queue.q]", "[queue.q]\nbroker = \"sqs\""),
            ("\"1s\"", "\"4s\""),
            ("replicas = 20", "replicas = 60\nMaxNumberOfMessages = 10"),
        ]);
        let finding = found(&text, "lease-too-short");
        assert!((finding.figure.value - 0.3).abs() < 1e-9, "{}", finding.says);
        assert_eq!(finding.severity, Severity::Error);
    }

    #[test]
    fn batches_and_prefetch_count() {
        let batch = plain(&[
            ("[queue.q]", "[queue.q]\nvisibility_timeout = \"8s\""),
            ("replicas = 20", "replicas = 20\nbatch = { size = 10, wait = \"1s\" }"),
        ]);
        assert_eq!(found(&batch, "lease-too-short").figure.value, 1.0);
        let ahead = plain(&[
            ("[queue.q]", "[queue.q]\nvisibility_timeout = \"8s\""),
            ("replicas = 20", "replicas = 20\nprefetch = 9"),
        ]);
        assert_eq!(found(&ahead, "lease-too-short").figure.value, 1.0);
        silent(&ahead.replace("= 9", "= 7"), "lease-too-short");
    }

    #[test]
    fn where_no_lease_is_long_enough_a_heartbeat_keeps_it() {
        let bus = "[queue.q]\nbroker = \"service-bus\"";
        let text = plain(&[("[queue.q]", bus), ("\"1s\"", "{ exp = \"2m\" }"), ("20", "2000")]);
        let finding = found(&text, "lease-too-short");
        assert_eq!(finding.fix.settings[0].0, "consumer.c.heartbeat");
    }
}
