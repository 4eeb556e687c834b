//! The lines of which random scenarios are put together. The empty one stands for leaving the key out.

use super::super::broker_invariants::{Choices, QUEUE, STREAM};

/// Numbers of a case, one a choice. Smaller ones are simpler, so that a case that fails shrinks to what matters.
pub(super) struct Draw<'n>(std::slice::Iter<'n, usize>);

impl<'n> Draw<'n> {
    pub(super) fn new(numbers: &'n [usize]) -> Draw<'n> {
        Draw(numbers.iter())
    }

    fn number(&mut self) -> usize {
        self.0.next().copied().unwrap_or(0)
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.number() % list.len()]
    }

    /// The first one, but for one case in `odds`.
    fn seldom<T: Copy>(&mut self, odds: usize, list: &[T]) -> T {
        let number = self.number();
        if number % odds == odds - 1 { list[number / odds % list.len()] } else { list[0] }
    }
}

/// From 30 s on nobody asks for anything anew, but for two requests a second from 60 to 65 s.
const ARRIVALS: &[&str] = &[
    "rate = \"20/s\"\nSTAGES",
    "rate = \"60/s\"\nSTAGES",
    "rate = \"10/s\"\nstages = [{ duration = \"8s\", target = \"10/s\" }, { duration = \"0s\", target = \"150/s\" }, \
     { duration = \"5s\", target = \"150/s\" }, { duration = \"0s\", target = \"10/s\" }, \
     { duration = \"17s\", target = \"10/s\" }, TAIL]",
    "cron = { every = \"10m\", count = 300, jitter = \"4s\", at = \"5s\" }",
    "cron = { every = \"10m\", count = 200, at = \"9s\" }\nrate = \"10/s\"\nSTAGES",
    "clients = { count = 25, think = { exp = \"300ms\" } }",
];
const STAGES: &str = "stages = [{ duration = \"30s\", target = \"20/s\" }, TAIL]";
const TAIL: &str = "{ duration = \"0s\", target = \"0/s\" }, { duration = \"30s\", target = \"0/s\" }, \
                    { duration = \"0s\", target = \"2/s\" }, { duration = \"5s\", target = \"2/s\" }, \
                    { duration = \"0s\", target = \"0/s\" }";
const REJECTS: &[&str] = &[
    "",
    "on_reject = { spill = { capacity = 40, rate = \"20/s\" } }",
    "on_reject = { retry = { backoff = \"200ms\", jitter = \"full\", max_attempts = 4 } }",
    "on_reject = { retry = { backoff = \"100ms\", factor = 2, cap = \"2s\", max_attempts = 6, budget = \"aws-standard\" } }",
    "on_reject = { retry = { policy = \"aws-adaptive\" } }",
    "on_reject = \"block\"",
];
const REPLIES: &[&str] = &[
    "",
    "reply = { timeout = \"600ms\", retry = { backoff = \"50ms\", max_attempts = 3 } }",
    "reply = { timeout = \"800ms\", retry = { policy = \"grpc\", budget = { tokens = 20, token_ratio = 0.2 } } }",
    "reply = { timeout = \"500ms\", retry = { backoff = \"20ms\", max_attempts = 4, budget = { ratio = \"10%\", min_per_s = 1, ttl = \"10s\" } } }",
    "reply = { timeout = \"500ms\", retry = { policy = \"aws-adaptive\" } }",
    "reply = { timeout = \"400ms\", retry = { growth = \"envoy\", backoff = \"25ms\", max_attempts = 3, budget = { active_ratio = \"10%\", min_concurrency = 2 } } }",
];
const KEYS: &[&str] =
    &["", "keys = { count = 7 }", "keys = { count = 40, zipf = 1.2 }", "size = \"3 KB\"", "poison = 0.03"];

pub(super) fn producer(draw: &mut Draw<'_>, to: &str) -> String {
    let arrivals = draw.of(ARRIVALS).replace("STAGES", STAGES).replace("TAIL", TAIL);
    let mut outbox = draw.seldom(5, &["", "outbox = { poll = \"500ms\", batch = 15 }"]);
    let (mut rejects, mut replies) = (draw.seldom(2, REJECTS), draw.seldom(3, REPLIES));
    let keys = draw.seldom(2, KEYS);
    // Where the language knows that a key would change nothing, it is left out from the beginning.
    if arrivals.starts_with("clients") {
        outbox = "";
        replies = if replies.is_empty() { REPLIES[1] } else { replies };
    }
    if to == "t" {
        replies = "";
    }
    if to == "t" || !outbox.is_empty() {
        rejects = "";
    }
    let own = [arrivals.as_str(), outbox, rejects, replies, keys].map(line).concat();
    let tail = if arrivals.starts_with("clients") {
        "[[fault]]\nname = \"tail\"\nat = \"31s\"\nfor = \"59s\"\nproducer = \"p\"\npause = true\n"
    } else {
        ""
    };
    format!("[producer.p]\nto = \"{to}\"\n{own}{tail}")
}

pub(super) fn line(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{text}\n") }
}

/// What queues and their consumers have to say by themselves: of the queue, of the consumer.
pub(super) fn broker(draw: &mut Draw<'_>, stream: bool) -> (String, String) {
    let choices: Choices = if stream { STREAM } else { QUEUE };
    let mut tables = (String::new(), String::new());
    for (i, (table, list)) in choices.iter().enumerate() {
        let chosen = if stream && i == 0 { draw.of(list) } else { draw.seldom(6, list) };
        if *table == "queue" { &mut tables.0 } else { &mut tables.1 }.push_str(&line(chosen));
    }
    tables
}

const SERVICES: &[&str] = &[
    "service = { exp = \"20ms\" }",
    "service = \"30ms\"",
    "service = { choice = [{ share = 0.9, value = \"10ms\" }, { share = 0.1, value = \"400ms\" }] }",
];
const OUTCOMES: &[&str] = &["", "failure = 0.2", "failure = 0.6", "failure = 0.1\npermanent_failure = 0.05"];
const TIMEOUTS: &[&str] = &["", "timeout = \"250ms\"", "timeout = \"40ms\""];
const RETRIES: &[&str] = &[
    "",
    "retry = { policy = \"sidekiq\" }",
    "retry = { backoff = \"100ms\", max_attempts = 4, budget = \"aws-standard\" }",
    "retry = { backoff = \"50ms\", max_attempts = 3, budget = { ratio = \"10%\", min_per_s = 1, ttl = \"10s\" } }",
    "retry = { backoff = \"100ms\", max_attempts = 3, where = \"process\" }",
    "retry = { policy = \"aws-adaptive\", where = \"process\" }",
];
const ONWARD: &[&str] = &["", "then = [{ to = \"next\", share = 0.5 }]", "then = [{ to = \"next\", times = 3 }]"];

pub(super) fn worker(draw: &mut Draw<'_>, scaling: &str, of_consumer: &str, stream: bool) -> String {
    let replicas = if !scaling.is_empty() {
        ""
    } else {
        draw.of(&[
            "replicas = 4",
            "replicas = 1",
            "replicas = 5\nschedule = [{ at = \"9s\", replicas = 2 }, { at = \"20s\", replicas = 6 }]",
        ])
    };
    let (concurrency, retry) = (draw.of(&["", "concurrency = 3", "concurrency = 10"]), draw.seldom(4, RETRIES));
    [
        replicas,
        if scaling.contains("lambda") { "" } else { concurrency },
        if stream || of_consumer.contains("retry = ") { "" } else { retry },
        draw.of(SERVICES),
        draw.seldom(3, OUTCOMES),
        draw.seldom(4, TIMEOUTS),
        draw.seldom(4, ONWARD),
        draw.seldom(8, &["", "ack = \"before\""]),
        draw.seldom(5, &["", "crash = { mtbf = \"8s\", restart = \"2s\" }"]),
    ]
    .map(line)
    .concat()
}

const CALL: &[&[&str]] = &[
    &[
        "",
        ", timeout = \"200ms\"",
        ", timeout = \"1s\"",
        ", timeout = \"20ms\"",
        ", timeout = \"200ms\", deadline = true",
        ", timeout = \"60ms\", deadline = true",
    ],
    &[
        "",
        ", retry = { backoff = \"50ms\", max_attempts = 3 }",
        ", retry = { backoff = \"0s\", max_attempts = 4 }",
        ", retry = { policy = \"aws-standard\" }",
        ", retry = { policy = \"aws-adaptive\" }",
        ", retry = { policy = \"grpc\" }",
        ", retry = { policy = \"finagle\" }",
        ", retry = { growth = \"envoy\", backoff = \"25ms\", max_attempts = 3, budget = { active_ratio = \"20%\", min_concurrency = 1 } }",
        ", retry = { backoff = \"10ms\", max_attempts = 5, budget = { ratio = \"10%\", min_per_s = 1, ttl = \"10s\" } }",
    ],
    &[
        "",
        ", breaker = \"resilience4j\"",
        ", breaker = \"gobreaker\"",
        ", breaker = { consecutive = 3, open_for = \"2s\" }",
        ", breaker = { failure_rate = \"30%\", window = \"5s\", minimum_calls = 5, open_for = \"3s\", half_open_calls = 2, slow_call = \"100ms\", slow_call_rate = \"50%\" }",
        ", breaker = { window = 10, minimum_calls = 4, open_for = \"1s\", half_open_calls = 1 }",
    ],
    &["", ", bulkhead = 1", ", bulkhead = 2"],
    &[
        "",
        ", hedge = { after = \"15ms\" }",
        ", hedge = { after = \"10ms\", max = 3 }",
        ", hedge = { after = \"100ms\" }",
    ],
    &["", ", share = 0.5"],
];

/// One call: of every second key there is something to say.
fn call(draw: &mut Draw<'_>, dependency: &str) -> String {
    let keys: String = CALL.iter().map(|list| draw.seldom(2, list)).collect();
    format!("{{ dependency = \"{dependency}\"{keys} }}")
}

pub(super) fn calls(draw: &mut Draw<'_>) -> String {
    let first = call(draw, "d");
    let more = draw.seldom(3, &["", "d", "e"]);
    if more.is_empty() { format!("calls = [{first}]\n") } else { format!("calls = [{first}, {}]\n", call(draw, more)) }
}

const DEPENDENCY: &[&[&str]] = &[
    &[
        "service = { exp = \"20ms\" }",
        "service = \"15ms\"",
        "service = { choice = [{ share = 0.9, value = \"10ms\" }, { share = 0.1, value = \"600ms\" }] }",
    ],
    &[
        "concurrency = 20",
        "concurrency = 2",
        "concurrency = 5\nslowdown = { factor = 3, from = \"50%\" }",
        "concurrency = 4\nslowdown = 2",
        "",
    ],
    &["", "queue_limit = 0", "queue_limit = 5"],
    &["", "order = \"lifo\""],
    &["", "rate_limit = \"30/s\"", "rate_limit = { rate = \"15/s\", burst = 40 }"],
    &["", "error_rate = 0.2", "error_rate = 0.7\nfailure_service = \"1ms\""],
];

pub(super) fn dependency(draw: &mut Draw<'_>, name: &str) -> String {
    let mut keys = String::new();
    for (i, list) in DEPENDENCY.iter().enumerate() {
        let chosen = if i < 2 { draw.of(list) } else { draw.seldom(3, list) };
        let of_waiting = chosen.starts_with("queue_limit") || chosen.starts_with("order");
        if !of_waiting || keys.contains("concurrency") {
            keys += &line(chosen);
        }
    }
    format!("[dependency.{name}]\n{keys}")
}

/// Each brings its own bounds, and its shortest periods.
const SCALING: &[&str] = &[
    "policy = \"hpa\"\nsync_period = \"2s\"\ntarget = 5\nmin = 1\nmax = 8\nscale_down = { stabilization_window = \"4s\" }",
    "policy = \"hpa\"\nmetric = \"utilization\"\nsync_period = \"1s\"\nmetric_period = \"2s\"\ntarget = \"60%\"\nmin = 2\nmax = 8\nscale_up = { stabilization_window = \"2s\", policies = [{ type = \"percent\", value = 50, period = \"5s\" }, { type = \"pods\", value = 2, period = \"3s\" }], select = \"min\" }\nscale_down = { stabilization_window = \"2s\" }",
    "policy = \"keda\"\ntarget = 5\nmin = 0\nmax = 8\npolling_interval = \"2s\"\nsync_period = \"1s\"\ncooldown = \"4s\"\nscale_down = { stabilization_window = \"2s\" }",
    "policy = \"keda\"\nmetric = \"oldest_age\"\ntarget = \"1s\"\nmax = 6\npolling_interval = \"1s\"\nsync_period = \"1s\"\ncooldown = \"2s\"\nscale_down = { stabilization_window = \"0s\" }",
    "policy = \"target-tracking\"\nmetric = \"oldest_age\"\ntarget = \"1s\"\nmin = 1\nmax = 8\nalarm_period = \"1s\"\nscale_out_periods = 2\nscale_in_periods = 4\nscale_out_cooldown = \"2s\"\nscale_in_cooldown = \"1s\"",
    "policy = \"target-tracking\"\ntarget = 4\nmin = 1\nmax = 8\nalarm_period = \"1s\"\nscale_in_periods = 3\nscale_in_cooldown = \"1s\"",
    "policy = \"step\"\nmetric = \"ready\"\nthreshold = 10\nsteps = [{ from = 0, to = 20, adjust = 1 }, { from = 20, adjust = 3 }, { to = -5, adjust = -2 }]\nmax = 8\nalarm_period = \"1s\"\ncooldown = \"2s\"",
    "policy = \"step\"\nthreshold = 20\nsteps = [{ from = 0, adjust = 7 }, { to = 0, adjust = 1 }]\nadjustment = \"exact\"\nmax = 8\nalarm_period = \"1s\"\ncooldown = \"1s\"\nperiods = 2",
    "policy = \"lambda\"\nstart = 1\nramp = \"60/min\"\nmax = 6",
    "policy = \"lambda\"\nstart = 2\nramp = \"300/min\"\nmax = 8\nreserved_concurrency = 2",
    "policy = \"schedule\"\nsteps = [{ at = \"4s\", replicas = 4 }, { at = \"9s\", replicas = 0 }, { at = \"11s\", replicas = 2 }]",
    "policy = \"schedule\"\nsteps = [{ at = \"1s\", replicas = 4 }, { at = \"3s\", replicas = 1 }]\nevery = \"5s\"",
];
const LIFECYCLE: &[&[&str]] = &[
    &["", "startup = \"500ms\"", "startup = { exp = \"3s\" }"],
    &["", "warm_speed = { speed = 0.3, for = \"2s\" }"],
    &["", "drain = \"50ms\"", "drain = \"10s\"", "drain = \"0s\""],
    &["", "provision = \"3s\"", "provision = { exp = \"2s\" }\nheadroom = 2\nnode_idle = \"5s\""],
    &["", "metric_delay = \"1500ms\""],
];

/// What stands below the consumer, or nothing.
pub(super) fn scaling(draw: &mut Draw<'_>, scaled: bool) -> String {
    if !scaled {
        return String::new();
    }
    let policy = draw.of(SCALING);
    let keys: String = LIFECYCLE.iter().map(|list| line(draw.seldom(2, list))).collect();
    format!("[consumer.w.scaling]\n{policy}\n{keys}")
}

const STEP: &[&[&str]] = &[
    &["service = { exp = \"200ms\" }", "service = \"100ms\"", "service = { exp = \"1s\" }"],
    &["", ", failure = 0.3", ", permanent_failure = 0.1", ", failure = 0.5"],
    &[
        "",
        ", retry = { max_attempts = 3 }",
        ", retry = { max_attempts = 2, backoff = { exp = \"1s\" } }",
        ", retry = { max_attempts = 4, backoff = \"100ms\", factor = 2, cap = \"2s\", jitter = \"full\" }",
    ],
    &[
        "",
        ", start_to_close = \"3s\"",
        ", start_to_close = \"500ms\"",
        ", start_to_close = \"10s\", heartbeat = \"1s\"",
        ", schedule_to_start = \"2s\", start_to_close = \"5s\"",
    ],
    &["", ", concurrency = 1", ", concurrency = 3"],
];

fn step(draw: &mut Draw<'_>) -> String {
    let mut keys: String =
        STEP.iter().enumerate().map(|(i, list)| if i == 0 { draw.of(list) } else { draw.seldom(2, list) }).collect();
    if draw.seldom(2, &[false, true]) {
        keys += &format!(", {}", calls(draw).trim_end());
    }
    keys
}

/// A workflow with a producer of its own; who asks for it again, and what goes wrong with it.
pub(super) fn workflow(draw: &mut Draw<'_>) -> String {
    let engine = draw.of(&["generic", "temporal", "step-functions", "durable-functions"]);
    let fault = draw
        .seldom(2, &["", "crash = 1", "hang = 1", "crash = \"100%\"", "pause = true", "slow = 4", "error_rate = 0.8"]);
    let mut steps = vec![];
    for number in 0..draw.of(&[1, 2, 3]) {
        let (mut own, mut undo) = (step(draw), step(draw));
        // What a dead or hung worker was at is noticed by its timeout only.
        if (fault.contains("crash") || fault.contains("hang") || engine == "temporal")
            && !own.contains("start_to_close")
        {
            own += ", start_to_close = \"4s\"";
        }
        if engine == "temporal" && !undo.contains("start_to_close") {
            undo += ", start_to_close = \"4s\"";
        }
        let undo = if draw.seldom(2, &[false, true]) { format!(", compensate = {{ {undo} }}") } else { String::new() };
        let wait = draw.seldom(4, &["", ", wait = { exp = \"2s\" }"]);
        let workers = draw.of(&[2, 1, 5]);
        steps.push(format!("{{ name = \"s{number}\", workers = {workers}, {own}{wait}{undo} }}"));
    }
    let decisions = draw.seldom(4, &["", "decisions = { service = \"20ms\", timeout = \"1s\", sticky = \"3s\" }\n"]);
    let ask = draw.seldom(
        4,
        &[
            "",
            "reply = { timeout = \"3s\", retry = { backoff = \"1s\", max_attempts = 3, budget = \"aws-standard\" } }\n",
        ],
    );
    let fault = if fault.is_empty() {
        String::new()
    } else {
        format!("[[fault]]\nname = \"flow\"\nat = \"10s\"\nfor = \"6s\"\nconsumer = \"f/s0\"\n{fault}\n")
    };
    format!(
        "[producer.g]\nto = \"f\"\nrate = \"2/s\"\nstages = [{{ duration = \"25s\", target = \"3/s\" }}, {{ duration = \"0s\", target = \"0/s\" }}]\n{ask}\
         [workflow.f]\nengine = \"{engine}\"\n{decisions}steps = [{}]\n{fault}",
        steps.join(", ")
    )
}

const WORKER_FAULTS: &[&str] = &[
    "",
    "crash = 1",
    "crash = \"100%\"",
    "hang = \"50%\"",
    "pause = true",
    "slow = 5",
    "error_rate = 0.7",
    "deploy = { max_unavailable = \"40%\", drain = \"150ms\", startup = { exp = \"1s\" } }",
    "deploy = { max_unavailable = 1, drain = \"5s\", startup = \"500ms\" }",
];
const BROKER_FAULTS: &[&str] = &["", "pause = true", "down = \"refuse\"", "down = \"blackhole\""];
const PARTITIONS: &[&str] = &["", "partitions = 1\n", "partitions = [0, 2]\n"];
const CALL_FAULTS: &[&str] = &["", "down = \"refuse\"", "down = \"blackhole\"", "error_rate = 0.8", "slow = 4"];

pub(super) fn faults(draw: &mut Draw<'_>, stream: bool, fan_out: bool) -> String {
    let worker = draw.seldom(2, WORKER_FAULTS);
    let part = if stream { draw.seldom(2, PARTITIONS) } else { "" };
    let target = if stream { "stream" } else { "queue" };
    let (broker, topic) = (draw.seldom(2, BROKER_FAULTS), if fan_out { draw.seldom(2, BROKER_FAULTS) } else { "" });
    let (first, second) = (draw.seldom(2, CALL_FAULTS), draw.seldom(3, CALL_FAULTS));
    let all = [
        ("consumer = \"w\"".to_owned(), worker),
        (format!("{part}{target} = \"q\""), broker),
        ("topic = \"t\"".to_owned(), topic),
        ("dependency = \"d\"".to_owned(), first),
        ("dependency = \"d\"".to_owned(), second),
    ];
    let mut out = String::new();
    for (i, (target, effect)) in all.iter().enumerate().filter(|(_, (_, effect))| !effect.is_empty()) {
        let at = draw.of(&[12, 8, 16, 20]);
        // A rolling deploy ends by itself.
        let span = if effect.starts_with("deploy") { "" } else { "for = \"6s\"\n" };
        out += &format!("[[fault]]\nname = \"f{i}\"\nat = \"{at}s\"\n{span}{target}\n{effect}\n");
    }
    out
}

/// Of the dead-letter queue, where there is one.
pub(super) fn redrive(draw: &mut Draw<'_>, back: &str) -> String {
    let redrive = draw.of(&[
        "",
        "{ to = \"next\", at = \"15s\" }",
        "{ to = \"BACK\", at = \"12s\", still_failing = 0.5 }",
        "{ to = \"BACK\", at = \"10s\", rate = \"20/s\" }",
    ]);
    if redrive.is_empty() {
        String::new()
    } else {
        format!("[queue.dlq]\nredrive = {}\n", redrive.replace("BACK", back))
    }
}
