//! A consumer's replicas and busy slots, and how much of what it has is in use.

use super::axis::Unit;
use super::plot::{BLUE, Curve, GREEN, ORANGE, PURPLE, Panel, Plot, VERMILLION, Vertical, is_seen};
use crate::study::{ComponentFindings, Findings};

pub(super) fn plot(part: &ComponentFindings, findings: &Findings) -> Option<Plot> {
    let curve = |metric: &str, label: &str, color| {
        let series = part.series(metric).filter(|series| is_seen(series))?;
        Some(Curve::mean(label, color, series, findings))
    };
    let mut plot = Plot::over_time(format!("{}: replicas, busy slots and utilization", part.name), "mean", findings);
    // A slot is busy or not: the quantiles of so few whole numbers only jump, their mean is what can be read.
    let replicas = curve("replicas", "replicas", ORANGE).map(|replicas| Curve { dashed: true, ..replicas });
    let counts = match &part.scaling {
        None => [curve("busy", "busy work slots", BLUE), replicas, None],
        // What serves follows what is wanted, later.
        Some(_) => [
            curve("busy", "busy work slots", BLUE),
            curve("replicas", "replicas serving", ORANGE),
            curve("desired_replicas", "replicas wanted", VERMILLION).map(|wanted| Curve {
                dashed: true,
                width: 1.25,
                ..wanted.stepped()
            }),
        ],
    };
    let share = curve("utilization", "utilization", GREEN);
    let [share, compared] = match &part.scaling {
        Some(scaling) if scaling.metric == "utilization" => {
            let bound = scaling.target.map(|target| Curve::bound("target".into(), target, findings.duration_s));
            [share.into_iter().chain(bound).collect::<Vec<_>>(), vec![]]
        }
        Some(scaling) if scaling.policy != "schedule" => {
            let each = if scaling.per_replica { " per replica" } else { "" };
            let label = format!("{}{each} as the autoscaler sees it", scaling.metric.replace('_', " "));
            let seen = curve("scaling_metric", &label, PURPLE).map(Curve::stepped);
            let bound = scaling.target.map(|target| Curve::bound("target".into(), target, findings.duration_s));
            let compared = seen.map_or_else(Vec::new, |seen| std::iter::once(seen).chain(bound).collect());
            [share.into_iter().collect(), compared]
        }
        _ => [share.into_iter().collect(), vec![]],
    };
    let (title, unit) = match part.scaling.as_ref().map_or("", |scaling| scaling.metric) {
        "oldest_age" => ("oldest age", Unit::Seconds),
        "lag" => ("lag", Unit::Count),
        "ready" => ("ready", Unit::Count),
        _ => ("backlog", Unit::Count),
    };
    let panels = [
        (counts.into_iter().flatten().collect::<Vec<_>>(), "replicas, slots", Unit::Count, 170.0, Vertical::FromZero),
        (share, "utilization", Unit::Share, 110.0, Vertical::Fixed(1.05)),
        (compared, title, unit, 110.0, Vertical::FromZero),
    ];
    for (curves, title, unit, height, vertical) in panels {
        if !curves.is_empty() {
            plot.panels.push(Panel { title, unit, height, vertical, curves, marks: Vec::new() });
        }
    }
    (!plot.panels.is_empty()).then_some(plot)
}
