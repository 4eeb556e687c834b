//! What publishers may spend on retries: of requests without an answer, and of publishes that were refused.

use super::gate::Verdict;
use super::messages::Draft;
use super::world::World;
use crate::model::{OnRejectModel, ProducerModel};
use crate::policy::budget::{Budget, Trouble};
use crate::units::Nanos;
use std::collections::VecDeque;

/// One producer's budgets, each where its retry has one.
pub(super) struct Purse {
    reply: Option<Budget>,
    reject: Option<Budget>,
    /// Publishes that wait for their turn, where attempts are paced.
    line: VecDeque<Draft>,
}

impl Purse {
    pub(super) fn of(producer: &ProducerModel) -> Option<Purse> {
        let reply = producer.reply.as_ref().and_then(|reply| reply.budget.as_ref()).map(Budget::new);
        let reject = match &producer.on_reject {
            OnRejectModel::Retry { budget, .. } => budget.as_ref().map(Budget::new),
            OnRejectModel::Drop | OnRejectModel::Block | OnRejectModel::Spill(_) => None,
        };
        (reply.is_some() || reject.is_some()).then(|| Purse { reply, reject, line: VecDeque::new() })
    }
}

impl World<'_> {
    fn reply_budget(&mut self, index: usize) -> Option<&mut Budget> {
        self.upstream[index].purse.as_mut()?.reply.as_mut()
    }

    fn reject_budget(&mut self, index: usize) -> Option<&mut Budget> {
        self.upstream[index].purse.as_mut()?.reject.as_mut()
    }

    /// The first copy of a request goes out.
    pub(super) fn budget_asked(&mut self, index: usize) {
        let now = self.now;
        self.reply_budget(index).into_iter().for_each(|budget| budget.sent(now));
    }

    /// The copy that was awaited has been answered.
    pub(super) fn budget_answered(&mut self, index: usize, attempt: u32) {
        let (now, last) = (self.now, (attempt > 1).then_some(Trouble::Timeout));
        self.reply_budget(index).into_iter().for_each(|budget| budget.succeeded(now, last));
    }

    /// The awaited copy was not answered in time; whether there may be another.
    pub(super) fn budget_allows_copy(&mut self, index: usize, attempt: u32, most: u32) -> bool {
        let now = self.now;
        let Some(budget) = self.reply_budget(index) else { return attempt < most };
        budget.failed(now, Trouble::Timeout, attempt > 1);
        attempt < most && budget.may_retry(now, Trouble::Timeout)
    }

    /// A publish, first or not, goes out when it is its turn: adaptive clients pace their attempts.
    #[inline(never)]
    pub(super) fn send_in_turn(&mut self, draft: Draft) {
        let (now, index) = (self.now, draft.producer as usize);
        let Some(purse) = &mut self.upstream[index].purse else { return };
        if draft.publishes == 0 {
            purse.reject.iter_mut().for_each(|budget| budget.sent(now));
        }
        let wait = match purse.line.is_empty() {
            true => purse.reject.as_mut().map_or(0, |budget| budget.pause(now)),
            false => Nanos::MAX,
        };
        if wait == 0 {
            return self.send_now(draft);
        }
        purse.line.push_back(draft);
        self.producers[index].waiting.enter(now);
        if wait != Nanos::MAX {
            self.await_turn(index, wait);
        }
    }

    /// The first in line has its turn. The next one asks for its own only now, when the rate may be another.
    pub(super) fn turn_comes(&mut self, index: usize) {
        let now = self.now;
        while let Some(draft) = self.upstream[index].purse.as_mut().and_then(|purse| purse.line.pop_front()) {
            self.producers[index].waiting.leave(now);
            self.send_now(draft);
            let Some(purse) = &mut self.upstream[index].purse else { return };
            if purse.line.is_empty() {
                return;
            }
            let wait = purse.reject.as_mut().map_or(0, |budget| budget.pause(now));
            if wait > 0 {
                return self.await_turn(index, wait);
            }
        }
    }

    /// The broker has taken a publish, or nobody will ever know.
    pub(super) fn budget_taken(&mut self, draft: &Draft, verdict: Verdict) {
        let silent = verdict == Verdict::Lost && self.is_silent(draft.target);
        let (now, last) = (self.now, (draft.publishes > 1).then_some(draft.trouble));
        let Some(budget) = self.reject_budget(draft.producer as usize) else { return };
        if silent { budget.forgotten(last.is_some()) } else { budget.succeeded(now, last) }
    }

    /// The broker has refused a publish, of which there may be `most`; whether another may follow.
    pub(super) fn budget_allows_publish(&mut self, draft: &Draft, most: u32) -> bool {
        let now = self.now;
        let Some(budget) = self.reject_budget(draft.producer as usize) else { return draft.publishes < most };
        budget.failed(now, draft.trouble, draft.publishes > 1);
        draft.publishes < most && budget.may_retry(now, draft.trouble)
    }
}
