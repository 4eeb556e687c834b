//! Autoscalers in whole scenarios, against timelines made by hand.

use std::collections::BTreeMap;
use tailback::engine;
use tailback::model::Model;
use tailback::observe::Observations;
use tailback::scenario::{Scenario, render};
use tailback::study::{ComponentFindings, Findings, ScalingFindings};

fn simulate(text: &str) -> Findings {
    let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    tailback::simulate(text, &files).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn scenario(text: &str) -> Scenario {
    Scenario::parse(text, &BTreeMap::new())
        .unwrap_or_else(|problems| panic!("{}", render(&problems, "scaling.toml", text, false)))
}

fn worker(findings: &Findings) -> (&ComponentFindings, &ScalingFindings) {
    let worker = findings.component("w").expect("the consumer");
    (worker, worker.scaling.as_ref().expect("an autoscaler"))
}

/// (second, current, desired, why) of each decision listed.
fn decisions(scaling: &ScalingFindings) -> Vec<(f64, u32, u32, &'static str)> {
    scaling.decisions.iter().map(|it| (it.time_s, it.current, it.desired, it.why)).collect()
}

/// A series of the consumer as (tick, value) of its changes, with a tick of a second.
fn changes(part: &ComponentFindings, metric: &str) -> Vec<(usize, f64)> {
    let all = &part.series(metric).expect("a series").mean;
    (0..all.len()).filter(|i| *i == 0 || all[*i] != all[i - 1]).map(|i| (i, all[i])).collect()
}

fn total(findings: &Findings, component: &str, name: &str) -> f64 {
    let part = findings.component(component).unwrap_or_else(|| panic!("no {component}"));
    part.total(name).unwrap_or_else(|| panic!("{component} has no {name}")).mean
}

/// 100 messages a second, each worth a second of work; an HPA on the backlog with a start-up of 10 s. A replica that serves
/// since t has done its n-th message at t + n, so every figure below is counted by hand: at 45 s 4500 have come, and 45 + 4·20
/// + 5·5 = 150 are done.
#[test]
fn an_hpa_grows_as_counted_by_hand() {
    let text = "duration = \"95s\"\ntick = \"1s\"\nruns = 1\n\
        [producer.p]\nto = \"q\"\nrate = \"100/s\"\nprocess = \"constant\"\n[queue.q]\n\
        [consumer.w]\nfrom = \"q\"\nservice = \"1s\"\n\
        [consumer.w.scaling]\npolicy = \"hpa\"\ntarget = 100\nmax = 200\nstartup = \"10s\"\n";
    let findings = simulate(text);
    let (worker, scaling) = worker(&findings);
    let expected: [(f64, f64, u32, u32, &str); 6] = [
        (15.0, 1500.0 - 15.0, 1, 5, "policy-limited"),
        (30.0, 3000.0 - 50.0, 5, 10, "policy-limited"),
        (45.0, 4500.0 - 150.0, 10, 20, "policy-limited"),
        (60.0, 6000.0 - 350.0, 20, 40, "policy-limited"),
        (75.0, 7500.0 - 750.0, 40, 68, "target"),
        (90.0, 9000.0 - 1490.0, 68, 76, "target"),
    ];
    let seen: Vec<(f64, f64, u32, u32, &str)> = scaling
        .decisions
        .iter()
        .map(|it| (it.time_s, it.metric.unwrap_or(f64::NAN), it.current, it.desired, it.why))
        .collect();
    assert_eq!(seen, expected);
    assert_eq!(changes(worker, "replicas"), [(0, 1.0), (25, 5.0), (40, 10.0), (55, 20.0), (70, 40.0), (85, 68.0)]);
    assert_eq!(total(&findings, "w", "scale_outs"), 6.0);
    assert_eq!(total(&findings, "w", "scale_lag_s"), 10.0);
}

/// The metric arrives 20 s late and only once in 30 s: at 15 and 30 s there is none, at 45 s that of 0 s, at 60 and 75 s
/// that of 30 s.
#[test]
fn a_late_metric_is_an_old_one() {
    let text = "duration = \"80s\"\ntick = \"1s\"\nruns = 1\n\
        [producer.p]\nto = \"q\"\nrate = \"10/s\"\nprocess = \"constant\"\n[queue.q]\ninitial = { messages = 70 }\n\
        [consumer.w]\nfrom = \"q\"\nservice = \"1000s\"\n\
        [consumer.w.scaling]\npolicy = \"hpa\"\ntarget = 100\nmax = 50\nmetric_delay = \"20s\"\nmetric_period = \"30s\"\n";
    let findings = simulate(text);
    let (_, scaling) = worker(&findings);
    let expected = [(15.0, 1, 1, "missing-metric"), (60.0, 1, 4, "target")];
    assert_eq!(decisions(scaling), expected);
    assert_eq!(scaling.decisions[1].metric, Some(370.0));
}

/// 600 messages come from 40 to 100 s, one replica does ten a second. The poll of 60 s wakes it, it serves from 65 s on and
/// is through at 125 s; the poll of 120 s is the last that sees work, and 60 s later there are none.
#[test]
fn keda_wakes_at_its_poll_and_goes_to_sleep_after_its_cooldown() {
    let text = "duration = \"5m\"\ntick = \"1s\"\nruns = 1\n\
        [producer.p]\nto = \"q\"\nspikes = [{ at = \"40s\", for = \"60s\", rate = \"10/s\" }]\nprocess = \"constant\"\n[queue.q]\n\
        [consumer.w]\nfrom = \"q\"\nreplicas = 0\nservice = \"100ms\"\n\
        [consumer.w.scaling]\npolicy = \"keda\"\ntarget = 1000\nmax = 5\ncooldown = \"60s\"\nstartup = \"5s\"\n";
    let findings = simulate(text);
    let (worker, scaling) = worker(&findings);
    assert_eq!(changes(worker, "replicas"), [(0, 0.0), (65, 1.0), (180, 0.0)]);
    let turns: Vec<_> = decisions(scaling).into_iter().filter(|it| it.1 != it.2).collect();
    assert_eq!(turns, [(60.0, 0, 1, "activated"), (180.0, 1, 0, "deactivated")]);
    assert_eq!(total(&findings, "q", "completed"), 600.0);
    let backlog = &findings.component("q").unwrap().series("backlog").unwrap().mean;
    // Nobody takes anything until 65 s.
    assert!((backlog[64] - 241.0).abs() <= 1.0, "{}", backlog[64]);
    assert!(backlog[124] > 0.0 && backlog[126] == 0.0);
}

/// The fluid case "10 times the load for 5 minutes, more servers after 3": here a real alarm decides at 180 s, and a minute
/// later what it wanted serves. Peak 115,200 at 240 s, gone at 420 s.
#[test]
fn an_alarm_that_comes_late_makes_the_fluid_peak() {
    let text = "duration = \"2400s\"\ntick = \"5s\"\nruns = 1\n\
        [producer.p]\nto = \"q\"\nrate = \"80/s\"\nprocess = \"constant\"\nspikes = [{ at = \"60s\", for = \"300s\", rate = \"800/s\" }]\n\
        [queue.q]\nrecovered_when = \"backlog <= 60\"\n\
        [consumer.w]\nfrom = \"q\"\nreplicas = 8\nservice = \"50ms\"\n\
        [consumer.w.scaling]\npolicy = \"step\"\nthreshold = 1000\nsteps = [{ from = 0, adjust = 60 }]\n\
        adjustment = \"exact\"\nperiods = 2\nmin = 8\nmax = 60\nstartup = \"60s\"\n";
    let findings = simulate(text);
    let q = findings.component("q").unwrap();
    let peak = q.total("peak_backlog").unwrap().mean;
    assert!((peak - 115_208.0).abs() <= 0.002 * 115_200.0, "{peak}");
    let at = q.total("peak_at_s").unwrap().mean;
    assert!((at - 240.0).abs() <= 0.5, "{at}");
    let recovery = q.recovery.as_ref().unwrap().stat.as_ref().unwrap().mean;
    assert!((recovery - 60.0).abs() <= 0.5, "{recovery}");
    let (_, scaling) = worker(&findings);
    assert!(decisions(scaling).contains(&(180.0, 8, 60, "step")), "{:?}", decisions(scaling));
}

/// A wave that takes replicas up and down: all work in hand is finished, nothing is done twice, nothing is lost.
#[test]
fn scale_in_loses_nothing() {
    for more in ["", "prefetch = 6\n", "concurrency = 3\n", "batch = { size = 4, wait = \"200ms\" }\n"] {
        let text = format!(
            "duration = \"20m\"\ntick = \"1s\"\nruns = 3\n\
             [producer.p]\nto = \"q\"\nrate = \"60/s\"\nwave = {{ amplitude = \"50/s\", period = \"4m\" }}\n[queue.q]\n\
             [consumer.w]\nfrom = \"q\"\nservice = {{ exp = \"200ms\" }}\n{more}\
             [consumer.w.scaling]\npolicy = \"hpa\"\nmetric = \"utilization\"\ntarget = \"70%\"\nmax = 40\nstartup = \"5s\"\n\
             scale_down = {{ stabilization_window = \"15s\" }}\n"
        );
        let findings = simulate(&text);
        assert!(total(&findings, "w", "scale_ins") >= 3.0, "{more}");
        for lost in ["redeliveries", "duplicates", "dropped", "dead_lettered", "expired"] {
            assert_eq!(total(&findings, "q", lost), 0.0, "{lost} {more}");
        }
        let left = ["unfinished_ready", "unfinished_in_flight"].map(|name| total(&findings, "q", name));
        let sum = total(&findings, "q", "completed") + left[0] + left[1];
        assert!((total(&findings, "q", "published") - sum).abs() < 1e-6);
    }
}

/// With a grace shorter than the work, the work is lost to the replica that is let go of, and done again by others.
#[test]
fn a_short_grace_repeats_work() {
    let text = |drain: &str| {
        format!(
            "duration = \"10m\"\ntick = \"1s\"\nruns = 1\n\
             [producer.p]\nto = \"q\"\nrate = \"2/s\"\n[queue.q]\n\
             [consumer.w]\nfrom = \"q\"\nreplicas = 20\nservice = \"8s\"\n\
             [consumer.w.scaling]\npolicy = \"schedule\"\nevery = \"1m\"\n{drain}\
             steps = [{{ at = \"20s\", replicas = 4 }}, {{ at = \"50s\", replicas = 20 }}]\n"
        )
    };
    let killed = simulate(&text("drain = \"1s\"\n"));
    assert!(total(&killed, "w", "killed") > 10.0);
    assert_eq!(total(&killed, "q", "redeliveries"), total(&killed, "w", "killed"));
    assert_eq!(total(&simulate(&text("")), "q", "redeliveries"), 0.0);
    assert_eq!(total(&simulate(&text("drain = \"10s\"\n")), "w", "killed"), 0.0);
}

/// Ten pollers and two invocations: what is received in vain uses up its deliveries, and good messages end in the
/// dead-letter queue. With as many pollers as invocations the same load waits, unharmed.
#[test]
fn reserved_concurrency_alone_is_a_trap() {
    let text = |lines: &str| {
        format!(
            "duration = \"20m\"\ntick = \"5s\"\nruns = 2\n\
             [producer.p]\nto = \"q\"\nrate = \"10/s\"\n\
             [queue.q]\nvisibility_timeout = \"30s\"\nmax_deliveries = 3\ndead_letter = \"dlq\"\n\
             [consumer.w]\nfrom = \"q\"\nservice = \"500ms\"\nbatch = {{ size = 10, partial = true }}\n\
             [consumer.w.scaling]\npolicy = \"lambda\"\n{lines}\n"
        )
    };
    let trap = simulate(&text("start = 5\nmax = 20\nreserved_concurrency = 2"));
    assert!(total(&trap, "q", "dead_lettered") > 100.0, "{}", total(&trap, "q", "dead_lettered"));
    assert!(total(&trap, "w", "throttled") > 1000.0);
    let safe = simulate(&text("start = 2\nmax = 2"));
    assert_eq!(total(&safe, "q", "dead_lettered"), 0.0);
    // Two invocations do four messages a second whatever the pollers.
    for findings in [&trap, &safe] {
        let completed = total(findings, "q", "completed");
        assert!((4700.0..=4800.0).contains(&completed), "{completed}");
    }
}

/// A member that comes or goes costs its group a rebalance, and no more members work than there are partitions.
#[test]
fn a_stream_gets_no_more_members_than_partitions() {
    let text = |assignment: &str| {
        format!(
            "duration = \"6m\"\ntick = \"1s\"\nruns = 2\n\
             [producer.p]\nto = \"log\"\nrate = \"10/s\"\nspikes = [{{ at = \"1m\", for = \"1m\", rate = \"200/s\" }}]\n\
             [stream.log]\npartitions = 6\n\
             [consumer.w]\nfrom = \"log\"\nservice = \"20ms\"\n{assignment}\n\
             [consumer.w.scaling]\npolicy = \"keda\"\nmin = 1\nmax = 30\ntarget = 100\nstartup = \"5s\"\n\
             scale_down = {{ stabilization_window = \"30s\" }}\n"
        )
    };
    for assignment in ["assignment = \"eager\"", "assignment = \"cooperative\"", "assignment = \"server\""] {
        let findings = simulate(&text(assignment));
        let (worker, scaling) = worker(&findings);
        let most = worker.series("replicas").unwrap().p95.iter().copied().fold(0.0, f64::max);
        assert_eq!(most, 6.0, "{assignment}");
        assert!(scaling.decisions.iter().all(|it| it.desired <= 6), "{assignment}");
        assert_eq!(total(&findings, "log/w", "redeliveries"), 0.0, "{assignment}");
        let left = total(&findings, "log/w", "unfinished_ready");
        assert!(left < 20.0, "{assignment}: {left}");
    }
}

/// Replicas that start, warm up and go leave both paths of the engine in step.
#[test]
fn both_paths_agree_under_autoscalers() {
    let seen = |observations: Observations| format!("{observations:?}");
    for scaling in [
        "policy = \"hpa\"\ntarget = 20\nmax = 30\nstartup = \"3s\"\nscale_down = { stabilization_window = \"15s\" }",
        "policy = \"hpa\"\ntarget = 20\nmax = 30\nwarm_speed = { speed = 0.5, for = \"7s\" }\ndrain = \"50ms\"",
        "policy = \"keda\"\ntarget = 30\nmax = 30\nprovision = \"10s\"\nheadroom = 2",
    ] {
        let text = format!(
            "duration = \"3m\"\ntick = \"1s\"\nruns = 1\n\
             [producer.p]\nto = \"q\"\nrate = \"20/s\"\nspikes = [{{ at = \"40s\", for = \"30s\", rate = \"150/s\" }}]\n\
             [queue.q]\n[consumer.w]\nfrom = \"q\"\nreplicas = 1\nfailure = 0.1\nservice = {{ exp = \"80ms\" }}\n\
             [consumer.w.scaling]\n{scaling}\n"
        );
        let model = Model::compile(&scenario(&text));
        let (short, general) = (engine::run(&model, 0).unwrap(), engine::run_without_short_path(&model, 0).unwrap());
        assert!(seen(short) == seen(general), "{scaling}");
    }
}
