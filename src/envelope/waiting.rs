//! Waiting in the steady state: the formula that fits is chosen, named, and its limits are said.

use super::erlang::Mmc;
use super::line::{Law, Line, Unit, factor};
use super::station::{Station, moments};
use super::{Load, bounded, bunches, general, renewal};
use crate::scenario::{Overflow, Scenario};
use crate::units::significant;

/// What a formula knows of the wait. Seconds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Waits {
    /// The model in Kendall's notation, and who found the formula.
    pub(super) model: &'static str,
    pub(super) formula: &'static str,
    /// The numbers put in.
    pub(super) arithmetic: String,
    pub(super) share: Option<f64>,
    pub(super) mean_s: f64,
    pub(super) p50_s: Option<f64>,
    pub(super) p99_s: Option<f64>,
    pub(super) latency_p99_s: Option<f64>,
    /// An approximation, and not exact under its own assumptions.
    pub(super) rough: &'static str,
    /// Share of arrivals turned away.
    pub(super) rejected: Option<f64>,
}

const SHARE: Law = law("wait_share", "share of messages that wait", Unit::Share, false);
const MEAN: Law = law("wait_mean", "mean wait", Unit::Seconds, true);
const P50: Law = law("wait_p50", "wait, p50", Unit::Seconds, false);
const P99: Law = law("wait_p99", "wait, p99", Unit::Seconds, false);
const LATENCY: Law = law("latency_mean", "mean latency", Unit::Seconds, false);
const LATENCY_P99: Law = law("latency_p99", "latency, p99", Unit::Seconds, false);
const REJECTED: Law = law("rejected_share", "share turned away by the full queue", Unit::Share, true);
const BUSY: Law = Law {
    id: "busy",
    name: "slots in use",
    formula: "Little: L = λ·E[S]",
    unit: Unit::Slots,
    caveat: "holds for every law of arrivals and service while all are served",
    headline: false,
};
const BACKLOG: Law = Law {
    id: "backlog_mean",
    name: "mean backlog",
    formula: "Little: L = λ·(Wq + E[S])",
    unit: Unit::Messages,
    caveat: "",
    headline: false,
};

const fn law(id: &'static str, name: &'static str, unit: Unit, headline: bool) -> Law {
    Law { id, name, formula: "", unit, caveat: "", headline }
}

/// `None` where no formula fits.
pub(super) fn waits(scenario: &Scenario, load: &Load, station: &Station) -> Option<Waits> {
    if let Some(capacity) = load.capacity(scenario) {
        let rejects = load.feed.queue().is_some_and(|queue| scenario.queues[queue].overflow == Overflow::Reject);
        let fits = rejects && station.is_poisson() && station.is_exponential();
        return if fits { bounded::waits(station, capacity) } else { unbounded(station).filter(|_| capacity > 1000) };
    }
    unbounded(station)
}

fn unbounded(station: &Station) -> Option<Waits> {
    if !station.stable {
        return None;
    }
    match (&station.batch, station.servers) {
        (Some(_), _) => bunches::waits(station),
        (None, _) if station.is_poisson() && station.is_exponential() => Some(erlang(station)),
        (None, 1) if station.is_poisson() => Some(general::waits(station)),
        (None, 1) if station.is_exponential() => renewal::waits(station),
        (None, _) => Some(allen_cunneen(station)),
    }
}

/// `λ = 40, E[S] = 0.1, c = 5`.
pub(super) fn put_in(station: &Station) -> String {
    format!(
        "λ = {}, E[S] = {}, c = {}",
        significant(station.rate, 4),
        significant(station.service_s, 4),
        station.servers
    )
}

fn mmc(station: &Station) -> Mmc {
    Mmc { rate: station.rate, service_s: station.service_s, servers: station.servers }
}

fn erlang(station: &Station) -> Waits {
    let mmc = mmc(station);
    Waits {
        model: "M/M/c, Erlang C",
        formula: "Wq = C(c, λ·E[S]) / (c/E[S] − λ)",
        arithmetic: format!("{}, C = {}", put_in(station), factor(mmc.waits())),
        share: Some(mmc.waits()),
        mean_s: mmc.mean_wait_s(),
        p50_s: Some(mmc.wait_quantile_s(0.5)),
        p99_s: Some(mmc.wait_quantile_s(0.99)),
        latency_p99_s: Some(mmc.latency_quantile_s(0.99)),
        rough: "",
        rejected: None,
    }
}

/// Wq ≈ Wq(M/M/c) · (ca² + cs²)/2 (Allen and Cunneen); for one server it is Kingman's.
fn allen_cunneen(station: &Station) -> Waits {
    let mmc = mmc(station);
    let variability = f64::midpoint(station.gaps, station.scv);
    Waits {
        model: "GI/G/c, Allen–Cunneen",
        formula: "Wq ≈ Wq(M/M/c) · (ca² + cs²)/2",
        arithmetic: format!(
            "{} × ({} + {})/2 with {}",
            factor(mmc.mean_wait_s()),
            significant(station.gaps, 3),
            significant(station.scv, 3),
            put_in(station)
        ),
        share: None,
        mean_s: mmc.mean_wait_s() * variability,
        p50_s: None,
        // The tail as that of M/M/c, stretched by the same factor.
        p99_s: Some(mmc.wait_quantile_s(0.99) * variability),
        latency_p99_s: None,
        rough: "an approximation, good to 10 % or so at high load",
        rejected: None,
    }
}

/// `hottest` is the utilization of the hottest partition's reader: once it falls behind, nothing is steady.
pub(super) fn lines(scenario: &Scenario, load: &Load, hottest: Option<f64>) -> Vec<Line> {
    if hottest.is_some_and(|utilization| utilization >= 1.0) {
        return vec![];
    }
    let Some(station) = Station::at_start(scenario, load) else { return vec![] };
    let component = &load.component;
    let (rate, work) = (load.rate_at(0.0), station.service_s);
    let product = format!("{} × {}", significant(rate, 4), significant(work, 4));
    let mut lines = vec![];
    if station.stable {
        lines.push(BUSY.line(component, product, rate * work));
    }
    let Some(waits) = waits(scenario, load, &station) else { return lines };
    let mut caveat = format!("{} at the start, steady", waits.model);
    for word in std::iter::once(waits.rough).chain(station.leaves_out.iter().copied()).filter(|word| !word.is_empty()) {
        caveat.push_str("; ");
        caveat.push_str(word);
    }
    let mut say = |law: &Law, formula: &'static str, value: Option<f64>| {
        let Some(value) = value else { return };
        let line = law.line(component, waits.arithmetic.clone(), value);
        lines.push(Line { formula, caveat: caveat.clone(), ..line });
    };
    say(&REJECTED, "p_K of M/M/c/K", waits.rejected);
    say(&SHARE, "P(W > 0)", waits.share);
    say(&MEAN, waits.formula, Some(waits.mean_s));
    if station.fifo {
        say(&P50, "P(W ≤ t) = 50 %", waits.p50_s);
        say(&P99, "P(W ≤ t) = 99 %", waits.p99_s);
        say(&LATENCY_P99, "P(W + S ≤ t) = 99 %", waits.latency_p99_s);
    }
    say(&LATENCY, "Wq + E[S]", Some(waits.mean_s + work));
    let taken = rate * (1.0 - waits.rejected.unwrap_or(0.0));
    let sum = format!("{} × ({} + {})", significant(taken, 4), factor(waits.mean_s), significant(work, 4));
    lines.push(Line { caveat, ..BACKLOG.line(component, sum, taken * (waits.mean_s + work)) });
    lines
}

/// R = E\[X²\]/E\[X\]: the size of the batch that a message finds itself in.
pub(super) fn company(station: &Station) -> f64 {
    station.batch.as_ref().map_or(1.0, |batch| {
        let (first, second) = moments(batch);
        second / first
    })
}
