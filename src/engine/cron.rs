//! Herds by the clock: `cron = { every, count, jitter }`.

use super::alarms::Alarm;
use super::world::World;
use crate::model::{CronModel, Model};
use crate::random::Stream;
use crate::units::Nanos;

/// The stragglers of a producer's present herd.
pub(super) struct Herd {
    from: Nanos,
    left: u32,
    /// Of the last one, as a share of the jitter.
    place: f64,
    jitter: Stream,
}

impl Herd {
    pub(super) fn new(model: &Model, producer: &str, run: u32) -> Herd {
        Herd { from: 0, left: 0, place: 0.0, jitter: Stream::new(model.seed, run, producer, "cron") }
    }

    /// When the next straggler comes. They are independent uniform times, drawn in order: the least of n uniform
    /// variables is 1 − U^(1/n), and given it the others are uniform above it.
    fn next(&mut self, jitter: Nanos) -> Nanos {
        let least = 1.0 - self.jitter.uniform().powf(1.0 / f64::from(self.left));
        self.place += (1.0 - self.place) * least;
        self.left -= 1;
        // The next herd begins with a clean slate.
        self.from + ((self.place * jitter as f64) as Nanos).min(jitter - 1)
    }
}

impl CronModel {
    /// Messages of the herd that begins at `at` on the scenario's clock.
    fn count_at(&self, at: Nanos) -> u32 {
        let factor: f64 =
            self.factors.iter().filter(|(start, end, _)| (*start..*end).contains(&at)).map(|(.., f)| f).product();
        (f64::from(self.count) * factor).round() as u32
    }
}

impl<'m> World<'m> {
    /// Sets the first herd of every producer that has them.
    pub(super) fn start_crons(&mut self) {
        for index in 0..self.producers.len() {
            if let Some(cron) = &self.producers[index].model.cron {
                self.alarm(self.model.origin + cron.at, Alarm::Cron, index as u64);
            }
        }
    }

    /// A herd begins.
    #[inline(never)]
    pub(super) fn herd_begins(&mut self, index: usize) {
        let Some(cron) = &self.producers[index].model.cron else { return };
        self.alarm(self.now.saturating_add(cron.every), Alarm::Cron, index as u64);
        let count = cron.count_at(self.now - self.model.origin);
        if cron.jitter == 0 {
            return (0..count).for_each(|_| self.request(index, None));
        }
        if let Some(herd) = &mut self.upstream[index].herd {
            (herd.from, herd.left, herd.place) = (self.now, count, 0.0);
        }
        self.await_straggler(index, cron);
    }

    fn await_straggler(&mut self, index: usize, cron: &'m CronModel) {
        if let Some(herd) = self.upstream[index].herd.as_mut().filter(|herd| herd.left > 0) {
            let at = herd.next(cron.jitter);
            self.alarm(at, Alarm::Straggler, index as u64);
        }
    }

    /// One of a herd is late by its jitter.
    #[inline(never)]
    pub(super) fn straggler(&mut self, index: usize) {
        let Some(cron) = &self.producers[index].model.cron else { return };
        self.request(index, None);
        self.await_straggler(index, cron);
    }
}
