//! A delay queue: nobody reads it, its messages outlive their time there and go back.

use super::{component, replay, series, totals};

/// One message at 0 s; `jobs` gives up at the first failure, `wait` holds it for five seconds.
fn delayed(row: &str, fault: &str) -> tailback::study::Findings {
    replay(
        "60s",
        &format!("time_s,poison\n{row}\n"),
        &format!(
            "[producer.p]\nto = \"jobs\"\nmessages = \"messages.csv\"\n\
             [queue.jobs]\nmax_deliveries = 1\ndead_letter = \"wait\"\n\
             [queue.wait]\nttl = \"5s\"\ndead_letter = \"jobs\"\ndead_letter_expired = true\n\
             [consumer.w]\nfrom = \"jobs\"\nservice = \"1s\"\n{fault}\n"
        ),
    )
}

#[test]
fn a_message_is_tried_again_after_the_delay() {
    let fault = "[[fault]]\nat = \"0s\"\nfor = \"3s\"\nconsumer = \"w\"\nerror_rate = 1";
    let findings = delayed("0,0", fault);
    assert_eq!(series(&findings, "wait", "ready", [0, 1, 5, 6]), [0, 1, 1, 0]);
    assert_eq!(totals(&findings, "jobs", ["published", "dead_lettered", "completed"]), [2, 1, 1]);
    assert_eq!(component(&findings, "jobs").journey.as_ref().expect("a journey").max, 7.0);
}

#[test]
fn poison_is_not_cured_by_waiting() {
    // Tried at 0, 6 … 54 s, and back once more at 60 s.
    let findings = delayed("0,1", "");
    assert_eq!(totals(&findings, "jobs", ["published", "dead_lettered", "completed"]), [11, 10, 0]);
}
