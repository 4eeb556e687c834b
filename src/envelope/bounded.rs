//! A queue with room for so many: M/M/c/K, where who finds it full is turned away.
//!
//! Source: Gross et al., 4th ed. 2008, section 2.5.

use super::erlang::bisect;
use super::line::factor;
use super::station::Station;
use super::waiting::{Waits, put_in};
use crate::units::grouped;

/// More states than this are not summed up.
const MOST_STATES: u64 = 200_000;

/// `capacity` counts those that wait. Also beyond full load.
pub(super) fn waits(station: &Station, capacity: u64) -> Option<Waits> {
    let (c, offered) = (u64::from(station.servers), station.rate * station.service_s);
    let states = c + capacity;
    if states > MOST_STATES {
        return None;
    }
    let law = steady(c, states, offered);
    let rejected = law[states as usize];
    let taken = 1.0 - rejected;
    let waiting: f64 = (c..=states).map(|n| (n - c) as f64 * law[n as usize]).sum();
    let mean_s = waiting / (station.rate * taken);
    // Who finds n ≥ c waits for n − c + 1 departures.
    let beyond = |t: f64| {
        let mu = station.servers as f64 / station.service_s;
        let (mut term, mut sum, mut total) = ((-mu * t).exp(), 0.0, 0.0);
        for n in c..states {
            sum += term;
            term *= mu * t / (n - c + 1) as f64;
            total += law[n as usize] / taken * sum.min(1.0);
        }
        total
    };
    let share: f64 = (c..states).map(|n| law[n as usize]).sum::<f64>() / taken;
    let quantile =
        |p: f64| if share <= 1.0 - p { 0.0 } else { bisect(|t| beyond(t) <= 1.0 - p, mean_s.max(station.service_s)) };
    Some(Waits {
        model: "M/M/c/K",
        formula: "Wq = Lq / (λ(1 − p_K))",
        arithmetic: format!("{}, K = {}, p_K = {}", put_in(station), grouped(states as f64, 0), factor(rejected)),
        share: Some(share),
        mean_s,
        p50_s: Some(quantile(0.5)),
        p99_s: Some(quantile(0.99)),
        latency_p99_s: None,
        rough: "",
        rejected: Some(rejected),
    })
}

/// Probability of n = 0 … `states` messages: each step up by λ, down by min(n, c)·μ.
fn steady(c: u64, states: u64, offered: f64) -> Vec<f64> {
    let mut logs = vec![0.0f64];
    for n in 1..=states {
        logs.push(logs[n as usize - 1] + (offered / n.min(c) as f64).ln());
    }
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = logs.iter().map(|log| (log - most).exp()).collect();
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}
