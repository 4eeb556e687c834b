//! How messages pass from queue to queue and stream to stream, and what they must bring along.

use super::{Checker, rows};
use crate::scenario::problem::Place;
use crate::scenario::value::{
    Consumer, Feed, OnFailure, Order, Producer, Queue, Service, Source, Start, Stream, Target, Workflow,
};

/// Queues and streams, and the consumers that publish onward from one into another.
#[derive(Clone, Copy)]
pub(super) struct Flow<'a> {
    pub(super) queues: &'a [Queue],
    pub(super) streams: &'a [Stream],
    pub(super) consumers: &'a [Consumer],
    pub(super) workflows: &'a [Workflow],
}

impl<'a> Flow<'a> {
    /// Queues, then streams.
    pub(super) fn nodes(self) -> impl Iterator<Item = Feed> {
        (0..self.queues.len()).map(Feed::Queue).chain((0..self.streams.len()).map(Feed::Stream))
    }

    /// The place of a queue or stream among the nodes.
    pub(super) fn index(self, node: Feed) -> usize {
        match node {
            Feed::Queue(queue) => queue,
            Feed::Stream(stream) => self.queues.len() + stream,
        }
    }

    pub(super) fn name(self, node: Feed) -> &'a str {
        match node {
            Feed::Queue(queue) => self.queues.get(queue).map_or("", |queue| queue.name.as_str()),
            Feed::Stream(stream) => self.streams.get(stream).map_or("", |stream| stream.name.as_str()),
        }
    }

    /// What is published to the target comes into these, with the share of it that does.
    pub(super) fn into(self, target: Target) -> Vec<(Feed, f64)> {
        match target {
            Target::Queue(queue) => vec![(Feed::Queue(queue), 1.0)],
            Target::Stream(stream) => vec![(Feed::Stream(stream), 1.0)],
            // At most once, as long as nothing fails.
            Target::Workflow(workflow) => {
                let activities = self.workflows.get(workflow).into_iter().flat_map(Workflow::activities);
                activities.map(|activity| (Feed::Queue(activity.queue), 1.0)).collect()
            }
            Target::Topic(topic) => {
                let subscriptions =
                    self.queues.iter().enumerate().filter_map(|(at, queue)| Some((at, queue.subscribe?)));
                subscriptions.filter(|(_, s)| s.topic == topic).map(|(at, s)| (Feed::Queue(at), s.share)).collect()
            }
        }
    }

    /// Whether what is published to the target comes into one of the nodes.
    pub(super) fn reaches(self, target: Target, nodes: &[Feed]) -> bool {
        self.into(target).iter().any(|(node, _)| nodes.contains(node))
    }

    /// Where what a consumer gives up goes.
    pub(super) fn dead_letter(self, consumer: &Consumer) -> Option<usize> {
        match (consumer.from, &consumer.group) {
            (Feed::Queue(queue), _) => self.queues.get(queue)?.dead_letter,
            (_, Some(group)) if group.on_failure != OnFailure::Skip => group.dead_letter,
            _ => None,
        }
    }

    /// Every queue and stream from which messages come into this one, itself included.
    pub(super) fn upstream(self, node: Feed) -> Vec<Feed> {
        let mut found = vec![node];
        let mut next = 0;
        while let Some(&here) = found.get(next) {
            let dead = (0..self.queues.len())
                .filter(|at| self.queues[*at].dead_letter.map(Feed::Queue) == Some(here))
                .map(Feed::Queue);
            let moved = (0..self.queues.len())
                .filter(|at| self.queues[*at].redrive.is_some_and(|redrive| Feed::Queue(redrive.to) == here))
                .map(Feed::Queue);
            let onward = self.consumers.iter().filter(|consumer| {
                consumer.then.iter().any(|then| self.reaches(then.to, &[here]))
                    || self.dead_letter(consumer).map(Feed::Queue) == Some(here)
            });
            for from in dead.chain(moved).chain(onward.map(|consumer| consumer.from)) {
                if !found.contains(&from) {
                    found.push(from);
                }
            }
            next += 1;
        }
        found
    }

    /// The first of the nodes with a backlog at time 0 that somebody gets to see.
    fn initial(self, nodes: &[Feed]) -> Option<&'a str> {
        let has =
            |node: Feed| match node {
                Feed::Queue(queue) => self.queues.get(queue).is_some_and(|queue| queue.initial.is_some()),
                Feed::Stream(stream) => self.consumers.iter().filter(|reader| reader.from == node).any(|reader| {
                    match reader.group.as_ref().map(|group| group.start) {
                        Some(Start::Lag(lag)) => lag > 0,
                        Some(Start::Latest) => false,
                        _ => self.streams.get(stream).is_some_and(|stream| stream.initial.is_some()),
                    }
                }),
            };
        nodes.iter().find(|node| has(**node)).map(|node| self.name(*node))
    }
}

impl Checker<'_> {
    /// `service = "message"` needs messages that bring their own.
    pub(super) fn feeding(&mut self, producers: &[Producer], flow: Flow<'_>) {
        let file = self.file;
        for consumer in flow.consumers.iter().filter(|consumer| matches!(consumer.service, Service::Message)) {
            let written = file.consumer.iter().flat_map(|named| &named.0).find(|(name, _)| name.value == consumer.name);
            let Some(service) = written.and_then(|(_, written)| written.service.as_ref()) else { continue };
            let upstream = flow.upstream(consumer.from);
            let bare = producers.iter().find(|producer| {
                producer.to.iter().any(|target| flow.reaches(*target, &upstream))
                    && !rows(producer).is_some_and(|rows| rows.iter().all(|row| row.service.is_some()))
                    // A recording that could not be read is noted already.
                    && !matches!(&producer.source, Source::Messages(rows) if rows.is_empty())
            });
            if let Some(producer) = bare {
                let message = format!(
                    "service = \"message\" takes each message's own time, but those of producer `{}` bring none",
                    producer.name
                );
                self.refuse(
                    &service.place,
                    message,
                    "give that producer `messages` with a column service_s, or write a service time here",
                );
            }
            if let Some(name) = flow.initial(&upstream) {
                let message = format!(
                    "service = \"message\" takes each message's own time, but those of `{name}` at time 0 bring none"
                );
                self.refuse(&service.place, message, "leave `initial` out, or write a service time here");
            }
        }
    }

    /// Queues that keep the order of keys need messages with keys, however they come there.
    pub(super) fn keyed_queues(&mut self, producers: &[Producer], flow: Flow<'_>) {
        let file = self.file;
        for (index, queue) in flow.queues.iter().enumerate() {
            if !matches!(queue.order, Order::Key | Order::Session) {
                continue;
            }
            let written = file.queue.iter().flat_map(|named| &named.0).find(|(name, _)| name.value == queue.name);
            let place = written.map_or(Place::Default, |(_, written)| match written.order.is_written() {
                true => written.order.place.clone(),
                false => written.broker.place.clone(),
            });
            let upstream = flow.upstream(Feed::Queue(index));
            let bare = producers
                .iter()
                .find(|producer| !keyed(producer) && producer.to.iter().any(|to| flow.reaches(*to, &upstream)));
            if let Some(producer) = bare {
                let message = format!(
                    "`{}` keeps the order of keys, but the messages of producer `{}` have none",
                    queue.name, producer.name
                );
                self.refuse(
                    &place,
                    message,
                    "give the producer keys = { count = 1000 }, or the queue order = \"fifo\"",
                );
            }
            // Those at time 0 get their keys from the scenario's first law of keys.
            if let Some(name) = flow.initial(&upstream).filter(|_| producers.iter().all(|other| other.keys.is_none())) {
                let message = format!(
                    "`{}` keeps the order of keys, but the messages of `{name}` at time 0 have none",
                    queue.name
                );
                self.refuse(&place, message, "give a producer keys = { count = 1000 }, or leave `initial` out");
            }
        }
    }

    /// A bound on bytes below the size of one message lets nothing in.
    pub(super) fn room_for_one(&mut self, producers: &[Producer], flow: Flow<'_>) {
        for (name, written) in self.file.queue.iter().flat_map(|named| &named.0) {
            let bounds = [("capacity_bytes", &written.capacity_bytes), ("memory_alarm", &written.memory_alarm)];
            let Some(index) = flow.queues.iter().position(|queue| queue.name == name.value) else { continue };
            for (key, bound) in bounds {
                let Some(bound) = bound.as_ref() else { continue };
                let upstream = flow.upstream(Feed::Queue(index));
                let sized =
                    |producer: &&Producer| rows(producer).is_none_or(|rows| rows.iter().any(|row| row.size.is_none()));
                let too_large = producers.iter().filter(sized).find(|producer| {
                    producer.size > bound.0 && producer.to.iter().any(|to| flow.reaches(*to, &upstream))
                });
                if let Some(producer) = too_large {
                    let message = format!(
                        "`{key}` = {} is less than one message of producer `{}`, which has {} B",
                        bound.value, producer.name, producer.size
                    );
                    self.refuse(&bound.place, message, "raise it, or lower the producer's `size`");
                }
            }
        }
    }
}

/// A recording that could not be read is noted already.
fn keyed(producer: &Producer) -> bool {
    producer.keys.is_some() || rows(producer).is_some_and(|rows| rows.iter().all(|row| row.key.is_some()))
}
