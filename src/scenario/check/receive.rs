//! Rules of how a consumer asks a queue for messages.

use super::Checker;
use super::group::given;
use crate::scenario::reader::Placed;
use crate::scenario::value::{Order, Queue, RetryPlace};
use crate::scenario::written::{self, Ack};

impl Checker<'_> {
    /// Rules of how a consumer asks a queue for messages.
    pub(super) fn receive_rules(&mut self, consumer: &Placed<written::Consumer>, read: Option<&Queue>) {
        let leased = read.is_some_and(|queue| queue.visibility_timeout.is_some());
        if consumer.ack.value == Ack::Before && leased {
            self.refuse(
                &consumer.ack.place,
                "a message that is acknowledged before the work has no lease, but the queue has a `visibility_timeout`",
                "use ack = \"after\", or leave the queue's `visibility_timeout` out",
            );
        }
        if consumer.broken {
            return;
        }
        let session = read.is_some_and(|queue| queue.order == Order::Session);
        let several = consumer.receive.as_ref().filter(|receive| receive.u32() > 1);
        if let (Some(receive), Some(_)) = (several, &consumer.prefetch) {
            let message = "`receive` asks for messages when there is nothing left to do, `prefetch` ahead of that";
            self.refuse(&receive.place, message, "use one of the two");
        }
        if let (Some(receive), Some(_)) = (several, &consumer.batch) {
            let message = "`receive` works on messages one after another, `batch` on all of them together";
            self.refuse(&receive.place, message, "use one of the two");
        }
        if let Some(poll) = given("poll", &consumer.poll).filter(|_| consumer.prefetch.is_some()) {
            self.refuse(poll.1, "messages are pushed to a consumer with `prefetch`: it does not poll", "leave one out");
        }
        if let Some(heartbeat) = given("heartbeat", &consumer.heartbeat).filter(|_| !leased && read.is_some()) {
            let message = "`heartbeat` extends leases, but the queue has no `visibility_timeout`";
            self.refuse(heartbeat.1, message, "set the queue's `visibility_timeout`, or leave it out");
        }
        if let Some(prefetch) = given("prefetch", &consumer.prefetch).filter(|_| session) {
            let message = "a session belongs to one work slot, which takes its messages one at a time";
            self.refuse(prefetch.1, message, "leave `prefetch` out with order = \"session\"");
        }
        if let (Some(idempotent), Ack::Before) = (&consumer.idempotent, consumer.ack.value) {
            let message = "a message acknowledged before the work never comes twice, so there is nothing to remember";
            self.refuse(&idempotent.place, message, "leave `idempotent` out, or acknowledge after the work");
        }
        if let Some(batch) = consumer.batch.as_ref().filter(|batch| session && batch.size.u32() > 1) {
            let message = "a session belongs to one work slot, which takes its messages one at a time: no batch fills";
            self.refuse(&batch.place, message, "leave `batch` out with order = \"session\"");
        }
        let once = read.is_some_and(|queue| queue.traits.at_most_once);
        if let Some(retry) = consumer.retry.as_ref().filter(|retry| once && retry.r#where.value == RetryPlace::Queue) {
            let message =
                "`retry` in the queue has no meaning here: the queue is `at_most_once` and takes nothing back";
            self.refuse(&retry.place, message, "use where = \"process\", or leave `retry` out");
        }
    }
}
