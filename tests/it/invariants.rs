//! What must hold in every scenario, whatever it says: conservation, determinism, monotonicity, Little's law.

#![allow(clippy::print_stderr, reason = "says what was skipped")]

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tailback::study::{ComponentFindings, ComponentKind, Findings};

type FileMap = BTreeMap<String, Vec<u8>>;

fn simulate(text: &str, files: &FileMap) -> Findings {
    tailback::simulate(text, files).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The same cases at every run.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]))
}

fn total(component: &ComponentFindings, name: &str) -> f64 {
    component.total(name).unwrap_or_else(|| panic!("{} has no total {name}", component.name)).mean
}

fn queues(findings: &Findings) -> impl Iterator<Item = &ComponentFindings> {
    let queue = |kind| matches!(kind, ComponentKind::Queue | ComponentKind::DeadLetterQueue);
    findings.components.iter().filter(move |component| queue(component.kind))
}

/// Nothing appears or vanishes: every published message is in one final state or still unfinished.
fn assert_conserved(findings: &Findings, text: &str) {
    for queue in queues(findings) {
        let parts = [
            "rejected",
            "completed",
            "dead_lettered",
            "expired",
            "dropped",
            "unfinished_ready",
            "unfinished_in_flight",
            "unfinished_delayed",
        ];
        let sum: f64 = parts.iter().map(|name| total(queue, name)).sum();
        let published = total(queue, "published");
        assert!((published - sum).abs() <= 1e-9 * published.max(1.0), "{}: {published} ≠ {sum}\n{text}", queue.name);
    }
}

/// ∫ backlog dt = Σ times in system, unfinished messages included: an identity of every single run.
fn assert_little(findings: &Findings, text: &str) {
    for queue in queues(findings) {
        let (area, times) = (total(queue, "backlog_area_s"), total(queue, "time_in_system_s"));
        assert!((area - times).abs() <= 1e-9 * area.max(1.0), "{}: area {area}, times {times}\n{text}", queue.name);
        if findings.warmup_s == 0.0 {
            let average = queue.average("backlog").expect("a mean backlog").mean * findings.duration_s;
            assert!((area - average).abs() <= 1e-6 * area.max(1.0), "{}: area {area}, average {average}", queue.name);
        }
    }
}

/// Independent features of one queue and its consumers, each there or not.
#[derive(Debug, Clone)]
struct Features {
    seed: u64,
    arrivals: usize,
    client: usize,
    batch_arrivals: bool,
    lease: usize,
    limit: Option<u32>,
    ttl: usize,
    bound: usize,
    priority: bool,
    lifo: bool,
    delay: bool,
    most_in_flight: Option<u32>,
    initial: bool,
    replicas: u32,
    concurrency: u32,
    service: usize,
    overhead: bool,
    unequal: bool,
    collect: usize,
    ack_before: bool,
    failure: usize,
    retry: usize,
    timeout: bool,
    crashes: bool,
    onward: usize,
    faults: Vec<usize>,
    schedule: bool,
    poison: bool,
}

prop_compose! {
    fn traffic()(
        seed in 0_u64..1_000_000,
        arrivals in 0_usize..7,
        client in 0_usize..5,
        batch_arrivals: bool,
        poison: bool,
        initial: bool,
        ttl in 0_usize..3,
        bound in 0_usize..6,
    ) -> (u64, usize, usize, bool, bool, bool, usize, usize) {
        (seed, arrivals, client, batch_arrivals, poison, initial, ttl, bound)
    }
}

prop_compose! {
    fn work()(
        replicas in 1_u32..6,
        concurrency in 1_u32..3,
        service in 0_usize..6,
        overhead: bool,
        unequal: bool,
        collect in 0_usize..5,
        ack_before in prop::bool::weighted(0.2),
        failure in 0_usize..4,
        retry in 0_usize..7,
        timeout in prop::bool::weighted(0.3),
    ) -> (u32, u32, usize, bool, bool, usize, bool, usize, usize, bool) {
        (replicas, concurrency, service, overhead, unequal, collect, ack_before, failure, retry, timeout)
    }
}

prop_compose! {
    fn features()(
        (seed, arrivals, client, batch_arrivals, poison, initial, ttl, bound) in traffic(),
        (replicas, concurrency, service, overhead, unequal, collect, ack_before, failure, retry, timeout) in work(),
        lease in 0_usize..4,
        limit in prop::option::of(1_u32..5),
        priority in prop::bool::weighted(0.3),
        lifo in prop::bool::weighted(0.2),
        delay in prop::bool::weighted(0.2),
        most_in_flight in prop::option::weighted(0.2, 1_u32..8),
        crashes in prop::bool::weighted(0.3),
        onward in 0_usize..4,
        faults in prop::collection::vec(0_usize..9, 0..3),
        schedule: bool,
    ) -> Features {
        Features {
            seed, arrivals, client, batch_arrivals, lease, limit, ttl, bound, priority, lifo, delay, most_in_flight,
            initial, replicas, concurrency, service, overhead, unequal, collect, ack_before, failure, retry, timeout,
            crashes, onward, faults, schedule, poison,
        }
    }
}

const ARRIVALS: [&str; 7] = [
    "rate = \"40/s\"",
    "rate = \"10/s\"\nspikes = [{ at = \"10s\", for = \"10s\", rate = \"150/s\", ramp = \"2s\" }]",
    "rate = \"20/s\"\nwave = { amplitude = \"30/s\", period = \"20s\" }",
    "rate = \"5/s\"\nstages = [{ duration = \"10s\", target = \"80/s\" }, { duration = \"0s\", target = \"10/s\" }]",
    "rate = \"30/s\"\nprocess = { cv = 2.0 }",
    "process = { mmpp = [{ rate = \"0/s\", mean_stay = \"4s\" }, { rate = \"120/s\", mean_stay = \"2s\" }] }",
    "rate = \"50/s\"\nprocess = \"constant\"",
];
const CLIENTS: [&str; 5] = [
    "",
    "on_reject = \"block\"",
    "on_reject = { retry = { backoff = \"200ms\", factor = 2, cap = \"2s\", jitter = \"full\", max_attempts = 4 } }",
    "reply = { timeout = \"500ms\" }",
    "reply = { timeout = \"800ms\", retry = { backoff = \"100ms\", jitter = \"equal\", max_attempts = 3 } }",
];
const LEASES: [&str; 4] = [
    "",
    "visibility_timeout = \"100ms\"",
    "visibility_timeout = \"150ms\"\nstale_ack = \"rejected\"",
    "visibility_timeout = \"30s\"",
];
const TTLS: [&str; 3] = ["", "ttl = \"1s\"", "ttl = { exp = \"3s\" }"];
const BOUNDS: [&str; 6] = [
    "",
    "capacity = 0",
    "capacity = 20\noverflow = \"reject\"",
    "capacity = 20\noverflow = \"drop-head\"",
    "capacity = 20\noverflow = \"drop-new\"",
    "capacity = 20\noverflow = \"block\"",
];
const SERVICES: [&str; 6] = [
    "\"50ms\"",
    "{ exp = \"60ms\" }",
    "{ lognormal = { mean = \"60ms\", cv = 2.0 } }",
    "{ hyperexp = [{ share = 0.9, mean = \"20ms\" }, { share = 0.1, mean = \"400ms\" }] }",
    "{ pareto = { min = \"10ms\", alpha = 1.3, cap = \"5s\" } }",
    "{ exp = \"30ms\", shift = \"20ms\" }",
];
const COLLECT: [&str; 5] = [
    "",
    "prefetch = 1",
    "prefetch = 12",
    "batch = { size = 5, wait = \"200ms\" }",
    "batch = { size = 8, wait = \"0s\", partial = true, service_per_batch = { exp = \"120ms\" } }",
];
const FAILURES: [&str; 4] = ["", "failure = 0.2", "failure = 0.6", "failure = 0.1\npermanent_failure = 0.05"];
const RETRIES: [&str; 7] = [
    "",
    "retry = { backoff = \"300ms\" }",
    "retry = { max_attempts = 3, backoff = \"100ms\", factor = 2, cap = \"5s\", jitter = \"full\" }",
    "retry = { max_attempts = 4, backoff = { exp = \"200ms\" }, jitter = \"equal\" }",
    "retry = { max_attempts = 6, backoff = \"50ms\", cap = \"2s\", jitter = \"decorrelated\" }",
    "retry = { max_attempts = 3, backoff = \"100ms\", where = \"process\" }",
    "retry = { max_attempts = 2, backoff = \"0s\" }",
];
const ONWARD: [&str; 4] = [
    "",
    "then = [{ to = \"next\" }]",
    "then = [{ to = \"next\", share = 0.5, times = 2 }, { to = \"q\", share = 0.2 }]",
    "then = [{ to = \"next\", share = 0.5 }, { to = \"fan\", share = 0.3 }]\nroute = \"one\"",
];
const FAULTS: [&str; 9] = [
    "consumer = \"w\"\nerror_rate = 0.7",
    "consumer = \"w\"\nslow = 4",
    "consumer = \"w\"\ncrash = 1",
    "consumer = \"w\"\nhang = \"50%\"",
    "consumer = \"w\"\npause = true",
    "queue = \"q\"\npause = true",
    "queue = \"q\"\ndown = \"refuse\"",
    "producer = \"p\"\ntimes = 3",
    "producer = \"p\"\npause = true",
];

impl Features {
    fn text(&self) -> String {
        let mut out = format!(
            "title = \"random\"\nduration = \"40s\"\nwarmup = \"5s\"\nseed = {}\nruns = 2\ntick = \"1s\"\n\n",
            self.seed
        );
        out += &format!("[producer.p]\nto = \"q\"\n{}\n", ARRIVALS[self.arrivals]);
        let mut line = |there: bool, text: &str| {
            if there && !text.is_empty() {
                out.push_str(text);
                out.push('\n');
            }
        };
        line(true, CLIENTS[self.client]);
        line(self.batch_arrivals, "batch = { geometric = 3 }");
        line(self.poison, "poison = 0.02");
        line(self.priority, "priority = { high = 0.3, low = 0.7 }");
        line(true, "\n[queue.q]");
        line(true, LEASES[self.lease]);
        line(self.limit.is_some(), &format!("max_deliveries = {}\ndead_letter = \"dlq\"", self.limit.unwrap_or(1)));
        line(true, TTLS[self.ttl]);
        line(true, BOUNDS[self.bound]);
        line(self.priority, "order = \"priority\"\npriorities = [\"high\", \"low\"]");
        line(self.lifo && !self.priority, "order = \"lifo\"");
        line(self.delay, "delivery_delay = \"400ms\"");
        line(self.most_in_flight.is_some(), &format!("max_in_flight = {}", self.most_in_flight.unwrap_or(1)));
        line(self.initial, "initial = { messages = 15, age = \"3s\" }");
        line(true, &format!("\n[consumer.w]\nfrom = \"q\"\nreplicas = {}", self.replicas));
        line(true, &format!("concurrency = {}", self.concurrency));
        line(!COLLECT[self.collect].contains("service_per_batch"), &format!("service = {}", SERVICES[self.service]));
        line(self.overhead, "overhead = { success = \"2ms\", failure = \"5ms\" }");
        line(self.unequal, "speeds = [1.0, 0.5]");
        line(self.unequal && !COLLECT[self.collect].contains("service_per_batch"), "failure_service = \"10ms\"");
        line(true, COLLECT[self.collect]);
        line(self.ack_before, "ack = \"before\"");
        line(true, FAILURES[self.failure]);
        line(true, RETRIES[self.retry]);
        line(self.timeout, "timeout = \"250ms\"");
        line(self.crashes, "crash = { mtbf = \"8s\", restart = { exp = \"1s\" } }");
        line(self.schedule, "schedule = [{ at = \"12s\", replicas = 8 }, { at = \"25s\", replicas = 2 }]");
        line(true, ONWARD[self.onward]);
        line(true, "\n[topic.fan]\n\n[queue.next]\n\n[queue.copy-a]\nsubscribe = \"fan\"\n");
        line(true, "[queue.copy-b]\nsubscribe = { topic = \"fan\", share = 0.5 }\n");
        for queue in ["next", "copy-a", "copy-b"] {
            line(true, &format!("[consumer.{queue}-worker]\nfrom = \"{queue}\"\nservice = {{ exp = \"40ms\" }}\n"));
        }
        for (i, fault) in self.faults.iter().enumerate() {
            let (at, text) = (8 + 6 * i, FAULTS[*fault]);
            line(true, &format!("[[fault]]\nname = \"f{i}\"\nat = \"{at}s\"\nfor = \"5s\"\n{text}\n"));
        }
        out
    }

    /// What the language refuses, because it would mean nothing.
    fn sensible(&self) -> bool {
        let one_replica = self.unequal && self.replicas == 1 && !self.schedule;
        let retries_forgotten = self.ack_before && RETRIES[self.retry].starts_with("retry = {") && !self.in_process();
        let scales_no_rate = ARRIVALS[self.arrivals].contains("mmpp")
            && self.faults.iter().any(|fault| FAULTS[*fault].starts_with("producer"));
        let batch_in_process = self.in_process() && COLLECT[self.collect].contains("batch");
        let lease_forgotten = self.ack_before && self.text().contains("visibility_timeout");
        !one_replica && !retries_forgotten && !scales_no_rate && !batch_in_process && !lease_forgotten
    }

    fn in_process(&self) -> bool {
        RETRIES[self.retry].contains("process")
    }
}

#[test]
fn random_scenarios_conserve_messages() {
    let strategy = features().prop_filter("refused by the language", Features::sensible);
    let check = |features: Features| {
        let text = features.text();
        let findings = simulate(&text, &FileMap::new());
        assert_conserved(&findings, &text);
        assert_little(&findings, &text);
        Ok(())
    };
    runner(256).run(&strategy, check).expect("every case holds");
}

#[test]
fn same_seed_same_findings() {
    let strategy = features().prop_filter("refused by the language", Features::sensible);
    let check = |features: Features| {
        let text = features.text();
        let once = || format!("{:?}", simulate(&text, &FileMap::new()));
        assert!(once() == once(), "two runs of one seed differ\n{text}");
        let other = Features { seed: features.seed + 1, ..features.clone() }.text();
        let arrivals_differ = !ARRIVALS[features.arrivals].contains("constant");
        let findings = simulate(&other, &FileMap::new());
        assert!(!arrivals_differ || format!("{findings:?}") != once(), "another seed changes nothing\n{text}");
        Ok(())
    };
    runner(48).run(&strategy, check).expect("every case holds");
}

/// First tick from which the backlog stays at nothing, and the mean and longest wait.
fn drained(rows: &str, replicas: u32) -> (f64, f64, f64) {
    let text = format!(
        "title = \"plain\"\nduration = \"300s\"\nseed = 1\nruns = 1\n\
            tick = \"100ms\"\n\n[producer.p]\nto = \"q\"\n\
         messages = \"rows.csv\"\n\n[queue.q]\n\n\
            [consumer.w]\nfrom = \"q\"\nreplicas = {replicas}\nservice = \"message\"\n"
    );
    let files = FileMap::from([("rows.csv".to_owned(), rows.as_bytes().to_vec())]);
    let findings = simulate(&text, &files);
    let q = findings.component("q").expect("the queue");
    let backlog = &q.series("backlog").expect("a backlog").mean;
    let last = backlog.iter().rposition(|depth| *depth > 0.0).unwrap_or(0);
    let wait = q.wait.as_ref().expect("waits");
    (findings.time_s[last], wait.mean, wait.max)
}

#[test]
fn more_consumers_never_drain_later() {
    let message = (0_u32..3_000, 1_u32..4_000);
    let strategy = (prop::collection::vec(message, 20..200), 1_u32..6);
    let check = |(messages, replicas): (Vec<(u32, u32)>, u32)| {
        let (mut at, mut rows) = (0, String::from("time_s,service_s\n"));
        for (gap, service) in messages {
            at += gap;
            rows += &format!("{:.3},{:.3}\n", f64::from(at) / 1e4, f64::from(service) / 1e3);
        }
        let (fewer, more) = (drained(&rows, replicas), drained(&rows, replicas + 1));
        assert!(more.0 <= fewer.0 && more.1 <= fewer.1 + 1e-9 && more.2 <= fewer.2 + 1e-9, "{more:?} after {fewer:?}");
        Ok(())
    };
    runner(48).run(&strategy, check).expect("every case holds");
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// Every file below a folder, by its path from there.
fn read_all(root: &Path, folder: &Path, files: &mut FileMap) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_all(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
            files.insert(name, std::fs::read(&path).expect("a readable file"));
        }
    }
}

#[test]
fn committed_scenarios_obey_littles_law() {
    let mut files = FileMap::new();
    read_all(&folder(), &folder(), &mut files);
    let scenarios: Vec<&String> = files.keys().filter(|name| name.ends_with(".toml")).collect();
    if scenarios.is_empty() {
        eprintln!("SKIPPED: no committed scenarios");
    }
    for name in scenarios {
        let text = std::str::from_utf8(&files[name]).expect("UTF-8");
        let mut table: toml::Table = text.parse().unwrap_or_else(|error| panic!("{name}: {error}"));
        table.insert("runs".into(), toml::Value::Integer(2));
        let text = toml::to_string(&table).expect("a scenario is TOML");
        let findings = simulate(&text, &files);
        assert_conserved(&findings, name);
        assert_little(&findings, name);
    }
}
