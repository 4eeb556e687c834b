//! Fan-out: what slow and absent subscribers lose, or get late.

use super::{assert_within, component, replay, run, total};
use tailback::study::Findings;

#[test]
fn a_slow_subscriber_of_core_nats_loses() {
    let findings = run(
        "100s",
        "[producer.p]\nto = \"t\"\nrate = \"20/s\"\nprocess = \"constant\"\n[topic.t]\nbroker = \"nats\"\n\
         [queue.slow]\nsubscribe = \"t\"\npending_limit = 100\n[queue.fast]\nsubscribe = \"t\"\n\
         [consumer.s]\nfrom = \"slow\"\nservice = \"100ms\"\n[consumer.f]\nfrom = \"fast\"\nservice = \"1ms\"\n",
    );
    // Of 2000, ten a second are worked on, a hundred wait, one is in work; the rest finds no room.
    assert_within("completed", total(&findings, "slow", "completed"), 998.0, 1000.0);
    assert_within("dropped", total(&findings, "slow", "dropped"), 2000.0 - 1000.0 - 102.0, 2000.0 - 998.0 - 99.0);
    assert_eq!(total(&findings, "slow", "rejected"), 0.0);
    assert_eq!(total(&findings, "fast", "dropped"), 0.0);
    assert_within("completed by the fast", total(&findings, "fast", "completed"), 1999.0, 2000.0);
}

#[test]
fn what_a_core_nats_subscriber_had_is_lost_with_it() {
    let text = |broker: &str| {
        format!(
            "[producer.p]\nto = \"t\"\nmessages = \"messages.csv\"\n[topic.t]\nbroker = \"{broker}\"\n\
             [queue.q]\nsubscribe = \"t\"\n[consumer.w]\nfrom = \"q\"\nservice = \"10s\"\nprefetch = 10\n\
             [[fault]]\nname = \"f\"\nat = \"15s\"\nfor = \"5s\"\nconsumer = \"w\"\ncrash = 1\n"
        )
    };
    let rows = super::at_once(4, 0.0);
    let nats = replay("100s", &rows, &text("nats"));
    // One is done at 10 s; the three that the client held are gone.
    assert_eq!(total(&nats, "q", "completed"), 1.0);
    assert_eq!(total(&nats, "q", "dropped"), 3.0);
    assert_eq!(total(&nats, "q", "redeliveries"), 0.0);
    let generic = replay("100s", &rows, &text("generic"));
    assert_eq!(total(&generic, "q", "completed"), 4.0);
    assert_eq!(total(&generic, "q", "dropped"), 0.0);
}

/// A message that SNS is given at 10.5 s, for a queue that refuses from 10 s to `back_s`.
fn through_an_outage(back_s: f64) -> Findings {
    let findings = replay(
        "600s",
        "time_s\n10.5\n",
        &format!(
            "[producer.p]\nto = \"t\"\nmessages = \"messages.csv\"\n[topic.t]\nbroker = \"sns\"\n\
             [queue.q]\nsubscribe = \"t\"\n[consumer.w]\nfrom = \"q\"\nservice = \"1ms\"\n\
             [[fault]]\nname = \"f\"\nat = \"10s\"\nfor = \"{}s\"\nqueue = \"q\"\ndown = \"refuse\"\n",
            back_s - 10.0
        ),
    );
    assert_eq!(total(&findings, "q", "completed"), 1.0);
    assert_eq!(total(&findings, "q", "dropped"), 0.0);
    findings
}

/// When it entered the queue.
fn arrival_s(back_s: f64) -> f64 {
    total(&through_an_outage(back_s), "q", "peak_at_s")
}

#[test]
fn sns_bridges_a_queue_that_is_down() {
    // Three retries at once, two after a second each.
    assert_within("two retries of a second", arrival_s(12.0), 12.5, 12.5);
    assert_within("one retry of a second", arrival_s(11.2), 11.5, 11.5);
    // Then ten that grow from 1 s to 20 s: factor 20^(1/9), 1 + 1.39 + 1.94 + 2.72 + 3.80 + 5.31 + 7.40 s …
    let growth = 20_f64.powf(1.0 / 9.0);
    let sum = |n: i32| (0..n).map(|k| growth.powi(k)).sum::<f64>();
    assert_within("the first that grows", arrival_s(13.0), 13.5, 13.5);
    let at = 12.5 + sum(4);
    assert_within("the fourth that grows", arrival_s(at - 0.2), at - 0.01, at + 0.01);
    // Then every 20 s.
    let at = 12.5 + sum(10) + 60.0;
    assert_within("the third of the trickle", arrival_s(at - 10.0), at - 0.01, at + 0.01);
}

#[test]
fn what_a_topic_retries_has_its_age() {
    let findings = through_an_outage(12.0);
    let journey = component(&findings, "q").journey.as_ref().expect("completed").mean;
    assert_within("from the publish to the end", journey, 2.0009, 2.0011);
}

#[test]
fn a_slow_subscriber_does_not_slow_its_sibling() {
    let findings = run(
        "60s",
        "[producer.p]\nto = \"t\"\nrate = \"100/s\"\nprocess = \"constant\"\n[topic.t]\nbroker = \"sns\"\n\
         [queue.slow]\nsubscribe = \"t\"\nbroker = \"sqs\"\n[queue.fast]\nsubscribe = \"t\"\nbroker = \"sqs\"\n\
         [consumer.s]\nfrom = \"slow\"\nservice = \"1s\"\n[consumer.f]\nfrom = \"fast\"\nservice = \"1ms\"\n",
    );
    assert_eq!(total(&findings, "slow", "published") + total(&findings, "fast", "published"), 12_000.0);
    assert_within("slow", total(&findings, "slow", "completed"), 58.0, 60.0);
    assert_within("fast", total(&findings, "fast", "completed"), 5_990.0, 6_000.0);
}
