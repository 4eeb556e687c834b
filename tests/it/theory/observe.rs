//! The truth set's metric names, read from findings of one run.

use tailback::study::{ComponentFindings, Findings, Pooled};

/// The metric of queue `queue` with consumer `consumer`; `None` for a name that findings do not hold.
pub(crate) fn metric(findings: &Findings, queue: &str, consumer: &str, name: &str) -> Option<f64> {
    let q = component(findings, queue);
    let w = component(findings, consumer);
    let span = findings.duration_s - findings.warmup_s;
    let value = match name {
        "ready_mean" => average(q, "ready"),
        "in_flight_mean" => average(q, "in_flight"),
        "delayed_mean" => average(q, "delayed"),
        "backlog_mean" => average(q, "backlog"),
        "busy_mean" => average(w, "busy"),
        "utilization" | "utilization_server" => total(w, "utilization"),
        "wait_mean_s" | "wait_served_mean_s" => pooled(q, "wait").mean,
        "latency_mean_s" => pooled(q, "latency").mean,
        "p_wait" | "p_wait_accepted" | "p_wait_any_attempt" => 1.0 - share_at_zero(pooled(q, "wait")),
        "reject_fraction" => after(q, "rejected") / after(q, "published"),
        "expired_fraction" => after(q, "expired") / after(q, "published"),
        "dead_letter_fraction" => after(q, "dead_lettered") / after(q, "published"),
        "complete_rate_per_s" | "throughput_per_s" => after(q, "completed") / span,
        "delivery_rate_per_s" => after(q, "deliveries") / span,
        "dead_letter_rate_per_s" => after(q, "dead_lettered") / span,
        "reject_rate_per_s" => after(q, "rejected") / span,
        "publish_attempt_rate_per_s" => after(q, "published") / span,
        "publish_amplification" => after(q, "published") / (after(q, "published") - after(q, "rejected")),
        "attempts_mean" => total(q, "deliveries") / (total(q, "published") - total(q, "rejected")),
        // From an empty start to the end, retries still to come would be missing; between two instants they cancel.
        "work_amplification" => after(q, "work_amplification"),
        "peak_backlog" => total(q, "peak_backlog"),
        _ => quantile(q, name)?,
    };
    Some(value)
}

/// `wait_p99_s`, `latency_p50_s` …
fn quantile(q: &ComponentFindings, name: &str) -> Option<f64> {
    let (kind, rest) = name.split_once('_')?;
    if kind != "wait" && kind != "latency" {
        return None;
    }
    let pooled = pooled(q, kind);
    Some(match rest {
        "p50_s" => pooled.p50,
        "p90_s" => pooled.p90,
        "p95_s" => pooled.p95,
        "p99_s" => pooled.p99,
        "p999_s" => pooled.p999,
        "max_s" => pooled.max,
        _ => return None,
    })
}

pub(crate) fn component<'a>(findings: &'a Findings, name: &str) -> &'a ComponentFindings {
    findings.component(name).unwrap_or_else(|| panic!("findings have no component {name}"))
}

pub(crate) fn average(component: &ComponentFindings, name: &str) -> f64 {
    component.average(name).unwrap_or_else(|| panic!("{} has no time average of {name}", component.name)).mean
}

/// Of the whole run.
pub(crate) fn total(component: &ComponentFindings, name: &str) -> f64 {
    component.total(name).unwrap_or_else(|| panic!("{} has no total {name}", component.name)).mean
}

/// Without warm-up.
pub(crate) fn after(component: &ComponentFindings, name: &str) -> f64 {
    let found = component.after_warmup.iter().find(|(key, _)| *key == name);
    found.unwrap_or_else(|| panic!("{} has no {name} after warm-up", component.name)).1.mean
}

pub(crate) fn pooled<'a>(component: &'a ComponentFindings, name: &str) -> &'a Pooled {
    let found = if name == "wait" { &component.wait } else { &component.latency };
    found.as_ref().unwrap_or_else(|| panic!("{} has no {name}", component.name))
}

/// Share of messages that did not wait at all.
pub(crate) fn share_at_zero(pooled: &Pooled) -> f64 {
    pooled.cdf.iter().take_while(|(seconds, _)| *seconds <= 0.0).last().map_or(0.0, |(_, share)| *share)
}

/// A series of a queue, sampled at `t_s`, which must lie on the tick.
pub(crate) fn at(findings: &Findings, queue: &str, metric: &str, t_s: f64) -> f64 {
    let series = component(findings, queue).series(metric).unwrap_or_else(|| panic!("{queue} has no series {metric}"));
    let index = (t_s / findings.tick_s).round() as usize;
    assert!((findings.time_s[index] - t_s).abs() < 1e-6, "{t_s} s is not on the tick of {} s", findings.tick_s);
    series.mean[index]
}
