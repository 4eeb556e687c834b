//! RabbitMQ: delivery limits, retry loops through a queue with a TTL, bounds, a single active consumer, the memory alarm.

use super::{assert_within, at_once, component, latency_max_s, replay, run, series, total};
use tailback::study::Findings;

const ONE_PRODUCER: &str = "[producer.p]\nto = \"q\"\nmessages = \"messages.csv\"\n";

/// A hundred messages in the hands of one consumer that dies so many times before it acknowledges one.
fn crashes(times: u32, queue: &str) -> Findings {
    let mut text = format!(
        "{ONE_PRODUCER}[queue.q]\nbroker = \"rabbitmq-quorum\"\ndead_letter = \"dlq\"\n{queue}\n\
         [consumer.w]\nfrom = \"q\"\nservice = \"3s\"\nprefetch = 100\n"
    );
    for crash in 0..times {
        let at = 2 + 4 * crash;
        text += &format!("[[fault]]\nname = \"f{crash}\"\nat = \"{at}s\"\nfor = \"2s\"\nconsumer = \"w\"\ncrash = 1\n");
    }
    replay("600s", &at_once(100, 0.0), &text)
}

#[test]
fn a_crash_returns_messages_whatever_the_acknowledgement_timeout() {
    assert_eq!(total(&crashes(21, ""), "q", "dead_lettered"), 100.0);
}

#[test]
fn a_crash_counts_for_all_that_was_prefetched() {
    let crashes = |times, queue: &str| crashes(times, &format!("visibility_timeout = \"none\"\n{queue}"));
    // Returned twenty times, all are still there; one crash more and none is.
    let twenty = crashes(20, "");
    assert_eq!(total(&twenty, "q", "dead_lettered"), 0.0);
    assert_eq!(total(&twenty, "q", "completed"), 100.0);
    let last = crashes(21, "");
    assert_eq!(total(&last, "q", "dead_lettered"), 100.0);
    assert_eq!(total(&last, "q", "completed"), 0.0);
    // On the 21st return, which is at 2 + 4 · 20 s.
    let dlq = series(&last, "dlq", "backlog");
    assert_eq!((dlq[81], dlq[83]), (0.0, 100.0));
    // The limit is RabbitMQ's own count of returns.
    assert_eq!(total(&crashes(3, "delivery-limit = 2"), "q", "dead_lettered"), 100.0);
    assert_eq!(total(&crashes(2, "delivery-limit = 2"), "q", "dead_lettered"), 0.0);
    assert_eq!(total(&crashes(30, "delivery-limit = -1"), "q", "dead_lettered"), 0.0);
}

#[test]
fn negative_acknowledgements_do_not_count_on_quorum_queues() {
    let text = |broker: &str, more: &str| {
        format!(
            "{ONE_PRODUCER}[queue.q]\nbroker = \"{broker}\"\n{more}\n\
             [consumer.w]\nfrom = \"q\"\nservice = \"1s\"\nfailure = 1.0\n"
        )
    };
    let findings = replay("100500ms", "time_s\n0\n", &text("rabbitmq-quorum", "dead_letter = \"dlq\""));
    assert_eq!(total(&findings, "q", "deliveries"), 101.0);
    assert_eq!(total(&findings, "q", "dead_lettered"), 0.0);
    let counted = text("rabbitmq-quorum", "dead_letter = \"dlq\"\ndelivery_count = [\"nack\", \"crash\"]");
    let findings = replay("100500ms", "time_s\n0\n", &counted);
    assert_eq!(total(&findings, "q", "deliveries"), 21.0);
    assert_eq!(total(&findings, "dlq", "peak_at_s"), 21.0);
}

#[test]
fn a_queue_with_a_ttl_makes_a_retry_loop() {
    let text = |share: &str| {
        format!(
            "{ONE_PRODUCER}[queue.q]\nbroker = \"rabbitmq\"\nx-dead-letter-exchange = \"retry\"\n\
             [queue.retry]\nbroker = \"rabbitmq\"\nx-message-ttl = 5000\nx-dead-letter-exchange = \"q\"\n\
             [consumer.w]\nfrom = \"q\"\nservice = \"1s\"\npermanent_failure = {share}\n"
        )
    };
    // At 0, 6, 12 … 54 s, and at 60.
    let findings = replay("59500ms", "time_s\n0\n", &text("1.0"));
    assert_eq!(total(&findings, "q", "deliveries"), 10.0);
    assert_eq!(total(&findings, "q", "dead_lettered"), 10.0);
    assert_eq!(total(&findings, "retry", "expired") + total(&findings, "retry", "dead_lettered"), 9.0);
    assert_eq!(total(&findings, "q", "completed"), 0.0);
    // Half of the attempts fail: 2000 messages need 4000 attempts, give or take four times the root of 4000.
    let mut rows = "time_s\n".to_owned();
    (0..2000).for_each(|n| rows += &format!("{}\n", n * 3));
    let findings = replay("7000s", &rows, &text("0.5"));
    assert_eq!(total(&findings, "q", "completed"), 2000.0);
    let failed = total(&findings, "q", "dead_lettered");
    assert_within("returns", failed, 2000.0 - 253.0, 2000.0 + 253.0);
    assert_eq!(total(&findings, "q", "published"), 2000.0 + failed);
}

#[test]
fn overflow_takes_the_newest_or_the_oldest() {
    let text = |overflow: &str| {
        format!(
            "{ONE_PRODUCER}[queue.q]\nbroker = \"rabbitmq\"\nx-max-length = 5\nx-overflow = \"{overflow}\"\n\
             x-dead-letter-exchange = \"dlq\"\n[consumer.w]\nfrom = \"q\"\nservice = \"10s\"\nprefetch_count = 2\n"
        )
    };
    // Of ten at once two go to the consumer and five wait.
    let ten = at_once(10, 0.0);
    let refused = replay("100s", &ten, &text("reject-publish"));
    assert_eq!(total(&refused, "q", "rejected"), 3.0);
    assert_eq!(total(&refused, "q", "completed"), 7.0);
    assert_eq!(total(&refused, "dlq", "published"), 0.0);
    let dead_lettered = replay("100s", &ten, &text("reject-publish-dlx"));
    assert_eq!(total(&dead_lettered, "dlq", "published"), 3.0);
    assert_eq!(total(&dead_lettered, "q", "completed"), 7.0);
    let dropped = replay("100s", &ten, &text("drop-head"));
    assert_eq!(total(&dropped, "q", "rejected"), 0.0);
    assert_eq!(total(&dropped, "dlq", "published"), 3.0);
    assert_eq!(total(&dropped, "q", "completed"), 7.0);
}

#[test]
fn a_single_active_consumer_fails_over() {
    let text = |fault: &str| {
        format!(
            "[producer.p]\nto = \"q\"\nrate = \"20/s\"\nprocess = \"constant\"\n\
             [queue.q]\nbroker = \"rabbitmq-quorum\"\nx-single-active-consumer = true\n\
             [consumer.w]\nfrom = \"q\"\nservice = \"100ms\"\nreplicas = 3\nprefetch = 10\n{fault}"
        )
    };
    let findings = run("100s", &text(""));
    assert_within("completed", total(&findings, "q", "completed"), 998.0, 1000.0);
    assert_within("busy", component(&findings, "w").average("busy").expect("busy").mean, 0.99, 1.0);
    assert_eq!(total(&findings, "q", "out_of_order"), 0.0);
    // Whichever of the two is active, another takes over at once, with what the dead one had in hand.
    let two = |dies: &str| {
        let text = text("").replace("replicas = 3", "").replace("\"rabbitmq-quorum\"", "\"rabbitmq\"");
        run(
            "100s",
            &format!(
                "{text}[consumer.standby]\nfrom = \"q\"\nservice = \"100ms\"\nprefetch = 10\n\
                 [[fault]]\nname = \"f\"\nat = \"50s\"\nfor = \"30s\"\nconsumer = \"{dies}\"\ncrash = 1\n"
            ),
        )
    };
    let mut redelivered = vec![];
    for dies in ["w", "standby"] {
        let findings = two(dies);
        assert_within("completed", total(&findings, "q", "completed"), 997.0, 1000.0);
        assert_eq!(total(&findings, "q", "dropped"), 0.0);
        let rates = series(&findings, "q", "complete_rate_per_s");
        assert!(rates[2..].iter().all(|rate| *rate >= 9.0), "{rates:?}");
        redelivered.push(total(&findings, "q", "redeliveries"));
    }
    redelivered.sort_by(f64::total_cmp);
    assert_eq!(redelivered[0], 0.0, "the standby holds nothing");
    // A delivery counts when its work starts: of the ten that come back, one had been started.
    assert_eq!(redelivered[1], 1.0);
}

#[test]
fn the_memory_alarm_blocks_publishers_and_loses_nothing() {
    let findings = run(
        "100s",
        "[producer.p]\nto = \"q\"\nrate = \"100/s\"\nprocess = \"constant\"\nsize = \"1 KB\"\n\
         [queue.q]\nbroker = \"rabbitmq\"\nmemory_alarm = \"500 KB\"\n\
         [consumer.w]\nfrom = \"q\"\nservice = \"2ms\"\n\
         [[fault]]\nname = \"f\"\nat = \"10s\"\nfor = \"30s\"\nconsumer = \"w\"\npause = true\n",
    );
    assert_within("held", total(&findings, "q", "peak_backlog"), 499.0, 501.0);
    assert_eq!(total(&findings, "q", "dropped") + total(&findings, "q", "rejected"), 0.0);
    assert_within("published", total(&findings, "q", "published"), 9_999.0, 10_000.0);
    assert_within("completed", total(&findings, "q", "completed"), 9_998.0, 10_000.0);
    // Full after 5 s, so that publishers wait for 25 s: 2500 messages of theirs.
    let waiting = series(&findings, "p", "waiting");
    assert_within("waiting outside", waiting.iter().copied().fold(0.0, f64::max), 2_480.0, 2_502.0);
}

#[test]
fn a_large_prefetch_starves_those_who_come_late() {
    let text = |prefetch: u32| {
        format!(
            "{ONE_PRODUCER}[queue.q]\nbroker = \"rabbitmq\"\n\
             [consumer.w]\nfrom = \"q\"\nservice = \"100ms\"\nprefetch = {prefetch}\nreplicas = 1\n\
             schedule = [{{ at = \"1s\", replicas = 10 }}]\n"
        )
    };
    // All 1000 lie with the first one, for 100 s; with a prefetch of one, ten share what is left after a second.
    let thousand = at_once(1000, 0.0);
    assert_within("all in one buffer", latency_max_s(&replay("200s", &thousand, &text(1000)), "q"), 99.9, 100.1);
    assert_within("shared", latency_max_s(&replay("200s", &thousand, &text(1)), "q"), 10.8, 11.1);
}
