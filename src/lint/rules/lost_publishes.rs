//! Messages that never get in, or are pushed out.

use super::{Found, Rule, View, of_queue, set};
use crate::envelope::{Load, fluid, published};
use crate::lint::words::{count, no_fewer, number};
use crate::lint::{Figure, Severity};
use crate::scenario::{Effect, OnReject, Overflow, Producer, Queue};

pub(super) const RULE: Rule = Rule {
    name: "messages-lost-at-the-door",
    finds: "publishes that are refused and dropped, or messages that a full queue pushes out",
    find,
};

const TRY_AGAIN: &str =
    "{ retry = { backoff = \"1s\", factor = 2, cap = \"1m\", jitter = \"full\", max_attempts = 20 } }";

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (index, queue) in view.queues() {
        let Some(load) = view.load_of_queue(index) else { continue };
        let dropping: Vec<&Producer> =
            view.producers(load.feed).filter(|producer| matches!(producer.on_reject, OnReject::Drop)).collect();
        let again = || dropping.iter().map(|p| set(format!("producer.{}.on_reject", p.name), TRY_AGAIN)).collect();
        let lost = over_capacity(view, queue, load);
        if let Some((lost, room)) = lost.filter(|_| queue.overflow != Overflow::Block) {
            let (how, fix) = match queue.overflow {
                Overflow::Reject if dropping.is_empty() => continue,
                Overflow::Reject => ("refused, and their producer drops them", again()),
                Overflow::RejectDeadLetter => ("refused and dead-lettered", vec![]),
                Overflow::DropHead if queue.traits.dead_letter_overflow => ("pushed out and dead-lettered", vec![]),
                Overflow::DropHead => ("pushed out, the oldest first", vec![]),
                Overflow::DropNew | Overflow::Block => ("dropped without a word", vec![]),
            };
            let more = of_queue(&queue.name, "capacity", no_fewer((lost + room) * 1.2));
            found.push(Found {
                severity: Severity::Error,
                component: queue.name.clone(),
                says: format!(
                    "It has room for {} messages, and what comes in this scenario overflows it: about {} are {how}.",
                    count(room),
                    count(lost)
                ),
                figure: Figure { name: "messages beyond the room, as a fluid", value: lost, unit: "messages" },
                fix: if fix.is_empty() { vec![more] } else { fix },
            });
            continue;
        }
        let (_, peak) = view.rates(load);
        let limit = queue.traits.publish_limit.unwrap_or(f64::INFINITY);
        let down = view
            .scenario
            .faults
            .iter()
            .find(|fault| matches!(fault.effect, Effect::QueueDown { queue: at, .. } if at == index));
        if dropping.is_empty() {
            continue;
        }
        let (lost, why) = if peak > limit {
            (
                peak - limit,
                format!(
                    "the broker takes {}/s and up to {}/s come: {}/s",
                    number(limit),
                    number(peak),
                    number(peak - limit)
                ),
            )
        } else if let Some(fault) = down {
            let lost = published(view.scenario, load.feed) / view.scenario.duration.seconds() * fault.lasts.seconds();
            (lost, format!("in {} about {} publishes", fault.name, count(lost)))
        } else {
            continue;
        };
        found.push(Found {
            severity: Severity::Error,
            component: queue.name.clone(),
            says: format!("Its producers drop what is refused: {why} are lost for good."),
            figure: Figure { name: "publishes lost", value: lost, unit: if peak > limit { "1/s" } else { "messages" } },
            fix: again(),
        });
    }
    found
}

/// Messages that do not fit, and the room that there is: the backlog without a bound, less the bound.
fn over_capacity(view: &View<'_>, queue: &Queue, load: &Load) -> Option<(f64, f64)> {
    let capacity = queue.capacity?;
    let course = fluid(view.scenario, load);
    let room = capacity as f64 + load.slots_at(view.scenario, course.peak_at_s);
    if course.peak < room * (1.0 - 1e-9) {
        return None;
    }
    let mut unbounded = view.scenario.clone();
    unbounded.queues.iter_mut().filter(|other| other.name == queue.name).for_each(|other| other.capacity = None);
    let lost = fluid(&unbounded, load).peak - room;
    (lost >= 1.0).then_some((lost, capacity as f64))
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn what_does_not_fit_is_counted() {
        let spike = "rate = \"10/s\"\nspikes = [{ at = \"5m\", for = \"1m\", rate = \"40/s\" }]";
        // 20/s too much for a minute; 980 and the 20 in work fit in.
        let text = plain(&[("rate = \"10/s\"", spike), ("[queue.q]", "[queue.q]\ncapacity = 980")]);
        let finding = found(&text, "messages-lost-at-the-door");
        assert!((finding.figure.value - 200.0).abs() < 1.0, "{}", finding.says);
        silent(&text.replace("980", "1200"), "messages-lost-at-the-door");
        found(&text.replace("capacity", "overflow = \"drop-head\"\ncapacity"), "messages-lost-at-the-door");
    }

    #[test]
    fn a_limit_below_the_peak_loses_the_difference() {
        let text = plain(&[("[queue.q]", "[queue.q]\npublish_limit = \"8/s\"")]);
        assert!((found(&text, "messages-lost-at-the-door").figure.value - 2.0).abs() < 1e-9);
    }
}
