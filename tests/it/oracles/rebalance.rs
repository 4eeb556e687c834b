//! What stands still while partitions change hands.

use super::{assert_within, component, replay, total};
use tailback::study::Findings;

/// Four partitions, two members, and a third that joins at 60 s: while one member is busy with a record that takes 30 s.
///
/// Every key gets a record a second, eight keys for each partition on average.
fn joins(assignment: &str) -> Findings {
    let mut rows = "time_s,key,service_s\n".to_owned();
    for second in 0..120 {
        for key in 0..32 {
            let long = second == 59 && key == 0;
            rows += &format!("{second},{key},{}\n", if long { 30.0 } else { 0.001 });
        }
    }
    let findings = replay(
        "120s",
        &rows,
        &format!(
            "[producer.p]\nto = \"s\"\nmessages = \"messages.csv\"\n[stream.s]\npartitions = 4\n\
             [consumer.w]\nfrom = \"s\"\nservice = \"message\"\nreplicas = 2\n\
             schedule = [{{ at = \"60s\", replicas = 3 }}]\nassignment = \"{assignment}\"\nheartbeat_interval = \"3s\"\n"
        ),
    );
    assert_eq!(total(&findings, "s/w", "completed"), 120.0 * 32.0);
    assert_eq!(total(&findings, "s/w", "duplicates"), 0.0);
    findings
}

/// How long each partition stood still, the shortest first.
fn stood_still_s(findings: &Findings) -> Vec<f64> {
    let by_partition = &component(findings, "s/w").by_partition;
    let mut ages: Vec<f64> = by_partition.iter().map(|p| p.oldest_age_max_s.mean).collect();
    ages.sort_by(f64::total_cmp);
    ages
}

#[test]
fn an_eager_rebalance_stops_everyone() {
    let still = stood_still_s(&joins("eager"));
    // The other member gives up its partitions at its next heartbeat, by 63 s, and gets them back with all others when
    // the long record is done at 89 s.
    assert_within("the least", still[0], 25.0, 30.0);
    assert_within("the most", still[3], 29.0, 30.1);
}

#[test]
fn a_cooperative_rebalance_stops_what_moves() {
    let still = stood_still_s(&joins("cooperative"));
    // The busy member's own two wait for its record. Of the other one's, that which moves is free between two rounds, in
    // which the members are called by heartbeats 3 s apart.
    assert_within("what stays reads on", still[0], 0.0, 0.1);
    assert_within("what moves", still[1], 0.0, 3.1);
    assert_within("the busy one's", still[3], 29.0, 30.1);
}

#[test]
fn a_broker_moves_partitions_one_by_one() {
    let still = stood_still_s(&joins("server"));
    // One partition of the idle member may move: it is handed on between two reports, without a stop for the others.
    assert_within("its neighbours read on", still[0], 0.0, 0.1);
    assert_within("at most one moves", still[1], 0.0, 6.1);
    assert_within("the busy one's", still[3], 29.0, 30.1);
}

#[test]
fn a_member_that_polls_too_late_starts_over_and_over() {
    // 500 records of 0.7 s are 350 s between two polls, and 300 s are allowed: nothing is ever committed in time.
    let text = |records: u32| {
        format!(
            "[producer.p]\nto = \"s\"\nmessages = \"messages.csv\"\n[stream.s]\nbroker = \"kafka\"\n\
             [consumer.w]\nfrom = \"s\"\nservice = \"700ms\"\nreplicas = 2\nmax.poll.records = {records}\n"
        )
    };
    let rows = super::at_once(1500, 0.0);
    let findings = replay("2000s", &rows, &text(500));
    assert!(total(&findings, "s/w", "duplicates") > 400.0, "{}", total(&findings, "s/w", "duplicates"));
    let findings = replay("2000s", &rows, &text(400));
    assert_eq!(total(&findings, "s/w", "duplicates"), 0.0);
    assert_eq!(total(&findings, "s/w", "completed"), 1500.0);
}
