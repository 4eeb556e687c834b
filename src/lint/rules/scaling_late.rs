//! An autoscaler whose replicas serve when the spike is over.

use super::{Found, Rule, View, of_consumer};
use crate::lint::words::{number, time};
use crate::lint::{Figure, Severity};
use crate::policy::scaling::Rules;
use crate::scenario::{Feed, Scaling, Scenario, Source, Target};
use crate::units::seconds;

pub(super) const RULE: Rule = Rule {
    name: "scaling-comes-late",
    finds: "an autoscaler that needs longer from the metric to serving replicas than the spike lasts",
    find,
};

/// Seconds from the rise of the metric to the first new replica that serves: each lag of the way, on average.
pub(in crate::lint) fn reaction(scaling: &Scaling) -> f64 {
    let loops = match &scaling.rules {
        Rules::Hpa(rules) => seconds(rules.sync_period) / 2.0 + seconds(rules.scale_up.window),
        Rules::Keda(rules) => seconds(rules.hpa.sync_period) / 2.0 + seconds(rules.hpa.scale_up.window),
        Rules::TargetTracking(rules) => seconds(rules.alarm_period) * (f64::from(rules.scale_out_periods) + 0.5),
        Rules::Step(rules) => seconds(rules.alarm_period) * (f64::from(rules.periods) + 0.5),
        Rules::Lambda(_) => 30.0,
        Rules::Schedule(_) => return 0.0,
    };
    let provision = scaling.provision.as_ref().map_or(0.0, |law| law.mean());
    let startup = scaling.startup.as_ref().map_or(0.0, |law| law.mean());
    scaling.metric_delay.seconds() + loops + provision + startup
}

/// (length, rate) of the highest spike that producers have for the feed.
fn spike(scenario: &Scenario, feed: Feed) -> Option<f64> {
    let to = |target: &Target| match (*target, feed) {
        (Target::Queue(at), Feed::Queue(queue)) => at == queue,
        (Target::Stream(at), Feed::Stream(stream)) => at == stream,
        _ => false,
    };
    let curves = scenario.producers.iter().filter(|p| p.to.iter().any(to)).filter_map(|p| match &p.source {
        Source::Curve { curve, .. } => Some(curve),
        _ => None,
    });
    let spikes = curves.flat_map(|curve| &curve.spikes).filter(|spike| spike.lasts > 0.0);
    spikes.map(|spike| spike.lasts).reduce(f64::max)
}

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (index, consumer) in view.consumers() {
        let (Some(scaling), Some(load)) = (&consumer.scaling, view.load(index)) else { continue };
        if matches!(scaling.rules, Rules::Schedule(_)) || load.consumers.len() > 1 {
            continue;
        }
        let Some(lasts) = spike(view.scenario, load.feed) else { continue };
        let (_, peak) = view.rates(load);
        let slots = f64::from(consumer.replicas * consumer.concurrency);
        let late = reaction(scaling);
        let carried = slots / load.service_s;
        if late < lasts * 0.5 || carried >= peak {
            continue;
        }
        let needed =
            (peak * load.service_s / f64::from(consumer.concurrency)).ceil().min(f64::from(scaling.limits.max));
        found.push(Found {
            severity: if late >= lasts { Severity::Warning } else { Severity::Info },
            component: view.component(consumer),
            says: format!(
                "New replicas serve about {} after the metric rises, and the spike lasts {}: until then {} replicas meet \
                 {}/s with {}/s.",
                time(late),
                time(lasts),
                consumer.replicas,
                number(peak),
                number(carried)
            ),
            figure: Figure { name: "time until new replicas serve", value: late, unit: "s" },
            fix: vec![
                of_consumer(&consumer.name, "replicas", format!("{needed}")),
                of_consumer(&consumer.name, &minimum(scaling), format!("{needed}")),
            ],
        });
    }
    found
}

/// Lambda calls its minimum another name.
fn minimum(scaling: &Scaling) -> String {
    if matches!(scaling.rules, Rules::Lambda(_)) { "scaling.start".into() } else { "scaling.min".into() }
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn every_lag_counts() {
        let spike = "rate = \"10/s\"\nspikes = [{ at = \"5m\", for = \"2m\", rate = \"40/s\" }]";
        let text = plain(&[("rate = \"10/s\"", spike)])
            + "\n[consumer.c.scaling]\npolicy = \"hpa\"\ntarget = 10\nmin = 20\nmax = 60\nmetric_delay = \"30s\"\nstartup = \"2m\"\n";
        // 30 s until it is seen, half of 15 s until it is looked at, 2 min until a replica serves.
        assert_eq!(found(&text, "scaling-comes-late").figure.value, 157.5);
        silent(&text.replace("for = \"2m\"", "for = \"10m\""), "scaling-comes-late");
    }
}
