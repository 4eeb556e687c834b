//! `eta.json`: the names are a contract with programs outside.

use serde_json::{Map, Value, json};

use crate::report::Head;
use crate::report::json::{number, optional, over_runs};
use crate::study::{Eta, EtaRow, Gone, LOST};

pub(super) fn value(head: &Head, eta: &Eta) -> Value {
    let mut out = head.json();
    let now = eta.now.iter().map(|one| {
        json!({
            "component": one.component,
            "messages": one.messages,
            "oldest_age_s": number(one.age_s),
            "age_given": one.age_given,
            "gone_at_backlog": one.ordinary,
            "publish_rate_per_s": optional(one.rates.map(|rates| rates.0)),
            "capacity_per_s": optional(one.rates.map(|rates| rates.1)),
        })
    });
    out.insert("now".into(), now.collect());
    out.insert("at_s".into(), optional(eta.at_s));
    out.insert("consumer".into(), eta.consumer.clone().into());
    out.insert("scaled".into(), eta.scaled.into());
    out.insert("currency".into(), eta.currency.clone().into());
    out.insert("tick_s".into(), number(eta.tick_s));
    out.insert("rows".into(), eta.rows.iter().map(|row| of_row(row, eta)).collect());
    out.insert("notes".into(), eta.notes.clone().into());
    out.into()
}

fn of_row(row: &EtaRow, eta: &Eta) -> Value {
    let backlogs: Map<String, Value> =
        eta.now.iter().zip(&row.gone).map(|(one, gone)| (one.component.clone(), of_backlog(gone))).collect();
    json!({
        "extra_replicas": row.extra,
        "replicas": row.replicas,
        "horizon_s": number(row.horizon_s),
        "extra_cost": row.cost.as_ref().map_or(Value::Null, over_runs),
        "components": backlogs,
    })
}

fn of_backlog(gone: &Gone) -> Value {
    let mut out = Map::new();
    out.insert("gone_s".into(), gone.stat.as_ref().map_or(Value::Null, over_runs));
    out.insert("never".into(), gone.never.into());
    out.insert("sooner_s".into(), gone.saved.as_ref().map_or(Value::Null, over_runs));
    out.insert("paper_s".into(), optional(gone.paper_s));
    out.insert("fluid_s".into(), optional(gone.fluid_s));
    out.insert("publish_rate_per_s".into(), number(gone.seen.0));
    out.insert("complete_rate_per_s".into(), number(gone.seen.1));
    out.extend(LOST.iter().zip(&gone.lost).map(|(name, stat)| ((*name).to_string(), over_runs(stat))));
    out.insert("work_amplification".into(), over_runs(&gone.amplification));
    let series = |values: &[f64]| values.iter().map(|value| number(*value)).collect::<Vec<_>>();
    let backlog = &gone.backlog;
    out.insert(
        "backlog".into(),
        json!({ "p05": series(&backlog.p05), "p50": series(&backlog.p50), "p95": series(&backlog.p95) }),
    );
    out.into()
}
