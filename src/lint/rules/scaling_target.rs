//! An autoscaler whose target is more waiting than the service level allows.

use super::{Found, Rule, View, of_consumer};
use crate::lint::words::time;
use crate::lint::{Figure, Severity};
use crate::policy::scaling::Form;
use crate::scenario::{Comparison, ScalingMetric};

pub(super) const RULE: Rule = Rule {
    name: "scaling-target-breaks-slo",
    finds: "an autoscaler whose target backlog a replica needs longer for than an SLO of its queue allows",
    find,
};

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (index, consumer) in view.consumers() {
        let (Some(scaling), Some(load)) = (&consumer.scaling, view.load(index)) else { continue };
        let depth = matches!(scaling.metric, ScalingMetric::Backlog | ScalingMetric::Ready | ScalingMetric::Lag);
        let Some(target) = scaling.rules.target().filter(|target| depth && target.form == Form::PerReplica) else {
            continue;
        };
        let component = view.component(consumer);
        let bounds = view.scenario.slos.iter().filter(|slo| {
            slo.figure.component == component
                && matches!(slo.figure.metric.as_str(), "oldest_age" | "latency" | "wait")
                && matches!(slo.op, Comparison::Less | Comparison::AtMost)
        });
        let Some(strictest) = bounds.min_by(|a, b| a.value.total_cmp(&b.value)) else { continue };
        let waits = target.value * load.service_s / f64::from(consumer.concurrency);
        if waits <= strictest.value {
            continue;
        }
        let good = (strictest.value * 0.5 * f64::from(consumer.concurrency) / load.service_s).floor().max(1.0);
        found.push(Found {
            severity: Severity::Warning,
            component,
            says: format!(
                "It is content with {} messages a replica, which take {} to work off, and the SLO is {}.",
                target.value,
                time(waits),
                strictest.expression
            ),
            figure: Figure { name: "time that the target backlog takes", value: waits, unit: "s" },
            fix: vec![of_consumer(&consumer.name, "scaling.target", format!("{good}"))],
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn a_hundred_a_replica_are_a_hundred_seconds() {
        let text = plain(&[("duration", "slo = [\"q.oldest_age.max < 1m\"]\nduration")])
            + "\n[consumer.c.scaling]\npolicy = \"keda\"\ntarget = 100\nmin = 2\nmax = 60\n";
        assert_eq!(found(&text, "scaling-target-breaks-slo").figure.value, 100.0);
        silent(&text.replace("< 1m", "< 2m"), "scaling-target-breaks-slo");
    }
}
