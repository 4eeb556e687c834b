//! What publishers may spend on retries: of requests without an answer, and of publishes that were refused.

use super::gate::Verdict;
use super::messages::Draft;
use super::world::World;
use crate::model::{OnRejectModel, ProducerModel};
use crate::policy::budget::{Budget, Trouble};
use crate::units::Nanos;

/// One producer's budgets, each where its retry has one.
pub(super) struct Purse {
    reply: Option<Budget>,
    reject: Option<Budget>,
}

impl Purse {
    pub(super) fn of(producer: &ProducerModel) -> Option<Purse> {
        let reply = producer.reply.as_ref().and_then(|reply| reply.budget.as_ref()).map(Budget::new);
        let reject = match &producer.on_reject {
            OnRejectModel::Retry { budget, .. } => budget.as_ref().map(Budget::new),
            OnRejectModel::Drop | OnRejectModel::Block | OnRejectModel::Spill(_) => None,
        };
        (reply.is_some() || reject.is_some()).then_some(Purse { reply, reject })
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

    /// A publish goes out for the first time. How long it has to wait for its turn, where attempts are paced.
    pub(super) fn budget_pace(&mut self, index: usize) -> Nanos {
        let now = self.now;
        let Some(budget) = self.reject_budget(index) else { return 0 };
        budget.sent(now);
        budget.pause(now)
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

    /// A retry that is due may have to wait for its turn.
    pub(super) fn budget_turn(&mut self, index: usize) -> Nanos {
        let now = self.now;
        self.reject_budget(index).map_or(0, |budget| budget.pause(now))
    }
}
