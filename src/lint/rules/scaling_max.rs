//! An autoscaler that may not scale far enough.

use super::{Found, Rule, View, of_consumer};
use crate::lint::words::{number, time};
use crate::lint::{Figure, Severity};

pub(super) const RULE: Rule =
    Rule { name: "scaling-max-too-low", finds: "an autoscaler whose max cannot carry the highest rate", find };

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (index, consumer) in view.consumers() {
        let (Some(scaling), Some(load)) = (&consumer.scaling, view.load(index)) else { continue };
        let (base, peak) = view.rates(load);
        let slots = load.slots_at(view.scenario, load.busiest(view.scenario).max(1e-3));
        let most = slots / load.service_s;
        // At the base rate it is `overloaded` that speaks.
        if load.consumers.len() > 1 || peak <= most || base * load.service_s >= slots * 0.8 {
            continue;
        }
        let wanted = (peak * load.service_s / 0.9 / f64::from(consumer.concurrency)).ceil();
        found.push(Found {
            severity: Severity::Warning,
            component: view.component(consumer),
            says: format!(
                "Up to {}/s come, and with its max of {} replicas it completes {}/s (each message takes a slot for {}): \
                 the backlog grows however well it scales.",
                number(peak),
                scaling.limits.max,
                number(most),
                time(load.service_s)
            ),
            figure: Figure { name: "highest rate over what max completes", value: peak / most, unit: "1" },
            fix: vec![of_consumer(&consumer.name, "scaling.max", format!("{wanted}"))],
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn sixty_are_more_than_forty_can_do() {
        let spike = "rate = \"10/s\"\nspikes = [{ at = \"5m\", for = \"9m\", rate = \"60/s\" }]";
        let text = plain(&[("rate = \"10/s\"", spike)])
            + "\n[consumer.c.scaling]\npolicy = \"keda\"\ntarget = 10\nmin = 20\nmax = 40\n";
        assert!((found(&text, "scaling-max-too-low").figure.value - 1.5).abs() < 1e-9);
        silent(&text.replace("max = 40", "max = 60"), "scaling-max-too-low");
    }
}
