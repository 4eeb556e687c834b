//! Lag of each partition of a group: the deepest in colours, the others in grey behind them.

use super::axis::{Unit, short};
use super::canvas::Color;
use super::plot::{BLUE, Curve, GREEN, Mark, ORANGE, Panel, Plot, VERMILLION, Vertical, is_seen};
use crate::report::figures::percent;
use crate::study::{ComponentFindings, Findings, PartitionFindings, Series};

/// Lines beyond these only make a mesh.
const MOST_LINES: usize = 12;
/// As many as can be told apart in a legend; the deepest has the colour of the mark at its top.
const NAMED: [Color; 4] = [VERMILLION, BLUE, GREEN, ORANGE];
const OTHERS: Color = Color(0xA8, 0xA8, 0xA8, 1.0);

pub(super) fn plot(part: &ComponentFindings, findings: &Findings) -> Option<Plot> {
    let mut lines: Vec<(&PartitionFindings, &Series)> = (part.by_partition.iter())
        .filter_map(|one| Some((one, part.series(&format!("lag_p{}", one.partition))?)))
        .collect();
    let all = lines.len();
    if all < 2 || !lines.iter().any(|(_, series)| is_seen(series)) {
        return None;
    }
    lines.sort_by(|a, b| b.0.peak_backlog.mean.total_cmp(&a.0.peak_backlog.mean));
    lines.truncate(MOST_LINES);
    let kept = if all > MOST_LINES { format!(", the {MOST_LINES} deepest of {all}") } else { String::new() };
    let title = format!("{}: lag of each partition{kept}", part.name);
    let mut plot = Plot::over_time(title, "mean", findings);
    let named = lines
        .iter()
        .zip(NAMED)
        .map(|((one, series), color)| Curve::mean(&format!("partition {}", one.partition), color, series, findings));
    let rest = lines.iter().skip(NAMED.len()).map(|(_, series)| {
        let label = if all - NAMED.len() == 1 { "the other one" } else { "others" };
        Curve { width: 1.1, ..Curve::mean(label, OTHERS, series, findings) }
    });
    // Drawn one over the other, so the deepest comes last; the legend follows.
    let mut curves: Vec<Curve> = named.chain(rest).collect();
    curves.reverse();
    plot.panels.push(Panel {
        title: "messages",
        unit: Unit::Count,
        height: 270.0,
        vertical: Vertical::FromZero,
        curves,
        marks: lines.first().and_then(|(one, series)| peak(one, series, findings)).into_iter().collect(),
    });
    Some(plot)
}

/// The top of the deepest line, with its share of all.
fn peak(one: &PartitionFindings, series: &Series, findings: &Findings) -> Option<Mark> {
    let points = findings.time_s.iter().copied().zip(series.mean.iter().copied());
    let at =
        points.filter(|point| point.1.is_finite()).reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    let share = one.share_at_peak.as_ref().filter(|share| share.mean.is_finite())?;
    let lines = vec![
        format!("partition {} at its peak: {}", one.partition, short(at.1, 3, false)),
        format!("{} of the lag", percent(share.mean)),
    ];
    Some(Mark { at, lines, color: VERMILLION })
}
