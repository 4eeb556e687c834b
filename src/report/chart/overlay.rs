//! The same chart of several variants on one pair of axes: what differs is what was changed.

use super::axis::Unit;
use super::distribution::{Seen, lengths};
use super::plot::{Curve, Horizontal, PALETTE, Panel, Plot, Vertical, Window, is_seen};
use super::{Chart, free_name};
use crate::report::figures::runs;
use crate::study::{Comparison, ComponentFindings, ComponentKind, Series, VariantFindings};

/// With more variants than this their bands would hide one another.
const MOST_BANDS: usize = 3;

/// A kind of chart over time: the end of its file's name, its title, its series, the axis.
type OverTime = (&'static str, &'static str, &'static str, &'static str, Unit);

const OF_A_QUEUE: [OverTime; 2] = [
    ("backlog", "backlog over time", "backlog", "messages", Unit::Count),
    ("oldest-age", "age of the oldest unfinished message", "oldest_age_s", "age", Unit::Seconds),
];
const OF_A_CONSUMER: [OverTime; 1] = [("replicas", "replicas serving over time", "replicas", "replicas", Unit::Count)];

/// Charts of every component that two variants or more have, in the order of the first variant.
pub(in crate::report) fn charts(comparison: &Comparison) -> Vec<Chart> {
    let mut out: Vec<Chart> = vec![];
    let Some(first) = comparison.variants.first() else { return out };
    let mut push = |name: String, plot: Option<Plot>| {
        if let Some(plot) = plot {
            let name = free_name(name, &out);
            out.push(Chart::new(name, &plot));
        }
    };
    for part in &first.findings.components {
        let shared: Vec<Part<'_>> = comparison.variants.iter().enumerate().filter_map(part_of(&part.name)).collect();
        if shared.len() < 2 {
            continue;
        }
        let over_time: &[OverTime] = match part.kind {
            ComponentKind::Queue | ComponentKind::Group => &OF_A_QUEUE,
            // Fixed replicas are a level line; the settings say it better.
            ComponentKind::Consumer if shared.iter().any(|one| one.part.scaling.is_some()) => &OF_A_CONSUMER,
            _ => &[],
        };
        for kind in over_time {
            push(format!("{}-{}", part.name, kind.0), over(comparison, &shared, kind));
        }
        if part.kind.is_worked_off() {
            push(format!("{}-distribution", part.name), distribution(comparison, &shared));
        }
    }
    out
}

/// A component in one of the variants.
struct Part<'a> {
    /// Of the variant, which decides the colour.
    index: usize,
    variant: &'a VariantFindings,
    part: &'a ComponentFindings,
}

fn part_of<'a>(name: &str) -> impl Fn((usize, &'a VariantFindings)) -> Option<Part<'a>> {
    move |(index, variant)| Some(Part { index, variant, part: variant.findings.component(name)? })
}

fn over(comparison: &Comparison, shared: &[Part<'_>], kind: &OverTime) -> Option<Plot> {
    let (_, title, metric, axis, unit) = *kind;
    let seen: Vec<(&Part<'_>, &Series)> =
        shared.iter().filter_map(|one| Some((one, one.part.series(metric)?))).collect();
    if !seen.iter().any(|(_, series)| is_seen(series)) {
        return None;
    }
    let bands = seen.len() <= MOST_BANDS;
    let curves = seen.iter().map(|(one, series)| {
        let mut curve = Curve::median(&one.variant.name, color(one.index), series, &one.variant.findings);
        curve.band = curve.band.filter(|_| bands);
        curve.dashed = one.index >= PALETTE.len();
        // The first lies beneath the others, so it must be seen on both sides of them.
        if one.index == 0 { curve.beneath() } else { curve }
    });
    let panel = Panel {
        title: axis,
        unit,
        height: 270.0,
        vertical: Vertical::FromZero,
        curves: curves.collect(),
        marks: Vec::new(),
    };
    let ends = comparison.variants.iter().map(|variant| variant.findings.duration_s);
    Some(Plot {
        title: format!("{}: {title}", shared[0].part.name),
        subtitle: subtitle(if comparison.runs > 1 { "median" } else { "" }, comparison),
        horizontal: Horizontal::Clock { end_s: ends.fold(0.0, f64::max) },
        windows: windows(comparison),
        panels: vec![panel],
    })
}

fn distribution(comparison: &Comparison, shared: &[Part<'_>]) -> Option<Plot> {
    let seen = shared.iter().filter_map(|one| {
        let (label, color) = (one.variant.name.clone(), color(one.index));
        Some(Seen { label, messages: one.part.latency.as_ref()?, color, dashed: one.index >= PALETTE.len() })
    });
    let (horizontal, panel) = lengths(&seen.collect::<Vec<_>>())?;
    Some(Plot {
        title: format!("{}: distribution of latency", shared[0].part.name),
        subtitle: subtitle("all messages", comparison),
        horizontal,
        windows: Vec::new(),
        panels: vec![panel],
    })
}

/// More variants than colours begin again, dashed.
fn color(index: usize) -> super::canvas::Color {
    PALETTE[index % PALETTE.len()]
}

/// What happens at the same time in all variants; what happens in some only would be shaded for all.
fn windows(comparison: &Comparison) -> Vec<Window> {
    let Some((first, others)) = comparison.variants.split_first() else { return vec![] };
    let common = first
        .findings
        .disturbances
        .iter()
        .filter(|one| others.iter().all(|other| other.findings.disturbances.iter().any(|there| there == *one)));
    let window =
        |one: &crate::study::Disturbance| Window { start_s: one.start_s, end_s: one.end_s, label: one.label.clone() };
    common.map(window).collect()
}

fn subtitle(statistic: &str, comparison: &Comparison) -> String {
    let title = comparison.variants.first().map_or("", |first| first.findings.title.as_str());
    let each = match (comparison.runs, statistic) {
        (1, _) => "one run each".to_string(),
        (count, "") => format!("{} each", runs(count)),
        (count, statistic) => format!("{statistic} of {} each", runs(count)),
    };
    format!("{title} · {each} · the same random numbers · seed {}", comparison.seed)
}
