//! Workflows and the task queues of their steps.

use super::{QueueModel, UNLIMITED};
use crate::random::Distribution;
use crate::scenario::{Activity, EventCounts, Scenario, TaskLost};
use crate::units::{Duration, Nanos};

#[derive(Debug, Clone)]
pub struct WorkflowModel {
    pub name: String,
    pub steps: Vec<StepModel>,
    /// Events in the history of one execution; `UNLIMITED`: no limit.
    pub history_limit: u64,
    pub events: EventCounts,
    pub decisions: Option<DecisionsModel>,
}

#[derive(Debug, Clone)]
pub struct StepModel {
    /// Before the step.
    pub wait: Option<Distribution>,
    /// Index into `Model::queues`.
    pub queue: usize,
    /// The same of its compensation.
    pub undo: Option<usize>,
}

#[derive(Debug, Clone, Copy)]
pub struct DecisionsModel {
    /// Index into `Model::queues`.
    pub queue: usize,
    /// How long a task is kept for the worker that made the last decision; 0: not at all.
    pub sticky: Nanos,
}

/// What a task queue has that others have not. The bound on one attempt is the queue's lease.
#[derive(Debug, Clone, Copy)]
pub struct TaskModel {
    /// Index into `Model::workflows`.
    pub workflow: usize,
    /// Bound on each wait in the queue; `UNLIMITED`: none.
    pub schedule_to_start: Nanos,
    /// A worker that has not reported for so long is taken for dead; `UNLIMITED`: reports are not asked for.
    pub heartbeat: Nanos,
    /// The death of a worker is no failed attempt.
    pub given_out_again: bool,
}

pub(super) fn workflows(scenario: &Scenario) -> Vec<WorkflowModel> {
    let one = |workflow: &crate::scenario::Workflow| WorkflowModel {
        name: workflow.name.clone(),
        steps: workflow
            .steps
            .iter()
            .map(|step| StepModel {
                wait: step.wait.clone(),
                queue: step.activity.queue,
                undo: step.undo.map(|undo| undo.queue),
            })
            .collect(),
        history_limit: workflow.history_limit.unwrap_or(UNLIMITED),
        events: workflow.events,
        decisions: workflow.decisions.map(|decisions| DecisionsModel {
            queue: decisions.activity.queue,
            sticky: decisions.sticky.map_or(0, Duration::ns),
        }),
    };
    scenario.workflows.iter().map(one).collect()
}

/// Makes the queues of activities task queues.
pub(super) fn task_queues(scenario: &Scenario, queues: &mut [QueueModel]) {
    for (index, workflow) in scenario.workflows.iter().enumerate() {
        workflow.activities().for_each(|activity| task_queue(index, activity, &mut queues[activity.queue]));
    }
}

fn task_queue(workflow: usize, activity: &Activity, queue: &mut QueueModel) {
    let bound = |bound: Option<Duration>| bound.map_or(UNLIMITED, Duration::ns);
    queue.task = Some(TaskModel {
        workflow,
        schedule_to_start: bound(activity.schedule_to_start),
        heartbeat: bound(activity.heartbeat),
        given_out_again: activity.lost == TaskLost::Again,
    });
    // Where reports are asked for, a death is noticed by their absence rather than at once, whether attempts are bounded or
    // not: that is what a lease without an end does.
    let silent = if activity.heartbeat.is_some() { UNLIMITED - 1 } else { UNLIMITED };
    queue.lease = activity.start_to_close.map_or(silent, Duration::ns);
    // Each task has an execution to return to, and a journey that began with it.
    queue.rich = true;
    queue.hops = true;
}
