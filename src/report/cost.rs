//! What a run costs, in `summary.json`, in tables and in a sentence.

use serde_json::{Map, Value, json};

use super::figures::{NOTHING, duration, percent};
use super::json::{number, over_runs};
use super::table::Table;
use crate::study::{CostFindings, CostPart, Findings, Stat};
use crate::units::{grouped, significant};

/// Prices whose share the terminal shows.
const MOST_SHOWN: usize = 4;

/// `null` where nothing has a price.
pub(super) fn json(findings: &Findings) -> Value {
    let Some(cost) = &findings.cost else { return Value::Null };
    json!({
        "currency": cost.currency,
        "run": over_runs(&cost.run),
        "per_30_days": over_runs(&cost.per_30_days),
        "runs_in_30_days": number(cost.runs_in_30_days),
        "parts": cost.parts.iter().map(part).collect::<Vec<_>>(),
    })
}

fn part(part: &CostPart) -> Value {
    let mut out = json!({
        "component": part.component,
        "what": part.what.word(),
        "key": part.what.key(),
        "price": part.price.to_string(),
        "unit": part.what.unit(),
        "quantity": over_runs(&part.quantity),
        "run": over_runs(&part.run),
        "per_30_days": over_runs(&part.per_30_days),
    });
    if !part.requests.is_empty() {
        let kinds: Map<String, Value> =
            part.requests.iter().map(|(name, stat)| ((*name).to_owned(), over_runs(stat))).collect();
        out["requests"] = kinds.into();
    }
    out
}

/// One row for each price, and their sum.
pub(super) fn table(findings: &Findings) -> Table {
    let mut table = Table {
        title: "Costs, whole run",
        header: vec!["component", "of", "quantity", "price", "a run", "30 days"],
        figures: vec![2, 3, 4, 5],
        rows: vec![],
        below: vec![],
    };
    let Some(cost) = &findings.cost else { return table };
    let row = |part: &CostPart| {
        let units = part.price.units(part.quantity.mean);
        vec![
            part.component.clone(),
            part.what.key().replace('_', " "),
            format!("{} {}", significant(units, 4), part.price.unit()).trim_end().into(),
            part.price.to_string(),
            money(&part.run),
            money(&part.per_30_days),
        ]
    };
    table.rows = cost.parts.iter().map(row).collect();
    let none = String::new;
    let sum = vec!["all".into(), none(), none(), none(), money(&cost.run), money(&cost.per_30_days)];
    table.rows.push(sum);
    table.below = vec![format!("{}{}", said(cost), caveat(findings, cost))];
    table
}

/// What the money is counted in, and what was asked for at the queues.
fn said(cost: &CostFindings) -> String {
    let mut out = match &cost.currency {
        Some(currency) => format!("Prices are the scenario's own, in {currency}."),
        None => "Prices are the scenario's own.".into(),
    };
    for part in cost.parts.iter().filter(|part| !part.requests.is_empty()) {
        let kinds = part.requests.iter().filter(|(_, stat)| stat.max > 0.0);
        let kinds: Vec<String> =
            kinds.map(|(name, stat)| format!("{} {}", significant(stat.mean, 4), name.replace('_', " "))).collect();
        if kinds.len() > 1 {
            out.push_str(&format!(" Requests to {}: {}.", part.component, kinds.join(", ")));
        }
    }
    out
}

/// A run with a disturbance is no month.
fn caveat(findings: &Findings, cost: &CostFindings) -> String {
    let times = significant(cost.runs_in_30_days, 4);
    let length = duration(findings.duration_s);
    match findings.disturbances.is_empty() {
        true => format!(" 30 days are {times} runs of {length}."),
        false => {
            format!(" 30 days are {times} runs of {length}, each with its disturbances: a busier month than most.")
        }
    }
}

/// `3.21 ± 0.04 USD a run of 45m, 3,082 USD for 30 days of the same; worker replica 71 %, …`, for the terminal.
pub(super) fn brief(findings: &Findings) -> Option<String> {
    let cost = findings.cost.as_ref()?;
    let currency = cost.currency.as_ref().map_or_else(String::new, |currency| format!(" {currency}"));
    let mut parts: Vec<&CostPart> = cost.parts.iter().collect();
    parts.sort_by(|a, b| b.run.mean.total_cmp(&a.run.mean));
    let share = |part: &&CostPart| {
        let key = part.what.key().replace('_', " ");
        format!("{} {key} {}", part.component, percent(part.run.mean / cost.run.mean))
    };
    // Where all is free there is nothing to share out.
    let most: Vec<String> = parts.iter().filter(|part| part.run.mean > 0.0).take(MOST_SHOWN).map(share).collect();
    let of_what = if parts.len() > 1 && !most.is_empty() { format!("; {}", most.join(", ")) } else { String::new() };
    Some(format!(
        "{}{currency} a run of {}, {}{currency} for 30 days of the same{of_what}",
        money(&cost.run),
        duration(findings.duration_s),
        money(&cost.per_30_days)
    ))
}

/// Mean with its interval: to the cent from 1 up, three digits below.
fn money(stat: &Stat) -> String {
    if !stat.mean.is_finite() {
        return NOTHING.into();
    }
    let half = stat.ci95.map_or(0.0, |(low, high)| (high - low) / 2.0);
    let text = amount(stat.mean);
    let decimals = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let step = 10_f64.powi(decimals as i32);
    // A half width that rounds to nothing says no more than the digits do.
    let half = (half * step - 1e-6).ceil() / step;
    if half * step < 1.0 || !half.is_finite() { text } else { format!("{text} ± {}", grouped(half, decimals)) }
}

pub(super) fn amount(value: f64) -> String {
    match value.abs() {
        0.0 => "0".into(),
        v if v >= 100_000.0 => grouped(value, 0),
        v if v >= 1.0 => grouped(value, 2),
        _ => significant(value, 3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn money_is_written_to_the_cent() {
        let of = |mean, half| Stat { ci95: Some((mean - half, mean + half)), ..fixture::alone(mean) };
        assert_eq!(money(&of(1_234.567_8, 0.0)), "1,234.57");
        assert_eq!(money(&of(3.2149, 0.031)), "3.21 ± 0.04");
        assert_eq!(money(&of(0.001_234_5, 0.0)), "0.00123");
        assert_eq!(money(&of(250_000.4, 12.1)), "250,000 ± 13");
        assert_eq!(money(&fixture::alone(0.0)), "0");
    }

    #[test]
    fn without_prices_nothing_is_said() {
        let findings = fixture::flash_sale();
        assert!(json(&findings).is_null() && table(&findings).rows.is_empty() && brief(&findings).is_none());
    }

    #[test]
    fn a_run_with_a_spike_is_no_month() {
        let text = table(&fixture::priced()).below.concat();
        assert!(text.contains("in EUR") && text.contains("a busier month than most"), "{text}");
        assert!(text.contains("Requests to orders: 3,720,000 publish, 7,600 empty receive."), "{text}");
        let brief = brief(&fixture::priced()).unwrap();
        let said = "2.69 EUR a run of 45m, 2,583.40 EUR for 30 days of the same; orders requests 55.4 %, order-worker replica 44.6 %";
        assert_eq!(brief, said);
        let rows = table(&fixture::priced()).rows;
        assert_eq!(rows[0], ["order-worker", "replica", "15 h", "0.08/h", "1.20", "1,152.00"]);
        assert_eq!(rows.last().unwrap()[4..], ["2.69", "2,583.40"]);
    }
}
