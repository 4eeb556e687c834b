//! Mistakes in dependencies, calls, retries and their budgets.

use super::differs;

/// Two dependencies, and a consumer whose call and retry the cases fill in.
const TEXT: &str = r##"duration = "10m"
[queue.jobs]
[dependency.db]
concurrency = 10
service = "5ms"
#dependency
[consumer.caller]
from = "jobs"
concurrency = 4
service = "1ms"
retry = { backoff = "1s"#retry }
calls = [{ dependency = "db"#call }]
#fault
"##;

fn check(cases: &[(&str, &str, &str, &str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(at, with, place, message, way_out)| {
            let text = TEXT.replace(at, with).replace("#dependency", "").replace("#retry", "").replace("#call", "");
            differs(&text.replace("#fault", ""), place, message, way_out).map(|why| format!("{with}: {why}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const CONCURRENCY: &str = "concurrency = 10\n";

#[test]
fn dependencies() {
    check(&[
        (
            "#dependency",
            "[dependency.unused]\nservice = \"1s\"",
            "6:13",
            "nobody calls dependency `unused`",
            "calls = ",
        ),
        ("#dependency", "capacity = 10", "6:1", "`capacity` is not a key of a dependency", "called `concurrency`"),
        (CONCURRENCY, "queue_limit = 5\n", "4:15", "`queue_limit` would change nothing", "set `concurrency`"),
        (CONCURRENCY, "order = \"lifo\"\n", "4:9", "`order` would change nothing", "set `concurrency`"),
        (CONCURRENCY, "slowdown = 3\n", "4:12", "`slowdown` would change nothing", "set `concurrency`"),
        ("#dependency", "slowdown = 1", "6:12", "slows nothing down", "above 1"),
        ("#dependency", "slowdown = { factor = 3, from = 1 }", "6:12", "begins where all is busy", "below \"100%\""),
        ("#dependency", "rate_limit = \"0/s\"", "6:14", "lets no call through", "[[fault]]"),
        ("#dependency", "failure_service = \"1s\"", "6:19", "no call ever fails", "error_rate"),
        ("#dependency", "queue_limit = 0\norder = \"fifo\"", "7:9", "no call ever waits", "queue_limit"),
    ]);
}

#[test]
fn calls() {
    check(&[
        ("\"db\"#call", "\"db2\"", "12:25", "no dependency has this name", "did you mean \"db\"?"),
        ("\"db\"#call", "\"jobs\"", "12:25", "is a queue, not a dependency", "db"),
        ("#call", ", share = 0", "12:39", "is never made", "raise the share"),
        (
            "#call",
            ", timeout = \"1s\", hedge = { after = \"2s\" }",
            "12:65",
            "not shorter than the call's `timeout`",
            "earlier",
        ),
        ("#call", ", deadline = true", "12:42", "without `timeout` is never given up", "set `timeout`"),
        ("#call", ", bulkhead = 4", "12:42", "`bulkhead` = 4 would change nothing", "smaller"),
        ("#call", ", retry = {}", "12:39", "for ever at the same instant", "max_attempts"),
        ("#call", ", breaker = { window = 10, minimum_calls = 20 }", "12:72", "never reached", "widen"),
        ("#call", ", breaker = { window = \"1500ms\" }", "12:52", "kept by the second", "10s"),
        ("#call", ", breaker = { failure_rate = 0 }", "12:58", "opens the breaker whatever happens", "above zero"),
        ("#call", ", breaker = { consecutive = 5, window = 10 }", "12:69", "goes by `consecutive`", "leave one"),
        (
            "#call",
            ", breaker = { timeout = \"1s\" }",
            "12:43",
            "`timeout` is not a key of a breaker",
            "called `open_for`",
        ),
        ("#call", ", timeout = \"1s\", breaker = { slow_call = \"2s\" }", "12:71", "ends it first", "shorter"),
        ("#call", ", retry = { max_attempts = 1 }", "12:56", "never tries again", "raise it"),
        ("#call", ", retry = { policy = \"bullmq\" }", "12:39", "never tries again", "raise it"),
        (
            "#call",
            ", retry = { max_attempts = 2, throttle_backoff = \"1s\" }",
            "12:78",
            "no `rate_limit`",
            "leave it out",
        ),
        ("#call", ", breaker = \"hystrix\"", "12:41", "no choice \"hystrix\"", "resilience4j"),
    ]);
}

#[test]
fn a_call_that_outlasts_its_attempt() {
    let text =
        TEXT.replace("concurrency = 4", "concurrency = 4\ntimeout = \"1s\"").replace("#call", ", timeout = \"2s\"");
    let text = text.replace("#retry", "").replace("#dependency", "").replace("#fault", "");
    assert_eq!(differs(&text, "13:41", "ends the attempt first", "shorter"), None);
}

#[test]
fn retries_and_budgets() {
    check(&[
        (
            "#retry",
            ", policy = \"aws-standart\"",
            "11:36",
            "no choice \"aws-standart\"",
            "did you mean \"aws-standard\"?",
        ),
        ("#retry", ", policy = \"grpc\", max_attempts = 6", "11:59", "never makes more than 5", "leave `policy` out"),
        ("#retry", ", growth = \"sidekiq\"", "11:21", "a formula of its own", "exponential"),
        ("#retry", ", budget = { tokens = 3 }", "11:36", "pays for no retry at all", "raise `tokens`"),
        ("#retry", ", budget = { ratio = 0, min_per_s = 0 }", "11:36", "pays for no retry at all", "min_per_s"),
        ("#retry", ", budget = { tokens = 10, tokn = 3 }", "11:51", "`tokn` is not a key", "did you mean"),
        ("#retry", ", budget = {}", "11:36", "says nothing", "aws-standard"),
        ("#retry", ", budget = { maxTokens = 10 }", "11:38", "`maxTokens` is not a key", "called `tokens`"),
    ]);
}

#[test]
fn faults() {
    let fault = |rest: &str| format!("[[fault]]\nat = \"1m\"\nfor = \"1m\"\ndependency = \"db\"\n{rest}");
    let (pause, nothing, zero) = (fault("pause = true"), fault(""), fault("error_rate = 0"));
    check(&[
        ("#fault", &pause, "17:9", "a dependency has no fault `pause`", "`error_rate`, `slow` and `down`"),
        ("#fault", &nothing, "13:1", "does not say what happens", "for a dependency"),
        ("#fault", &zero, "17:14", "a fault without effect", "leave the fault out"),
    ]);
}

#[test]
fn a_clock_that_stands_still() {
    let text = TEXT.replace("\"1ms\"", "\"0s\"").replace("retry = { backoff = \"1s\"#retry }\n", "");
    let text = text.replace("#call", ", breaker = \"resilience4j\"").replace("#dependency", "").replace("#fault", "");
    assert_eq!(differs(&text, "10:11", "fails because a call is refused", "the `retry` a `backoff`"), None);
}
