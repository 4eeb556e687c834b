//! A consumer's own budget of retries: one a replica, as each process keeps its own.

use super::messages::Token;
use super::world::World;
use crate::model::ConsumerModel;
use crate::policy::budget::{Budget, Rules, Trouble};

pub(super) struct Budgets {
    rules: Rules,
    of_replicas: Vec<Budget>,
}

impl Budgets {
    pub(super) fn new(model: &ConsumerModel) -> Option<Box<Budgets>> {
        let rules = model.budget.clone()?;
        let of_replicas = (0..model.max_replicas).map(|_| Budget::new(&rules)).collect();
        Some(Box::new(Budgets { rules, of_replicas }))
    }
}

impl World<'_> {
    fn budget_of(&mut self, slot: usize) -> Option<&mut Budget> {
        let ri = self.slots[slot].replica as usize;
        let consumer = &mut self.consumers[self.slots[slot].consumer as usize];
        let first = consumer.first_replica;
        consumer.budgets.as_mut()?.of_replicas.get_mut(ri - first)
    }

    /// An attempt begins: a message's first one earns budget, where the rules say so.
    pub(super) fn spend_first(&mut self, slot: usize, token: Token) {
        let now = self.now;
        let first = token.is_plain() || self.messages.get(token.index()).attempts <= 1;
        if first && let Some(budget) = self.budget_of(slot) {
            budget.sent(now);
        }
    }

    /// An attempt succeeded.
    pub(super) fn refund(&mut self, slot: usize) {
        let (now, token) = (self.now, self.slots[slot].token);
        let rich = token != Token::NONE && !token.is_plain();
        let attempts = if rich { self.messages.get(token.index()).attempts } else { 1 };
        if let Some(budget) = self.budget_of(slot) {
            budget.succeeded(now, (attempts > 1).then_some(Trouble::Transient));
        }
    }

    /// An attempt failed, after so many. `false`: there is nothing left for another one.
    #[inline(never)]
    pub(super) fn may_retry(&mut self, slot: usize, attempts: u32, retries_left: bool) -> bool {
        let now = self.now;
        let Some(budget) = self.budget_of(slot) else { return true };
        budget.failed(now, Trouble::Transient, attempts > 1);
        !retries_left || budget.may_retry(now, Trouble::Transient)
    }

    /// The replica's process is gone, and what it had left with it.
    pub(super) fn reset_budget(&mut self, ri: usize) {
        let consumer = &mut self.consumers[self.replicas[ri].consumer as usize];
        let first = consumer.first_replica;
        if let Some(budgets) = &mut consumer.budgets {
            budgets.of_replicas[ri - first] = Budget::new(&budgets.rules);
        }
    }
}
