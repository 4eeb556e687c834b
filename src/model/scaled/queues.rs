//! Queues and streams: counts of messages and rates divided; what is in bytes stays, for each message is larger.

use super::counts::Counts;
use crate::model::{Initial, QueueModel, RecoveredWhen, Start, StreamModel, UNLIMITED};

pub(super) fn scale(queue: &mut QueueModel, counts: &mut Counts) {
    let name = |what: &str| format!("`{what}` of `{}`", queue.name);
    queue.capacity = counts.messages(&name("capacity"), queue.capacity);
    queue.max_in_flight = counts.messages(&name("max_in_flight"), queue.max_in_flight);
    if queue.lifo_above != UNLIMITED {
        queue.lifo_above = counts.messages(&name("lifo_above"), queue.lifo_above);
    }
    initial(&mut queue.initial, &name("initial.messages"), counts);
    if let Some(RecoveredWhen::BacklogAtMost(count)) = &mut queue.recovered_when {
        *count = counts.messages(&name("recovered_when"), *count);
    }
    if let Some(redrive) = &mut queue.redrive {
        counts.rate(&mut redrive.rate);
    }
    let traits = &mut queue.traits;
    for limit in [&mut traits.publish_limit, &mut traits.deliver_limit, &mut traits.operation_limit] {
        counts.rate(limit);
    }
    if let Some(length) = &mut traits.log_length {
        *length = counts.messages(&format!("`log_length` of `{}`", queue.name), *length);
    }
    if let Some(group) = &mut queue.group {
        // A poll takes as many messages as before, and at least one.
        group.rules.max_poll_records = (f64::from(group.rules.max_poll_records) / counts.k()).ceil() as u32;
        if let Start::Lag(lag) = &mut group.rules.start {
            *lag = counts.messages(&format!("`start.lag` of `{}`", queue.name), *lag);
        }
    }
}

fn initial(initial: &mut Option<Initial>, what: &str, counts: &mut Counts) {
    if let Some(initial) = initial {
        initial.messages = counts.messages(what, initial.messages);
    }
}

/// `fetched`: real records that a fetch returns at most. A scaled record takes the room of several fetches where that is
/// fewer than it stands for.
pub(super) fn scale_stream(stream: &mut StreamModel, fetched: u32, counts: &mut Counts) {
    let rules = &mut stream.rules;
    for limit in [&mut rules.write.records, &mut rules.read.records, &mut rules.publish_limit, &mut rules.deliver_limit]
    {
        counts.rate(limit);
    }
    if let Some(fetches) = &mut rules.fetches {
        *fetches /= (counts.k() / f64::from(fetched)).max(1.0);
    }
    initial(&mut rules.initial, &format!("`initial.messages` of `{}`", stream.name), counts);
}
