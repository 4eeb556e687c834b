//! A replica that hangs from half a second on, for twenty: alive, and never done with the first of four messages.

use super::{at_once, component, replay, totals};

/// The longest latency, then completed, redeliveries and duplicates, of two replicas of 1 s a message.
fn hung(queue: &str, consumer: &str) -> (f64, [u64; 3]) {
    let findings = replay(
        "100s",
        &at_once(4, 0.0),
        &format!(
            "[producer.p]\nto = \"jobs\"\nmessages = \"messages.csv\"\n[queue.jobs]\n{queue}\n\
             [consumer.w]\nfrom = \"jobs\"\nreplicas = 2\nservice = \"1s\"\n{consumer}\n\
             [[fault]]\nat = \"500ms\"\nfor = \"20s\"\nconsumer = \"w\"\nhang = 1\n"
        ),
    );
    let longest = component(&findings, "jobs").latency.as_ref().expect("completed").max;
    (longest, totals(&findings, "jobs", ["completed", "redeliveries", "duplicates"]))
}

#[test]
fn without_a_lease_its_message_waits_until_it_is_killed() {
    assert_eq!(hung("", ""), (21.5, [4, 1, 0]));
}

#[test]
fn a_lease_frees_its_message() {
    assert_eq!(hung("visibility_timeout = \"5s\"", ""), (6.0, [4, 1, 0]));
}

#[test]
fn a_heartbeat_holds_it_fast() {
    // The last one is at 20 s, and the lease ends five seconds later; unless the broker bounds it.
    assert_eq!(hung("visibility_timeout = \"5s\"", "heartbeat = \"1s\""), (26.0, [4, 1, 0]));
    assert_eq!(hung("visibility_timeout = \"5s\"\nlease_extension = \"12s\"", "heartbeat = \"1s\""), (13.0, [4, 1, 0]));
}
