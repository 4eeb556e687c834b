//! Rolling restarts: a few replicas at a time take nothing new, finish their work or are killed, and come back.

use super::alarms::Alarm;
use super::world::{Doing, Life, World};
use crate::model::{Effect, Model};
use crate::random::Stream;
use std::collections::VecDeque;

/// One deploy that goes on or is to come.
pub(super) struct Deploying {
    /// Replicas whose turn is still to come.
    waiting: VecDeque<usize>,
    /// Those that are away, and whether they finish their work still.
    away: Vec<(usize, bool)>,
    at_once: usize,
    startup: Stream,
}

impl Deploying {
    /// One for each of the scenario's, in their order.
    pub(super) fn all(model: &Model, run: u32) -> Vec<Deploying> {
        let of = |effect: &Effect| match effect {
            Effect::ConsumerDeploy { consumer, deploy } => Some(Deploying {
                waiting: VecDeque::new(),
                away: vec![],
                at_once: 0,
                startup: Stream::new(model.seed, run, &model.consumers[*consumer].name, &format!("deploy {deploy}")),
            }),
            _ => None,
        };
        model.effects.iter().filter_map(of).collect()
    }
}

impl World<'_> {
    /// The replicas that live now are restarted in their order; what starts later is new already.
    pub(super) fn deploy_starts(&mut self, ci: usize, deploy: usize) {
        let live: Vec<usize> = self.replicas_of(ci).filter(|&ri| self.replicas[ri].life == Life::Live).collect();
        let state = &mut self.deploys[deploy];
        state.at_once = self.model.deploys[deploy].at_once(live.len());
        state.waiting = live.into();
        self.roll(deploy);
    }

    /// Takes down as many of those that wait as may be away.
    fn roll(&mut self, deploy: usize) {
        while self.deploys[deploy].away.len() < self.deploys[deploy].at_once
            && let Some(ri) = self.deploys[deploy].waiting.pop_front()
        {
            // One that has crashed or was scaled in meanwhile starts anew by itself.
            if self.replicas[ri].life == Life::Live {
                self.deploys[deploy].away.push((ri, true));
                self.replicas[ri].faults += 1;
                self.stop_replica(ri);
                let at = self.now.saturating_add(self.model.deploys[deploy].drain.ns());
                self.alarm_once(at, Alarm::DrainEnds, ri as u64, deploy as u32);
                self.emptied(ri);
            }
        }
    }

    /// A slot of a replica that takes nothing new has nothing to do: if it was the last, a deploy goes on.
    #[inline(never)]
    pub(super) fn emptied(&mut self, ri: usize) {
        if self.replicas[ri].life != Life::Draining || !self.is_empty(ri) {
            return;
        }
        if let Some(deploy) = self.deploys.iter().position(|state| state.away.contains(&(ri, true))) {
            self.alarm_once(self.now, Alarm::DrainEnds, ri as u64, deploy as u32);
        }
    }

    fn is_empty(&self, ri: usize) -> bool {
        self.slots_of(ri).all(|slot| {
            let slot = &self.slots[slot];
            slot.doing == Doing::Nothing && slot.pending.is_empty()
        })
    }

    /// Whether a deploy has stopped the replica, which will be back.
    pub(super) fn restarting(&self, ri: usize) -> bool {
        self.replicas[ri].life == Life::Draining && self.replicas[ri].faults > 0
    }

    /// A replica has finished its work, or has had its time for it.
    pub(super) fn drain_ends(&mut self, ri: usize, deploy: usize) {
        let Some(place) = self.deploys[deploy].away.iter().position(|away| *away == (ri, true)) else { return };
        self.deploys[deploy].away[place].1 = false;
        if self.replicas[ri].life == Life::Draining {
            if self.is_empty(ri) {
                self.set_life(ri, Life::Down);
                self.replicas[ri].generation += 1;
            } else {
                self.crash_replica(ri);
            }
        }
        let startup = self.model.deploys[deploy].startup.sample(&mut self.deploys[deploy].startup);
        self.alarm_once(self.now.saturating_add(startup), Alarm::Deployed, ri as u64, deploy as u32);
        self.find_lanes();
    }

    /// A replica is back, and the next one goes.
    pub(super) fn deployed(&mut self, ri: usize, deploy: usize) {
        self.deploys[deploy].away.retain(|(away, _)| *away != ri);
        if std::mem::take(&mut self.replicas[ri].hung) {
            // The new one does not hang; the end of that fault has nothing to do with it.
            self.struck.iter_mut().for_each(|struck| struck.retain(|other| *other != ri));
        }
        self.restart_replica(ri);
        self.roll(deploy);
        self.find_lanes();
    }
}
