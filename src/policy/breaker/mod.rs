//! A circuit breaker: after too many failures calls are refused at once for a while, then a few are let through to see.
//!
//! The states and the order of checks are Resilience4j's; `Trip::Consecutive` is the rule of simpler breakers.

mod calls;
mod seconds;

use crate::units::Nanos;
use calls::LastCalls;
use seconds::LastSeconds;

/// What a breaker goes by.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    pub trip: Trip,
    /// How long calls are refused before some are let through.
    pub open_for: Nanos,
    /// So many are let through, and decide together.
    pub half_open_calls: u32,
}

/// What opens a breaker.
#[derive(Debug, Clone, PartialEq)]
pub enum Trip {
    /// So many failures in a row.
    Consecutive(u32),
    Rate {
        window: Window,
        /// Below so many calls in the window it stays closed.
        minimum_calls: u32,
        /// Share of failures from which it opens.
        failure_rate: f64,
        /// (share of slow calls from which it opens, a call that took longer is slow).
        slow: Option<(f64, Nanos)>,
    },
}

/// The calls that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The last so many.
    Calls(u32),
    /// Those of the last so many whole seconds.
    Seconds(u32),
}

/// Calls in a window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    calls: u32,
    failed: u32,
    slow: u32,
}

impl Tally {
    fn add(&mut self, ok: bool, slow: bool) {
        self.calls += 1;
        self.failed += u32::from(!ok);
        self.slow += u32::from(slow);
    }

    fn take(&mut self, other: Tally) {
        self.calls -= other.calls;
        self.failed -= other.failed;
        self.slow -= other.slow;
    }
}

#[derive(Debug, Clone)]
enum Seen {
    Row(u32),
    Calls(LastCalls),
    Seconds(LastSeconds),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    Open {
        until: Nanos,
    },
    /// Calls that may still be let through, and what came of those that were.
    HalfOpen {
        left: u32,
        seen: Tally,
    },
}

/// One breaker. Every call that `admits` let through must end in `record` or `forget`.
#[derive(Debug, Clone)]
pub struct Breaker {
    rules: Rules,
    state: State,
    seen: Seen,
}

impl Breaker {
    pub fn new(rules: &Rules) -> Breaker {
        Breaker { seen: empty(&rules.trip), state: State::Closed, rules: rules.clone() }
    }

    /// Whether a call may go out now.
    pub fn admits(&mut self, now: Nanos) -> bool {
        if let State::Open { until } = self.state
            && now >= until
        {
            self.state = State::HalfOpen { left: self.rules.half_open_calls, seen: Tally::default() };
        }
        match &mut self.state {
            State::Closed => true,
            State::Open { .. } => false,
            State::HalfOpen { left, .. } => {
                let admitted = *left > 0;
                *left = left.saturating_sub(1);
                admitted
            }
        }
    }

    /// The end of a call: `took` from its going out to its answer or to the caller's giving up.
    pub fn record(&mut self, now: Nanos, ok: bool, took: Nanos) {
        let slow = match &self.rules.trip {
            Trip::Rate { slow: Some((_, longer)), .. } => took > *longer,
            _ => false,
        };
        if let State::HalfOpen { seen, .. } = &mut self.state {
            seen.add(ok, slow);
            let seen = *seen;
            self.judge_half_open(now, seen);
            return;
        }
        let tally = match &mut self.seen {
            Seen::Row(row) => {
                *row = if ok { 0 } else { *row + 1 };
                Tally { calls: *row, failed: *row, slow: 0 }
            }
            Seen::Calls(calls) => calls.add(ok, slow),
            Seen::Seconds(seconds) => seconds.add(now, ok, slow),
        };
        if self.state == State::Closed && self.trips(tally, None) {
            self.open(now);
        }
    }

    /// A call that was let through has ended without saying anything of the dependency: its caller is gone.
    pub fn forget(&mut self) {
        if let State::HalfOpen { left, .. } = &mut self.state {
            *left = (*left + 1).min(self.rules.half_open_calls);
        }
    }

    /// Refuses calls; a breaker whose time is up stays open until the next call asks.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    fn open(&mut self, now: Nanos) {
        self.state = State::Open { until: now.saturating_add(self.rules.open_for) };
        self.seen = empty(&self.rules.trip);
    }

    /// A trial fails a breaker of failures in a row at once; rates wait for all trials.
    fn judge_half_open(&mut self, now: Nanos, seen: Tally) {
        let trials = self.rules.half_open_calls;
        if self.trips(seen, Some(trials)) {
            self.open(now);
        } else if seen.calls >= trials {
            self.state = State::Closed;
            self.seen = empty(&self.rules.trip);
        }
    }

    fn trips(&self, tally: Tally, trials: Option<u32>) -> bool {
        match &self.rules.trip {
            Trip::Consecutive(most) => tally.failed >= trials.map_or(*most, |_| 1),
            Trip::Rate { minimum_calls, failure_rate, slow, .. } => {
                let reaches = |part: u32, rate: f64| f64::from(part) >= rate * f64::from(tally.calls) - 1e-9;
                tally.calls >= trials.unwrap_or(*minimum_calls)
                    && (reaches(tally.failed, *failure_rate) || slow.is_some_and(|(rate, _)| reaches(tally.slow, rate)))
            }
        }
    }
}

fn empty(trip: &Trip) -> Seen {
    match trip {
        Trip::Consecutive(_) => Seen::Row(0),
        Trip::Rate { window: Window::Calls(calls), .. } => Seen::Calls(LastCalls::new(*calls)),
        Trip::Rate { window: Window::Seconds(seconds), .. } => Seen::Seconds(LastSeconds::new(*seconds)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SECOND;

    fn by_rate(window: Window, minimum_calls: u32, slow: Option<(f64, Nanos)>) -> Breaker {
        let trip = Trip::Rate { window, minimum_calls, failure_rate: 0.5, slow };
        Breaker::new(&Rules { trip, open_for: 60 * SECOND, half_open_calls: 3 })
    }

    /// One call a second from `from` on: `x` failed, `.` did not, `s` was slow. Gives the calls that were let through.
    fn make(breaker: &mut Breaker, from: u64, calls: &str) -> String {
        let outcome = |(second, call): (u64, char)| {
            let now = (from + second) * SECOND;
            let admitted = breaker.admits(now);
            if admitted {
                breaker.record(now, call != 'x', if call == 's' { 3 * SECOND } else { SECOND });
            }
            if admitted { call } else { '-' }
        };
        (0..).zip(calls.chars()).map(outcome).collect()
    }

    #[test]
    fn it_opens_at_the_rate_once_there_are_calls_enough() {
        let mut breaker = by_rate(Window::Calls(10), 4, None);
        // Two of three failed, but three are too few; with the fourth it is half of them.
        assert_eq!(make(&mut breaker, 0, "x.x"), "x.x");
        assert!(!breaker.is_open());
        assert_eq!(make(&mut breaker, 3, "....."), ".----");
        assert!(breaker.is_open());
    }

    #[test]
    fn old_calls_leave_the_window() {
        let mut breaker = by_rate(Window::Calls(4), 4, None);
        // The window slides: x... then ...x, never two of four.
        assert_eq!(make(&mut breaker, 0, "x...x...x...x..."), "x...x...x...x...");
        assert_eq!(make(&mut breaker, 16, "xx..."), "xx---");
        let mut breaker = by_rate(Window::Seconds(4), 2, None);
        assert_eq!(make(&mut breaker, 100, "...x"), "...x");
        // The three successes and the failure are seconds of the past.
        assert_eq!(make(&mut breaker, 200, "xx."), "xx-");
    }

    #[test]
    fn trials_decide_together() {
        let mut breaker = by_rate(Window::Calls(4), 4, None);
        assert_eq!(make(&mut breaker, 0, "xxxx"), "xxxx");
        assert!(breaker.is_open() && !breaker.admits(63 * SECOND - 1));
        // Opened at 3 s: from 63 s on three trials, of which two fail.
        assert_eq!(make(&mut breaker, 63, "x.x."), "x.x-");
        // Opened anew at 65 s; one failure of three is below a half: closed, with nothing remembered.
        assert_eq!(make(&mut breaker, 125, ".x.xxx"), ".x.xxx");
        assert!(!breaker.is_open());
        assert_eq!(make(&mut breaker, 131, "."), ".");
    }

    #[test]
    fn a_trial_that_says_nothing_gives_its_place_back() {
        let mut breaker = by_rate(Window::Calls(4), 4, None);
        make(&mut breaker, 0, "xxxx");
        let trials = |breaker: &mut Breaker| (0..5).filter(|_| breaker.admits(70 * SECOND)).count();
        assert_eq!(trials(&mut breaker), 3);
        breaker.forget();
        assert_eq!(trials(&mut breaker), 1);
    }

    #[test]
    fn slow_calls_open_it_too() {
        let mut breaker = by_rate(Window::Calls(4), 4, Some((0.75, 2 * SECOND)));
        assert_eq!(make(&mut breaker, 0, "ss.s."), "ss.s-");
    }

    #[test]
    fn failures_in_a_row() {
        let rules = Rules { trip: Trip::Consecutive(3), open_for: 10 * SECOND, half_open_calls: 1 };
        let mut breaker = Breaker::new(&rules);
        assert_eq!(make(&mut breaker, 0, "xx.xx.xxx."), "xx.xx.xxx-");
        // Opened at 8 s; the trial at 18 s fails, the one at 28 s does not.
        assert_eq!(make(&mut breaker, 18, "x........."), "x---------");
        assert_eq!(make(&mut breaker, 28, ".xx.x"), ".xx.x");
    }
}
