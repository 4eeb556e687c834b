//! The commented file to start from.

use super::problem::nearest;
use crate::broker::{self, Preset, Setting, Shape, presets};

/// A scenario to start from, for `tailback new NAME --broker BROKER`; it is valid as it stands.
///
/// # Errors
/// A sentence, where there is no preset of that name for a queue, stream or workflow.
pub fn template(name: &str, broker: &str) -> Result<String, String> {
    let preset =
        [Shape::Queue, Shape::Stream, Shape::Workflow].into_iter().find_map(|shape| broker::preset(broker, shape));
    let preset = preset.ok_or_else(|| refusal(broker))?;
    let title = toml::Value::String(name.into()).to_string();
    let template = match preset.shape {
        Shape::Stream => STREAM,
        Shape::Workflow => WORKFLOW,
        Shape::Queue | Shape::Topic => QUEUE,
    };
    // A line that starts with a condition stands where the condition holds.
    let lines = template.lines().filter_map(|line| match line.split_once('?') {
        Some((condition, line)) if CONDITIONS.contains(&condition) => holds(condition, preset).then_some(line),
        _ => Some(line),
    });
    let text = lines.collect::<Vec<_>>().join("\n") + "\n";
    Ok(text.replace("TITLE", &title).replace("BROKER", preset.name))
}

fn refusal(broker: &str) -> String {
    let with_a_queue = presets::ALL.iter().filter(|preset| preset.shape != Shape::Topic).map(|preset| preset.name);
    let mut known: Vec<&str> = with_a_queue.collect();
    known.sort_unstable();
    known.dedup();
    let all = known.join(", ");
    if broker::preset(broker, Shape::Topic).is_some() {
        return format!(
            "broker \"{broker}\" has topics only, and a scenario starts with a queue or stream; there is {all}"
        );
    }
    match nearest(broker, known.iter().copied()) {
        Some(near) => format!("no broker is called \"{broker}\"; did you mean \"{near}\"?"),
        None => format!("no broker is called \"{broker}\"; there is {all}"),
    }
}

const CONDITIONS: [&str; 6] = ["neutral", "slow", "fast", "keyed", "leased", "redelivered"];

fn holds(condition: &str, preset: &Preset) -> bool {
    let own = |key: &str| preset.own.iter().find(|fact| fact.key == key).map(|fact| fact.value);
    match condition {
        // Without a lease, unless the file sets one; other brokers say themselves whether they have leases.
        "neutral" => preset.own.is_empty(),
        // Stays below what the broker accepts.
        "slow" => own("publish_limit").is_some_and(|limit| limit != Setting::Unset),
        "fast" => !holds("slow", preset),
        "keyed" => matches!(own("order"), Some(Setting::Text("key" | "session"))),
        // What fails comes back with the end of its lease, without anybody's doing.
        "leased" => own("on_nack") == Some(Setting::Text("lease")),
        _ => !holds("leased", preset),
    }
}

const QUEUE: &str = r#"# Topology:  one producer, one queue with a dead-letter queue, one group of consumers.
# Trigger:   a spike to five times the usual rate.
# Mechanism: the consumers are sized for the usual day, so the spike piles up and drains slowly afterwards.
# Look for:  the peak of the backlog, the age of the oldest message, and when the backlog is gone.

title    = TITLE
duration = "45m"       # of the run, on its own clock
warmup   = "5m"        # out of the statistics
seed     = 1           # same seed, same results
runs     = 20          # replications; the bands in the charts are over them
slo      = ["orders.recovery_time < 30m", "orders.latency.p99 < 10m", "orders.dropped == 0"]

[producer.shop]
to     = "orders"
fast?rate   = "200/s"
fast?spikes = [{ at = "10m", for = "2m", rate = "1000/s", ramp = "10s" }]
slow?rate   = "50/s"
slow?spikes = [{ at = "10m", for = "2m", rate = "250/s", ramp = "10s" }]
keyed?keys   = { count = 10000 }       # messages of one key are worked on one after the other

[queue.orders]
broker             = "BROKER"
neutral?visibility_timeout = "60s"          # a message not finished by then is delivered again
max_deliveries     = 5
dead_letter        = "orders-dlq"   # made for you unless it has a table of its own

[consumer.worker]
from        = "orders"
fast?replicas    = 20
slow?replicas    = 5
concurrency = 1                     # messages worked on at once by one replica
service     = { lognormal = { mean = "60ms", p99 = "300ms" } }
failure     = "1%"                  # of the attempts
redelivered?retry       = { backoff = "1s", factor = 2, cap = "1m", jitter = "full" }

# What else can go wrong:
#
# [[fault]]
# name     = "half the workers die"
# at       = "25m"
# for      = "3m"
# consumer = "worker"
# crash    = "50%"
"#;

const STREAM: &str = r#"# Topology:  one producer, one stream, one group of consumers.
# Trigger:   a spike to five times the usual rate.
# Mechanism: each partition is read by one member of the group, and all are sized for the usual day.
# Look for:  the lag at its peak, the age of the oldest record, when the group has caught up, and uneven partitions.

title    = TITLE
duration = "45m"       # of the run, on its own clock
warmup   = "5m"        # out of the statistics
seed     = 1           # same seed, same results
runs     = 20          # replications; the bands in the charts are over them
slo      = ["orders/worker.recovery_time < 30m", "orders/worker.latency.p99 < 15m"]

[producer.shop]
to     = "orders"
rate   = "200/s"
spikes = [{ at = "10m", for = "2m", rate = "1000/s", ramp = "10s" }]
keys   = { count = 100000 }         # records of one key are in one partition

[stream.orders]
broker     = "BROKER"
partitions = 24

[consumer.worker]
from        = "orders"
replicas    = 24                    # more than partitions would stand idle
concurrency = 1
service     = { lognormal = { mean = "60ms", p99 = "300ms" } }
failure     = "1%"                  # of the attempts
retry       = { backoff = "100ms", factor = 2, cap = "10s", jitter = "full" }   # its partition waits meanwhile

# What else can go wrong:
#
# [[fault]]
# name     = "half the workers die"
# at       = "25m"
# for      = "3m"
# consumer = "worker"
# crash    = "50%"
"#;

const WORKFLOW: &str = r#"# Topology:  one producer that starts executions of one workflow; each step has a task queue and workers of its own.
# Trigger:   a spike to five times the usual rate.
# Mechanism: the workers are sized for the usual day, so tasks pile up before the slowest step; what fails for good is undone.
# Look for:  how executions end, how long they take, and the backlog of each task queue.

title    = TITLE
duration = "45m"       # of the run, on its own clock
warmup   = "5m"        # out of the statistics
seed     = 1           # same seed, same results
runs     = 20          # replications; the bands in the charts are over them
slo      = ["checkout.duration.p99 < 30m", "checkout.stuck == 0"]

[producer.shop]
to     = "checkout"
rate   = "20/s"
spikes = [{ at = "10m", for = "2m", rate = "100/s", ramp = "10s" }]

[workflow.checkout]
engine = "BROKER"

[[workflow.checkout.steps]]
name           = "reserve"
workers        = 10
concurrency    = 1                  # tasks worked on at once by one worker
service        = { lognormal = { mean = "100ms", p99 = "400ms" } }
failure        = "1%"               # of the attempts
start_to_close = "30s"              # an attempt that takes longer is followed by another
retry          = { max_attempts = 5 }
compensate     = { workers = 2, concurrency = 1, service = "100ms", start_to_close = "30s" }   # when a later step fails for good

[[workflow.checkout.steps]]
name           = "charge"
workers        = 20
concurrency    = 1
service        = { lognormal = { mean = "300ms", p99 = "1s" } }
failure        = "2%"
start_to_close = "30s"
retry          = { max_attempts = 5 }

# What else can go wrong:
#
# [[fault]]
# name     = "half the workers die"
# at       = "25m"
# for      = "3m"
# consumer = "checkout/charge-workers"
# crash    = "50%"
"#;
