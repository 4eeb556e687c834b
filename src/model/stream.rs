//! Streams and their groups: each group becomes a queue of its own, which holds what the group has still to do.

use super::compile::kept_on_disk;
use super::{GroupModel, QueueModel, StreamModel, UNLIMITED};
use crate::scenario::{Feed, Order, Overflow, Priced, QueueTraits, Scenario, Stream, Target, What};

/// The queue that a consumer reads: those of the file first, then one for each group.
pub(super) fn queue_of(scenario: &Scenario, consumer: usize) -> usize {
    match scenario.consumers[consumer].from {
        Feed::Queue(queue) => queue,
        Feed::Stream(_) => {
            let before = &scenario.consumers[..consumer];
            scenario.queues.len() + before.iter().filter(|c| matches!(c.from, Feed::Stream(_))).count()
        }
    }
}

pub(super) fn streams(scenario: &Scenario) -> Vec<StreamModel> {
    let groups = |stream: usize| {
        (0..scenario.consumers.len())
            .filter(|&c| scenario.consumers[c].from == Feed::Stream(stream))
            .map(|c| queue_of(scenario, c))
            .collect()
    };
    let streams = scenario.streams.iter().enumerate();
    let meter = |stream: usize| scenario.prices.meter(Priced::Stream(stream));
    let model = |(i, s): (usize, &Stream)| StreamModel {
        name: s.name.clone(),
        rules: s.clone(),
        groups: groups(i),
        meter: meter(i),
    };
    streams.map(model).collect()
}

/// The queue of a consumer that reads a stream; `None` for others.
pub(super) fn group(scenario: &Scenario, number: usize) -> Option<QueueModel> {
    let consumer = &scenario.consumers[number];
    let Feed::Stream(index) = consumer.from else { return None };
    let (stream, rules) = (&scenario.streams[index], consumer.group.as_ref()?);
    // What the messages carry beyond their time has to be kept with them.
    let special = matches!(consumer.service, crate::scenario::Service::Message)
        || !consumer.then.is_empty()
        || consumer.idempotent.is_some()
        || scenario.producers.iter().any(|p| p.reply.is_some() || p.poison > 0.0 || p.duplicate > 0.0);
    // The journey of a record that lay with its producer begins before its place in the log.
    let stored = scenario.producers.iter().any(|p| kept_on_disk(p) && p.to.contains(&Target::Stream(index)));
    let delivers = scenario.prices.has(Priced::Stream(index), What::DataOut);
    let meter = scenario.prices.meter(Priced::Stream(index)).filter(|_| delivers);
    Some(QueueModel {
        name: format!("{}/{}", stream.name, consumer.name),
        lease: UNLIMITED,
        stale_ack_accepted: true,
        withdraw: false,
        max_deliveries: u32::MAX,
        dead_letter: rules.dead_letter,
        ttl: None,
        capacity: UNLIMITED,
        overflow: Overflow::Reject,
        order: Order::Fifo,
        lifo_above: UNLIMITED,
        levels: 1,
        level_names: vec![],
        delivery_delay: 0,
        max_in_flight: UNLIMITED,
        traits: QueueTraits::default(),
        plain: false,
        task: None,
        group: Some(GroupModel { stream: index, consumer: number, rules: rules.clone() }),
        keyed: keyed(scenario),
        broker: stream.broker.clone(),
        initial: stream.initial,
        recovered_when: stream.recovered_when,
        hold: stream.hold.ns(),
        // What is paid for by its size has one.
        rich: special
            || stored
            || keyed(scenario)
            || meter.is_some()
            || (scenario.prices.weighs() && rules.dead_letter.is_some()),
        hops: stored,
        is_dead_letter: false,
        redrive: None,
        meter,
        receivers: 1.0,
    })
}

/// Some producer's messages have keys.
pub(super) fn keyed(scenario: &Scenario) -> bool {
    scenario.producers.iter().any(|p| {
        p.keys.is_some()
            || matches!(&p.source, crate::scenario::Source::Messages(rows) if rows.iter().any(|row| row.key.is_some()))
    })
}
