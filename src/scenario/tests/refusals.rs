//! Every class of mistake: what is typed, where the finger points, and the words.

use super::{BASE, parse, shown};

/// One mistake put into `BASE`: what is replaced, by what, then line:column, message and way out (fragments).
type Case = (&'static str, &'static str, &'static str, &'static str, &'static str);

fn check(cases: &[Case]) {
    for (from, to, at, message, way_out) in cases {
        assert!(BASE.contains(from), "{from:?} is not in the base");
        let text = BASE.replacen(from, to, 1);
        let shown = shown(&text);
        assert_eq!(shown.matches("error:").count(), 1, "{to:?} should have one problem:\n{shown}");
        let title = shown.lines().next().unwrap_or_default();
        assert!(title.contains(message), "{to:?} should say {message:?}:\n{shown}");
        assert!(shown.contains(&format!("--> s.toml:{at}\n")), "{to:?} should point at {at}:\n{shown}");
        assert!(
            shown.split_once("help:").is_some_and(|(_, help)| help.contains(way_out)),
            "{to:?} should suggest {way_out:?}:\n{shown}"
        );
    }
}

const DURATION: &str = "duration = \"10m\"";
const RATE: &str = "rate = \"10/s\"";
const QUEUE: &str = "[queue.orders]";
const SERVICE: &str = "service = \"50ms\"";

#[test]
fn a_message_reads_like_this() {
    let text = BASE.replace(QUEUE, "[queue.orders]\nvisability_timeout = \"60s\"");
    let expected = "\
error: `visability_timeout` is not a key of a queue
 --> s.toml:6:1
  |
6 | visability_timeout = \"60s\"
  | ^^^^^^^^^^^^^^^^^^
  |
  = help: did you mean `visibility_timeout`?
";
    assert_eq!(shown(&text), expected);
}

#[test]
fn all_mistakes_come_in_one_go() {
    let text = "runs = 0\n[producer.p]\nto = \"qq\"\nrate = 5\n[queue.q]\nttl = \"-1s\"\n[consumer.c]\nfrom = \"q\"\nfrm = 1\n";
    let problems = parse(text).expect_err("broken");
    let places: Vec<(usize, usize)> = problems.iter().map(|problem| (problem.line, problem.column)).collect();
    // Missing duration, runs, target, rate, ttl, unknown key.
    assert_eq!(places, [(1, 1), (1, 8), (3, 6), (4, 8), (6, 7), (9, 1)], "{}", shown(text));
}

#[test]
fn syntax_and_keys() {
    check(&[
        (RATE, "rate = 10/s", "4:8", "this is not TOML", "\"10/s\""),
        (QUEUE, "[queue.orders]\n[queue.orders]", "6:8", "`orders` is written twice", "another name"),
        (DURATION, "duration = \"10m\"\nrns = 3", "2:1", "`rns` is not a key of a scenario", "did you mean `runs`?"),
        (
            QUEUE,
            "[queue.orders]\nmax_receive_count = 5",
            "6:1",
            "`max_receive_count` is not a key of a queue",
            "`max_deliveries`",
        ),
        (RATE, "rate = \"10/s\"\nkeys = { count = 5 }", "5:1", "`keys` is not supported yet", "leave them out"),
        (QUEUE, "[queue.orders]\norder = \"key\"", "6:9", "`order` = \"key\" is not supported yet", "\"fifo\""),
        (QUEUE, "[queue.orders]\norder = \"fifi\"", "6:9", "`order` has no choice \"fifi\"", "did you mean \"fifo\"?"),
        (QUEUE, "[stream.s]\n[queue.orders]", "5:2", "`stream` is not supported yet", "later version"),
        (
            QUEUE,
            "[topic.x]\nbroker = \"kafka\"\n[queue.orders]",
            "6:10",
            "broker \"kafka\" is no topic: it is a stream",
            "[stream.x]",
        ),
        (QUEUE, "[queue.orders]\nbroker = \"sqs\"", "6:10", "broker \"sqs\" is not supported yet", "generic"),
        (
            QUEUE,
            "[queue.orders]\nbroker = \"gneric\"",
            "6:10",
            "no broker is called \"gneric\"",
            "did you mean \"generic\"?",
        ),
        (DURATION, "schema_version = 2\nduration = \"10m\"", "1:18", "newer than this version", "newer tailback"),
    ]);
}

#[test]
fn units_and_ranges() {
    check(&[
        (DURATION, "duration = 600", "1:12", "`duration` takes a length of time with its unit", "\"600s\""),
        (DURATION, "duration = \"10\"", "1:12", "\"10\" has no unit", "\"250ms\""),
        (DURATION, "duration = \"0s\"", "1:12", "must be longer than zero", "\"30s\""),
        (DURATION, "duration = \"10m\"\ntick = \"20m\"", "2:8", "`tick` = 20m is longer than the run", "leave it out"),
        (DURATION, "duration = \"10m\"\nwarmup = \"10m\"", "2:10", "leaves nothing of a run", "shorter"),
        (DURATION, "duration = \"10m\"\nruns = 2.5", "2:8", "`runs` = 2.5 is not a whole number", "write 3"),
        (DURATION, "duration = \"10m\"\nruns = \"20\"", "2:8", "takes a whole number", "without quotes: 20"),
        (RATE, "rate = \"-1/s\"", "4:8", "is negative", "zero or more"),
        (RATE, "rate = \"10/parsec\"", "4:8", "\"parsec\" is not a unit of time", "\"800/s\""),
        (RATE, "rate = \"10/s\"\npoison = nan", "5:10", "NaN is not a share", ""),
        (SERVICE, "service = \"50ms\"\nfailure = 2", "9:11", "2 is not a share", "\"2%\" or 0.02"),
        (SERVICE, "service = \"50ms\"\nconcurrency = 0", "9:15", "`concurrency` = 0 means nothing", "1 or more"),
        (SERVICE, "service = { exp = \"0s\" }", "8:19", "must be longer than zero", ""),
        (
            SERVICE,
            "service = { gamma = { mean = \"1s\", cv = inf } }",
            "8:40",
            "is not a number to reckon with",
            "finite",
        ),
        (
            SERVICE,
            "service = { lognormal = { mean = \"1s\" } }",
            "8:25",
            "one of `mean` and `p50`, and one of `p99` and `cv`",
            "p99",
        ),
        (
            SERVICE,
            "service = { lognormal = { mean = \"1ms\", p99 = \"1s\" } }",
            "8:25",
            "no lognormal has a p99 more than",
            "cv",
        ),
        (SERVICE, "service = { pareto = { min = \"1ms\", alpha = 1 } }", "8:44", "has no mean", "cap"),
        (SERVICE, "service = { exp = \"1s\", uniform = [\"1s\", \"2s\"] }", "8:24", "has 2 laws", "keep one"),
        (SERVICE, "service = { uniform = [\"2s\", \"1s\"] }", "8:23", "the second must be the longer", ""),
        (SERVICE, "service = { choice = [{ share = 0.5, value = \"1s\" }] }", "8:22", "sum to 0.5, not to 1", ""),
        (SERVICE, "service = { empirical = \"nowhere.csv\" }", "8:25", "no such file", "service_s"),
        (
            SERVICE,
            "service = { expo = \"1s\" }",
            "8:13",
            "`expo` is not a key of a distribution",
            "did you mean `exp`?",
        ),
        (QUEUE, "[queue.orders]\nvisibility_timeout = \"0s\"", "6:22", "would run out before any work", "\"none\""),
        (QUEUE, "[queue.orders]\nmax_deliveries = 0", "6:18", "`max_deliveries` = 0 means nothing", "1 or more"),
        (RATE, "rate = \"10/s\"\nbatch = { geometric = 0.5 }", "5:23", "a mean below 1", "20"),
        (RATE, "rate = \"10/s\"\nbatch = { pmf = [[1, 0.8]] }", "5:17", "sum to 0.8, not to 1", ""),
    ]);
}

#[test]
fn names() {
    check(&[
        ("to = \"orders\"", "to = \"odrers\"", "3:6", "no queue or topic has this name", "did you mean \"orders\"?"),
        ("to = \"orders\"", "to = [\"orders\", \"orders\"]", "3:17", "names \"orders\" twice", "once"),
        ("from = \"orders\"", "from = \"shop\"", "7:8", "is a producer, not a queue", "`orders`"),
        (QUEUE, "[topic.t]\n[queue.orders]\nsubscribe = \"tt\"", "7:13", "no topic has this name", "`t`"),
        (QUEUE, "[queue.orders]\n[topic.worker]", "7:11", "taken by a topic already", "another name"),
        (QUEUE, "[queue.orders]\n[queue.\"a b\"]", "6:8", "cannot be a name", "write a-b"),
        (QUEUE, "[queue.orders]\ndead_letter = \"worker\"", "6:15", "is a consumer", "not taken"),
        (QUEUE, "[queue.orders]\ndead_letter = \"orders\"", "6:15", "`orders` → `orders`", "does not send them back"),
        (
            QUEUE,
            "[queue.orders]\ndead_letter = \"b\"\n[queue.b]\ndead_letter = \"orders\"",
            "6:15",
            "`orders` → `b` → `orders`",
            "",
        ),
    ]);
}

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
            "5:56",
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
            "5:24",
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
            "service = \"1s\"\nscaling = { policy = \"hpa\" }",
            "9:1",
            "`scaling` is not supported yet",
            "schedule",
        ),
    ]);
}

#[test]
fn faults_and_objectives() {
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
        (
            QUEUE,
            "[queue.orders]\n[[fault]]\nat = \"1m\"\nfor = \"1m\"\ndependency = \"db\"\nconsumer = \"worker\"\nslow = 2",
            "9:1",
            "`dependency` is not supported yet",
            "consumer",
        ),
        (QUEUE, "[queue.orders]\n[[window]]\nat = \"1m\"\nfor = \"0s\"", "8:7", "longer than zero", ""),
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
        (DURATION, "duration = \"10m\"\nslo = [\"orders.latency.p98 < 5s\"]", "2:8", "no statistic `p98`", "`p99`"),
        (DURATION, "duration = \"10m\"\nslo = [\"orders.dropped.max == 0\"]", "2:8", "one number a run", "alone"),
        (DURATION, "duration = \"10m\"\nslo = [\"orders.oldest_age < 5\"]", "2:8", "is a length of time", "5m"),
        (DURATION, "duration = \"10m\"\nslo = [\"orders.backlog < 5s\"]", "2:8", "is a count", "bare number"),
        (DURATION, "duration = \"10m\"\nslo = [\"orders.backlog is small\"]", "2:8", "has no comparison", "OP VALUE"),
        (DURATION, "duration = \"10m\"\nslo = [\"shop.answered > 5\"]", "2:8", "producer without `reply`", ""),
    ]);
}
