//! Five requests at 0 s, one worker of 1 s a message, clients that wait for 2.5 s.

use super::{at_once, component, replay, totals};
use tailback::study::Findings;

fn five(reply: &str, queue: &str, consumer: &str) -> Findings {
    replay(
        "100s",
        &at_once(5, 0.0),
        &format!(
            "[producer.p]\nto = \"jobs\"\nmessages = \"messages.csv\"\nreply = {{ timeout = \"2500ms\"{reply} }}\n\
             [queue.jobs]\n{queue}\n[consumer.w]\nfrom = \"jobs\"\nservice = \"1s\"\n{consumer}\n"
        ),
    )
}

const SKIPS: &str = "skip_expired_requests = true";

fn busy_s(findings: &Findings) -> f64 {
    component(findings, "w").average("busy").expect("busy").mean * 100.0
}

#[test]
fn a_copy_whose_client_has_gone_is_skipped() {
    // Two are answered, the third is in work when its client goes, and the last two are not started on.
    let naive = five("", "", "");
    assert_eq!(totals(&naive, "jobs", ["completed", "skipped", "dropped"]), [5, 0, 0]);
    assert!((busy_s(&naive) - 5.0).abs() < 1e-9);
    let findings = five("", "", SKIPS);
    assert_eq!(totals(&findings, "jobs", ["completed", "skipped", "dropped", "deliveries"]), [3, 2, 2, 5]);
    assert_eq!(totals(&findings, "p", ["answered", "timeouts", "gave_up"]), [2, 3, 3]);
    assert!((busy_s(&findings) - 3.0).abs() < 1e-9);
}

#[test]
fn the_later_copy_is_worked_on_in_its_place() {
    // At 2.5 s three ask again. At 3 s the first copies of the last two are skipped; the new ones are done at 4, 5 and 6 s,
    // and the client of the last goes at 5 s.
    let findings = five(", retry = { max_attempts = 2 }", "", SKIPS);
    assert_eq!(totals(&findings, "jobs", ["published", "completed", "skipped"]), [8, 6, 2]);
    assert_eq!(totals(&findings, "p", ["answered", "timeouts", "gave_up"]), [4, 4, 1]);
    // Without, the old copies of the last two come first, and the new ones are done at 6, 7 and 8 s, when nobody waits.
    let naive = five(", retry = { max_attempts = 2 }", "", "");
    assert_eq!(totals(&naive, "jobs", ["published", "completed", "skipped"]), [8, 8, 0]);
    assert_eq!(totals(&naive, "p", ["answered", "timeouts", "gave_up"]), [2, 6, 3]);
}

#[test]
fn where_copies_are_swallowed_the_first_counts_for_all() {
    // The clients ask again at 2.5 s, the queue forgets that, and the first copies are done at 3, 4 and 5 s.
    let findings = five(", retry = { max_attempts = 2 }", "dedup_window = \"1m\"", SKIPS);
    assert_eq!(totals(&findings, "jobs", ["completed", "skipped", "deduplicated"]), [5, 0, 3]);
    assert_eq!(totals(&findings, "p", ["answered", "timeouts", "gave_up"]), [5, 3, 0]);
}
