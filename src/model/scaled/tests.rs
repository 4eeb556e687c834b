//! What a scaled model is made of.

use super::*;
use crate::arrivals::{BatchSize, Process};
use crate::model::SourceModel;
use crate::policy::scaling::Rules;
use crate::scenario::Scenario;
use std::collections::BTreeMap;

fn model(producer: &str, queue: &str, consumer: &str) -> Model {
    let text = format!(
        "duration = \"10m\"\n[producer.p]\nto = \"q\"\nrate = \"10000/s\"\n{producer}\n[queue.q]\n{queue}\n\
         [consumer.w]\nfrom = \"q\"\nservice = {{ exp = \"50ms\" }}\n{consumer}"
    );
    let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    Model::compile(&Scenario::parse(&text, &files).expect("a sound scenario"))
}

#[test]
fn a_large_pool_is_divided_by_the_weight_and_a_small_one_keeps_fifty_servers() {
    let large = model("", "", "replicas = 1000").scaled(10);
    assert_eq!((large.model.consumers[0].replicas, large.pools[0].slots), (100, 10.0));
    assert!(large.model.consumers[0].others.is_none() && large.coarse.is_empty() && large.rounded.is_empty());
    let small = model("", "", "replicas = 1000").scaled(100);
    assert_eq!((small.model.consumers[0].replicas, small.pools[0].slots), (50, 20.0));
    let others = small.model.consumers[0].others.as_ref().expect("four more services");
    assert!((others.times - 4.0).abs() < 1e-12);
    // Five services of 50 ms, of which the first is the message's own.
    let work = others.work.as_ref().expect("a law");
    assert!((work.mean() - 0.2).abs() < 1e-12);
    // Together they vary as a hundred real services among twenty servers do.
    assert!((work.variance() - 24.0 * 0.0025 / 100.0).abs() < 1e-12);
}

#[test]
fn a_pool_that_does_not_divide_keeps_its_capacity() {
    for (replicas, weight) in [(333, 2), (333, 10), (60, 7), (50, 100), (7, 3), (1, 1_000)] {
        let scaled = model("", "", &format!("replicas = {replicas}")).scaled(weight);
        let left = scaled.model.consumers[0].replicas;
        let (pool, services) = (scaled.pools[0], scaled.pools[0].services(weight));
        assert!(services >= 1.0 - 1e-12 && left >= replicas.min(50), "{replicas} by {weight}: {left}");
        // Real messages a second: each slot settles `weight` of them in the time of so many services.
        let capacity = f64::from(left) * f64::from(weight) / services;
        assert!((capacity / f64::from(replicas) - 1.0).abs() < 1e-9, "{replicas} by {weight}: {pool:?}");
    }
}

#[test]
fn concurrency_is_divided_where_replicas_are_few() {
    let scaled = model("", "", "replicas = 4\nconcurrency = 500").scaled(10);
    let consumer = &scaled.model.consumers[0];
    assert_eq!((consumer.replicas, consumer.concurrency), (4, 50));
    assert_eq!(scaled.pools[0], Pool { replicas: 1.0, slots: 10.0 });
}

#[test]
fn arrivals_keep_the_irregularity_of_their_sums() {
    let process = |producer: &str, weight| {
        let SourceModel::Curve { process, curve } =
            model(producer, "", "").scaled(weight).model.producers[0].source.clone()
        else {
            panic!("a curve")
        };
        (process, curve.rate_at(0.0))
    };
    assert_eq!(process("", 100), (Process::Renewal { cv: 0.1 }, 100.0));
    assert_eq!(process("process = \"constant\"", 100), (Process::Constant, 100.0));
    assert_eq!(process("process = { cv = 2.0 }", 100), (Process::Renewal { cv: 0.2 }, 100.0));
    // Batches of 25: variance ÷ mean of the count is 25.
    assert_eq!(process("batch = 25", 100), (Process::Renewal { cv: 0.5 }, 2_500.0));
    // Batches that are large enough are batches still.
    assert_eq!(process("batch = 5000", 100), (Process::Poisson, 10_000.0));
    assert_eq!(model("batch = 5000", "", "").scaled(100).model.producers[0].batch, BatchSize::Fixed(50));
    let uneven = model("batch = 1050", "", "").scaled(100).model.producers[0].batch.clone();
    assert_eq!(uneven, BatchSize::Pmf { sizes: vec![10, 11], shares: vec![0.5, 0.5] });
}

#[test]
fn counts_of_messages_are_divided_and_sizes_multiplied() {
    let exact = model(
        "size = \"1 KB\"",
        "capacity = 5000\nmax_in_flight = 20000\ninitial = { messages = 4000, age = \"1m\" }\n\
         recovered_when = \"backlog <= 1010\"\npublish_limit = \"30000/s\"",
        "replicas = 1000",
    );
    let scaled = exact.scaled(100);
    let queue = &scaled.model.queues[0];
    assert_eq!((queue.capacity, queue.max_in_flight), (50, 200));
    assert_eq!(queue.initial.map(|initial| initial.messages), Some(40));
    assert_eq!(queue.traits.publish_limit, Some(300.0));
    assert_eq!(scaled.model.producers[0].size, 100_000);
    let rounded: Vec<(&str, u64, f64)> = scaled.rounded.iter().map(|it| (it.what.as_str(), it.real, it.used)).collect();
    assert_eq!(rounded, [("`recovered_when` of `q`", 1_010, 1_000.0)]);
}

#[test]
fn what_a_message_must_not_stand_for_is_said() {
    let tightest = |queue: &str, consumer: &str, producer: &str| {
        let bound = model(producer, queue, consumer).weight_bounds().into_iter().next().expect("a bound");
        (bound.weight, bound.reason)
    };
    let (weight, reason) = tightest("order = \"key\"", "", "keys = { count = 100 }");
    assert_eq!(weight, 1);
    assert!(reason.contains("one message of a key after another"), "{reason}");
    assert_eq!(tightest("capacity = 2000", "", ""), (100, "`capacity` of `q` is 2,000".into()));
    let calls = "replicas = 100\nconcurrency = 8\ncalls = [{ dependency = \"db\", bulkhead = 3 }]\n\
                 [dependency.db]\nconcurrency = 4000\nservice = \"10ms\"";
    assert_eq!(tightest("", calls, "").0, 6);
}

#[test]
fn an_autoscaler_sees_what_it_would_see() {
    let keda = "replicas = 400\n[consumer.w.scaling]\npolicy = \"keda\"\ntarget = 200\nmin = 400\nmax = 4000";
    let scaled = model("", "", keda).scaled(1_000);
    let scaling = scaled.model.consumers[0].scaling.as_ref().expect("an autoscaler");
    // Fifty are left of the four hundred that there are at first.
    assert_eq!((scaling.limits.min, scaling.limits.max, scaled.pools[0].replicas), (50, 500, 8.0));
    let Rules::Keda(rules) = &scaling.rules else { panic!("keda") };
    // 1,000,000 messages ask for 5,000 real replicas, which are 625; 1,000 scaled messages ÷ 1.6.
    assert!((rules.hpa.target.value - 1.6).abs() < 1e-12);
}

#[test]
fn replicas_that_a_fault_names_can_be_told() {
    let fault = "replicas = 1000\n[[fault]]\nname = \"f\"\nat = \"1m\"\nfor = \"1m\"\nconsumer = \"w\"\ncrash = 4";
    let scaled = model("", "", fault).scaled(1_000);
    assert_eq!(scaled.pools[0].replicas, 4.0);
    assert!(matches!(scaled.model.effects[0], Effect::ConsumerCrash { replicas: Portion::Count(1), .. }));
}
