//! What a producer keeps with it: an outbox, and a disk for what was refused.

use super::{component, run, series, total};
use tailback::study::Findings;

const QUEUE: &str = "[queue.q]\n[consumer.w]\nfrom = \"q\"\nreplicas = 100\nservice = \"1ms\"\n";

fn outage(down: &str) -> String {
    format!("[[fault]]\nat = \"10s\"\nfor = \"10s\"\nqueue = \"q\"\ndown = \"{down}\"\n")
}

fn producer(keys: &str) -> String {
    format!("[producer.p]\nto = \"q\"\nrate = \"10/s\"\nprocess = \"constant\"\n{keys}\n{QUEUE}")
}

/// Every request is published, given up or still with its producer, and nothing twice.
fn assert_whole(findings: &Findings) {
    let of = |metric| total(findings, "p", metric);
    assert_eq!(of("requests"), of("published") - of("rejected") + of("gave_up") + of("waiting"));
    assert_eq!(total(findings, "q", "published"), of("published"));
    assert_eq!(total(findings, "q", "rejected"), of("rejected"));
}

#[test]
fn a_relay_takes_what_was_there_before_it_looked() {
    let findings = run("60500ms", &producer("outbox = { poll = \"1s\", batch = 100 }"));
    assert_whole(&findings);
    // Ten requests in every second, the first at its beginning; looks at 1 s … 60 s.
    assert_eq!(total(&findings, "p", "published"), 600.0);
    assert!((5.0..=6.0).contains(&total(&findings, "p", "waiting")));
    // Ten rows that waited 0.1 s … 1.0 s, then a millisecond of work.
    let q = component(&findings, "q");
    let (journey, wait) = (q.journey.as_ref().expect("completed"), q.wait.as_ref().expect("served"));
    assert!((journey.mean - 0.551).abs() < 1e-6, "{}", journey.mean);
    assert_eq!(wait.max, 0.0);
}

#[test]
fn a_relay_publishes_a_batch_at_a_look_and_no_more() {
    let findings = run("60500ms", &producer("outbox = { poll = \"1s\", batch = 5 }"));
    assert_whole(&findings);
    assert_eq!(total(&findings, "p", "published"), 300.0);
    let waiting = series(&findings, "p", "waiting");
    // Eleven requests by 1 s, that at 1 s included, less the first five.
    assert_eq!((waiting[1], waiting[20]), (6.0, 101.0));
    assert!(findings.notes.iter().any(|note| note.contains("The relay of `p`") && note.contains("5/s at most")));
}

#[test]
fn a_row_that_is_not_confirmed_stops_the_relay_and_is_not_lost() {
    for down in ["refuse", "blackhole"] {
        let text = producer("outbox = { poll = \"1s\", batch = 100 }") + &outage(down);
        let findings = run("60500ms", &text);
        assert_whole(&findings);
        // One try at each look from 10 s to 19 s; at 20 s the first of 110 rows goes out, and 99 more with it.
        assert_eq!(total(&findings, "p", "rejected"), 10.0, "{down}");
        assert_eq!(total(&findings, "p", "client_retries"), 10.0, "{down}");
        assert_eq!(total(&findings, "q", "completed"), 600.0, "{down}");
        let waiting = series(&findings, "p", "waiting");
        assert_eq!((waiting[19], waiting[20], waiting[21]), (101.0, 11.0, 1.0), "{down}");
    }
}

#[test]
fn a_lost_confirm_is_a_second_publish_of_the_same_row() {
    let findings = run("60500ms", &producer("outbox = { poll = \"1s\", batch = 10 }\nduplicate = 1.0"));
    assert_eq!(total(&findings, "p", "published"), 1200.0);
    assert_eq!(total(&findings, "q", "completed"), 1200.0);
}

#[test]
fn a_spill_keeps_what_there_is_room_for_and_sends_it_at_its_rate() {
    let text = producer("on_reject = { spill = { capacity = 60, rate = \"20/s\" } }") + &outage("refuse");
    let findings = run("60500ms", &text);
    assert_whole(&findings);
    // A hundred requests are refused, sixty find room; the first of them is tried from 10.05 s to 19.95 s in vain.
    assert_eq!(total(&findings, "p", "gave_up"), 40.0);
    assert_eq!(total(&findings, "p", "rejected"), 100.0 + 199.0);
    assert_eq!(total(&findings, "p", "client_retries"), 199.0 + 60.0);
    let waiting = series(&findings, "p", "waiting");
    assert_eq!((waiting[12], waiting[19]), (21.0, 60.0));
    // At 20.00 s, 20.05 s … 22.95 s they go out.
    assert_eq!(&waiting[20..24], [59.0, 39.0, 19.0, 0.0]);
    // The first was asked for at 10 s and is done at 20.001 s; each further one waits half as long as it came later.
    let journey = component(&findings, "q").journey.as_ref().expect("completed");
    assert!((journey.max - 10.001).abs() < 1e-6, "{}", journey.max);
    assert!(findings.notes.iter().any(|note| note.contains("The disk of `p`")), "{:?}", findings.notes);
}

#[test]
fn a_publisher_with_a_disk_does_not_wait_for_a_full_queue() {
    // The consumer takes 5/s of 10/s; a full queue of ten blocks, and the other five a second are spilled.
    let text = "[producer.p]\nto = \"q\"\nrate = \"10/s\"\nprocess = \"constant\"\n\
                on_reject = { spill = { capacity = 1000, rate = \"1/s\" } }\n\
                [queue.q]\ncapacity = 10\noverflow = \"block\"\n[consumer.w]\nfrom = \"q\"\nservice = \"200ms\"\n";
    let findings = run("60500ms", text);
    assert_whole(&findings);
    assert_eq!(total(&findings, "p", "gave_up"), 0.0);
    assert!(total(&findings, "p", "waiting") > 280.0, "{}", total(&findings, "p", "waiting"));
    assert_eq!(series(&findings, "q", "ready")[50], 10.0);
}

#[test]
fn blocked_publishers_come_back_together() {
    let findings = run("60500ms", &(producer("on_reject = \"block\"") + &outage("refuse")));
    // A hundred waited, and that of 20 s comes as well.
    assert_eq!(series(&findings, "p", "waiting")[19], 100.0 - 9.0);
    assert_eq!(total(&findings, "q", "peak_at_s"), 20.0);
    assert_eq!(total(&findings, "q", "peak_backlog"), 101.0);
    assert_eq!(total(&findings, "q", "rejected"), 0.0);
}

#[test]
fn jitter_keeps_those_who_return_apart() {
    let text = |jitter: &str| {
        format!(
            "[producer.p]\nto = \"q\"\ncron = {{ every = \"60s\", count = 1000 }}\n\
             on_reject = {{ retry = {{ backoff = \"20s\", jitter = \"{jitter}\" }} }}\n{QUEUE}\
             [[fault]]\nat = \"55s\"\nfor = \"15s\"\nqueue = \"q\"\ndown = \"refuse\"\n"
        )
    };
    let together = run("110s", &text("none"));
    assert_eq!(total(&together, "q", "peak_at_s"), 80.0);
    assert_eq!(total(&together, "q", "peak_backlog"), 1000.0);
    let apart = run("110s", &text("full"));
    assert_eq!(total(&apart, "q", "completed"), 1000.0);
    // About fifty a second from 70 s on, for whom there are a hundred workers.
    assert!(total(&apart, "q", "peak_backlog") < 5.0, "{}", total(&apart, "q", "peak_backlog"));
}
