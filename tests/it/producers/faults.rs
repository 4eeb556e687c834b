//! Faults of topics, and of some of a stream's partitions.

use super::{component, run, series, total};
use tailback::study::Findings;

fn topic(on_reject: &str, fault: &str) -> Findings {
    run(
        "60500ms",
        &format!(
            "[producer.p]\nto = \"t\"\nrate = \"10/s\"\nprocess = \"constant\"\n{on_reject}\n[topic.t]\n\
             [queue.q]\nsubscribe = \"t\"\n[consumer.w]\nfrom = \"q\"\nservice = \"1ms\"\n\
             [[fault]]\nat = \"10s\"\nfor = \"10s\"\ntopic = \"t\"\n{fault}\n"
        ),
    )
}

#[test]
fn a_paused_topic_keeps_what_it_is_given() {
    let findings = topic("", "pause = true");
    assert_eq!(total(&findings, "p", "rejected"), 0.0);
    assert_eq!(total(&findings, "q", "published"), total(&findings, "p", "requests"));
    assert_eq!(series(&findings, "q", "publish_rate_per_s")[15], 0.0);
    // A hundred at once, and that of 20 s; the first was published at 10 s.
    assert_eq!(total(&findings, "q", "peak_backlog"), 101.0);
    let journey = component(&findings, "q").journey.as_ref().expect("completed");
    assert!((journey.max - 10.001).abs() < 1e-6, "{}", journey.max);
}

#[test]
fn a_topic_that_is_down_refuses_or_swallows() {
    let refused = topic("", "down = \"refuse\"");
    assert_eq!(total(&refused, "p", "rejected"), 100.0);
    assert_eq!(total(&refused, "q", "published"), total(&refused, "p", "requests") - 100.0);
    let swallowed = topic("", "down = \"blackhole\"");
    assert_eq!(total(&swallowed, "p", "rejected"), 0.0);
    assert_eq!(total(&swallowed, "q", "published"), total(&swallowed, "p", "requests") - 100.0);
    let again = topic("on_reject = { retry = { backoff = \"15s\" } }", "down = \"refuse\"");
    assert_eq!(total(&again, "p", "client_retries"), 100.0);
    assert_eq!(total(&again, "q", "published"), total(&again, "p", "requests"));
}

fn stream(producer: &str, fault: &str) -> Findings {
    run(
        "60500ms",
        &format!(
            "[producer.p]\nto = \"s\"\nrate = \"40/s\"\nprocess = \"constant\"\n{producer}\n[stream.s]\npartitions = 4\n\
             [consumer.w]\nfrom = \"s\"\nreplicas = 4\nservice = \"1ms\"\n\
             [[fault]]\nat = \"10s\"\nfor = \"10s\"\nstream = \"s\"\n{fault}\n"
        ),
    )
}

/// A figure of each partition.
fn each(findings: &Findings, of: impl Fn(&tailback::study::PartitionFindings) -> f64) -> Vec<f64> {
    component(findings, "s/w").by_partition.iter().map(of).collect()
}

const KEYED: &str = "keys = { count = 400 }";

#[test]
fn a_lost_partition_refuses_its_own_keys_only() {
    let findings = stream(KEYED, "partitions = [1]\ndown = \"refuse\"");
    let rejected = each(&findings, |partition| partition.rejected.mean);
    assert!(rejected.iter().enumerate().all(|(number, count)| (*count > 0.0) == (number == 1)), "{rejected:?}");
    // A quarter of 400: ± 5 × 9.
    assert!((rejected[1] - 100.0).abs() < 45.0, "{rejected:?}");
    assert_eq!(total(&findings, "p", "rejected"), rejected[1]);
}

#[test]
fn records_without_a_key_avoid_a_lost_partition() {
    let findings = stream("", "partitions = 2\ndown = \"refuse\"");
    assert_eq!(total(&findings, "p", "rejected"), 0.0);
    let published = each(&findings, |partition| partition.published.mean);
    // 2000 spread over four, and 400 over the last two.
    assert!(published[0] < 600.0 && published[3] > 600.0, "{published:?}");
    let silent = stream("", "partitions = 2\ndown = \"blackhole\"");
    assert_eq!(total(&silent, "p", "rejected"), 0.0);
    assert!((total(&silent, "s/w", "rejected") - 200.0).abs() < 50.0, "nobody told them");
    let all = stream("", "partitions = 4\ndown = \"refuse\"");
    assert_eq!(total(&all, "p", "rejected"), 400.0);
}

#[test]
fn a_paused_partition_stands_still_and_no_other() {
    let findings = stream(KEYED, "partitions = [2]\npause = true");
    let oldest = each(&findings, |partition| partition.oldest_age_max_s.mean);
    assert!(oldest.iter().enumerate().all(|(number, age)| (*age > 8.0) == (number == 2)), "{oldest:?}");
    assert!(oldest.iter().all(|age| *age < 10.1));
    assert_eq!(total(&findings, "s/w", "completed"), total(&findings, "s/w", "published"));
}

#[test]
fn an_outbox_waits_for_the_one_partition_that_is_lost() {
    let findings =
        stream(&format!("{KEYED}\noutbox = {{ poll = \"100ms\", batch = 50 }}"), "partitions = [1]\ndown = \"refuse\"");
    // The relay stops at the first row for partition 1 and with it all the others, until 20 s.
    assert!(series(&findings, "p", "waiting")[19] > 320.0);
    assert_eq!(series(&findings, "s/w", "complete_rate_per_s")[15], 0.0);
    assert!(total(&findings, "p", "waiting") <= 4.0);
}
