//! Dependencies and those who call them: queueing theory where there is a formula, numbers by hand where there is none.

use super::oracles::{assert_within, at_once, component, latency_max_s, replay, run, total};
use std::collections::BTreeMap;
use tailback::study::{Findings, Stat};

/// A queue, and workers enough that only the dependency holds them up. `DEPENDENCY` and `CALL` are filled in.
fn text(producer: &str, call: &str, consumer: &str, dependency: &str) -> String {
    format!(
        "[producer.p]\nto = \"q\"\n{producer}\n[queue.q]\n[consumer.w]\nfrom = \"q\"\nreplicas = 1\nconcurrency = 500\n\
         service = \"1ms\"\ncalls = [{{ dependency = \"d\"{call} }}]\n{consumer}\n[dependency.d]\n{dependency}\n"
    )
}

/// Many runs, long enough for a mean to be judged by its interval.
fn many(duration: &str, warmup: &str, text: &str) -> Findings {
    let head = format!(
        "title = \"theory\"\nduration = \"{duration}\"\nwarmup = \"{warmup}\"\nruns = 20\nseed = 11\ntick = \"1m\"\n"
    );
    tailback::simulate(&format!("{head}{text}"), &BTreeMap::new()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The exact value lies within 3.5 standard errors, and these are small.
#[track_caller]
fn contains(what: &str, stat: &Stat, exact: f64) {
    let (low, high) = stat.ci95.expect("an interval");
    let error = (high - low) / 2.0 / 2.093;
    assert!(error <= 0.02 * exact.abs(), "{what}: the standard error {error} is too wide for {exact}");
    assert!((stat.mean - exact).abs() <= 3.5 * error, "{what} is {} ± {error}, exactly {exact}", stat.mean);
}

fn ratio(findings: &Findings, over: &str, under: &str) -> f64 {
    let of = |name: &str| {
        let totals = &component(findings, "d").after_warmup;
        totals.iter().find(|(key, _)| *key == name).unwrap_or_else(|| panic!("no {name}")).1.mean
    };
    of(over) / of(under)
}

/// P(wait) of M/M/c.
fn erlang_c(servers: u32, load: f64) -> f64 {
    let mut blocked = 1.0;
    for n in 1..=servers {
        blocked = load * blocked / (f64::from(n) + load * blocked);
    }
    let rho = load / f64::from(servers);
    blocked / (1.0 - rho + rho * blocked)
}

#[test]
fn a_dependency_is_a_station_of_servers() {
    for (servers, rate) in [(1, 7.0), (5, 40.0), (20, 180.0)] {
        let dependency = format!("concurrency = {servers}\nservice = {{ exp = \"100ms\" }}");
        let findings = many("4h", "10m", &text(&format!("rate = \"{rate}/s\""), "", "", &dependency));
        let load: f64 = rate * 0.1;
        let wait = erlang_c(servers, load) / (f64::from(servers) / 0.1 - rate);
        let d = component(&findings, "d");
        contains("waiting", d.average("waiting").expect("waiting"), wait * rate);
        contains("busy", d.average("busy").expect("busy"), load);
        // The caller's slot is held meanwhile: Little's law for the slots.
        contains("slots", component(&findings, "w").average("busy").expect("busy"), rate * (0.001 + wait + 0.1));
    }
}

#[test]
fn a_full_line_turns_calls_away() {
    // M/M/1/5 with λ = 8, μ = 10: one in work and four waiting.
    let dependency = "concurrency = 1\nservice = { exp = \"100ms\" }\nqueue_limit = 4";
    let findings = many("4h", "10m", &text("rate = \"8/s\"", "", "retry = { max_attempts = 1 }", dependency));
    let blocked = 0.2 * 0.8f64.powi(5) / (1.0 - 0.8f64.powi(6));
    let share = ratio(&findings, "rejected", "calls");
    assert_within("blocked ÷ exact", share / blocked, 0.98, 1.02);
    // What was turned away is a failed attempt.
    assert_within("dropped ÷ rejected", total(&findings, "q", "dropped") / total(&findings, "d", "rejected"), 1.0, 1.0);
}

#[test]
fn tries_multiply_as_their_formula_says() {
    // Each try fails with p = 0.4, up to 3 of them: (1 − p³) ÷ (1 − p) calls a message, and p³ of the messages fail.
    let dependency = "service = \"10ms\"\nerror_rate = 0.4";
    let call = ", retry = { max_attempts = 3, backoff = \"50ms\" }";
    let findings = many("1h", "1m", &text("rate = \"50/s\"", call, "retry = { max_attempts = 1 }", dependency));
    let tries = (1.0 - 0.4f64.powi(3)) / 0.6;
    assert_within(
        "calls a message",
        total(&findings, "d", "calls") / total(&findings, "q", "deliveries"),
        tries * 0.999,
        tries * 1.001,
    );
    assert_within("failed", total(&findings, "q", "dropped") / total(&findings, "q", "published"), 0.063, 0.065);
}

#[test]
fn hedging_takes_the_faster_of_two() {
    // X and Y exponential with mean m = 100 ms, the second sent after h = 50 ms: E[min(X, h + Y)] = m(1 − e^(−h/m)/2).
    let findings = many(
        "1h",
        "1m",
        &text("rate = \"50/s\"", ", hedge = { after = \"50ms\" }", "", "service = { exp = \"100ms\" }"),
    );
    let late = (-0.5f64).exp();
    assert_within("hedges", ratio(&findings, "hedges", "completed") / late, 0.99, 1.01);
    let mean = component(&findings, "w").average("busy").expect("busy").mean / 50.0 - 0.001;
    assert_within("time of the call", mean / (0.1 * (1.0 - late / 2.0)), 0.99, 1.01);
    // The slower one is worked on to its end.
    assert_within("abandoned", ratio(&findings, "abandoned", "hedges"), 0.999, 1.001);
}

#[test]
fn an_abandoned_call_is_worked_on() {
    // Two attempts, a second each; the dependency works for three seconds on the first, then for three on the second.
    let consumer = "retry = { max_attempts = 2 }";
    let slow = "concurrency = 1\nservice = \"3s\"";
    let findings =
        replay("10s", "time_s\n0\n", &text("messages = \"messages.csv\"", ", timeout = \"1s\"", consumer, slow));
    assert_eq!(total(&findings, "d", "timeouts"), 2.0);
    assert_eq!(total(&findings, "d", "abandoned"), 2.0);
    assert_eq!(total(&findings, "q", "dropped"), 1.0);
    assert_within("busy", component(&findings, "d").average("busy").expect("busy").mean, 0.6, 0.61);
    // A call that carries its deadline is not begun.
    let call = ", timeout = \"1s\", deadline = true";
    let findings = replay("10s", "time_s\n0\n", &text("messages = \"messages.csv\"", call, consumer, slow));
    assert_eq!(total(&findings, "d", "abandoned"), 1.0);
    assert_eq!(total(&findings, "d", "skipped"), 1.0);
    assert_within("busy", component(&findings, "d").average("busy").expect("busy").mean, 0.3, 0.31);
}

#[test]
fn the_attempts_timeout_covers_its_calls() {
    let consumer = "retry = { max_attempts = 1 }\ntimeout = \"700ms\"";
    let call = ", retry = { backoff = \"50ms\" }";
    let findings =
        replay("10s", "time_s\n0\n", &text("messages = \"messages.csv\"", call, consumer, "service = \"5s\""));
    assert_eq!(total(&findings, "q", "dropped"), 1.0);
    assert_eq!(total(&findings, "d", "timeouts"), 1.0);
    assert_within("slots", component(&findings, "w").average("busy").expect("busy").mean, 0.0699, 0.0701);
}

#[test]
fn a_bulkhead_holds_back_what_is_too_much() {
    let consumer = "retry = { max_attempts = 1 }";
    let text = text("messages = \"messages.csv\"", ", bulkhead = 4", consumer, "service = \"1s\"");
    let findings = replay("10s", &at_once(10, 0.0), &text);
    assert_eq!(total(&findings, "d", "calls"), 4.0);
    assert_eq!(total(&findings, "d", "bulkhead_rejected"), 6.0);
    assert_eq!(total(&findings, "q", "completed"), 4.0);
}

#[test]
fn a_rate_limit_lets_its_rate_through() {
    let consumer = "retry = { max_attempts = 1 }";
    let limited = "service = \"10ms\"\nrate_limit = { rate = \"10/s\", burst = 5 }";
    let findings = run("100s", &text("rate = \"20/s\"\nprocess = \"constant\"", "", consumer, limited));
    assert_within("completed", total(&findings, "d", "completed"), 1003.0, 1006.0);
    assert_within("throttled", total(&findings, "d", "throttled"), 993.0, 997.0);
}

#[test]
fn a_breaker_spares_the_dependency_and_tries_it_now_and_then() {
    // One call every 100 ms; down from 10 s to 40 s. Five failures open it at 10.5 s, one trial each 10 s later.
    let call = ", breaker = { consecutive = 5, open_for = \"10s\", half_open_calls = 1 }";
    let fault = "[[fault]]\ndependency = \"d\"\nat = \"10s\"\nfor = \"30s\"\ndown = \"refuse\"\n";
    let producer = "rate = \"10/s\"\nprocess = \"constant\"";
    let findings = run("60s", &(text(producer, call, "retry = { max_attempts = 1 }", "service = \"1ms\"") + fault));
    assert_eq!(total(&findings, "d", "refused"), 7.0);
    assert_within("short-circuited", total(&findings, "d", "short_circuited"), 290.0, 305.0);
    // Without it every call of the thirty seconds is refused.
    let findings = run("60s", &(text(producer, "", "retry = { max_attempts = 1 }", "service = \"1ms\"") + fault));
    assert_within("refused", total(&findings, "d", "refused"), 299.0, 301.0);
}

#[test]
fn a_quota_of_retries_is_spent_once() {
    // AWS SDKs: 500 tokens, 14 a retry of an error: 35 retries, whatever the number of messages.
    let dependency = "service = \"1ms\"\nerror_rate = 1.0";
    let call = ", retry = { policy = \"aws-standard\" }";
    let findings = replay(
        "600s",
        &at_once(300, 0.0),
        &text("messages = \"messages.csv\"", call, "retry = { max_attempts = 1 }", dependency),
    );
    assert_eq!(total(&findings, "d", "retries"), 35.0);
    assert_eq!(total(&findings, "d", "calls"), 335.0);
    // Three clients have three quotas.
    let three = text("messages = \"messages.csv\"", call, "retry = { max_attempts = 1 }", dependency)
        .replace("replicas = 1\nconcurrency = 500", "replicas = 3\nconcurrency = 100");
    assert_eq!(total(&replay("600s", &at_once(300, 0.0), &three), "d", "retries"), 105.0);
}

#[test]
fn a_budget_bounds_the_amplification() {
    // All calls fail. Without a budget four tries each; with Finagle's a fifth of the requests and ten a second.
    let dependency = "service = \"1ms\"\nerror_rate = 1.0";
    let producer = "rate = \"200/s\"\nprocess = \"constant\"";
    let retry = |budget: &str| format!(", retry = {{ max_attempts = 4, backoff = \"100ms\"{budget} }}");
    let free = run("200s", &text(producer, &retry(""), "retry = { max_attempts = 1 }", dependency));
    assert_within("amplification", total(&free, "d", "calls") / 40_000.0, 3.98, 4.0);
    let bounded =
        run("200s", &text(producer, &retry(", budget = \"finagle\""), "retry = { max_attempts = 1 }", dependency));
    assert_within("retries", total(&bounded, "d", "retries"), 9_800.0, 10_150.0);
}

#[test]
fn a_load_slows_the_work() {
    // Ten at once on ten slots: the n-th to start takes 100 ms × (1 + 2·n/10).
    let slowed = "concurrency = 10\nservice = \"100ms\"\nslowdown = 3";
    let findings = replay("5s", &at_once(10, 0.0), &text("messages = \"messages.csv\"", "", "", slowed));
    assert_within("the longest", latency_max_s(&findings, "q"), 0.3009, 0.3011);
    let pooled = component(&findings, "q").latency.as_ref().expect("latency");
    assert_within("the mean", pooled.mean, 0.2109, 0.2111);
}

#[test]
fn silence_holds_callers_until_somebody_gives_up() {
    let fault = "[[fault]]\ndependency = \"d\"\nat = \"10s\"\nfor = \"20s\"\ndown = \"blackhole\"\n";
    let producer = "rate = \"10/s\"\nprocess = \"constant\"";
    let narrow = |text: String| text.replace("concurrency = 500", "concurrency = 5");
    // Without timeouts the five slots are stuck until the dependency is back, and the queue waits.
    let stuck = run("60s", &(narrow(text(producer, "", "", "service = \"10ms\"")) + fault));
    assert_within("peak", total(&stuck, "q", "peak_backlog"), 199.0, 202.0);
    assert_eq!(total(&stuck, "d", "lost"), 5.0);
    // With a second's patience they come free every second, for nothing.
    let patient = run(
        "60s",
        &(narrow(text(producer, ", timeout = \"1s\"", "retry = { max_attempts = 1 }", "service = \"10ms\"")) + fault),
    );
    assert_within("lost", total(&patient, "d", "lost"), 95.0, 106.0);
    assert_within("timeouts", total(&patient, "d", "timeouts"), 95.0, 106.0);
}

#[test]
fn a_crash_leaves_its_calls_behind() {
    let fault = "[[fault]]\nconsumer = \"w\"\nat = \"1s\"\nfor = \"1s\"\ncrash = 1\n";
    let text = text("messages = \"messages.csv\"", "", "", "service = \"4s\"") + fault;
    let findings = replay("20s", "time_s\n0\n", &text);
    assert_eq!(total(&findings, "d", "abandoned"), 1.0);
    assert_eq!(total(&findings, "d", "completed"), 1.0);
    assert_within("done", latency_max_s(&findings, "q"), 6.0, 6.01);
}

#[test]
fn a_batch_makes_one_call() {
    let consumer = "batch = { size = 10, wait = \"1s\" }\nretry = { max_attempts = 1 }";
    let text = text("messages = \"messages.csv\"", "", consumer, "service = \"100ms\"");
    let findings = replay("20s", &at_once(25, 0.0), &text);
    assert_eq!(total(&findings, "d", "calls"), 3.0);
    assert_eq!(total(&findings, "q", "completed"), 25.0);
}

#[test]
fn a_consumers_own_retries_have_a_budget_too() {
    // Everything fails: 35 retries are paid for, the rest is given up at once.
    let text = "[producer.p]\nto = \"q\"\nmessages = \"messages.csv\"\n[queue.q]\n[consumer.w]\nfrom = \"q\"\nservice = \"1ms\"\nfailure = 1.0\n\
                retry = { max_attempts = 3, backoff = \"10ms\", where = \"process\", budget = \"aws-standard\" }\n";
    let findings = replay("60s", &at_once(100, 0.0), text);
    assert_eq!(total(&findings, "q", "dropped"), 100.0);
    assert_within("amplification", total(&findings, "q", "work_amplification"), 1.349, 1.351);
    let in_queue = text.replace(", where = \"process\"", "");
    let findings = replay("60s", &at_once(100, 0.0), &in_queue);
    assert_eq!(total(&findings, "q", "deliveries"), 135.0);
}

#[test]
fn an_answer_at_the_very_instant_of_its_timeout_is_in_time() {
    let exact = "concurrency = 1\nservice = \"500ms\"";
    let producer = "rate = \"1/s\"\nprocess = \"constant\"";
    let findings = run("60s", &text(producer, ", timeout = \"500ms\"", "", exact));
    assert_eq!(total(&findings, "d", "timeouts"), 0.0);
    assert_eq!(total(&findings, "d", "completed"), 60.0);
    // So is one that had to wait: two at once, the second of which is answered after a second.
    let waits = text("messages = \"messages.csv\"", ", timeout = \"1s\"", "", exact);
    let findings = replay("10s", &at_once(2, 0.0), &waits);
    assert_eq!((total(&findings, "d", "timeouts"), total(&findings, "d", "completed")), (0.0, 2.0));
    // And the timeout of the whole attempt, its own millisecond included.
    let whole = text("messages = \"messages.csv\"", "", "timeout = \"501ms\"", exact);
    let findings = replay("10s", &at_once(1, 0.0), &whole);
    assert_eq!((total(&findings, "d", "timeouts"), total(&findings, "d", "completed")), (0.0, 1.0));
}
