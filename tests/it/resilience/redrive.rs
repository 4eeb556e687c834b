//! Ten messages fail in the first fifty seconds and lie in `dlq`; at 100 s they are moved back.

use super::{at_once, component, replay, series, totals};
use tailback::study::Findings;

/// One worker of 1 s a message; keys of `jobs` and of the redrive.
fn failed_ten(queue: &str, redrive: &str) -> Findings {
    replay(
        "300s",
        &at_once(10, 0.0),
        &format!(
            "[producer.p]\nto = \"jobs\"\nmessages = \"messages.csv\"\n\
             [queue.jobs]\nmax_deliveries = 1\ndead_letter = \"dlq\"\n{queue}\n\
             [queue.dlq]\nredrive = {{ {redrive} }}\n\
             [consumer.w]\nfrom = \"jobs\"\nservice = \"1s\"\n\
             [[fault]]\nat = \"0s\"\nfor = \"50s\"\nconsumer = \"w\"\nerror_rate = 1\n"
        ),
    )
}

#[test]
fn at_a_rate_they_follow_one_another() {
    // Moved at 100, 100.5 … 104.5 s; a sample shows what is left after everything else at its instant.
    let findings = failed_ten("", "at = \"100s\", rate = \"2/s\"");
    assert_eq!(series(&findings, "dlq", "ready", [99, 100, 101, 104, 105]), [10, 9, 7, 1, 0]);
    assert_eq!(totals(&findings, "dlq", ["published", "completed", "redriven"]), [10, 10, 10]);
    assert_eq!(totals(&findings, "jobs", ["published", "dead_lettered", "completed"]), [20, 10, 10]);
    // Done at 101 … 110 s, published at first at 0 s; here, at 100 … 104.5 s.
    let jobs = component(&findings, "jobs");
    assert_eq!(jobs.journey.as_ref().expect("a journey").max, 110.0);
    assert_eq!(jobs.latency.as_ref().expect("a latency").max, 5.5);
}

#[test]
fn without_a_rate_they_come_at_once() {
    let findings = failed_ten("", "at = \"100s\"");
    assert_eq!(series(&findings, "dlq", "ready", [99, 100]), [10, 0]);
    assert_eq!(series(&findings, "jobs", "backlog", [99, 100, 101, 109, 110]), [0, 10, 9, 1, 0]);
}

#[test]
fn what_still_fails_is_back_and_stays() {
    let findings = failed_ten("", "at = \"100s\", still_failing = \"100%\"");
    assert_eq!(totals(&findings, "jobs", ["published", "dead_lettered", "completed"]), [20, 20, 0]);
    assert_eq!(totals(&findings, "dlq", ["published", "redriven", "unfinished_ready"]), [20, 10, 10]);
}

#[test]
fn what_is_refused_stays_and_is_tried_again() {
    // Of the first ten one found work and one found room, and both do so again at 100 s.
    let findings = failed_ten("capacity = 1", "at = \"100s\"");
    assert_eq!(totals(&findings, "jobs", ["published", "rejected", "dead_lettered"]), [12, 8, 2]);
    assert_eq!(totals(&findings, "dlq", ["published", "redriven"]), [2, 2]);
    // Here all ten got in, one by one; at 100 s one goes into work and one waits, and then one place a second is free.
    let roomy = failed_ten("capacity = 1\noverflow = \"block\"", "at = \"100s\"");
    assert_eq!(series(&roomy, "dlq", "ready", [99, 100, 101, 107, 108]), [10, 8, 7, 1, 0]);
    assert_eq!(totals(&roomy, "jobs", ["published", "rejected", "completed"]), [20, 0, 10]);
}
