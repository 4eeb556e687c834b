//! One scenario with every key of the language.

/// Everything the language has, in one file.
pub(super) const EVERYTHING: &str = concat!(
    r#"
schema_version = 1
title = "Everything"
duration = "1h"
warmup = "1m"
seed = 7
runs = 3
tick = "10s"
slo = ["orders.recovery_time < 20m", "orders.latency.p99 < 2s", "worker.utilization.mean <= 80%", "asker.goodput > 5/s", "orders.backlog < 1_000", "log/member.lag < 500", "log/member.out_of_order == 0", "payments.latency.p99 < 1s", "database.waiting.p95 <= 20", "checkout.duration.p99 < 5m", "checkout.stuck == 0", "checkout/charge.oldest_age < 1m"]
slo_runs = 0.9

[producer.shop]
to = ["orders", "returns"]
balance = "least-backlog"
rate = "12k/min"
spikes = [{ at = "10m", for = "5m", rate = "6000/s", ramp = "20s", fall = "1m" }, { at = "30m", for = "1m", times = 3 }]
process = { cv = 2.0 }
batch = { pmf = [[1, 0.8], [10, 0.2]] }
priority = { high = "10%", low = 0.9 }
poison = 0.001
on_reject = { retry = { backoff = "1s", factor = 2, cap = "1m", jitter = "decorrelated", max_attempts = 5 } }

[producer.ramp]
to = "events"
rate = "1/s"
stages = [{ duration = "5m", target = "100/s" }, { duration = "0s", target = "10/s" }]
process = "constant"
batch = { geometric = 20 }

[producer.sine]
to = "events"
rate = "10/s"
wave = { amplitude = "5/s", period = "20m", phase = 1.5 }

[producer.day]
to = "events"
rate = "10/s"
daily = { peak = "18/s", at = "14h" }

[producer.traced]
to = "events"
trace = "trace.csv"
time_scale = 0.5
rate_scale = 10

[producer.bursty]
to = "events"
process = { mmpp = [{ rate = "1/s", mean_stay = "1m" }, { rate = "50/s", mean_stay = "5s" }] }

[producer.replayed]
to = "recorded"
messages = "messages.csv"

[producer.asker]
to = "questions"
clients = { count = 10, think = { exp = "1s" } }
reply = { timeout = "1s", retry = { max_attempts = 3, backoff = "100ms" } }
on_reject = "block"

[topic.events]

[queue.orders]
broker = "generic"
visibility_timeout = "60s"
stale_ack = "rejected"
max_deliveries = 5
dead_letter = "dead"
ttl = { uniform = ["1h", "2h"] }
capacity = 100000
overflow = "drop-head"
order = "priority"
priorities = ["high", "low"]
delivery_delay = "1s"
max_in_flight = 500
initial = { messages = 1000, age = "10m" }
recovered_when = "backlog < 20"
hold = "1m"

[queue.returns]
order = "priority"
priorities = ["high", "low"]
recovered_when = "oldest_age < 5s"

[queue.audit]
subscribe = "events"
order = "adaptive-lifo"
lifo_above = 100

[queue.mail]
subscribe = { topic = "events", share = 0.3 }

[queue.recorded]
[queue.questions]
capacity = 0
overflow = "reject"

[consumer.worker]
from = "orders"
replicas = 20
concurrency = 4
schedule = [{ at = "10m", replicas = 40 }, { at = "20m", replicas = 20 }]
service = { by_priority = { high = "10ms", low = { lognormal = { mean = "45ms", p99 = "250ms" } } } }
overhead = { success = "1ms", failure = { exp = "2ms" } }
speeds = [1, 1, 0.1]
failure_service = { gamma = { mean = "5ms", cv = 0.5 }, shift = "1ms" }
prefetch = 10
failure = "2%"
permanent_failure = 0.001
retry = { backoff = { uniform = ["1s", "2s"] }, factor = 2, cap = "2m", jitter = "full", max_attempts = 4, where = "process" }
timeout = "5s"
then = [{ to = "returns", share = 0.1 }, { to = "events", times = 2, share = 0.2 }]
route = "one"
crash = { mtbf = "6h", restart = "30s" }

[consumer.returner]
from = "returns"
service = { erlang = { mean = "10ms", k = 3 } }
then = [{ to = "orders", share = 0.5 }]
shed = { codel = { target = "5ms", interval = "100ms" }, cost = "1ms" }

[consumer.auditor]
from = "audit"
batch = { size = 10, wait = "200ms", partial = true, service_per_batch = { weibull = { mean = "20ms", shape = 0.7 } } }
ack = "before"

[consumer.mailer]
from = "mail"
service = { pareto = { min = "1ms", alpha = 1.5, cap = "5s" } }

[consumer.second-mailer]
from = "mail"
service = { hyperexp = [{ share = 0.9, mean = "30ms" }, { share = 0.1, mean = "300ms" }] }
overhead = { choice = [{ share = 0.25, value = "1ms" }, { share = 0.75, value = "0s" }] }

[consumer.recorder]
from = "recorded"
service = "message"

[consumer.answerer]
from = "questions"
service = { empirical = "lengths.csv" }
skip_expired_requests = true

[[fault]]
name = "down"
at = "20m"
for = "3m"
queue = "orders"
down = "blackhole"

[[fault]]
at = "25m"
for = "3m"
consumer = "worker"
crash = "50%"

[[fault]]
at = "30m"
for = "1m"
producer = "sine"
times = 0.5

[[fault]]
at = "30m"
for = "1m"
consumer = "mailer"
slow = 5

[[fault]]
at = "35m"
consumer = "worker"
deploy = { max_unavailable = "20%", drain = "1m", startup = { exp = "20s" } }

[[window]]
name = "release"
at = "40m"
for = "5m"

# What brokers differ in.

[producer.keyed]
to = "log"
rate = "100/s"
keys = { count = 1000, zipf = 1.1 }
size = "2 KB"
duplicate = "1%"
batch_size = "16 KiB"
on_reject = { retry = { backoff = "100ms" } }

[producer.accounts]
to = ["by-key", "by-session"]
rate = "10/s"
keys = { count = 100, hot = [0.3, 0.1] }

[producer.recorded-keys]
to = "by-key"
messages = "keyed.csv"

[topic.news]
broker = "generic"
publish_limit = "300/s"
dedup_window = "5m"
delivery_retry = [{ attempts = 3, from = "0s" }, { attempts = 10, from = "1s", to = "20s" }]

[queue.readers]
subscribe = "news"
at_most_once = true
deliver_limit = "50/s"

[queue.by-key]
order = "key"
scan_depth = 20000
visibility_timeout = "30s"
stale_ack = "accepted"
withdraw = false
lease_check = "5s"
lease_extension = "12h"
on_nack = "lease"
max_deliveries = 5
delivery_count = ["nack", "lease"]
dead_letter = "dead"
dead_letter_expired = true
dead_letter_clock = "original"
ttl = "4d"
ttl_at = "any"
in_flight_includes_delayed = true
max_in_flight = 120000
operation_limit = "300/s"
receive_wait = "20s"
dedup_window = "5m"

[queue.by-session]
order = "session"
session_idle = "1m"
publish_limit = "1000/s"
capacity = 5000
overflow = "drop-head"
dead_letter = "dead"
dead_letter_overflow = true

[queue.dead]
ttl = "14d"
redrive = { to = "returns", at = "50m", rate = "100/s", still_failing = "10%" }

[queue.classic]
capacity = 1000
capacity_bytes = "10 MB"
overflow = "reject-dead-letter"
dead_letter = "dead"
redelivery = "tail"
duplicate_delivery = 0.001
single_active = true
log_length = 50000
memory_alarm = "1 GB"

[stream.log]
broker = "generic"
partitions = 12
retention = "7d"
retention_bytes = "1 GB"
partition_limit = { write = "1000/s", write_bytes = "1 MB", read = "2000/s", read_bytes = "2 MB", fetches = "5/s" }
publish_limit = "10000/s"
deliver_limit = "20000/s"
initial = { messages = 100, age = "1m" }
recovered_when = "backlog <= 50"
hold = "10s"

[consumer.member]
from = "log"
replicas = 4
service = "5ms"
poll = "100ms"
assignment = "eager"
static_membership = true
session_timeout = "45s"
heartbeat_interval = "3s"
max_poll_interval = "5m"
max_poll_records = 500
fetch_min_bytes = "1 KB"
fetch_wait = "500ms"
commit_interval = "5s"
start = "earliest"
offset_reset = "latest"
on_failure = "dead-letter"
dead_letter = "dead-records"
rebalance_delay = "3s"
fan_out = "enhanced"
max_record_age = "1h"
parallelization = 2
idempotent = { window = "1h", cost = "2ms" }
retry = { backoff = "100ms", max_attempts = 3 }

[consumer.batcher]
from = "log"
assignment = "cooperative"
start = { lag = 1000 }
batch = { size = 100, wait = "1s", service_per_batch = "20ms" }
bisect = true
on_failure = "skip"
fan_out = "shared"

[consumer.retrier]
from = "log"
start = "latest"
service = "1ms"
assignment = "server"
on_failure = "retry-topic"
retry = { backoff = "1m", max_attempts = 3, where = "queue" }

[consumer.leaser]
from = "by-key"
service = "1s"
shed = { older_than = "1m", to = "dead-letter" }
receive = 10
poll = "1s"
heartbeat = "10s"
idempotent = { window = "24h" }

[consumer.sessioner]
from = "by-session"
shed = { deeper_than = 4999 }
concurrency = 8
service = "10ms"

[[fault]]
at = "45m"
for = "1m"
stream = "log"
down = "refuse"

[[fault]]
at = "50m"
for = "1m"
stream = "log"
pause = true
"#,
    include_str!("everything/workflows.toml"),
    include_str!("everything/dependencies.toml"),
    include_str!("everything/scaling.toml"),
    include_str!("everything/upstream.toml")
);
