//! A poll that takes longer than the group's patience.

use super::{Found, Rule, View, of_consumer};
use crate::lint::words::{number, percent, time};
use crate::lint::{Figure, Severity};

pub(super) const RULE: Rule = Rule {
    name: "poll-longer-than-max-poll-interval",
    finds: "a full poll that takes longer to work off than max_poll_interval: an endless loop of rebalances",
    find,
};

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (index, consumer) in view.consumers() {
        let Some(group) = &consumer.group else { continue };
        let (Some(bound), Some(hold)) = (group.max_poll_interval, view.hold(consumer)) else { continue };
        let slow = view.slowest(index);
        let one = if consumer.batch.as_ref().is_some_and(|batch| batch.service_per_batch.is_some()) {
            1.0 / f64::from(consumer.batch.as_ref().map_or(1, |batch| batch.size))
        } else {
            1.0
        };
        let records = f64::from(group.max_poll_records) * one;
        let (bound, length) = (bound.seconds(), records * hold.work.mean);
        let (share, at_worst) = (hold.work.longer(records, 1.0, bound), hold.work.longer(records, slow, bound));
        if share < 0.001 && at_worst < 0.01 {
            continue;
        }
        // Half of the patience is left for a bad day.
        let few = (bound * 0.5 / (hold.work.mean * one * slow)).floor().max(1.0);
        let worse = if share < at_worst { ", and longer in the fault that slows it down" } else { "" };
        found.push(Found {
            severity: if share >= 0.01 { Severity::Error } else { Severity::Warning },
            component: view.component(consumer),
            says: format!(
                "A full poll of {} records takes about {} to work off{worse}, and a member that does not poll for {} is \
                 put out: {} of full polls are lost and done again by another member, which is put out in its turn.",
                number(f64::from(group.max_poll_records)),
                time(length),
                time(bound),
                percent(at_worst)
            ),
            figure: Figure { name: "length of a full poll over max_poll_interval", value: length / bound, unit: "1" },
            fix: vec![of_consumer(&consumer.name, "max_poll_records", format!("{few}"))],
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn five_hundred_at_seven_tenths_are_more_than_five_minutes() {
        let text = plain(&[
            ("to = \"q\"", "to = \"s\""),
            ("[queue.q]", "[stream.s]\nbroker = \"kafka\"\npartitions = 20"),
            ("from = \"q\"", "from = \"s\"\nmax_poll_records = 500"),
            ("\"1s\"", "\"700ms\""),
        ]);
        let finding = found(&text, "poll-longer-than-max-poll-interval");
        assert!((finding.figure.value - 350.0 / 300.0).abs() < 1e-9);
        silent(&text.replace("= 500", "= 100"), "poll-longer-than-max-poll-interval");
    }
}
