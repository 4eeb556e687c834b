//! Consumers as written.

use super::{OverheadWritten, ServiceWritten};
use crate::policy::retry::Jitter;
use crate::random::Distribution;
use crate::scenario::quantity::{Count, Factor, Positive, Span};
use crate::scenario::reader::Placed;
use crate::scenario::value::{RetryPlace, RetryPosition};
use crate::units::{Duration, Share};

written! {
    /// A group of identical replicas that process a queue's messages.
    Consumer called "a consumer" {
        /// The queue it reads.
        from: required String = "say which queue it reads: from = \"orders\"";
        /// How many there are.
        replicas: default Count = 1;
        /// Messages worked on at once by one replica.
        concurrency: default Positive = 1;
        /// Later numbers of replicas; scale-in lets work finish.
        schedule: optional Vec<Placed<ScheduleStep>>;
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
    }
    later {
        "heartbeat" => "heartbeats come with a later version; give the queue a longer `visibility_timeout`";
        "idempotent" => "dedup stores come with a later version; duplicates are counted without it";
        "calls" => "dependencies come with a later version; put the time of the call into `service`";
        "poll" => "polling latency comes with a later version; put it into `overhead`";
        "scaling" => "autoscalers come with a later version; write the replicas over time in `schedule`";
        "price" => "costs come with a later version; leave it out";
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
    /// How failed messages are tried again: delay before the n-th retry is `backoff` × `factor`^(n−1), at most `cap`,
    /// then spread by `jitter`.
    RetryWritten called "a retry" {
        /// Attempts in all, the first included. Default: no limit.
        max_attempts: optional Positive;
        /// Delay before the first retry.
        backoff: default Distribution = "0s";
        /// Each further delay is so many times the one before.
        factor: default Factor = 1;
        /// No delay is longer.
        cap: optional Duration;
        /// How the delay is spread.
        jitter: default Jitter = "none";
        /// Where the message waits for it.
        r#where: default RetryPlace = "queue";
        /// Where it joins the queue again when the delay is over.
        position: default RetryPosition = "tail";
    }
    later {
        "budget" => "retry budgets come with a later version; bound the retries with `max_attempts`";
    }
    instead {
        "max_retries" => "max_attempts";
        "attempts" => "max_attempts";
        "max_backoff" => "cap";
        "multiplier" => "factor";
    }
}

words! {
    /// Where a message joins the queue again when its retry is due.
    RetryPosition {
        /// Behind all that waits.
        "tail" => RetryPosition::Tail;
        /// Before all that waits: brokers that serve redeliveries first.
        "head" => RetryPosition::Head;
    }
}

words! {
    /// Where a failed message waits for its retry.
    RetryPlace {
        /// Back in the queue, at its tail.
        "queue" => RetryPlace::Queue;
        /// In the consumer, which holds its slot and lease meanwhile.
        "process" => RetryPlace::Process;
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
