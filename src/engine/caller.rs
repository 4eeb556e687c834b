//! Callers of dependencies: what one work slot is doing about its calls, and what one replica guards them with.

use super::alarms::Alarm;
use super::audit::EngineError;
use super::world::World;
use crate::model::{CallModel, ConsumerModel, Model};
use crate::policy::breaker::Breaker;
use crate::policy::budget::{Budget, Trouble};
use crate::random::Stream;
use crate::units::Nanos;
use std::collections::VecDeque;

/// What a caller hears of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Done,
    Failed,
    Rejected,
    Throttled,
    Refused,
}

/// What a timer of a caller is for; kept in the upper half of its first word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The call's own timeout, and when all that is answered at that very instant has been heard.
    Timeout,
    TooLate,
    Hedge,
    /// The next try of the same call.
    Retry,
    /// A pacing client lets the first in its line go out; the number is that of the call.
    Send,
    /// The timeout of the whole attempt, and the same.
    Deadline,
    Overdue,
    Failed,
    Rejected,
    Throttled,
    Refused,
}

pub(super) const PURPOSES: [Purpose; 11] = [
    Purpose::Timeout,
    Purpose::TooLate,
    Purpose::Hedge,
    Purpose::Retry,
    Purpose::Send,
    Purpose::Deadline,
    Purpose::Overdue,
    Purpose::Failed,
    Purpose::Rejected,
    Purpose::Throttled,
    Purpose::Refused,
];

/// What one work slot is doing about its calls.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Caller {
    pub(super) active: bool,
    /// Number of the attempt on a message, and of the try: timers and answers of earlier ones are void.
    pub(super) attempt: u32,
    pub(super) epoch: u32,
    /// When the attempt began, its own work included.
    pub(super) began: Nanos,
    /// Which of the consumer's calls.
    pub(super) step: usize,
    /// Of this call, the one under way included.
    pub(super) tries: u32,
    pub(super) last_delay: Nanos,
    /// When the try was sent, and how many of its calls are unanswered: none while no try is under way.
    pub(super) since: Nanos,
    pub(super) open: u32,
    pub(super) hedges: u32,
    /// The try has gone out: a paced one waits for its turn first.
    pub(super) sent: bool,
    /// Why the try before failed, where there was one.
    pub(super) last: Option<Trouble>,
    /// The budget granted a retry that has not begun yet.
    pub(super) granted: bool,
}

/// One replica's guards of one call: they live and die with its process.
pub(super) struct Guard {
    pub(super) breaker: Option<Breaker>,
    pub(super) budget: Option<Budget>,
    /// Tries under way.
    pub(super) open: u32,
    /// Paced tries that wait for their turn: slot and number of the try.
    pub(super) line: VecDeque<(u32, u32)>,
}

impl Guard {
    fn new(call: &CallModel) -> Guard {
        Guard {
            breaker: call.breaker.as_ref().map(Breaker::new),
            budget: call.budget.as_ref().map(Budget::new),
            open: 0,
            line: VecDeque::new(),
        }
    }
}

/// The calls of one consumer.
pub(super) struct Calling<'m> {
    pub(super) calls: &'m [CallModel],
    /// One a work slot.
    pub(super) callers: Vec<Caller>,
    /// Replica after replica, one a call.
    pub(super) guards: Vec<Guard>,
    pub(super) shares: Stream,
    pub(super) retry: Stream,
}

impl<'m> Calling<'m> {
    pub(super) fn new(world: &Model, model: &'m ConsumerModel, run: u32) -> Option<Box<Calling<'m>>> {
        if model.calls.is_empty() {
            return None;
        }
        let guards = (0..model.max_replicas).flat_map(|_| model.calls.iter().map(Guard::new)).collect();
        Some(Box::new(Calling {
            calls: &model.calls,
            callers: vec![Caller::default(); (model.max_replicas * model.concurrency) as usize],
            guards,
            shares: Stream::new(world.seed, run, &model.name, "calls"),
            retry: Stream::new(world.seed, run, &model.name, "call retries"),
        }))
    }
}

/// The parts of a caller that its steps need, borrowed together.
pub(super) struct At<'a> {
    pub(super) caller: &'a mut Caller,
    pub(super) guard: &'a mut Guard,
    pub(super) call: &'a CallModel,
    pub(super) retry: &'a mut Stream,
}

/// A retry that was granted is not made after all.
pub(super) fn forget_grant(caller: &mut Caller, guard: &mut Guard) {
    if std::mem::take(&mut caller.granted)
        && let Some(budget) = &mut guard.budget
    {
        budget.forgotten(true);
    }
}

impl World<'_> {
    pub(super) fn at(&mut self, slot: usize) -> Option<At<'_>> {
        let (ci, ri) = (self.slots[slot].consumer as usize, self.slots[slot].replica as usize);
        let consumer = &mut self.consumers[ci];
        let (slot, replica) = (slot - consumer.first_slot, ri - consumer.first_replica);
        let calling = consumer.calling.as_deref_mut()?;
        let caller = calling.callers.get_mut(slot)?;
        let call = calling.calls.get(caller.step)?;
        let guard = calling.guards.get_mut(replica * calling.calls.len() + caller.step)?;
        Some(At { caller, guard, call, retry: &mut calling.retry })
    }

    /// The guard of one call in the replica of a slot.
    pub(super) fn guard(&mut self, slot: usize, step: usize) -> Option<&mut Guard> {
        let ri = self.slots[slot].replica as usize;
        let consumer = &mut self.consumers[self.slots[slot].consumer as usize];
        let replica = ri - consumer.first_replica;
        let calling = consumer.calling.as_deref_mut()?;
        calling.guards.get_mut(replica * calling.calls.len() + step)
    }

    pub(super) fn caller(&self, slot: usize) -> Option<&Caller> {
        let consumer = &self.consumers[self.slots[slot].consumer as usize];
        consumer.calling.as_ref()?.callers.get(slot - consumer.first_slot)
    }

    pub(super) fn caller_mut(&mut self, slot: usize) -> Option<&mut Caller> {
        let consumer = &mut self.consumers[self.slots[slot].consumer as usize];
        consumer.calling.as_mut()?.callers.get_mut(slot - consumer.first_slot)
    }

    pub(super) fn timer(&mut self, slot: usize, at: Nanos, purpose: Purpose, number: u32) {
        self.alarm_once(at, Alarm::Caller, (purpose as u64) << 32 | slot as u64, number);
    }

    /// The replica's process is gone, and with it its callers and what guarded them. What they had asked for is still
    /// worked on.
    pub(super) fn abandon_calls(&mut self, ri: usize) {
        let (ci, slots) = (self.replicas[ri].consumer as usize, self.slots_of(ri));
        let consumer = &mut self.consumers[ci];
        let (first_slot, replica) = (consumer.first_slot, ri - consumer.first_replica);
        let Some(calling) = &mut consumer.calling else { return };
        for caller in &mut calling.callers[slots.start - first_slot..slots.end - first_slot] {
            caller.active = false;
            caller.attempt = caller.attempt.wrapping_add(1);
            caller.epoch = caller.epoch.wrapping_add(1);
            caller.open = 0;
        }
        let calls = calling.calls;
        for (guard, call) in calling.guards[replica * calls.len()..].iter_mut().zip(calls) {
            *guard = Guard::new(call);
        }
    }

    /// Tries under way are those of the work slots, call by call: a bulkhead that lost count would shut for ever.
    pub(super) fn audit_callers(&self) -> Result<(), EngineError> {
        for consumer in &self.consumers {
            let Some(calling) = &consumer.calling else { continue };
            let (slots, calls) = (consumer.model.concurrency as usize, calling.calls.len());
            for (replica, callers) in calling.callers.chunks(slots).enumerate() {
                for step in 0..calls {
                    let under_way = callers.iter().filter(|it| it.active && it.step == step && it.open > 0).count();
                    let counted = calling.guards[replica * calls + step].open;
                    if under_way != counted as usize {
                        let law =
                            format!("{under_way} tries of its calls are under way, its bulkhead counts {counted}");
                        return Err(EngineError::Audit { queue: consumer.model.name.clone(), law });
                    }
                }
            }
        }
        Ok(())
    }

    /// Breakers of all callers that are open against this dependency now.
    pub(super) fn open_breakers(&self, di: usize) -> usize {
        let of = |calling: &Calling<'_>| {
            let calls = calling.calls.iter().cycle();
            let against = |(guard, call): &(&Guard, &CallModel)| {
                call.dependency == di && guard.breaker.as_ref().is_some_and(Breaker::is_open)
            };
            calling.guards.iter().zip(calls).filter(against).count()
        };
        self.consumers.iter().filter_map(|consumer| consumer.calling.as_deref()).map(of).sum()
    }
}
