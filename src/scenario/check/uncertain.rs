//! What may be uncertain, and that it is sound wherever it falls.

use crate::scenario::problem::{Place, Problem};
use crate::scenario::reader::Placed;
use crate::scenario::tree::Node;
use crate::scenario::value::{Scenario, Source, Uncertain};

/// Keys of the top level: what is asked, not what is unknown.
const ASKED: [&str; 9] = ["schema_version", "title", "duration", "warmup", "seed", "runs", "tick", "slo", "slo_runs"];

/// Whether runs may differ in what the path names.
pub(in crate::scenario) fn may_be_drawn(path: &Placed<String>, tree: &Node) -> Result<(), Problem> {
    let segments: Vec<&str> = path.split('.').collect();
    let refuse = |message: String, way_out: String| Err(Problem::new(&path.place, message).way_out(way_out));
    if ASKED.contains(&segments[0]) {
        let message =
            format!("`{}` is the same in all runs: it belongs to the question, not to what is unknown", path.value);
        return refuse(message, "draw what the system does: rates, service times, failures, sizes, counts".into());
    }
    if segments[0] == "stream" && segments.last() == Some(&"partitions") {
        let message = format!("`{}` is the same in all runs: results are shown by partition", path.value);
        return refuse(message, "partitions are decided rather than unknown: try several with --set".into());
    }
    if let [.., "initial", "age"] = segments.as_slice() {
        let message = format!("`{}` is the same in all runs: it says when their clock begins", path.value);
        return refuse(message, "draw the number of messages, or try several ages with --set".into());
    }
    let consumer = |name: &str| tree.as_table()?.get("consumer")?.as_table()?.get(name)?.as_table();
    if let ["consumer", name, "replicas"] = segments.as_slice() {
        for ruler in ["scaling", "schedule"] {
            if consumer(name).is_some_and(|table| table.get(ruler).is_some()) {
                let message =
                    format!("`{}` is overridden: `consumer.{name}.{ruler}` says how many there are", path.value);
                return refuse(message, format!("draw a value inside `consumer.{name}.{ruler}`"));
            }
        }
    }
    Ok(())
}

/// Settles a scenario with these values.
type Settle<'a> = &'a dyn Fn(&[f64]) -> Result<Scenario, Vec<Problem>>;

/// Every value alone at both its ends, then all at once: rules that span keys are met too. What changes nothing between
/// its ends is overridden by something else.
pub(in crate::scenario) fn check(
    middle: &Scenario,
    uncertain: &[Uncertain],
    places: &[Place],
    medians: &[f64],
    settle: Settle,
) -> Result<(), Vec<Problem>> {
    let mut problems = vec![];
    let words = ["low", "high"];
    for (index, (one, place)) in uncertain.iter().zip(places).enumerate() {
        let (low, high) = one.ends();
        let mut changed = false;
        for (value, word) in [low, high].into_iter().zip(words) {
            let mut values = medians.to_vec();
            values[index] = value;
            match settle(&values) {
                Ok(scenario) => changed |= differs(&scenario, middle),
                Err(found) => {
                    changed = true;
                    let at = format!("at the {word} end, `{}` = {}", one.path, one.shown(value));
                    problems.extend(found.into_iter().map(|problem| about(problem, place, &at)));
                }
            }
        }
        if !changed {
            let message = format!("`{}` changes nothing: it is the same scenario at both ends", one.path);
            let way_out = "another setting overrides it; draw that one, or leave this line out";
            problems.push(Problem::new(place, message).way_out(way_out));
        }
    }
    if problems.is_empty() && uncertain.len() > 1 {
        for (word, ends) in [("low", false), ("high", true)] {
            let values: Vec<f64> = uncertain.iter().map(|one| if ends { one.ends().1 } else { one.ends().0 }).collect();
            let at = format!("with every uncertain value at its {word} end");
            problems.extend(settle(&values).err().into_iter().flatten().map(|problem| about(problem, &places[0], &at)));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// A problem of settled values is a problem of their line.
fn about(problem: Problem, place: &Place, at: &str) -> Problem {
    let way_out = problem.way_out.unwrap_or_else(|| "narrow the range".into());
    Problem::new(place, format!("{at}: {}", problem.message)).way_out(way_out)
}

/// Apart from where values came from.
fn differs(one: &Scenario, other: &Scenario) -> bool {
    shown(one) != shown(other)
}

/// Everything that a run is made from, recordings but for their length: no number in the file reaches into them.
fn shown(scenario: &Scenario) -> String {
    let mut copy = Scenario { assumptions: vec![], uncertain: vec![], ..scenario.clone() };
    for producer in &mut copy.producers {
        if let Source::Messages(rows) = &mut producer.source {
            rows.clear();
        }
    }
    format!("{copy:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_not_drawn() {
        let nowhere = crate::scenario::tree::read("").unwrap();
        let path = |text: &str| Placed { value: text.to_string(), place: Place::Default };
        for text in ["runs", "duration", "stream.log.partitions", "queue.orders.initial.age"] {
            assert!(may_be_drawn(&path(text), &nowhere).is_err(), "{text}");
        }
        assert!(may_be_drawn(&path("consumer.worker.replicas"), &nowhere).is_ok());
        let scaled = crate::scenario::tree::read("[consumer.worker]\nscaling = { policy = \"hpa\" }").unwrap();
        let problem = may_be_drawn(&path("consumer.worker.replicas"), &scaled).unwrap_err();
        assert!(problem.message.contains("`consumer.worker.scaling` says how many"), "{}", problem.message);
    }
}
