//! What is kept of workflows: series, and the books closed and audited at the end of a run.

use super::audit::EngineError;
use super::workflow::{Execution, Stage, Workflows, is_task};
use super::world::World;
use crate::observe::{WorkflowCounters, WorkflowSeen};
use crate::units::{Nanos, seconds};

impl Workflows<'_> {
    pub(super) fn warmup_ends(&mut self, now: Nanos) {
        for book in &mut self.books {
            book.at_warmup = book.counters;
            [&mut book.running, &mut book.compensating, &mut book.waiting].into_iter().for_each(|g| g.mark(now));
        }
    }

    pub(super) fn seen(self, now: Nanos) -> Vec<WorkflowSeen> {
        let seen = self.books.into_iter().map(|book| WorkflowSeen {
            totals: book.counters,
            warmup: book.at_warmup,
            running: book.counters.started - book.counters.ended(),
            history_full: book.history_full,
            running_area: book.running.areas(now),
            compensating_area: book.compensating.areas(now),
            waiting_area: book.waiting.areas(now),
            duration: book.duration,
            series: book.series,
        });
        seen.collect()
    }
}

impl World<'_> {
    pub(super) fn sample_workflows(&mut self) {
        let first = self.next_sample == self.model.origin;
        let tick_s = seconds(self.model.tick);
        for book in &mut self.workflows.books {
            let added = book.counters.since(&book.at_sample);
            let rate = |count: u64| if first { f64::NAN } else { count as f64 / tick_s };
            book.series.push(&[
                book.running.count as f64,
                book.compensating.count as f64,
                book.waiting.count as f64,
                rate(added.started),
                rate(added.completed),
                rate(added.compensated),
                rate(added.failed),
                rate(added.stuck),
            ]);
            book.at_sample = book.counters;
        }
    }

    /// Audits that every execution that has not ended waits for exactly one thing, and counts those as stuck whose task has
    /// failed already.
    pub(super) fn close_workflows(&mut self) -> Result<(), EngineError> {
        if self.workflows.books.is_empty() {
            return Ok(());
        }
        let executions = &self.workflows.executions;
        let timed = |e: &Execution| e.open && matches!(e.stage, Stage::Waiting | Stage::Sticking);
        let mut waits_for: Vec<u32> = executions.iter().map(|e| u32::from(timed(e))).collect();
        let mut stuck: Vec<usize> = vec![];
        for message in self.messages.unfinished().filter(|message| is_task(message.request)) {
            let Some(place) = self.workflows.find(message.request, message.request_attempt) else { continue };
            waits_for[place] += 1;
            if World::has_failed(message) {
                stuck.push(place);
            }
        }
        for waiter in self.queues.iter().flat_map(|q| &q.line) {
            let found = self.workflows.find(waiter.draft.request, waiter.draft.request_attempt);
            found.into_iter().for_each(|place| waits_for[place] += 1);
        }
        let mut open = vec![0; self.workflows.books.len()];
        let mut lost = vec![0; self.workflows.books.len()];
        for (execution, count) in executions.iter().zip(&waits_for).filter(|(execution, _)| execution.open) {
            open[execution.workflow as usize] += 1;
            lost[execution.workflow as usize] += u64::from(*count != 1);
        }
        for (workflow, book) in self.workflows.books.iter().enumerate() {
            let WorkflowCounters { started, .. } = book.counters;
            let (ended, open, lost) = (book.counters.ended(), open[workflow], lost[workflow]);
            let law = if started != ended + open || book.running.count != open {
                format!("{started} executions started, {ended} ended, {open} found")
            } else if lost > 0 {
                format!("{lost} executions wait for nothing, or for several things at once")
            } else {
                continue;
            };
            return Err(EngineError::Audit { queue: book.model.name.clone(), law });
        }
        for place in stuck {
            let workflow = self.workflows.executions[place].workflow as usize;
            self.workflows.books[workflow].counters.stuck += 1;
        }
        Ok(())
    }
}
