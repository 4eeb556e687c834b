//! A queue without a bound that this scenario fills.

use super::{Found, Rule, View, of_queue};
use crate::envelope::fluid;
use crate::lint::words::{count, no_fewer, time};
use crate::lint::{Figure, Severity};
use crate::units::Size;

pub(super) const RULE: Rule = Rule {
    name: "unbounded-queue",
    finds: "a queue without capacity or time to live in which this scenario piles up much",
    find,
};

/// Less than this many seconds of work is an ordinary queue.
const MUCH_S: f64 = 60.0;

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (index, queue) in view.queues() {
        let bounded = queue.capacity.is_some() || queue.ttl.is_some() || queue.traits.capacity_bytes.is_some();
        let Some(load) = view.load_of_queue(index).filter(|_| !bounded && queue.traits.log_length.is_none()) else {
            continue;
        };
        let course = fluid(view.scenario, load);
        let capacity = load.slots_at(view.scenario, course.peak_at_s) / load.service_s;
        let wait = course.peak / capacity.max(1e-9);
        if course.peak < 100.0 || wait < MUCH_S {
            continue;
        }
        let sizes = view.producers(load.feed).map(|producer| producer.size).max().unwrap_or(0);
        let bytes = if sizes > 0 { format!(", {}", Size((course.peak * sizes as f64) as u64)) } else { String::new() };
        found.push(Found {
            severity: if course.empty_at_s.is_none() { Severity::Warning } else { Severity::Info },
            component: queue.name.clone(),
            says: format!(
                "Nothing bounds it, and here it grows to about {} messages{bytes}: {} of work for all consumers, which \
                 a new message waits behind.",
                count(course.peak),
                time(wait)
            ),
            figure: Figure { name: "highest backlog, as a fluid", value: course.peak, unit: "messages" },
            fix: vec![of_queue(&queue.name, "capacity", no_fewer(course.peak * 1.5))],
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::Severity;
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn fourteen_thousand_and_not_four() {
        // 1,200 a minute in and 500 a minute out for 20 minutes.
        let text = plain(&[
            ("\"10/s\"", "\"200/min\"\nspikes = [{ at = \"5m\", for = \"20m\", rate = \"1200/min\" }]"),
            ("replicas = 20\nservice = \"1s\"", "replicas = 1\nservice = \"120ms\""),
            ("\"1h\"", "\"2h\""),
        ]);
        let finding = found(&text, "unbounded-queue");
        assert!((finding.figure.value - 14_000.0).abs() < 1.0, "{}", finding.says);
        assert_eq!(finding.severity, Severity::Info);
        silent(&text.replace("for = \"20m\"", "for = \"30s\""), "unbounded-queue");
    }
}
