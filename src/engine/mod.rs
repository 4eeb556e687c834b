//! The world and its clock: every message is simulated.
//!
//! `run` is pure: same model and run number, same observations. Ties are decided by the class table below, then by
//! insertion order.
//!
//! Architecture invariants: no threads, no wall clock, no files, no randomness but named streams; one loop, one
//! exhaustive choice of what comes next.

mod alarms;
mod attempt;
mod audit;
mod batch;
mod books;
mod budgets;
mod calendar;
mod caller;
mod calls;
mod client;
mod coast;
mod consumer;
mod control;
mod cron;
mod crowd;
mod deliver;
mod dependency;
mod deploy;
mod faults;
mod gate;
mod group;
mod group_batch;
mod keys;
mod limits;
mod lost;
mod members;
mod memory;
mod messages;
mod meter;
mod outage;
mod outbox;
mod partitions;
mod poll;
mod producer;
mod publish;
mod purse;
mod queue;
mod rebalance;
mod receive;
mod redrive;
mod replicas;
mod ring;
mod sample;
mod scaling;
mod settle;
mod shed;
mod source;
mod spill;
mod strands;
mod stream;
mod task;
mod throttle;
mod timers;
mod topic;
mod upstream;
mod workflow;
mod workflow_books;
mod world;

pub use audit::EngineError;

use crate::model::Model;
use crate::observe::Observations;
use crate::units::Nanos;
use world::World;

/// What goes first at the same instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// Planned changes: warm-up, disturbances, schedules, faults.
    Control,
    /// Crashes and restarts by `crash = { mtbf, restart }`.
    Outage,
    /// Work, overhead, batch waits and in-process backoffs end.
    Release,
    LeaseExpired,
    /// A retry or a delivery delay is due.
    Due,
    /// A message's time to live ends.
    Ttl,
    /// Brokers and groups: throttles end, members poll and report, rebalances are completed.
    Alarm,
    /// Reply timeouts, publish retries, clients done thinking.
    Client,
    Arrival,
    /// The series are sampled, after everything else at that instant.
    Sample,
}

/// Events at one and the same instant that are taken for a loop in which time stands still.
const STANDSTILL: u64 = 100_000_000;

/// Simulates one run.
///
/// # Errors
/// `EngineError::Audit` where a conservation law does not hold, which is a defect of the engine, never a wrong chart;
/// `EngineError::Standstill` where the scenario loops without time passing.
pub fn run(model: &Model, run: u32) -> Result<Observations, EngineError> {
    simulate(World::new(model, run))
}

/// The same with every event on the general path: slower, and the same to the last bit. For the test that says so.
#[doc(hidden)]
pub fn run_without_short_path(model: &Model, run: u32) -> Result<Observations, EngineError> {
    let mut world = World::new(model, run);
    world.general_only = true;
    simulate(world)
}

fn simulate(mut world: World<'_>) -> Result<Observations, EngineError> {
    let end = world.model.end;
    world.start();
    world.find_lanes();
    loop {
        world.coast();
        let release = world.releases.peek().map_or(Nanos::MAX, |release| release.at());
        let arrival = world.arrivals.peek().map_or(Nanos::MAX, |arrival| arrival.at);
        let next = release.min(arrival).min(world.other);
        if next > end {
            break;
        }
        world.standing = if next == world.now { world.standing + 1 } else { 0 };
        if world.standing > STANDSTILL {
            return Err(EngineError::Standstill { at_s: world.model.scenario_seconds(next) });
        }
        world.now = next;
        world.events += 1;
        if next < world.other {
            // Nothing but arrivals and releases at this instant, releases first.
            if release <= arrival { world.released() } else { world.arrived() }
        } else {
            world.dispatch(next, release, arrival);
        }
    }
    world.now = end;
    world.finish()
}

impl World<'_> {
    /// The least class among all that happens at `at`.
    fn dispatch(&mut self, at: Nanos, release: Nanos, arrival: Nanos) {
        let control = self.model.timeline.get(self.timeline_next).map_or(Nanos::MAX, |(at, _)| *at);
        let sample = if self.samples_left > 0 { self.next_sample } else { Nanos::MAX };
        let times = [
            (control, Class::Control),
            (self.outages.next_at(), Class::Outage),
            (release, Class::Release),
            (self.leases.next_at(), Class::LeaseExpired),
            (self.due.next_at(), Class::Due),
            (self.ttl.next_at(), Class::Ttl),
            (self.alarms.next_at(), Class::Alarm),
            (self.clients.next_at(), Class::Client),
            (arrival, Class::Arrival),
            (sample, Class::Sample),
        ];
        let Some((_, class)) = times.into_iter().find(|(time, _)| *time == at) else {
            // `other` was set for a timer that has gone since; find the true one.
            self.find_other();
            return;
        };
        match class {
            Class::Control => {
                self.controlled();
                self.find_lanes();
            }
            Class::Outage => {
                self.outage();
                self.find_lanes();
            }
            Class::Release => self.released(),
            Class::LeaseExpired => self.lease_expired(),
            Class::Due => self.came_due(),
            Class::Ttl => self.outlived(),
            Class::Alarm => self.alarmed(),
            Class::Client => self.client(),
            Class::Arrival => self.arrived(),
            Class::Sample => self.sampled(),
        }
        self.find_other();
    }

    fn find_other(&mut self) {
        let control = self.model.timeline.get(self.timeline_next).map_or(Nanos::MAX, |(at, _)| *at);
        let sample = if self.samples_left > 0 { self.next_sample } else { Nanos::MAX };
        self.other = [
            // Nothing may coast past the end.
            self.model.end.saturating_add(1),
            control,
            sample,
            self.outages.next_at(),
            self.leases.next_at(),
            self.due.next_at(),
            self.ttl.next_at(),
            self.alarms.next_at(),
            self.clients.next_at(),
        ]
        .into_iter()
        .min()
        .unwrap_or(Nanos::MAX);
    }
}
