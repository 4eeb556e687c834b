//! Messages that lie in one replica's buffer while others have nothing to do.

use super::{Found, Rule, View, of_consumer};
use crate::lint::words::time;
use crate::lint::{Figure, Severity};

pub(super) const RULE: Rule = Rule {
    name: "prefetch-hoards",
    finds: "a prefetch so large that messages lie in one replica's buffer, out of reach of the others",
    find,
};

/// More than so much work ahead of one replica is a hoard.
const MOST_S: f64 = 2.0;

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (_, consumer) in view.consumers() {
        let (Some(prefetch), Some(hold)) = (consumer.prefetch, view.hold(consumer)) else { continue };
        let slots = f64::from(consumer.concurrency);
        let ahead = f64::from(prefetch) - slots;
        let lies = ahead * hold.work.mean / slots;
        // Once its slots are covered twice, a buffer is no longer the reason.
        if lies <= MOST_S || f64::from(prefetch) <= 2.0 * slots {
            continue;
        }
        let changes = consumer.scaling.is_some() || !consumer.schedule.is_empty() || consumer.crash.is_some();
        let why = if consumer.crash.is_some() {
            format!(" A crash gives back all {prefetch} at once, and each counts as delivered.")
        } else if changes {
            " Replicas that are added later find the backlog in the buffers of the old ones.".into()
        } else {
            String::new()
        };
        let enough = (slots * (1.0 + MOST_S / hold.work.mean)).floor().max(2.0 * slots);
        found.push(Found {
            severity: if changes { Severity::Warning } else { Severity::Info },
            component: consumer.name.clone(),
            says: format!(
                "Each replica is handed {prefetch} messages ahead: behind a backlog, the last of them lies there for \
                 {} before its work begins, even where other replicas are idle.{why}",
                time(lies),
            ),
            figure: Figure { name: "time that a message lies in a buffer", value: lies, unit: "s" },
            fix: vec![of_consumer(&consumer.name, "prefetch", format!("{enough}"))],
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::Severity;
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn a_hundred_ahead_of_four_slots_lie_for_their_work() {
        let text = plain(&[("replicas = 20", "replicas = 5\nconcurrency = 4\nprefetch = 104")]);
        let finding = found(&text, "prefetch-hoards");
        assert_eq!((finding.figure.value, finding.severity), (25.0, Severity::Info));
        silent(&text.replace("= 104", "= 8"), "prefetch-hoards");
        let crash = text.replace("prefetch", "crash = { mtbf = \"1h\", restart = \"10s\" }\nprefetch");
        assert_eq!(found(&crash, "prefetch-hoards").severity, Severity::Warning);
    }
}
