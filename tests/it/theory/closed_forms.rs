//! Formulas that fit on a line or two, computed here so that a clone alone can test theory.

/// P(wait) in M/M/c: Erlang C from the recursion for Erlang B.
pub(crate) fn erlang_c(load: f64, servers: f64) -> f64 {
    let blocked = erlang_b(load, servers);
    blocked / (1.0 - load / servers * (1.0 - blocked))
}

/// Share lost in M/G/c/c: B(0) = 1, B(c) = a·B(c−1) / (c + a·B(c−1)).
pub(crate) fn erlang_b(load: f64, servers: f64) -> f64 {
    (1..=servers as u32).fold(1.0, |blocked, c| load * blocked / (f64::from(c) + load * blocked))
}

/// Mean wait in M/M/c.
pub(crate) fn mmc_wait(rate: f64, service: f64, servers: f64) -> f64 {
    erlang_c(rate * service, servers) / (servers / service - rate)
}

/// Mean wait in M/G/1, Pollaczek–Khinchine.
pub(crate) fn mg1_wait(rate: f64, service: f64, scv: f64) -> f64 {
    let busy = rate * service;
    busy * service * (1.0 + scv) / (2.0 * (1.0 - busy))
}

/// The number in M/M/1/K: its mean, and the share of arrivals that find it full.
pub(crate) fn mm1k(rate: f64, service: f64, room: f64) -> (f64, f64) {
    let weights: Vec<f64> = (0..=room as i32).map(|n| (rate * service).powi(n)).collect();
    let total: f64 = weights.iter().sum();
    let mean = weights.iter().enumerate().map(|(n, weight)| n as f64 * weight).sum::<f64>() / total;
    (mean, weights.last().expect("K ≥ 0") / total)
}

/// Mean waits of the classes of an M/M/1 with non-preemptive priorities and one service law (Cobham), the class that is
/// served first coming first.
pub(crate) fn cobham(rates: &[f64], service: f64) -> Vec<f64> {
    let residual = rates.iter().sum::<f64>() * service * service;
    let busy = |upto: usize| rates[..upto].iter().sum::<f64>() * service;
    (0..rates.len()).map(|k| residual / ((1.0 - busy(k)) * (1.0 - busy(k + 1)))).collect()
}

/// Mean attempts and share of dead letters where each of at most n attempts fails with probability p.
pub(crate) fn retries(p: f64, attempts: f64) -> (f64, f64) {
    let dead = p.powf(attempts);
    ((1.0 - dead) / (1.0 - p), dead)
}

#[test]
fn closed_forms_agree_where_they_meet() {
    assert!((mmc_wait(8.0, 0.1, 1.0) - mg1_wait(8.0, 0.1, 1.0)).abs() < 1e-12);
    assert!((erlang_c(0.8, 1.0) - 0.8).abs() < 1e-12);
    assert!((mm1k(8.0, 0.1, 1.0).1 - erlang_b(0.8, 1.0)).abs() < 1e-12);
    assert!((cobham(&[8.0], 0.1)[0] - mg1_wait(8.0, 0.1, 1.0)).abs() < 1e-12);
    assert_eq!(retries(0.5, 2.0), (1.5, 0.25));
}
