//! Members of a group for which there is no partition.

use super::{Found, Rule, View, set};
use crate::lint::words::number;
use crate::lint::{Figure, Severity};
use crate::policy::scaling::Rules;
use crate::scenario::Feed;

pub(super) const RULE: Rule =
    Rule { name: "idle-consumers", finds: "more replicas than partitions: those beyond have nothing to read", find };

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (_, consumer) in view.consumers() {
        let (Feed::Stream(index), Some(group)) = (consumer.from, &consumer.group) else { continue };
        let stream = &view.scenario.streams[index];
        let scheduled = consumer.schedule.iter().map(|(_, n)| *n).max().unwrap_or(0);
        // These two never start more than there are partitions.
        let scaled = consumer.scaling.as_ref().map_or(0, |scaling| match &scaling.rules {
            Rules::Lambda(_) => 0,
            Rules::Keda(rules) if !rules.allow_idle_consumers => 0,
            _ => scaling.limits.max,
        });
        let most = consumer.replicas.max(scheduled).max(scaled);
        let lanes = stream.partitions * group.parallelization;
        if most <= lanes {
            continue;
        }
        let idle = f64::from(most - lanes);
        let partitions = most.div_ceil(group.parallelization);
        found.push(Found {
            severity: Severity::Warning,
            component: format!("{}/{}", stream.name, consumer.name),
            says: format!(
                "Up to {most} replicas share {} partitions: {} of them read nothing, and adding more changes nothing.",
                stream.partitions,
                number(idle)
            ),
            figure: Figure { name: "replicas without a partition", value: idle, unit: "replicas" },
            fix: vec![set(format!("stream.{}.partitions", stream.name), partitions.to_string())],
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn eight_of_twenty_have_no_partition() {
        let text = plain(&[
            ("to = \"q\"", "to = \"s\""),
            ("[queue.q]", "[stream.s]\nbroker = \"kafka\"\npartitions = 12"),
            ("from = \"q\"", "from = \"s\""),
        ]);
        assert_eq!(found(&text, "idle-consumers").figure.value, 8.0);
        silent(&text.replace("= 12", "= 20"), "idle-consumers");
    }
}
