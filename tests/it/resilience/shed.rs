//! What a consumer turns away: ten messages at 0 s, one worker of 1 s a message.

use super::{at_once, component, replay, totals};
use tailback::study::Findings;

fn ten(queue: &str, consumer: &str) -> Findings {
    let service = if consumer.contains("service_per_batch") { "" } else { "service = \"1s\"" };
    replay(
        "100s",
        &at_once(10, 0.0),
        &format!(
            "[producer.p]\nto = \"jobs\"\nmessages = \"messages.csv\"\n[queue.jobs]\n{queue}\n\
             [consumer.w]\nfrom = \"jobs\"\n{service}\n{consumer}\n"
        ),
    )
}

/// Of `jobs`: completed, shed, dropped, deliveries, and when the last was completed.
fn outcome(findings: &Findings) -> ([u64; 4], f64) {
    let last = component(findings, "jobs").latency.as_ref().expect("completed").max;
    (totals(findings, "jobs", ["completed", "shed", "dropped", "deliveries"]), last)
}

#[test]
fn those_that_waited_too_long_go() {
    // Work starts at 0, 1, 2 and 3 s, the last just in time; at 4 s the other six go at once.
    assert_eq!(outcome(&ten("", "shed = { older_than = \"3s\" }")), ([4, 6, 6, 10], 4.0));
    let amplification =
        component(&ten("", "shed = { older_than = \"3s\" }"), "jobs").total("work_amplification").cloned();
    assert_eq!(amplification.expect("a total").mean, 1.0);
}

#[test]
fn turning_away_may_take_its_time() {
    // The six take half a second each, from 4 to 7 s.
    let findings = ten("", "shed = { older_than = \"3s\", cost = \"500ms\" }");
    assert_eq!(outcome(&findings), ([4, 6, 6, 10], 4.0));
    let busy = component(&findings, "w").average("busy").expect("busy").mean * 100.0;
    assert!((busy - 7.0).abs() < 1e-9, "{busy}");
}

#[test]
fn those_in_front_of_a_deep_queue_go() {
    // The first finds nothing behind it, as it goes straight into work; then 8, 7, 6, 5, 4 wait behind the one taken.
    assert_eq!(outcome(&ten("", "shed = { deeper_than = 5 }")), ([7, 3, 3, 10], 7.0));
}

#[test]
fn they_may_go_to_the_dead_letter_queue() {
    let findings = ten("dead_letter = \"late\"", "shed = { older_than = \"3s\", to = \"dead-letter\" }");
    assert_eq!(totals(&findings, "jobs", ["completed", "shed", "dropped", "dead_lettered"]), [4, 6, 0, 6]);
    assert_eq!(totals(&findings, "late", ["published"]), [6]);
}

#[test]
fn controlled_delay_lets_one_go_now_and_then() {
    // Waits of 1, 2 … s are above the target from 1 s on: the first drop at 4 s, the next 3 s later and then 3/√2 s. So
    // 0 1 2 3 are done, 4 goes and 5 takes its place, 6 is done from 5 to 6 s, 7 from 6 to 7 s; at 7 s 8 goes and the
    // last, with nothing behind it, is done.
    let findings = ten("", "shed = { codel = { target = \"500ms\", interval = \"3s\" } }");
    assert_eq!(outcome(&findings), ([8, 2, 2, 10], 8.0));
}

#[test]
fn in_a_batch_each_is_judged_by_itself() {
    // The first message starts alone; batches of three take 3 s, and the clock of each message runs on: in the first of them
    // they start at 1, 2 and 3 s, in the second at 4 s, where the three are too old, and so are the last three.
    let findings = ten("", "batch = { size = 3 }\nshed = { older_than = \"3s\" }");
    assert_eq!(outcome(&findings), ([4, 6, 6, 10], 4.0));
    // Together they take their time once, and those that are too old none.
    let findings = ten("", "batch = { size = 3, service_per_batch = \"1s\" }\nshed = { older_than = \"1s\" }");
    assert_eq!(outcome(&findings), ([4, 6, 6, 10], 2.0));
}

#[test]
fn what_is_tried_again_inside_the_process_was_let_in() {
    let findings = ten(
        "",
        "shed = { older_than = \"3s\" }\nfailure = 1\n\
         retry = { where = \"process\", backoff = \"9s\", max_attempts = 2 }",
    );
    // The first is tried from 0 and from 10 s, and then the others are too old.
    assert_eq!(totals(&findings, "jobs", ["completed", "shed", "dropped", "deliveries"]), [0, 9, 10, 10]);
}
