//! The table of blocks, and `eta.csv`.

use super::{cell, optional};
use crate::report::figures::{NOTHING, Quantity, count, duration};
use crate::report::sheet::Sheet;
use crate::study::{Eta, EtaRow, Gone, LOST};
use crate::units::significant;

/// What each block of replicas buys for one backlog.
pub(super) fn blocks(eta: &Eta, index: usize) -> Sheet {
    let costs = eta.rows.iter().any(|row| row.cost.is_some());
    let loses = eta.rows.iter().any(|row| lost(&row.gone[index]) > 0.0);
    let mut header =
        vec![eta.consumer.clone(), "gone after".into(), "p05 – p95".into(), "sooner by".into(), "on paper".into()];
    if loses {
        header.push("lost".into());
    }
    if costs {
        header.push("extra cost".into());
    }
    let rows = eta.rows.iter().map(|row| {
        let gone = &row.gone[index];
        let mut cells =
            vec![replicas(row, eta), cell(gone), band(gone, eta), saved(gone), optional(gone.fluid_s, duration)];
        if loses {
            cells.push(count(lost(gone)));
        }
        if costs {
            cells.push(money(row, eta));
        }
        cells
    });
    Sheet { title: "Replicas".into(), header, rows: rows.collect(), ..Sheet::default() }
}

fn replicas(row: &EtaRow, eta: &Eta) -> String {
    let most = if eta.scaled { "up to " } else { "" };
    match row.extra {
        0 => format!("{most}{} as it is", row.replicas),
        extra => format!("{most}{} (+{extra})", row.replicas),
    }
}

fn band(gone: &Gone, eta: &Eta) -> String {
    match (&gone.stat, gone.never) {
        (None, _) => NOTHING.into(),
        (Some(stat), 0) => format!("{} – {}", duration(stat.p05), duration(stat.p95)),
        (Some(_), never) => format!("never in {never} of {}", eta.runs),
    }
}

fn saved(gone: &Gone) -> String {
    gone.saved.as_ref().map_or(NOTHING.into(), |stat| Quantity::Seconds.stat(stat))
}

/// Given up or refused; duplicates are no loss.
fn lost(gone: &Gone) -> f64 {
    gone.lost[..4].iter().map(|stat| stat.mean).sum()
}

fn money(row: &EtaRow, eta: &Eta) -> String {
    let currency = eta.currency.as_ref().map_or(String::new(), |currency| format!(" {currency}"));
    row.cost.as_ref().map_or(NOTHING.into(), |stat| format!("{}{currency}", significant(stat.mean, 3)))
}

/// A row a backlog and block; empty where there is no number.
pub(super) fn csv(eta: &Eta) -> Vec<u8> {
    let mut header =
        vec!["component", "extra_replicas", "replicas", "gone_s", "gone_s_low", "gone_s_high", "gone_s_p05"];
    header.extend(["gone_s_p95", "never", "sooner_s", "sooner_s_low", "sooner_s_high", "paper_s", "fluid_s"]);
    header.extend(LOST);
    header.extend(["work_amplification", "extra_cost", "horizon_s"]);
    let mut out = format!("{}\n", header.join(","));
    let text = |value: Option<f64>| value.filter(|value| value.is_finite()).map_or(String::new(), |v| v.to_string());
    for (index, one) in eta.now.iter().enumerate() {
        for row in &eta.rows {
            let gone = &row.gone[index];
            let (stat, saved) = (gone.stat.as_ref(), gone.saved.as_ref());
            let ci = |stat: Option<&crate::study::Stat>| stat.and_then(|stat| stat.ci95);
            let mut cells = vec![quoted(&one.component), row.extra.to_string(), row.replicas.to_string()];
            cells.extend([
                text(stat.map(|stat| stat.mean)),
                text(ci(stat).map(|ci| ci.0)),
                text(ci(stat).map(|ci| ci.1)),
                text(stat.map(|stat| stat.p05)),
                text(stat.map(|stat| stat.p95)),
                gone.never.to_string(),
                text(saved.map(|stat| stat.mean)),
                text(ci(saved).map(|ci| ci.0)),
                text(ci(saved).map(|ci| ci.1)),
                text(gone.paper_s),
                text(gone.fluid_s),
            ]);
            cells.extend(gone.lost.iter().map(|stat| text(Some(stat.mean))));
            cells.extend([
                text(Some(gone.amplification.mean)),
                text(row.cost.as_ref().map(|stat| stat.mean)),
                text(Some(row.horizon_s)),
            ]);
            out.push_str(&format!("{}\n", cells.join(",")));
        }
    }
    out.into_bytes()
}

fn quoted(name: &str) -> String {
    if name.contains([',', '"', '\n']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.into() }
}
