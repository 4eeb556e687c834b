//! Dead letters whose clock has been running all along.

use super::{Found, Rule, View, of_queue};
use crate::lint::words::{no_shorter, time};
use crate::lint::{Figure, Severity};

pub(super) const RULE: Rule = Rule {
    name: "dead-letters-expire-early",
    finds: "a dead-letter queue that keeps messages no longer than the queue they come from, counted from their publish",
    find,
};

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (_, queue) in view.queues() {
        let Some(letters) = queue.dead_letter.map(|letters| &view.scenario.queues[letters]) else { continue };
        let (Some(own), Some(theirs)) = (&queue.ttl, &letters.ttl) else { continue };
        let (own, theirs) = (own.mean(), theirs.mean());
        if !queue.traits.dead_letter_keeps_clock || theirs > own {
            continue;
        }
        found.push(Found {
            severity: Severity::Info,
            component: letters.name.clone(),
            says: format!(
                "{} keeps messages {} and so does it keep dead letters ({}), counted from their first publish: one that \
                 is given up late has no time left to be looked at.",
                queue.name,
                time(own),
                time(theirs)
            ),
            figure: Figure { name: "time that is left for a dead letter at least", value: (theirs - own).max(0.0), unit: "s" },
            // SQS keeps no longer than 14 days (S-API).
            fix: vec![of_queue(&letters.name, "ttl", no_shorter((own * 2.0 + 1.0).max(1_209_600.0)))],
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn sqs_keeps_both_for_four_days() {
        let text =
            plain(&[("[queue.q]", "[queue.q]\nbroker = \"sqs\"\ndead_letter = \"d\"\n\n[queue.d]\nbroker = \"sqs\"")]);
        let finding = found(&text, "dead-letters-expire-early");
        assert_eq!((finding.figure.value, finding.fix.settings[0].1.as_str()), (0.0, "\"14d\""));
        silent(&text.replace("[queue.d]", "[queue.d]\nttl = \"14d\""), "dead-letters-expire-early");
    }
}
