//! Durable workflows as written.

use super::{CallWritten, ConsumerPrice, OneOr, WorkflowPrice};
use crate::policy::retry::Jitter;
use crate::random::Distribution;
use crate::scenario::quantity::{Count, Factor, Positive, Span};
use crate::scenario::reader::Placed;
use crate::scenario::value::TaskLost;
use crate::units::{Duration, Share};

written! {
    /// A durable workflow, or saga: steps one after another, each on a task queue of its own with workers of its own. What
    /// fails for good is undone, the completed steps in reverse order. Keys that are left out are filled in from the
    /// engine's preset.
    Workflow called "a workflow" {
        /// Whose rules it follows: the preset that fills in what is not set here.
        engine: default String = "generic";
        /// What is done, in this order. The task queue of a step is the component `WORKFLOW/STEP`, that of its compensation
        /// `WORKFLOW/STEP-undo`; the workers are `WORKFLOW/STEP-workers` and `WORKFLOW/STEP-undo-workers`.
        steps: required Vec<Placed<StepWritten>> = "add steps = [{ name = \"charge\", workers = 10, service = \"200ms\" }]";
        /// An execution with more events in its history than this is ended by the engine, and nothing is undone.
        history_limit: optional Positive;
        /// How many events its history takes up for what happens.
        history_events: optional HistoryEvents;
        /// Tasks by which the workflow's own code decides what comes next: one before each step and compensation, and one at
        /// the end. Default: decisions take no time.
        decisions: optional DecisionsWritten;
        /// What it costs beside its workers: a table, such as { steps = "25/M" }.
        price: optional OneOr<WorkflowPrice>;
    }
    instead {
        "broker" => "engine";
        "step" => "steps";
        "activities" => "steps";
        "states" => "steps";
    }
}

written! {
    /// A step: an activity on a task queue.
    StepWritten called "a step" {
        /// Names its task queue.
        name: required String = "write { name = \"charge\", workers = 10, service = \"200ms\" }";
        /// How many workers poll its task queue.
        workers: default Count = 1;
        /// Tasks worked on at once by one worker.
        concurrency: optional Positive;
        /// Time of the work on one task.
        service: required Distribution = "say how long its work takes: service = \"200ms\"";
        /// How long a failing attempt takes. Default: as `service`.
        failure_service: optional Distribution;
        /// Share of attempts that fail and may be retried.
        failure: default Share = 0;
        /// Share of attempts that fail for good.
        permanent_failure: default Share = 0;
        /// Calls to dependencies, one after another, once the worker's own work is done.
        calls: optional Vec<Placed<CallWritten>>;
        /// How failed attempts are tried again. Default: not at all, or as the engine's preset says.
        retry: optional StepRetry;
        /// Bound on each wait in the task queue. Past it the step has failed for good.
        schedule_to_start: optional Span;
        /// Bound on one attempt, from the start of the work. Past it the engine tries again by `retry`, while the old attempt
        /// goes on in its worker. A worker that died is noticed then.
        start_to_close: optional Span;
        /// A worker that has not reported for so long is taken for dead. Live ones report in time.
        heartbeat: optional Span;
        /// A timer, or somebody who has to answer, before the step. No worker is held.
        wait: optional Distribution;
        /// Pause of an idle worker after an empty poll of the task queue. Default: workers wait at the queue.
        poll: optional Duration;
        /// The first such pause; each is twice the one before, up to `poll`. Default: all are alike.
        poll_from: optional Span;
        /// What the death of a worker is to the task that it worked on.
        on_crash: default TaskLost = "attempt";
        /// What its workers cost: "0.08/h" for each, or a table.
        price: optional OneOr<ConsumerPrice>;
        /// How the step is undone when a later one fails for good.
        compensate: optional CompensateWritten;
    }
    instead {
        "replicas" => "workers";
        "retries" => "retry";
        "timeout" => "start_to_close";
        "compensation" => "compensate";
        "undo" => "compensate";
    }
}

written! {
    /// How a completed step is undone: an activity on a task queue of its own.
    CompensateWritten called "a compensation" {
        /// How many workers poll its task queue.
        workers: default Count = 1;
        /// Tasks worked on at once by one worker.
        concurrency: optional Positive;
        /// Time of the work on one task.
        service: required Distribution = "say how long undoing takes: compensate = { workers = 2, service = \"100ms\" }";
        /// How long a failing attempt takes. Default: as `service`.
        failure_service: optional Distribution;
        /// Share of attempts that fail and may be retried.
        failure: default Share = 0;
        /// Share of attempts that fail for good.
        permanent_failure: default Share = 0;
        /// Calls to dependencies, one after another, once the worker's own work is done.
        calls: optional Vec<Placed<CallWritten>>;
        /// How failed attempts are tried again. Default: not at all, or as the engine's preset says.
        retry: optional StepRetry;
        /// Bound on each wait in the task queue.
        schedule_to_start: optional Span;
        /// Bound on one attempt, from the start of the work.
        start_to_close: optional Span;
        /// A worker that has not reported for so long is taken for dead.
        heartbeat: optional Span;
        /// Pause of an idle worker after an empty poll of the task queue. Default: workers wait at the queue.
        poll: optional Duration;
        /// The first such pause; each is twice the one before, up to `poll`. Default: all are alike.
        poll_from: optional Span;
        /// What the death of a worker is to the task that it worked on.
        on_crash: default TaskLost = "attempt";
        /// What its workers cost: "0.08/h" for each, or a table.
        price: optional OneOr<ConsumerPrice>;
    }
    instead {
        "replicas" => "workers";
        "retries" => "retry";
        "timeout" => "start_to_close";
    }
}

words! {
    /// What the death of a worker is to the task that it worked on.
    TaskLost {
        /// An attempt that failed, to be followed by another as `retry` says.
        "attempt" => TaskLost::Attempt;
        /// Nothing: the task is given out again.
        "again" => TaskLost::Again;
    }
}

written! {
    /// How the engine tries an activity again: a timer of its own, then a new entry at the tail of the task queue.
    StepRetry called "a step's retry" {
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
    }
    instead {
        "max_retries" => "max_attempts";
        "max_backoff" => "cap";
        "multiplier" => "factor";
    }
}

written! {
    /// Events that go into an execution's history.
    HistoryEvents called "a count of events" {
        /// At its start.
        start: default Count = 0;
        /// For each step and compensation, its attempts not counted.
        step: default Count = 0;
        /// For each attempt.
        attempt: default Count = 0;
        /// For each `wait`.
        wait: default Count = 0;
        /// For each decision, whether it is a task or takes no time.
        decision: default Count = 0;
    }
}

written! {
    /// Decision tasks: their queue is the component `WORKFLOW/decisions`.
    DecisionsWritten called "a table of decisions" {
        /// How many workers poll for them.
        workers: default Count = 1;
        /// Decisions made at once by one worker.
        concurrency: optional Positive;
        /// Time of one decision.
        service: required Distribution = "say how long a decision takes: decisions = { workers = 2, service = \"5ms\" }";
        /// Bound on one decision, from the start of the work. Past it the task is given out again.
        timeout: optional Span;
        /// A task is kept for the worker that made the last decision, and for others only after so long. Matters where that
        /// worker has died.
        sticky: optional Span;
        /// What its workers cost: "0.08/h" for each, or a table.
        price: optional OneOr<ConsumerPrice>;
    }
    instead {
        "replicas" => "workers";
    }
}
