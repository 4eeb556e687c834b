//! Leases, delivery limits, order by key and ceilings of SQS, JetStream, Service Bus and Pub/Sub.

use super::{after_warmup, assert_within, at_once, component, latency_max_s, replay, run, series, total};

/// The pause of the `sqs` preset after an empty receive, seconds.
const POLL_S: f64 = 0.02;

const ONE_TO_SQS: &str = "[producer.p]\nto = \"q\"\nmessages = \"messages.csv\"\n[queue.q]\nbroker = \"sqs\"\n";

#[test]
fn work_longer_than_the_lease_is_received_twice() {
    // One consumer with a slot to spare: the lease ends at 30 s, the second copy starts, the first is done at 40 s.
    let worker = "[consumer.w]\nfrom = \"q\"\nservice = \"40s\"\n";
    let rows = "time_s\n0\n100\n200\n300\n";
    let findings = replay("400s", rows, &format!("{ONE_TO_SQS}{worker}concurrency = 2\n"));
    assert_eq!(total(&findings, "q", "deliveries"), 8.0);
    assert_eq!(total(&findings, "q", "completed"), 4.0);
    assert_eq!(total(&findings, "q", "duplicates"), 4.0);
    assert_within("the latest completion", latency_max_s(&findings, "q"), 40.0, 40.0 + POLL_S);
    // Where deletes with an old handle count for nothing, even a single slot receives each message again and again.
    let text = format!("{ONE_TO_SQS}stale_ack = \"rejected\"\n{worker}");
    let findings = replay("75s", "time_s\n0\n", &text);
    assert_eq!(total(&findings, "q", "deliveries"), 2.0);
    assert_eq!(total(&findings, "q", "completed"), 0.0);
    // Where they count, a single slot deletes the message before it can receive it again.
    let findings = replay("75s", "time_s\n0\n", &format!("{ONE_TO_SQS}{worker}"));
    assert_eq!(total(&findings, "q", "deliveries"), 1.0);
}

#[test]
fn what_is_never_deleted_is_received_ten_times() {
    let text =
        format!("{ONE_TO_SQS}dead_letter = \"dlq\"\n[consumer.w]\nfrom = \"q\"\nservice = \"1s\"\nfailure = 1.0\n");
    // Ten leases of 30 s, with at most a pause of the poll before each.
    let just_before = replay("299s", "time_s\n0\n", &text);
    assert_eq!(total(&just_before, "q", "deliveries"), 10.0);
    assert_eq!(total(&just_before, "q", "dead_lettered"), 0.0);
    let findings = replay("600s", "time_s\n0\n", &text);
    assert_eq!(total(&findings, "q", "deliveries"), 10.0);
    assert_eq!(total(&findings, "q", "dead_lettered"), 1.0);
    assert_eq!(total(&findings, "dlq", "published"), 1.0);
    assert_within("entering the DLQ", total(&findings, "dlq", "peak_at_s"), 300.0, 300.0 + 11.0 * POLL_S);
    // Another limit, another time.
    let three = text.replace("dead_letter =", "max_receive_count = 3\ndead_letter =");
    let findings = replay("600s", "time_s\n0\n", &three);
    assert_eq!(total(&findings, "q", "deliveries"), 3.0);
    assert_within("entering the DLQ", total(&findings, "dlq", "peak_at_s"), 90.0, 90.0 + 4.0 * POLL_S);
}

#[test]
fn ten_at_a_time_outlive_their_lease() {
    let text = format!("{ONE_TO_SQS}[consumer.w]\nfrom = \"q\"\nservice = \"4s\"\nreceive = 10\nreplicas = 2\n");
    let ten = at_once(10, 0.0);
    let findings = replay("28500ms", &ten, &text);
    assert_eq!(total(&findings, "q", "completed"), 7.0);
    assert_eq!(total(&findings, "q", "redeliveries"), 0.0);
    // The last three are received by the other one at 30 s, and worked on by both.
    let findings = replay("60s", &ten, &text);
    assert_eq!(total(&findings, "q", "redeliveries"), 3.0);
    assert_eq!(total(&findings, "q", "completed"), 10.0);
    assert_eq!(total(&findings, "q", "duplicates"), 3.0);
    // A lease that lasts for all ten.
    let findings = replay("60s", &ten, &text.replace("\"sqs\"", "\"sqs\"\nVisibilityTimeout = 41"));
    assert_eq!(total(&findings, "q", "redeliveries"), 0.0);
}

#[test]
fn one_group_is_one_at_a_time() {
    for replicas in [1, 4, 40] {
        let findings = run(
            "100s",
            &format!(
                "[producer.p]\nto = \"q\"\nrate = \"30/s\"\nprocess = \"constant\"\nkeys = {{ count = 1 }}\n\
                 [queue.q]\nbroker = \"sqs-fifo\"\n\
                 [consumer.w]\nfrom = \"q\"\nservice = \"50ms\"\nreplicas = {replicas}\n"
            ),
        );
        // The group is free again every 50 ms; who is idle sees that at its next poll only.
        assert_within("completed", total(&findings, "q", "completed"), 100.0 / 0.07, 2000.0);
        assert_within("busy", component(&findings, "w").average("busy").expect("busy").mean, 0.7, 1.0);
        assert_eq!(total(&findings, "q", "out_of_order"), 0.0);
    }
    let alone = "[producer.p]\nto = \"q\"\nrate = \"30/s\"\nprocess = \"constant\"\nkeys = { count = 1 }\n\
                 [queue.q]\nbroker = \"sqs-fifo\"\n[consumer.w]\nfrom = \"q\"\nservice = \"50ms\"\n";
    assert_within("completed by one alone", total(&run("100s", alone), "q", "completed"), 1997.0, 2000.0);
}

#[test]
fn a_poison_head_blocks_its_group_for_ten_leases() {
    let rows = "time_s,key,poison\n0,1,true\n1,1,false\n1,2,false\n2,1,false\n2,2,false\n";
    let findings = replay(
        "400s",
        rows,
        "[producer.p]\nto = \"q\"\nmessages = \"messages.csv\"\n\
         [queue.q]\nbroker = \"sqs-fifo\"\ndead_letter = \"dlq\"\n\
         [consumer.w]\nfrom = \"q\"\nservice = \"50ms\"\nreplicas = 8\n",
    );
    assert_eq!(total(&findings, "q", "dead_lettered"), 1.0);
    assert_eq!(total(&findings, "q", "completed"), 4.0);
    let of_key = |key: &str| {
        let by_key = &component(&findings, "q").by_key;
        let found = by_key.iter().find(|entry| entry.key == key).expect("a key with messages");
        found.latency_s.as_ref().expect("completed").mean
    };
    // Published at 1 s and 2 s, free at 300 s and some polls.
    assert_within("waiting behind the poison", of_key("1"), 298.5, 298.5 + 1.0);
    assert_within("the other group", of_key("2"), 0.05, 0.05 + 2.0 * POLL_S);
}

#[test]
fn acks_pending_bound_jetstream_whatever_the_consumers() {
    for (replicas, through) in [(800, 400.0), (1_000, 500.0), (1_600, 500.0), (5_000, 500.0)] {
        let findings = run(
            "60s",
            &format!(
                "warmup = \"10s\"\n[producer.p]\nto = \"q\"\nrate = \"800/s\"\nprocess = \"constant\"\n\
                 [queue.q]\nbroker = \"jetstream\"\n\
                 [consumer.w]\nfrom = \"q\"\nservice = \"2s\"\nreplicas = {replicas}\n"
            ),
        );
        // 25 whole turns of 2 s.
        assert_within(
            "completed",
            after_warmup(&findings, "q", "completed"),
            through * 50.0 - 1.0,
            through * 50.0 + 1.0,
        );
    }
}

#[test]
fn a_message_through_service_bus_costs_two_credits() {
    let findings = |rate: u32| {
        run(
            "100s",
            &format!(
                "[producer.p]\nto = \"q\"\nrate = \"{rate}/s\"\nprocess = \"constant\"\n\
                 [queue.q]\nbroker = \"service-bus\"\n\
                 [consumer.w]\nfrom = \"q\"\nservice = \"10ms\"\nreplicas = 50\n"
            ),
        )
    };
    let half = findings(500);
    assert_eq!(total(&half, "q", "rejected"), 0.0);
    assert_within("completed", total(&half, "q", "completed"), 49_990.0, 50_000.0);
    assert_within("latency", latency_max_s(&half, "q"), 0.010, 0.020);
    // Beyond, there are 1000 credits a second for sends and receives together, and a second's worth saved up.
    for rate in [700, 1_200] {
        let over = findings(rate);
        let sent = total(&over, "q", "published") - total(&over, "q", "rejected");
        let spent = sent + total(&over, "q", "deliveries");
        assert_within("credits", spent, 100_000.0, 101_001.0);
        assert!(total(&over, "q", "completed") <= 50_500.0);
    }
}

#[test]
fn service_bus_drops_the_lock_with_the_connection() {
    let findings = replay(
        "200s",
        "time_s\n0\n",
        "[producer.p]\nto = \"q\"\nmessages = \"messages.csv\"\n[queue.q]\nbroker = \"service-bus\"\n\
         [consumer.w]\nfrom = \"q\"\nservice = \"10s\"\n\
         [[fault]]\nname = \"dies\"\nat = \"5s\"\nfor = \"1s\"\nconsumer = \"w\"\ncrash = 1\n",
    );
    assert_eq!(total(&findings, "q", "redeliveries"), 1.0);
    assert_eq!(latency_max_s(&findings, "q"), 16.0);
}

#[test]
fn jetstream_waits_for_the_acknowledgement_of_the_dead() {
    let findings = replay(
        "200s",
        "time_s\n0\n",
        "[producer.p]\nto = \"q\"\nmessages = \"messages.csv\"\n[queue.q]\nbroker = \"jetstream\"\n\
         [consumer.w]\nfrom = \"q\"\nservice = \"10s\"\n\
         [[fault]]\nname = \"dies\"\nat = \"5s\"\nfor = \"1s\"\nconsumer = \"w\"\ncrash = 1\n",
    );
    // The broker sees nothing but that AckWait, 30 s, goes by.
    assert_eq!(total(&findings, "q", "redeliveries"), 1.0);
    assert_eq!(latency_max_s(&findings, "q"), 40.0);
}

#[test]
fn a_share_group_locks_all_of_a_fetch_at_once() {
    let text = |records: u32| {
        format!(
            "[producer.p]\nto = \"q\"\nmessages = \"messages.csv\"\n[queue.q]\nbroker = \"kafka-share\"\n\
             [consumer.w]\nfrom = \"q\"\nservice = \"1s\"\nmax.poll.records = {records}\n"
        )
    };
    // The first record is fetched alone; the other 39 are locked at 1 s, and 30 are done when their locks end at 31 s. The
    // work on the last nine, up to 40 s, counts for nothing.
    let forty = at_once(40, 0.0);
    let findings = replay("39500ms", &forty, &text(500));
    assert_within("completed in time", total(&findings, "q", "completed"), 30.0, 31.0);
    let findings = replay("120s", &forty, &text(500));
    assert_within("done again", total(&findings, "q", "redeliveries"), 9.0, 10.0);
    assert_eq!(total(&findings, "q", "completed"), 40.0);
    let findings = replay("120s", &forty, &text(20));
    assert_eq!(total(&findings, "q", "redeliveries"), 0.0);
    assert_eq!(total(&findings, "q", "completed"), 40.0);
}

#[test]
fn pubsub_extends_the_deadline_of_those_alive() {
    let text = "[producer.p]\nto = \"q\"\nmessages = \"messages.csv\"\n[queue.q]\nbroker = \"pubsub\"\n\
                [consumer.w]\nfrom = \"q\"\nservice = \"60s\"\n";
    let findings = replay("200s", "time_s\n0\n", text);
    assert_eq!(total(&findings, "q", "redeliveries"), 0.0);
    assert_eq!(total(&findings, "q", "completed"), 1.0);
    // Nobody extends for the dead: ten seconds after the last extension the message is handed over again.
    let crash = "[[fault]]\nname = \"dies\"\nat = \"23s\"\nfor = \"1s\"\nconsumer = \"w\"\ncrash = 1\n";
    let findings = replay("200s", "time_s\n0\n", &format!("{text}{crash}"));
    assert_eq!(total(&findings, "q", "redeliveries"), 1.0);
    assert_eq!(total(&findings, "q", "duplicates"), 0.0);
    assert_within("the second attempt's end", latency_max_s(&findings, "q"), 23.0 + 5.0 + 60.0, 23.0 + 10.0 + 60.0);
    // The client stops extending after an hour: the other one gets a copy then, and the first is done after two.
    let findings = replay("150m", "time_s\n0\n", &format!("{}replicas = 2\n", text.replace("\"60s\"", "\"2h\"")));
    assert_eq!(total(&findings, "q", "redeliveries"), 1.0);
    assert_eq!(total(&findings, "q", "completed"), 1.0);
}

#[test]
fn long_polling_saves_half_the_pause() {
    let wait = |receive_wait: &str| {
        let findings = run(
            "20000s",
            &format!(
                "[producer.p]\nto = \"q\"\nrate = \"0.1/s\"\n[queue.q]\nbroker = \"sqs\"\nreceive_wait = \"{receive_wait}\"\n\
                 [consumer.w]\nfrom = \"q\"\nservice = \"1ms\"\npoll = \"1s\"\n"
            ),
        );
        component(&findings, "q").wait.as_ref().expect("completed").mean
    };
    // 2000 messages that find the pause at any point of it: 4 standard errors are 0.026.
    assert_within("short polling", wait("0s"), 0.47, 0.53);
    // Of 21 s, a second goes by in pauses, where a message waits half of it: 1/21 · 0.5 s.
    assert_within("long polling", wait("20s"), 0.0, 0.05);
}

#[test]
fn a_session_stays_with_one_and_in_order() {
    let queue = |order: &str| {
        format!(
            "[producer.p]\nto = \"q\"\nmessages = \"messages.csv\"\n[queue.q]\nbroker = \"service-bus\"\n{order}\n\
             [consumer.w]\nfrom = \"q\"\nservice = \"1s\"\nreplicas = 5\n"
        )
    };
    let mut rows = "time_s,key\n".to_owned();
    for _ in 0..10 {
        rows += "0,7\n0,8\n";
    }
    // Two sessions occupy two of the five: ten seconds, where five would do with four.
    let findings = replay("20s", &rows, &queue("RequiresSession = true"));
    assert_within("the last of two sessions", latency_max_s(&findings, "q"), 10.0, 10.1);
    let done: f64 = series(&findings, "q", "complete_rate_per_s").iter().skip(1).take(5).sum();
    assert_within("completed in 5 s", done, 8.0, 10.0);
    assert_eq!(total(&findings, "q", "out_of_order"), 0.0);
    let findings = replay("20s", &rows, &queue("RequiresSession = false"));
    assert_within("the last without sessions", latency_max_s(&findings, "q"), 4.0, 4.1);
    // Attempts that fail are repeated before their session goes on.
    let failing = queue("RequiresSession = true\nmax_deliveries = 100").replace("\"1s\"", "\"1s\"\nfailure = 0.3");
    let findings = replay("90s", &rows, &failing);
    assert_eq!(total(&findings, "q", "completed"), 20.0);
    assert!(total(&findings, "q", "redeliveries") > 0.0);
    assert_eq!(total(&findings, "q", "out_of_order"), 0.0);
}
