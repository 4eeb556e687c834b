//! The shapes a rate can take: what a producer's table says, before it is cut into segments.

/// The rate without spikes. Rates are per second, times in seconds since the start.
#[derive(Debug, Clone, PartialEq)]
pub enum Base {
    Constant(f64),
    /// Linear ramps one after another from `from`; a zero duration is a jump; the last target stays.
    Stages {
        from: f64,
        stages: Vec<Stage>,
    },
    /// `rate + amplitude · sin(2πt/period + phase)`, not below 0.
    Wave {
        rate: f64,
        amplitude: f64,
        period: f64,
        phase: f64,
    },
    /// Steps: (start, rate), in order; the rate before the first is 0, and 0 from `end` on.
    Trace {
        steps: Vec<(f64, f64)>,
        end: f64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stage {
    pub duration: f64,
    pub target: f64,
}

/// A spike sets the total rate (`rate`) or multiplies the base (`times`) for a while.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spike {
    pub at: f64,
    /// Its length, the ramp included.
    pub lasts: f64,
    pub level: SpikeLevel,
    /// From the base to the full level, inside `lasts`.
    pub ramp: f64,
    /// From the full level back to the base, after `lasts`.
    pub fall: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SpikeLevel {
    Rate(f64),
    Times(f64),
}

impl Base {
    /// The rate at `t` seconds, never negative.
    pub fn rate_at(&self, t: f64) -> f64 {
        match self {
            Base::Constant(rate) => *rate,
            Base::Stages { from, stages } => {
                let (mut start, mut rate) = (0.0, *from);
                for stage in stages {
                    if t < start + stage.duration {
                        return rate + (stage.target - rate) * (t - start) / stage.duration;
                    }
                    start += stage.duration;
                    rate = stage.target;
                }
                rate
            }
            Base::Wave { rate, amplitude, period, phase } => {
                (rate + amplitude * (std::f64::consts::TAU * t / period + phase).sin()).max(0.0)
            }
            Base::Trace { steps, end } => {
                if t >= *end {
                    return 0.0;
                }
                match steps.partition_point(|(start, _)| *start <= t) {
                    0 => 0.0,
                    n => steps[n - 1].1,
                }
            }
        }
    }

    /// The same rate with its clock set back: what comes after `by` seconds comes at once.
    pub(super) fn later(&self, by: f64) -> Base {
        match self {
            Base::Constant(rate) => Base::Constant(*rate),
            Base::Stages { stages, .. } => {
                let mut start = 0.0;
                let mut left = vec![];
                for stage in stages {
                    let end = start + stage.duration;
                    if end > by {
                        left.push(Stage { duration: end - by.max(start), target: stage.target });
                    }
                    start = end;
                }
                Base::Stages { from: self.rate_at(by), stages: left }
            }
            Base::Wave { rate, amplitude, period, phase } => Base::Wave {
                rate: *rate,
                amplitude: *amplitude,
                period: *period,
                phase: (phase + std::f64::consts::TAU * by / period) % std::f64::consts::TAU,
            },
            Base::Trace { steps, end } => {
                Base::Trace { steps: steps.iter().map(|(at, rate)| (at - by, *rate)).collect(), end: end - by }
            }
        }
    }

    /// Instants up to `end` at which the rate jumps or bends, and, for a wave, a grid fine enough that straight lines
    /// between its points stay within 5·10⁻⁶ of the amplitude (720 points a period; fewer above 2 million points in all).
    pub(super) fn breaks(&self, end: f64) -> Vec<f64> {
        match self {
            Base::Constant(_) => vec![],
            Base::Stages { stages, .. } => {
                let mut t = 0.0;
                stages
                    .iter()
                    .map(|stage| {
                        t += stage.duration;
                        t
                    })
                    .collect()
            }
            Base::Wave { period, .. } => {
                let points = (2e6 * period / end).clamp(24.0, 720.0).floor();
                let step = period / points;
                (1..).map(|i| f64::from(i) * step).take_while(|t| *t < end).collect()
            }
            Base::Trace { steps, end: last } => steps.iter().map(|(t, _)| *t).chain([*last]).collect(),
        }
    }
}

impl Spike {
    pub fn end(&self) -> f64 {
        self.at + self.lasts + self.fall
    }

    /// The total rate at `t` where the base is `base`; `None` outside the spike.
    pub(super) fn rate_at(&self, t: f64, base: f64) -> Option<f64> {
        if t < self.at || t >= self.end() {
            return None;
        }
        let full = match self.level {
            SpikeLevel::Rate(rate) => rate,
            SpikeLevel::Times(factor) => base * factor,
        };
        let into = t - self.at;
        let share = if into < self.ramp {
            into / self.ramp
        } else if into < self.lasts {
            1.0
        } else {
            1.0 - (into - self.lasts) / self.fall
        };
        Some(base + (full - base) * share)
    }

    pub(super) fn breaks(&self) -> [f64; 4] {
        [self.at, self.at + self.ramp, self.at + self.lasts, self.end()]
    }
}
