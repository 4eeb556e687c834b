//! What must hold whatever is mixed: brokers, autoscalers, calls to dependencies, workflows, faults. The engine's own
//! audits pass, same seeds give the same, counts add up, and when arrivals have stopped nothing stays behind for good.
//!
//! Scenarios are put together from lines chosen at random; those that the language refuses are left out and counted.

#![allow(clippy::print_stderr, reason = "says how many were left out")]

mod found;
mod lines;

use lines::Draw;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use std::cell::Cell;
use std::collections::BTreeMap;
use tailback::study::{ComponentFindings, ComponentKind, Findings};

/// Ticks of a second in the tail in which something must move where something is left.
const QUIET: usize = 20;
const UNFINISHED: [&str; 3] = ["unfinished_ready", "unfinished_in_flight", "unfinished_delayed"];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Mix {
    Queue,
    Stream,
    Workflow,
}

/// One scenario.
fn text(mix: Mix, seed: u64, numbers: &[usize]) -> String {
    let mut draw = Draw::new(numbers);
    let mut out =
        format!("title = \"random\"\nduration = \"90s\"\nwarmup = \"3s\"\nseed = {seed}\nruns = 2\ntick = \"1s\"\n");
    if mix == Mix::Workflow {
        out += &lines::workflow(&mut draw);
        if out.contains("\"d\"") {
            out += &lines::dependency(&mut draw, "d");
            out += &lines::faults(&mut draw, false, false)
                .split("[[fault]]")
                .filter(|fault| fault.contains("\"d\""))
                .map(|fault| format!("[[fault]]{fault}"))
                .collect::<String>();
        }
        if out.contains("\"e\"") {
            out += &lines::dependency(&mut draw, "e");
        }
        return out;
    }
    let stream = mix == Mix::Stream;
    let flags: Vec<bool> = numbers.iter().rev().take(3).map(|n| n % 2 == 1).collect();
    let (scaled, calling, fan_out) = (flags[0], flags[1], flags[2] && numbers[0].is_multiple_of(3) && !stream);
    out += &lines::producer(&mut draw, if fan_out { "t" } else { "q" });
    let (of_queue, of_consumer) = lines::broker(&mut draw, stream);
    if (of_queue.contains("\"key\"") || of_queue.contains("\"session\"")) && !out.contains("keys = ") {
        out = out.replacen("[producer.p]\n", "[producer.p]\nkeys = { count = 9 }\n", 1);
    }
    let table = if stream { "stream" } else { "queue" };
    if fan_out {
        out += "[topic.t]\n[queue.other]\nsubscribe = \"t\"\n[consumer.o]\nfrom = \"other\"\nservice = \"1ms\"\n";
    }
    let subscribe = if fan_out { "subscribe = \"t\"\n" } else { "" };
    out += &format!(
        "[{table}.q]\n{subscribe}{of_queue}[{table}.next]\n[consumer.n]\nfrom = \"next\"\nservice = \"1ms\"\n"
    );
    let calls = if calling { lines::calls(&mut draw) } else { String::new() };
    let scaling = lines::scaling(&mut draw, scaled);
    let worker = lines::worker(&mut draw, &scaling, &of_consumer, stream);
    out += &format!("[consumer.w]\nfrom = \"q\"\n{of_consumer}{worker}{calls}{scaling}");
    if numbers[1] % 5 == 1 {
        // Another one beside it, or of a stream another group.
        let assignment = if stream { "assignment = \"cooperative\"\n" } else { "" };
        let calls = if calling { lines::calls(&mut draw) } else { String::new() };
        out += &format!(
            "[consumer.w2]\nfrom = \"q\"\n{assignment}replicas = 2\nservice = {{ exp = \"30ms\" }}\nfailure = 0.1\n{calls}"
        );
    }
    if calling {
        out += &lines::dependency(&mut draw, "d");
        if out.contains("\"e\"") {
            out += &lines::dependency(&mut draw, "e");
        }
    }
    let faults = lines::faults(&mut draw, stream, fan_out);
    for fault in faults.split("[[fault]]").skip(1).filter(|fault| calling || !fault.contains("\"d\"")) {
        out += &format!("[[fault]]{fault}");
    }
    if out.contains("\"dlq\"") {
        out += &lines::redrive(&mut draw, if stream { "next" } else { "q" });
    }
    out
}

fn total(part: &ComponentFindings, name: &str) -> f64 {
    part.total(name).unwrap_or_else(|| panic!("{} has no total {name}", part.name)).mean
}

fn sum(part: &ComponentFindings, names: &[&str]) -> f64 {
    names.iter().map(|name| total(part, name)).sum()
}

/// Largest value of a series, over the ticks from `from` on.
fn peak(part: &ComponentFindings, metric: &str, from: usize) -> f64 {
    let series = part.series(metric).unwrap_or_else(|| panic!("{} has no series {metric}", part.name));
    series.p95.iter().skip(from).copied().filter(|value| !value.is_nan()).fold(0.0, f64::max)
}

/// Least value of a series over the ticks from `from` on.
fn trough(part: &ComponentFindings, metric: &str, from: usize) -> f64 {
    let series = part.series(metric).unwrap_or_else(|| panic!("{} has no series {metric}", part.name));
    series.mean.iter().skip(from).copied().fold(f64::MAX, f64::min)
}

fn check(condition: bool, wrong: impl FnOnce() -> String) -> Result<(), String> {
    if condition { Ok(()) } else { Err(wrong()) }
}

/// No number is negative or missing, and the parts of each whole add up to it.
fn adds_up(findings: &Findings, text: &str) -> Result<(), String> {
    for part in &findings.components {
        for (name, stat) in part.totals.iter().chain(&part.after_warmup) {
            check(stat.min >= 0.0 || stat.mean.is_nan(), || format!("{}: {name} is {}", part.name, stat.min))?;
        }
        for (name, stat) in &part.time_average {
            check(stat.min >= 0.0, || format!("{}: {name} averages {}", part.name, stat.min))?;
        }
        for series in &part.series {
            let low = series.p05.iter().position(|value| *value < 0.0);
            check(low.is_none(), || format!("{}: {} is negative at {low:?}", part.name, series.metric))?;
        }
        let whole = |whole: &str, parts: &[&str]| {
            let (all, sum) = (total(part, whole), sum(part, parts));
            check((all - sum).abs() < 1e-6, || format!("{}: {whole} = {all}, its parts sum to {sum}", part.name))
        };
        match part.kind {
            ComponentKind::Queue | ComponentKind::DeadLetterQueue | ComponentKind::Group => whole(
                "published",
                &[&["rejected", "completed", "dead_lettered", "expired", "dropped"][..], &UNFINISHED].concat(),
            )?,
            ComponentKind::Dependency => {
                let ends = ["completed", "errors", "rejected", "throttled", "refused", "abandoned", "skipped", "lost"];
                whole("calls", &[&ends[..], &["unfinished_waiting", "unfinished_busy"]].concat())?;
                check(total(part, "timeouts") <= total(part, "calls"), || {
                    format!("{}: more timeouts than calls", part.name)
                })?;
                let more = sum(part, &["retries", "hedges"]);
                check(more <= total(part, "calls"), || format!("{}: more further calls than calls", part.name))?;
            }
            ComponentKind::Workflow => {
                whole("started", &["completed", "compensated", "failed", "stuck", "running"])?;
            }
            // A publish that is given up counts beside the request that waits for its answer.
            ComponentKind::Producer if part.total("answered").is_some() && !text.contains("on_reject = {") => {
                let known = sum(part, &["answered", "gave_up"]);
                check(known <= total(part, "requests") + 1e-6, || {
                    format!("{}: more known ends than requests", part.name)
                })?;
            }
            ComponentKind::Producer | ComponentKind::Consumer => {}
        }
        if let Some(stat) = part.total("utilization") {
            check(stat.max <= 1.0 + 1e-9, || format!("{}: utilization {}", part.name, stat.max))?;
        }
        if part.kind == ComponentKind::Consumer && part.name == "w" {
            within_bounds(part, text)?;
        }
    }
    Ok(())
}

/// The number behind a key of the consumer `w` or of its scaling.
fn written(text: &str, key: &str) -> Option<f64> {
    let (_, own) = text.split_once("[consumer.w]")?;
    let own = own.split("[dependency").next()?;
    own.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = ")?.parse().ok())
}

fn within_bounds(part: &ComponentFindings, text: &str) -> Result<(), String> {
    let (replicas, busy) = (peak(part, "replicas", 0), peak(part, "busy", 0));
    if part.scaling.is_some() {
        // Those that finish their work after they were let go of are busy too, and no replicas any more.
        let most = written(text, "max").unwrap_or(f64::MAX);
        return check(replicas <= most, || format!("{}: {replicas} replicas of at most {most}", part.name));
    }
    let slots = 6.0 * written(text, "concurrency").unwrap_or(1.0) * written(text, "parallelization").unwrap_or(1.0);
    check(replicas <= 6.0 && busy <= slots, || format!("{}: {replicas} replicas, {busy} busy", part.name))
}

/// Whether something is left that nothing moves any more.
fn moves_on(findings: &Findings, text: &str) -> Result<(), String> {
    let tail = findings.time_s.len() - QUIET;
    for part in &findings.components {
        let still = |names: &[&str]| names.iter().all(|name| peak(part, name, tail) == 0.0);
        let stuck = |state: &str, moves: &[&str]| trough(part, state, tail) > 0.0 && still(moves);
        match part.kind {
            ComponentKind::Dependency => {
                let ends = ["complete_rate_per_s", "error_rate_per_s", "abandoned_rate_per_s"];
                let stays = stuck("busy", &ends) || stuck("waiting", &ends);
                check(!stays, || format!("{}: calls stay for ever", part.name))?;
            }
            ComponentKind::Queue | ComponentKind::Group
                if !text.contains("poison") && !text.contains("still_failing") =>
            {
                // Last in, first out starves the first where there is too much to do.
                let stays = !text.contains("order = \"lifo\"")
                    && stuck("in_flight", &["deliver_rate_per_s", "complete_rate_per_s"]);
                check(!stays, || format!("{}: messages stay in flight for ever", part.name))?;
                let readers = findings.reads.iter().filter(|(_, queue)| *queue == part.name);
                let mut readers = readers.filter_map(|(consumer, _)| findings.component(consumer));
                let served = readers.any(|consumer| trough(consumer, "replicas", tail) > 0.0);
                let moves = ["deliver_rate_per_s", "complete_rate_per_s", "expire_rate_per_s", "drop_rate_per_s"];
                let waits = served && stuck("ready", &moves);
                check(!waits, || format!("{}: messages wait for ever", part.name))?;
            }
            ComponentKind::Consumer => {
                let read = findings.reads.iter().find(|(consumer, _)| *consumer == part.name);
                let queue = read.and_then(|(_, queue)| findings.component(queue));
                let idle = queue.is_some_and(|queue| peak(queue, "in_flight", tail) == 0.0);
                let busy = trough(part, "busy", tail);
                check(!idle || busy == 0.0, || format!("{}: {busy} slots busy with nothing", part.name))?;
                let never = trough(part, "desired_replicas", tail) > 0.0 && peak(part, "replicas", tail) == 0.0;
                check(!never, || format!("{}: wanted replicas never serve", part.name))?;
            }
            ComponentKind::Workflow => {
                let tasks = findings.components.iter().filter(|task| task.name.starts_with(&format!("{}/", part.name)));
                let tasks = tasks.filter(|task| task.kind == ComponentKind::Queue);
                let open: f64 = tasks.map(|task| sum(task, &UNFINISHED)).sum();
                let timers = part.series("waiting").and_then(|waiting| waiting.mean.last().copied()).unwrap_or(0.0);
                let running = total(part, "running");
                let whole = running <= open + timers + 1e-6 && open <= running + total(part, "stuck") + 1e-6;
                check(whole, || format!("{}: {running} run, {open} tasks and {timers} timers are open", part.name))?;
            }
            // Adaptive clients may have to wait for long.
            ComponentKind::Producer if !text.contains("poison") && !text.contains("aws-adaptive") => {
                let stays = total(part, "waiting") > 0.0 && still(&["publish_rate_per_s"]);
                check(!stays, || format!("{}: publishes wait for ever", part.name))?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Everything that must hold of one scenario. `None`: the language refuses it.
fn examine(text: &str) -> Option<Result<(), String>> {
    let simulate = || tailback::simulate(text, &BTreeMap::<String, Vec<u8>>::new());
    let findings = match simulate() {
        Ok(findings) => findings,
        Err(tailback::SimulateError::Scenario(..)) => return None,
        Err(error) => return Some(Err(error.to_string())),
    };
    let again = simulate().map(|findings| format!("{findings:?}")).unwrap_or_default();
    let same = check(format!("{findings:?}") == again, || "two runs of one seed differ".to_owned());
    Some(same.and_then(|()| adds_up(&findings, text)).and_then(|()| moves_on(&findings, text)))
}

fn try_out(mix: Mix, cases: u32, salt: u8) {
    // More of them, and others, for who looks for more.
    let number = |name: &str| std::env::var(name).ok().and_then(|number| number.parse::<u32>().ok());
    let cases = number("TAILBACK_CASES").unwrap_or(cases);
    let salt = number("TAILBACK_SALT").map_or(salt, |salt| salt as u8);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 400, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[salt; 32]));
    let (sound, refused) = (Cell::new(0), Cell::new(0));
    let numbers = prop::collection::vec(0_usize..10_000, 120..121);
    let tried = runner.run(&(0_u64..1_000_000, numbers), |(seed, numbers)| {
        let text = text(mix, seed, &numbers);
        if let Ok(path) = std::env::var("TAILBACK_LAST_CASE") {
            let _ = std::fs::write(path, &text);
        }
        let examined = examine(&text);
        let count = if examined.is_some() { &sound } else { &refused };
        count.set(count.get() + 1);
        examined.unwrap_or(Ok(())).map_err(|wrong| TestCaseError::fail(format!("{wrong}\n{text}")))
    });
    tried.unwrap_or_else(|failure| match failure {
        // The numbers say nothing that the scenario does not.
        TestError::Fail(reason, _) => panic!("{reason}"),
        TestError::Abort(reason) => panic!("{reason}"),
    });
    eprintln!("{mix:?}: {} scenarios were simulated, {} refused", sound.get(), refused.get());
    assert!(sound.get() > cases / 4, "too few of the random scenarios are sound");
}

#[test]
fn random_queues_with_everything_around_them() {
    try_out(Mix::Queue, 500, 21);
}

#[test]
fn random_streams_with_everything_around_them() {
    try_out(Mix::Stream, 500, 22);
}

#[test]
fn random_workflows_with_calls() {
    try_out(Mix::Workflow, 300, 23);
}
