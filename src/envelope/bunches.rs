//! Messages that come several at a time: Mˣ/G/1 in closed form, Mˣ/M/c by its balance equations.
//!
//! Source: Chaudhry and Templeton, "A First Course in Bulk Queues", 1983, chapters 3 and 4.

use super::station::{Station, moments};
use super::waiting::{Waits, company, put_in};
use crate::arrivals::BatchSize;
use crate::units::significant;

/// The balance equations are followed for so many states at most.
const MOST_STATES: usize = 400_000;

pub(super) fn waits(station: &Station) -> Option<Waits> {
    if !(station.gaps - 1.0).abs().lt(&1e-12) {
        return None;
    }
    let company = company(station);
    let utilization = station.rate * station.service_s / f64::from(station.servers);
    let (model, formula, mean_s) = if station.servers == 1 {
        let alone = utilization * station.service_s * (1.0 + station.scv) / (2.0 * (1.0 - utilization));
        let together = station.service_s * (company - 1.0) / (2.0 * (1.0 - utilization));
        ("Mˣ/G/1", "Wq = λ·E[S²]/(2(1−ρ)) + E[S]·(R − 1)/(2(1−ρ))", alone + together)
    } else if station.is_exponential() {
        ("Mˣ/M/c", "Lq/λ of the balance equations", waiting(station)? / station.rate)
    } else {
        return None;
    };
    Some(Waits {
        model,
        formula,
        arithmetic: format!("{}, R = E[X²]/E[X] = {}", put_in(station), significant(company, 4)),
        share: None,
        mean_s,
        p50_s: None,
        p99_s: None,
        latency_p99_s: None,
        rough: "",
        rejected: None,
    })
}

/// Mean number that waits in Mˣ/M/c. What goes up across n | n + 1 comes down again:
/// min(n + 1, c)·μ·π(n+1) = λ_b Σ π(k)·P(X > n − k), a recursion of sums of positive terms.
fn waiting(station: &Station) -> Option<f64> {
    let batch = station.batch.as_ref()?;
    let (size, _) = moments(batch);
    let (batches, mu, c) = (station.rate / size, 1.0 / station.service_s, f64::from(station.servers));
    let tail = tail(batch);
    let mut law = vec![1.0f64];
    let (mut sum, mut queue) = (1.0, 0.0);
    // A sum that follows a geometric batch by itself needs no look back at all states before.
    let mut rolled = 0.0;
    while law.len() < MOST_STATES {
        let n = law.len() - 1;
        let up = match &tail {
            Tail::Geometric(stay) => {
                rolled = rolled * stay + law[n];
                rolled
            }
            Tail::Finite(beyond) => (0..beyond.len().min(n + 1)).map(|j| law[n - j] * beyond[j]).sum(),
        };
        let next = batches * up / (mu * ((n + 1) as f64).min(c));
        law.push(next);
        sum += next;
        queue += next * ((n + 1) as f64 - c).max(0.0);
        if n as f64 > c + size && next * (n as f64) < 1e-13 * queue.max(1e-300) * (1.0 - station_load(station)) {
            return Some(queue / sum);
        }
        if sum > 1e200 {
            law.iter_mut().for_each(|value| *value *= 1e-200);
            (sum, queue, rolled) = (sum * 1e-200, queue * 1e-200, rolled * 1e-200);
        }
    }
    None
}

fn station_load(station: &Station) -> f64 {
    station.rate * station.service_s / f64::from(station.servers)
}

/// P(X > j).
enum Tail {
    /// stayʲ.
    Geometric(f64),
    Finite(Vec<f64>),
}

fn tail(batch: &BatchSize) -> Tail {
    match batch {
        BatchSize::Fixed(size) => Tail::Finite(vec![1.0; *size as usize]),
        BatchSize::Geometric { mean } => Tail::Geometric(1.0 - 1.0 / mean.max(1.0)),
        BatchSize::Pmf { sizes, shares } => {
            let most = sizes.iter().copied().max().unwrap_or(1);
            let beyond = |j: u32| sizes.iter().zip(shares).filter(|(size, _)| **size > j).map(|(_, share)| share).sum();
            Tail::Finite((0..most).map(beyond).collect())
        }
    }
}
