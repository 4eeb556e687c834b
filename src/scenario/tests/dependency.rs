//! Dependencies, calls and the retries of named clients, as they are read.

use super::everything::EVERYTHING;
use super::{parse, shown};
use crate::policy::breaker::{Trip, Window};
use crate::policy::budget::{Envoy, Finagle, Grpc, Quota, Rules};
use crate::policy::retry::{Growth, Jitter};
use crate::scenario::{Call, DependencyOrder, Effect, Grade, Hedge, Origin, RateLimit, Retry, Scenario, Slowdown};
use crate::units::{Duration, Nanos, SECOND};

#[track_caller]
fn sound(text: &str) -> Scenario {
    parse(text).unwrap_or_else(|_| panic!("{text}\n{}", shown(text)))
}

const MS: Nanos = 1_000_000;

#[test]
fn dependencies_are_read() {
    let scenario = sound(EVERYTHING);
    let [database, payments] = &scenario.dependencies[..] else { panic!("two") };
    assert_eq!((database.concurrency, database.queue_limit), (Some(50), Some(200)));
    assert_eq!(database.order, DependencyOrder::Lifo);
    assert_eq!(database.rate_limit, Some(RateLimit { per_second: 2_000.0, burst: 100.0 }));
    assert_eq!(database.slowdown, Some(Slowdown { factor: 3.0, from: 0.5 }));
    assert_eq!(payments.slowdown, Some(Slowdown { factor: 2.0, from: 0.0 }));
    assert_eq!(payments.rate_limit, Some(RateLimit { per_second: 500.0, burst: 500.0 }));
    let down = |effect: &Effect| matches!(effect, Effect::DependencyDown { dependency: 1, silent: true });
    assert!(scenario.faults.iter().any(|fault| down(&fault.effect)));
}

#[test]
fn calls_are_read() {
    let scenario = sound(EVERYTHING);
    let caller = scenario.consumers.iter().find(|consumer| consumer.name == "caller").expect("it is there");
    let [first, second, third] = &caller.calls[..] else { panic!("three") };
    assert_eq!((first.dependency, first.share, first.bulkhead, first.deadline), (0, 0.5, Some(4), true));
    assert_eq!(first.hedge, Some(Hedge { after: Duration(50 * MS), max: 2 }));
    let rules = first.breaker.as_ref().expect("a breaker");
    let slow = Some((0.8, 100 * MS));
    let trip = Trip::Rate { window: Window::Seconds(10), minimum_calls: 20, failure_rate: 0.4, slow };
    assert_eq!((&rules.trip, rules.open_for, rules.half_open_calls), (&trip, 30 * SECOND, 5));
    let trips = |call: &Call| call.breaker.as_ref().map(|rules| (rules.trip.clone(), rules.half_open_calls));
    assert_eq!(trips(second), Some((Trip::Consecutive(5), 1)));
    assert_eq!(trips(third), Some((Trip::Consecutive(6), 1)));
    let retry = first.retry.as_ref().expect("a retry");
    assert_eq!(retry.max_attempts, Some(4), "the file's own");
    assert_eq!(retry.backoff.jitter, Jitter::Full);
    assert_eq!((retry.backoff.backoff.mean(), retry.backoff.factor, retry.backoff.cap), (0.05, 2.0, 20 * SECOND));
    assert_eq!(retry.throttled.as_ref().map(|backoff| backoff.backoff.mean()), Some(2.0), "the file's own");
    let quota = Quota { tokens: 500, retry_cost: 14, timeout_cost: 14, throttle_cost: 5, refund: 1 };
    assert_eq!(retry.budget, Some(Rules::Quota(quota)));
    let budget = |call: &Call| call.retry.as_ref().and_then(|retry| retry.budget.clone());
    assert_eq!(budget(second), Some(Rules::Finagle(Finagle { ratio: 0.1, min_per_s: 5.0, ttl: 20 * SECOND })));
    assert_eq!(budget(third), Some(Rules::Envoy(Envoy { ratio: 0.1, min_concurrency: 2 })));
    let own = caller.retry.as_ref().expect("a retry");
    assert_eq!((own.backoff.growth, own.max_attempts), (Growth::Sidekiq, Some(26)));
    assert!(matches!(own.budget, Some(Rules::Adaptive(_))));
    let jobber = scenario.producers.iter().find(|producer| producer.name == "jobber").expect("it is there");
    let reply = jobber.reply.as_ref().and_then(|reply| reply.retry.as_ref()).expect("a retry");
    assert_eq!(reply.budget, Some(Rules::Grpc(Grpc { tokens: 20, token_ratio: 0.2 })));
}

fn with(retry: &str) -> Scenario {
    sound(&format!(
        "duration = \"10m\"\n[producer.p]\nto = \"q\"\nrate = \"1/s\"\non_reject = {{ retry = {retry} }}\n[queue.q]\ncapacity = 9\n\
         [consumer.c]\nfrom = \"q\"\nservice = \"1s\"\nretry = {retry}\n"
    ))
}

fn of_consumer(retry: &str) -> Retry {
    with(retry).consumers[0].retry.clone().expect("a retry")
}

#[test]
fn clients_have_their_own_defaults() {
    let delays = |name: &str| {
        let retry = of_consumer(&format!("{{ policy = \"{name}\" }}"));
        let Retry { backoff, max_attempts, budget, .. } = retry;
        (max_attempts, backoff.backoff.mean(), backoff.factor, backoff.jitter, budget.is_some())
    };
    assert_eq!(delays("aws-standard"), (Some(3), 0.05, 2.0, Jitter::Full, true));
    assert_eq!(delays("aws-adaptive"), (Some(3), 0.05, 2.0, Jitter::Full, true));
    assert_eq!(delays("aws-standard-2025"), (Some(3), 1.0, 2.0, Jitter::Full, true));
    assert_eq!(delays("aws-legacy"), (Some(11), 0.025, 2.0, Jitter::None, false));
    assert_eq!(delays("grpc"), (Some(4), 0.1, 2.0, Jitter::Fifth, true));
    assert_eq!(delays("finagle"), (Some(3), 0.0, 1.0, Jitter::None, true));
    assert_eq!(delays("envoy"), (Some(2), 0.025, 1.0, Jitter::Full, true));
    assert_eq!(delays("celery"), (Some(4), 180.0, 1.0, Jitter::None, false));
    assert_eq!(delays("celery-backoff"), (Some(4), 1.0, 2.0, Jitter::Full, false));
    assert_eq!(delays("bullmq"), (Some(1), 0.0, 1.0, Jitter::None, false));
    assert_eq!(delays("temporal"), (None, 1.0, 2.0, Jitter::None, false));
    assert_eq!(delays("kafka-producer"), (Some(123), 0.1, 2.0, Jitter::Fifth, false));
    let reject = with("{ policy = \"aws-standard\" }").producers[0].on_reject.clone();
    assert!(matches!(reject, crate::scenario::OnReject::Retry(retry) if retry.backoff.backoff.mean() == 1.0));
}

#[test]
fn clients_are_spoken_to_in_their_own_words() {
    let celery = of_consumer("{ policy = \"celery\", max_retries = 5, default_retry_delay = 60 }");
    assert_eq!((celery.max_attempts, celery.backoff.backoff.mean()), (Some(6), 60.0));
    let temporal = of_consumer(
        "{ policy = \"temporal\", initial_interval = \"2s\", maximum_attempts = 0, maximumInterval = \"1m\" }",
    );
    assert_eq!(
        (temporal.max_attempts, temporal.backoff.backoff.mean(), temporal.backoff.cap),
        (None, 2.0, 60 * SECOND)
    );
    let without = of_consumer("{ policy = \"aws-standard\", budget = \"none\" }");
    assert_eq!(without.budget, None);
    let envoy = of_consumer("{ policy = \"envoy\", num_retries = 3, retry_budget = \"envoy\" }");
    assert_eq!((envoy.max_attempts, envoy.backoff.growth), (Some(4), Growth::Envoy));
    assert_eq!(envoy.budget, Some(Rules::Envoy(Envoy { ratio: 0.2, min_concurrency: 3 })));
}

#[test]
fn what_a_client_fills_in_says_where_it_was_read() {
    let scenario = with("{ policy = \"aws-standard\", cap = \"5s\" }");
    let origin = |path: &str| {
        let found = scenario.assumptions.iter().find(|assumption| assumption.path == path);
        found.map(|assumption| (assumption.value.as_str(), assumption.origin.clone())).expect("it is there")
    };
    let (value, budget) = origin("consumer.c.retry.budget");
    assert_eq!(value, "aws-standard");
    assert!(matches!(budget, Origin::Preset { broker: "aws-standard", grade: Grade::Documented, .. }), "{budget:?}");
    assert!(matches!(origin("consumer.c.retry.cap"), ("5s", Origin::File { .. })));
}
