//! A run that ends before its backlog is gone.

use super::{Found, Rule, View, set};
use crate::envelope::fluid;
use crate::lint::words::{count, no_shorter, time};
use crate::lint::{Figure, Severity};

pub(super) const RULE: Rule = Rule {
    name: "run-too-short",
    finds: "a run that ends while the backlog of a spike, or the initial one, still drains",
    find,
};

fn find(view: &View<'_>) -> Vec<Found> {
    let end = view.scenario.duration.seconds();
    let mut found = vec![];
    for load in &view.loads {
        let course = fluid(view.scenario, load);
        let spare = course.out_at_end() - load.rate_at(end - 1e-6);
        let base = load.rate_at(0.0) * load.service_s / load.slots_at(view.scenario, 1e-3).max(1e-9);
        // Where more comes than goes, no length is enough: then `overloaded` speaks.
        if course.left < 1.0 || course.empty_at_s.is_some() || spare <= 0.0 || base >= 1.0 {
            continue;
        }
        let missing = course.left / spare;
        found.push(Found {
            severity: Severity::Warning,
            component: load.component.clone(),
            says: format!(
                "The run ends with about {} messages left, which need another {}: it cannot say when they are gone.",
                count(course.left),
                time(missing)
            ),
            figure: Figure { name: "time that is missing", value: missing, unit: "s" },
            fix: vec![set("duration", no_shorter((end + missing) * 1.1))],
        });
    }
    // One length serves all.
    found.sort_by(|a, b| b.figure.value.total_cmp(&a.figure.value));
    found.truncate(1);
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn forty_thousand_at_ten_a_second_take_longer_than_an_hour() {
        let text = plain(&[("[queue.q]", "[queue.q]\ninitial = { messages = 40000, age = \"1m\" }")]);
        // 36,000 are gone after an hour.
        assert!((found(&text, "run-too-short").figure.value - 400.0).abs() < 1e-6);
        silent(&text.replace("40000", "30000"), "run-too-short");
    }
}
