//! The cases: scenarios of which theory says what a run expects, exactly or but for what a long warm-up leaves.

use tailback::study::{ComponentFindings, Findings, Stat};

/// A figure of one scenario.
pub(crate) struct RunCase {
    pub(crate) name: &'static str,
    pub(crate) text: String,
    pub(crate) exact: f64,
    pub(crate) read: fn(&Findings) -> Stat,
}

/// A figure of two scenarios.
pub(crate) struct CompareCase {
    pub(crate) name: &'static str,
    pub(crate) first: String,
    pub(crate) second: String,
    /// Second less first.
    pub(crate) exact: f64,
    pub(crate) figure: &'static str,
}

/// The smallest number of servers that keeps an objective.
pub(crate) struct PlanCase {
    pub(crate) name: &'static str,
    /// The scenario with so many servers.
    pub(crate) text: fn(u32) -> String,
    pub(crate) most: u32,
    pub(crate) exact: u32,
    /// Of the objective's figure with that number.
    pub(crate) value: f64,
}

fn queue(findings: &Findings) -> &ComponentFindings {
    findings.component("q").expect("the queue")
}

fn total(findings: &Findings, name: &str) -> Stat {
    queue(findings).total(name).expect("a total").clone()
}

/// Twenty runs, as by default.
fn scenario(head: &str, rate: f64, queue: &str, replicas: u32, service: &str, more: &str) -> String {
    format!(
        "runs = 20\n{head}\n[producer.p]\nto = \"q\"\nrate = \"{rate}/s\"\n[queue.q]\n{queue}\n\
         [consumer.w]\nfrom = \"q\"\nreplicas = {replicas}\nservice = {service}\n{more}\n"
    )
}

/// M/D/∞: after the service time has passed once, the number at work is Poisson of mean λD.
fn at_work(service_s: u32) -> String {
    let head = "duration = \"5m\"\nwarmup = \"10s\"\ntick = \"1s\"\nslo = [\"w.busy.mean < 100\"]";
    scenario(head, 10.0, "", 200, &format!("\"{service_s}s\""), "")
}

/// M/M/1 of 5/s, half an hour after a warm-up of a minute: 50 relaxation times of 1/(√10 − √5)² = 1.2 s.
fn single(service_ms: u32) -> String {
    let head = "duration = \"31m\"\nwarmup = \"1m\"\ntick = \"1s\"\nslo = [\"q.backlog.mean < 100\"]";
    scenario(head, 5.0, "", 1, &format!("{{ exp = \"{service_ms}ms\" }}"), "")
}

/// M/D/1 that begins with 200 messages: the time until it is empty first is a busy period of 200, 200·D/(1 − λD) in the
/// mean. The window ends a millisecond after the start, and recovery is told from there.
fn emptied(service_ms: u32) -> String {
    let head = "duration = \"10m\"\ntick = \"10s\"";
    let queue = "initial = { messages = 200, age = \"0s\" }\nrecovered_when = \"backlog <= 0\"\nhold = \"0s\"";
    let window = "[[window]]\nname = \"start\"\nat = \"0s\"\nfor = \"1ms\"";
    scenario(head, 5.0, queue, 1, &format!("\"{service_ms}ms\""), window)
}

/// Everybody is served at once, for a second; a message fails with probability p at each of three deliveries. Those of
/// the first 597 s of 600 are through: λ·597·p³ are dead.
fn dead(failure: f64) -> String {
    let head = "duration = \"10m\"\ntick = \"10s\"";
    scenario(head, 5.0, "max_deliveries = 3\ndead_letter = \"dead\"", 200, "\"1s\"", &format!("failure = {failure}"))
}

/// M/M/c of 2/s and 1 s for half an hour, after a warm-up of a hundred relaxation times of 1/(√4 − √2)² = 3 s.
fn staffed(servers: u32, objective: &str) -> String {
    let head = format!("duration = \"35m\"\nwarmup = \"5m\"\ntick = \"1m\"\nslo = [\"{objective}\"]");
    scenario(&head, 2.0, "", servers, "{ exp = \"1s\" }", "")
}

/// P(wait > 0), by Erlang C.
fn delayed(rate: f64, service_s: f64, servers: u32) -> f64 {
    let offered = rate * service_s;
    let blocked = (1..=servers).fold(1.0, |b, k| offered * b / (f64::from(k) + offered * b));
    blocked / (1.0 - offered / f64::from(servers) * (1.0 - blocked))
}

/// The mean number that waits.
fn waiting(rate: f64, service_s: f64, servers: u32) -> f64 {
    let load = rate * service_s / f64::from(servers);
    delayed(rate, service_s, servers) * load / (1.0 - load)
}

pub(crate) fn of_run() -> Vec<RunCase> {
    let poisson = scenario("duration = \"10m\"\ntick = \"10s\"", 2.0, "", 10, "\"100ms\"", "");
    let ten = {
        let head = "duration = \"63m\"\nwarmup = \"3m\"\ntick = \"10s\"";
        scenario(head, 8.0, "", 10, "{ exp = \"1s\" }", "")
    };
    vec![
        RunCase {
            name: "Poisson arrivals: messages published in 10 min at 2/s",
            text: poisson,
            exact: 1_200.0,
            read: |findings| total(findings, "published"),
        },
        RunCase {
            name: "M/D/∞: workers busy, 10/s for 2 s each",
            text: at_work(2),
            exact: 20.0,
            read: |findings| findings.component("w").and_then(|w| w.average("busy")).expect("busy").clone(),
        },
        RunCase {
            name: "M/M/1 at 50 %: mean wait, s (pooled)",
            text: single(100),
            exact: 0.1,
            read: |findings| {
                let wait = queue(findings).wait.clone().expect("waits");
                // The interval of a pooled mean, in the shape of the others.
                let (mean, ci95) = (wait.mean, wait.ci95);
                Stat { mean, ci95, p05: mean, p50: mean, p95: mean, min: mean, max: mean }
            },
        },
        RunCase {
            name: "M/M/1 at 50 %: mean backlog",
            text: single(100),
            exact: 1.0,
            read: |findings| queue(findings).average("backlog").expect("a backlog").clone(),
        },
        RunCase {
            name: "M/M/10 at 80 %: mean number waiting",
            text: ten,
            exact: waiting(8.0, 1.0, 10),
            read: |findings| queue(findings).average("ready").expect("ready").clone(),
        },
        RunCase {
            name: "three tries at 50 %: messages dead",
            text: dead(0.5),
            exact: 5.0 * 597.0 * 0.125,
            read: |findings| total(findings, "dead_lettered"),
        },
        RunCase {
            name: "M/D/1 from 200 behind: recovery time, s",
            text: emptied(100),
            exact: 200.0 * 0.1 / 0.5 - 0.001,
            read: |findings| {
                let recovery = queue(findings).recovery.clone().expect("a window");
                recovery.stat.expect("it empties in every run")
            },
        },
    ]
}

pub(crate) fn of_compare() -> Vec<CompareCase> {
    vec![
        CompareCase {
            name: "M/D/∞: workers busy, 3 s against 2 s",
            first: at_work(2),
            second: at_work(3),
            exact: 10.0,
            figure: "w.busy.mean",
        },
        CompareCase {
            name: "M/M/1: mean backlog, 80 ms against 100 ms",
            first: single(100),
            second: single(80),
            exact: 0.4 / 0.6 - 1.0,
            figure: "q.backlog.mean",
        },
        CompareCase {
            name: "M/D/1 from 200 behind: recovery time, 80 ms against 100 ms, s",
            first: emptied(100),
            second: emptied(80),
            exact: 200.0 * 0.08 / 0.6 - 200.0 * 0.1 / 0.5,
            figure: "q.recovery_time",
        },
        CompareCase {
            name: "three tries: messages dead, 40 % against 50 %",
            first: dead(0.5),
            second: dead(0.4),
            exact: 5.0 * 597.0 * (0.064 - 0.125),
            figure: "q.dead_lettered",
        },
    ]
}

/// With three servers of the four the mean wait is 0.44 s and its 99th percentile 3.8 s. The last case is close: four
/// servers wait 87 ms, two hundredths too long.
pub(crate) fn of_plan() -> Vec<PlanCase> {
    vec![
        PlanCase {
            name: "M/M/c, 2 erlang: fewest servers with a mean wait below 200 ms",
            text: |servers| staffed(servers, "q.wait.mean < 200ms"),
            most: 8,
            exact: 4,
            value: waiting(2.0, 1.0, 4) / 2.0,
        },
        PlanCase {
            name: "M/M/c, 2 erlang: fewest servers with a p99 wait below 2 s",
            text: |servers| staffed(servers, "q.wait.p99 < 2s"),
            most: 8,
            exact: 4,
            // P(W > t) = P(W > 0) · exp(−(c/s − λ)t).
            value: (delayed(2.0, 1.0, 4) / 0.01).ln() / 2.0,
        },
        PlanCase {
            name: "M/M/c, 2 erlang: fewest servers with a mean wait below 85 ms",
            text: |servers| staffed(servers, "q.wait.mean < 85ms"),
            most: 8,
            exact: 5,
            value: waiting(2.0, 1.0, 5) / 2.0,
        },
    ]
}
