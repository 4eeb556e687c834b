//! More work than consumers, or nearly so.

use super::{Found, Rule, View, of_consumer, set};
use crate::envelope::Load;
use crate::lint::words::{number, percent, replicas};
use crate::lint::{Figure, Severity};
use crate::scenario::Feed;

pub(super) const RULE: Rule = Rule {
    name: "overloaded",
    finds: "consumers that are busy beyond 80 % at the base rate, or for whom there is more to do than they can",
    find,
};

const MUCH: f64 = 0.8;
/// What a fix aims at.
const GOOD: f64 = 0.7;

fn find(view: &View<'_>) -> Vec<Found> {
    view.loads.iter().filter_map(|load| one(view, load)).collect()
}

fn one(view: &View<'_>, load: &Load) -> Option<Found> {
    let (index, consumer) = view.consumers().find(|(index, _)| load.consumers.contains(index))?;
    let failure = view.failure(consumer);
    let limit = view.most_deliveries(consumer).map_or(f64::INFINITY, f64::from);
    let attempts = if failure < 1.0 { (1.0 - failure.powf(limit)) / (1.0 - failure) } else { limit.min(1e6) };
    // An autoscaler counts with what it may have; a schedule at the start.
    let at = if consumer.scaling.is_some() { 1e-3 } else { 0.0 };
    let slots = load.slots_at(view.scenario, at);
    let rate = load.rate_at(0.0);
    let rho = rate * load.service_s * attempts / slots;
    if slots <= 0.0 || rho <= MUCH + 1e-9 {
        return None;
    }
    let others: f64 = load
        .consumers
        .iter()
        .filter(|c| **c != index)
        .map(|c| &view.scenario.consumers[*c])
        .map(|c| f64::from(c.scaling.as_ref().map_or(c.replicas, |s| s.limits.max) * c.concurrency))
        .sum();
    let wanted = (rate * load.service_s * attempts / GOOD - others) / f64::from(consumer.concurrency);
    let wanted = (wanted - 1e-9).ceil().max(1.0);
    let mut fix = vec![match &consumer.scaling {
        Some(_) => of_consumer(&consumer.name, "scaling.max", format!("{wanted}")),
        None => of_consumer(&consumer.name, "replicas", format!("{wanted}")),
    }];
    if let (Feed::Stream(stream), Some(group)) = (consumer.from, &consumer.group) {
        let stream = &view.scenario.streams[stream];
        let lanes = f64::from(stream.partitions * group.parallelization);
        if wanted * f64::from(consumer.concurrency) > lanes {
            let partitions = (wanted * f64::from(consumer.concurrency) / f64::from(group.parallelization)).ceil();
            fix.push(set(format!("stream.{}.partitions", stream.name), format!("{partitions}")));
        }
    }
    let tried = if attempts > 1.005 { format!(" × {} attempts", number(attempts)) } else { String::new() };
    let means = if rho >= 1.0 {
        "the backlog grows without end"
    } else {
        "waits are long, and little is left to work off a backlog"
    };
    Some(Found {
        severity: if rho >= 1.0 { Severity::Error } else { Severity::Warning },
        component: load.component.clone(),
        says: format!(
            "At the base rate the consumers are busy to {} ({}/s × {} s{tried} / {} slots): {means}. {} would be busy to \
             70 %.",
            percent(rho),
            number(rate),
            number(load.service_s),
            number(slots),
            replicas(wanted)
        ),
        figure: Figure { name: "utilization at the base rate", value: rho, unit: "1" },
        fix,
    })
}

#[cfg(test)]
mod tests {
    use crate::lint::Severity;
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn sixty_five_workers_for_250_jobs_of_180_ms() {
        let text = plain(&[("\"10/s\"", "\"250/s\""), ("\"1s\"", "\"180ms\""), ("replicas = 20", "replicas = 45")]);
        let finding = found(&text, "overloaded");
        assert_eq!((finding.severity, finding.fix.settings[0].1.as_str()), (Severity::Error, "65"));
        assert!((finding.figure.value - 1.0).abs() < 1e-9);
        silent(&text.replace("= 45", "= 57"), "overloaded");
        assert_eq!(found(&text.replace("= 45", "= 50"), "overloaded").severity, Severity::Warning);
    }

    #[test]
    fn attempts_count() {
        // 10/s × 1 s × 2 attempts on 20 slots.
        let text = plain(&[("replicas = 20", "failure = \"50%\"\nreplicas = 20")]);
        assert!((found(&text, "overloaded").figure.value - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_stream_gets_partitions_too() {
        let text = plain(&[
            ("to = \"q\"", "to = \"s\""),
            ("[queue.q]", "[stream.s]\npartitions = 10"),
            ("from = \"q\"", "from = \"s\""),
        ]);
        let finding = found(&text, "overloaded");
        assert!((finding.figure.value - 1.0).abs() < 1e-9, "ten partitions, whoever stands by");
        assert_eq!(finding.fix.settings[1], ("stream.s.partitions".into(), "15".into()));
    }
}
