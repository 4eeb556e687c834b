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

/// Produces the arrival instants of one curve, in order.
#[derive(Debug, Clone)]
pub struct ArrivalClock {
    segments: Vec<Segment>,
    process: Process,
    index: usize,
    /// Area already used up in the current segment, and all of it.
    used: f64,
    total: f64,
    /// 1 / rate of the current segment where it is level, else NaN.
    gap: f64,
    started: bool,
}

impl ArrivalClock {
    /// Arrivals in 0 … `end` seconds.
    pub fn new(curve: &RateCurve, process: Process, end: f64) -> ArrivalClock {
        let segments = curve.segments(end);
        let mut clock =
            ArrivalClock { segments, process, index: 0, used: 0.0, total: 0.0, gap: f64::NAN, started: false };
        clock.enter(0);
        clock
    }

    fn enter(&mut self, index: usize) {
        self.index = index;
        self.used = 0.0;
        if let Some(segment) = self.segments.get(index) {
            self.total = segment.area();
            self.gap = if segment.from == segment.to && segment.from > 0.0 { 1.0 / segment.from } else { f64::NAN };
        }
    }

    /// The next instant in nanoseconds; `None` after the last.
    #[inline]
    pub fn next(&mut self, stream: &mut Stream) -> Option<Nanos> {
        let area = match self.process {
            Process::Poisson => stream.exponential(),
            Process::Constant => {
                if self.started {
                    1.0
                } else {
                    0.0
                }
            }
            Process::Renewal { cv } => Gamma { mean: 1.0, shape: 1.0 / (cv * cv) }.sample(stream),
        };
        self.started = true;
        self.advance(area)
    }

    /// Moves on until `area` more of the curve has passed.
    #[inline]
    fn advance(&mut self, area: f64) -> Option<Nanos> {
        self.used += area;
        loop {
            let segment = self.segments.get(self.index)?;
            // Rounding must neither lose nor double an evenly spaced arrival that falls on the seam.
            if self.used < self.total * (1.0 - 1e-12) {
                let at = if self.gap.is_nan() {
                    segment.time_of_area(self.used)
                } else {
                    segment.start + self.used * self.gap
                };
                return Some((at * 1e9) as Nanos);
            }
            let over = (self.used - self.total).max(0.0);
            self.enter(self.index + 1);
            self.used = if over < 1e-9 { 0.0 } else { over };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::shape::{Base, Stage};
    use super::*;

    fn count(curve: &RateCurve, process: Process, end: f64, seed: u64) -> f64 {
        let mut stream = Stream::new(seed, 0, "t", "arrivals");
        let mut clock = ArrivalClock::new(curve, process, end);
        std::iter::from_fn(|| clock.next(&mut stream)).count() as f64
    }

    #[test]
    fn constant_arrivals_are_counted_exactly() {
        assert_eq!(count(&RateCurve::constant(3.0), Process::Constant, 100.0, 1), 300.0);
        let stages = vec![Stage { duration: 10.0, target: 80.0 }, Stage { duration: 0.0, target: 7.0 }];
        let curve = RateCurve { base: Base::Stages { from: 0.0, stages }, spikes: vec![], factors: vec![] };
        assert!((count(&curve, Process::Constant, 20.0, 1) - 470.0).abs() <= 1.0);
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
