//! An autoscaler that forgets before it has seen what it did.

use super::{Found, Rule, View, of_consumer};
use crate::lint::rules::scaling_late::reaction;
use crate::lint::words::{no_shorter, time};
use crate::lint::{Figure, Severity};
use crate::policy::scaling::Rules;
use crate::units::seconds;

pub(super) const RULE: Rule = Rule {
    name: "scaling-swings",
    finds: "an autoscaler that scales in sooner than it can see what scaling out has done: it oscillates",
    find,
};

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (_, consumer) in view.consumers() {
        let Some(scaling) = &consumer.scaling else { continue };
        let (patience, key) = match &scaling.rules {
            Rules::Hpa(rules) => (seconds(rules.scale_down.window), "scaling.scale_down.stabilization_window"),
            Rules::Keda(rules) => (seconds(rules.hpa.scale_down.window), "scaling.scale_down.stabilization_window"),
            Rules::TargetTracking(rules) if !rules.disable_scale_in => {
                let periods = seconds(rules.alarm_period) * f64::from(rules.scale_in_periods);
                (seconds(rules.scale_in_cooldown).max(periods), "scaling.scale_in_cooldown")
            }
            _ => continue,
        };
        let dead = reaction(scaling);
        if patience >= dead || scaling.limits.min == scaling.limits.max {
            continue;
        }
        found.push(Found {
            severity: Severity::Warning,
            component: consumer.name.clone(),
            says: format!(
                "It takes replicas away after {} of calm, and what it added serves {} after it was asked for: it acts \
                 again before it has seen what it did, and swings.",
                time(patience),
                time(dead)
            ),
            figure: Figure { name: "time until new replicas serve", value: dead, unit: "s" },
            fix: vec![of_consumer(&consumer.name, key, no_shorter((dead * 2.0).max(300.0)))],
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn no_window_is_shorter_than_any_lag() {
        let text = plain(&[])
            + "\n[consumer.c.scaling]\npolicy = \"hpa\"\ntarget = 10\nmin = 2\nmax = 60\nmetric_delay = \"1m\"\n\
               startup = \"90s\"\nscale_down = { stabilization_window = \"0s\" }\n";
        assert_eq!(found(&text, "scaling-swings").figure.value, 157.5);
        silent(&text.replace("\"0s\"", "\"3m\""), "scaling-swings");
    }
}
