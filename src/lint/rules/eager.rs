//! Rebalances that stop the whole group.

use super::{Found, Rule, View, of_consumer};
use crate::lint::words::{count, number, text};
use crate::lint::{Figure, Severity};
use crate::scenario::{Assignment, Effect};

pub(super) const RULE: Rule = Rule {
    name: "eager-rebalance",
    finds: "a group that is often changed under the eager protocol: at each change all members stop",
    find,
};

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (index, consumer) in view.consumers() {
        let Some(group) = consumer.group.as_ref().filter(|group| group.assignment == Assignment::Eager) else {
            continue;
        };
        let deploys = view
            .scenario
            .faults
            .iter()
            .filter(|fault| matches!(fault.effect, Effect::ConsumerDeploy { consumer, .. } if consumer == index));
        // A static member that is back in time says nothing.
        let restarts = if group.static_membership { 0 } else { 2 * deploys.count() * consumer.replicas as usize };
        let crashes = consumer.crash.as_ref().map_or(0.0, |crash| {
            2.0 * f64::from(consumer.replicas) * view.scenario.duration.seconds() / crash.mtbf.seconds()
        });
        let changes = (restarts + consumer.schedule.len()) as f64 + crashes;
        if changes < 2.0 && consumer.scaling.is_none() {
            continue;
        }
        let how_many = if consumer.scaling.is_some() {
            "every step of its autoscaler".to_string()
        } else {
            format!("the {} changes of this run", count(changes))
        };
        let heartbeat = group.heartbeat_interval.seconds();
        found.push(Found {
            severity: if changes >= 10.0 || consumer.scaling.is_some() { Severity::Warning } else { Severity::Info },
            component: view.component(consumer),
            says: format!(
                "It uses the eager protocol: at each of {how_many} all members give up all partitions, and nothing is \
                 read until the slowest has finished its poll and heard of it (a heartbeat every {} s).",
                number(heartbeat)
            ),
            figure: Figure {
                name: "changes of the group in this run, without an autoscaler's",
                value: changes,
                unit: "rebalances",
            },
            fix: vec![of_consumer(&consumer.name, "assignment", text("cooperative"))],
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn a_deploy_of_twenty_changes_the_group_forty_times() {
        let text = plain(&[
            ("to = \"q\"", "to = \"s\""),
            ("[queue.q]", "[stream.s]\nbroker = \"kafka\"\npartitions = 20"),
            ("from = \"q\"", "from = \"s\""),
        ]);
        silent(&text, "eager-rebalance");
        let deploy = "\n[[fault]]\nat = \"10m\"\nconsumer = \"c\"\ndeploy = { max_unavailable = 1, drain = \"9s\", startup = \"9s\" }\n";
        assert_eq!(found(&(text + deploy), "eager-rebalance").figure.value, 40.0);
    }
}
