//! Partitions: who reads them, how long they are dark, what is replayed, what is lost to retention, what a shard refuses.

use super::{after_warmup, assert_within, component, run, series, total};
use tailback::study::{Findings, PartitionFindings};

/// Twelve partitions of Kafka, 10/s to each: unkeyed records move on to another partition one by one.
fn twelve(replicas: u32, fault: &str) -> Findings {
    run(
        "600s",
        &format!(
            "warmup = \"10s\"\n\
             [producer.p]\nto = \"s\"\nrate = \"120/s\"\nprocess = \"constant\"\nbatch.size = 1000\n\
             [stream.s]\nbroker = \"kafka\"\npartitions = 12\n\
             [consumer.w]\nfrom = \"s\"\nservice = \"10ms\"\nreplicas = {replicas}\n{fault}"
        ),
    )
}

fn partitions<'a>(findings: &'a Findings, group: &str) -> &'a [PartitionFindings] {
    &component(findings, group).by_partition
}

/// How long the partition that waited longest was dark, and how many were dark rather than behind one that was: who
/// takes over works on up to 500 records of 10 ms from each of its four partitions before it is back at the first.
fn dark(findings: &Findings) -> (f64, usize) {
    let ages: Vec<f64> = partitions(findings, "s/w").iter().map(|p| p.oldest_age_max_s.mean).collect();
    let worst = ages.iter().copied().fold(0.0, f64::max);
    (worst, ages.iter().filter(|age| **age > 20.0).count())
}

#[test]
fn eight_of_twenty_consumers_have_no_partition() {
    // Far too much work for them all: whoever has a partition is busy without a pause.
    let findings = run(
        "300s",
        "warmup = \"60s\"\n[producer.p]\nto = \"s\"\nrate = \"500/s\"\nprocess = \"constant\"\nbatch.size = 1000\n\
         [stream.s]\nbroker = \"kafka\"\npartitions = 12\n\
         [consumer.w]\nfrom = \"s\"\nservice = \"100ms\"\nreplicas = 20\n",
    );
    let w = component(&findings, "w");
    assert_within("busy", w.average("busy").expect("busy").mean, 11.999, 12.0);
    assert_eq!(w.average("replicas").expect("replicas").mean, 20.0);
    assert_within("completed", after_warmup(&findings, "s/w", "completed"), 28_788.0, 28_812.0);
}

#[test]
fn a_crash_darkens_partitions_for_the_session_timeout() {
    let fault = "[[fault]]\nname = \"f\"\nat = \"100s\"\nfor = \"200s\"\nconsumer = \"w\"\ncrash = 1\n";
    // The last heartbeat was sent up to 3 s before the crash, and the others hear of it at their next one, up to 3 s
    // after the session ended.
    let (worst, many) = dark(&twelve(12, fault));
    assert_within("dark for", worst, 42.0, 48.0);
    assert_eq!(many, 1);
    // A clean goodbye is heard at the next heartbeat.
    let leaves = "schedule = [{ at = \"100s\", replicas = 11 }]\n";
    assert_within("after a goodbye", dark(&twelve(12, leaves)).0, 0.0, 3.5);
}

#[test]
fn a_crash_darkens_all_partitions_of_the_dead() {
    let fault = "[[fault]]\nname = \"f\"\nat = \"100s\"\nfor = \"200s\"\nconsumer = \"w\"\ncrash = 1\n";
    // Each of four members has three of them.
    assert_eq!(dark(&twelve(4, fault)).1, 3);
}

#[test]
fn a_hang_darkens_partitions_for_the_poll_interval() {
    let fault = "[[fault]]\nname = \"f\"\nat = \"100s\"\nfor = \"400s\"\nconsumer = \"w\"\nhang = 1\n";
    let (worst, many) = dark(&twelve(12, fault));
    // From its last poll, up to half a second of an empty fetch before; heartbeats go on meanwhile.
    assert_within("dark for", worst, 299.0, 303.5);
    assert_eq!(many, 1);
    let shorter = format!("max.poll.interval.ms = 60000\n{fault}");
    assert_within("dark for", dark(&twelve(12, &shorter)).0, 59.0, 63.5);
}

#[test]
fn the_commit_gap_is_replayed() {
    let findings = run(
        "150s",
        "[producer.p]\nto = \"s\"\nrate = \"10/s\"\nprocess = \"constant\"\n\
         [stream.s]\nbroker = \"kafka\"\n\
         [consumer.w]\nfrom = \"s\"\nservice = \"10ms\"\n\
         [[fault]]\nname = \"f\"\nat = \"63050ms\"\nfor = \"1s\"\nconsumer = \"w\"\ncrash = 1\n",
    );
    let lag = series(&findings, "s/w", "lag");
    // Commits go out every 5 s: at 60 s and a record or two after.
    assert_within("uncommitted before the crash", lag[63], 26.0, 31.0);
    let duplicates = total(&findings, "s/w", "duplicates");
    assert_within("replayed", duplicates, lag[63] - 1.0, lag[63] + 1.0);
    assert_eq!(total(&findings, "s/w", "dropped"), 0.0);
    let unfinished = total(&findings, "s/w", "unfinished_ready") + total(&findings, "s/w", "unfinished_in_flight");
    assert_eq!(total(&findings, "s/w", "completed") + unfinished, total(&findings, "s/w", "published"));
}

#[test]
fn a_commit_after_each_record_replays_none() {
    let findings = run(
        "150s",
        "[producer.p]\nto = \"s\"\nrate = \"10/s\"\nprocess = \"constant\"\n\
         [stream.s]\nbroker = \"kafka\"\n\
         [consumer.w]\nfrom = \"s\"\nservice = \"10ms\"\nauto.commit.interval.ms = 0\n\
         [[fault]]\nname = \"f\"\nat = \"63050ms\"\nfor = \"1s\"\nconsumer = \"w\"\ncrash = 1\n",
    );
    assert_eq!(total(&findings, "s/w", "duplicates"), 0.0);
}

#[test]
fn a_fetch_over_many_partitions_is_booked_on_each() {
    let findings = run(
        "60s",
        "[producer.p]\nto = \"s\"\nrate = \"90/s\"\nprocess = \"constant\"\nbatch.size = 1000\n\
         [stream.s]\nbroker = \"kafka\"\npartitions = 12\n[consumer.w]\nfrom = \"s\"\nservice = \"10ms\"\n",
    );
    for p in partitions(&findings, "s/w") {
        assert_eq!(p.published.mean, p.completed.mean + p.unfinished.mean, "partition {}", p.partition);
    }
}

/// A consumer that stands still from 20 s to 80 s, on a stream that keeps ten seconds.
fn overtaken(offset_reset: &str) -> Findings {
    run(
        "120s",
        &format!(
            "[producer.p]\nto = \"s\"\nrate = \"10/s\"\nprocess = \"constant\"\n\
             [stream.s]\nbroker = \"generic\"\nretention = \"10s\"\n\
             [consumer.w]\nfrom = \"s\"\nservice = \"1ms\"\noffset_reset = \"{offset_reset}\"\n\
             [[fault]]\nname = \"f\"\nat = \"20s\"\nfor = \"60s\"\nconsumer = \"w\"\npause = true\n"
        ),
    )
}

#[test]
fn retention_overtakes_lag() {
    let findings = overtaken("earliest");
    // Published from 20 s to 70 s.
    assert_within("expired", total(&findings, "s/w", "expired"), 499.0, 501.0);
    assert_within("completed", total(&findings, "s/w", "completed"), 698.0, 701.0);
    let kept = series(&findings, "s/w", "backlog");
    assert_within("kept", kept[60..80].iter().copied().fold(0.0, f64::max), 100.0, 101.0);
}

#[test]
fn a_reset_to_the_latest_skips_what_was_kept_too() {
    let findings = overtaken("latest");
    assert_within("expired", total(&findings, "s/w", "expired"), 598.0, 601.0);
    assert_within("completed", total(&findings, "s/w", "completed"), 598.0, 601.0);
}

#[test]
fn a_hot_shard_takes_a_thousand_a_second() {
    const SECONDS: f64 = 60.0;
    let findings = run(
        "60s",
        "[producer.p]\nto = \"s\"\nrate = \"5000/s\"\nprocess = \"constant\"\nkeys = { count = 5000, hot = [0.3] }\n\
         size = \"100 B\"\n[stream.s]\nbroker = \"kinesis\"\nShardCount = 10\n\
         [consumer.w]\nfrom = \"s\"\nservice = \"100us\"\nreplicas = 10\n",
    );
    let shards = partitions(&findings, "s/w");
    let hot = shards.iter().max_by(|a, b| a.rejected.mean.total_cmp(&b.rejected.mean)).expect("ten shards");
    let others: f64 = shards.iter().filter(|shard| shard.partition != hot.partition).map(|s| s.published.mean).sum();
    // 1500/s of the hot key, and a tenth of the 3500/s of the others: 500 keys of 5000, give or take 4 · 21.
    let offered = total(&findings, "s/w", "published") - others;
    assert_within("offered", offered / SECONDS, 1850.0 - 75.0, 1850.0 + 75.0);
    // What it takes is 1000/s, and a second's worth that may be saved up.
    let taken = offered - hot.rejected.mean;
    assert_within("taken", taken, 1000.0 * SECONDS, 1000.0 * (SECONDS + 1.0) + 1.0);
    assert_eq!(total(&findings, "s/w", "rejected"), hot.rejected.mean);
    for shard in shards.iter().filter(|shard| shard.partition != hot.partition) {
        assert_eq!(shard.rejected.mean, 0.0);
        assert_within("the others", shard.published.mean / SECONDS, 350.0 - 75.0, 350.0 + 75.0);
    }
}

#[test]
fn a_partition_counts_what_it_refuses_as_published() {
    let findings = run(
        "60s",
        "[producer.p]\nto = \"s\"\nrate = \"20/s\"\nprocess = \"constant\"\n\
         [stream.s]\npartition_limit = { write = \"10/s\" }\n[consumer.w]\nfrom = \"s\"\nservice = \"1ms\"\n",
    );
    let only = &partitions(&findings, "s/w")[0];
    assert_eq!(only.published.mean, total(&findings, "s/w", "published"));
    assert_eq!(only.published.mean, only.rejected.mean + only.completed.mean + only.unfinished.mean);
}

#[test]
fn a_poison_record_blocks_its_partition_only() {
    let text = |on_failure: &str| {
        format!(
            "[producer.p]\nto = \"s\"\nrate = \"40/s\"\nprocess = \"constant\"\nkeys = {{ count = 400 }}\n\
             [producer.bad]\nto = \"s\"\nmessages = \"messages.csv\"\n\
             [stream.s]\npartitions = 4\n[consumer.w]\nfrom = \"s\"\nreplicas = 4\nservice = \"1ms\"\n{on_failure}\n"
        )
    };
    let rows = "time_s,key,poison\n30,7,true\n";
    let blocked = super::replay("90s", rows, &text("retry = { backoff = \"100ms\" }"));
    let stuck: Vec<f64> = partitions(&blocked, "s/w").iter().map(|p| p.oldest_age_max_s.mean).collect();
    assert_eq!(stuck.iter().filter(|age| **age > 59.0).count(), 1, "{stuck:?}");
    assert_eq!(stuck.iter().filter(|age| **age < 0.1).count(), 3, "{stuck:?}");
    let skipped = super::replay("90s", rows, &text("on_failure = \"skip\""));
    assert_eq!(total(&skipped, "s/w", "dropped"), 1.0);
    assert!(partitions(&skipped, "s/w").iter().all(|p| p.oldest_age_max_s.mean < 0.1));
}
