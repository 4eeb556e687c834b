//! What autoscalers did, as tables: totals over the runs, and the decisions of the first.

use super::figures::{NOTHING, Quantity, count, instant};
use super::table::Table;
use crate::study::{ComponentFindings, Findings};
use crate::units::significant;

/// So many decisions are listed for people; all of them are in `summary.json`.
const MOST_DECISIONS: usize = 40;

fn scaled(findings: &Findings) -> impl Iterator<Item = &ComponentFindings> {
    findings.components.iter().filter(|part| part.scaling.is_some())
}

/// A consumer a row.
pub(super) fn totals(findings: &Findings) -> Table {
    let rows = scaled(findings).map(|part| {
        let policy = part.scaling.as_ref().map_or(NOTHING, |scaling| scaling.policy);
        let figure = |name: &str| part.total(name).map_or_else(|| NOTHING.into(), |it| Quantity::of(name).stat(it));
        let figures = ["scale_outs", "scale_ins", "scale_lag_s", "killed", "throttled"].map(figure);
        [part.name.clone(), policy.into()].into_iter().chain(figures).collect()
    });
    Table {
        title: "Autoscalers, whole run",
        header: vec!["consumer", "policy", "scaled out", "scaled in", "longest start", "killed", "throttled"],
        figures: (2..7).collect(),
        rows: rows.collect(),
        below: Vec::new(),
    }
}

/// A decision a row.
pub(super) fn decisions(findings: &Findings) -> Table {
    let mut rows = vec![];
    let mut below = vec![];
    for part in scaled(findings) {
        let Some(scaling) = &part.scaling else { continue };
        rows.extend(scaling.decisions.iter().take(MOST_DECISIONS).map(|it| {
            vec![
                part.name.clone(),
                instant(it.time_s),
                it.metric.map_or_else(|| NOTHING.into(), |value| significant(value, 4)),
                format!("{} → {}", it.current, it.desired),
                it.why.into(),
            ]
        }));
        let more = scaling.decisions.len().saturating_sub(MOST_DECISIONS) as u64 + scaling.left_out;
        if more > 0 {
            below.push(format!("{}: {} more decisions are in summary.json.", part.name, count(more as f64)));
        }
    }
    Table {
        title: "Decisions of the first run that changed the replicas or began to hold them back",
        header: vec!["consumer", "time", "metric", "replicas", "why"],
        figures: vec![1, 2, 3],
        rows,
        below,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn each_decision_has_its_row() {
        let findings = fixture::scaled_by_backlog();
        let all = totals(&findings);
        assert_eq!(all.rows[0][..2], ["order-worker", "hpa"]);
        assert_eq!(all.rows[0][5], NOTHING, "nobody can be killed without a grace");
        let listed = decisions(&findings);
        assert_eq!(listed.rows.len(), 5);
        assert_eq!(listed.rows[0][1..], ["10:15", "1", "20 → 40", "policy-limited"]);
        assert_eq!(listed.rows[3][2], NOTHING);
        assert!(totals(&fixture::flash_sale()).rows.is_empty());
    }
}
