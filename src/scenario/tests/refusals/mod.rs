//! Every class of mistake: what is typed, where the finger points, and the words.

mod brokers;
mod dependency;
mod effect;
mod parts;
mod price;
mod resilience;
mod scaling;
mod upstream;
mod workflows;

use super::{BASE, parse, shown};

/// One mistake put into `BASE`: what is replaced, by what, then line:column, message and way out (fragments).
type Case = (&'static str, &'static str, &'static str, &'static str, &'static str);

fn check(cases: &[Case]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(from, to, at, message, way_out)| {
            differs(&BASE.replacen(from, to, 1), at, message, way_out).map(|why| format!("{to}: {why}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How what is shown of a scenario differs from what is asked for.
fn differs(text: &str, at: &str, message: &str, way_out: &str) -> Option<String> {
    let shown = shown(text);
    let (title, help) =
        (shown.lines().next().unwrap_or_default(), shown.split_once("help:").map_or("", |(_, help)| help));
    let why = if shown.matches("error:").count() != 1 {
        "one problem, no more, no less"
    } else if !title.contains(message) {
        "other words"
    } else if !shown.contains(&format!("--> s.toml:{at}\n")) {
        "another place"
    } else if help.trim().is_empty() || !help.contains(way_out) {
        "another way out"
    } else {
        return None;
    };
    Some(format!("{why}\n{shown}"))
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
        (QUEUE, "[queue.orders]\norder = \"key\"", "6:9", "`orders` keeps the order of keys", "order = \"fifo\""),
        (QUEUE, "[queue.orders]\norder = \"fifi\"", "6:9", "`order` has no choice \"fifi\"", "did you mean \"fifo\"?"),
        (
            QUEUE,
            "[topic.x]\nbroker = \"kafka\"\n[queue.orders]",
            "6:10",
            "broker \"kafka\" is no topic: it is a stream",
            "[stream.x]",
        ),
        (
            QUEUE,
            "[queue.orders]\nbroker = \"kinesis\"",
            "6:10",
            "broker \"kinesis\" is no queue: it is a stream",
            "[stream.orders]",
        ),
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
    ]);
}

#[test]
fn distributions_and_counts() {
    check(&[
        (SERVICE, "service = { exp = \"0s\" }", "8:19", "must be longer than zero", ""),
        (
            SERVICE,
            "service = { gamma = { mean = \"1s\", cv = inf } }",
            "8:41",
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
        (SERVICE, "service = { pareto = { min = \"1ms\", alpha = 1 } }", "8:45", "has no mean", "cap"),
        (SERVICE, "service = { exp = \"1s\", uniform = [\"1s\", \"2s\"] }", "8:25", "has 2 laws", "keep one"),
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
        (
            "to = \"orders\"",
            "to = \"odrers\"",
            "3:6",
            "no queue, topic or stream has this name",
            "did you mean \"orders\"?",
        ),
        ("to = \"orders\"", "to = [\"orders\", \"orders\"]", "3:17", "names \"orders\" twice", "once"),
        ("from = \"orders\"", "from = \"shop\"", "7:8", "is a producer, not a queue", "`orders`"),
        (
            QUEUE,
            "[topic.t]\n[queue.orders]\nsubscribe = \"tt\"",
            "7:13",
            "no topic has this name",
            "did you mean \"t\"?",
        ),
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
