//! What the headers of the scenarios of brokers say is seen when the committed files run, and gone when the fix that they
//! name is applied.
//!
//! Few runs, so that counts get a margin: stated by hand, 5 % where it is not said otherwise.

use tailback::study::Findings;

use crate::committed::{RUNS, between, close, component, mean, recovery, run};

/// 5 % of the pictures take longer than the lease, and a copy may be one of these again: 5/95 redeliveries a picture. Their
/// number has a standard deviation of about 1/√440 ÷ √3 = 3 % a variant, so that the margin is four of them.
#[test]
fn a_lease_too_short_doubles_work_at_a_rate_that_grows_with_the_load() {
    let findings = run("lease-too-short", &[]);
    let published = mean(&findings, "thumbnails", "published");
    close("redeliveries", mean(&findings, "thumbnails", "redeliveries"), published * 5.0 / 95.0, 0.12);
    let quiet = between(&findings, "thumbnails", "redeliver_rate_per_s", (300.0, 1200.0));
    let busy = between(&findings, "thumbnails", "redeliver_rate_per_s", (1260.0, 1800.0));
    close("quiet", quiet, 2.0 * 5.0 / 95.0, 0.2);
    close("busy", busy, 4.0 * 5.0 / 95.0, 0.2);
    assert!(mean(&findings, "thumbnails", "duplicates") > 0.9 * published * 0.05);
    let slots = |findings: &Findings| between(findings, "worker", "busy", (300.0, 1200.0));

    let longer = run("lease-too-short", &[("VisibilityTimeout = 30", "VisibilityTimeout = 180")]);
    assert_eq!(mean(&longer, "thumbnails", "duplicates"), 0.0);
    assert!(slots(&longer) < slots(&findings), "work done twice takes no slots");
    let extended = run("lease-too-short", &[("service = {", "heartbeat = \"10s\"\nservice = {")]);
    assert_eq!(mean(&extended, "thumbnails", "duplicates"), 0.0);
    let tens = run("lease-too-short", &[("service = {", "max_number_of_messages = 10\nservice = {")]);
    assert!(mean(&tens, "thumbnails", "duplicates") > 1.15 * mean(&findings, "thumbnails", "duplicates"));
}

#[test]
fn a_poison_head_blocks_its_fifo_group_and_no_other() {
    let findings = run("fifo-hot-group", &[]);
    let orders = component(&findings, "orders");
    let hot = orders.by_key.iter().find(|key| key.key == "0").expect("the hot group");
    close("peak of the hot group", hot.peak_backlog.mean, 2.0 * 10.0 * 30.0, 0.1);
    close("recovery", recovery(&findings, "orders"), 300.0 + 600.0 / (5.0 - 2.0) - 60.0, 0.1);
    for key in orders.by_key.iter().filter(|key| key.key != "0") {
        let latency = key.latency_s.as_ref().expect("completed messages").mean;
        assert!(latency < 0.3, "group {}: {latency} s", key.key);
    }
    assert_eq!(mean(&findings, "orders", "dead_lettered"), 1.0);
    assert_eq!(mean(&findings, "orders", "out_of_order"), 0.0);
    close("utilization", mean(&findings, "worker", "utilization"), 0.2, 0.05);

    let more = run("fifo-hot-group", &[("replicas = 10", "replicas = 40")]);
    close("with more workers", mean(&more, "orders", "peak_backlog"), mean(&findings, "orders", "peak_backlog"), 0.1);
    let fewer = run("fifo-hot-group", &[("max_receive_count = 10", "max_receive_count = 3")]);
    close("with three receives", mean(&fewer, "orders", "peak_backlog"), 2.0 * 3.0 * 30.0, 0.15);
}

/// Four members, one at half the speed, do 35/s. Rates are over two minutes with five to seven members.
#[test]
fn scaling_an_eager_group_up_slows_it_down() {
    let findings = run("kafka-scale-up", &[]);
    let rate = |findings: &Findings, group: &str, span| between(findings, group, "complete_rate_per_s", span);
    for group in ["events/eager", "events/cooperative"] {
        close("four members", rate(&findings, group, (270.0, 360.0)), 35.0, 0.02);
    }
    let scaling = (360.0, 480.0);
    let (eager, cooperative) =
        (rate(&findings, "events/eager", scaling), rate(&findings, "events/cooperative", scaling));
    assert!(eager < 0.9 * 35.0, "the eager group does {eager}/s while it is scaled up");
    assert!(cooperative > 0.98 * 35.0, "the cooperative group does {cooperative}/s while it is scaled up");
    let peak = |group| mean(&findings, group, "peak_backlog");
    assert!(peak("events/eager") > peak("events/cooperative") + 1000.0);
    close("eight members", rate(&findings, "events/eager", (660.0, 720.0)), 75.0, 0.02);

    let fixed = run("kafka-scale-up", &[("\"range\"", "\"range\"\nmax_poll_records = 50")]);
    let brief = rate(&fixed, "events/eager", scaling);
    assert!(brief > 35.0, "with small polls the group does {brief}/s while it is scaled up");
}

#[test]
fn a_poll_that_takes_too_long_is_done_again_for_ever() {
    let findings = run("max-poll-loop", &[]);
    let group = "invoices/biller";
    assert_eq!(component(&findings, group).recovery.as_ref().expect("a spike").never, RUNS);
    assert!(mean(&findings, group, "duplicates") > 2000.0);
    let busy = between(&findings, group, "complete_rate_per_s", (1320.0, 1800.0));
    close("before the first member is put out", busy, 4.0 / 0.7, 0.05);
    let late = between(&findings, group, "complete_rate_per_s", (3600.0, 5400.0));
    assert!(late < 2.0, "{late}/s are done in the loop, 2/s arrive");
    let depth = |span| between(&findings, group, "backlog", span);
    assert!(depth((5100.0, 5400.0)) > depth((2400.0, 2700.0)), "the backlog does not grow");

    let fixed = run("max-poll-loop", &[("max_poll_records = 500", "max_poll_records = 100")]);
    assert_eq!(mean(&fixed, group, "duplicates"), 0.0);
    assert!(recovery(&fixed, group) < 900.0);
}

#[test]
fn more_members_do_not_help_a_hot_partition() {
    let findings = run("celebrity-key", &[]);
    let posts = component(&findings, "posts/feed");
    let (hottest, others): (Vec<_>, Vec<_>) =
        posts.by_partition.iter().partition(|partition| partition.peak_backlog.mean > 1000.0);
    assert_eq!((hottest.len(), others.len()), (1, 11));
    // The keys are not spread quite evenly over the partitions: the hot one gets as much as is counted.
    let arriving = hottest[0].published.mean / 1800.0;
    close("records of the hot partition", arriving, 120.0 * (0.3 + 0.7 / 12.0), 0.02);
    close("its lag at the end", hottest[0].unfinished.mean, (arriving - 1.0 / 0.03) * 1800.0, 0.03);
    for partition in &others {
        assert!(partition.mean_backlog.mean < 2.0, "partition {} has something to do", partition.partition);
    }
    let growth = |from, to| {
        let depth = |at: f64| between(&findings, "posts/feed", "backlog", (at - 30.0, at + 30.0));
        (depth(to) - depth(from)) / (to - from)
    };
    close("growth with 24 members as with 12", growth(1000.0, 1700.0), growth(200.0, 850.0), 0.1);

    let ten = ["0.03"; 10].join(", ");
    let split = run("celebrity-key", &[("hot = [0.3]", &format!("hot = [{ten}]"))]);
    assert!(mean(&split, "posts/feed", "peak_backlog") < 100.0);
}

/// 13.3/s of 60/s are done for 600 s: what does not wait at the end was dropped.
#[test]
fn a_crash_loop_drops_innocent_messages() {
    let findings = run("quorum-no-dlx", &[]);
    let dropped = mean(&findings, "orders", "dropped");
    let piled_up = (60.0 - 4.0 * 20.0 * 2.0 / 12.0) * 600.0;
    close("waiting and dropped", mean(&findings, "orders", "peak_backlog") + dropped, piled_up, 0.06);
    // 200 crashes hand 2,000 messages back each, and every message that is dropped takes 21 of these.
    assert!(dropped > 5000.0 && dropped < 200.0 * 2000.0 / 21.0, "{dropped} dropped");

    let kept = run("quorum-no-dlx", &[("\"rabbitmq-quorum\"", "\"rabbitmq-quorum\"\ndead_letter = \"orders-dlq\"")]);
    assert_eq!(mean(&kept, "orders", "dropped"), 0.0);
    assert_eq!(mean(&kept, "orders-dlq", "published"), dropped);
    let small = run("quorum-no-dlx", &[("prefetch_count = 2000", "prefetch_count = 20")]);
    assert_eq!(mean(&small, "orders", "dropped"), 0.0);
    close("all of it waits", mean(&small, "orders", "peak_backlog"), piled_up, 0.05);
}

#[test]
fn delayed_negative_acknowledgements_stall_a_jetstream_consumer() {
    let findings = run("jetstream-stall", &[]);
    let attempts = |findings: &Findings, span| between(findings, "orders", "deliver_rate_per_s", span);
    assert!(attempts(&findings, (302.0, 318.0)) > 40.0);
    for span in [(324.0, 418.0), (444.0, 538.0), (564.0, 658.0)] {
        assert_eq!(attempts(&findings, span), 0.0, "deliveries between {span:?}");
    }
    close("peak", mean(&findings, "orders", "peak_backlog"), 50.0 * 360.0, 0.02);
    close("recovery", recovery(&findings, "orders"), 60.0 + 18_000.0 / (200.0 - 50.0), 0.05);

    let unlimited = run("jetstream-stall", &[("max_ack_pending = 1000", "max_ack_pending = 0")]);
    assert!(attempts(&unlimited, (602.0, 658.0)) > 100.0);
    close("peak without the limit", mean(&unlimited, "orders", "peak_backlog"), 50.0 * 300.0, 0.02);
    let short = run("jetstream-stall", &[("backoff = \"2m\"", "backoff = \"5s\"")]);
    close("peak with short delays", mean(&short, "orders", "peak_backlog"), 50.0 * 300.0, 0.05);
}

#[test]
fn a_slow_subscriber_of_core_nats_loses_and_another_does_not() {
    let findings = run("nats-slow-subscriber", &[]);
    close("lost", mean(&findings, "archive", "dropped"), 150.0 * 120.0 - 1024.0, 0.05);
    assert_eq!(mean(&findings, "dashboard", "dropped"), 0.0);
    assert!(mean(&findings, "dashboard", "oldest_age_max_s") < 0.1);
    assert!(recovery(&findings, "archive") < 60.0, "losing is quick");

    let roomy = run("nats-slow-subscriber", &[("pending_limit = 1024", "pending_limit = 20000")]);
    assert_eq!(mean(&roomy, "archive", "dropped"), 0.0);
    close("held", mean(&roomy, "archive", "peak_backlog"), 150.0 * 120.0, 0.03);
}

#[test]
fn retention_overtakes_a_group_that_is_down_for_longer() {
    let findings = run("retention-overtakes", &[]);
    let lost = |findings: &Findings, group: &str| mean(findings, group, "expired");
    close("latest", lost(&findings, "readings/billing"), 20.0 * 25.0 * 60.0, 0.03);
    // While a member works on 500 records of one partition, up to 25 s, its other one goes on expiring at 20/6 a second.
    let late = lost(&findings, "readings/audit") - 20.0 * 15.0 * 60.0;
    assert!((0.0..=3.0 * 2.0 * 25.0 * 20.0 / 6.0).contains(&late), "earliest: {late} more than 18,000");
    assert!(mean(&findings, "readings/audit", "oldest_age_max_s") <= 605.0);
    assert!(recovery(&findings, "readings/billing") < 1.0);
    close("earliest catches up", recovery(&findings, "readings/audit"), 12_000.0 / (60.0 - 20.0), 0.1);

    let longer = run("retention-overtakes", &[("retention_ms = 600000", "retention_ms = 3600000")]);
    for group in ["readings/billing", "readings/audit"] {
        assert_eq!(lost(&longer, group), 0.0);
        close("all of it waits", mean(&longer, group, "peak_backlog"), 30_000.0, 0.03);
    }
}

#[test]
fn a_hot_shard_throttles_under_an_idle_average() {
    let findings = run("kinesis-hot-shard", &[]);
    let telemetry = component(&findings, "telemetry/loader");
    let (hot, others): (Vec<_>, Vec<_>) = telemetry.by_partition.iter().partition(|shard| shard.rejected.mean > 0.0);
    assert_eq!((hot.len(), others.len()), (1, 9));
    // From second 20 on the burst of the first second and the build-up of the retries are over.
    let accepted = |span| {
        between(&findings, "telemetry/loader", "publish_rate_per_s", span)
            - between(&findings, "telemetry/loader", "reject_rate_per_s", span)
    };
    close("accepted", accepted((20.0, 60.0)), 1000.0 + 3500.0 * 0.9, 0.02);
    close("refused", between(&findings, "telemetry/loader", "reject_rate_per_s", (20.0, 60.0)), 3380.0, 0.03);
    assert!(mean(&findings, "telemetry/loader", "oldest_age_max_s") < 2.0);

    let ten = ["0.03"; 10].join(", ");
    let split = run("kinesis-hot-shard", &[("hot = [0.3]", &format!("hot = [{ten}]"))]);
    assert_eq!(mean(&split, "telemetry/loader", "rejected"), 0.0);
}
