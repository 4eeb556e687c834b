//! From a rate curve to instants: each process is a law of gaps in *operational time*, the area under the curve.
//!
//! With gaps of mean 1 in operational time the expected count follows the curve exactly, whatever the process
//! (inversion; Cinlar, "Introduction to Stochastic Processes", 1975, ch. 4).

use super::curve::{RateCurve, Segment};
use crate::random::Stream;
use crate::random::distribution::{Gamma, Law};
use crate::units::Nanos;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Process {
    Poisson,
    /// Evenly spaced; the first arrival at the instant the rate becomes positive.
    Constant,
    /// Renewal with gamma gaps of this coefficient of variation.
    Renewal {
        cv: f64,
    },
}

/// Instants drawn ahead at a time.
const BLOCK: usize = 64;

/// Produces the arrival instants of one curve, in order. They are drawn ahead in small blocks from a stream that serves
/// nothing else, which changes nothing but the cost.
#[derive(Debug, Clone)]
pub struct ArrivalClock {
    segments: Vec<Segment>,
    process: Process,
    stream: Stream,
    index: usize,
    /// Area already used up in the current segment, and all of it.
    used: f64,
    /// Rounding must neither lose nor double an evenly spaced arrival that falls on the seam, hence a hair less.
    limit: f64,
    total: f64,
    /// Start of the current segment, and 1 / rate where it is level, else NaN; nanoseconds.
    start_ns: f64,
    gap_ns: f64,
    started: bool,
    block: [Nanos; BLOCK],
    next: usize,
    filled: usize,
}

impl ArrivalClock {
    /// Arrivals in 0 … `end` seconds.
    pub fn new(curve: &RateCurve, process: Process, end: f64, stream: Stream) -> ArrivalClock {
        let mut clock = ArrivalClock {
            segments: curve.segments(end),
            process,
            stream,
            index: 0,
            used: 0.0,
            limit: 0.0,
            total: 0.0,
            start_ns: 0.0,
            gap_ns: f64::NAN,
            started: false,
            block: [0; BLOCK],
            next: 0,
            filled: 0,
        };
        clock.enter(0);
        clock
    }

    fn enter(&mut self, index: usize) {
        self.index = index;
        (self.used, self.gap_ns) = (0.0, f64::NAN);
        if let Some(segment) = self.segments.get(index) {
            self.total = segment.area();
            self.limit = self.total * (1.0 - 1e-12);
            self.start_ns = segment.start * 1e9;
            self.gap_ns = if segment.from == segment.to && segment.from > 0.0 { 1e9 / segment.from } else { f64::NAN };
        }
    }

    #[cold]
    #[inline(never)]
    fn refill(&mut self) -> bool {
        (self.next, self.filled) = (0, 0);
        if self.process == Process::Poisson && !self.gap_ns.is_nan() {
            self.refill_level();
        }
        while self.filled < BLOCK {
            let area = self.draw();
            let Some(at) = self.advance(area) else { break };
            self.block[self.filled] = at;
            self.filled += 1;
        }
        self.filled > 0
    }

    /// The commonest case in a loop of its own: Poisson arrivals as long as the rate stays level.
    fn refill_level(&mut self) {
        // A copy of the generator can stay in registers throughout.
        let mut stream = self.stream.clone();
        let (mut used, limit, start, gap) = (self.used, self.limit, self.start_ns, self.gap_ns);
        for at in &mut self.block {
            used += stream.exponential();
            if used >= limit {
                break;
            }
            *at = whole(start + used * gap);
            self.filled += 1;
        }
        (self.used, self.stream) = (used, stream);
        if used >= limit
            && let Some(at) = self.advance(0.0)
        {
            self.block[self.filled] = at;
            self.filled += 1;
        }
    }

    /// The next gap in operational time.
    #[inline]
    fn draw(&mut self) -> f64 {
        let first = !std::mem::replace(&mut self.started, true);
        match self.process {
            Process::Poisson => self.stream.exponential(),
            Process::Constant => {
                if first {
                    0.0
                } else {
                    1.0
                }
            }
            Process::Renewal { cv } => Gamma { mean: 1.0, shape: 1.0 / (cv * cv) }.sample(&mut self.stream),
        }
    }

    /// Moves on until `area` more of the curve has passed.
    #[inline]
    fn advance(&mut self, area: f64) -> Option<Nanos> {
        self.used += area;
        loop {
            let segment = self.segments.get(self.index)?;
            if self.used < self.limit {
                let at = if self.gap_ns.is_nan() {
                    segment.time_of_area(self.used) * 1e9
                } else {
                    self.start_ns + self.used * self.gap_ns
                };
                return Some(whole(at));
            }
            let over = (self.used - self.total).max(0.0);
            self.enter(self.index + 1);
            self.used = if over < 1e-9 { 0.0 } else { over };
        }
    }
}

/// The instants in nanoseconds, until the last.
impl Iterator for ArrivalClock {
    type Item = Nanos;

    #[inline]
    fn next(&mut self) -> Option<Nanos> {
        if self.next == self.filled && !self.refill() {
            return None;
        }
        let at = self.block[self.next];
        self.next += 1;
        Some(at)
    }
}

/// Whole nanoseconds of a time that is not negative; through a signed number, which the processor converts in one step.
#[inline]
fn whole(ns: f64) -> Nanos {
    ns as i64 as Nanos
}

#[cfg(test)]
mod tests {
    use super::super::shape::{Base, Stage};
    use super::*;

    fn count(curve: &RateCurve, process: Process, end: f64, seed: u64) -> f64 {
        ArrivalClock::new(curve, process, end, Stream::new(seed, 0, "t", "arrivals")).count() as f64
    }

    #[test]
    fn constant_arrivals_are_counted_exactly() {
        assert_eq!(count(&RateCurve::constant(3.0), Process::Constant, 100.0, 1), 300.0);
        let stages = vec![Stage { duration: 10.0, target: 80.0 }, Stage { duration: 0.0, target: 7.0 }];
        let curve = RateCurve { base: Base::Stages { from: 0.0, stages }, spikes: vec![], factors: vec![] };
        assert!((count(&curve, Process::Constant, 20.0, 1) - 470.0).abs() <= 1.0);
    }

    #[test]
    fn the_curve_ends_once() {
        let got = count(&RateCurve::constant(100.0), Process::Poisson, 100.0, 3);
        assert!((got - 10_000.0).abs() < 400.0, "{got}");
    }

    #[test]
    fn every_process_follows_the_curve() {
        let base = Base::Wave { rate: 100.0, amplitude: 80.0, period: 50.0, phase: 1.0 };
        let curve = RateCurve { base, spikes: vec![], factors: vec![] };
        for (process, cv) in [(Process::Poisson, 1.0), (Process::Renewal { cv: 2.0 }, 2.0), (Process::Constant, 0.1)] {
            let expected = curve.expected(1000.0);
            let got = count(&curve, process, 1000.0, 5);
            assert!((got - expected).abs() < 4.0 * cv * expected.sqrt(), "{process:?}: {got} against {expected}");
        }
    }
}
