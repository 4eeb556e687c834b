//! The lives of replicas, by the clock.

use std::collections::BTreeMap;
use tailback::engine;
use tailback::model::Model;
use tailback::observe::Observations;
use tailback::policy::scaling::{Limits, Rules, rules};
use tailback::random::Distribution;
use tailback::scenario::{Scaling, ScalingMetric, Scenario, Warm};
use tailback::units::{Duration, SECOND};

fn s(seconds: u64) -> Duration {
    Duration(seconds * SECOND)
}

/// By the clock, so that nothing but the replicas' lives is at stake; `more` sets their terms.
fn run(rest: &str, steps: &[(u64, u32)], more: impl Fn(&mut Scaling)) -> Observations {
    let text = format!("duration = \"100s\"\ntick = \"1s\"\nruns = 1\n{rest}");
    let mut scenario = Scenario::parse(&text, &BTreeMap::new()).unwrap();
    let steps = steps.iter().map(|(at, n)| (at * SECOND, *n)).collect();
    let mut scaling = Scaling {
        rules: Rules::Schedule(rules::Schedule { steps, every: None }),
        limits: Limits { min: 0, max: 10 },
        metric: ScalingMetric::Backlog,
        metric_delay: s(0),
        metric_period: s(0),
        provision: None,
        headroom: 0,
        node_idle: s(600),
        startup: Some(Distribution::constant(5.0)),
        warm: None,
        drain: None,
        reserved_concurrency: None,
    };
    more(&mut scaling);
    scenario.consumers[0].scaling = Some(scaling);
    engine::run(&Model::compile(&scenario), 0).unwrap()
}

const PLAIN: &str = "[producer.p]\nto = \"q\"\nrate = \"10/s\"\nprocess = \"constant\"\n[queue.q]\n[consumer.w]\nfrom = \"q\"\nservice = \"100ms\"\n";

fn column(seen: &Observations, name: &str) -> Vec<f64> {
    seen.consumers[0].series.column(name).unwrap().collect()
}

/// The series as (second, value) of its changes.
fn changes(seen: &Observations, name: &str) -> Vec<(usize, f64)> {
    let all = column(seen, name);
    (0..all.len()).filter(|i| *i == 0 || all[*i] != all[i - 1]).map(|i| (i, all[i])).collect()
}

#[test]
fn a_new_replica_waits_for_its_node_and_its_start() {
    let seen = run(PLAIN, &[(10, 4), (50, 1), (60, 5)], |scaling| {
        scaling.provision = Some(Distribution::constant(20.0));
        scaling.headroom = 1;
    });
    // One node stands, two come after 20 s. At 60 s the three of before are still there, and one more is ordered.
    assert_eq!(changes(&seen, "desired_replicas"), [(0, 1.0), (10, 4.0), (50, 1.0), (60, 5.0)]);
    assert_eq!(changes(&seen, "replicas"), [(0, 1.0), (15, 2.0), (35, 4.0), (50, 1.0), (65, 4.0), (85, 5.0)]);
    let scaling = seen.consumers[0].scaling.as_ref().unwrap();
    assert_eq!((scaling.scale_outs, scaling.scale_ins, scaling.longest_start), (2, 1, 25 * SECOND));
    assert_eq!(scaling.decisions.len(), 3);
}

#[test]
fn empty_nodes_go_in_time_but_for_those_always_kept() {
    let seen = run(PLAIN, &[(10, 4), (50, 1), (70, 4)], |scaling| {
        scaling.provision = Some(Distribution::constant(20.0));
        scaling.headroom = 1;
        scaling.node_idle = s(15);
    });
    assert_eq!(changes(&seen, "replicas")[3..], [(50, 1.0), (75, 2.0), (95, 4.0)]);
}

#[test]
fn the_newest_go_first_and_those_on_their_way_before_them() {
    // Called at 10 s, called off at 12 s before they served; nothing ever came of them.
    let seen = run(PLAIN, &[(10, 4), (12, 1)], |_| {});
    assert_eq!(changes(&seen, "replicas"), [(0, 1.0)]);
    assert_eq!(seen.consumers[0].scaling.as_ref().unwrap().longest_start, 0);
}

const LONG: &str = "[producer.p]\nto = \"q\"\nrate = \"1/s\"\nprocess = \"constant\"\n[queue.q]\n[consumer.w]\nfrom = \"q\"\nreplicas = 8\nservice = \"30s\"\n";

#[test]
fn work_in_hand_is_finished() {
    // Eight take one message each, from 0 to 7 s, and are told to go at 10 s.
    let seen = run(LONG, &[(10, 0)], |_| {});
    assert_eq!((seen.queues[0].totals.completed, seen.queues[0].totals.redeliveries), (8, 0));
    assert_eq!(column(&seen, "busy")[35], 2.0);
    assert_eq!(column(&seen, "busy")[40], 0.0);
}

#[test]
fn what_takes_longer_than_the_grace_is_lost_to_the_replica() {
    let seen = run(LONG, &[(10, 0), (60, 1)], |scaling| scaling.drain = Some(s(25)));
    // At 35 s those still at work are killed: begun at 6 and 7 s.
    assert_eq!(seen.consumers[0].scaling.as_ref().unwrap().killed, 2);
    // The replica that serves from 65 s on does one of them by 95 s, and begins the other.
    assert_eq!((seen.queues[0].totals.completed, seen.queues[0].totals.redeliveries), (7, 2));
}

#[test]
fn replicas_beyond_the_places_wait_for_one_to_go() {
    // Ten drain, ten more are called: all twenty places are taken, and the third ten wait for the first to go.
    let slow = LONG.replace("replicas = 8", "replicas = 10").replace("1/s", "10/s");
    let seen = run(&slow, &[(10, 0), (11, 10), (20, 0), (21, 10)], |scaling| scaling.startup = None);
    let serving = column(&seen, "replicas");
    assert_eq!((serving[12], serving[22]), (10.0, 0.0));
    assert_eq!(serving[32], 10.0, "the first ten end at 31 s");
}

#[test]
fn a_new_replica_is_slow_at_first() {
    let text = PLAIN.replace("10/s", "20/s").replace("[queue.q]", "[queue.q]\ninitial = { messages = 10000 }");
    let warm = |speed| {
        run(&text, &[(10, 2)], |scaling| scaling.warm = Some(Warm { speed, lasts: s(20) })).queues[0].totals.completed
    };
    // Ten a second from the first; from 15 s ten more, or half of that for 20 s. What begins at the very end of it
    // is still slow.
    assert_eq!(warm(1.0), 1000 + 850);
    assert_eq!(warm(0.5), 1000 + 850 - 101);
}

#[test]
fn a_crash_of_scaled_replicas_is_mended_and_a_hang_ends() {
    let fault = "[[fault]]\nconsumer = \"w\"\nat = \"20s\"\nfor = \"10s\"\n";
    for effect in ["crash = \"50%\"", "hang = \"50%\""] {
        let seen = run(&format!("{PLAIN}{fault}{effect}\n"), &[(5, 4), (25, 1), (40, 4)], |_| {});
        let serving = column(&seen, "replicas");
        assert_eq!((serving[19], serving[50]), (4.0, 4.0), "{effect}");
        assert_eq!(serving[39], 1.0, "{effect}");
    }
}

#[test]
fn a_refused_invocation_costs_deliveries() {
    let text = "[producer.p]\nto = \"q\"\nrate = \"4/s\"\nprocess = \"constant\"\n[queue.q]\nvisibility_timeout = \"10s\"\nmax_deliveries = 3\ndead_letter = \"dlq\"\n[consumer.w]\nfrom = \"q\"\nreplicas = 10\nservice = \"2s\"\n";
    let free = run(text, &[], |_| {});
    let capped = run(text, &[], |scaling| scaling.reserved_concurrency = Some(2));
    assert_eq!(free.queues[0].totals.dead_lettered, 0);
    let seen = &capped.queues[0].totals;
    let throttled = capped.consumers[0].scaling.as_ref().unwrap().throttled;
    // Two invocations of 2 s do one message a second of the four that come; the others are received in vain.
    assert!((95..=100).contains(&seen.completed), "{seen:?}");
    // Eight pollers, 10 s for each that comes to nothing, three of them a message: 26 at most.
    assert!((8..=26).contains(&seen.dead_lettered) && throttled > 500, "{seen:?} {throttled}");
    // As many pollers as may work: all that waits, waits in the queue, unharmed.
    let two = text.replace("replicas = 10", "replicas = 2");
    let safe = run(&two, &[], |scaling| scaling.reserved_concurrency = Some(2));
    assert_eq!(safe.queues[0].totals.dead_lettered, 0);
}
