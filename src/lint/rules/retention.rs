//! Messages that are thrown away before they are read.

use super::{Found, Rule, View, of_queue, set};
use crate::envelope::{Load, fluid};
use crate::lint::words::{no_shorter, time};
use crate::lint::{Figure, Severity};
use crate::scenario::{Effect, Fault, Feed, Portion};

pub(super) const RULE: Rule = Rule {
    name: "retention-too-short",
    finds: "a retention or time to live that is shorter than the oldest message becomes in this scenario",
    find,
};

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for load in &view.loads {
        let (kept, path) = match load.feed {
            Feed::Queue(queue) => {
                let queue = &view.scenario.queues[queue];
                (queue.ttl.as_ref().map(|ttl| ttl.mean()), of_queue(&queue.name, "ttl", "").0)
            }
            Feed::Stream(stream) => {
                let stream = &view.scenario.streams[stream];
                (stream.retention.map(|kept| kept.seconds()), set(format!("stream.{}.retention", stream.name), "").0)
            }
        };
        let Some(kept) = kept else { continue };
        let (age, why) = oldest(view, load);
        if age <= kept {
            continue;
        }
        found.push(Found {
            severity: Severity::Error,
            component: load.component.clone(),
            says: format!(
                "Messages are kept for {}, and {why}: what is older then is lost before anybody has read it.",
                time(kept)
            ),
            figure: Figure { name: "age of the oldest message, as a fluid", value: age, unit: "s" },
            fix: vec![(path, no_shorter(age * 2.0))],
        });
    }
    found
}

/// Seconds, and how it comes about.
fn oldest(view: &View<'_>, load: &Load) -> (f64, String) {
    let course = fluid(view.scenario, load);
    let capacity = load.slots_at(view.scenario, course.peak_at_s) / load.service_s;
    let behind = if course.peak >= 1.0 { course.peak / capacity.max(1e-9) } else { 0.0 };
    let stops = view.scenario.faults.iter().filter(|fault| stops(view, load, fault));
    let away = stops.max_by_key(|fault| fault.lasts);
    match away {
        Some(fault) if fault.lasts.seconds() > behind => {
            let lasts = fault.lasts.seconds();
            (lasts, format!("in {} nothing is read for {}", fault.name, time(lasts)))
        }
        _ => (behind, format!("behind the backlog of this scenario the last message waits {}", time(behind))),
    }
}

/// Nothing at all is read while it lasts.
fn stops(view: &View<'_>, load: &Load, fault: &Fault) -> bool {
    let only = |consumer: usize| load.consumers == [consumer];
    match fault.effect {
        Effect::ConsumerPause { consumer } => only(consumer),
        Effect::ConsumerCrash { consumer, replicas } | Effect::ConsumerHang { consumer, replicas } => {
            let all = match replicas {
                Portion::Count(count) => count >= view.scenario.consumers[consumer].replicas,
                Portion::Share(share) => share >= 1.0,
            };
            only(consumer) && all
        }
        Effect::ConsumerErrors { consumer, error_rate } => only(consumer) && error_rate >= 1.0,
        Effect::QueuePause { queue } | Effect::QueueDown { queue, .. } => load.feed == Feed::Queue(queue),
        Effect::StreamPause { stream } | Effect::StreamDown { stream, .. } => load.feed == Feed::Stream(stream),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn an_outage_is_as_long_as_the_oldest_message_is_old() {
        let fault = "\n[[fault]]\nname = \"away\"\nat = \"10m\"\nfor = \"25m\"\nconsumer = \"c\"\ncrash = \"100%\"\n";
        let text = plain(&[("[queue.q]", "[queue.q]\nttl = \"10m\"")]) + fault;
        assert_eq!(found(&text, "retention-too-short").figure.value, 1_500.0);
        silent(&text.replace("\"10m\"\n\n[consumer", "\"30m\"\n\n[consumer"), "retention-too-short");
        silent(&text.replace("\"100%\"", "\"50%\""), "retention-too-short");
    }

    #[test]
    fn so_is_a_wait_behind_a_backlog() {
        let text = plain(&[("[queue.q]", "[queue.q]\nttl = \"10m\"\ninitial = { messages = 24000, age = \"1m\" }")]);
        assert_eq!(found(&text, "retention-too-short").figure.value, 1_200.0);
    }
}
