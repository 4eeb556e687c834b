//! A steady-state question to a system that starts empty.

use super::{Found, Rule, View, set};
use crate::lint::words::{no_shorter, percent, time};
use crate::lint::{Figure, Severity};

pub(super) const RULE: Rule = Rule {
    name: "no-warmup",
    finds: "an SLO on waits or latencies without a warm-up, where the empty start is a good part of the run",
    find,
};

/// A start that is less of the run than this does not show.
const SHOWS: f64 = 0.01;

fn find(view: &View<'_>) -> Vec<Found> {
    let scenario = view.scenario;
    let asked = |component: &str| {
        scenario.slos.iter().any(|slo| {
            slo.figure.component == component
                && matches!(slo.figure.metric.as_str(), "wait" | "latency" | "journey" | "utilization")
        })
    };
    if scenario.warmup.ns() > 0 {
        return vec![];
    }
    let mut found = vec![];
    for load in &view.loads {
        let readers = load.consumers.iter().any(|c| asked(&scenario.consumers[*c].name));
        let slots = load.slots_at(scenario, 1e-3);
        let rho = load.rate_at(0.0) * load.service_s / slots.max(1e-9);
        if !(asked(&load.component) || readers) || load.initial(scenario) > 0.0 || rho <= 0.0 || rho >= 1.0 {
            continue;
        }
        // Relaxation time of M/M/c, about E[S] / (c (1 − √ρ)²); after four of them 2 % of the start are left
        // (Whitt, Heavy-traffic approximations).
        let settles = 4.0 * load.service_s / (slots * (1.0 - rho.sqrt()).powi(2));
        let share = settles / scenario.duration.seconds();
        if share < SHOWS {
            continue;
        }
        found.push(Found {
            severity: Severity::Info,
            component: load.component.clone(),
            says: format!(
                "The run starts empty and needs about {} to settle, which is {} of it: waits and latencies look better \
                 than they are.",
                time(settles),
                percent(share)
            ),
            figure: Figure { name: "time until it has settled", value: settles, unit: "s" },
            fix: vec![set("warmup", no_shorter(settles.min(scenario.duration.seconds() / 2.0)))],
        });
    }
    found.truncate(1);
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn near_saturation_the_start_is_long() {
        let slo = "slo = [\"q.latency.mean < 10s\"]\nduration";
        let text = plain(&[("duration", slo), ("replicas = 20", "replicas = 1"), ("\"1s\"", "\"90ms\"")]);
        let finding = found(&text, "no-warmup");
        let exact = 4.0 * 0.09 / (1.0 - 0.9f64.sqrt()).powi(2);
        assert!((finding.figure.value - exact).abs() < 1e-6);
        silent(&text.replace("\"90ms\"", "\"20ms\""), "no-warmup");
    }
}
