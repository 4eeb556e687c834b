//! Timers of brokers and groups: throttles that end, members of a group that are due, rebalances.

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
    /// A producer's herd begins.
    Cron,
    /// One of a herd comes late.
    Straggler,
    /// A relay looks into its outbox.
    Relay,
    /// One of the messages on a producer's disk is published again.
    Drain,
}

const ALL: [Alarm; 10] = [
    Alarm::Unthrottle,
    Alarm::Poll,
    Alarm::Heartbeat,
    Alarm::SessionEnds,
    Alarm::PollTooLate,
    Alarm::Rebalance,
    Alarm::Cron,
    Alarm::Straggler,
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
            Alarm::Cron => self.herd_begins(what),
            Alarm::Straggler => self.straggler(what),
            Alarm::Relay => self.relay(what),
            Alarm::Drain => self.drain(what),
        }
    }
}
