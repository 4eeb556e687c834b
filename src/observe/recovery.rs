//! The backlog of one queue: its peak, its baseline, and for each disturbance when it was over.
//!
//! Hot path: `enter` and `leave` compare the count with one trip value each and do nothing else. A trip is set where
//! something would change: a new peak, or a crossing of a threshold that some disturbance waits for.

use super::Counters;
use crate::model::RecoveredWhen;
use crate::units::Nanos;

/// Figures of a disturbance as of some instant.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Snapshot {
    pub peak: u64,
    pub peak_at: Nanos,
    pub oldest_age_max: Nanos,
    pub counters: Counters,
}

/// What became of one disturbance in one queue in one run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DisturbanceSeen {
    /// Engine time at which it began and ended.
    pub start: Nanos,
    pub end: Nanos,
    /// Engine time of recovery; `None`: never.
    pub recovered: Option<Nanos>,
    /// From its start to its recovery, or to the end of the run.
    pub until: Snapshot,
    /// Counters at its start.
    pub from: Counters,
}

#[derive(Debug, Clone, Copy)]
struct Tracker {
    seen: DisturbanceSeen,
    started: bool,
    ended: bool,
    /// The instant from which the queue has been calm, and the figures as they stood then.
    calm: Option<(Nanos, Snapshot)>,
}

/// Counts a queue's unfinished messages and watches for peaks and recoveries.
#[derive(Debug, Clone)]
pub struct Backlog {
    pub count: u64,
    trip_high: u64,
    trip_low: u64,
    warm: bool,
    /// Highest count since `mark`, and when.
    peak: u64,
    peak_at: Nanos,
    overall: (u64, Nanos),
    baseline: Option<u64>,
    baseline_open: bool,
    when: Option<RecoveredWhen>,
    hold: Nanos,
    trackers: Vec<Tracker>,
}

impl Backlog {
    /// `disturbances` are (start, end) in engine time.
    pub fn new(disturbances: &[(Nanos, Nanos)], when: Option<RecoveredWhen>, hold: Nanos, origin: Nanos) -> Backlog {
        let trackers = disturbances
            .iter()
            .map(|&(start, end)| Tracker {
                seen: DisturbanceSeen {
                    start,
                    end,
                    recovered: None,
                    until: Snapshot::default(),
                    from: Counters::default(),
                },
                started: false,
                ended: false,
                calm: None,
            })
            .collect();
        Backlog {
            count: 0,
            trip_high: 0,
            trip_low: 0,
            warm: false,
            peak: 0,
            peak_at: origin,
            overall: (0, origin),
            baseline: None,
            baseline_open: false,
            when,
            hold,
            trackers,
        }
    }

    /// Something will happen only above or below these counts; `true` asks for `crossed`.
    #[inline]
    pub fn enter(&mut self) -> bool {
        self.count += 1;
        self.count > self.trip_high
    }

    #[inline]
    pub fn leave(&mut self) -> bool {
        self.count -= 1;
        self.count < self.trip_low
    }

    /// To be called when `enter` or `leave` said so.
    #[cold]
    pub fn crossed(&mut self, now: Nanos, counters: &Counters) {
        if self.count > self.peak {
            (self.peak, self.peak_at) = (self.count, now);
            self.fold_into_trackers();
        }
        if !self.by_age() {
            self.judge(now, counters, None);
        }
        self.set_trips();
    }

    pub fn warmup_ends(&mut self, now: Nanos) {
        self.restart_peak(now);
        self.warm = true;
        self.overall = (self.count, now);
        self.baseline_open =
            !self.trackers.iter().any(|t| t.started) && self.trackers.iter().any(|t| t.seen.start > now);
        self.set_trips();
    }

    pub fn disturbance_starts(&mut self, index: usize, now: Nanos, counters: &Counters) {
        self.fold();
        if self.baseline_open {
            self.baseline = Some(self.overall.0.max(1));
            self.baseline_open = false;
        }
        self.restart_peak(now);
        let tracker = &mut self.trackers[index];
        tracker.started = true;
        tracker.seen.from = *counters;
        tracker.seen.until = Snapshot { peak: self.count, peak_at: now, oldest_age_max: 0, counters: *counters };
        self.set_trips();
    }

    /// `oldest_age` is that of the oldest unfinished message now.
    pub fn disturbance_ends(&mut self, index: usize, now: Nanos, counters: &Counters, oldest_age: Nanos) {
        self.fold();
        self.trackers[index].ended = true;
        self.judge(now, counters, Some(oldest_age));
        self.set_trips();
    }

    /// A sample of the oldest age, at a tick. Recovery by age is judged here, so it is exact to a tick.
    pub fn sampled(&mut self, now: Nanos, counters: &Counters, oldest_age: Nanos) {
        for tracker in self.trackers.iter_mut().filter(|t| t.started && t.seen.recovered.is_none()) {
            tracker.seen.until.oldest_age_max = tracker.seen.until.oldest_age_max.max(oldest_age);
        }
        if self.by_age() {
            self.judge(now, counters, Some(oldest_age));
        }
    }

    /// Closes the books: a calm cut short by the end of the run counts as far as it goes.
    pub fn finish(&mut self, counters: &Counters) -> (u64, Nanos, Vec<DisturbanceSeen>) {
        self.fold();
        for tracker in &mut self.trackers {
            if let Some((since, snapshot)) = tracker.calm.take() {
                tracker.seen.recovered = Some(since);
                tracker.seen.until = snapshot;
            } else if tracker.seen.recovered.is_none() {
                tracker.seen.until.counters = *counters;
            }
        }
        (self.overall.0, self.overall.1, self.trackers.iter().map(|t| t.seen).collect())
    }

    fn by_age(&self) -> bool {
        matches!(self.when, Some(RecoveredWhen::OldestAgeBelow(_)))
    }

    /// At or under this count the queue is calm, for one tracker.
    fn threshold(&self, tracker: &Tracker) -> u64 {
        match (self.when, self.baseline) {
            (Some(RecoveredWhen::BacklogAtMost(count)), _) => count,
            (_, Some(baseline)) => baseline,
            // With no calm period to compare with: a tenth of the disturbance's own peak.
            _ => tracker.seen.until.peak.max(self.peak_of(tracker)) / 10,
        }
    }

    fn peak_of(&self, tracker: &Tracker) -> u64 {
        if tracker.started { self.peak } else { 0 }
    }

    fn judge(&mut self, now: Nanos, counters: &Counters, oldest_age: Option<Nanos>) {
        for i in 0..self.trackers.len() {
            let tracker = self.trackers[i];
            if !tracker.ended || tracker.seen.recovered.is_some() {
                continue;
            }
            let calm = match (self.when, oldest_age) {
                (Some(RecoveredWhen::OldestAgeBelow(limit)), Some(age)) => age < limit.ns(),
                _ => self.count <= self.threshold(&tracker),
            };
            let hold = self.hold;
            let tracker = &mut self.trackers[i];
            match tracker.calm {
                Some((since, snapshot)) if !calm || now - since >= hold => {
                    tracker.calm = None;
                    if now - since >= hold {
                        tracker.seen.recovered = Some(since);
                        tracker.seen.until = snapshot;
                    }
                }
                None if calm => {
                    let mut snapshot = tracker.seen.until;
                    snapshot.counters = *counters;
                    tracker.calm = Some((now, snapshot));
                }
                _ => {}
            }
        }
    }

    fn fold_into_trackers(&mut self) {
        for tracker in self.trackers.iter_mut().filter(|t| t.started && t.seen.recovered.is_none()) {
            if self.peak > tracker.seen.until.peak {
                (tracker.seen.until.peak, tracker.seen.until.peak_at) = (self.peak, self.peak_at);
            }
        }
    }

    /// Accounts for the peak since the last restart.
    fn fold(&mut self) {
        if self.peak > self.overall.0 {
            self.overall = (self.peak, self.peak_at);
        }
        self.fold_into_trackers();
    }

    fn restart_peak(&mut self, now: Nanos) {
        self.fold();
        (self.peak, self.peak_at) = (self.count, now);
    }

    fn set_trips(&mut self) {
        (self.trip_high, self.trip_low) = (self.peak, 0);
        if self.by_age() {
            return;
        }
        for tracker in self.trackers.iter().filter(|t| t.ended && t.seen.recovered.is_none()) {
            let threshold = self.threshold(tracker);
            if tracker.calm.is_some() {
                self.trip_high = self.trip_high.min(threshold);
            } else {
                self.trip_low = self.trip_low.max(threshold + 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Drives a backlog through (time, count) steps of one message at a time.
    fn drive(backlog: &mut Backlog, steps: &[(Nanos, u64)]) {
        for &(now, target) in steps {
            while backlog.count != target {
                let crossed = if backlog.count < target { backlog.enter() } else { backlog.leave() };
                if crossed {
                    backlog.crossed(now, &Counters::default());
                }
            }
        }
    }

    #[test]
    fn recovery_is_the_first_lasting_return_to_the_baseline() {
        let mut backlog = Backlog::new(&[(100, 200)], None, 30, 0);
        backlog.warmup_ends(10);
        drive(&mut backlog, &[(20, 5), (50, 2)]);
        backlog.disturbance_starts(0, 100, &Counters::default());
        drive(&mut backlog, &[(150, 80), (190, 60)]);
        backlog.disturbance_ends(0, 200, &Counters::default(), 0);
        drive(&mut backlog, &[(250, 5), (260, 9), (300, 5), (310, 3), (331, 90)]);
        let (peak, at, seen) = backlog.finish(&Counters::default());
        assert_eq!((peak, at), (90, 331));
        assert_eq!(seen[0].recovered, Some(300), "five again at 250 did not last 30");
        assert_eq!((seen[0].until.peak, seen[0].until.peak_at), (80, 150));
    }

    #[test]
    fn a_calm_end_is_recovery_at_once_and_a_loud_one_never() {
        let mut backlog = Backlog::new(&[(100, 200), (300, 400)], None, 30, 0);
        backlog.warmup_ends(10);
        drive(&mut backlog, &[(20, 5), (50, 2)]);
        backlog.disturbance_starts(0, 100, &Counters::default());
        backlog.disturbance_ends(0, 200, &Counters::default(), 0);
        backlog.disturbance_starts(1, 300, &Counters::default());
        drive(&mut backlog, &[(350, 50)]);
        backlog.disturbance_ends(1, 400, &Counters::default(), 0);
        let (_, _, seen) = backlog.finish(&Counters::default());
        assert_eq!(seen[0].recovered, Some(200));
        assert_eq!(seen[1].recovered, None);
    }

    #[test]
    fn without_a_calm_period_a_tenth_of_the_peak_counts() {
        let mut backlog = Backlog::new(&[(0, 100)], None, 10, 0);
        backlog.warmup_ends(0);
        backlog.disturbance_starts(0, 0, &Counters::default());
        drive(&mut backlog, &[(50, 200)]);
        backlog.disturbance_ends(0, 100, &Counters::default(), 0);
        drive(&mut backlog, &[(120, 21), (130, 20), (150, 0)]);
        let (_, _, seen) = backlog.finish(&Counters::default());
        assert_eq!(seen[0].recovered, Some(130));
    }
}
