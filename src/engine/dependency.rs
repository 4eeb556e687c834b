//! A dependency: calls wait for one of its slots, are worked on, and are answered, whether their caller still listens or
//! not.

use super::alarms::Alarm;
use super::caller::Answer;
use super::limits::Bucket;
use super::world::World;
use crate::model::{DependencyModel, DependencyOrder, Model};
use crate::observe::{DependencyCounters, DependencySeen, Gauge, Histogram, SeriesSet};
use crate::random::Stream;
use crate::units::{Nanos, seconds};
use std::collections::VecDeque;

/// Where a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Nowhere,
    Line,
    Work,
}

/// One call at a dependency.
#[derive(Debug, Clone, Copy)]
struct Call {
    dependency: u32,
    /// The caller's work slot, and its number of the try that the call belongs to.
    slot: u32,
    epoch: u32,
    /// Tells the calls apart that use this record one after another.
    life: u32,
    sent: Nanos,
    place: Place,
    /// It ends in an error.
    fails: bool,
    /// It carries its caller's deadline.
    deadline: bool,
}

/// The calls at all dependencies; records are reused.
#[derive(Debug, Default)]
pub(super) struct Calls {
    items: Vec<Call>,
    free: Vec<u32>,
}

impl Calls {
    fn insert(&mut self, call: Call) -> u32 {
        match self.free.pop() {
            Some(index) => {
                let life = self.items[index as usize].life;
                self.items[index as usize] = Call { life, ..call };
                index
            }
            None => {
                self.items.push(call);
                self.items.len() as u32 - 1
            }
        }
    }

    fn remove(&mut self, index: u32) -> Call {
        let call = &mut self.items[index as usize];
        let was = *call;
        call.place = Place::Nowhere;
        call.life = call.life.wrapping_add(1);
        self.free.push(index);
        was
    }
}

pub(super) struct Dependency<'m> {
    pub(super) model: &'m DependencyModel,
    pub(super) busy: Gauge,
    pub(super) waiting: Gauge,
    line: VecDeque<u32>,
    bucket: Option<Bucket>,
    pub(super) counters: DependencyCounters,
    pub(super) at_warmup: DependencyCounters,
    at_sample: DependencyCounters,
    pub(super) latency: Histogram,
    /// Error rates and slow factors of the faults on it now.
    error_rates: Vec<(usize, f64)>,
    slow_factors: Vec<(usize, f64)>,
    failing: f64,
    slow: f64,
    /// Faults that refuse calls now, and of these the ones that do not tell the caller.
    down: u32,
    silent: u32,
    /// Tries that wait for an answer that an outage swallowed: slot and number of the try.
    dark: Vec<(u32, u32)>,
    service: Stream,
    failure: Stream,
    pub(super) series: SeriesSet,
}

pub(super) const DEPENDENCY_SERIES: [&str; 8] = [
    "call_rate_per_s",
    "complete_rate_per_s",
    "error_rate_per_s",
    "timeout_rate_per_s",
    "abandoned_rate_per_s",
    "busy",
    "waiting",
    "open_breakers",
];

impl<'m> Dependency<'m> {
    pub(super) fn new(world: &Model, model: &'m DependencyModel, run: u32) -> Dependency<'m> {
        let stream = |purpose| Stream::new(world.seed, run, &model.name, purpose);
        Dependency {
            model,
            busy: Gauge::default(),
            waiting: Gauge::default(),
            line: VecDeque::new(),
            bucket: model.rate_limit.map(|limit| Bucket::holding(limit.per_second, limit.burst, world.origin)),
            counters: DependencyCounters::default(),
            at_warmup: DependencyCounters::default(),
            at_sample: DependencyCounters::default(),
            latency: Histogram::default(),
            error_rates: vec![],
            slow_factors: vec![],
            failing: model.error_rate,
            slow: 1.0,
            down: 0,
            silent: 0,
            dark: vec![],
            service: stream("service").evened(world.strata()),
            failure: stream("failure").evened(world.strata()),
            series: SeriesSet::new(&DEPENDENCY_SERIES, world.samples()),
        }
    }

    pub(super) fn warmup_ends(&mut self, now: Nanos) {
        self.at_warmup = self.counters;
        self.busy.mark(now);
        self.waiting.mark(now);
    }

    /// Closes the books. Calls that are nowhere to be found are a defect of the engine.
    pub(super) fn finish(self, now: Nanos) -> Result<DependencySeen, String> {
        let c = &self.counters;
        let accounted = c.ended() + self.busy.count + self.waiting.count;
        if c.calls != accounted || self.line.len() as u64 != self.waiting.count {
            return Err(format!("{} calls, {accounted} accounted for", c.calls));
        }
        Ok(DependencySeen {
            slots: self.model.concurrency,
            totals: self.counters,
            warmup: self.at_warmup,
            busy_area: self.busy.areas(now),
            waiting_area: self.waiting.areas(now),
            unfinished: (self.waiting.count, self.busy.count),
            latency: self.latency,
            series: self.series,
        })
    }

    fn has_room(&self) -> bool {
        self.busy.count < self.model.concurrency
    }

    /// How long a call takes that starts now, and whether it ends in an error.
    fn draw(&mut self) -> (Nanos, bool) {
        let mut length = self.model.service.sample(&mut self.service);
        let fails = self.failure.chance(self.failing);
        if fails && let Some(law) = &self.model.failure_service {
            length = law.sample(&mut self.service);
        }
        let mut stretch = self.slow;
        if let Some(slowdown) = &self.model.slowdown {
            let load = self.busy.count as f64 / self.model.concurrency as f64;
            stretch *= 1.0 + (slowdown.factor - 1.0) * ((load - slowdown.from) / (1.0 - slowdown.from)).max(0.0);
        }
        (if stretch == 1.0 { length } else { (length as f64 * stretch).round() as Nanos }, fails)
    }

    fn refresh(&mut self) {
        let survives: f64 = self.error_rates.iter().map(|(_, rate)| 1.0 - rate).product();
        self.failing = 1.0 - (1.0 - self.model.error_rate) * survives;
        self.slow = self.slow_factors.iter().map(|(_, factor)| factor).product();
    }
}

impl World<'_> {
    /// A call reaches the dependency.
    pub(super) fn called(&mut self, di: usize, slot: usize, epoch: u32, deadline: bool) {
        let now = self.now;
        let d = &mut self.dependencies[di];
        d.counters.calls += 1;
        let turned_away = if d.silent > 0 {
            d.counters.lost += 1;
            return d.dark.push((slot as u32, epoch));
        } else if d.down > 0 {
            d.counters.refused += 1;
            Some(Answer::Refused)
        } else if d.bucket.as_mut().is_some_and(|bucket| !bucket.take(1.0, now)) {
            d.counters.throttled += 1;
            Some(Answer::Throttled)
        } else if !d.has_room() && d.line.len() as u64 >= d.model.queue_limit {
            d.counters.rejected += 1;
            Some(Answer::Rejected)
        } else {
            None
        };
        if let Some(answer) = turned_away {
            return self.answer_at_once(slot, epoch, answer);
        }
        let (slot, dependency) = (slot as u32, di as u32);
        let call = Call { dependency, slot, epoch, life: 0, sent: now, place: Place::Line, fails: false, deadline };
        let index = self.calls.insert(call);
        if self.dependencies[di].has_room() {
            return self.work_on(di, index);
        }
        let d = &mut self.dependencies[di];
        d.waiting.enter(now);
        d.line.push_back(index);
    }

    fn work_on(&mut self, di: usize, index: u32) {
        let now = self.now;
        let d = &mut self.dependencies[di];
        d.busy.enter(now);
        let (length, fails) = d.draw();
        let call = &mut self.calls.items[index as usize];
        (call.place, call.fails) = (Place::Work, fails);
        let life = call.life;
        self.alarm_once(now.saturating_add(length), Alarm::Dependency, u64::from(index), life);
    }

    /// Work on a call ends.
    pub(super) fn dependency_done(&mut self, index: usize, life: u32) {
        let call = self.calls.items[index];
        if call.life != life || call.place != Place::Work {
            return;
        }
        let (now, di) = (self.now, call.dependency as usize);
        self.calls.remove(index as u32);
        self.dependencies[di].busy.leave(now);
        self.next_call_in_line(di);
        let listening = self.listens(call.slot as usize, call.epoch);
        let d = &mut self.dependencies[di];
        if !listening {
            d.counters.abandoned += 1;
            return;
        }
        if d.silent > 0 {
            d.counters.lost += 1;
            return d.dark.push((call.slot, call.epoch));
        }
        let answer = if call.fails {
            d.counters.errors += 1;
            Answer::Failed
        } else {
            d.counters.completed += 1;
            if call.sent >= self.warm {
                d.latency.record(now - call.sent);
            }
            Answer::Done
        };
        self.answered_call(call.slot as usize, call.epoch, answer);
    }

    /// Takes calls that wait into work as long as there is room.
    fn next_call_in_line(&mut self, di: usize) {
        loop {
            let d = &mut self.dependencies[di];
            if d.line.is_empty() || !d.has_room() {
                return;
            }
            let next = match d.model.order {
                DependencyOrder::Fifo => d.line.pop_front(),
                DependencyOrder::Lifo => d.line.pop_back(),
            };
            let Some(index) = next else { return };
            d.waiting.leave(self.now);
            let call = self.calls.items[index as usize];
            if call.deadline && !self.listens(call.slot as usize, call.epoch) {
                self.dependencies[di].counters.skipped += 1;
                self.calls.remove(index);
                continue;
            }
            self.work_on(di, index);
        }
    }

    pub(super) fn dependency_fails(&mut self, di: usize, fault: usize, error_rate: Option<f64>) {
        let d = &mut self.dependencies[di];
        match error_rate {
            Some(rate) => d.error_rates.push((fault, rate)),
            None => d.error_rates.retain(|(other, _)| *other != fault),
        }
        d.refresh();
    }

    pub(super) fn dependency_slows(&mut self, di: usize, fault: usize, factor: Option<f64>) {
        let d = &mut self.dependencies[di];
        match factor {
            Some(factor) => d.slow_factors.push((fault, factor)),
            None => d.slow_factors.retain(|(other, _)| *other != fault),
        }
        d.refresh();
    }

    /// An outage begins. One that refuses cuts off all that is there; a silent one lets it go on, unheard.
    pub(super) fn dependency_stops(&mut self, di: usize, silent: bool) {
        let now = self.now;
        let d = &mut self.dependencies[di];
        d.down += 1;
        d.silent += u32::from(silent);
        if silent {
            return;
        }
        d.line.clear();
        let (busy, waiting) = (d.busy.count, d.waiting.count);
        d.busy.remove(busy, now);
        d.waiting.remove(waiting, now);
        let here = |call: &Call| call.dependency as usize == di && call.place != Place::Nowhere;
        let all: Vec<u32> =
            (0..self.calls.items.len() as u32).filter(|&i| here(&self.calls.items[i as usize])).collect();
        for index in all {
            let call = self.calls.remove(index);
            if self.listens(call.slot as usize, call.epoch) {
                self.dependencies[di].counters.refused += 1;
                self.answer_at_once(call.slot as usize, call.epoch, Answer::Refused);
            } else {
                self.dependencies[di].counters.abandoned += 1;
            }
        }
    }

    /// It is back. Callers whose answers were swallowed find their connection broken, unless a timeout of their own
    /// watches over it.
    pub(super) fn dependency_resumes(&mut self, di: usize, silent: bool) {
        let d = &mut self.dependencies[di];
        d.down -= 1;
        d.silent -= u32::from(silent);
        if d.silent == 0 {
            for (slot, epoch) in std::mem::take(&mut d.dark) {
                if !self.times_out(slot as usize, epoch) {
                    self.answer_at_once(slot as usize, epoch, Answer::Refused);
                }
            }
        }
    }

    pub(super) fn sample_dependencies(&mut self) {
        let first = self.next_sample == self.model.origin;
        let tick_s = seconds(self.model.tick);
        for di in 0..self.dependencies.len() {
            let open = self.open_breakers(di);
            let d = &mut self.dependencies[di];
            let added = d.counters.since(&d.at_sample);
            let rate = |count: u64| if first { f64::NAN } else { count as f64 / tick_s };
            d.series.push(&[
                rate(added.calls),
                rate(added.completed),
                rate(added.errors + added.rejected + added.throttled + added.refused),
                rate(added.timeouts),
                rate(added.abandoned),
                d.busy.count as f64,
                d.waiting.count as f64,
                open as f64,
            ]);
            d.at_sample = d.counters;
        }
    }
}
