//! Consumers as written.

use super::{CallWritten, ConsumerPrice, OneOr, OverheadWritten, RetryWritten, Scaling, ServiceWritten, ShedWritten};
use crate::random::Distribution;
use crate::scenario::quantity::{Count, Factor, Positive, Span};
use crate::scenario::reader::Placed;
use crate::scenario::value::{Assignment, OnFailure};
use crate::scenario::written::group::{FanOut, IdempotentWritten, OffsetReset, StartWritten};
use crate::units::{Duration, Share, Size};

written! {
    /// A group of identical replicas that process a queue's messages or a stream's records.
    Consumer called "a consumer" {
        /// The queue or stream it reads.
        from: required String = "say which queue it reads: from = \"orders\"";
        /// How many there are.
        replicas: default Count = 1;
        /// Messages worked on at once by one replica.
        concurrency: default Positive = 1;
        /// Later numbers of replicas; scale-in lets work finish.
        schedule: optional Vec<Placed<ScheduleStep>>;
        /// What decides over the replicas, beginning with `replicas` (default: its `min`), in place of `schedule`.
        scaling: optional Scaling;
        /// Time of the work on one message. Needed, unless `batch.service_per_batch` stands in for it.
        service: optional ServiceWritten;
        /// Per delivery, after the message is settled: client and broker round trips that keep the slot busy.
        overhead: optional OverheadWritten;
        /// Unequal replicas: service is divided by it, one entry a replica; a shorter list repeats.
        speeds: optional Vec<Placed<Factor>>;
        /// How long a failing attempt takes. Default: as `service`.
        failure_service: optional Distribution;
        /// Messages handed over ahead to one replica, work slots included. Default: one is taken when a slot is free.
        prefetch: optional Positive;
        /// Work on several messages at once.
        batch: optional BatchWork;
        /// Whether the message is acknowledged after the work or before it.
        ack: default Ack = "after";
        /// Share of attempts that fail and may be retried.
        failure: default Share = 0;
        /// Share of attempts that show the message to be hopeless: straight to the dead letter.
        permanent_failure: default Share = 0;
        /// How failed messages are tried again. Default: at once, at the head of the queue.
        retry: optional RetryWritten;
        /// Of the whole attempt, which fails then.
        timeout: optional Span;
        /// What is published onward at completion.
        then: optional Vec<Placed<ThenWritten>>;
        /// Whether each entry of `then` is decided on its own or at most one of them is taken.
        route: default Route = "each";
        /// Replicas die now and then.
        crash: optional CrashWritten;
        /// Messages taken by one receive and worked on one after another before the next. Queues only.
        receive: optional Positive;
        /// Of a queue: pause after an empty receive. Of a stream: time between two fetches of a member.
        poll: optional Duration;
        /// How often a live replica extends the leases that it holds. Queues only.
        heartbeat: optional Span;
        /// A store of what was done already, asked at every attempt.
        idempotent: optional IdempotentWritten;
        /// Messages that it turns away instead of working on them. Queues only.
        shed: optional ShedWritten;
        /// It does not start on a copy for which no client waits any more: deadlines are passed on. Queues only.
        skip_expired_requests: optional bool;
        /// Calls to dependencies, one after another, once the consumer's own work is done. With `batch`, of the whole batch.
        calls: optional Vec<Placed<CallWritten>>;
        /// Of a stream's group: how partitions are dealt out when members come and go.
        assignment: optional Assignment;
        /// Of a stream's group: a member that is back before its session ends keeps its partitions.
        static_membership: optional bool;
        /// Of a stream's group: how long after its last heartbeat a dead member is noticed.
        session_timeout: optional Duration;
        /// Of a stream's group: how often members report, and hear of a rebalance.
        heartbeat_interval: optional Duration;
        /// Of a stream's group: a member that does not poll for so long is put out.
        max_poll_interval: optional Span;
        /// Of a stream's group: records that one poll returns at most.
        max_poll_records: optional Positive;
        /// Of a stream's group: a fetch waits for so many bytes,
        fetch_min_bytes: optional Size;
        /// Of a stream's group: but not longer than this.
        fetch_wait: optional Duration;
        /// Of a stream's group: how often its position is committed; "0s": after every record.
        commit_interval: optional Duration;
        /// Of a stream's group: where it begins. Default: the stream's `initial` records are unread.
        start: optional StartWritten;
        /// Of a stream's group: where it goes on when retention took records that it had not read.
        offset_reset: optional OffsetReset;
        /// Of a stream's group: what becomes of a record whose attempts are used up.
        on_failure: optional OnFailure;
        /// Of a stream's group: the queue that takes given-up records, made for you unless it has a table of its own.
        dead_letter: optional String;
        /// Of a stream's group: the least time that a rebalance takes.
        rebalance_delay: optional Duration;
        /// Of a stream's group: whether it shares the partitions' read limits or has none to heed.
        fan_out: optional FanOut;
        /// Of a stream's group with `batch`: a failing batch is cut in halves before it is tried again.
        bisect: optional bool;
        /// Of a stream's group: a failing record older than this is given up.
        max_record_age: optional Span;
        /// Of a stream's group: so many parts of a partition, by key, are worked on at once.
        parallelization: optional Positive;
        /// What it costs: "0.08/h" for each replica, or a table.
        price: optional OneOr<ConsumerPrice>;
    }
    instead {
        "queue" => "from";
        "count" => "replicas";
        "workers" => "replicas";
        "consumers" => "replicas";
        "instances" => "replicas";
        "service_time" => "service";
        "failure_rate" => "failure";
        "error_rate" => "failure";
        "retries" => "retry";
    }
}

written! {
    /// A number of replicas from a time on.
    ScheduleStep called "a step of a schedule" {
        /// When.
        at: required Duration = "write { at = \"10m\", replicas = 40 }";
        /// How many there are from then on.
        replicas: required Count = "write { at = \"10m\", replicas = 40 }";
    }
}

written! {
    /// Messages are collected and worked on together.
    BatchWork called "a batch" {
        /// At most so many.
        size: required Positive = "write { size = 10, wait = \"200ms\" }";
        /// How long a batch that is not full waits after its first message.
        wait: default Duration = "0s";
        /// Only the failed messages of a batch fail, rather than all of it.
        partial: default bool = false;
        /// Time for the whole batch, instead of `service` for each message in sequence.
        service_per_batch: optional Distribution;
    }
}

/// When a message is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum Ack {
    After,
    Before,
}

words! {
    /// When a message is acknowledged.
    Ack {
        /// At least once: what fails is delivered again.
        "after" => Ack::After;
        /// At most once: what fails is lost.
        "before" => Ack::Before;
    }
}

/// How the entries of `then` are decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum Route {
    Each,
    One,
}

words! {
    /// How the entries of `then` are decided.
    Route {
        /// Each on its own.
        "each" => Route::Each;
        /// At most one of them; what the shares leave goes out.
        "one" => Route::One;
    }
}

written! {
    /// A message published onward at completion.
    ThenWritten called "a `then`" {
        /// A queue or topic.
        to: required String = "write { to = \"billing\" }";
        /// Share of the completed messages.
        share: default Share = 1;
        /// Copies.
        times: default Positive = 1;
    }
}

written! {
    /// Each replica dies now and then and comes back; its work is redelivered by the queue's rule.
    CrashWritten called "a crash" {
        /// Mean time between the failures of one replica, exponential.
        mtbf: required Span = "write { mtbf = \"6h\", restart = \"30s\" }";
        /// How long it is away.
        restart: required Distribution = "write { mtbf = \"6h\", restart = \"30s\" }";
    }
}
