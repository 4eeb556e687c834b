//! Costs, counted by hand.

use std::collections::BTreeMap;
use tailback::study::{CostFindings, CostPart, Findings};

const S: f64 = 1.0;
const HOUR: f64 = 3_600.0 * S;

fn simulate(text: &str) -> Findings {
    let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    tailback::simulate(text, &files).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn cost(text: &str) -> CostFindings {
    simulate(text).cost.expect("something has a price")
}

fn part<'a>(cost: &'a CostFindings, component: &str, key: &str) -> &'a CostPart {
    let found = cost.parts.iter().find(|part| part.component == component && part.what.key() == key);
    found.unwrap_or_else(|| panic!("{component} has no price for {key}"))
}

fn quantity(cost: &CostFindings, component: &str, key: &str) -> f64 {
    part(cost, component, key).quantity.mean
}

/// How many requests of one kind.
fn requests(cost: &CostFindings, component: &str, kind: &str) -> f64 {
    let found = part(cost, component, "requests").requests.iter().find(|(name, _)| *name == kind);
    found.unwrap_or_else(|| panic!("no requests of kind {kind}")).1.mean
}

fn near(left: f64, right: f64) {
    assert!((left - right).abs() <= 1e-9 * right.abs().max(1.0), "{left} is not {right}");
}

#[test]
fn replicas_are_paid_for_as_long_as_they_are_there() {
    let cost = cost(
        "duration = \"10m\"\nruns = 3\n[producer.p]\nto = \"q\"\nrate = \"1/s\"\n[queue.q]\n\
         [consumer.w]\nfrom = \"q\"\nservice = \"1ms\"\nreplicas = 2\nprice = \"0.08/h\"\n\
         schedule = [{ at = \"5m\", replicas = 4 }]\n",
    );
    // Two for five minutes and four for five: half an hour.
    near(quantity(&cost, "w", "replica"), 1_800.0);
    near(cost.run.mean, 0.04);
    assert_eq!((cost.run.min, cost.run.max), (cost.run.mean, cost.run.mean));
    // 4,320 times ten minutes.
    near(cost.runs_in_30_days, 4_320.0);
    near(cost.per_30_days.mean, 172.8);
}

#[test]
fn a_replica_that_starts_up_is_paid_for_and_one_that_is_gone_is_not() {
    let cost = cost(
        "duration = \"10m\"\nruns = 1\n[producer.p]\nto = \"q\"\nrate = \"1/s\"\n[queue.q]\n\
         [consumer.w]\nfrom = \"q\"\nservice = \"1ms\"\nreplicas = 1\nprice = \"3.6/h\"\n\
         [consumer.w.scaling]\npolicy = \"schedule\"\nevery = \"10m\"\nstartup = \"1m\"\n\
         steps = [{ at = \"2m\", replicas = 3 }, { at = \"5m\", replicas = 1 }]\n",
    );
    // One for ten minutes; two more from the call at 2 to the end at 5, though they serve from 3 on only.
    near(quantity(&cost, "w", "replica"), 600.0 + 2.0 * 180.0);
    near(cost.run.mean, 0.96);
}

#[test]
fn a_dead_replica_keeps_its_machine() {
    let cost = cost(
        "duration = \"10m\"\nruns = 1\n[producer.p]\nto = \"q\"\nrate = \"1/s\"\n[queue.q]\n\
         [consumer.w]\nfrom = \"q\"\nservice = \"1ms\"\nreplicas = 4\nprice = \"1/h\"\n\
         [[fault]]\nat = \"2m\"\nfor = \"3m\"\nconsumer = \"w\"\ncrash = 2\n",
    );
    near(quantity(&cost, "w", "replica"), 4.0 * 600.0);
}

/// One message a second of 100 KiB, in two parts of 64 KiB; one slot that works for 10 ms and asks again after 100 ms.
#[test]
fn sqs_counts_calls_by_their_payload_and_empty_receives_too() {
    let cost = cost(
        "duration = \"10m\"\nruns = 1\n[producer.p]\nto = \"q\"\nrate = \"1/s\"\nprocess = \"constant\"\nsize = \"100 KiB\"\n\
         [queue.q]\nbroker = \"sqs\"\nprice = \"0.40/M\"\n\
         [consumer.w]\nfrom = \"q\"\nservice = \"10ms\"\npoll = \"100ms\"\n",
    );
    let seen = ["publish", "receive", "settle", "extend"].map(|kind| requests(&cost, "q", kind));
    assert!((1_198.0..=1_200.0).contains(&seen[0]), "{seen:?}");
    assert_eq!(seen[1..], [seen[0], seen[0] / 2.0, 0.0]);
    // What is left of 600 s after 10 ms of work a message, in steps of 100 ms.
    let empty = requests(&cost, "q", "empty_receive");
    assert!((empty - (600.0 - seen[2] * 0.01) / 0.1).abs() < 2.0, "{empty}");
    near(cost.run.mean, (seen.iter().sum::<f64>() + empty) * 0.4e-6);
}

#[test]
fn a_long_poll_is_one_request_however_long_it_waits() {
    let cost = cost(
        "duration = \"10m\"\nruns = 1\n[producer.p]\nto = \"other\"\nrate = \"1/s\"\n[queue.other]\n\
         [queue.q]\nbroker = \"sqs\"\nprice = \"0.40/M\"\nreceive_wait = \"20s\"\n\
         [consumer.w]\nfrom = \"q\"\nservice = \"10ms\"\nreplicas = 5\n",
    );
    // Every 20.02 s, from the first 20 ms on: 30 each.
    assert_eq!(requests(&cost, "q", "empty_receive"), 150.0);
}

/// 1,000 messages of 1,000 bytes, received ten at a time.
#[test]
fn messages_that_travel_together_are_one_call() {
    let scenario = |billing: &str| {
        format!(
            "duration = \"10m\"\nruns = 1\n[producer.p]\nto = \"other\"\nrate = \"1/s\"\n[queue.other]\n\
             [queue.q]\nprice = \"1/1\"\ninitial = {{ messages = 1000 }}\n{billing}\n\
             [consumer.w]\nfrom = \"q\"\nservice = \"1ms\"\nreceive = 10\n"
        )
    };
    let calls = |billing: &str| {
        let cost = cost(&scenario(billing));
        ["receive", "settle", "empty_receive"].map(|kind| requests(&cost, "q", kind))
    };
    assert_eq!(calls(""), [100.0, 1_000.0, 0.0]);
    assert_eq!(calls("billing = { settle_batch = 10 }"), [100.0, 100.0, 0.0]);
    // 10,000 bytes in parts of 3,000.
    assert_eq!(calls("billing = { chunk = \"3 KB\" }"), [400.0, 1_000.0, 0.0]);
    // The broker hands out no more than four at a time: 4 + 4 + 2.
    assert_eq!(calls("billing = { receive_batch = 4 }"), [300.0, 1_000.0, 0.0]);
    assert_eq!(calls("billing = { counts = [\"settle\"] }"), [0.0, 1_000.0, 0.0]);
}

#[test]
fn each_beat_of_a_heartbeat_extends_a_lease() {
    let cost = cost(
        "duration = \"10m\"\nruns = 1\n[producer.p]\nto = \"other\"\nrate = \"1/s\"\n[queue.other]\n\
         [queue.q]\nbroker = \"sqs\"\nprice = \"0.40/M\"\ninitial = { messages = 10 }\n\
         [consumer.w]\nfrom = \"q\"\nservice = \"35s\"\nheartbeat = \"10s\"\nreplicas = 10\n",
    );
    // At 10, 20 and 30 seconds.
    assert_eq!(requests(&cost, "q", "extend"), 30.0);
}

/// 10 messages a second of 1,000 bytes into a queue that nobody reads: after t seconds there are 10·t of them.
#[test]
fn what_waits_is_stored() {
    let cost = cost(
        "duration = \"1h\"\nruns = 1\n[producer.p]\nto = \"q\"\nrate = \"10/s\"\nprocess = \"constant\"\n\
         [queue.q]\nprice = { storage = \"1/GB-h\", messages = \"2/M\", data_in = \"3/GB\", data_out = \"4/GB\", fixed = \"5/h\" }\n",
    );
    let messages = quantity(&cost, "q", "messages");
    assert!((35_999.0..=36_001.0).contains(&messages), "{messages}");
    near(quantity(&cost, "q", "data_in"), messages * 1_000.0);
    assert_eq!(quantity(&cost, "q", "data_out"), 0.0);
    // ∫ 10·t·1000 dt over an hour = 64.8 GB·s = 0.018 GB-h, up to half a message.
    let area = quantity(&cost, "q", "storage");
    assert!((area / (10.0 * 1_000.0 * HOUR * HOUR / 2.0) - 1.0).abs() < 1e-4, "{area}");
    let storage = part(&cost, "q", "storage").run.mean;
    assert!((storage - 0.018).abs() < 1e-5, "{storage}");
    near(part(&cost, "q", "fixed").run.mean, 5.0);
    near(cost.run.mean, cost.parts.iter().map(|part| part.run.mean).sum());
}

/// Four shards, records of 30 KiB in parts of 25 KiB, two groups of which one reads with a limit of its own.
#[test]
fn kinesis_bills_shards_and_payload_units() {
    let cost = cost(
        "duration = \"1h\"\nruns = 1\n[producer.p]\nto = \"s\"\nrate = \"10/s\"\nprocess = \"constant\"\nsize = \"30 KiB\"\n\
         [stream.s]\nbroker = \"kinesis\"\npartitions = 4\nprice = { partition = \"0.015/h\", requests = \"0.014/M\", \
         enhanced = \"0.02/h\", data_out = \"0.013/GB\", storage = \"0.1/GB-month\", messages = \"1/M\" }\n\
         [consumer.a]\nfrom = \"s\"\nservice = \"1ms\"\nreplicas = 4\nfan_out = \"enhanced\"\n\
         [consumer.b]\nfrom = \"s\"\nservice = \"1ms\"\nreplicas = 4\n",
    );
    near(quantity(&cost, "s", "partition"), 4.0 * HOUR);
    near(quantity(&cost, "s", "enhanced"), 4.0 * HOUR);
    let records = quantity(&cost, "s", "messages");
    assert!((35_999.0..=36_001.0).contains(&records), "{records}");
    near(quantity(&cost, "s", "requests"), 2.0 * records);
    // Each group reads all but what came last.
    let read = quantity(&cost, "s", "data_out") / 30_720.0;
    assert!((2.0 * records - 60.0..=2.0 * records).contains(&read), "{read}");
    // Kept for a day, and so to the end of the run.
    let area = quantity(&cost, "s", "storage");
    assert!((area / (10.0 * 30_720.0 * HOUR * HOUR / 2.0) - 1.0).abs() < 1e-4, "{area}");
}

/// A log of 10,000 bytes a second that keeps a minute, or 300,000 bytes in each of its two partitions.
#[test]
fn retention_bounds_what_a_stream_stores() {
    let area = |rules: &str| {
        let cost = cost(&format!(
            "duration = \"1h\"\nruns = 1\n[producer.p]\nto = \"s\"\nrate = \"10/s\"\nprocess = \"constant\"\n\
             [stream.s]\npartitions = 2\nprice = {{ storage = \"1/GB-h\" }}\n{rules}\n"
        ));
        quantity(&cost, "s", "storage")
    };
    let filled = |seconds: f64| 10_000.0 * (seconds * HOUR - seconds * seconds / 2.0);
    let close = |left: f64, right: f64| assert!((left / right - 1.0).abs() < 0.01, "{left} is not {right}");
    close(area("retention = \"1m\""), filled(60.0));
    close(area("retention_bytes = \"300 KB\""), filled(60.0));
    close(area("retention = \"30s\"\nretention_bytes = \"300 KB\""), filled(30.0));
    close(area("retention = \"10m\"\nretention_bytes = \"300 KB\""), filled(60.0));
    close(area(""), filled(HOUR));
}

#[test]
fn a_topic_bills_publishes_and_copies() {
    let cost = cost(
        "duration = \"10m\"\nruns = 1\n[producer.p]\nto = \"t\"\nrate = \"10/s\"\nprocess = \"constant\"\nsize = \"100 KB\"\n\
         [topic.t]\nbroker = \"sns\"\nprice = { requests = \"0.50/M\", deliveries = \"0.10/M\", data_out = \"0.09/GB\" }\n\
         [queue.a]\nsubscribe = \"t\"\n[queue.b]\nsubscribe = \"t\"\n",
    );
    let copies = quantity(&cost, "t", "deliveries");
    assert!((11_996.0..=12_002.0).contains(&copies), "{copies}");
    // 100 KB are two parts of 64 KiB.
    near(quantity(&cost, "t", "requests"), copies);
    near(quantity(&cost, "t", "data_out"), copies * 100_000.0);
}

#[test]
fn a_function_is_billed_by_invocation_and_memory() {
    let cost = cost(
        "duration = \"10m\"\nruns = 1\n[producer.p]\nto = \"other\"\nrate = \"1/s\"\n[queue.other]\n\
         [queue.q]\ninitial = { messages = 1000 }\n\
         [consumer.w]\nfrom = \"q\"\nservice = \"100ms\"\nreplicas = 10\nbatch = { size = 10 }\n\
         price = { requests = \"0.20/M\", memory = { size = \"512 MiB\", price = \"0.0000166667/GB-s\" } }\n",
    );
    assert_eq!(quantity(&cost, "w", "requests"), 100.0);
    near(quantity(&cost, "w", "memory"), 100.0 * 536_870_912.0);
    near(cost.run.mean, 100.0 * 0.2e-6 + 100.0 * 0.536_870_912 * 0.0000166667);
}

#[test]
fn dependencies_and_workflows_are_billed_by_what_they_do() {
    let cost = cost(
        "duration = \"10m\"\nruns = 1\n[producer.p]\nto = \"order\"\nrate = \"1/s\"\nprocess = \"constant\"\n\
         [workflow.order]\nprice = { executions = \"1/k\", steps = \"25/M\", fixed = \"6/h\" }\n\
         steps = [{ name = \"pay\", service = \"10ms\", workers = 2, price = \"0.6/h\", calls = [{ dependency = \"bank\" }] }, \
         { name = \"ship\", service = \"10ms\" }]\n\
         [dependency.bank]\nservice = \"20ms\"\nprice = { calls = \"2.5/M\", fixed = \"0.6/h\" }\n",
    );
    let started = quantity(&cost, "order", "executions");
    assert!((599.0..=600.0).contains(&started), "{started}");
    assert!((2.0 * started - 2.0..=2.0 * started).contains(&quantity(&cost, "order", "steps")));
    assert!((started - 1.0..=started).contains(&quantity(&cost, "bank", "calls")));
    near(part(&cost, "order", "fixed").run.mean, 1.0);
    near(part(&cost, "bank", "fixed").run.mean, 0.1);
    near(part(&cost, "order/pay-workers", "replica").run.mean, 0.2);
}

/// Prices only count: what happens stays the same, to the last bit.
#[test]
fn a_price_changes_nothing_but_the_bill() {
    let scenario = |priced: bool| {
        let price = |text: &'static str| if priced { text } else { "" };
        format!(
            "duration = \"20m\"\nruns = 2\n[producer.p]\nto = \"t\"\nrate = \"40/s\"\n\
             spikes = [{{ at = \"5m\", for = \"2m\", rate = \"150/s\" }}]\n[topic.t]\n{}\n\
             [queue.q]\nbroker = \"sqs\"\nsubscribe = \"t\"\nmax_receive_count = 4\ndead_letter = \"dlq\"\n{}\n[queue.plain]\nsubscribe = \"t\"\n{}\n\
             [queue.next]\n{}\n[queue.dlq]\n{}\n\
             [consumer.w]\nfrom = \"q\"\nreplicas = 60\nservice = {{ exp = \"800ms\" }}\nfailure = \"20%\"\nreceive = 5\nheartbeat = \"10s\"\nthen = [{{ to = \"next\" }}]\n{}\n\
             [consumer.v]\nfrom = \"plain\"\nreplicas = 40\nservice = {{ exp = \"800ms\" }}\nfailure = \"5%\"\n{}\n\
             [consumer.u]\nfrom = \"next\"\nreplicas = 40\nservice = {{ exp = \"700ms\" }}\nbatch = {{ size = 5, wait = \"1s\" }}\n",
            price("price = { requests = \"1/M\", data_out = \"1/GB\" }"),
            price("price = { requests = \"1/M\", storage = \"1/GB-h\" }"),
            price("price = \"1/M\""),
            price("price = \"1/GB\""),
            price("price = \"1/GB-month\""),
            price("price = { replica = \"1/h\", requests = \"1/M\" }"),
            price("price = \"1/M\""),
        )
    };
    let (with, without) = (simulate(&scenario(true)), simulate(&scenario(false)));
    assert!(with.cost.is_some_and(|cost| cost.run.mean > 0.0) && without.cost.is_none());
    for (with, without) in with.components.iter().zip(&without.components) {
        // As text: what was not seen is no number, and such are never equal.
        assert!(format!("{with:?}") == format!("{without:?}"), "{} differs", with.name);
    }
}

#[test]
fn an_objective_bounds_the_costs() {
    let findings = simulate(
        "duration = \"1h\"\nruns = 2\nslo = [\"cost < 0.1\", \"cost_per_30_days <= 115.2\", \"w.cost == 0.16\"]\n\
         [producer.p]\nto = \"q\"\nrate = \"1/s\"\n[queue.q]\n\
         [consumer.w]\nfrom = \"q\"\nservice = \"1ms\"\nreplicas = 2\nprice = \"0.08/h\"\n",
    );
    let seen: Vec<(Option<f64>, bool)> = findings.slo.iter().map(|slo| (slo.value, slo.holds)).collect();
    assert_eq!(seen, [(Some(0.16), false), (Some(115.2), true), (Some(0.16), true)]);
}
