//! The same scenario, seed and version give the same bytes on any number of threads; other seeds give others.

use std::fs;

use crate::program::{Place, files_below, without_wall_time};

/// As many mechanisms as fit into one file: whatever depends on an order must show here.
const BUSY: &str = r#"
title = "Busy"
duration = "4m"
warmup = "30s"
runs = 7
slo = ["work.recovery_time < 2m", "work.latency.p99 < 10s"]

[producer.app]
to = ["work", "news"]
balance = "random"
rate = "60/s"
process = { cv = 1.5 }
spikes = [{ at = "1m", for = "20s", times = 3, ramp = "5s" }]

[producer.herd]
to = "work"
process = { mmpp = [{ rate = "1/s", mean_stay = "20s" }, { rate = "20/s", mean_stay = "5s" }] }
batch = { geometric = 3 }
poison = "1%"

[topic.news]

[queue.work]
visibility_timeout = "2s"
max_deliveries = 4
dead_letter = "work-dlq"

[queue.left]
subscribe = "news"

[queue.right]
subscribe = { topic = "news", share = "30%" }
capacity = 20
overflow = "drop-head"

[consumer.worker]
from = "work"
replicas = 5
concurrency = 2
service = { lognormal = { mean = "80ms", p99 = "500ms" } }
failure = "5%"
retry = { backoff = "200ms", factor = 2, cap = "5s", jitter = "decorrelated" }
crash = { mtbf = "2m", restart = { exp = "5s" } }
then = [{ to = "left", share = 0.2 }]

[consumer.lefty]
from = "left"
replicas = 3
prefetch = 5
service = { exp = "40ms" }

[consumer.righty]
from = "right"
service = { exp = "90ms" }

[producer.web]
to = "clicks"
rate = "80/s"
keys = { count = 50, zipf = 1.1 }
duplicate = 0.02

[producer.batches]
to = ["clicks", "groups"]
rate = "10/s"
keys = { count = 9, hot = [0.5] }

[stream.clicks]
broker = "kafka"
partitions = 5

[queue.groups]
broker = "sqs-fifo"

[consumer.indexer]
from = "clicks"
replicas = 3
schedule = [{ at = "90s", replicas = 7 }]
service = { exp = "30ms" }
commit_interval = "2s"
crash = { mtbf = "1m", restart = "10s" }

[consumer.mailer]
from = "groups"
replicas = 4
service = { exp = "50ms" }
idempotent = { window = "1m", cost = "1ms" }

[[fault]]
name = "slow"
at = "2m"
for = "20s"
consumer = "worker"
slow = 2
"#;

#[test]
fn threads_do_not_show_in_the_bytes() {
    let place = Place::new();
    place.write("busy.toml", BUSY);
    let run = |threads: &str, output: &str| {
        let ended = place.run(&["run", "busy.toml", "--threads", threads, "--output", output, "--quiet"]);
        assert!(matches!(ended.0.status.code(), Some(0 | 99)), "{}", ended.stderr());
        ended.stdout()
    };
    run("1", "one");
    run("2", "two");
    run("5", "five");
    let reference = files_below(&place.path("one"));
    assert!(reference.len() > 5);
    for other in ["two", "five"] {
        assert_eq!(files_below(&place.path(other)).len(), reference.len());
        for file in &reference {
            let name = file.strip_prefix(place.path("one")).expect("below");
            let theirs = place.path(other).join(name);
            if name.ends_with("summary.json") {
                let read = |path| without_wall_time(&fs::read_to_string(path).expect("a summary"));
                assert_eq!(read(file), read(&theirs));
            } else {
                assert!(fs::read(file).ok() == fs::read(&theirs).ok(), "{} differs on {other} threads", name.display());
            }
        }
    }
}

#[test]
fn other_seeds_give_other_runs() {
    let place = Place::new();
    place.write("busy.toml", BUSY);
    let series = |seed: &str| {
        let ended = place.run(&["run", "busy.toml", "--seed", seed, "--runs", "2", "--format", "csv", "--quiet"]);
        ended.stdout()
    };
    let (first, again, other) = (series("1"), series("1"), series("2"));
    assert!(first.lines().count() > 100);
    assert!(first == again, "the same seed");
    assert!(first != other, "another seed");
}
