//! Executions of durable workflows: what each is at, and what follows when a task is done or has failed for good.
//!
//! A task is an ordinary message on an ordinary queue. Its `request` names the execution, with bit 63 set, and its
//! `request_attempt` the task by a serial number, so that what an old attempt does later is told apart.

use super::alarms::Alarm;
use super::gate::Verdict;
use super::messages::Draft;
use super::world::{Life, World};
use crate::model::{Model, WorkflowModel};
use crate::observe::{Gauge, Histogram, SeriesSet, WorkflowCounters};
use crate::random::Stream;
use crate::units::Nanos;

/// Every execution of a run, and the books of each workflow.
pub(super) struct Workflows<'m> {
    pub(super) books: Vec<Book<'m>>,
    pub(super) executions: Vec<Execution>,
    free: Vec<u32>,
}

pub(super) struct Book<'m> {
    pub(super) model: &'m WorkflowModel,
    pub(super) counters: WorkflowCounters,
    pub(super) at_warmup: WorkflowCounters,
    pub(super) at_sample: WorkflowCounters,
    pub(super) history_full: u64,
    pub(super) running: Gauge,
    pub(super) compensating: Gauge,
    pub(super) waiting: Gauge,
    pub(super) duration: Histogram,
    pub(super) series: SeriesSet,
    waits: Stream,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Execution {
    pub(super) workflow: u32,
    /// Tells the executions apart that share a place one after another.
    life: u32,
    pub(super) open: bool,
    pub(super) stage: Stage,
    at: At,
    /// Something is being undone.
    undoing: bool,
    /// Of the task or timer at hand.
    pub(super) serial: u32,
    started: Nanos,
    pub(super) events: u64,
    /// The replica that made the last decision, and which life of it.
    decider: Option<(u32, u32)>,
    /// As it was published: what its tasks carry, and who waits for the end.
    draft: Draft,
}

/// What an execution is at, or what comes next once that is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Step(u32),
    Undo(u32),
    End(Ending),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Completed,
    Compensated,
    Failed,
    Stuck,
}

/// What an execution waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// A decision task.
    Deciding,
    /// A timer before a decision is given out to others than the worker that made the last.
    Sticking,
    /// The timer before a step.
    Waiting,
    /// The task of a step or compensation.
    Working,
}

const EXECUTION: u64 = 1 << 63;

pub(super) const WORKFLOW_SERIES: [&str; 8] = [
    "running",
    "compensating",
    "waiting",
    "start_rate_per_s",
    "complete_rate_per_s",
    "compensate_rate_per_s",
    "fail_rate_per_s",
    "stuck_rate_per_s",
];

/// The message is a task of some execution.
#[inline]
pub(super) fn is_task(request: u64) -> bool {
    request & EXECUTION != 0 && request != u64::MAX
}

impl<'m> Workflows<'m> {
    pub(super) fn new(model: &'m Model, run: u32) -> Workflows<'m> {
        let book = |workflow: &'m WorkflowModel| Book {
            model: workflow,
            counters: WorkflowCounters::default(),
            at_warmup: WorkflowCounters::default(),
            at_sample: WorkflowCounters::default(),
            history_full: 0,
            running: Gauge::default(),
            compensating: Gauge::default(),
            waiting: Gauge::default(),
            duration: Histogram::default(),
            series: SeriesSet::new(&WORKFLOW_SERIES, model.samples()),
            waits: Stream::new(model.seed, run, &workflow.name, "wait"),
        };
        Workflows { books: model.workflows.iter().map(book).collect(), executions: vec![], free: vec![] }
    }

    /// The place of the execution that is at this very task or timer.
    pub(super) fn find(&self, id: u64, serial: u32) -> Option<usize> {
        let place = (id & 0xffff_ffff) as usize;
        let execution = self.executions.get(place)?;
        let current = execution.open
            && u64::from(execution.life) == (id & !EXECUTION) >> 32
            && execution.serial == serial
            && is_task(id);
        current.then_some(place)
    }

    fn open(&mut self, execution: Execution) -> usize {
        match self.free.pop() {
            Some(place) => {
                let old = &mut self.executions[place as usize];
                *old = Execution { life: old.life.wrapping_add(1) & 0x7fff_ffff, ..execution };
                place as usize
            }
            None => {
                self.executions.push(execution);
                self.executions.len() - 1
            }
        }
    }

    fn id(&self, place: usize) -> u64 {
        EXECUTION | u64::from(self.executions[place].life) << 32 | place as u64
    }

    /// The book of an execution's workflow.
    fn book(&mut self, place: usize) -> &mut Book<'m> {
        &mut self.books[self.executions[place].workflow as usize]
    }

    pub(super) fn model(&self, place: usize) -> &'m WorkflowModel {
        self.books[self.executions[place].workflow as usize].model
    }
}

impl World<'_> {
    /// A message published to a workflow starts an execution.
    #[inline(never)]
    pub(super) fn start_execution(&mut self, workflow: usize, draft: Draft) -> Verdict {
        let book = &mut self.workflows.books[workflow];
        book.counters.started += 1;
        book.running.enter(self.now);
        let events = book.model.events.start;
        let place = self.workflows.open(Execution {
            workflow: workflow as u32,
            life: 0,
            open: true,
            stage: Stage::Working,
            at: At::Step(0),
            undoing: false,
            serial: 0,
            started: self.now,
            events,
            decider: None,
            draft,
        });
        self.decide(place);
        Verdict::Accepted
    }

    /// What comes next is to be decided.
    fn decide(&mut self, place: usize) {
        let model = self.workflows.model(place);
        let Some(decisions) = model.decisions else {
            if !self.write_history(place, model.events.decision) {
                self.decided(place);
            }
            return;
        };
        let execution = &mut self.workflows.executions[place];
        let gone = execution.decider.take().is_some_and(|(replica, generation)| {
            let replica = &self.replicas[replica as usize];
            replica.life != Life::Live || replica.generation != generation
        });
        if gone && decisions.sticky > 0 {
            return self.set_timer(place, Stage::Sticking, decisions.sticky);
        }
        self.give_out(place, Stage::Deciding, decisions.queue, false);
    }

    /// What comes next is known: a timer, a task, or the end.
    fn decided(&mut self, place: usize) {
        let model = self.workflows.model(place);
        match self.workflows.executions[place].at {
            At::End(ending) => self.end(place, ending),
            At::Undo(step) => {
                if let Some(queue) = model.steps[step as usize].undo {
                    self.give_out(place, Stage::Working, queue, false);
                }
            }
            At::Step(step) => match &model.steps[step as usize].wait {
                Some(law) => {
                    let now = self.now;
                    let book = self.workflows.book(place);
                    let length = law.sample(&mut book.waits);
                    book.waiting.enter(now);
                    self.set_timer(place, Stage::Waiting, length);
                }
                None => self.give_out_step(place, step),
            },
        }
    }

    fn give_out_step(&mut self, place: usize, step: u32) {
        let queue = self.workflows.model(place).steps[step as usize].queue;
        let poison = self.workflows.executions[place].draft.poison;
        self.give_out(place, Stage::Working, queue, poison);
    }

    fn set_timer(&mut self, place: usize, stage: Stage, length: Nanos) {
        let id = self.workflows.id(place);
        let execution = &mut self.workflows.executions[place];
        execution.stage = stage;
        execution.serial = execution.serial.wrapping_add(1);
        let serial = execution.serial;
        self.alarm_once(self.now.saturating_add(length), Alarm::Workflow, id, serial);
    }

    /// An execution's timer is over.
    #[inline(never)]
    pub(super) fn workflow_due(&mut self, id: u64, serial: u32) {
        let Some(place) = self.workflows.find(id, serial) else { return };
        let execution = self.workflows.executions[place];
        match (execution.stage, execution.at) {
            (Stage::Sticking, _) => {
                if let Some(decisions) = self.workflows.model(place).decisions {
                    self.give_out(place, Stage::Deciding, decisions.queue, false);
                }
            }
            (Stage::Waiting, At::Step(step)) => {
                let now = self.now;
                let book = self.workflows.book(place);
                book.waiting.leave(now);
                let events = book.model.events.wait;
                if !self.write_history(place, events) {
                    self.give_out_step(place, step);
                }
            }
            _ => {}
        }
    }

    /// Puts a task into its queue. One that is down takes it when it is up again.
    fn give_out(&mut self, place: usize, stage: Stage, queue: usize, poison: bool) {
        let request = self.workflows.id(place);
        let execution = &mut self.workflows.executions[place];
        execution.stage = stage;
        execution.serial = execution.serial.wrapping_add(1);
        let task = Draft {
            request,
            request_attempt: execution.serial,
            key: execution.draft.key,
            hash: execution.draft.hash,
            size: execution.draft.size,
            poison,
            ..Draft::new(execution.started)
        };
        if self.queues[queue].down > 0 || self.publish(queue, task, true) == Verdict::Full {
            self.wait_in_line(queue, task, u32::MAX);
        }
    }

    /// A task was done, by this work slot.
    #[inline(never)]
    pub(super) fn task_done(&mut self, slot: usize, id: u64, serial: u32) {
        let Some(place) = self.workflows.find(id, serial) else { return };
        let model = self.workflows.model(place);
        let execution = &mut self.workflows.executions[place];
        if execution.stage == Stage::Deciding {
            let replica = self.slots[slot].replica;
            execution.decider = Some((replica, self.replicas[replica as usize].generation));
            if !self.write_history(place, model.events.decision) {
                self.decided(place);
            }
            return;
        }
        execution.at = match execution.at {
            At::Step(step) if (step as usize) + 1 < model.steps.len() => At::Step(step + 1),
            At::Step(_) => At::End(Ending::Completed),
            At::Undo(step) => last_undo(model, step).map_or(At::End(Ending::Compensated), At::Undo),
            At::End(ending) => At::End(ending),
        };
        if !self.write_history(place, model.events.step + model.events.attempt) {
            self.decide(place);
        }
    }

    /// A task has failed for good: what was done before is undone, the last first.
    #[inline(never)]
    pub(super) fn task_failed(&mut self, id: u64, serial: u32) {
        let Some(place) = self.workflows.find(id, serial) else { return };
        let model = self.workflows.model(place);
        let now = self.now;
        let execution = &mut self.workflows.executions[place];
        execution.at = match execution.at {
            _ if execution.stage == Stage::Deciding => At::End(Ending::Failed),
            At::Step(step) => last_undo(model, step).map_or(At::End(Ending::Failed), At::Undo),
            At::Undo(_) => At::End(Ending::Stuck),
            At::End(ending) => At::End(ending),
        };
        if matches!(execution.at, At::Undo(_)) {
            execution.undoing = true;
            self.workflows.book(place).compensating.enter(now);
        }
        if !self.write_history(place, model.events.step) {
            self.decide(place);
        }
    }

    /// Writes events. Where the history is full by that the execution is ended, which is said.
    fn write_history(&mut self, place: usize, events: u64) -> bool {
        let limit = self.workflows.model(place).history_limit;
        let execution = &mut self.workflows.executions[place];
        execution.events += events;
        if execution.events <= limit {
            return false;
        }
        self.workflows.book(place).history_full += 1;
        self.end(place, Ending::Failed);
        true
    }

    fn end(&mut self, place: usize, ending: Ending) {
        let (now, warm) = (self.now, self.warm);
        let execution = &mut self.workflows.executions[place];
        execution.open = false;
        let (started, draft, undoing) = (execution.started, execution.draft, execution.undoing);
        let book = self.workflows.book(place);
        match ending {
            Ending::Completed => {
                book.counters.completed += 1;
                if started >= warm {
                    book.duration.record(now - started);
                }
            }
            Ending::Compensated => book.counters.compensated += 1,
            Ending::Failed => book.counters.failed += 1,
            Ending::Stuck => book.counters.stuck += 1,
        }
        book.running.leave(now);
        if undoing {
            book.compensating.leave(now);
        }
        self.workflows.free.push(place as u32);
        self.answered(draft.request, draft.request_attempt, false);
    }
}

/// The last step before this one that can be undone.
fn last_undo(model: &WorkflowModel, before: u32) -> Option<u32> {
    (0..before).rev().find(|&step| model.steps[step as usize].undo.is_some())
}
