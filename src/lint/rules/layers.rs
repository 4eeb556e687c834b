//! Retries of retries: the attempts of several layers multiply.

use super::{Found, Rule, View, of_consumer};
use crate::lint::view::{amplification, most_copies};
use crate::lint::words::number;
use crate::lint::{Figure, Severity};

pub(super) const RULE: Rule = Rule {
    name: "retries-multiply",
    finds: "retries at several layers, of the caller, the queue and the call, whose attempts multiply",
    find,
};

/// So many calls for one message are a storm of their own.
const MANY: f64 = 6.0;

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (_, consumer) in view.consumers() {
        let clients = view.producers(consumer.from).filter_map(|p| p.reply.as_ref()?.retry.as_ref().map(most_copies));
        let client = clients.fold(1.0, f64::max);
        let deliveries = view.most_deliveries(consumer).map_or(f64::INFINITY, f64::from);
        for (at, call) in consumer.calls.iter().enumerate() {
            let Some(retry) = &call.retry else { continue };
            let tries = amplification(retry.max_attempts, retry.budget.as_ref());
            let layers = [client, deliveries, tries];
            let product: f64 = layers.iter().product();
            if tries < 2.0
                || layers.iter().filter(|n| **n >= 2.0).count() < 2
                || product <= MANY
                || call.breaker.is_some()
            {
                continue;
            }
            let each = |n: f64| if n.is_finite() { number(n) } else { "any number of".into() };
            let budget = "{ ratio = \"10%\", min_per_s = 0 }";
            let dependency = &view.scenario.dependencies[call.dependency].name;
            let asked = if client > 1.0 { format!("{} requests × ", each(client)) } else { String::new() };
            let total = if product.is_finite() { number(product) } else { "any number of".into() };
            found.push(Found {
                severity: Severity::Warning,
                component: consumer.name.clone(),
                says: format!(
                    "While {dependency} fails, one message becomes {total} calls: {asked}{} deliveries × {} tries of the \
                     call. Retry at one layer, or give the call a budget.",
                    each(deliveries),
                    each(tries)
                ),
                figure: Figure {
                    name: "calls for one message at worst",
                    value: product,
                    unit: "calls",
                },
                fix: vec![of_consumer(&consumer.name, &format!("calls.{at}.retry.budget"), budget)],
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn three_times_three_times_three_are_twenty_seven() {
        let reply = "rate = \"10/s\"\nreply = { timeout = \"9s\", retry = { max_attempts = 3 } }";
        let call = "replicas = 20\nretry = { max_attempts = 3 }\n\
            calls = [{ dependency = \"d\", timeout = \"1s\", retry = { max_attempts = 3 } }]";
        let text =
            plain(&[("rate = \"10/s\"", reply), ("replicas = 20", call)]) + "[dependency.d]\nservice = \"10ms\"\n";
        assert_eq!(found(&text, "retries-multiply").figure.value, 27.0);
        silent(&text.replace("timeout = \"1s\", retry = { max_attempts = 3 }", "timeout = \"1s\""), "retries-multiply");
    }
}
