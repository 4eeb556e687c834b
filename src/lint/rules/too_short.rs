//! A run that ends before its backlog is gone.

use super::{Found, Rule, View, set};
use crate::envelope::{Load, fluid, load_of, load_of_group};
use crate::lint::words::{count, no_shorter, time};
use crate::lint::{Figure, Severity};
use crate::scenario::Feed;
use crate::units::Duration;

pub(super) const RULE: Rule = Rule {
    name: "run-too-short",
    finds: "a run that ends while the backlog of a spike, or the initial one, still drains",
    find,
};

/// A backlog that is not gone in a run so many times as long is not for want of time.
const TIMES: [f64; 4] = [1.5, 3.0, 6.0, 12.0];

fn find(view: &View<'_>) -> Vec<Found> {
    let end = view.scenario.duration.seconds();
    let mut found = vec![];
    for load in &view.loads {
        let course = fluid(view.scenario, load);
        if course.left < 1.0 || course.empty_at_s.is_some() {
            continue;
        }
        let Some(empty_at) = gone(view, load) else { continue };
        let missing = empty_at - end;
        found.push(Found {
            severity: Severity::Warning,
            component: load.component.clone(),
            says: format!(
                "The run ends with about {} messages left, which need another {}: it cannot say when they are gone.",
                count(course.left),
                time(missing)
            ),
            figure: Figure { name: "time that is missing", value: missing, unit: "s" },
            fix: vec![set("duration", no_shorter(empty_at * 1.1))],
        });
    }
    // One length serves all.
    found.sort_by(|a, b| b.figure.value.total_cmp(&a.figure.value));
    found.truncate(1);
    found
}

/// When the backlog would be gone if the run went on.
fn gone(view: &View<'_>, load: &Load) -> Option<f64> {
    let mut long = view.scenario.clone();
    TIMES.into_iter().find_map(|times| {
        long.duration = Duration::from_seconds(view.scenario.duration.seconds() * times);
        let load = match load.feed {
            Feed::Queue(queue) => load_of(&long, queue)?,
            Feed::Stream(_) => load_of_group(&long, *load.consumers.first()?)?,
        };
        fluid(&long, &load).empty_at_s
    })
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
        // More comes than goes: no length is enough.
        silent(&text.replace("\"10/s\"", "\"21/s\""), "run-too-short");
    }
}
