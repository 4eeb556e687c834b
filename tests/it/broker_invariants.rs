//! What must hold whatever broker, key or stream a scenario speaks of: the engine's own audit passes, and same seeds give
//! the same.
//!
//! Scenarios are put together from lines chosen at random; those that the language refuses are left out and counted.

#![allow(clippy::print_stderr, reason = "says how many were left out")]

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::cell::Cell;
use std::collections::BTreeMap;

/// One of these lines, by table. The empty one stands for leaving the key out.
pub(super) type Choices = &'static [(&'static str, &'static [&'static str])];

const PRODUCER: &[&[&str]] = &[
    &["rate = \"30/s\"", "rate = \"10/s\"\nspikes = [{ at = \"10s\", for = \"8s\", rate = \"120/s\" }]"],
    &["keys = { count = 7 }", "keys = { count = 40, zipf = 1.2 }", "keys = { count = 5, hot = [0.6] }", ""],
    &["", "duplicate = 0.1"],
    &["", "size = \"3 KB\""],
    &["", "poison = 0.03"],
    &["", "reply = { timeout = \"600ms\", retry = { backoff = \"50ms\", max_attempts = 3 } }"],
    &[
        "",
        "on_reject = { retry = { backoff = \"200ms\", jitter = \"full\", max_attempts = 4 } }",
        "on_reject = \"block\"",
    ],
];

pub(super) const QUEUE: Choices = &[
    (
        "queue",
        &[
            "",
            "order = \"key\"",
            "order = \"key\"\nscan_depth = 5",
            "order = \"session\"",
            "order = \"session\"\nsession_idle = \"300ms\"",
        ],
    ),
    (
        "queue",
        &[
            "",
            "visibility_timeout = \"200ms\"",
            "visibility_timeout = \"300ms\"\non_nack = \"lease\"",
            "visibility_timeout = \"150ms\"\nlease_check = \"400ms\"\nwithdraw = false",
            "visibility_timeout = \"100ms\"\nstale_ack = \"rejected\"",
            "at_most_once = true",
        ],
    ),
    (
        "queue",
        &[
            "",
            "max_deliveries = 3\ndead_letter = \"dlq\"",
            "max_deliveries = 2\ndelivery_count = [\"crash\", \"lease\"]",
        ],
    ),
    ("queue", &["", "redelivery = \"tail\""]),
    ("queue", &["", "dedup_window = \"5s\""]),
    ("queue", &["", "publish_limit = \"40/s\"", "deliver_limit = \"25/s\"", "operation_limit = \"60/s\""]),
    ("queue", &["", "duplicate_delivery = 0.05"]),
    ("queue", &["", "max_in_flight = 4\nin_flight_includes_delayed = true", "max_in_flight = 3"]),
    (
        "queue",
        &[
            "",
            "capacity_bytes = \"20 KB\"",
            "capacity = 15\noverflow = \"drop-head\"",
            "memory_alarm = \"30 KB\"",
            "log_length = 20",
            "capacity = 10\noverflow = \"reject-dead-letter\"\ndead_letter = \"dlq\"",
        ],
    ),
    (
        "queue",
        &[
            "",
            "ttl = { exp = \"2s\" }\nttl_at = \"head\"",
            "ttl = \"1500ms\"\ndead_letter = \"dlq\"\ndead_letter_expired = true",
        ],
    ),
    ("queue", &["", "single_active = true"]),
    ("queue", &["", "initial = { messages = 25, age = \"2s\" }", "delivery_delay = \"300ms\""]),
    (
        "consumer",
        &[
            "",
            "receive = 5",
            "prefetch = 6",
            "poll = \"100ms\"",
            "poll = \"150ms\"\nreceive = 3",
            "batch = { size = 4, wait = \"100ms\" }",
        ],
    ),
    ("queue", &["", "receive_wait = \"250ms\""]),
    ("queue", &["", "order = \"adaptive-lifo\"\nlifo_above = 5"]),
    (
        "consumer",
        &[
            "",
            "shed = { older_than = \"300ms\" }",
            "shed = { deeper_than = 5, cost = \"2ms\" }",
            "shed = { codel = { target = \"50ms\", interval = \"500ms\" } }\nskip_expired_requests = true",
        ],
    ),
    ("consumer", &["", "heartbeat = \"40ms\""]),
    ("consumer", &["", "idempotent = { window = \"10s\", cost = \"5ms\" }"]),
    (
        "consumer",
        &[
            "",
            "retry = { backoff = \"200ms\", max_attempts = 4 }",
            "retry = { backoff = \"100ms\", factor = 2, position = \"head\" }",
        ],
    ),
];

pub(super) const STREAM: Choices = &[
    ("queue", &["partitions = 1", "partitions = 3", "partitions = 8"]),
    ("queue", &["", "retention = \"2s\"", "retention_bytes = \"15 KB\""]),
    (
        "queue",
        &[
            "",
            "partition_limit = { write = \"15/s\" }",
            "partition_limit = { read = \"12/s\", fetches = \"5/s\" }",
            "partition_limit = { write_bytes = \"20 KB\", read_bytes = \"30 KB\" }",
            "deliver_limit = \"30/s\"",
        ],
    ),
    ("queue", &["", "initial = { messages = 60, age = \"3s\" }"]),
    ("consumer", &["assignment = \"eager\"", "assignment = \"cooperative\"", "assignment = \"server\""]),
    ("consumer", &["", "session_timeout = \"3s\"", "session_timeout = \"4s\"\nstatic_membership = true"]),
    ("consumer", &["", "heartbeat_interval = \"1s\""]),
    ("consumer", &["", "max_poll_interval = \"400ms\"", "max_poll_interval = \"2s\""]),
    ("consumer", &["", "max_poll_records = 20"]),
    ("consumer", &["", "commit_interval = \"1s\""]),
    ("consumer", &["", "poll = \"200ms\"", "fetch_min_bytes = \"5 KB\"\nfetch_wait = \"300ms\""]),
    ("consumer", &["", "start = \"latest\"", "start = { lag = 30 }"]),
    ("consumer", &["", "offset_reset = \"latest\""]),
    (
        "consumer",
        &[
            "",
            "retry = { backoff = \"100ms\" }",
            "on_failure = \"skip\"",
            "on_failure = \"dead-letter\"\ndead_letter = \"dlq\"\nretry = { backoff = \"50ms\", max_attempts = 3 }",
            "on_failure = \"retry-topic\"\nretry = { backoff = \"500ms\", max_attempts = 3 }",
        ],
    ),
    (
        "consumer",
        &[
            "",
            "batch = { size = 6 }",
            "batch = { size = 8, wait = \"150ms\", partial = true }",
            "batch = { size = 8 }\nbisect = true",
        ],
    ),
    ("consumer", &["", "rebalance_delay = \"500ms\""]),
    ("consumer", &["", "parallelization = 3"]),
    ("consumer", &["", "fan_out = \"enhanced\""]),
    ("consumer", &["", "max_record_age = \"1s\""]),
    ("consumer", &["", "idempotent = { window = \"10s\", cost = \"5ms\" }"]),
];

const WORK: &[&[&str]] = &[
    &[
        "replicas = 1",
        "replicas = 3",
        "replicas = 5\nschedule = [{ at = \"9s\", replicas = 2 }, { at = \"20s\", replicas = 6 }]",
    ],
    &["", "concurrency = 2"],
    &[
        "service = { exp = \"40ms\" }",
        "service = { hyperexp = [{ share = 0.9, mean = \"20ms\" }, { share = 0.1, mean = \"500ms\" }] }",
    ],
    &["", "failure = 0.3"],
    &["", "ack = \"before\""],
    &["", "overhead = \"3ms\""],
    &["", "crash = { mtbf = \"8s\", restart = \"2s\" }"],
    &["", "then = [{ to = \"next\", share = 0.5 }]"],
];

/// Autoscalers that decide often, so that half a minute is enough for them.
const SCALING: &[&str] = &[
    "",
    "scaling = { policy = \"hpa\", target = 8, max = 7, sync_period = \"1s\", startup = { exp = \"1s\" }, drain = \"100ms\", scale_down = { stabilization_window = \"2s\" } }",
    "scaling = { policy = \"keda\", target = 5, max = 6, sync_period = \"1s\", polling_interval = \"2s\", cooldown = \"3s\", startup = \"700ms\", warm_speed = { speed = 0.4, for = \"2s\" } }",
    "scaling = { policy = \"hpa\", metric = \"utilization\", target = \"60%\", max = 8, sync_period = \"1s\", metric_period = \"1s\", metric_delay = \"1s\", provision = \"2s\", headroom = 1, node_idle = \"3s\", scale_down = { stabilization_window = \"0s\" } }",
    "scaling = { policy = \"target-tracking\", target = 6, max = 9, alarm_period = \"1s\", scale_in_periods = 2, scale_in_cooldown = \"1s\", drain = \"0s\" }",
    "scaling = { policy = \"step\", threshold = 10, max = 9, alarm_period = \"1s\", periods = 1, cooldown = \"1s\", steps = [{ from = 0, adjust = 2 }, { to = 0, adjust = -1 }], startup = \"300ms\" }",
    "scaling = { policy = \"schedule\", steps = [{ at = \"2s\", replicas = 6 }, { at = \"3s\", replicas = 0 }, { at = \"4s\", replicas = 5 }], every = \"5s\", drain = \"200ms\", warm_speed = { speed = 0.5, for = \"1s\" } }",
    "scaling = { policy = \"lambda\", start = 2, max = 6, reserved_concurrency = 2 }\nbatch = { size = 3 }",
];

const FAULTS: &[&[&str]] = &[
    &[
        "",
        "consumer = \"w\"\ncrash = 1",
        "consumer = \"w\"\nhang = \"50%\"",
        "consumer = \"w\"\npause = true",
        "consumer = \"w\"\nslow = 5",
        "consumer = \"w\"\ndeploy = { max_unavailable = \"40%\", drain = \"150ms\", startup = { exp = \"1s\" } }",
        "consumer = \"w\"\ndeploy = { max_unavailable = 1, drain = \"5s\", startup = \"500ms\" }",
    ],
    &["", "TARGET = \"q\"\npause = true", "TARGET = \"q\"\ndown = \"refuse\"", "TARGET = \"q\"\ndown = \"blackhole\""],
];

/// Of the dead-letter queue, where there is one.
const REDRIVE: &[&str] = &[
    "",
    "{ to = \"next\", at = \"15s\" }",
    "{ to = \"BACK\", at = \"12s\", still_failing = 0.5 }",
    "{ to = \"BACK\", at = \"10s\", rate = \"20/s\" }",
];

/// One entry of each list, by the numbers given.
fn pick(lists: &[&[&str]], numbers: &[usize]) -> String {
    let lines = lists.iter().zip(numbers).map(|(list, n)| list[n % list.len()]);
    lines.filter(|line| !line.is_empty()).map(|line| format!("{line}\n")).collect()
}

fn of_table(choices: Choices, table: &str, numbers: &[usize]) -> String {
    let lines = choices.iter().zip(numbers).filter(|((of, _), _)| *of == table);
    // Most keys are left out, so that combinations are not refused all the time.
    let chosen = lines.map(|((_, list), n)| list[if n % 3 == 0 { (n / 3) % list.len() } else { 0 }]);
    chosen.filter(|line| !line.is_empty()).map(|line| format!("{line}\n")).collect()
}

fn text(stream: bool, seed: u64, numbers: &[usize]) -> String {
    let (table, choices) = if stream { ("stream", STREAM) } else { ("queue", QUEUE) };
    let mut out =
        format!("title = \"random\"\nduration = \"30s\"\nwarmup = \"3s\"\nseed = {seed}\nruns = 2\ntick = \"1s\"\n");
    out += &format!("[producer.p]\nto = \"q\"\n{}", pick(PRODUCER, numbers));
    out += &format!("[{table}.q]\n{}", of_table(choices, "queue", &numbers[8..]));
    out += &format!(
        "[consumer.w]\nfrom = \"q\"\n{}{}",
        of_table(choices, "consumer", &numbers[8..]),
        pick(WORK, &numbers[28..])
    );
    // A number of replicas that the policy allows is not needed; two rules over them are refused.
    let scaling = SCALING[numbers[38] % SCALING.len()];
    if !scaling.is_empty() {
        out = out
            .replace("replicas = 5\nschedule = [{ at = \"9s\", replicas = 2 }, { at = \"20s\", replicas = 6 }]\n", "");
        out += &format!("{scaling}\n");
    }
    out += &format!("[{table}.next]\n[consumer.n]\nfrom = \"next\"\nservice = \"1ms\"\n");
    let redrive = REDRIVE[numbers[38] % REDRIVE.len()].replace("BACK", if stream { "next" } else { "q" });
    if !redrive.is_empty() && out.contains("\"dlq\"") {
        out += &format!("[queue.dlq]\nredrive = {redrive}\n");
    }
    if stream {
        out += "[consumer.second]\nfrom = \"q\"\nreplicas = 2\nservice = \"5ms\"\n";
    }
    for (i, list) in FAULTS.iter().enumerate() {
        let fault = list[numbers[36 + i] % list.len()].replace("TARGET", table);
        if !fault.is_empty() {
            out += &format!("[[fault]]\nname = \"f{i}\"\nat = \"{}s\"\nfor = \"6s\"\n{fault}\n", 8 + 7 * i);
        }
    }
    out
}

fn try_out(stream: bool, cases: u32) {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 300, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[11; 32]));
    let (sound, refused) = (Cell::new(0), Cell::new(0));
    let numbers = prop::collection::vec(0_usize..10_000, 39..40);
    runner
        .run(&(0_u64..1_000_000, numbers), |(seed, numbers)| {
            let text = text(stream, seed, &numbers);
            let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
            if let Ok(path) = std::env::var("TAILBACK_LAST_CASE") {
                let _ = std::fs::write(path, &text);
            }
            match tailback::simulate(&text, &files) {
                Ok(findings) => {
                    sound.set(sound.get() + 1);
                    let again =
                        tailback::simulate(&text, &files).map_err(|error| TestCaseError::fail(error.to_string()))?;
                    prop_assert!(format!("{findings:?}") == format!("{again:?}"), "two runs differ\n{text}");
                }
                Err(tailback::SimulateError::Scenario(..)) => refused.set(refused.get() + 1),
                Err(error) => return Err(TestCaseError::fail(format!("{error}\n{text}"))),
            }
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
    eprintln!("{} scenarios were simulated, {} refused", sound.get(), refused.get());
    assert!(sound.get() > cases / 8, "too few of the random scenarios are sound");
}

#[test]
fn random_broker_queues_pass_the_audit() {
    try_out(false, 400);
}

#[test]
fn random_streams_pass_the_audit() {
    try_out(true, 400);
}
