//! Mistakes in producers, queues, consumers, faults and objectives.

use super::{DURATION, QUEUE, RATE, SERVICE, check};

#[test]
fn producers() {
    check(&[
        (RATE, "", "2:1", "has no `rate` and nothing in its place", "800/s"),
        (RATE, "trace = \"nowhere.csv\"", "4:9", "cannot be read: no such file", "the scenario's folder"),
        (RATE, "trace = \"bad.csv\"", "4:9", "bad.csv:3: `rate` = \"NaN\"", "time_s,rate"),
        (RATE, "trace = \"backwards.csv\"", "4:9", "backwards.csv:4: `time_s` = 30 does not come after 60", ""),
        (RATE, "trace = \"empty.csv\"", "4:9", "has 0 rows", ""),
        (RATE, "rate = \"10/s\"\ntrace = \"trace.csv\"", "4:8", "`rate` has no effect beside `trace`", "leave"),
        (
            RATE,
            "trace = \"trace.csv\"\nwave = { amplitude = \"1/s\", period = \"1m\" }",
            "4:9",
            "`wave` and `trace` each say when",
            "keep one",
        ),
        (RATE, "rate = \"10/s\"\ntime_scale = 2", "5:14", "`time_scale` scales a `trace`", "add trace"),
        (RATE, "messages = \"levels.csv\"", "4:12", "levels.csv:1: the column `priority` has no meaning", "priorities"),
        (RATE, "messages = \"plain.csv\"\nbatch = 2", "5:9", "`batch` has no effect beside `messages`", "leave"),
        (RATE, "process = { mmpp = [{ rate = \"1/s\", mean_stay = \"1s\" }] }", "4:20", "two or more", "plain `rate`"),
        (
            RATE,
            "rate = \"10/s\"\nspikes = [{ at = \"1m\", for = \"1m\", times = 2, ramp = \"2m\" }]",
            "5:54",
            "`ramp` = 2m is longer than the spike",
            "inside `for`",
        ),
        (
            RATE,
            "rate = \"10/s\"\nspikes = [{ at = \"20m\", for = \"1m\", times = 2 }]",
            "5:18",
            "begins at 20m, but the run ends at 10m",
            "earlier",
        ),
        (RATE, "rate = \"10/s\"\nspikes = [{ at = \"2m\", for = \"1m\" }]", "5:11", "needs its height", "times"),
        (
            RATE,
            "rate = \"10/s\"\nstages = [{ duration = \"10m\", target = \"1/s\" }, { duration = \"0s\", target = \"9/s\" }]",
            "5:49",
            "this stage begins at 10m",
            "",
        ),
        (RATE, "rate = \"10/s\"\ndaily = { peak = \"5/s\", at = \"14h\" }", "5:18", "below the mean `rate`", "raise"),
        (RATE, "rate = \"10/s\"\npriority = { high = 1 }", "5:12", "`orders` has no priorities", "priorities"),
        (RATE, "clients = { count = 5, think = \"1s\" }", "4:11", "they need `reply`", "reply = "),
        (
            RATE,
            "rate = \"10/s\"\non_reject = { retry = { max_attempt = 5, backoff = \"1s\" } }",
            "5:25",
            "`max_attempt` is not a key",
            "did you mean `max_attempts`?",
        ),
        (RATE, "rate = \"10/s\"\non_reject = { retry = {} }", "5:23", "for ever at the same instant", "backoff"),
        (
            QUEUE,
            "on_reject = \"block\"\n[topic.t]\n[producer.two]\nto = \"t\"\nrate = \"1/s\"\nreply = { timeout = \"1s\" }\n[queue.orders]",
            "10:9",
            "`reply` waits for one completion",
            "queue",
        ),
        (
            QUEUE,
            "[topic.t]\n[producer.two]\nto = \"t\"\nrate = \"1/s\"\non_reject = \"block\"\n[queue.orders]",
            "9:13",
            "`on_reject` has no effect on a topic",
            "",
        ),
        (RATE, "rate = \"10/s\"\nbalance = \"random\"", "5:11", "`to` names one", "list several"),
        (RATE, "rate = \"10/s\"\nwave = { amplitude = \"1/s\", period = \"0s\" }", "5:38", "longer than zero", ""),
    ]);
}

#[test]
fn queues() {
    check(&[
        (
            QUEUE,
            "[queue.orders]\noverflow = \"reject\"",
            "6:12",
            "without `capacity` it is never full",
            "set `capacity`",
        ),
        (QUEUE, "[queue.orders]\nstale_ack = \"rejected\"", "6:13", "there is no `visibility_timeout`", "set"),
        (QUEUE, "[queue.orders]\nwithdraw = false", "6:12", "there are none here", "visibility_timeout"),
        (QUEUE, "[queue.orders]\norder = \"priority\"", "6:9", "needs to know the levels", "priorities = "),
        (QUEUE, "[queue.orders]\npriorities = [\"a\"]", "6:14", "without order = \"priority\"", "add order"),
        (QUEUE, "[queue.orders]\norder = \"priority\"\npriorities = [\"a\", \"a\"]", "7:20", "there twice", ""),
        (
            QUEUE,
            "[topic.t]\n[queue.orders]\nsubscribe = \"t\"\ncapacity = 5\noverflow = \"block\"",
            "9:12",
            "let one subscriber of `t` stop",
            "\"reject\"",
        ),
        (
            QUEUE,
            "[queue.orders]\nrecovered_when = \"latency < 5s\"",
            "6:18",
            "`backlog` or `oldest_age`",
            "backlog <= 20",
        ),
        (QUEUE, "[queue.orders]\nrecovered_when = \"backlog <= 5s\"", "6:18", "\"5s\" is not a count", ""),
        (QUEUE, "[queue.orders]\nttl = \"0s\"", "6:7", "remove every message at once", ""),
        (QUEUE, "[queue.orders]\ncapacity = 0\noverflow = \"drop-head\"", "7:12", "can only reject", "capacity"),
        (QUEUE, "[queue.orders]\ncapacity = -1", "6:12", "`capacity` = -1 is negative", "0 or more"),
        (QUEUE, "[queue.orders]\nhold = 30", "6:8", "`hold` takes a length of time with its unit", "\"30s\""),
        (
            QUEUE,
            "[queue.orders]\n[topic.t]\n[queue.b]\nsubscribe = { topic = \"t\", share = 0 }",
            "8:13",
            "receives nothing",
            "",
        ),
    ]);
}

#[test]
fn consumers() {
    check(&[
        (SERVICE, "", "6:1", "`service` is missing", "add service"),
        (SERVICE, "service = \"message\"", "8:11", "those of producer `shop` bring none", "service_s"),
        (SERVICE, "service = { by_priority = { high = \"1s\" } }", "8:11", "the queue has no priorities", ""),
        (
            SERVICE,
            "service = \"1s\"\nbatch = { size = 2, service_per_batch = \"1s\" }",
            "8:11",
            "no effect beside `service_per_batch`",
            "",
        ),
        (SERVICE, "service = \"1s\"\nfailure = 0.6\npermanent_failure = 0.6", "10:21", "sum to 1.2", "lower"),
        (SERVICE, "service = \"1s\"\nspeeds = [1, 0]", "9:14", "`speeds` = 0 means nothing", "above zero"),
        (
            SERVICE,
            "service = \"1s\"\nschedule = [{ at = \"2m\", replicas = 1 }, { at = \"1m\", replicas = 2 }]",
            "9:49",
            "does not come after",
            "in order",
        ),
        (
            SERVICE,
            "service = \"1s\"\nack = \"before\"\nretry = { backoff = \"1s\" }",
            "10:9",
            "the queue has forgotten",
            "process",
        ),
        (
            SERVICE,
            "failure_service = \"1s\"\nbatch = { size = 2, service_per_batch = \"1s\" }",
            "8:19",
            "no effect beside `service_per_batch`",
            "leave",
        ),
        (
            SERVICE,
            "service = \"1s\"\nretry = { where = \"process\", position = \"head\" }",
            "9:41",
            "never leaves the consumer",
            "queue",
        ),
        (
            SERVICE,
            "service = \"1s\"\nack = \"before\"\n[queue.leased]\nvisibility_timeout = \"5s\"\n[consumer.c]\nfrom = \"leased\"\nservice = \"1s\"\nack = \"before\"",
            "15:7",
            "has no lease",
            "after",
        ),
        (
            SERVICE,
            "service = \"1s\"\nbatch = { size = 5 }\nretry = { where = \"process\" }",
            "9:9",
            "settled together",
            "queue",
        ),
    ]);
}

#[test]
fn consumers_that_publish_onward_or_loop() {
    check(&[
        (
            SERVICE,
            "service = \"1s\"\nroute = \"one\"\nthen = [{ to = \"b\", share = 0.7 }, { to = \"c\", share = 0.7 }]\n[queue.b]\n[queue.c]",
            "9:9",
            "sum to 1.4",
            "",
        ),
        (
            SERVICE,
            "service = \"1s\"\nthen = [{ to = \"orders\" }]",
            "9:16",
            "messages go round `orders` → `orders` and never get out",
            "below 1",
        ),
        (
            SERVICE,
            "service = \"1s\"\nthen = [{ to = \"b\", times = 2 }]\n[queue.b]\n[consumer.back]\nfrom = \"b\"\nservice = \"1s\"\nthen = [{ to = \"orders\", share = 0.5 }]",
            "9:16",
            "`orders` → `b` → `orders`",
            "",
        ),
        (SERVICE, "service = \"0s\"\nfailure = 1", "8:11", "for ever at the same instant", "max_deliveries"),
        (
            SERVICE,
            "service = \"0s\"\n[producer.bad]\nto = \"orders\"\nrate = \"1/s\"\npoison = 0.1",
            "8:11",
            "a message that always fails",
            "max_deliveries",
        ),
        (
            SERVICE,
            "service = \"1s\"\nthen = [{ to = \"t\" }]\n[topic.t]\n[queue.b]\nsubscribe = \"t\"\n[consumer.back]\nfrom = \"b\"\nservice = \"1s\"\nthen = [{ to = \"orders\" }]",
            "9:16",
            "messages go round `orders` → `b` → `orders`",
            "below 1",
        ),
    ]);
}

#[test]
fn faults_and_windows() {
    check(&[
        (
            QUEUE,
            "[queue.orders]\n[[fault]]\nat = \"1m\"\nfor = \"1m\"\nqueue = \"orders\"",
            "6:1",
            "does not say what happens",
            "pause",
        ),
        (
            QUEUE,
            "[queue.orders]\n[[fault]]\nat = \"1m\"\nfor = \"1m\"\npause = true",
            "6:1",
            "does not say what it hits",
            "consumer",
        ),
        (
            QUEUE,
            "[queue.orders]\n[[fault]]\nat = \"1m\"\nfor = \"1m\"\npause = true\nqueue = \"orders\"\nconsumer = \"worker\"",
            "10:9",
            "has `consumer` and `queue`",
            "each",
        ),
        (
            QUEUE,
            "[queue.orders]\n[[fault]]\nat = \"1m\"\nfor = \"1m\"\nconsumer = \"worker\"\nslow = 2\nerror_rate = 1",
            "10:8",
            "has `error_rate` and `slow`",
            "each",
        ),
        (
            QUEUE,
            "[queue.orders]\n[[fault]]\nat = \"1m\"\nfor = \"1m\"\nqueue = \"orders\"\nslow = 2",
            "10:8",
            "a queue has no fault `slow`",
            "`pause` and `down`",
        ),
        (
            QUEUE,
            "[queue.orders]\n[[fault]]\nat = \"11m\"\nfor = \"1m\"\nqueue = \"orders\"\npause = true",
            "7:6",
            "this fault begins at 11m",
            "duration",
        ),
        (
            QUEUE,
            "[queue.orders]\n[[fault]]\nat = \"1m\"\nfor = \"1m\"\nconsumer = \"worker\"\nslow = 0",
            "10:8",
            "`slow` = 0 means nothing",
            "above zero",
        ),
        (QUEUE, "[queue.orders]\n[[window]]\nat = \"1m\"\nfor = \"0s\"", "8:7", "longer than zero", ""),
    ]);
}

#[test]
fn objectives() {
    check(&[
        (
            DURATION,
            "duration = \"10m\"\nslo = [\"orders.recovery_tme < 5m\"]",
            "2:8",
            "which has no metric `recovery_tme`",
            "did you mean `recovery_time`?",
        ),
        (
            DURATION,
            "duration = \"10m\"\nslo = [\"ordrs.backlog < 5\"]",
            "2:8",
            "nothing has this name",
            "did you mean `orders`?",
        ),
        (
            DURATION,
            "duration = \"10m\"\nslo = [\"orders.latency < 5s\"]",
            "2:8",
            "say which of its statistics",
            "latency.p99",
        ),
        (DURATION, "duration = \"10m\"\nslo = [\"orders.latency.q98 < 5s\"]", "2:8", "no statistic `q98`", "`p99`"),
        (DURATION, "duration = \"10m\"\nslo = [\"orders.dropped.max == 0\"]", "2:8", "one number a run", "alone"),
        (DURATION, "duration = \"10m\"\nslo = [\"orders.oldest_age < 5\"]", "2:8", "is a length of time", "5m"),
        (DURATION, "duration = \"10m\"\nslo = [\"orders.backlog < 5s\"]", "2:8", "is a count", "bare number"),
        (DURATION, "duration = \"10m\"\nslo = [\"orders.backlog is small\"]", "2:8", "has no comparison", "OP VALUE"),
        (DURATION, "duration = \"10m\"\nslo = [\"shop.answered > 5\"]", "2:8", "producer without `reply`", ""),
    ]);
}

#[test]
fn faults_that_cannot_be() {
    check(&[
        (
            RATE,
            "messages = \"plain.csv\"\n[[fault]]\nat = \"1m\"\nfor = \"1m\"\nproducer = \"shop\"\ntimes = 2",
            "9:9",
            "changes a rate over time",
            "give the producer a `rate`",
        ),
        (
            RATE,
            "process = { mmpp = [{ rate = \"1/s\", mean_stay = \"1s\" }, { rate = \"2/s\", mean_stay = \"1s\" }] }\n[[fault]]\nat = \"1m\"\nfor = \"1m\"\nproducer = \"shop\"\npause = true",
            "9:9",
            "changes a rate over time",
            "",
        ),
        (
            QUEUE,
            "[queue.orders]\n[[fault]]\nat = \"1m\"\nfor = \"1m\"\nqueue = \"orders\"\npause = false",
            "10:9",
            "without effect",
            "pause = true",
        ),
        (
            QUEUE,
            "[queue.orders]\n[[fault]]\nat = \"1m\"\nfor = \"1m\"\nconsumer = \"worker\"\ncrash = \"0%\"",
            "10:9",
            "means nothing",
            "50%",
        ),
        (
            QUEUE,
            "[queue.orders]\n[[window]]\nname = \"a\"\nat = \"1m\"\nfor = \"1m\"\n[[window]]\nname = \"a\"\nat = \"3m\"\nfor = \"1m\"",
            "11:8",
            "taken by a window already",
            "own name",
        ),
        (
            QUEUE,
            "[queue.orders]\n[[fault]]\nat = \"1m\"\nfor = \"1m\"\nconsumer = \"worker\"\ncrash = 3",
            "10:9",
            "never has more than 1 replicas",
            "50%",
        ),
        (
            QUEUE,
            "[topic.t]\n[consumer.c]\nfrom = \"t\"\nservice = \"1s\"\n[queue.orders]",
            "7:8",
            "is a topic, not a queue",
            "subscribe = \"t\"",
        ),
    ]);
}
