//! The life of a replica under an autoscaler: called, given a node, started, slow at first, serving; then let go of,
//! finishing its work or killed, and gone.

use super::alarms::Alarm;
use super::group::Standing;
use super::scaling::{Place, Scaler};
use super::world::{Doing, Life, World};
use crate::units::Nanos;

impl World<'_> {
    /// So many replicas are wanted from now on.
    pub(super) fn call_for(&mut self, ci: usize, desired: u32) {
        self.consumers[ci].desired = desired;
        let Some(wanted) = self.consumers[ci].scaler.as_ref().map(|scaler| scaler.wanted()) else { return };
        let desired = desired as usize;
        (desired..wanted).for_each(|_| self.let_go(ci));
        for _ in wanted..desired {
            if !self.call(ci) {
                break;
            }
        }
        self.find_lanes();
    }

    /// A place has become free while more replicas are wanted than there were places for.
    pub(super) fn refill(&mut self, ci: usize) {
        self.call_for(ci, self.consumers[ci].desired);
    }

    /// Replicas that serve and are to go on doing so.
    pub(super) fn serving(&self, ci: usize) -> u32 {
        let Some(scaler) = &self.consumers[ci].scaler else { return 0 };
        let serves = |(place, ri): &(&Place, usize)| place.wanted && self.replicas[*ri].life == Life::Live;
        scaler.places.iter().zip(self.replicas_of(ci)).filter(serves).count() as u32
    }

    /// One replica more. False where every place is taken, by replicas that finish their work or are down.
    fn call(&mut self, ci: usize) -> bool {
        let (now, first) = (self.now, self.consumers[ci].first_replica);
        let free = |ri: &usize| self.replicas[*ri].life == Life::Off && self.replicas[*ri].faults == 0;
        // A group may still believe in a member that was killed here.
        let known = |ri: usize| self.slots_of(ri).any(|slot| self.is_known(slot));
        let Some(ri) = self.replicas_of(ci).filter(free).min_by_key(|&ri| known(ri)) else { return false };
        let Some(scaler) = &mut self.consumers[ci].scaler else { return false };
        scaler.calls += 1;
        let node = scaler.node(now);
        let startup = scaler.model.startup.as_ref().map_or(0, |law| law.sample(&mut scaler.startup));
        let place = &mut scaler.places[ri - first];
        let number = place.number.wrapping_add(1);
        *place = Place { wanted: true, call: scaler.calls, called_at: now, node: Some(node), number, warming: false };
        let at = node.max(now).saturating_add(startup);
        self.set_life(ri, Life::Pending);
        if at > now {
            self.alarm_once(at, Alarm::Started, ri as u64, number);
        } else {
            self.serve(ri);
        }
        true
    }

    fn is_known(&self, slot: usize) -> bool {
        let group = &self.queues[self.queue_of_slot(slot)].group;
        group.as_ref().is_some_and(|group| group.members[self.member_of(slot)].standing != Standing::Out)
    }

    pub(super) fn started(&mut self, ri: usize, number: u32) {
        let Some((_, place)) = self.place(ri) else { return };
        if place.number == number && self.replicas[ri].life == Life::Pending {
            self.serve(ri);
            self.find_lanes();
        }
    }

    fn serve(&mut self, ri: usize) {
        let now = self.now;
        let Some((seen, place)) = self.place(ri) else { return };
        seen.longest_start = seen.longest_start.max(now - place.called_at);
        self.warm_up(ri);
        self.start_replica(ri);
    }

    /// The replica is new: slow for a while.
    fn warm_up(&mut self, ri: usize) {
        let ci = self.replicas[ri].consumer as usize;
        let place = ri - self.consumers[ci].first_replica;
        let Some(scaler) = &mut self.consumers[ci].scaler else { return };
        let Some(warm) = scaler.model.warm else { return };
        scaler.warms(place, true);
        let number = scaler.places[place].number;
        self.consumers[ci].refresh();
        self.alarm_once(self.now + warm.lasts.ns(), Alarm::Warm, ri as u64, number);
    }

    pub(super) fn warmed_up(&mut self, ri: usize, number: u32) {
        let ci = self.replicas[ri].consumer as usize;
        let place = ri - self.consumers[ci].first_replica;
        let Some(scaler) = &mut self.consumers[ci].scaler else { return };
        if scaler.places[place].number == number {
            scaler.warms(place, false);
            self.consumers[ci].refresh();
            self.find_lanes();
        }
    }

    /// One replica less: the newest of those that do not serve yet, or else of all.
    fn let_go(&mut self, ci: usize) {
        let first = self.consumers[ci].first_replica;
        let Some(scaler) = &self.consumers[ci].scaler else { return };
        let wanted = scaler.places.iter().enumerate().filter(|(_, place)| place.wanted);
        let worth =
            |(place, it): &(usize, &Place)| (self.replicas[first + place].life == Life::Live, u64::MAX - it.call);
        let Some((place, _)) = wanted.min_by_key(worth) else { return };
        let ri = first + place;
        let drain = scaler.model.drain;
        let Some((_, it)) = self.place(ri) else { return };
        it.wanted = false;
        let number = it.number;
        match self.replicas[ri].life {
            Life::Pending => self.departs(ri),
            Life::Live => {
                self.stop_replica(ri);
                if let Some(grace) = drain
                    && self.replicas[ri].life == Life::Draining
                {
                    self.alarm_once(self.now + grace.ns(), Alarm::Kill, ri as u64, number);
                }
            }
            // One that is down is not started again.
            Life::Off | Life::Draining | Life::Down => {}
        }
    }

    /// A replica that was let go of has had its time: what it still works on is lost to it.
    pub(super) fn kill(&mut self, ri: usize, number: u32) {
        let draining = self.replicas[ri].life == Life::Draining;
        let Some((seen, place)) = self.place(ri) else { return };
        if place.number == number && draining {
            seen.killed += 1;
            self.crash_replica(ri);
            self.departs(ri);
            self.find_lanes();
        }
    }

    /// A work slot of a replica that is not wanted any more has finished its work.
    #[cold]
    #[inline(never)]
    pub(super) fn slot_retires(&mut self, slot: usize) {
        let ci = self.slots[slot].consumer as usize;
        let ri = self.slots[slot].replica as usize;
        self.consumers[ci].live_slots.leave(self.now);
        self.emptied(ri);
        self.gone_if_at_rest(ri);
    }

    /// Under an autoscaler a replica without work that is not wanted any more is gone, and its place is free.
    pub(super) fn gone_if_at_rest(&mut self, ri: usize) {
        let ci = self.replicas[ri].consumer as usize;
        let at_rest = |slot: usize| self.slots[slot].doing == Doing::Nothing && self.slots[slot].pending.is_empty();
        if self.consumers[ci].scaler.is_some()
            && self.replicas[ri].life == Life::Draining
            && !self.restarting(ri)
            && self.slots_of(ri).all(at_rest)
        {
            self.departs(ri);
        }
    }

    fn departs(&mut self, ri: usize) {
        let (now, ci) = (self.now, self.replicas[ri].consumer as usize);
        let place = ri - self.consumers[ci].first_replica;
        self.set_life(ri, Life::Off);
        let replica = &mut self.replicas[ri];
        replica.hung = false;
        replica.generation += 1;
        self.struck.iter_mut().for_each(|struck| struck.retain(|other| *other != ri));
        let desired = self.consumers[ci].desired;
        let Some(scaler) = &mut self.consumers[ci].scaler else { return };
        scaler.warms(place, false);
        let it = &mut scaler.places[place];
        it.wanted = false;
        it.number = it.number.wrapping_add(1);
        // A node on its way comes all the same.
        if let Some(node) = it.node.take() {
            scaler.node_is_free(node.max(now));
        }
        let short = scaler.wanted() < desired as usize;
        self.consumers[ci].refresh();
        if short {
            // Not here and now: whoever let the replica go may still have to do with it.
            self.alarm(now, Alarm::Refill, ci as u64);
        }
    }

    /// A replica that was down may run again.
    pub(super) fn comes_back(&mut self, ri: usize) {
        let Some((_, place)) = self.place(ri) else { return };
        if place.wanted {
            place.number = place.number.wrapping_add(1);
            self.warm_up(ri);
            self.start_replica(ri);
        } else {
            self.departs(ri);
        }
    }

    fn place(&mut self, ri: usize) -> Option<(&mut crate::observe::ScalingSeen, &mut Place)> {
        let consumer = &mut self.consumers[self.replicas[ri].consumer as usize];
        let first = consumer.first_replica;
        let scaler = consumer.scaler.as_mut()?;
        Some((&mut scaler.seen, &mut scaler.places[ri - first]))
    }
}

impl Scaler<'_> {
    /// When a node stands for one more replica: one that has room, the one used last of those; or a new one.
    fn node(&mut self, now: Nanos) -> Nanos {
        let Some(provision) = &self.model.provision else { return now };
        let kept = self.model.node_idle.ns();
        // Nodes that were empty for long enough are gone, but for those that are always kept.
        while self.nodes.len() > self.model.headroom as usize
            && self.nodes.front().is_some_and(|since| since.saturating_add(kept) <= now)
        {
            self.nodes.pop_front();
        }
        let standing = self.nodes.partition_point(|since| *since <= now);
        let free = match standing {
            0 => self.nodes.pop_front(),
            standing => self.nodes.remove(standing - 1),
        };
        free.unwrap_or_else(|| now.saturating_add(provision.sample(&mut self.provision)))
    }

    fn node_is_free(&mut self, since: Nanos) {
        if self.model.provision.is_some() {
            let place = self.nodes.partition_point(|other| *other <= since);
            self.nodes.insert(place, since);
        }
    }

    fn warms(&mut self, place: usize, warms: bool) {
        let before = std::mem::replace(&mut self.places[place].warming, warms);
        self.warming = self.warming + u32::from(warms) - u32::from(before);
    }
}
