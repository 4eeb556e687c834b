//! A workflow's activity that is cut off while it works.

use super::{Found, Rule, View, set};
use crate::lint::hold::Work;
use crate::lint::words::{no_shorter, percent, time};
use crate::lint::{Figure, Severity};

pub(super) const RULE: Rule = Rule {
    name: "activity-timeout-too-short",
    finds: "a workflow's start_to_close that ends attempts which would have succeeded",
    find,
};

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for workflow in &view.scenario.workflows {
        for step in &workflow.steps {
            let activities = [(Some(&step.activity), ""), (step.undo.as_ref(), "compensate.")];
            for (activity, part) in activities.into_iter().filter_map(|(activity, part)| Some((activity?, part))) {
                let consumer = &view.scenario.consumers[activity.consumer];
                let (Some(bound), Some(work)) = (activity.start_to_close, Work::of(view.scenario, consumer)) else {
                    continue;
                };
                let share = work.longer(1.0, 1.0, bound.seconds());
                if share <= 0.001 {
                    continue;
                }
                found.push(Found {
                    severity: if share >= 0.01 { Severity::Error } else { Severity::Warning },
                    component: consumer.name.clone(),
                    says: format!(
                        "start_to_close of {} ends {} of the attempts while they work; each is tried again, and the old \
                         one goes on and keeps its slot.",
                        time(bound.seconds()),
                        percent(share)
                    ),
                    figure: Figure { name: "share of attempts that are cut off", value: share, unit: "1" },
                    fix: vec![set(
                        format!("workflow.{}.steps.{}.{part}start_to_close", workflow.name, step.name),
                        no_shorter(work.quantile(1.0, 1.0, 0.9999) * 1.2),
                    )],
                });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, silent};

    #[test]
    fn the_share_is_that_of_the_law() {
        let text = "duration = \"1h\"\n[producer.p]\nto = \"w\"\nrate = \"1/s\"\n[workflow.w]\n[[workflow.w.steps]]\n\
            name = \"pay\"\nworkers = 9\nservice = { exp = \"1s\" }\nstart_to_close = \"3s\"\n";
        assert!((found(text, "activity-timeout-too-short").figure.value - (-3f64).exp()).abs() < 1e-9);
        silent(&text.replace("\"3s\"", "\"10s\""), "activity-timeout-too-short");
    }
}
