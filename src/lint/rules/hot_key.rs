//! One key that is more than one worker, or one partition, can do.

use super::{Found, Rule, View, of_consumer, set};
use crate::arrivals::Keys;
use crate::lint::words::{no_shorter, number, percent};
use crate::lint::{Figure, Severity};
use crate::scenario::{Feed, Order, Producer};

pub(super) const RULE: Rule =
    Rule { name: "hot-key", finds: "a key that one worker or one partition alone has to serve, and cannot", find };

const MUCH: f64 = 0.8;

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for load in &view.loads {
        let Some((_, consumer)) = view.consumers().find(|(index, _)| load.consumers.contains(index)) else { continue };
        let ordered = match load.feed {
            Feed::Queue(queue) => matches!(view.scenario.queues[queue].order, Order::Key | Order::Session),
            Feed::Stream(_) => true,
        };
        if !ordered {
            continue;
        }
        for producer in view.producers(load.feed) {
            let Some(keys) = producer.keys.as_ref().filter(|keys| keys.count() <= 1_000_000) else { continue };
            let part = part(view, producer, load.feed);
            let share = keys.share(0);
            let rate = load.rate_at(load.busiest(view.scenario)).max(load.rate_at(0.0)) * part;
            let rho = share * rate * load.service_s;
            let write = match load.feed {
                Feed::Stream(stream) => view.scenario.streams[stream].write.records,
                Feed::Queue(_) => None,
            };
            let of_partition = write.map_or(0.0, |limit| share * rate / limit);
            let worst = rho.max(of_partition);
            if worst < MUCH {
                continue;
            }
            let ceiling = if rho >= of_partition { 1.0 / load.service_s } else { write.unwrap_or(f64::INFINITY) };
            let who = if rho >= of_partition { "one worker completes" } else { "one partition takes" };
            found.push(Found {
                severity: if worst >= 1.0 { Severity::Error } else { Severity::Warning },
                component: load.component.clone(),
                says: format!(
                    "The hottest key of {} has {} of the messages, {}/s at the peak, and {who} {}/s: however many \
                     consumers there are, it is {}.",
                    producer.name,
                    percent(share),
                    number(share * rate),
                    number(ceiling),
                    if worst >= 1.0 { "too much".to_string() } else { format!("busy to {}", percent(worst)) }
                ),
                figure: Figure { name: "load of the hottest key", value: worst, unit: "1" },
                fix: vec![fix(producer, keys, worst, &consumer.name, load.service_s)],
            });
        }
    }
    found
}

/// The producer's part of all messages.
fn part(view: &View<'_>, producer: &Producer, feed: Feed) -> f64 {
    let all: Vec<&Producer> = view.producers(feed).collect();
    let counts: Vec<f64> = all.iter().map(|producer| view.published(producer)).collect();
    let sum: f64 = counts.iter().sum();
    let own = all.iter().zip(&counts).find(|(other, _)| other.name == producer.name).map_or(0.0, |(_, n)| *n);
    if sum > 0.0 { own / sum } else { 0.0 }
}

/// Hot keys are salted: each becomes so many. Of others the work must become faster.
fn fix(producer: &Producer, keys: &Keys, worst: f64, consumer: &str, service_s: f64) -> (String, String) {
    match keys {
        Keys::Hot { count, shares } if !shares.is_empty() => {
            let pieces = (worst / 0.5).ceil() as u32;
            let salted: Vec<String> = shares
                .iter()
                .flat_map(|share| {
                    std::iter::repeat_n(
                        format!("{}", (share / f64::from(pieces) * 1e6 + 1e-6).floor() / 1e6),
                        pieces as usize,
                    )
                })
                .collect();
            let more = count + (pieces - 1) * shares.len() as u32;
            let value = format!("{{ count = {more}, hot = [{}] }}", salted.join(", "));
            set(format!("producer.{}.keys", producer.name), value)
        }
        Keys::Hot { .. } if worst > 0.0 => {
            let more = (f64::from(keys.count()) * worst / 0.5).ceil();
            set(format!("producer.{}.keys", producer.name), format!("{{ count = {more} }}"))
        }
        _ => of_consumer(consumer, "service", no_shorter(service_s * 0.35 / worst)),
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::Severity;
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn a_key_of_fifteen_percent_is_one_and_a_half_workers() {
        let text = plain(&[
            ("[queue.q]", "[queue.q]\norder = \"key\""),
            ("rate = \"10/s\"", "rate = \"10/s\"\nkeys = { count = 1000, hot = [0.15] }"),
        ]);
        let finding = found(&text, "hot-key");
        assert!((finding.figure.value - 1.5).abs() < 1e-9);
        assert_eq!(finding.severity, Severity::Error);
        assert!(finding.fix.settings[0].1.contains("hot = [0.05, 0.05, 0.05]"), "{:?}", finding.fix);
        silent(&text.replace("0.15", "0.05"), "hot-key");
        silent(&text.replace("order = \"key\"", ""), "hot-key");
    }
}
