//! Counts divided by the weight, and what their rounding does.

use crate::model::UNLIMITED;

/// A whole number that did not divide.
#[derive(Debug, Clone, PartialEq)]
pub struct Rounded {
    /// `capacity of orders`.
    pub what: String,
    pub real: u64,
    /// What the scaled model makes of it, in real terms.
    pub used: f64,
}

/// The weight, and notes on what was rounded or is rough.
pub(super) struct Counts {
    pub(super) weight: u32,
    pub(super) rounded: Vec<Rounded>,
    pub(super) coarse: Vec<String>,
}

/// Relative errors below it are not worth a word.
const NEGLIGIBLE: f64 = 5e-4;

impl Counts {
    pub(super) fn new(weight: u32) -> Counts {
        Counts { weight, rounded: vec![], coarse: vec![] }
    }

    pub(super) fn k(&self) -> f64 {
        f64::from(self.weight)
    }

    /// A count of messages; 0 and `UNLIMITED` stay, others are at least 1.
    pub(super) fn messages(&mut self, what: &str, real: u64) -> u64 {
        if real == 0 || real == UNLIMITED {
            return real;
        }
        self.divided(what, real, self.k())
    }

    /// A count of replicas or slots, of which each stands for `by` real ones; 0 stays.
    pub(super) fn whole(&mut self, what: &str, real: u32, by: f64) -> u32 {
        if real == 0 || real == u32::MAX { real } else { self.divided(what, real.into(), by) as u32 }
    }

    fn divided(&mut self, what: &str, real: u64, by: f64) -> u64 {
        let parts = (real as f64 / by).round().max(1.0);
        let used = parts * by;
        if (used / real as f64 - 1.0).abs() > NEGLIGIBLE && !self.rounded.iter().any(|other| other.what == what) {
            self.rounded.push(Rounded { what: what.into(), real, used });
        }
        parts as u64
    }

    pub(super) fn rate(&self, rate: &mut Option<f64>) {
        rate.iter_mut().for_each(|rate| *rate /= self.k());
    }

    pub(super) fn rough(&mut self, sentence: String) {
        self.coarse.push(sentence);
    }
}
