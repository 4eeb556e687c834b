//! Clients that ask again while their first request still waits: the load that keeps itself up.

use super::{Found, Rule, View, set};
use crate::lint::view::most_copies;
use crate::lint::words::number;
use crate::lint::{Figure, Severity};

pub(super) const RULE: Rule = Rule {
    name: "retry-storm",
    finds: "clients whose repeated requests alone can overload the consumers: an overload that outlives its cause",
    find,
};

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for load in &view.loads {
        for producer in view.producers(load.feed) {
            let Some(retry) = producer.reply.as_ref().and_then(|reply| reply.retry.as_ref()) else { continue };
            let rho = load.rate_at(0.0) * load.service_s / load.slots_at(view.scenario, 1e-3).max(1e-9);
            let copies = most_copies(retry);
            let storm = rho * copies;
            if rho <= 0.0 || rho >= 1.0 || storm <= 1.0 {
                continue;
            }
            let all = if storm.is_finite() { number(storm) } else { "any multiple".into() };
            let copies = if copies.is_finite() { number(copies) } else { "without end".into() };
            // A budget of a tenth, or less where there is less room.
            let ratio = (((1.0 / rho - 1.0) * 0.5).min(0.1) * 1e3).floor() / 1e3;
            found.push(Found {
                severity: Severity::Error,
                component: load.component.clone(),
                says: format!(
                    "At the base rate the consumers are busy to {}; with every request of {} sent {copies} times, as it \
                     is once answers take longer than the timeout, to {all} of what they can do. The queue then has \
                     two states, and a spike or an outage can leave it in the bad one.",
                    number(rho),
                    producer.name,
                ),
                figure: Figure {
                    name: "utilization with every copy sent",
                    value: storm,
                    unit: "1",
                },
                fix: vec![set(
                    format!("producer.{}.reply.retry.budget", producer.name),
                    format!("{{ ratio = {ratio}, min_per_s = 0 }}"),
                )],
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn half_busy_four_times_is_twice_too_much() {
        let reply = "rate = \"10/s\"\nreply = { timeout = \"5s\", retry = { max_attempts = 4 } }";
        let text = plain(&[("rate = \"10/s\"", reply)]);
        assert!((found(&text, "retry-storm").figure.value - 2.0).abs() < 1e-9);
        silent(&text.replace("max_attempts = 4", "max_attempts = 2"), "retry-storm");
        let budget = "max_attempts = 4, budget = { ratio = \"10%\", min_per_s = 1 }";
        silent(&text.replace("max_attempts = 4", budget), "retry-storm");
    }
}
