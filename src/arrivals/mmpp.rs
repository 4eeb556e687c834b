//! Markov-modulated Poisson arrivals: the rate jumps between phases, each kept for an exponential time.

use crate::random::Stream;
use crate::units::{Duration, Nanos};

/// The next phase is uniform over the others.
#[derive(Debug, Clone)]
pub struct Mmpp {
    /// (rate per second, mean stay).
    phases: Vec<(f64, Duration)>,
    phase: usize,
    /// Seconds.
    now: f64,
    switch: f64,
}

impl Mmpp {
    /// Starts in the stationary law: each phase by its share of time. `switching` is the stream of stays and jumps.
    pub fn new(phases: &[(f64, Duration)], switching: &mut Stream) -> Mmpp {
        let total: f64 = phases.iter().map(|(_, stay)| stay.seconds()).sum();
        let shares: Vec<f64> = phases.iter().map(|(_, stay)| stay.seconds() / total).collect();
        let phase = switching.pick(&shares);
        let switch = phases[phase].1.seconds() * switching.exponential();
        Mmpp { phases: phases.to_vec(), phase, now: 0.0, switch }
    }

    /// The next instant in nanoseconds; `None` where no phase has a rate.
    pub fn next(&mut self, gaps: &mut Stream, switching: &mut Stream) -> Option<Nanos> {
        if self.phases.iter().all(|(rate, _)| *rate <= 0.0) {
            return None;
        }
        let mut area = gaps.exponential();
        loop {
            let rate = self.phases[self.phase].0;
            let at = if rate > 0.0 { self.now + area / rate } else { f64::INFINITY };
            if at < self.switch {
                self.now = at;
                return Some((at * 1e9) as Nanos);
            }
            area -= (self.switch - self.now) * rate;
            self.now = self.switch;
            if self.phases.len() > 1 {
                let jump = (switching.uniform() * (self.phases.len() - 1) as f64) as usize;
                self.phase = (self.phase + 1 + jump) % self.phases.len();
            }
            self.switch = self.now + self.phases[self.phase].1.seconds() * switching.exponential();
        }
    }

    /// Long-run rate per second.
    pub fn mean_rate(phases: &[(f64, Duration)]) -> f64 {
        let total: f64 = phases.iter().map(|(_, stay)| stay.seconds()).sum();
        phases.iter().map(|(rate, stay)| rate * stay.seconds() / total).sum()
    }
}
