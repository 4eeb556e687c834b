//! `summary.json`: the names are a contract with programs outside.

use serde_json::{Map, Number, Value, json};

use super::{cost, engine, origin, uncertain, verdict};
use crate::study::{
    ComponentFindings, ComponentKind, DecisionFindings, DisturbanceFindings, Findings, KeyFindings, LevelFindings,
    Named, PartitionFindings, Pooled, Recovery, ScalingFindings, Stat,
};

/// Version of the layout of `summary.json`.
const SCHEMA_VERSION: u32 = 1;

/// Largest magnitude below which every whole number is exact in an `f64`: 2⁵³.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The summary as indented JSON with a final newline; keys always in the same order.
pub fn summary_json(findings: &Findings) -> String {
    let mut text = format!("{:#}", summary(findings));
    text.push('\n');
    text
}

fn summary(findings: &Findings) -> Value {
    let components: Map<String, Value> =
        findings.components.iter().map(|part| (part.name.clone(), component(part, findings))).collect();
    let mut summary = json!({
        "schema_version": SCHEMA_VERSION,
        "tool": concat!("tailback ", env!("CARGO_PKG_VERSION")),
        "scenario": { "title": findings.title, "path": findings.path, "sha256": findings.sha256 },
        "seed": findings.seed,
        "runs": findings.runs,
        "engine": findings.engine.word(),
        "duration_s": number(findings.duration_s),
        "warmup_s": number(findings.warmup_s),
        "tick_s": number(findings.tick_s),
        "messages": findings.messages,
        "disturbances": findings.disturbances.iter().map(|disturbance| json!({
            "label": disturbance.label,
            "start_s": number(disturbance.start_s),
            "end_s": number(disturbance.end_s),
        })).collect::<Vec<_>>(),
        "verdict": verdict::of_all(findings),
        "components": components,
        "slo_runs": number(findings.slo_runs),
        "slo": findings.slo.iter().map(|slo| json!({
            "expression": slo.expression,
            "value": optional(slo.value),
            "share_of_runs": optional(slo.share_of_runs),
            "holds": slo.holds,
        })).collect::<Vec<_>>(),
        "cost": cost::json(findings),
        "envelope": findings.envelope.iter().map(|line| json!({
            "component": line.component,
            "law": line.law,
            "name": line.name,
            "formula": line.formula,
            "arithmetic": line.arithmetic,
            "value": line.value.map_or(Value::Null, number),
            "unit": line.unit.word(),
            "result": line.result,
            "caveat": line.caveat,
        })).collect::<Vec<_>>(),
        "notes": findings.notes,
        "assumptions": findings.assumptions.iter().map(|assumption| json!({
            "path": assumption.path,
            "value": assumption.value,
            "origin": origin(&assumption.origin, findings),
        })).collect::<Vec<_>>(),
    });
    if let Some(fields) = summary.as_object_mut() {
        fields.extend(uncertain::json(findings));
        fields.extend(engine::json(&findings.engine));
        // Last, since it alone differs from one machine to the next.
        fields.insert("wall_time_s".into(), optional(findings.wall_time_s));
    }
    summary
}

fn component(part: &ComponentFindings, findings: &Findings) -> Value {
    let is_queue = part.kind.holds_messages();
    let mut out = Map::new();
    out.insert("kind".into(), part.kind.word().into());
    out.extend(named(&part.totals));
    if part.kind == ComponentKind::Consumer {
        // The contract wants a consumer's time averages beside its utilization too.
        for (name, stat) in &part.time_average {
            out.entry(*name).or_insert_with(|| over_runs(stat));
        }
    }
    if is_queue || part.recovery.is_some() {
        out.insert("recovery_time_s".into(), part.recovery.as_ref().map_or(Value::Null, recovery));
    }
    if part.kind.is_worked_off() {
        out.insert("verdict".into(), verdict::of_component(part.verdict.as_ref()));
    }
    for (name, messages) in [("wait_s", &part.wait), ("latency_s", &part.latency), ("journey_s", &part.journey)] {
        let has_answers = name == "latency_s" && part.kind == ComponentKind::Dependency;
        if is_queue || has_answers || messages.is_some() {
            out.insert(name.into(), pooled(messages.as_ref()));
        }
    }
    if part.kind == ComponentKind::Workflow {
        out.insert("duration_s".into(), pooled(part.duration.as_ref()));
    }
    if !part.time_average.is_empty() {
        out.insert("time_average".into(), named(&part.time_average).into());
    }
    if !part.after_warmup.is_empty() {
        out.insert("after_warmup".into(), named(&part.after_warmup).into());
    }
    if !part.by_priority.is_empty() {
        let levels: Map<_, _> = part.by_priority.iter().map(|level| (level.level.clone(), priority(level))).collect();
        out.insert("by_priority".into(), levels.into());
    }
    if let Some(partitions) = part.partitions {
        out.insert("partitions".into(), partitions.into());
        out.insert("by_partition".into(), part.by_partition.iter().map(partition).collect::<Vec<_>>().into());
    }
    if !part.by_key.is_empty() {
        out.insert("by_key".into(), part.by_key.iter().map(key).collect::<Vec<_>>().into());
    }
    if let Some(seen) = &part.scaling {
        out.insert("scaling".into(), scaling(seen));
        out.insert("decisions".into(), seen.decisions.iter().map(decision).collect::<Vec<_>>().into());
    }
    if is_queue {
        let list: Vec<Value> = (findings.disturbances.iter().zip(&part.disturbances))
            .map(|(known, seen)| disturbance(&known.label, known.start_s, known.end_s, seen))
            .collect();
        out.insert("disturbances".into(), list.into());
    }
    uncertain::into_component(&part.name, &mut out, findings);
    out.into()
}

fn disturbance(label: &str, start_s: f64, end_s: f64, seen: &DisturbanceFindings) -> Value {
    let breach: Map<String, Value> =
        seen.slo_breach_s.iter().map(|(expression, stat)| (expression.clone(), over_runs(stat))).collect();
    json!({
        "label": label,
        "start_s": number(start_s),
        "end_s": number(end_s),
        "peak_backlog": over_runs(&seen.peak_backlog),
        "peak_at_s": over_runs(&seen.peak_at_s),
        "oldest_age_max_s": over_runs(&seen.oldest_age_max_s),
        "recovery_time_s": recovery(&seen.recovery),
        "dead_lettered": over_runs(&seen.dead_lettered),
        "expired": over_runs(&seen.expired),
        "dropped": over_runs(&seen.dropped),
        "rejected": over_runs(&seen.rejected),
        "duplicates": over_runs(&seen.duplicates),
        "slo_breach_s": breach,
    })
}

fn priority(level: &LevelFindings) -> Value {
    json!({
        "wait_s": pooled(level.wait.as_ref()),
        "latency_s": pooled(level.latency.as_ref()),
        "completed": over_runs(&level.completed),
    })
}

fn partition(seen: &PartitionFindings) -> Value {
    json!({
        "partition": seen.partition,
        "published": over_runs(&seen.published),
        "rejected": over_runs(&seen.rejected),
        "completed": over_runs(&seen.completed),
        "redeliveries": over_runs(&seen.redeliveries),
        "peak_backlog": over_runs(&seen.peak_backlog),
        "mean_backlog": over_runs(&seen.mean_backlog),
        "oldest_age_max_s": over_runs(&seen.oldest_age_max_s),
        "unfinished": over_runs(&seen.unfinished),
        "share_at_peak": seen.share_at_peak.as_ref().map_or(Value::Null, over_runs),
    })
}

fn key(seen: &KeyFindings) -> Value {
    json!({
        "key": seen.key,
        "published": over_runs(&seen.published),
        "completed": over_runs(&seen.completed),
        "peak_backlog": over_runs(&seen.peak_backlog),
        "latency_s": seen.latency_s.as_ref().map_or(Value::Null, over_runs),
    })
}

fn scaling(seen: &ScalingFindings) -> Value {
    json!({
        "policy": seen.policy,
        "metric": (!seen.metric.is_empty()).then_some(seen.metric),
        "target": optional(seen.target),
        "target_per_replica": seen.per_replica,
        "decisions_left_out": seen.left_out,
    })
}

fn decision(seen: &DecisionFindings) -> Value {
    json!({
        "time_s": number(seen.time_s),
        "metric": optional(seen.metric),
        "current": seen.current,
        "desired": seen.desired,
        "why": seen.why,
    })
}

fn named(list: &[Named]) -> Map<String, Value> {
    list.iter().map(|(name, stat)| ((*name).to_owned(), over_runs(stat))).collect()
}

pub(super) fn over_runs(stat: &Stat) -> Value {
    json!({
        "mean": number(stat.mean),
        "ci95": interval(stat.ci95),
        "p05": number(stat.p05),
        "p50": number(stat.p50),
        "p95": number(stat.p95),
        "min": number(stat.min),
        "max": number(stat.max),
    })
}

fn recovery(recovery: &Recovery) -> Value {
    let mut out = match &recovery.stat {
        Some(stat) => over_runs(stat),
        None => json!({ "mean": null, "ci95": null, "p05": null, "p50": null, "p95": null, "min": null, "max": null }),
    };
    out["never"] = recovery.never.into();
    out
}

fn pooled(messages: Option<&Pooled>) -> Value {
    let Some(messages) = messages else { return Value::Null };
    json!({
        "count": messages.count,
        "mean": number(messages.mean),
        "ci95": interval(messages.ci95),
        "p50": number(messages.p50),
        "p90": number(messages.p90),
        "p95": number(messages.p95),
        "p99": number(messages.p99),
        "p999": number(messages.p999),
        "max": number(messages.max),
    })
}

fn interval(ci95: Option<(f64, f64)>) -> Value {
    ci95.map_or(Value::Null, |(low, high)| json!([number(low), number(high)]))
}

pub(super) fn optional(value: Option<f64>) -> Value {
    value.map_or(Value::Null, number)
}

/// A finite number or null; whole ones without a point.
pub(super) fn number(value: f64) -> Value {
    if value == value.trunc() && value.abs() < EXACT {
        return (value as i64).into();
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn the_contract_stands() {
        let value: Value = serde_json::from_str(&summary_json(&fixture::flash_sale())).unwrap();
        let keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys[..6], ["schema_version", "tool", "scenario", "seed", "runs", "engine"]);
        assert_eq!(*keys.last().unwrap(), "wall_time_s");
        assert!(value["wall_time_s"].is_null());
        let orders = &value["components"]["orders"];
        for key in ["published", "peak_backlog", "peak_at_s", "oldest_age_max_s", "recovery_time_s"] {
            for figure in ["mean", "ci95", "p05", "p50", "p95", "min", "max"] {
                assert!(orders[key][figure].is_number() || figure == "ci95", "{key}.{figure}");
            }
            assert_eq!(orders[key]["ci95"].as_array().unwrap().len(), 2);
        }
        assert_eq!(orders["recovery_time_s"]["never"], 0);
        for figure in ["mean", "p50", "p90", "p95", "p99", "p999", "max"] {
            assert!(orders["latency_s"][figure].is_number());
        }
        assert!(orders["time_average"]["backlog"]["mean"].is_number());
        assert!(orders["after_warmup"]["published"]["mean"].is_number());
        assert!(orders["by_priority"]["high"]["completed"]["mean"].is_number());
        assert_eq!(orders["disturbances"][0]["start_s"], 600);
        for lost in ["dead_lettered", "expired", "dropped", "rejected", "duplicates"] {
            assert!(orders["disturbances"][0][lost]["mean"].is_number(), "{lost}");
        }
        assert!(value["components"]["orders-dlq"]["wait_s"].is_null());
        let worker = &value["components"]["order-worker"];
        for key in ["busy", "replicas", "utilization"] {
            assert!(worker[key]["mean"].is_number(), "{key}");
        }
        assert_eq!(value["slo"][0]["holds"], true);
        assert_eq!(value["assumptions"][0]["origin"], "scenarios/flash-sale.toml:12");
    }

    #[test]
    fn a_group_has_every_partition_and_its_busiest_keys() {
        let value: Value = serde_json::from_str(&summary_json(&fixture::many_partitions(1_000))).unwrap();
        let group = &value["components"]["clicks/indexer"];
        assert_eq!((&group["kind"], &group["partitions"]), (&json!("group"), &json!(1_000)));
        assert_eq!(group["by_partition"].as_array().unwrap().len(), 1_000);
        assert_eq!(group["by_partition"][3]["partition"], 3);
        for field in ["published", "completed", "redeliveries", "peak_backlog", "mean_backlog", "oldest_age_max_s"] {
            assert!(group["by_partition"][3][field]["mean"].is_number(), "{field}");
        }
        assert!(group["by_partition"][3]["share_at_peak"].is_null());
        assert_eq!(group["by_key"][0]["key"], "celebrity");
        assert!(group["by_key"][0]["latency_s"]["mean"].is_number());
        assert_eq!(group["deduplicated"]["mean"], 0);
        assert!(value["components"]["checkout"].as_object().unwrap().get("by_partition").is_none());
    }

    #[test]
    fn an_autoscaler_says_what_it_decided_and_why() {
        let value: Value = serde_json::from_str(&summary_json(&fixture::scaled_by_backlog())).unwrap();
        let worker = &value["components"]["order-worker"];
        assert_eq!(worker["scaling"]["policy"], "hpa");
        assert_eq!(
            (&worker["scaling"]["target"], &worker["scaling"]["target_per_replica"]),
            (&json!(100), &json!(true))
        );
        let first = json!({ "time_s": 615, "metric": 1, "current": 20, "desired": 40, "why": "policy-limited" });
        assert_eq!(worker["decisions"][0], first);
        assert!(worker["decisions"][3]["metric"].is_null());
        assert!(value["components"]["checkout"].as_object().unwrap().get("decisions").is_none());
    }

    #[test]
    fn one_run_has_no_interval() {
        let value: Value = serde_json::from_str(&summary_json(&fixture::single_run())).unwrap();
        assert!(value["components"]["orders"]["published"]["ci95"].is_null());
        assert!(value["components"]["orders"]["wait_s"]["ci95"].is_null());
    }

    #[test]
    fn never_stands_alone_with_nulls() {
        let value: Value = serde_json::from_str(&summary_json(&fixture::never_recovers())).unwrap();
        let recovery = &value["components"]["orders"]["recovery_time_s"];
        assert_eq!(recovery["never"], 20);
        assert!(recovery["mean"].is_null() && recovery["ci95"].is_null());
    }

    #[test]
    fn a_queue_without_a_disturbance_has_no_recovery() {
        let value: Value = serde_json::from_str(&summary_json(&fixture::undisturbed())).unwrap();
        assert!(value["components"]["orders"].as_object().unwrap()["recovery_time_s"].is_null());
    }

    #[test]
    fn what_is_not_a_number_becomes_null() {
        assert_eq!(number(f64::NAN), Value::Null);
        assert_eq!(number(f64::INFINITY), Value::Null);
        assert_eq!(number(2_100_000.0).to_string(), "2100000");
        assert_eq!(number(0.1).to_string(), "0.1");
    }
}
