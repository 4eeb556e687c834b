//! From users to requests per second: the first line on every envelope.

use super::line::{Law, Line, Unit};
use crate::units::{grouped, significant};

const MEAN: Law = Law {
    id: "users_mean_rate",
    name: "mean rate",
    formula: "users a day · requests / 86,400 s",
    unit: Unit::PerSecond,
    caveat: "spread evenly over the day",
    headline: true,
};
const PEAK: Law = Law {
    id: "users_peak_rate",
    name: "rate at the peak",
    formula: "mean rate · peak factor",
    unit: Unit::PerSecond,
    caveat: "the factor is a guess until it is measured",
    headline: true,
};

/// Users of a day, what each asks for, and how much busier the busiest time is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Users {
    pub daily: f64,
    pub requests: f64,
    pub peak_factor: f64,
}

impl Users {
    /// Per second, over the whole day.
    pub fn mean_rate(&self) -> f64 {
        self.daily * self.requests / 86_400.0
    }

    pub fn peak_rate(&self) -> f64 {
        self.mean_rate() * self.peak_factor
    }
}

pub(super) fn lines(users: &Users, component: &str) -> Vec<Line> {
    let rate = |value: f64| format!("{}/s", grouped(value, if value < 100.0 { 2 } else { 0 }));
    let product = format!("{} × {} / 86,400", grouped(users.daily, 0), significant(users.requests, 4));
    let mean = MEAN.line(component, product, users.mean_rate()).reads(rate(users.mean_rate()));
    let product = format!("{} × {}", rate(users.mean_rate()).replace("/s", ""), significant(users.peak_factor, 4));
    let peak = PEAK.line(component, product, users.peak_rate()).reads(rate(users.peak_rate()));
    if users.peak_factor == 1.0 { vec![mean] } else { vec![mean, peak] }
}
