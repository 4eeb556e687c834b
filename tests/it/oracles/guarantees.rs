//! Lost, done twice, done once: what each guarantee costs and what absorbs copies.

use super::{assert_within, at_once, component, latency_max_s, replay, run, total};
use tailback::study::Findings;

/// Four messages, one in work when the consumer dies at 15 s.
fn dies(ack: &str) -> Findings {
    replay(
        "100s",
        &at_once(4, 0.0),
        &format!(
            "[producer.p]\nto = \"q\"\nmessages = \"messages.csv\"\n[queue.q]\n\
             [consumer.w]\nfrom = \"q\"\nservice = \"10s\"\nack = \"{ack}\"\n\
             [[fault]]\nname = \"f\"\nat = \"15s\"\nfor = \"5s\"\nconsumer = \"w\"\ncrash = 1\n"
        ),
    )
}

#[test]
fn an_acknowledgement_before_the_work_loses_it() {
    let before = dies("before");
    assert_eq!(total(&before, "q", "dropped"), 1.0);
    assert_eq!(total(&before, "q", "completed"), 3.0);
    assert_eq!(total(&before, "q", "redeliveries"), 0.0);
    let after = dies("after");
    assert_eq!(total(&after, "q", "dropped"), 0.0);
    assert_eq!(total(&after, "q", "completed"), 4.0);
    assert_eq!(total(&after, "q", "redeliveries"), 1.0);
}

/// 100,000 messages in steady flow through a queue with these keys, and a consumer with those.
fn flow(producer: &str, queue: &str, consumer: &str) -> Findings {
    run(
        "1000s",
        &format!(
            "[producer.p]\nto = \"q\"\nrate = \"100/s\"\nprocess = \"constant\"\n{producer}\n[queue.q]\n{queue}\n\
             [consumer.w]\nfrom = \"q\"\nservice = \"20ms\"\nreplicas = 5\n{consumer}\n"
        ),
    )
}

/// Four standard errors of the number of copies among 100,000 messages with a tenth copied.
const SPREAD: f64 = 4.0 * 95.0;

#[test]
fn spontaneous_copies_are_done_twice() {
    let findings = flow("", "duplicate_delivery = 0.1", "");
    let duplicates = total(&findings, "q", "duplicates");
    assert_within("duplicates", duplicates, 10_000.0 - SPREAD, 10_000.0 + SPREAD);
    assert_within("completed", total(&findings, "q", "completed"), 99_998.0, 100_000.0);
    let done = total(&findings, "q", "completed") + duplicates;
    assert_within("deliveries", total(&findings, "q", "deliveries"), done, done + 5.0);
}

#[test]
fn an_idempotent_consumer_absorbs_copies_at_a_cost() {
    let findings = flow("", "duplicate_delivery = 0.1", "idempotent = { window = \"10s\", cost = \"5ms\" }");
    assert_eq!(total(&findings, "q", "duplicates"), 0.0);
    let absorbed = total(&findings, "q", "deliveries") - total(&findings, "q", "completed");
    assert_within("absorbed", absorbed, 10_000.0 - SPREAD, 10_000.0 + SPREAD);
    // Without contention an attempt is the work and the look-up; a copy costs the look-up alone.
    let p50 = component(&findings, "q").latency.as_ref().expect("completed").p50;
    assert_within("a look-up and the work", p50, 0.0249, 0.0251);
    let busy = component(&findings, "w").average("busy").expect("busy").mean;
    let with_copies = (100_000.0 * 0.025 + absorbed * 0.005) / 1000.0;
    assert_within("busy", busy, with_copies - 0.001, with_copies + 0.001);
}

#[test]
fn an_idempotent_consumer_knows_what_its_lease_brought_back() {
    let text = |idempotent: &str| {
        format!(
            "[producer.p]\nto = \"q\"\nmessages = \"messages.csv\"\n\
             [queue.q]\nvisibility_timeout = \"30s\"\nwithdraw = false\n\
             [consumer.w]\nfrom = \"q\"\nservice = \"40s\"\n{idempotent}\n"
        )
    };
    // The copy that came back at 30 s is delivered at 40 s, although the work was acknowledged then.
    let naive = replay("200s", "time_s\n0\n", &text(""));
    assert_eq!(total(&naive, "q", "duplicates"), 1.0);
    let findings = replay("200s", "time_s\n0\n", &text("idempotent = { window = \"10m\" }"));
    assert_eq!(total(&findings, "q", "deliveries"), 2.0);
    assert_eq!(total(&findings, "q", "duplicates"), 0.0);
    assert_eq!(total(&findings, "q", "completed"), 1.0);
}

#[test]
fn a_deduplication_window_absorbs_what_is_published_twice() {
    let findings = flow("duplicate = 0.1", "dedup_window = \"5m\"", "");
    let absorbed = total(&findings, "q", "deduplicated");
    assert_within("absorbed", absorbed, 10_000.0 - SPREAD, 10_000.0 + SPREAD);
    assert_eq!(total(&findings, "q", "duplicates"), 0.0);
    let unfinished = total(&findings, "q", "unfinished_ready") + total(&findings, "q", "unfinished_in_flight");
    assert_eq!(total(&findings, "q", "published"), total(&findings, "q", "completed") + unfinished);
    assert_within("once each", total(&findings, "q", "completed"), 99_998.0, 100_000.0);
    // Without a window both are done, and the second is a duplicate.
    let without = flow("duplicate = 0.1", "", "");
    assert_eq!(total(&without, "q", "deduplicated"), 0.0);
    let duplicates = total(&without, "q", "duplicates");
    let published = total(&without, "q", "published");
    assert_within("published", published, 110_000.0 - SPREAD, 110_000.0 + SPREAD);
    assert_within("duplicates", duplicates, published - 100_000.0 - 3.0, published - 100_000.0);
}

#[test]
fn deduplication_of_publishes_does_not_stop_redeliveries() {
    let findings = flow("", "dedup_window = \"5m\"\nduplicate_delivery = 0.1", "");
    assert_eq!(total(&findings, "q", "deduplicated"), 0.0);
    assert_within("duplicates", total(&findings, "q", "duplicates"), 10_000.0 - SPREAD, 10_000.0 + SPREAD);
}

#[test]
fn a_late_acknowledgement_makes_a_duplicate_only_where_there_is_a_copy() {
    let text = |replicas: u32| {
        format!(
            "[producer.p]\nto = \"q\"\nmessages = \"messages.csv\"\n[queue.q]\nvisibility_timeout = \"30s\"\n\
             [consumer.w]\nfrom = \"q\"\nservice = \"40s\"\nreplicas = {replicas}\n"
        )
    };
    let two = replay("200s", "time_s\n0\n", &text(2));
    assert_eq!(total(&two, "q", "duplicates"), 1.0);
    assert_eq!(total(&two, "q", "deliveries"), 2.0);
    assert_eq!(latency_max_s(&two, "q"), 40.0);
    // The first copy occupies its consumer to the end, so both were at work: 40 s each.
    let busy = component(&two, "w").average("busy").expect("busy").mean * 200.0;
    assert_within("work in all", busy, 79.999, 80.001);
}
