//! From the checked scenario to the dense model.

use super::*;
use crate::scenario::{self, Effect, Feed, RetryPlace, RetryPosition, Scenario, Service, Source};

impl Model {
    pub fn compile(scenario: &Scenario) -> Model {
        Model::watching(scenario, disturbance::of(scenario))
    }

    /// The same, with recovery measured from these disturbances, in order of time, rather than from the scenario's own.
    pub fn watching(scenario: &Scenario, disturbances: Vec<Disturbance>) -> Model {
        let streams = &scenario.streams;
        let origin = scenario
            .queues
            .iter()
            .filter_map(|q| q.initial)
            .chain(streams.iter().filter_map(|s| s.initial))
            .map(|i| i.age.ns())
            .max()
            .unwrap_or(0);
        let mut producers: Vec<ProducerModel> = scenario.producers.iter().map(producer).collect();
        for fault in &scenario.faults {
            let window = (fault.at.seconds(), fault.at.seconds() + fault.lasts.seconds());
            let (index, factor) = match fault.effect {
                Effect::ProducerTimes { producer, factor } => (producer, factor),
                Effect::ProducerPause { producer } => (producer, 0.0),
                _ => continue,
            };
            if let Some(cron) = &mut producers[index].cron {
                cron.factors.push((fault.at.ns(), fault.at.ns() + fault.lasts.ns(), factor));
            }
            if let SourceModel::Curve { curve, .. } = &mut producers[index].source {
                curve.factors.push((window.0, window.1, factor));
            }
        }
        let consumers = (0..scenario.consumers.len()).map(|i| consumer(scenario, i)).collect();
        let mut queues: Vec<QueueModel> = (0..scenario.queues.len())
            .map(|i| queue(scenario, i))
            .chain((0..scenario.consumers.len()).filter_map(|c| stream::group(scenario, c)))
            .collect();
        workflow::task_queues(scenario, &mut queues);
        let topics = topics(scenario);
        let timeline = timeline(scenario, &disturbances, origin);
        Model {
            seed: scenario.seed,
            origin,
            warm: origin + scenario.warmup.ns(),
            end: origin + scenario.duration.ns(),
            tick: scenario.tick.ns(),
            producers,
            queues,
            topics,
            streams: stream::streams(scenario),
            consumers,
            dependencies: scenario.dependencies.iter().map(dependency::dependency).collect(),
            workflows: workflow::workflows(scenario),
            timeline,
            disturbances,
            effects: scenario.faults.iter().map(|fault| fault.effect).collect(),
            deploys: scenario.deploys.clone(),
            lost_partitions: scenario.faults.iter().map(|fault| fault.partitions.clone()).collect(),
            key_names: scenario.key_names.clone(),
            weight: 1,
            prices: scenario.prices.clone(),
        }
    }
}

fn producer(p: &scenario::Producer) -> ProducerModel {
    let has_row_data = matches!(&p.source, Source::Messages(rows) if rows.iter().any(|r| r.service.is_some() || r.poison || r.level > 0 || r.key.is_some()));
    let plain = p.reply.is_none()
        && p.poison == 0.0
        && p.priority.is_empty()
        && !has_row_data
        && p.keys.is_none()
        && p.outbox.is_none()
        && p.duplicate == 0.0;
    ProducerModel {
        name: p.name.clone(),
        to: p.to.clone(),
        balance: p.balance,
        source: match &p.source {
            Source::Curve { curve, process } => SourceModel::Curve { curve: curve.clone(), process: *process },
            Source::Mmpp(phases) => SourceModel::Mmpp(phases.clone()),
            Source::Messages(rows) => SourceModel::Messages(rows.clone()),
            Source::Clients { count, think } => SourceModel::Clients { count: *count, think: think.clone() },
        },
        batch: p.batch.clone(),
        priority: p.priority.clone(),
        poison: p.poison,
        keys: p.keys.clone(),
        size: p.size,
        duplicate: p.duplicate,
        sticky: p.sticky,
        reply: p.reply.as_ref().map(|reply| ReplyModel {
            timeout: reply.timeout.ns(),
            max_attempts: reply.retry.as_ref().map_or(1, |retry| retry.max_attempts.unwrap_or(u32::MAX)),
            backoff: reply.retry.as_ref().map_or_else(Backoff::immediate, |retry| retry.backoff.clone()),
            budget: reply.retry.as_ref().and_then(|retry| retry.budget.clone()),
        }),
        on_reject: match &p.on_reject {
            scenario::OnReject::Drop => OnRejectModel::Drop,
            scenario::OnReject::Block => OnRejectModel::Block,
            scenario::OnReject::Retry(retry) => OnRejectModel::Retry {
                max_attempts: retry.max_attempts.unwrap_or(u32::MAX),
                backoff: retry.backoff.clone(),
                budget: retry.budget.clone(),
            },
            scenario::OnReject::Spill(spill) => OnRejectModel::Spill(*spill),
        },
        cron: p.cron.as_ref().map(|cron| CronModel {
            at: cron.at.ns(),
            every: cron.every.ns(),
            count: cron.count,
            jitter: cron.jitter.ns(),
            factors: vec![],
        }),
        outbox: p.outbox,
        plain,
    }
}

fn consumer(scenario: &Scenario, index: usize) -> ConsumerModel {
    let c = &scenario.consumers[index];
    let planned = c.schedule.iter().map(|(_, n)| *n).chain([c.replicas]).max().unwrap_or(0);
    // While as many as possible finish their work, as many as possible may be called anew.
    let max_replicas = c.scaling.as_ref().map_or(planned, |scaling| scaling.limits.max.saturating_mul(2));
    let speeds = if c.speeds.iter().all(|speed| *speed == 1.0) {
        vec![]
    } else {
        (0..max_replicas as usize).map(|i| c.speeds[i % c.speeds.len()]).collect()
    };
    ConsumerModel {
        name: c.name.clone(),
        queue: stream::queue_of(scenario, index),
        replicas: c.replicas,
        max_replicas,
        concurrency: c.concurrency,
        service: match &c.service {
            Service::Drawn(law) => ServiceModel::Drawn(law.clone()),
            Service::Message => ServiceModel::Message,
            Service::ByPriority(laws) => ServiceModel::ByPriority(laws.clone()),
        },
        overhead_success: c.overhead_success.clone().filter(|law| !law.is_zero()),
        overhead_failure: c.overhead_failure.clone().filter(|law| !law.is_zero()),
        speeds,
        failure_service: c.failure_service.clone(),
        prefetch: c.prefetch.unwrap_or(0),
        batch: c.batch.clone().or_else(|| throttled_one_by_one(c)),
        ack_before: c.ack_before,
        failure: c.failure,
        permanent_failure: c.permanent_failure,
        max_attempts: c.retry.as_ref().and_then(|retry| retry.max_attempts).unwrap_or(u32::MAX),
        backoff: c.retry.as_ref().map(|retry| retry.backoff.clone()),
        retry_at_head: c.retry.as_ref().is_some_and(|retry| retry.position == RetryPosition::Head),
        in_process: c.retry.as_ref().is_some_and(|retry| retry.place == RetryPlace::Process),
        timeout: c.timeout.map_or(UNLIMITED, Duration::ns),
        then: c.then.clone(),
        route_one: c.route_one,
        crash: c.crash.clone(),
        receive: c.receive,
        poll: c.poll.ns(),
        poll_from: c.poll_from.ns(),
        heartbeat: c.heartbeat.map(Duration::ns),
        idempotent: c.idempotent.clone(),
        shed: c.shed.clone(),
        skip_expired_requests: c.skip_expired_requests,
        turns_away: c.shed.is_some() || c.skip_expired_requests,
        calls: c.calls.iter().map(dependency::call).collect(),
        budget: c.retry.as_ref().and_then(|retry| retry.budget.clone()),
        scaling: c.scaling.clone(),
        others: None,
        metered: scenario.prices.meter(Priced::Consumer(index)).is_some(),
    }
}

/// Invocations may be refused, which is decided for each batch: a message without one is a batch of its own.
fn throttled_one_by_one(c: &scenario::Consumer) -> Option<scenario::ConsumerBatch> {
    c.scaling.as_ref()?.reserved_concurrency?;
    Some(scenario::ConsumerBatch { size: 1, wait: Duration::ZERO, partial: false, service_per_batch: None })
}

/// Some rule besides room decides on each publish.
fn guards_entrance(traits: &QueueTraits) -> bool {
    traits.publish_limit.is_some()
        || traits.operation_limit.is_some()
        || traits.dedup_window.ns() > 0
        || traits.capacity_bytes.is_some()
        || traits.memory_alarm.is_some()
        || traits.at_most_once
}

/// What it publishes may lie with it for a while.
pub(super) fn kept_on_disk(producer: &scenario::Producer) -> bool {
    producer.outbox.is_some() || matches!(producer.on_reject, scenario::OnReject::Spill(_))
}

fn queue(scenario: &Scenario, index: usize) -> QueueModel {
    let q = &scenario.queues[index];
    let reaches = |target: &Target| match *target {
        Target::Queue(to) => to == index,
        Target::Stream(_) | Target::Workflow(_) => false,
        Target::Topic(topic) => q.subscribe.is_some_and(|subscription| subscription.topic == topic),
    };
    let produced = scenario.producers.iter().any(|p| p.to.iter().any(reaches));
    let forwarded = scenario.consumers.iter().any(|c| c.then.iter().any(|then| reaches(&then.to)));
    let dead_end = scenario.queues.iter().any(|other| other.dead_letter == Some(index));
    let consumed = scenario.consumers.iter().any(|c| c.from == Feed::Queue(index));
    // A topic that offers its copies again may be late: the journey begins with the publish to it.
    let retried = q.subscribe.is_some_and(|s| !scenario.topics[s.topic].delivery_retry.is_empty());
    let redriven = scenario.queues.iter().any(|other| other.redrive.is_some_and(|redrive| redrive.to == index));
    // So does a publish that waits on the producer's disk, or in a topic that a fault holds up.
    let stored = scenario.producers.iter().any(|p| kept_on_disk(p) && p.to.iter().any(reaches));
    let held = q.subscribe.is_some_and(|s| scenario.faults.iter().any(|fault| fault.effect.stops_topic(s.topic)));
    let hops = forwarded || dead_end || retried || redriven || stored || held;
    let special =
        q.visibility_timeout.is_some() || q.ttl.is_some() || q.order != Order::Fifo || q.delivery_delay.ns() > 0;
    let plain = q.traits == QueueTraits::default();
    // What is asked at the entrance is asked of every message, whether anybody takes it from here or not.
    let guarded = guards_entrance(&q.traits);
    let keyed = stream::keyed(scenario);
    let looks = |c: &scenario::Consumer| c.idempotent.is_some() || c.shed.is_some() || c.skip_expired_requests;
    let meter = scenario.prices.meter(Priced::Queue(index));
    let hands_on = scenario.consumers.iter().any(|c| c.from == Feed::Queue(index) && !c.then.is_empty());
    let looked_at = scenario.consumers.iter().any(|c| c.from == Feed::Queue(index) && looks(c));
    QueueModel {
        name: q.name.clone(),
        lease: q.visibility_timeout.map_or(UNLIMITED, Duration::ns),
        stale_ack_accepted: q.stale_ack_accepted,
        withdraw: q.withdraw,
        max_deliveries: q.max_deliveries.unwrap_or(u32::MAX),
        dead_letter: q.dead_letter,
        ttl: q.ttl.clone(),
        capacity: q.capacity.unwrap_or(UNLIMITED),
        overflow: q.overflow,
        order: q.order,
        lifo_above: lifo_above(q),
        levels: q.priorities.len().max(1),
        level_names: q.priorities.clone(),
        delivery_delay: q.delivery_delay.ns(),
        max_in_flight: q.max_in_flight.unwrap_or(UNLIMITED),
        traits: q.traits.clone(),
        plain,
        group: None,
        task: None,
        keyed,
        broker: q.broker.clone(),
        initial: q.initial,
        recovered_when: q.recovered_when,
        hold: q.hold.ns(),
        // The journey of a message that nobody takes from here ends here: no record needed for it.
        rich: special
            || (guarded && (produced || forwarded))
            || (hops && consumed)
            || ((!plain || keyed || looked_at) && consumed)
            // What is moved on takes along where it comes from, and what is paid for by its size has one.
            || q.redrive.is_some()
            || meter.is_some()
            || (scenario.prices.weighs() && (hands_on || q.dead_letter.is_some())),
        hops: hops && consumed,
        is_dead_letter: dead_end && !produced && !forwarded,
        redrive: q.redrive,
        meter,
        receivers: 1.0,
    }
}

fn lifo_above(q: &scenario::Queue) -> u64 {
    match q.order {
        Order::Lifo => 0,
        Order::AdaptiveLifo => q.lifo_above.unwrap_or(UNLIMITED),
        _ => UNLIMITED,
    }
}

fn topic(t: &scenario::Topic) -> TopicModel {
    TopicModel {
        name: t.name.clone(),
        publish_limit: t.publish_limit,
        dedup_window: t.dedup_window.ns(),
        delivery_retry: t.delivery_retry.clone(),
        subscriptions: vec![],
        meter: None,
    }
}

fn topics(scenario: &Scenario) -> Vec<TopicModel> {
    let mut topics: Vec<TopicModel> = scenario.topics.iter().map(topic).collect();
    for (index, topic) in topics.iter_mut().enumerate() {
        topic.meter = scenario.prices.meter(Priced::Topic(index));
    }
    for (index, queue) in scenario.queues.iter().enumerate() {
        if let Some(subscription) = queue.subscribe {
            topics[subscription.topic].subscriptions.push((index, subscription.share));
        }
    }
    topics
}

fn timeline(scenario: &Scenario, disturbances: &[Disturbance], origin: Nanos) -> Vec<(Nanos, Control)> {
    let mut timeline = vec![(origin + scenario.warmup.ns(), Control::WarmupEnds)];
    for (i, disturbance) in disturbances.iter().enumerate() {
        timeline.push((origin + disturbance.start, Control::DisturbanceStarts(i)));
        timeline.push((origin + disturbance.end, Control::DisturbanceEnds(i)));
    }
    for (consumer, c) in scenario.consumers.iter().enumerate() {
        for (at, count) in &c.schedule {
            timeline.push((origin + at.ns(), Control::Replicas { consumer, count: *count }));
        }
    }
    for (i, fault) in scenario.faults.iter().enumerate() {
        timeline.push((origin + fault.at.ns() + fault.lasts.ns(), Control::FaultEnds(i)));
        timeline.push((origin + fault.at.ns(), Control::FaultStarts(i)));
    }
    // Stable: what was pushed first goes first at the same instant.
    timeline.sort_by_key(|(at, _)| *at);
    timeline.retain(|(at, _)| *at <= origin + scenario.duration.ns());
    timeline
}
