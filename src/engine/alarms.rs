//! Timers of whatever is no message: throttles that end, members that are due, rebalances, dependencies, deploys, herds.
//! Timers of brokers, groups and autoscalers: throttles that end, members of a group that are due, rebalances, decisions
//! over replicas and what they lead to.

use super::world::World;
use crate::units::Nanos;

/// What is due. The payload's meaning is each one's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alarm {
    /// A queue may deliver again.
    Unthrottle,
    /// A member of a group looks for records: its poll interval, its fetch wait or a throttle is over.
    Poll,
    /// A member reports to the broker and hears of a rebalance.
    Heartbeat,
    /// A member that died is noticed.
    SessionEnds,
    /// A member has not polled for too long.
    PollTooLate,
    /// A rebalance may be completed.
    Rebalance,
    /// A dependency finishes work on a call.
    Dependency,
    /// A caller of a dependency: a timeout, a hedge, the next try, an answer that came at once.
    Caller,
    /// A producer's herd begins.
    Cron,
    /// One of a herd comes late.
    Straggler,
    /// Dead letters are moved back.
    Redrive,
    /// A replica that a deploy has stopped has finished its work, or has had its time for it.
    DrainEnds,
    /// It is back.
    Deployed,
    /// An execution of a workflow has waited long enough.
    Workflow,
    /// An autoscaler decides.
    Scale,
    /// The metric of an autoscaler is measured.
    Measure,
    /// A place has become free that a replica waits for.
    Refill,
    /// A replica has started up.
    Started,
    /// A replica is as fast as it will be.
    Warm,
    /// A replica has had its time to finish its work.
    Kill,
    /// A relay looks into its outbox.
    Relay,
    /// One of the messages on a producer's disk is published again.
    Drain,
}

/// In the order of their declaration.
const ALL: &[Alarm] = &[
    Alarm::Unthrottle,
    Alarm::Poll,
    Alarm::Heartbeat,
    Alarm::SessionEnds,
    Alarm::PollTooLate,
    Alarm::Rebalance,
    Alarm::Dependency,
    Alarm::Caller,
    Alarm::Cron,
    Alarm::Straggler,
    Alarm::Redrive,
    Alarm::DrainEnds,
    Alarm::Deployed,
    Alarm::Workflow,
    Alarm::Scale,
    Alarm::Measure,
    Alarm::Refill,
    Alarm::Started,
    Alarm::Warm,
    Alarm::Kill,
    Alarm::Relay,
    Alarm::Drain,
];

impl World<'_> {
    pub(super) fn alarm(&mut self, at: Nanos, alarm: Alarm, what: u64) {
        self.alarm_once(at, alarm, what, 0);
    }

    /// The same with a number by which the receiver tells whether it still matters.
    pub(super) fn alarm_once(&mut self, at: Nanos, alarm: Alarm, what: u64, number: u32) {
        self.alarms.push(at, what, (alarm as u64) << 32 | u64::from(number));
        self.other = self.other.min(at);
    }

    pub(super) fn alarmed(&mut self) {
        let Some(timer) = self.alarms.pop() else { return };
        let (what, number) = (timer.what as usize, timer.extra as u32);
        match ALL[(timer.extra >> 32) as usize] {
            Alarm::Unthrottle => self.unthrottle(what),
            Alarm::Poll => self.poll_due(what, number),
            Alarm::Heartbeat => self.heartbeat(what),
            Alarm::SessionEnds => self.session_ends(what, number),
            Alarm::PollTooLate => self.poll_too_late(what, number),
            Alarm::Rebalance => self.rebalance_due(what),
            Alarm::Dependency => self.dependency_done(what, number),
            Alarm::Caller => self.caller_due(timer.what, number),
            Alarm::Cron => self.herd_begins(what),
            Alarm::Straggler => self.straggler(what),
            Alarm::Redrive => self.redrive(what),
            Alarm::DrainEnds => self.drain_ends(what, number as usize),
            Alarm::Deployed => self.deployed(what, number as usize),
            Alarm::Workflow => self.workflow_due(timer.what, number),
            Alarm::Scale => self.scaler_decides(what),
            Alarm::Measure => self.measure(what),
            Alarm::Refill => self.refill(what),
            Alarm::Started => self.started(what, number),
            Alarm::Warm => self.warmed_up(what, number),
            Alarm::Kill => self.kill(what, number),
            Alarm::Relay => self.relay(what),
            Alarm::Drain => self.drain(what),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alarm_stands_in_its_place() {
        assert!(ALL.iter().enumerate().all(|(place, alarm)| *alarm as usize == place));
    }
}
