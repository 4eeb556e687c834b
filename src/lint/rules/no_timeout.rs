//! Calls that wait for ever.

use super::{Found, Rule, View, of_consumer};
use crate::lint::words::{no_shorter, number, time};
use crate::lint::{Figure, Severity};
use crate::scenario::Effect;

pub(super) const RULE: Rule = Rule {
    name: "call-without-timeout",
    finds: "a call without a timeout: a dependency that is late or silent takes all work slots",
    find,
};

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (index, consumer) in view.consumers() {
        for (at, call) in consumer.calls.iter().enumerate() {
            if call.timeout.is_some() || consumer.timeout.is_some() {
                continue;
            }
            let dependency = &view.scenario.dependencies[call.dependency];
            let slow = |effect: &Effect| match *effect {
                Effect::DependencySlow { dependency, factor } if dependency == call.dependency => Some(factor),
                Effect::DependencyDown { dependency, silent: true } if dependency == call.dependency => {
                    Some(f64::INFINITY)
                }
                _ => None,
            };
            let slowed = view.scenario.faults.iter().filter_map(|fault| Some((fault, slow(&fault.effect)?)));
            let worst = slowed.max_by(|a, b| a.1.total_cmp(&b.1));
            let slots = f64::from(consumer.replicas * consumer.concurrency);
            let rate = view.load(index).map_or(0.0, |load| load.rate_at(0.0)) * call.share;
            let full = slots / rate.max(1e-9);
            let (severity, why) = match worst {
                Some((fault, factor)) => {
                    let mean = dependency.service.mean() * factor;
                    let long =
                        if mean.is_finite() { format!("takes {}", time(mean)) } else { "is never answered".into() };
                    let severity = if full < fault.lasts.seconds() && rate * mean > slots {
                        Severity::Warning
                    } else {
                        Severity::Info
                    };
                    (severity, format!("in {} a call {long}", fault.name))
                }
                None => (Severity::Info, format!("should {} fall silent", dependency.name)),
            };
            found.push(Found {
                severity,
                component: consumer.name.clone(),
                says: format!(
                    "A call of {} to {} waits for as long as the answer takes: {why}, and at {}/s all {} slots are taken \
                     after {}.",
                    consumer.name,
                    dependency.name,
                    number(rate),
                    number(slots),
                    time(full)
                ),
                figure: Figure { name: "time until a silent dependency has all slots", value: full, unit: "s" },
                fix: vec![of_consumer(
                    &consumer.name,
                    &format!("calls.{at}.timeout"),
                    no_shorter(dependency.service.quantile(0.9999) * 1.5),
                )],
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::Severity;
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn twenty_slots_are_gone_in_two_seconds() {
        let call = "calls = [{ dependency = \"d\" }]\nreplicas";
        let text = plain(&[("replicas", call)]) + "[dependency.d]\nservice = { exp = \"10ms\" }\n";
        let finding = found(&text, "call-without-timeout");
        assert_eq!((finding.figure.value, finding.severity), (2.0, Severity::Info));
        let fault =
            "\n[[fault]]\nname = \"dark\"\nat = \"10m\"\nfor = \"5m\"\ndependency = \"d\"\ndown = \"blackhole\"\n";
        assert_eq!(found(&(text.clone() + fault), "call-without-timeout").severity, Severity::Warning);
        silent(&text.replace("\"d\" }", "\"d\", timeout = \"1s\" }"), "call-without-timeout");
    }
}
