//! Findings made by hand for the tests of this room: a flash sale, and what may go otherwise.

mod dependency;
mod odd;
mod parts;
mod priced;
mod scaled;
mod unknown;
mod verdict;

pub(super) use dependency::outage;
pub(super) use odd::{busy_week, fan_out, tiny};
pub(super) use parts::{hot_partition, many_partitions};
pub(super) use priced::priced;
pub(super) use scaled::{scaled_by_age, scaled_by_backlog, scaled_by_utilization};
pub(super) use unknown::not_known;
use verdict::verdict;

use crate::envelope::Unit;
use crate::study::{
    Assumption, ComponentFindings, ComponentKind, Disturbance, DisturbanceFindings, EnvelopeLine, Findings,
    LevelFindings, Mechanism, Named, Origin, Outcome, Pooled, Recovery, Series, SloFindings, Stat,
};

const RUNS: u32 = 20;
const SPIKE: (f64, f64) = (600.0, 900.0);
const PEAK: f64 = 1_500_000.0;
const DRAIN_S: f64 = 872.0;

/// 800/s, 6000/s for five minutes: 1.5 million messages behind, gone after 14m 32s; one SLO fails.
pub(super) fn flash_sale() -> Findings {
    let time_s: Vec<f64> = (0..=2700).map(f64::from).collect();
    let disturbances = vec![Disturbance { label: "spike of checkout".into(), start_s: SPIKE.0, end_s: SPIKE.1 }];
    Findings {
        title: "Flash sale on checkout".into(),
        path: "scenarios/flash-sale.toml".into(),
        sha256: "5f1d7a84".repeat(8),
        seed: 42,
        runs: RUNS,
        duration_s: 2700.0,
        warmup_s: 300.0,
        tick_s: 1.0,
        messages: 74_412_803,
        components: vec![orders(&time_s), dead_letters(&time_s), producer(&time_s), worker(&time_s)],
        time_s,
        disturbances,
        reads: vec![("order-worker".into(), "orders".into())],
        slo: slos(),
        slo_runs: 0.95,
        cost: None,
        envelope: envelope(),
        assumptions: assumptions(),
        notes: vec!["orders-dlq has no consumer: what lies in it stays there".into()],
        uncertainty: None,
        precision: None,
        engine: crate::study::EngineFindings::default(),
        wall_time_s: None,
    }
}

/// The same with one run: no interval anywhere.
pub(super) fn single_run() -> Findings {
    let mut findings = flash_sale();
    findings.runs = 1;
    findings.notes.push("one run has no interval".into());
    for component in &mut findings.components {
        let named = (component.totals.iter_mut()).chain(&mut component.after_warmup).chain(&mut component.time_average);
        named.for_each(|(_, stat)| *stat = alone(stat.mean));
        for messages in [&mut component.wait, &mut component.latency, &mut component.journey].into_iter().flatten() {
            messages.ci95 = None;
        }
        for level in &mut component.by_priority {
            level.completed = alone(level.completed.mean);
            for messages in [&mut level.wait, &mut level.latency].into_iter().flatten() {
                messages.ci95 = None;
            }
        }
        for seen in &mut component.disturbances {
            let stats = [&mut seen.peak_backlog, &mut seen.peak_at_s, &mut seen.oldest_age_max_s, &mut seen.expired];
            stats.into_iter().chain(&mut seen.recovery.stat).for_each(|stat| *stat = alone(stat.mean));
            for stat in [&mut seen.dead_lettered, &mut seen.dropped, &mut seen.rejected, &mut seen.duplicates] {
                *stat = alone(stat.mean);
            }
            seen.slo_breach_s.iter_mut().for_each(|(_, stat)| *stat = alone(stat.mean));
        }
        component.recovery.iter_mut().flat_map(|recovery| &mut recovery.stat).for_each(|stat| *stat = alone(stat.mean));
        for series in &mut component.series {
            (series.p05, series.p50, series.p95) = (series.mean.clone(), series.mean.clone(), series.mean.clone());
        }
    }
    findings
}

/// The fleet is too small: the backlog stays in every run.
pub(super) fn never_recovers() -> Findings {
    let mut findings = flash_sale();
    let time_s = findings.time_s.clone();
    let orders = &mut findings.components[0];
    let never = Recovery { stat: None, never: RUNS };
    orders.recovery = Some(never.clone());
    orders.disturbances[0].recovery = never;
    orders.verdict = Some(verdict(Outcome::Never, Some(Mechanism::Metastable)));
    orders.series[0] = series("backlog", &time_s, 0.03, |t| if t < 600.0 { 40.0 } else { (t - 600.0) * 700.0 });
    for (name, stat) in orders.totals.iter_mut().filter(|(name, _)| name.starts_with("peak_")) {
        *stat = alone(if *name == "peak_at_s" { 2_699.0 } else { 1_470_000.0 });
    }
    findings.slo[0].value = None;
    findings.slo[0].share_of_runs = Some(0.0);
    findings.slo[0].holds = false;
    findings
}

/// Nothing happens: no disturbance, no recovery time.
pub(super) fn undisturbed() -> Findings {
    let mut findings = flash_sale();
    findings.disturbances.clear();
    for component in &mut findings.components {
        component.disturbances.clear();
        component.recovery = None;
        component.verdict = None;
    }
    findings
}

fn backlog(t: f64) -> f64 {
    match t {
        t if t < SPIKE.0 => 40.0 * (1.0 - (-t / 60.0).exp()),
        t if t < SPIKE.1 => 40.0 + PEAK * (t - SPIKE.0) / (SPIKE.1 - SPIKE.0),
        t => (40.0 + PEAK * (1.0 - (t - SPIKE.1) / DRAIN_S)).max(40.0),
    }
}

fn orders(time_s: &[f64]) -> ComponentFindings {
    let lag = |t: f64| backlog(t) / 2_500.0;
    let totals: Vec<Named> = vec![
        ("published", stat(3_720_640.0, 900.0)),
        ("rejected", stat(0.0, 0.0)),
        ("deliveries", stat(3_797_000.0, 950.0)),
        ("redeliveries", stat(76_360.0, 120.0)),
        ("completed", stat(3_719_390.0, 900.0)),
        ("duplicates", stat(33.2, 2.5)),
        ("dead_lettered", stat(1_204.0, 18.0)),
        ("expired", stat(0.0, 0.0)),
        ("dropped", stat(0.0, 0.0)),
        ("work_amplification", stat(1.0205, 0.0003)),
        ("peak_backlog", stat(1_498_210.0, 1_420.0)),
        ("peak_at_s", stat(900.0, 0.4)),
        ("oldest_age_max_s", stat(552.0, 1.2)),
    ];
    let recovery = Recovery { stat: Some(stat(DRAIN_S, 3.5)), never: 0 };
    let level = |name: &str, share: f64| LevelFindings {
        level: name.into(),
        completed: stat(3_719_390.0 * share, 300.0),
        wait: Some(pooled(180.0 / share)),
        latency: Some(pooled(190.0 / share)),
    };
    ComponentFindings {
        name: "orders".into(),
        kind: ComponentKind::Queue,
        after_warmup: totals.clone(),
        totals,
        time_average: ["ready", "in_flight", "delayed", "backlog"].map(|name| (name, stat(325_000.0, 400.0))).to_vec(),
        recovery: Some(recovery.clone()),
        verdict: Some(verdict(Outcome::Recovered, None)),
        wait: Some(pooled(210.0)),
        latency: Some(pooled(214.0)),
        journey: None,
        duration: None,
        by_priority: vec![level("high", 0.1), level("low", 0.9)],
        partitions: None,
        by_partition: Vec::new(),
        by_key: Vec::new(),
        broker_metrics: Vec::new(),
        scaling: None,
        disturbances: vec![DisturbanceFindings {
            peak_backlog: stat(1_498_210.0, 1_420.0),
            peak_at_s: stat(900.0, 0.4),
            oldest_age_max_s: stat(552.0, 1.2),
            recovery,
            dead_lettered: stat(1_190.0, 17.0),
            expired: stat(0.0, 0.0),
            dropped: stat(0.0, 0.0),
            rejected: stat(0.0, 0.0),
            duplicates: stat(31.0, 2.1),
            slo_breach_s: vec![("orders.oldest_age.max < 5m".into(), stat(611.0, 2.0))],
        }],
        series: vec![
            series("backlog", time_s, 0.04, backlog),
            series("oldest_age_s", time_s, 0.04, lag),
            series("publish_rate_per_s", time_s, 0.06, published),
            series("complete_rate_per_s", time_s, 0.04, completed),
            series("redeliver_rate_per_s", time_s, 0.2, |t| completed(t) * 0.02),
            series("reject_rate_per_s", time_s, 0.0, |_| 0.0),
            series("drop_rate_per_s", time_s, 0.0, |_| 0.0),
            series("expire_rate_per_s", time_s, 0.0, |_| 0.0),
            series("dead_letter_rate_per_s", time_s, 0.2, |t| completed(t) * 0.0003),
            series("latency_p50_s", time_s, 0.05, move |t| if t < 2.0 { f64::NAN } else { 0.04 + lag(t) * 0.98 }),
            series("latency_p99_s", time_s, 0.05, move |t| if t < 2.0 { f64::NAN } else { 0.9 + lag(t) * 1.1 }),
            series("work_amplification", time_s, 0.05, |t| if t < 2.0 { f64::NAN } else { 1.08 }),
        ],
    }
}

fn published(t: f64) -> f64 {
    if (SPIKE.0..SPIKE.1).contains(&t) { 6_000.0 } else { 800.0 }
}

fn completed(t: f64) -> f64 {
    if (SPIKE.0..SPIKE.1 + DRAIN_S).contains(&t) { 2_520.0 } else { 800.0 }
}

fn dead_letters(time_s: &[f64]) -> ComponentFindings {
    let gone = |t: f64| (1_204.0 * t / 2_700.0).round();
    let totals = vec![("published", stat(1_204.0, 18.0)), ("peak_backlog", stat(1_204.0, 18.0))];
    let recovery = Recovery { stat: None, never: RUNS };
    ComponentFindings {
        name: "orders-dlq".into(),
        kind: ComponentKind::DeadLetterQueue,
        after_warmup: totals.clone(),
        totals,
        time_average: vec![("backlog", stat(600.0, 9.0))],
        recovery: Some(recovery.clone()),
        verdict: None,
        wait: None,
        latency: None,
        journey: None,
        duration: None,
        by_priority: Vec::new(),
        partitions: None,
        by_partition: Vec::new(),
        by_key: Vec::new(),
        broker_metrics: Vec::new(),
        scaling: None,
        disturbances: vec![DisturbanceFindings {
            peak_backlog: stat(1_204.0, 18.0),
            peak_at_s: stat(2_698.0, 1.0),
            oldest_age_max_s: stat(2_690.0, 2.0),
            recovery,
            dead_lettered: stat(0.0, 0.0),
            expired: stat(0.0, 0.0),
            dropped: stat(0.0, 0.0),
            rejected: stat(0.0, 0.0),
            duplicates: stat(0.0, 0.0),
            slo_breach_s: Vec::new(),
        }],
        series: vec![series("backlog", time_s, 0.02, gone), series("oldest_age_s", time_s, 0.02, |t| t * 0.99)],
    }
}

fn producer(time_s: &[f64]) -> ComponentFindings {
    ComponentFindings {
        name: "checkout".into(),
        kind: ComponentKind::Producer,
        totals: vec![("published", stat(3_720_640.0, 900.0)), ("rejected", stat(0.0, 0.0))],
        after_warmup: vec![("published", stat(3_480_640.0, 900.0))],
        time_average: Vec::new(),
        recovery: None,
        verdict: None,
        wait: None,
        latency: None,
        journey: None,
        duration: None,
        by_priority: Vec::new(),
        partitions: None,
        by_partition: Vec::new(),
        by_key: Vec::new(),
        broker_metrics: Vec::new(),
        scaling: None,
        disturbances: Vec::new(),
        series: vec![
            series("publish_rate_per_s", time_s, 0.05, published),
            series("publish_amplification", time_s, 0.05, |t| if t < SPIKE.0 { 1.0 } else { 2.5 }),
        ],
    }
}

fn worker(time_s: &[f64]) -> ComponentFindings {
    let share = |t: f64| if (SPIKE.0..SPIKE.1 + DRAIN_S).contains(&t) { 1.0 } else { 0.45 };
    ComponentFindings {
        name: "order-worker".into(),
        kind: ComponentKind::Consumer,
        totals: vec![("utilization", stat(0.71, 0.004))],
        after_warmup: Vec::new(),
        time_average: vec![("busy", stat(56.8, 0.3)), ("replicas", stat(20.0, 0.0))],
        recovery: None,
        verdict: None,
        wait: None,
        latency: None,
        journey: None,
        duration: None,
        by_priority: Vec::new(),
        partitions: None,
        by_partition: Vec::new(),
        by_key: Vec::new(),
        broker_metrics: Vec::new(),
        scaling: None,
        disturbances: Vec::new(),
        series: vec![
            series("replicas", time_s, 0.0, |_| 20.0),
            series("busy", time_s, 0.08, move |t| 80.0 * share(t)),
            series("utilization", time_s, 0.08, share),
        ],
    }
}

fn slos() -> Vec<SloFindings> {
    let slo = |expression: &str, metric: &str, stat: Option<&str>, value, holds, bound| SloFindings {
        expression: expression.into(),
        value: Some(value),
        share_of_runs: (metric != "latency").then_some(if holds { 1.0 } else { 0.0 }),
        holds,
        component: "orders".into(),
        metric: metric.into(),
        stat: stat.map(str::to_owned),
        bound,
    };
    vec![
        slo("orders.recovery_time < 20m", "recovery_time", None, DRAIN_S, true, 1200.0),
        slo("orders.latency.p99 < 2s", "latency", Some("p99"), 640.5, false, 2.0),
        slo("orders.oldest_age.max < 5m", "oldest_age", Some("max"), 552.0, false, 300.0),
        slo("orders.dropped == 0", "dropped", None, 0.0, true, 0.0),
    ]
}

fn envelope() -> Vec<EnvelopeLine> {
    let line = |name: &str, formula, arithmetic: &str, result: &str, caveat: &str| EnvelopeLine {
        component: "orders".into(),
        law: "drain",
        name: name.into(),
        formula,
        arithmetic: arithmetic.into(),
        value: Some(872.0),
        unit: Unit::Seconds,
        result: result.into(),
        caveat: caveat.into(),
        headline: true,
    };
    vec![
        line("utilization at the base rate", "ρ = λ·E[S] / c", "800 × 0.045 / 80", "0.45", ""),
        line("drain after the spike", "B / (c/E[S] − λ)", "1,500,000 / (2,520 − 800)", "14.5 min", "without retries"),
    ]
}

fn assumptions() -> Vec<Assumption> {
    let one = |path: &str, value: &str, origin| Assumption { path: path.into(), value: value.into(), origin };
    vec![
        one("producer.checkout.rate", "800/s", Origin::File { line: 12 }),
        one("consumer.order-worker.replicas", "20", Origin::Argument),
        one("queue.orders.hold", "30s", Origin::Default),
    ]
}

fn stat(mean: f64, half: f64) -> Stat {
    let at = |factor: f64| mean + half * factor;
    let ci95 = Some((at(-1.0), at(1.0)));
    Stat { mean, ci95, p05: at(-3.5), p50: mean, p95: at(3.5), min: at(-4.0), max: at(4.0) }
}

pub(super) fn alone(value: f64) -> Stat {
    Stat { mean: value, ci95: None, p05: value, p50: value, p95: value, min: value, max: value }
}

/// Half of the messages pass in a hundred milliseconds, the others stood in the tailback.
fn pooled(mean: f64) -> Pooled {
    let cdf = (1..=200)
        .map(|i| {
            let share = f64::from(i) / 201.0;
            let quick = 0.03 * (1.0 + 4.0 * share);
            (if share < 0.35 { quick } else { quick + mean * 2.6 * (share - 0.35) }, share)
        })
        .chain([(mean * 3.0, 1.0)])
        .collect();
    Pooled {
        count: 69_000_000,
        mean,
        ci95: Some((mean * 0.99, mean * 1.01)),
        p50: mean * 0.4,
        p90: mean * 2.4,
        p95: mean * 2.6,
        p99: mean * 2.8,
        p999: mean * 2.9,
        max: mean * 3.0,
        cdf,
    }
}

/// A median with noise that is the same in every call, and a band of `spread` around it.
fn series(metric: &'static str, time_s: &[f64], spread: f64, value: impl Fn(f64) -> f64) -> Series {
    let mut state = 1_u32;
    let mut noise = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1_u32 << 24) - 0.5
    };
    let p50: Vec<f64> = time_s.iter().map(|&t| value(t) * (1.0 + spread * 0.3 * noise())).collect();
    let by = |factor: f64| p50.iter().map(|v| v * factor).collect();
    Series { metric: metric.into(), mean: by(1.0), p05: by(1.0 - spread), p95: by(1.0 + spread), p50 }
}
