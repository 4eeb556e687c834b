//! Calls that are tried again against a dependency that is late because of them.

use super::{Found, Rule, View, of_consumer};
use crate::lint::view::amplification;
use crate::lint::words::number;
use crate::lint::{Figure, Severity};

pub(super) const RULE: Rule = Rule {
    name: "retry-storm-at-dependency",
    finds: "calls whose repeated tries alone can overload the dependency: an overload that outlives its cause",
    find,
};

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (index, dependency) in view.scenario.dependencies.iter().enumerate() {
        let Some(concurrency) = dependency.concurrency else { continue };
        let (mut base, mut storm, mut fix) = (0.0, 0.0, vec![]);
        for (c, consumer) in view.consumers() {
            let Some(load) = view.load(c) else { continue };
            // Several groups of one queue share its messages.
            let part = load.rate_at(0.0) / load.consumers.len() as f64;
            let batch = consumer.batch.as_ref().map_or(1.0, |batch| f64::from(batch.size));
            for (at, call) in consumer.calls.iter().enumerate().filter(|(_, call)| call.dependency == index) {
                let calls = part * call.share / batch * dependency.service.mean() / f64::from(concurrency);
                let retry = call.retry.as_ref().filter(|_| call.breaker.is_none() && call.timeout.is_some());
                let tries = retry.map_or(1.0, |retry| amplification(retry.max_attempts, retry.budget.as_ref()));
                base += calls;
                storm += calls * tries;
                if tries > 1.5 {
                    let budget = "{ ratio = \"10%\", min_per_s = 0 }";
                    fix.push(of_consumer(&consumer.name, &format!("calls.{at}.retry.budget"), budget));
                }
            }
        }
        if base <= 0.0 || base >= 1.0 || storm <= 1.0 || fix.is_empty() {
            continue;
        }
        let all = if storm.is_finite() { number(storm) } else { "any multiple".into() };
        found.push(Found {
            severity: Severity::Error,
            component: dependency.name.clone(),
            says: format!(
                "The calls at the base rate take {} of its concurrency; with every try made, as it is once answers take \
                 longer than the timeout, {all}. It works on calls whose callers have given up, so the overload can \
                 outlive its cause.",
                number(base)
            ),
            figure: Figure {
                name: "utilization with every try made",
                value: storm,
                unit: "1",
            },
            fix,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn every_try_counts_unless_a_budget_or_a_breaker_stands_before_it() {
        let call = "calls = [{ dependency = \"d\", timeout = \"3s\", retry = { max_attempts = 3 } }]\nreplicas";
        let text = plain(&[("replicas", call)]) + "[dependency.d]\nservice = \"1s\"\nconcurrency = 20\n";
        assert!((found(&text, "retry-storm-at-dependency").figure.value - 1.5).abs() < 1e-9);
        silent(&text.replace("= 3 }", "= 2 }"), "retry-storm-at-dependency");
        let breaker = "retry = { max_attempts = 3 }, breaker = { failure_rate = \"50%\", open_for = \"10s\" }";
        silent(&text.replace("retry = { max_attempts = 3 }", breaker), "retry-storm-at-dependency");
    }
}
