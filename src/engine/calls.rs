//! The calls of an attempt, one after another, each with its timeout, retries, breaker, bulkhead, budget and hedges; the
//! attempt ends with the last of them.

use super::caller::{Answer, At, PURPOSES, Purpose, forget_grant};
use super::messages::Token;
use super::world::{Doing, Outcome, World};
use crate::policy::breaker::Breaker;
use crate::policy::budget::Trouble;
use crate::units::Nanos;

impl World<'_> {
    /// An attempt begins: the timeout of the whole runs from here.
    pub(super) fn note_attempt(&mut self, slot: usize) {
        let now = self.now;
        if let Some(caller) = self.caller_mut(slot) {
            caller.began = now;
        }
    }

    /// Own work ended, of a consumer with calls or a budget. `false`: the attempt is at its end.
    #[inline(never)]
    pub(super) fn work_is_guarded(&mut self, slot: usize) -> bool {
        if self.calls_begin(slot) {
            return true;
        }
        if self.attempt_succeeds(slot) {
            self.refund(slot);
        }
        false
    }

    /// Something of the attempt ends in success.
    fn attempt_succeeds(&self, slot: usize) -> bool {
        let batch = &self.slots[slot].batch;
        if batch.is_empty() {
            self.slots[slot].outcome == Outcome::Success
        } else {
            batch.iter().any(|(_, outcome)| *outcome == Outcome::Success)
        }
    }

    /// The calls begin, where there are any to make. `false`: the attempt is at its end.
    fn calls_begin(&mut self, slot: usize) -> bool {
        let token = self.slots[slot].token;
        let absorbed = token != Token::NONE && !token.is_plain() && self.messages.get(token.index()).absorbed;
        if absorbed || !self.attempt_succeeds(slot) {
            return false;
        }
        let timeout = self.consumers[self.slots[slot].consumer as usize].model.timeout;
        let Some(caller) = self.caller_mut(slot) else { return false };
        caller.active = true;
        caller.step = 0;
        caller.attempt = caller.attempt.wrapping_add(1);
        let (attempt, began) = (caller.attempt, caller.began);
        self.slots[slot].doing = Doing::Calling;
        if timeout != Nanos::MAX {
            self.timer(slot, began.saturating_add(timeout), Purpose::Deadline, attempt);
        }
        self.next_call(slot);
        true
    }

    /// The next call that is to be made, or the end of the attempt.
    fn next_call(&mut self, slot: usize) {
        loop {
            let Some(At { call, .. }) = self.at(slot) else { return self.calls_end(slot, true) };
            let share = call.share;
            let consumer = &mut self.consumers[self.slots[slot].consumer as usize];
            let chosen = consumer.calling.as_mut().is_some_and(|calling| share >= 1.0 || calling.shares.chance(share));
            let Some(caller) = self.caller_mut(slot) else { return };
            if chosen {
                (caller.tries, caller.last_delay, caller.last) = (0, 0, None);
                return self.try_call(slot);
            }
            caller.step += 1;
        }
    }

    /// What stands between the caller and the dependency: bulkhead, breaker, pacing.
    fn try_call(&mut self, slot: usize) {
        let now = self.now;
        let Some(At { caller, guard, call, .. }) = self.at(slot) else { return };
        let dependency = call.dependency;
        if guard.open >= call.bulkhead {
            caller.tries += 1;
            forget_grant(caller, guard);
            self.dependencies[dependency].counters.bulkhead_rejected += 1;
            return self.try_failed(slot, Trouble::Transient);
        }
        if guard.breaker.as_mut().is_some_and(|breaker| !breaker.admits(now)) {
            // Tried again, it would only be turned away again: the attempt fails at once.
            forget_grant(caller, guard);
            self.dependencies[dependency].counters.short_circuited += 1;
            return self.calls_end(slot, false);
        }
        guard.open += 1;
        caller.granted = false;
        // Who is paced waits in line, and only the first has a turn of its own: those behind ask for theirs when the rate
        // may be another.
        let in_line = !guard.line.is_empty();
        let pause = if in_line { 0 } else { guard.budget.as_mut().map_or(0, |budget| budget.pause(now)) };
        if caller.tries == 0
            && let Some(budget) = &mut guard.budget
        {
            budget.sent(now);
        }
        caller.tries += 1;
        caller.epoch = caller.epoch.wrapping_add(1);
        (caller.since, caller.open, caller.hedges, caller.sent) = (now, 1, 0, false);
        if in_line || pause > 0 {
            guard.line.push_back((slot as u32, caller.epoch));
            let step = caller.step as u32;
            if pause > 0 {
                self.timer(slot, now.saturating_add(pause), Purpose::Send, step);
            }
            return;
        }
        self.transmit(slot);
    }

    /// The first of a replica's paced tries has its turn.
    fn send_paced(&mut self, slot: usize, step: usize) {
        let now = self.now;
        loop {
            let Some(guard) = self.guard(slot, step) else { return };
            let Some((first, epoch)) = guard.line.pop_front() else { return };
            let first = first as usize;
            if !self.listens(first, epoch) || self.replicas[self.slots[first].replica as usize].hung {
                // It has given up meanwhile, and leaves its turn to the next.
                continue;
            }
            self.transmit(first);
            let Some(guard) = self.guard(slot, step) else { return };
            let pause = match &mut guard.budget {
                Some(budget) if !guard.line.is_empty() => budget.pause(now),
                _ => return,
            };
            if pause > 0 {
                return self.timer(slot, now.saturating_add(pause), Purpose::Send, step as u32);
            }
        }
    }

    /// The try goes out.
    fn transmit(&mut self, slot: usize) {
        let now = self.now;
        let Some(At { caller, call, .. }) = self.at(slot) else { return };
        let (dependency, deadline, epoch, again) = (call.dependency, call.deadline, caller.epoch, caller.tries > 1);
        let (hedge, timeout) = (call.hedge.as_ref().map(|hedge| hedge.after.ns()), call.timeout);
        (caller.since, caller.sent) = (now, true);
        self.dependencies[dependency].counters.retries += u64::from(again);
        if timeout != Nanos::MAX {
            self.timer(slot, now.saturating_add(timeout), Purpose::Timeout, epoch);
        }
        if let Some(after) = hedge {
            self.timer(slot, now.saturating_add(after), Purpose::Hedge, epoch);
        }
        self.called(dependency, slot, epoch, deadline);
    }

    /// The call is not answered yet: another one goes out beside it.
    fn send_hedge(&mut self, slot: usize, epoch: u32) {
        let now = self.now;
        let Some(At { caller, call, .. }) = self.at(slot) else { return };
        let Some(hedge) = &call.hedge else { return };
        caller.hedges += 1;
        caller.open += 1;
        let (dependency, deadline, more) = (call.dependency, call.deadline, caller.hedges < hedge.max);
        let after = hedge.after.ns();
        self.dependencies[dependency].counters.hedges += 1;
        if more {
            self.timer(slot, now.saturating_add(after), Purpose::Hedge, epoch);
        }
        self.called(dependency, slot, epoch, deadline);
    }

    /// The slot still waits for the answer to this try.
    pub(super) fn listens(&self, slot: usize, epoch: u32) -> bool {
        self.caller(slot).is_some_and(|caller| caller.active && caller.open > 0 && caller.epoch == epoch)
    }

    /// It does, and gives up by itself when none comes.
    pub(super) fn times_out(&self, slot: usize, epoch: u32) -> bool {
        let consumer = &self.consumers[self.slots[slot].consumer as usize];
        let call = self.caller(slot).and_then(|caller| consumer.calling.as_ref()?.calls.get(caller.step));
        let bounded = call.is_some_and(|call| call.timeout != Nanos::MAX) || consumer.model.timeout != Nanos::MAX;
        !self.listens(slot, epoch) || bounded
    }

    /// An answer that came without any work is heard as an event of its own, so that calls do not nest.
    pub(super) fn answer_at_once(&mut self, slot: usize, epoch: u32, answer: Answer) {
        let purpose = match answer {
            Answer::Done => return self.answered_call(slot, epoch, answer),
            Answer::Failed => Purpose::Failed,
            Answer::Rejected => Purpose::Rejected,
            Answer::Throttled => Purpose::Throttled,
            Answer::Refused => Purpose::Refused,
        };
        self.timer(slot, self.now, purpose, epoch);
    }

    /// A timer of a caller is due.
    pub(super) fn caller_due(&mut self, what: u64, number: u32) {
        let slot = (what & 0xffff_ffff) as usize;
        let purpose = PURPOSES[(what >> 32) as usize];
        if purpose == Purpose::Send {
            return self.send_paced(slot, number as usize);
        }
        let Some(caller) = self.caller(slot) else { return };
        let (active, epoch, attempt, open) = (caller.active, caller.epoch, caller.attempt, caller.open);
        let hung = self.replicas[self.slots[slot].replica as usize].hung;
        let wanted = if matches!(purpose, Purpose::Deadline | Purpose::Overdue) { attempt } else { epoch };
        if !active || hung || number != wanted {
            return;
        }
        match purpose {
            // An answer that comes at the very instant of a timeout is in time, as work is that ends with its lease.
            Purpose::Timeout => self.timer(slot, self.now, Purpose::TooLate, epoch),
            Purpose::TooLate => self.try_timed_out(slot),
            Purpose::Hedge if open > 0 => self.send_hedge(slot, epoch),
            Purpose::Hedge | Purpose::Send => {}
            Purpose::Retry => self.try_call(slot),
            Purpose::Deadline => self.timer(slot, self.now, Purpose::Overdue, attempt),
            Purpose::Overdue => {
                if open > 0 {
                    self.count_timeout(slot);
                    self.try_over(slot, false, Trouble::Timeout);
                }
                self.calls_end(slot, false);
            }
            Purpose::Failed => self.answered_call(slot, epoch, Answer::Failed),
            Purpose::Rejected => self.answered_call(slot, epoch, Answer::Rejected),
            Purpose::Throttled => self.answered_call(slot, epoch, Answer::Throttled),
            Purpose::Refused => self.answered_call(slot, epoch, Answer::Refused),
        }
    }

    fn count_timeout(&mut self, slot: usize) {
        if let Some(At { caller, call, .. }) = self.at(slot)
            && caller.sent
        {
            let dependency = call.dependency;
            self.dependencies[dependency].counters.timeouts += 1;
        }
    }

    fn try_timed_out(&mut self, slot: usize) {
        self.count_timeout(slot);
        self.try_over(slot, false, Trouble::Timeout);
        self.try_failed(slot, Trouble::Timeout);
    }

    /// The dependency has answered a try. A hung caller does not hear it.
    pub(super) fn answered_call(&mut self, slot: usize, epoch: u32, answer: Answer) {
        if !self.listens(slot, epoch) || self.replicas[self.slots[slot].replica as usize].hung {
            return;
        }
        let trouble = match answer {
            Answer::Done => {
                self.try_over(slot, true, Trouble::Transient);
                if let Some(caller) = self.caller_mut(slot) {
                    caller.step += 1;
                }
                return self.next_call(slot);
            }
            Answer::Failed | Answer::Rejected | Answer::Refused => Trouble::Transient,
            Answer::Throttled => Trouble::Throttle,
        };
        if let Some(caller) = self.caller_mut(slot)
            && caller.open > 1
        {
            // The other calls of this try may still succeed.
            caller.open -= 1;
            return;
        }
        self.try_over(slot, false, trouble);
        self.try_failed(slot, trouble);
    }

    /// A try has its result: breaker and budget learn of it, and what is still under way of it is abandoned.
    fn try_over(&mut self, slot: usize, ok: bool, trouble: Trouble) {
        let now = self.now;
        let Some(At { caller, guard, .. }) = self.at(slot) else { return };
        guard.open = guard.open.saturating_sub(1);
        if !caller.sent {
            // It never went out: nobody has learnt anything from it.
            guard.breaker.iter_mut().for_each(Breaker::forget);
            guard.budget.iter_mut().for_each(|budget| budget.forgotten(caller.tries > 1));
            caller.epoch = caller.epoch.wrapping_add(1);
            caller.open = 0;
            return;
        }
        if let Some(breaker) = &mut guard.breaker {
            breaker.record(now, ok, now - caller.since);
        }
        if let Some(budget) = &mut guard.budget {
            if ok {
                budget.succeeded(now, caller.last);
            } else {
                budget.failed(now, trouble, caller.tries > 1);
            }
        }
        caller.last = Some(trouble);
        caller.epoch = caller.epoch.wrapping_add(1);
        caller.open = 0;
    }

    /// The try failed: another one after a pause, or the attempt fails.
    fn try_failed(&mut self, slot: usize, trouble: Trouble) {
        let now = self.now;
        let Some(At { caller, guard, call, retry }) = self.at(slot) else { return };
        let dependency = call.dependency;
        if caller.tries >= call.max_attempts {
            return self.calls_end(slot, false);
        }
        let backoff = if trouble == Trouble::Throttle { &call.throttled } else { &call.backoff };
        if guard.budget.as_mut().is_some_and(|budget| !budget.may_retry(now, trouble)) {
            self.dependencies[dependency].counters.budget_denied += 1;
            return self.calls_end(slot, false);
        }
        let delay = backoff.delay(caller.tries, caller.last_delay, retry);
        (caller.last_delay, caller.granted) = (delay, true);
        caller.epoch = caller.epoch.wrapping_add(1);
        let epoch = caller.epoch;
        self.timer(slot, now.saturating_add(delay), Purpose::Retry, epoch);
    }

    /// All calls are made, or one failed for good: the attempt ends.
    fn calls_end(&mut self, slot: usize, ok: bool) {
        if let Some(At { caller, guard, .. }) = self.at(slot) {
            forget_grant(caller, guard);
        }
        let Some(caller) = self.caller_mut(slot) else { return };
        caller.active = false;
        caller.attempt = caller.attempt.wrapping_add(1);
        caller.epoch = caller.epoch.wrapping_add(1);
        caller.open = 0;
        if !ok {
            self.slots[slot].outcome = Outcome::Failure;
            for (_, outcome) in &mut self.slots[slot].batch {
                if *outcome == Outcome::Success {
                    *outcome = Outcome::Failure;
                }
            }
        }
        if ok {
            self.refund(slot);
        }
        self.slots[slot].doing = Doing::Work;
        self.attempt_ends(slot);
    }
}
