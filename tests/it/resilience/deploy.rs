//! Rolling restarts, second by second.

use super::{at_once, component, replay, series, totals};
use tailback::study::Findings;

/// Ten messages at 0 s, two replicas of 10 s a message, a deploy at 15 s that takes one of them at a time.
fn two_replicas(deploy: &str) -> Findings {
    replay(
        "100s",
        &at_once(10, 0.0),
        &format!(
            "[producer.p]\nto = \"jobs\"\nmessages = \"messages.csv\"\n[queue.jobs]\n\
             [consumer.w]\nfrom = \"jobs\"\nreplicas = 2\nservice = \"10s\"\n\
             [[fault]]\nname = \"release\"\nat = \"15s\"\nconsumer = \"w\"\n\
             deploy = {{ max_unavailable = 1, startup = \"5s\", {deploy} }}\n"
        ),
    )
}

#[test]
fn work_in_progress_is_finished() {
    // The first works until 20 s and is back at 25 s; then the second works until 30 s and is back at 35 s.
    let findings = two_replicas("drain = \"30s\"");
    assert_eq!(series(&findings, "w", "replicas", [14, 15, 24, 25, 34, 35]), [2, 1, 1, 1, 1, 2]);
    // What they take: until 20, 20, 30, 35, 45, 45, 55, 55 s after the first two at 10 s.
    assert_eq!(series(&findings, "jobs", "backlog", [10, 20, 30, 35, 45, 54, 55]), [8, 6, 5, 4, 2, 2, 0]);
    assert_eq!(totals(&findings, "jobs", ["completed", "deliveries", "redeliveries"]), [10, 10, 0]);
    // Two rounds of 10 s of work and 5 s of startup.
    let disturbance = &findings.disturbances[0];
    assert_eq!((disturbance.start_s, disturbance.end_s), (15.0, 45.0));
}

#[test]
fn after_the_grace_it_is_killed_and_its_work_is_lost() {
    // Killed at 17 s, back at 22 s; the second has what the first lost, is killed at 24 s and takes it again at 29 s.
    let findings = two_replicas("drain = \"2s\"");
    assert_eq!(series(&findings, "w", "replicas", [15, 21, 22, 28, 29]), [1, 1, 1, 1, 2]);
    assert_eq!(totals(&findings, "jobs", ["completed", "deliveries", "redeliveries"]), [10, 12, 2]);
    assert_eq!(component(&findings, "jobs").latency.as_ref().expect("completed").max, 62.0);
}

#[test]
fn a_quarter_at_a_time_goes() {
    let findings = replay(
        "100s",
        &at_once(1, 0.0),
        "[producer.p]\nto = \"jobs\"\nmessages = \"messages.csv\"\n[queue.jobs]\n\
         [consumer.w]\nfrom = \"jobs\"\nreplicas = 10\nservice = \"1s\"\nschedule = [{ at = \"25s\", replicas = 4 }]\n\
         [[fault]]\nat = \"10s\"\nconsumer = \"w\"\ndeploy = { startup = \"10s\" }\n",
    );
    // Two of ten, rounded down: 0 and 1, then 2 and 3, and at 30 s the others are not wanted any more.
    assert_eq!(series(&findings, "w", "replicas", [9, 10, 20, 24, 25, 30, 31]), [10, 8, 8, 8, 2, 4, 4]);
}

#[test]
fn the_standby_takes_over_from_the_active_one() {
    let rows: String = (0..60).map(|second| format!("{second}\n")).collect();
    let findings = replay(
        "100s",
        &format!("time_s\n{rows}"),
        "[producer.p]\nto = \"jobs\"\nmessages = \"messages.csv\"\n[queue.jobs]\nsingle_active = true\n\
         [consumer.w]\nfrom = \"jobs\"\nreplicas = 2\nservice = \"500ms\"\n\
         [[fault]]\nat = \"20250ms\"\nconsumer = \"w\"\ndeploy = { startup = \"5s\", max_unavailable = 1 }\n",
    );
    assert_eq!(totals(&findings, "jobs", ["completed", "redeliveries", "peak_backlog"]), [60, 0, 1]);
    assert_eq!(component(&findings, "jobs").latency.as_ref().expect("completed").max, 0.5);
}

/// Two partitions with a record a second each, two members, each away for 20 s in its turn.
fn of_a_stream(keys: &str) -> Findings {
    let rows: String = (0..100).map(|second| format!("{second},0\n{second},1\n")).collect();
    replay(
        "150s",
        &format!("time_s,key\n{rows}"),
        &format!(
            "[producer.p]\nto = \"log\"\nmessages = \"messages.csv\"\n[stream.log]\npartitions = 2\n\
             [consumer.w]\nfrom = \"log\"\nreplicas = 2\nservice = \"100ms\"\n{keys}\n\
             [[fault]]\nat = \"30500ms\"\nconsumer = \"w\"\ndeploy = {{ startup = \"20s\", max_unavailable = 1 }}\n"
        ),
    )
}

#[test]
fn members_of_a_stream_hand_over_or_come_back_to_their_own() {
    // The partition of a member that says goodbye goes to the other at once.
    let leaving = of_a_stream("session_timeout = \"45s\"");
    assert_eq!(totals(&leaving, "log/w", ["completed", "redeliveries", "peak_backlog"]), [200, 0, 2]);
    // A static member's waits for it: records of 31 … 50 s, and one of the other partition.
    let staying = of_a_stream("session_timeout = \"45s\"\nstatic_membership = true");
    assert_eq!(totals(&staying, "log/w", ["completed", "redeliveries", "peak_backlog"]), [200, 0, 21]);
    // Unless its session is over before: then the other has both partitions from 35.5 s on, and when that one goes at 50.5 s,
    // both stand still for its session's five seconds.
    let late = of_a_stream("session_timeout = \"5s\"\nstatic_membership = true");
    assert_eq!(totals(&late, "log/w", ["completed", "redeliveries", "peak_backlog"]), [200, 0, 10]);
}
