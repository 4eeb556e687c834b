//! Messages that fail are tried again for ever.

use super::{Found, Rule, View, of_queue};
use crate::lint::words::{number, percent, text, time};
use crate::lint::{Figure, Severity};

pub(super) const RULE: Rule = Rule {
    name: "retries-without-end",
    finds: "no bound on deliveries where messages can fail: a poison message comes back for ever",
    find,
};

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (index, queue) in view.queues() {
        let endless = |c: &crate::scenario::Consumer| view.most_deliveries(c).is_none();
        let Some((c, consumer)) = view.readers(index).find(|(_, reader)| endless(reader)) else { continue };
        let poison = view.poison(consumer.from);
        let (failure, trouble) = (view.failure(consumer), view.trouble(c));
        if queue.traits.at_most_once || consumer.ack_before {
            continue;
        }
        let slots = f64::from(consumer.replicas * consumer.concurrency);
        let (severity, says, value) = if poison > 0.0 {
            let run = view.scenario.duration.seconds();
            (
                Severity::Error,
                format!(
                    "About {} poison messages come in this run, and none is ever given up: each takes up a place until \
                     the end, and {} has {} work slots.",
                    number(poison * run),
                    consumer.name,
                    number(slots)
                ),
                poison * run,
            )
        } else if let Some(trouble) = trouble {
            (
                Severity::Warning,
                format!(
                    "In {} every attempt of {} fails for {}, and nothing bounds how often a message is delivered: what \
                     can never succeed would be tried for ever.",
                    trouble.name,
                    consumer.name,
                    time(trouble.lasts_s)
                ),
                trouble.lasts_s,
            )
        } else if failure > 0.0 {
            (
                Severity::Info,
                format!(
                    "{} of the attempts of {} fail and nothing bounds how often a message is delivered: what can never \
                     succeed would be tried for ever.",
                    percent(failure),
                    consumer.name
                ),
                failure,
            )
        } else {
            continue;
        };
        let mut fix = vec![of_queue(&queue.name, "max_deliveries", "5")];
        if queue.dead_letter.is_none() {
            fix.push(of_queue(&queue.name, "dead_letter", text(&format!("{}-dlq", queue.name))));
        }
        let name = match severity {
            Severity::Error => "poison messages in the run",
            Severity::Warning => "time in which all attempts fail",
            Severity::Info => "share of attempts that fail",
        };
        let unit = match severity {
            Severity::Error => "messages",
            Severity::Warning => "s",
            Severity::Info => "1",
        };
        found.push(Found { severity, component: queue.name.clone(), says, figure: Figure { name, value, unit }, fix });
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::Severity;
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn poison_is_worse_than_a_failure() {
        let failing = plain(&[("replicas = 20", "replicas = 20\nfailure = \"2%\"")]);
        assert_eq!(found(&failing, "retries-without-end").severity, Severity::Info);
        let poison = plain(&[("rate = \"10/s\"", "rate = \"10/s\"\npoison = 0.001")]);
        let finding = found(&poison, "retries-without-end");
        assert_eq!(finding.severity, Severity::Error);
        // 10/s for an hour, one in a thousand.
        assert!((finding.figure.value - 36.0).abs() < 1e-9);
        silent(&plain(&[]), "retries-without-end");
        silent(&poison.replace("[queue.q]", "[queue.q]\nmax_deliveries = 3"), "retries-without-end");
    }
}
