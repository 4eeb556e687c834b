//! The rate over time that a producer's keys describe.

use super::{Checker, entries, trace};
use crate::arrivals::{Base, RateCurve, Spike, Stage};
use crate::scenario::files;
use crate::scenario::problem::Place;
use crate::scenario::reader::Placed;
use crate::scenario::written;
use crate::units::Duration;
use std::f64::consts::{FRAC_PI_2, TAU};

const DAY: Duration = Duration(86_400 * crate::units::SECOND);

impl Checker<'_> {
    /// Without the factors of faults: those are the model's to add. `None` where the trace could not be read.
    pub(super) fn rate_curve(&mut self, name: &str, producer: &Placed<written::Producer>) -> Option<RateCurve> {
        let rate = producer.rate.as_ref().map_or(0.0, |rate| rate.per_second());
        if producer.rate.is_none() && producer.trace.is_none() && producer.cron.is_none() {
            self.default(format!("producer.{name}.rate"), "0/s");
        }
        let base = if let Some(path) = &producer.trace {
            self.trace(producer, path)?
        } else if producer.stages.is_some() {
            self.stages(producer, rate)
        } else if let Some(wave) = &producer.wave {
            Base::Wave {
                rate,
                amplitude: wave.amplitude.per_second(),
                period: wave.period.0.seconds(),
                phase: wave.phase.0,
            }
        } else if let Some(daily) = &producer.daily {
            self.daily(rate, daily)
        } else {
            Base::Constant(rate)
        };
        Some(RateCurve { base, spikes: self.spikes(producer), factors: vec![] })
    }

    fn stages(&mut self, producer: &Placed<written::Producer>, from: f64) -> Base {
        let mut start = Duration::ZERO;
        let mut stages = vec![];
        for stage in entries(&producer.stages) {
            self.within_run("this stage", start, &stage.place);
            start = Duration(start.ns().saturating_add(stage.duration.ns()));
            stages.push(Stage { duration: stage.duration.seconds(), target: stage.target.per_second() });
        }
        Base::Stages { from, stages }
    }

    fn daily(&mut self, rate: f64, daily: &Placed<written::Daily>) -> Base {
        let peak = daily.peak.per_second();
        if peak < rate {
            let message =
                format!("`peak` = {} lies below the mean `rate` of {}", daily.peak.value, crate::units::Rate(rate));
            self.refuse(&daily.peak.place, message, "raise `peak` above `rate`");
        }
        if daily.at.value >= DAY {
            self.refuse(
                &daily.at.place,
                format!("`at` = {} is no time of day", daily.at.value),
                "write the time since midnight, such as \"14h\"",
            );
        }
        // The sine's top, a quarter of a turn after its start, comes at `at`.
        let phase = FRAC_PI_2 - TAU * daily.at.seconds() / DAY.seconds();
        Base::Wave { rate, amplitude: peak - rate, period: DAY.seconds(), phase }
    }

    fn spikes(&mut self, producer: &Placed<written::Producer>) -> Vec<Spike> {
        let mut spikes = vec![];
        for spike in entries(&producer.spikes) {
            self.within_run("this spike", spike.at.value, &spike.at.place);
            let lasts = spike.r#for.0;
            if spike.ramp.value > lasts {
                let message = format!("`ramp` = {} is longer than the spike, which lasts {lasts}", spike.ramp.value);
                self.refuse(&spike.ramp.place, message, "the ramp lies inside `for`: make it shorter, or `for` longer");
            }
            let Some(level) = spike.level() else {
                if !spike.broken {
                    let message = if spike.rate.is_some() {
                        "a spike has `rate` or `times`, not both"
                    } else {
                        "a spike needs its height: `rate` or `times`"
                    };
                    self.refuse(&spike.place, message, "write rate = \"6000/s\" for the total rate, or times = 5");
                }
                continue;
            };
            spikes.push(Spike {
                at: spike.at.seconds(),
                lasts: lasts.seconds(),
                level,
                ramp: spike.ramp.seconds(),
                fall: spike.fall.seconds(),
            });
        }
        spikes
    }

    fn trace(&mut self, producer: &written::Producer, path: &Placed<String>) -> Option<Base> {
        let time_scale = producer.time_scale.as_ref().map_or(1.0, |scale| scale.0);
        let rate_scale = producer.rate_scale.as_ref().map_or(1.0, |scale| scale.0);
        let text = self.named_file("trace", path)?;
        match trace::read(&text, time_scale, rate_scale) {
            Ok(base) => Some(base),
            Err(mistakes) => {
                self.file_mistakes(path, mistakes);
                None
            }
        }
    }

    /// The text of a file that a key names.
    pub(super) fn named_file(&mut self, key: &str, path: &Placed<String>) -> Option<String> {
        match files::text(self.files, path) {
            Ok(text) => Some(text),
            Err(why) => {
                let message = format!("`{key}` = {:?} cannot be read: {why}", path.value);
                self.refuse(&path.place, message, "paths are relative to the scenario's folder");
                None
            }
        }
    }

    /// Shows the first few mistakes of a named file at the key that names it.
    pub(super) fn file_mistakes(&mut self, path: &Placed<String>, mistakes: Vec<Mistake>) {
        let more = mistakes.len().saturating_sub(3);
        for (index, Mistake { line, message, way_out }) in mistakes.into_iter().take(3).enumerate() {
            let rest = if index == 2 && more > 0 { format!(" ({more} more rows are wrong)") } else { String::new() };
            let place: &Place = &path.place;
            self.refuse(place, format!("{}:{line}: {message}{rest}", path.value), way_out);
        }
    }
}

/// What is wrong with one line of a named file, from 1.
#[derive(Debug, PartialEq)]
pub(super) struct Mistake {
    pub(super) line: u64,
    pub(super) message: String,
    pub(super) way_out: &'static str,
}
