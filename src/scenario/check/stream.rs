//! Rules of topics and streams.

use super::{Checker, entries};
use crate::scenario::value::{Initial, PartitionLimit, RetryPhase, Stream, Topic};
use crate::units::Duration;

impl Checker<'_> {
    pub(super) fn topics(&mut self) -> Vec<Topic> {
        let file = self.file;
        let mut topics = vec![];
        for (name, topic) in file.topic.iter().flat_map(|named| &named.0) {
            self.broker(&name.value, &topic.broker, "topic");
            let mut phases = vec![];
            for phase in entries(&topic.delivery_retry) {
                let from = phase.from.value;
                let to = phase.to.as_ref().map_or(from, |to| to.value);
                if from == Duration::ZERO && to > Duration::ZERO {
                    let message = "delays cannot grow by a factor from 0s";
                    self.refuse(&phase.place, message, "start from a delay above zero, or leave `to` out");
                }
                phases.push(RetryPhase { attempts: phase.attempts.u32(), from, to });
            }
            topics.push(Topic {
                name: name.value.clone(),
                broker: topic.broker.value.clone(),
                publish_limit: topic.publish_limit.as_ref().map(|rate| rate.per_second()),
                dedup_window: topic.dedup_window.as_ref().map_or(Duration::ZERO, |window| window.value),
                delivery_retry: phases,
            });
        }
        topics
    }

    pub(super) fn streams(&mut self) -> Vec<Stream> {
        let file = self.file;
        let mut streams = vec![];
        for (name, stream) in file.stream.iter().flat_map(|named| &named.0) {
            self.broker(&name.value, &stream.broker, "stream");
            let path = |key: &str| format!("stream.{}.{key}", name.value);
            if stream.retention.is_none() {
                self.default(path("retention"), "for ever");
            }
            if stream.partitions.u32() > 100_000 {
                let message = format!("`partitions` = {} is more than 100000", stream.partitions.u32());
                self.refuse(&stream.partitions.place, message, "model one of several equal parts of the stream");
            }
            let recovered_when = stream.recovered_when.as_ref().and_then(|text| {
                let parsed = super::queue::recovered_when(text);
                self.keep(parsed)
            });
            let limit = stream.partition_limit.as_ref();
            let zero = [limit.and_then(|l| l.write_bytes.as_ref()), limit.and_then(|l| l.read_bytes.as_ref())];
            for size in zero.into_iter().flatten().filter(|size| size.0 == 0) {
                self.refuse(&size.place, "a limit of 0 bytes lets nothing through", "raise it, or leave it out");
            }
            streams.push(Stream {
                name: name.value.clone(),
                broker: stream.broker.value.clone(),
                partitions: stream.partitions.u32(),
                retention: stream.retention.as_ref().map(|retention| retention.0),
                retention_bytes: stream.retention_bytes.as_ref().map(|size| size.0),
                write: PartitionLimit {
                    records: limit.and_then(|l| l.write.as_ref()).map(|rate| rate.per_second()),
                    bytes: limit.and_then(|l| l.write_bytes.as_ref()).map(|size| size.0 as f64),
                },
                read: PartitionLimit {
                    records: limit.and_then(|l| l.read.as_ref()).map(|rate| rate.per_second()),
                    bytes: limit.and_then(|l| l.read_bytes.as_ref()).map(|size| size.0 as f64),
                },
                fetches: limit.and_then(|l| l.fetches.as_ref()).map(|rate| rate.per_second()),
                publish_limit: stream.publish_limit.as_ref().map(|rate| rate.per_second()),
                deliver_limit: stream.deliver_limit.as_ref().map(|rate| rate.per_second()),
                initial: stream
                    .initial
                    .as_ref()
                    .map(|initial| Initial { messages: initial.messages.0, age: initial.age.value }),
                recovered_when,
                hold: stream.hold.value,
            });
        }
        streams
    }
}
