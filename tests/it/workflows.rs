//! Durable workflows by hand: constant times, so that every instant can be written down.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::BTreeMap;
use tailback::study::{ComponentFindings, Findings};

/// Executions of `w` that start at the given seconds.
fn run(starts: &[u32], duration: &str, workflow: &str) -> Findings {
    let text = format!(
        "duration = \"{duration}\"\nruns = 1\ntick = \"1s\"\n[producer.p]\nto = \"w\"\nmessages = \"m.csv\"\n{workflow}"
    );
    let rows: String = starts.iter().map(|start| format!("{start}\n")).collect();
    let files = BTreeMap::from([("m.csv".to_owned(), format!("time_s\n{rows}").into_bytes())]);
    tailback::simulate(&text, &files).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn part<'f>(findings: &'f Findings, name: &str) -> &'f ComponentFindings {
    findings.component(name).unwrap_or_else(|| panic!("no component {name}"))
}

fn total(findings: &Findings, name: &str, figure: &str) -> f64 {
    part(findings, name).total(figure).unwrap_or_else(|| panic!("{name} has no {figure}")).mean
}

/// started, completed, compensated, failed, stuck, running
fn ends(findings: &Findings) -> [f64; 6] {
    ["started", "completed", "compensated", "failed", "stuck", "running"].map(|figure| total(findings, "w", figure))
}

/// Mean and longest duration of the completed executions, in seconds.
fn took(findings: &Findings) -> (f64, f64) {
    part(findings, "w").duration.as_ref().map_or((f64::NAN, f64::NAN), |took| (took.mean, took.max))
}

#[test]
fn steps_come_one_after_another_and_tasks_wait_for_workers() {
    // The first: 0–2 and 2–5. The second starts at 1: waits for the one worker of each step, 2–4 and 5–8.
    let steps = "[workflow.w]\nsteps = [{ name = \"a\", service = \"2s\" }, { name = \"b\", service = \"3s\" }]";
    let findings = run(&[0, 1], "20s", steps);
    assert_eq!(ends(&findings), [2.0, 2.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(took(&findings), (6.0, 7.0));
    assert_eq!(total(&findings, "w/b", "peak_backlog"), 2.0);
    assert_eq!(part(&findings, "w/b").journey.as_ref().map(|journey| journey.mean), Some(6.0));
    assert_eq!(part(&findings, "w").average("running").map(|stat| stat.mean), Some((5.0 + 7.0) / 20.0));
    // At 4.5 s the first is at its second step and the second waits for it.
    assert_eq!(ends(&run(&[0, 1], "4500ms", steps)), [2.0, 0.0, 0.0, 0.0, 0.0, 2.0]);
}

#[test]
fn what_was_done_is_undone_in_reverse_order() {
    let steps = |undo: &str| {
        format!(
            "[workflow.w]\nsteps = [{{ name = \"a\", service = \"1s\"{undo} }}, {{ name = \"x\", service = \"1s\" }}, \
             {{ name = \"b\", service = \"1s\"{undo} }}, {{ name = \"c\", service = \"1s\", permanent_failure = 1 }}]"
        )
    };
    // The last step fails at 4; then b is undone until 9 and a until 14.
    let findings = run(&[0], "30s", &steps(", compensate = { service = \"5s\" }"));
    assert_eq!(ends(&findings), [1.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
    assert_eq!(total(&findings, "w/b-undo", "peak_at_s"), 4.0);
    assert_eq!(total(&findings, "w/a-undo", "peak_at_s"), 9.0);
    assert_eq!(part(&findings, "w").average("compensating").map(|stat| stat.mean), Some(10.0 / 30.0));
    assert_eq!(part(&findings, "w").duration, None, "what was undone has not completed");
    assert_eq!(ends(&run(&[0], "30s", &steps(""))), [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    // Undoing b is given up at its third failure: a is never undone, and somebody has to look.
    let broken = ", compensate = { service = \"1s\", failure = 1, retry = { max_attempts = 3 } }";
    let findings = run(&[0], "30s", &steps(broken));
    assert_eq!(ends(&findings), [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    assert_eq!(total(&findings, "w/b-undo", "deliveries"), 3.0);
    assert_eq!(total(&findings, "w/a-undo", "published"), 0.0);
}

#[test]
fn temporal_waits_1_2_4_up_to_64_then_100_seconds() {
    // Each attempt takes 1 s: they start at 0, 2, 5, 10, 19, 36, 69, 134, 235, 336.
    let steps = "[workflow.w]\nengine = \"temporal\"\nsteps = [{ name = \"a\", service = \"1s\", failure = 1, \
                 start_to_close = \"30s\" }]";
    for (duration, attempts) in [("134500ms", 8.0), ("234500ms", 8.0), ("235500ms", 9.0), ("335500ms", 9.0)] {
        let findings = run(&[0], duration, steps);
        assert_eq!(total(&findings, "w/a", "deliveries"), attempts, "{duration}");
        assert_eq!(ends(&findings), [1.0, 0.0, 0.0, 0.0, 1.0, 0.0], "it has failed already and is not done");
    }
    assert_eq!(total(&run(&[0], "336500ms", steps), "w/a", "deliveries"), 10.0);
    // The cap is a hundred times the first delay: 2, 4 … 128, then 200 s; the eighth attempt starts at 261, the ninth at 462.
    let slower = steps.replace("start_to_close", "retry = { initial_interval = \"2s\" }, start_to_close");
    let attempts = |duration| total(&run(&[0], duration, &slower), "w/a", "deliveries");
    assert_eq!((attempts("260500ms"), attempts("461500ms"), attempts("462500ms")), (7.0, 8.0, 9.0));
}

#[test]
fn step_functions_retries_three_times_where_it_retries_at_all() {
    let steps = |retry: &str| {
        format!(
            "[workflow.w]\nengine = \"step-functions\"\nsteps = [{{ name = \"a\", service = \"1s\", failure = 1{retry} }}]"
        )
    };
    let attempts = |retry: &str, duration: &str| {
        let findings = run(&[0], duration, &steps(retry));
        (total(&findings, "w/a", "deliveries"), total(&findings, "w", "failed"))
    };
    assert_eq!(attempts("", "1500ms"), (1.0, 1.0));
    // 0–1, 2–3, 5–6, 10–11.
    assert_eq!(attempts(", retry = { IntervalSeconds = 1 }", "10500ms"), (4.0, 0.0));
    assert_eq!(attempts(", retry = { IntervalSeconds = 1 }", "11500ms"), (4.0, 1.0));
    assert_eq!(attempts(", retry = { MaxAttempts = 1 }", "3500ms"), (2.0, 1.0));
}

#[test]
fn a_dead_worker_is_noticed_by_its_silence_only() {
    // One worker dies 2 s into its task of 5 s and is back at 5 s.
    let crash = "\n[[fault]]\nat = \"2s\"\nfor = \"3s\"\nconsumer = \"w/a\"\ncrash = 1\n";
    let done_at = |bounds: &str| {
        let text = format!(
            "[workflow.w]\nsteps = [{{ name = \"a\", service = \"5s\", retry = {{ backoff = \"1s\" }}{bounds} }}]{crash}"
        );
        took(&run(&[0], "60s", &text)).1
    };
    // Noticed at 30, tried again from 31 on.
    assert_eq!(done_at(", start_to_close = \"30s\""), 36.0);
    // Its last report was at 0, the next was due at 8: noticed at 10.
    assert_eq!(done_at(", start_to_close = \"30s\", heartbeat = \"10s\""), 16.0);
    assert_eq!(done_at(", heartbeat = \"10s\", on_crash = \"again\""), 15.0);
    // Without any bound it is noticed at once; the worker is back at 5.
    assert_eq!(done_at(""), 10.0);
    assert_eq!(done_at(", on_crash = \"again\""), 10.0);
    // One attempt is all there is, so the step has failed with its worker.
    let text = format!("[workflow.w]\nsteps = [{{ name = \"a\", service = \"5s\" }}]{crash}");
    assert_eq!(ends(&run(&[0], "60s", &text)), [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
}

#[test]
fn a_hung_worker_is_noticed_too_and_its_task_goes_to_another() {
    // The worker hangs from 2 s on; the other one takes over when nothing was heard for 10 s.
    let text = "[workflow.w]\nsteps = [{ name = \"a\", workers = 2, service = \"5s\", heartbeat = \"10s\", retry = \
                { max_attempts = 2 } }]\n[[fault]]\nat = \"2s\"\nfor = \"40s\"\nconsumer = \"w/a\"\nhang = 1\n";
    assert_eq!(took(&run(&[0], "60s", text)).1, 15.0);
}

#[test]
fn an_attempt_that_takes_too_long_burns_its_slot() {
    let text = "[workflow.w]\nsteps = [{ name = \"a\", service = \"10s\", start_to_close = \"4s\", retry = \
                { max_attempts = 2, backoff = \"1s\" } }]";
    // 0–10 timed out at 4, ready again at 5, but the one worker is busy until 10; 10–20 timed out at 14.
    let findings = run(&[0], "40s", text);
    assert_eq!(ends(&findings), [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    assert_eq!(total(&findings, "w/a", "deliveries"), 2.0);
    assert_eq!(part(&findings, "w/a-workers").average("busy").map(|stat| stat.mean), Some(0.5));
    assert_eq!(ends(&run(&[0], "13500ms", text)), [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    assert_eq!(part(&findings, "w").average("running").map(|stat| stat.mean), Some(14.0 / 40.0));
}

#[test]
fn schedule_to_start_bounds_each_wait_in_the_queue() {
    let text = "[workflow.w]\nsteps = [{ name = \"a\", service = \"10s\", schedule_to_start = \"5s\" }]";
    // The second waits from 1 on for the worker that is busy until 10.
    let findings = run(&[0, 1], "30s", text);
    assert_eq!(ends(&findings), [2.0, 1.0, 0.0, 1.0, 0.0, 0.0]);
    assert_eq!(total(&findings, "w/a", "expired"), 1.0);
    assert_eq!(part(&findings, "w").average("running").map(|stat| stat.mean), Some((10.0 + 5.0) / 30.0));
    // A retry's timer is no wait in the queue, and the work of 10 s is not either.
    let text = text.replace("schedule", "failure = 1, retry = { max_attempts = 3, backoff = \"20s\" }, schedule");
    let findings = run(&[0], "120s", &text);
    assert_eq!((total(&findings, "w/a", "expired"), total(&findings, "w/a", "deliveries")), (0.0, 3.0));
    assert_eq!(total(&findings, "w", "failed"), 1.0);
}

#[test]
fn a_timer_holds_no_worker() {
    let text = "[workflow.w]\nsteps = [{ name = \"a\", service = \"1s\", wait = \"100s\" }]";
    let findings = run(&[0, 0, 0], "200s", text);
    assert_eq!(took(&findings), (102.0, 103.0));
    assert_eq!(part(&findings, "w").average("waiting").map(|stat| stat.mean), Some(1.5));
}

#[test]
fn a_history_that_is_full_ends_the_execution_and_undoes_nothing() {
    let text = "[workflow.w]\nhistory_limit = 10\nhistory_events = { step = 2, attempt = 3 }\nsteps = [{ name = \"a\", \
                service = \"1s\", compensate = { service = \"1s\" } }, { name = \"b\", service = \"1s\", failure = 1, \
                retry = { backoff = \"1s\" } }]";
    // The first step leaves 5 events, each attempt on the second 3: the second attempt makes 11.
    let findings = run(&[0], "60s", text);
    assert_eq!(ends(&findings), [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    assert_eq!((total(&findings, "w/b", "deliveries"), total(&findings, "w", "history_full")), (2.0, 1.0));
    assert_eq!(total(&findings, "w/a-undo", "published"), 0.0);
}

#[test]
fn decisions_are_tasks_and_stick_to_their_worker() {
    let text = "[workflow.w]\ndecisions = { service = \"1s\", sticky = \"10s\" }\nsteps = [{ name = \"a\", service = \
                \"2s\" }]";
    // Decided 0–1, done 1–3, decided 3–4.
    assert_eq!(took(&run(&[0], "60s", text)).1, 4.0);
    // The worker that decided first dies at 2 and is another one when it is back at 2.5: kept for it until 13.
    let crash = "\n[[fault]]\nat = \"2s\"\nfor = \"500ms\"\nconsumer = \"w/decisions\"\ncrash = 1\n";
    assert_eq!(took(&run(&[0], "60s", &format!("{text}{crash}"))).1, 14.0);
    let free = text.replace(", sticky = \"10s\"", "");
    assert_eq!(took(&run(&[0], "60s", &format!("{free}{crash}"))).1, 4.0);
}

#[test]
fn durable_functions_poll_with_pauses_that_grow() {
    let text =
        "[workflow.w]\nengine = \"durable-functions\"\nsteps = [{ name = \"a\", concurrency = 1, service = \"1s\" }]";
    // Idle for an hour: the worker asks every 30 s.
    let (_, longest) = took(&run(&[3_600], "2h", text));
    assert!(longest > 1.0 && longest <= 31.0, "{longest}");
    // With ten workers' worth of slots the first to ask is nearer.
    let (_, longest) = took(&run(&[3_600], "2h", &text.replace("concurrency = 1, ", "")));
    assert!(longest > 1.0 && longest < 16.0, "{longest}");
}

#[test]
fn the_producer_hears_of_the_end() {
    let text = |timeout: &str| {
        format!(
            "duration = \"100s\"\nruns = 1\n[producer.p]\nto = \"w\"\nrate = \"1/s\"\nprocess = \"constant\"\nreply = {{ \
             timeout = \"{timeout}\" }}\n[workflow.w]\nsteps = [{{ name = \"a\", workers = 10, service = \"1s\" }}, \
             {{ name = \"b\", workers = 10, service = \"1s\" }}]"
        )
    };
    let answered = |timeout: &str| {
        let findings = tailback::simulate(&text(timeout), &BTreeMap::<String, Vec<u8>>::new()).unwrap();
        let [started, completed, ..] = ends(&findings);
        assert!(started - completed <= 2.0);
        (completed - total(&findings, "p", "answered"), total(&findings, "p", "timeouts"))
    };
    assert_eq!(answered("3s"), (0.0, 0.0));
    let (unheard, timeouts) = answered("1500ms");
    assert!(unheard > 90.0 && timeouts > 90.0);
}

#[test]
fn steps_call_dependencies() {
    let text = "[dependency.pay]\nconcurrency = 5\nservice = \"1s\"\n[workflow.w]\nsteps = [{ name = \"a\", service = \
                \"1s\" }, { name = \"b\", service = \"1s\", calls = [{ dependency = \"pay\" }], retry = { backoff = \
                \"2s\" } }]\n";
    assert_eq!(took(&run(&[0], "60s", text)).1, 3.0);
    // Work 1–2, call 2–3; work 5–6, call 6–7; work 9–10, and the call of 10 finds it well.
    let fault = "[[fault]]\nat = \"0s\"\nfor = \"10s\"\ndependency = \"pay\"\nerror_rate = 1\n";
    assert_eq!(took(&run(&[0], "60s", &format!("{text}{fault}"))).1, 11.0);
}

#[test]
fn a_task_queue_that_is_down_is_waited_for() {
    let text = "[workflow.w]\nsteps = [{ name = \"a\", service = \"1s\" }, { name = \"b\", service = \"1s\" }]\n\
                [[fault]]\nat = \"500ms\"\nfor = \"9500ms\"\nqueue = \"w/b\"\ndown = \"refuse\"\n";
    assert_eq!(took(&run(&[0], "60s", text)).1, 11.0);
    assert_eq!(ends(&run(&[0], "5s", text)), [1.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
}

/// Without anything that fails, queues chained by `then` and the steps of a workflow are the same thing.
#[test]
fn chained_queues_and_a_workflow_take_the_same_time() {
    let text = "duration = \"20m\"\nruns = 3\n[producer.p]\nto = \"TARGET\"\nrate = \"8/s\"\n[queue.one]\n[queue.two]\n\
                [consumer.first]\nfrom = \"one\"\nservice = \"100ms\"\nthen = [{ to = \"two\" }]\n[consumer.second]\n\
                from = \"two\"\nreplicas = 2\nservice = \"200ms\"\n[workflow.w]\nsteps = [{ name = \"a\", service = \
                \"100ms\" }, { name = \"b\", workers = 2, service = \"200ms\" }]";
    let files = BTreeMap::<String, Vec<u8>>::new();
    let chained = tailback::simulate(&text.replace("TARGET", "one"), &files).unwrap();
    let durable = tailback::simulate(&text.replace("TARGET", "w"), &files).unwrap();
    let journey = part(&chained, "two").journey.as_ref().unwrap();
    let duration = part(&durable, "w").duration.as_ref().unwrap();
    assert_eq!((journey.mean, journey.p99, journey.max), (duration.mean, duration.p99, duration.max));
}

#[test]
fn random_workflows_lose_no_execution() {
    let config = Config { cases: 60, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[11; 32]));
    let numbers = proptest::collection::vec(0..6_usize, 40);
    let checked = runner.run(&(numbers, 1..1_000_u64), |(numbers, seed)| {
        let text = random(&numbers, seed);
        let findings = tailback::simulate(&text, &BTreeMap::<String, Vec<u8>>::new())
            .map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        let [started, ended @ ..] = ends(&findings);
        prop_assert!(started > 0.0 && started == ended.iter().sum::<f64>(), "{started} {ended:?}\n{text}");
        Ok(())
    });
    checked.unwrap_or_else(|error| panic!("{error}"));
}

/// A workflow of one to four steps in which about everything may happen; the engine audits it.
fn random(numbers: &[usize], seed: u64) -> String {
    let mut left = numbers.iter().copied().cycle();
    let mut pick = |choices: [&'static str; 6]| choices[left.next().unwrap_or(0)];
    let retry = [
        "",
        ", retry = { max_attempts = 3 }",
        ", retry = { backoff = \"1s\" }",
        ", retry = { max_attempts = 2, backoff = { exp = \"5s\" } }",
        ", retry = { backoff = \"500ms\", factor = 2, cap = \"10s\", jitter = \"full\" }",
        "",
    ];
    let bounds = [
        "",
        ", start_to_close = \"3s\"",
        ", heartbeat = \"2s\", on_crash = \"again\"",
        ", start_to_close = \"4s\", heartbeat = \"1s\"",
        ", schedule_to_start = \"2s\"",
        ", schedule_to_start = \"10s\", start_to_close = \"1s\", poll = \"1s\", poll_from = \"100ms\"",
    ];
    let failure = ["", ", failure = 0.3", ", permanent_failure = 0.1", ", failure = 0.5", "", ", failure = 0.05"];
    let service = ["{ exp = \"1s\" }", "\"500ms\"", "{ exp = \"300ms\" }", "\"2s\"", "{ exp = \"100ms\" }", "\"1s\""];
    let count = pick(["1", "2", "3", "4", "2", "3"]).parse().unwrap_or(1);
    let mut steps = vec![];
    for step in 0..count {
        let wait = pick(["", "", ", wait = { exp = \"5s\" }", ", wait = \"1s\"", "", ""]);
        let of_step = format!("service = {}{}{}{}", pick(service), pick(failure), pick(retry), pick(bounds));
        let of_undo = format!("service = {}{}{}{}", pick(service), pick(failure), pick(retry), pick(bounds));
        let undo = pick(["", "c", "c", "c", "", "c"]);
        let undo = if undo.is_empty() { String::new() } else { format!(", compensate = {{ {of_undo} }}") };
        let workers = pick(["1", "2", "5", "0", "2", "3"]);
        steps.push(format!("{{ name = \"s{step}\", workers = {workers}, {of_step}{wait}{undo} }}"));
    }
    let history =
        pick(["", "", "history_limit = 30\nhistory_events = { step = 2, attempt = 3, decision = 1 }\n", "", "", ""]);
    let decisions =
        pick(["", "decisions = { service = \"50ms\", timeout = \"1s\", sticky = \"3s\" }\n", "", "", "", ""]);
    let fault =
        |at: &str, target: &str, what: &str| format!("[[fault]]\nat = \"{at}\"\nfor = \"15s\"\n{target}\n{what}\n");
    let first =
        pick(["crash = \"50%\"", "hang = \"50%\"", "error_rate = 1", "pause = true", "slow = 5", "crash = \"100%\""]);
    let second = pick([
        "pause = true",
        "down = \"refuse\"",
        "down = \"blackhole\"",
        "pause = true",
        "down = \"refuse\"",
        "pause = true",
    ]);
    let reply = pick([
        "",
        "reply = { timeout = \"5s\", retry = { max_attempts = 2 } }\n",
        "",
        "poison = 0.05\n",
        "duplicate = 0.1\n",
        "",
    ]);
    format!(
        "duration = \"90s\"\nwarmup = \"10s\"\nruns = 2\nseed = {seed}\n[producer.p]\nto = \"w\"\nrate = \"2/s\"\n{reply}\
         [workflow.w]\n{history}{decisions}steps = [{}]\n{}{}",
        steps.join(", "),
        fault("20s", "consumer = \"w/s0\"", first),
        fault("50s", "queue = \"w/s0\"", second),
    )
}
