//! A batch that may wait for company longer than its first message's lease lasts.

use super::{Found, Rule, View, of_queue};
use crate::lint::words::{no_shorter, time};
use crate::lint::{Figure, Severity};

pub(super) const RULE: Rule = Rule {
    name: "batch-wait-beyond-lease",
    finds: "a batch that waits to be filled for as long as its first message's lease lasts, or longer",
    find,
};

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (index, queue) in view.queues() {
        let Some(lease) = queue.visibility_timeout else { continue };
        for (c, consumer) in view.readers(index) {
            let Some(batch) = &consumer.batch else { continue };
            let extended = consumer.heartbeat.is_some_and(|beat| beat < lease);
            if batch.wait < lease || batch.wait.ns() == 0 || extended {
                continue;
            }
            let work = view.hold(consumer).map_or(1.0, |hold| hold.enough(view.slowest(c)));
            found.push(Found {
                severity: Severity::Error,
                component: queue.name.clone(),
                says: format!(
                    "A batch of {} waits up to {} for {} messages, and the lease of its first lasts {}: where the \
                     batch does not fill, the message is delivered again before work on it begins.",
                    consumer.name,
                    time(batch.wait.seconds()),
                    batch.size,
                    time(lease.seconds()),
                ),
                figure: Figure {
                    name: "wait of a batch over the lease",
                    value: batch.wait.seconds() / lease.seconds().max(1e-9),
                    unit: "1",
                },
                fix: vec![of_queue(&queue.name, "visibility_timeout", no_shorter(work * 1.2))],
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn a_minute_is_no_shorter_than_a_minute() {
        let text = plain(&[
            ("[queue.q]", "[queue.q]\nvisibility_timeout = \"1m\""),
            ("replicas = 20", "replicas = 20\nbatch = { size = 10, wait = \"1m\" }"),
        ]);
        assert_eq!(found(&text, "batch-wait-beyond-lease").figure.value, 1.0);
        silent(&text.replace("wait = \"1m\"", "wait = \"20s\""), "batch-wait-beyond-lease");
    }
}
