//! Each mechanism of a verdict in a system so small that it is plain by hand, and amplification over time.

use std::collections::BTreeMap;

use tailback::study::{ComponentFindings, Findings, Mechanism, Outcome, Verdict};

fn simulate(text: &str) -> Findings {
    let text = format!("title = \"t\"\nruns = 3\n{text}");
    tailback::simulate(&text, &BTreeMap::new()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[track_caller]
fn component<'a>(findings: &'a Findings, name: &str) -> &'a ComponentFindings {
    findings.component(name).unwrap_or_else(|| panic!("no {name}"))
}

#[track_caller]
fn verdict<'a>(findings: &'a Findings, name: &str) -> &'a Verdict {
    component(findings, name).verdict.as_ref().unwrap_or_else(|| panic!("no verdict on {name}"))
}

/// Constant arrivals at `rate`, one consumer of `service`, a spike from 20 s to 30 s where `more` says so.
fn line(rate: &str, queue: &str, consumer: &str, more: &str) -> String {
    format!(
        "duration = \"2m\"\nwarmup = \"5s\"\ntick = \"1s\"\n[producer.p]\nto = \"q\"\nrate = \"{rate}\"\n\
        process = \"constant\"\n{more}\n[queue.q]\n{queue}\n[consumer.w]\nfrom = \"q\"\n{consumer}\n"
    )
}

#[test]
fn without_a_disturbance_there_is_no_verdict() {
    let findings = simulate(&line("9/s", "", "service = \"100ms\"", ""));
    assert!(findings.verdict().is_none() && component(&findings, "q").verdict.is_none());
}

/// 10 s at 20/s against 10/s make 100, gone at 10 − 5 = 5/s: 20 s.
#[test]
fn what_recovers_has_no_mechanism() {
    let spike = "spikes = [{ at = \"20s\", for = \"10s\", rate = \"20/s\" }]";
    let findings = simulate(&line("5/s", "", "service = \"100ms\"", spike));
    let found = verdict(&findings, "q");
    assert_eq!((found.outcome, found.recovered, found.never, found.mechanism), (Outcome::Recovered, 3, 0, None));
    assert!(found.evidence.contains("20s after") || found.evidence.contains("19."), "{}", found.evidence);
    let recovery = component(&findings, "q").recovery.as_ref().and_then(|r| r.stat.as_ref()).expect("recovered").mean;
    assert!((recovery - 20.0).abs() < 1.0, "{recovery}");
}

/// 12/s against 10/s, and nothing is ever done twice.
#[test]
fn too_few_workers_are_told_by_the_load() {
    let window = "\n[[window]]\nname = \"noon\"\nat = \"30s\"\nfor = \"10s\"";
    let findings = simulate(&(line("12/s", "", "service = \"100ms\"", "") + window));
    let found = verdict(&findings, "q");
    assert_eq!((found.outcome, found.mechanism), (Outcome::Never, Some(Mechanism::UnderProvisioned)));
    let load = found.offered_load.expect("a load");
    assert!((load - 1.2).abs() < 0.005, "{load}: {}", found.evidence);
    assert!(found.experiments.is_empty(), "there is nothing to take out");
    assert_eq!(findings.verdict().map(|(part, _)| part.name.as_str()), Some("q"));
}

/// A retry does not make a fleet too small: 12/s against 10/s stay so without it.
#[test]
fn retries_are_not_blamed_for_too_few_workers() {
    let reply = "reply = { timeout = \"1s\", retry = { max_attempts = 3, backoff = \"0s\" } }";
    let window = "\n[[window]]\nname = \"noon\"\nat = \"30s\"\nfor = \"10s\"";
    let findings = simulate(&(line("12/s", "", "service = \"100ms\"", reply) + window));
    let found = verdict(&findings, "q");
    assert_eq!(found.mechanism, Some(Mechanism::UnderProvisioned));
    assert_eq!((found.experiments[0].name, found.experiments[0].runs), ("without-retries", 3));
    assert_eq!(found.experiments[0].recovered, 0);
    let load = found.offered_load.expect("a load");
    assert!((load - 1.2).abs() < 0.005, "{load}: {}", found.evidence);
}

/// 6/s against 10/s. The spike leaves 100, a wait of 10 s, so that every request is published three times from then on:
/// 18/s.
#[test]
fn a_storm_of_its_own_retries_is_metastable() {
    let storm = "reply = { timeout = \"1s\", retry = { max_attempts = 3, backoff = \"0s\" } }\n\
                 spikes = [{ at = \"20s\", for = \"10s\", rate = \"20/s\" }]";
    let findings = simulate(&line("6/s", "", "service = \"100ms\"", storm));
    let found = verdict(&findings, "q");
    assert_eq!((found.outcome, found.mechanism), (Outcome::Never, Some(Mechanism::Metastable)));
    assert_eq!((found.experiments[0].runs, found.experiments[0].recovered), (3, 3));
    assert!(found.evidence.contains("published 3 times"), "{}", found.evidence);
    let publish = component(&findings, "p").series("publish_amplification").expect("a series");
    // All through the second minute.
    assert!(publish.mean[61..].iter().all(|ratio| (ratio - 3.0).abs() < 0.51), "{:?}", publish.mean);
    assert!(publish.mean[0].is_nan() && publish.mean[1..20].iter().all(|ratio| *ratio == 1.0));
}

/// 9.9/s for workers of 10/s each; one until 1m58s, then four. With four all along a spike is nothing.
#[test]
fn replicas_that_come_too_late_are_told_by_having_them_at_once() {
    let spike = "spikes = [{ at = \"20s\", for = \"10s\", rate = \"30/s\" }]";
    let late = "service = \"100ms\"\nschedule = [{ at = \"1m58s\", replicas = 4 }]";
    let findings = simulate(&line("9.9/s", "", late, spike));
    let found = verdict(&findings, "q");
    assert_eq!((found.outcome, found.mechanism), (Outcome::Never, Some(Mechanism::ScaledTooLate)));
    assert!(found.evidence.contains("all 4 replicas"), "{}", found.evidence);
}

/// The spike leaves 190 less what 0.5/s more than comes in takes away in 90 s: it would be over after the run.
#[test]
fn what_is_still_draining_is_not_accused() {
    let spike = "spikes = [{ at = \"20s\", for = \"10s\", rate = \"30/s\" }]";
    let findings = simulate(&line("9/s", "", "service = \"100ms\"", spike));
    let found = verdict(&findings, "q");
    assert_eq!((found.outcome, found.mechanism), (Outcome::Never, None));
    assert!(found.evidence.contains("grow fewer"), "{}", found.evidence);
}

/// Ten seconds at 40/s against 2/s with a time to live of 5 s: nearly all of it expires.
#[test]
fn recovery_by_losing_more_than_was_done_is_giving_up() {
    let spike = "spikes = [{ at = \"20s\", for = \"10s\", rate = \"40/s\" }]";
    let findings = simulate(&line("1/s", "ttl = \"5s\"", "service = \"500ms\"", spike));
    let found = verdict(&findings, "q");
    assert_eq!((found.outcome, found.mechanism), (Outcome::Recovered, Some(Mechanism::GaveUp)));
    assert!(found.evidence.contains("expired"), "{}", found.evidence);
}

/// Of 40/s three in four have one key, and a partition's reader does 20/s: its partition alone is left.
#[test]
fn one_partition_that_holds_nearly_all_is_named() {
    let text = "duration = \"4m\"\nwarmup = \"10s\"\n[producer.p]\nto = \"s\"\nrate = \"40/s\"\n\
                keys = { count = 1000, hot = [0.75] }\n[stream.s]\npartitions = 4\n\
                [consumer.w]\nfrom = \"s\"\nreplicas = 4\nservice = \"50ms\"\n\
                [[window]]\nname = \"noon\"\nat = \"1m\"\nfor = \"10s\"\n";
    let findings = simulate(text);
    let found = verdict(&findings, "s/w");
    assert_eq!((found.outcome, found.mechanism), (Outcome::Never, Some(Mechanism::Blocked)));
    let group = component(&findings, "s/w");
    let hottest = group.hottest_partition().expect("partitions").partition;
    assert!(found.evidence.starts_with(&format!("Partition {hottest} holds ")), "{}", found.evidence);
}

/// Every message of a session fails for ever: its key alone is left.
#[test]
fn one_key_that_holds_nearly_all_is_named() {
    let text = "duration = \"2m\"\nwarmup = \"10s\"\n[producer.p]\nto = \"q\"\nrate = \"10/s\"\n\
                keys = { count = 50 }\n[producer.bad]\nto = \"q\"\nrate = \"2/s\"\nkeys = { count = 1 }\npoison = 1.0\n\
                [queue.q]\norder = \"key\"\n[consumer.w]\nfrom = \"q\"\nreplicas = 10\nservice = \"100ms\"\n\
                [[window]]\nname = \"noon\"\nat = \"1m\"\nfor = \"10s\"\n";
    let findings = simulate(text);
    let found = verdict(&findings, "q");
    assert_eq!(found.mechanism, Some(Mechanism::Blocked), "{}", found.evidence);
    assert!(found.evidence.starts_with("The key "), "{}", found.evidence);
}

/// Each attempt fails, and a message has four: four attempts begin for each message first attempted.
#[test]
fn work_amplification_is_a_series() {
    let consumer = "service = \"10ms\"\nfailure = 1.0\nretry = { max_attempts = 4, backoff = \"20ms\" }";
    let findings = simulate(&line("1/s", "", consumer, ""));
    let work = component(&findings, "q").series("work_amplification").expect("a series");
    assert!(work.mean[0].is_nan() && work.mean[2..120].iter().all(|ratio| *ratio == 4.0), "{:?}", work.mean);
    let rates = ["drop_rate_per_s", "expire_rate_per_s", "dead_letter_rate_per_s"];
    let last = rates.map(|rate| component(&findings, "q").series(rate).expect("a series").mean[60]);
    assert_eq!(last, [1.0, 0.0, 0.0]);
}

/// 5/s for workers that call a database of 10/s and give it 1 s. While it is ten times as slow for 20 s, calls pile up in
/// its line, and their callers give up and call again: it works on calls that nobody waits for any more. Without a second
/// try 5/s are half of what it can do.
#[test]
fn a_storm_of_calls_is_metastable() {
    let consumer = "concurrency = 100\nservice = \"1ms\"\nretry = { backoff = \"1s\" }\n\
                    calls = [{ dependency = \"db\", timeout = \"1s\", retry = { max_attempts = 5, backoff = \"1ms\" } }]\n\
                    [dependency.db]\nconcurrency = 1\nservice = \"100ms\"\n\
                    [[fault]]\nname = \"slow\"\nat = \"20s\"\nfor = \"20s\"\ndependency = \"db\"\nslow = 10";
    let findings = simulate(&line("5/s", "", consumer, ""));
    let found = verdict(&findings, "q");
    assert_eq!((found.outcome, found.mechanism), (Outcome::Never, Some(Mechanism::Metastable)), "{}", found.evidence);
    assert_eq!(found.experiments[0].recovered, 3);
}

#[test]
fn verdicts_do_not_depend_on_threads() {
    let storm = "reply = { timeout = \"1s\", retry = { max_attempts = 3, backoff = \"0s\" } }\n\
                 spikes = [{ at = \"20s\", for = \"10s\", rate = \"20/s\" }]";
    let text = format!("title = \"t\"\nruns = 7\n{}", line("6/s", "", "service = { exp = \"100ms\" }", storm));
    let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let scenario = tailback::scenario::Scenario::parse(&text, &files).expect("sound");
    let found = [1, 3].map(|threads| {
        let options = tailback::study::Options { threads: Some(threads), ..Default::default() };
        tailback::study::replicate(&scenario, &options, &|_| {}).expect("findings").components[0].verdict.clone()
    });
    assert!(found[0].is_some() && found[0] == found[1], "{found:?}");
}

/// Nothing is left of the run after the fault, so nothing tells what would have become of the 600 that piled up.
#[test]
fn a_fault_that_lasts_to_the_end_tells_nothing() {
    for lasts in ["60s", "59s"] {
        let fault = format!("[[fault]]\nat = \"60s\"\nfor = \"{lasts}\"\nconsumer = \"w\"\npause = true\n");
        let findings = simulate(&(line("10/s", "", "service = \"50ms\"", "") + &fault));
        let verdict = verdict(&findings, "q");
        assert_eq!((verdict.outcome, verdict.mechanism), (Outcome::Never, None));
        assert!(verdict.evidence.contains("too soon to tell"), "{}", verdict.evidence);
    }
}
