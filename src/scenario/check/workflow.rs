//! Rules of workflows; each step and each compensation becomes a task queue and its workers.

use super::Checker;
use super::names::misspelt;
use super::retry::cap;
use crate::broker;
use crate::policy::retry::{Backoff, Growth};
use crate::random::Distribution;
use crate::scenario::problem::{Place, nearest};
use crate::scenario::quantity::{Positive, Span};
use crate::scenario::reader::{Placed, Read, Reader};
use crate::scenario::tree::{Entry, Node, Table, Value};
use crate::scenario::value::{
    Activity, Consumer, Decisions, EventCounts, Queue, Retry, RetryPlace, RetryPosition, Service, Step, TaskLost,
    Workflow,
};
use crate::scenario::written::{self, CallWritten, StepRetry};
use crate::units::Duration;

/// What steps, compensations and decisions have in common.
struct Task<'a> {
    name: String,
    place: &'a Place,
    workers: u32,
    concurrency: Option<&'a Placed<Positive>>,
    service: &'a Distribution,
    failure_service: Option<&'a Distribution>,
    failure: f64,
    permanent_failure: Option<&'a Placed<crate::units::Share>>,
    calls: Option<&'a Placed<Vec<Placed<CallWritten>>>>,
    /// `None`: one attempt.
    retry: Option<Retry>,
    schedule_to_start: Option<&'a Placed<Span>>,
    start_to_close: Option<&'a Placed<Span>>,
    heartbeat: Option<&'a Placed<Span>>,
    poll: Option<Duration>,
    poll_from: Option<&'a Placed<Span>>,
    lost: TaskLost,
}

/// Where the finished task queues and workers go.
pub(super) struct Shop<'a> {
    pub(super) queues: &'a mut Vec<Queue>,
    pub(super) consumers: &'a mut Vec<Consumer>,
}

impl Checker<'_> {
    /// Appends the task queues and the workers to those of the file.
    pub(super) fn workflows(&mut self, mut shop: Shop<'_>) -> Vec<Workflow> {
        let file = self.file;
        let mut workflows = vec![];
        for (name, workflow) in file.workflow.iter().flat_map(|named| &named.0) {
            workflows.push(self.workflow(&name.value, workflow, &mut shop));
        }
        workflows
    }

    fn workflow(&mut self, name: &str, workflow: &Placed<written::Workflow>, shop: &mut Shop<'_>) -> Workflow {
        self.engine(&workflow.engine);
        self.history_rules(workflow);
        if workflow.steps.is_empty() && !workflow.broken {
            let way_out = "add steps = [{ name = \"charge\", workers = 10, service = \"200ms\" }]";
            self.refuse(&workflow.steps.place, "a workflow without steps does nothing", way_out);
        }
        let needs_bound = workflow.engine.value == "temporal";
        let mut steps = vec![];
        for step in &workflow.steps.value {
            if let Some(problem) = misspelt(&step.name, &step.name.place) {
                self.problems.push(problem);
            }
            if steps.iter().any(|other: &Step| other.name == step.name.value) {
                let message = format!("the step {:?} is there twice", step.name.value);
                self.refuse(&step.name.place, message, "give each step its own name");
                continue;
            }
            let task = of_step(name, step);
            let activity = self.activity(task, needs_bound, shop);
            let undo = step.compensate.as_ref().map(|undo| {
                let task = of_compensation(name, &step.name, undo);
                self.activity(task, needs_bound, shop)
            });
            let wait = step.wait.as_ref().map(|law| law.value.clone()).filter(|law| !law.is_zero());
            steps.push(Step { name: step.name.value.clone(), wait, activity, undo });
        }
        let decisions = workflow.decisions.as_ref().map(|decisions| {
            let task = of_decisions(name, decisions);
            let sticky = decisions.sticky.as_ref().map(|sticky| sticky.value.0);
            Decisions { activity: self.activity(task, needs_bound, shop), sticky }
        });
        let events = workflow.history_events.as_ref().map(|events| EventCounts {
            start: events.start.0,
            step: events.step.0,
            attempt: events.attempt.0,
            wait: events.wait.0,
            decision: events.decision.0,
        });
        Workflow {
            name: name.into(),
            engine: workflow.engine.value.clone(),
            steps,
            history_limit: workflow.history_limit.as_ref().map(|limit| limit.0),
            events: events.unwrap_or_default(),
            decisions,
        }
    }

    fn engine(&mut self, engine: &Placed<String>) {
        let known = &broker::WORKFLOW_BROKERS[..];
        if known.contains(&engine.value.as_str()) {
            return;
        }
        let way_out = match nearest(engine, known.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("there is {}", known.iter().map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(", ")),
        };
        self.refuse(&engine.place, format!("no workflow engine is called {:?}", engine.value), way_out);
    }

    fn history_rules(&mut self, workflow: &written::Workflow) {
        match (&workflow.history_limit, &workflow.history_events) {
            (None, Some(events)) if events.is_written() => self.refuse(
                &events.place,
                "`history_events` would change nothing here: no history is too long",
                "set `history_limit`; or leave it out",
            ),
            (Some(limit), None) if limit.is_written() && !workflow.broken => self.refuse(
                &limit.place,
                "`history_limit` would change nothing here: nothing counts as an event",
                "set history_events = { step = 3 }; or leave it out",
            ),
            _ => {}
        }
    }

    /// Makes the task queue and its workers.
    fn activity(&mut self, task: Task<'_>, needs_bound: bool, shop: &mut Shop<'_>) -> Activity {
        self.task_rules(&task, needs_bound);
        let workers = format!("{}-workers", task.name);
        if self.names.queues.contains(&task.name) || self.names.consumers.contains(&workers) {
            let message = format!("`{}` would be the task queue of two activities", task.name);
            self.refuse(task.place, message, "give one of the two steps another name");
        }
        let lease = task.start_to_close.map(|bound| bound.value.0);
        let kept = self.defaults.len();
        // They are what a file with the bare tables would say, but for what is set here.
        let queue = Queue {
            visibility_timeout: lease,
            implied: false,
            stale_ack_accepted: false,
            ..self.implied(task.name.clone())
        };
        self.names.queues.push(task.name.clone());
        let consumer = self.workers(&workers, &task, shop.queues);
        self.defaults.truncate(kept);
        let activity = Activity {
            queue: shop.queues.len(),
            consumer: shop.consumers.len(),
            schedule_to_start: task.schedule_to_start.map(|bound| bound.value.0),
            start_to_close: lease,
            heartbeat: task.heartbeat.map(|bound| bound.value.0),
            lost: task.lost,
        };
        self.names.task_workers.push((workers.clone(), task.workers));
        self.names.consumers.push(workers);
        shop.queues.push(queue);
        shop.consumers.extend(consumer);
        activity
    }

    fn workers(&mut self, name: &str, task: &Task<'_>, queues: &[Queue]) -> Option<Consumer> {
        let entry = |key: &str, value: Value| Entry {
            key: key.into(),
            key_place: Place::Default,
            node: Node { value, place: Place::Default },
        };
        let concurrency = task.concurrency.map_or(1, |n| n.u32());
        let entries = vec![
            entry("from", task.name.as_str().into()),
            entry("service", "1s".into()),
            entry("replicas", Value::Whole(task.workers.into())),
            entry("concurrency", Value::Whole(concurrency.into())),
        ];
        let node = Node { value: Value::Table(Table { entries }), place: Place::Default };
        let mut reader = Reader::new(self.files);
        let read = written::Consumer::read(&node, &mut reader)?;
        let value = written::Consumer { calls: task.calls.cloned(), ..read };
        let bare = self.consumer(name, &Placed { value, place: Place::Default }, queues)?;
        Some(Consumer {
            service: Service::Drawn(task.service.clone()),
            failure_service: task.failure_service.cloned(),
            failure: task.failure,
            permanent_failure: task.permanent_failure.map_or(0.0, |share| share.value.value()),
            retry: Some(task.retry.clone().unwrap_or_else(|| retry_of(Backoff::immediate(), Some(1)))),
            poll: task.poll.unwrap_or(Duration::ZERO),
            poll_from: task.poll_from.map_or(Duration::ZERO, |first| first.value.0),
            ..bare
        })
    }

    fn task_rules(&mut self, task: &Task<'_>, needs_bound: bool) {
        let permanent = task.permanent_failure.map_or(0.0, |share| share.value.value());
        if let Some(written) = task.permanent_failure
            && task.failure + permanent > 1.0 + 1e-12
        {
            let message = format!(
                "`failure` and `permanent_failure` sum to {}, but they are shares of the same attempts",
                task.failure + permanent
            );
            self.refuse(&written.place, message, "lower one of them");
        }
        if let (Some(heartbeat), Some(bound)) = (task.heartbeat, task.start_to_close)
            && heartbeat.value.0 >= bound.value.0
            && heartbeat.is_written()
        {
            let message = format!(
                "`heartbeat` = {} would change nothing here: the attempt ends at `start_to_close` = {} at the latest",
                heartbeat.value.0, bound.value.0
            );
            self.refuse(&heartbeat.place, message, "make it shorter; or leave it out");
        }
        if let Some(first) = task.poll_from.filter(|first| first.is_written())
            && task.poll.is_none_or(|poll| first.value.0 >= poll)
        {
            let message = "`poll_from` would change nothing here: it is the first of pauses that grow up to `poll`";
            self.refuse(&first.place, message, "set a longer `poll`; or leave it out");
        }
        if needs_bound && task.start_to_close.is_none() {
            let message = "Temporal takes no activity without a bound on its attempts";
            self.refuse(task.place, message, "set start_to_close, such as \"30s\"");
        }
        let zero = |law: &Distribution| law.is_zero();
        let at_once = task.retry.as_ref().is_some_and(|r| r.max_attempts.is_none() && r.backoff.is_zero());
        let fails_at_once = zero(task.failure_service.unwrap_or(task.service));
        if at_once && fails_at_once {
            self.refuse(
                task.place,
                "a task that always fails would be tried for ever at the same instant: the attempt takes no time, the \
                 retry has no delay, and nothing limits the attempts",
                "give `service` a length, or the `retry` a `backoff` or `max_attempts`",
            );
        }
    }
}

fn of_step<'a>(workflow: &str, step: &'a Placed<written::StepWritten>) -> Task<'a> {
    Task {
        name: format!("{workflow}/{}", step.name.value),
        place: &step.place,
        workers: step.workers.u32(),
        concurrency: step.concurrency.as_ref(),
        service: &step.service.value,
        failure_service: step.failure_service.as_ref().map(|law| &law.value),
        failure: step.failure.value.value(),
        permanent_failure: Some(&step.permanent_failure),
        calls: step.calls.as_ref(),
        retry: step.retry.as_ref().map(|retry| retry_as(retry)),
        schedule_to_start: step.schedule_to_start.as_ref(),
        start_to_close: step.start_to_close.as_ref(),
        heartbeat: step.heartbeat.as_ref(),
        poll: step.poll.as_ref().map(|poll| poll.value),
        poll_from: step.poll_from.as_ref(),
        lost: step.on_crash.value,
    }
}

fn of_compensation<'a>(workflow: &str, step: &str, undo: &'a Placed<written::CompensateWritten>) -> Task<'a> {
    Task {
        name: format!("{workflow}/{step}-undo"),
        place: &undo.place,
        workers: undo.workers.u32(),
        concurrency: undo.concurrency.as_ref(),
        service: &undo.service.value,
        failure_service: undo.failure_service.as_ref().map(|law| &law.value),
        failure: undo.failure.value.value(),
        permanent_failure: Some(&undo.permanent_failure),
        calls: undo.calls.as_ref(),
        retry: undo.retry.as_ref().map(|retry| retry_as(retry)),
        schedule_to_start: undo.schedule_to_start.as_ref(),
        start_to_close: undo.start_to_close.as_ref(),
        heartbeat: undo.heartbeat.as_ref(),
        poll: undo.poll.as_ref().map(|poll| poll.value),
        poll_from: undo.poll_from.as_ref(),
        lost: undo.on_crash.value,
    }
}

/// A decision that is not made in time is given out again, for ever.
fn of_decisions<'a>(workflow: &str, decisions: &'a Placed<written::DecisionsWritten>) -> Task<'a> {
    Task {
        name: format!("{workflow}/decisions"),
        place: &decisions.place,
        workers: decisions.workers.u32(),
        concurrency: decisions.concurrency.as_ref(),
        service: &decisions.service.value,
        failure_service: None,
        failure: 0.0,
        permanent_failure: None,
        calls: None,
        retry: Some(retry_of(Backoff::immediate(), None)),
        schedule_to_start: None,
        start_to_close: decisions.timeout.as_ref(),
        heartbeat: None,
        poll: None,
        poll_from: None,
        lost: TaskLost::Again,
    }
}

fn retry_as(written: &StepRetry) -> Retry {
    let backoff = Backoff {
        backoff: written.backoff.value.clone(),
        factor: written.factor.0,
        cap: cap(&written.cap),
        jitter: written.jitter.value,
        growth: Growth::Exponential,
    };
    retry_of(backoff, written.max_attempts.as_ref().map(|n| n.u32()))
}

fn retry_of(backoff: Backoff, max_attempts: Option<u32>) -> Retry {
    Retry { backoff, max_attempts, place: RetryPlace::Queue, position: RetryPosition::Tail, budget: None }
}
