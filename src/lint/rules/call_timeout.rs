//! Calls that are given up although the answer is on its way.

use super::{Found, Rule, View, of_consumer};
use crate::lint::words::{no_shorter, percent, time};
use crate::lint::{Figure, Severity};

pub(super) const RULE: Rule = Rule {
    name: "call-timeout-too-short",
    finds: "a call that times out although the dependency does nothing but its ordinary work",
    find,
};

/// A timeout at the 99th percentile is a choice; beyond it is a mistake.
const MOST: f64 = 0.01;

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (_, consumer) in view.consumers() {
        for (at, call) in consumer.calls.iter().enumerate() {
            let Some(timeout) = call.timeout else { continue };
            let dependency = &view.scenario.dependencies[call.dependency];
            let share = 1.0 - dependency.service.cdf(timeout.seconds());
            if share <= MOST {
                continue;
            }
            found.push(Found {
                severity: if share > 0.05 { Severity::Error } else { Severity::Warning },
                component: consumer.name.clone(),
                says: format!(
                    "{} of the calls of {} to {} are given up after {}, while the dependency goes on working on them \
                     (its p99 is {}): the work is done, and done again.",
                    percent(share),
                    consumer.name,
                    dependency.name,
                    time(timeout.seconds()),
                    time(dependency.service.quantile(0.99))
                ),
                figure: Figure { name: "share of calls that time out on an ordinary day", value: share, unit: "1" },
                fix: vec![of_consumer(
                    &consumer.name,
                    &format!("calls.{at}.timeout"),
                    no_shorter(dependency.service.quantile(0.9999)),
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
    fn the_share_is_that_of_the_dependencys_law() {
        let call = "calls = [{ dependency = \"d\", timeout = \"2s\" }]\nreplicas";
        let text = plain(&[("replicas", call)]) + "[dependency.d]\nservice = { exp = \"1s\" }\n";
        assert!((found(&text, "call-timeout-too-short").figure.value - (-2f64).exp()).abs() < 1e-9);
        silent(&text.replace("\"2s\"", "\"5s\""), "call-timeout-too-short");
    }
}
