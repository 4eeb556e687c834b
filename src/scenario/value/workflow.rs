//! Durable workflows: steps on task queues, undone in reverse order when one fails for good.

use crate::random::Distribution;
use crate::units::Duration;

#[derive(Debug, Clone)]
pub struct Workflow {
    pub name: String,
    /// The preset's name.
    pub engine: String,
    pub steps: Vec<Step>,
    /// Events in the history of one execution; `None`: no limit.
    pub history_limit: Option<u64>,
    pub events: EventCounts,
    pub decisions: Option<Decisions>,
}

#[derive(Debug, Clone)]
pub struct Step {
    pub name: String,
    /// Before the step.
    pub wait: Option<Distribution>,
    pub activity: Activity,
    pub undo: Option<Activity>,
}

/// What is done on a task queue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Activity {
    /// Index into `Scenario::queues`: its task queue.
    pub queue: usize,
    /// Index into `Scenario::consumers`: its workers.
    pub consumer: usize,
    /// Bound on each wait in the task queue.
    pub schedule_to_start: Option<Duration>,
    /// Bound on one attempt.
    pub start_to_close: Option<Duration>,
    /// A worker that has not reported for so long is taken for dead.
    pub heartbeat: Option<Duration>,
    pub lost: TaskLost,
}

/// What the death of a worker is to the task that it worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TaskLost {
    /// An attempt that failed.
    #[default]
    Attempt,
    /// Nothing: the task is given out again.
    Again,
}

/// Events that go into an execution's history for what happens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EventCounts {
    pub start: u64,
    pub step: u64,
    pub attempt: u64,
    pub wait: u64,
    pub decision: u64,
}

/// The workflow's own code as a task queue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decisions {
    pub activity: Activity,
    /// How long a task is kept for the worker that made the last decision.
    pub sticky: Option<Duration>,
}

impl Workflow {
    /// Everything that has a task queue, in the order of the queues.
    pub fn activities(&self) -> impl Iterator<Item = &Activity> {
        let steps = self.steps.iter().flat_map(|step| std::iter::once(&step.activity).chain(&step.undo));
        steps.chain(self.decisions.iter().map(|decisions| &decisions.activity))
    }
}
