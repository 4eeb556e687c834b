//! A redrive that floods the queue it helps.

use super::{Found, Rule, View, of_queue};
use crate::lint::words::{no_faster, number};
use crate::lint::{Figure, Severity};

pub(super) const RULE: Rule = Rule {
    name: "redrive-too-fast",
    finds: "dead letters that are moved back faster than the consumers have room for",
    find,
};

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (_, queue) in view.queues() {
        let Some(redrive) = &queue.redrive else { continue };
        let Some(load) = view.load_of_queue(redrive.to) else { continue };
        let at = redrive.at.seconds();
        let spare = load.slots_at(view.scenario, at) / load.service_s - load.rate_at(at);
        let rate = redrive.rate.unwrap_or(f64::INFINITY);
        if rate <= spare {
            continue;
        }
        let half = (spare * 0.5).max(1.0);
        let fast = redrive.rate.map_or("all at once".into(), |rate| format!("at {}/s", number(rate)));
        found.push(Found {
            severity: Severity::Warning,
            component: queue.name.clone(),
            says: format!(
                "Its messages are moved to {} {fast}, and the consumers there have {}/s to spare: the redrive is an \
                 incident of its own.",
                view.scenario.queues[redrive.to].name,
                number(spare.max(0.0))
            ),
            figure: Figure { name: "what the consumers have to spare", value: spare.max(0.0), unit: "1/s" },
            fix: vec![of_queue(&queue.name, "redrive.rate", no_faster(half))],
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn ten_a_second_are_to_spare() {
        let dead =
            "[queue.q]\nmax_deliveries = 3\ndead_letter = \"d\"\n\n[queue.d]\nredrive = { to = \"q\", at = \"20m\" }";
        let text = plain(&[("[queue.q]", dead)]);
        let finding = found(&text, "redrive-too-fast");
        assert_eq!((finding.figure.value, finding.fix.settings[0].1.as_str()), (10.0, "\"5/s\""));
        silent(&text.replace("\"20m\"", "\"20m\", rate = \"10/s\""), "redrive-too-fast");
    }
}
