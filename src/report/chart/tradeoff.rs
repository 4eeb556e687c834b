//! What each value of a knob costs and buys: figures over the values that a plan looked at, with the answer marked.

use super::Chart;
use super::axis::Unit;
use super::plot::{Band, Curve, GREEN, Horizontal, INK, Mark, PALETTE, Panel, Plot, Vertical};
use crate::report::Head;
use crate::report::plan::Turned;
use crate::study::{CandidateFindings, FigureUnit, KnobUnit, PlanFindings};

const MOST_PANELS: usize = 4;
/// From this ratio of greatest to least on the axis is logarithmic.
const WIDE: f64 = 50.0;
/// Values farther from the answer than this are left out: they were only steps of the search.
const WINDOW: (f64, f64) = (0.7, 1.6);

pub(in crate::report) fn tradeoff(head: &Head, knob: &Turned, findings: &PlanFindings) -> Option<Chart> {
    let number = |one: &CandidateFindings| one.value.number.unwrap_or(f64::NAN);
    let answer = findings.answer.map(|index| number(&findings.candidates[index]));
    let inside = |index: usize| match (findings.answer, answer) {
        (Some(at), Some(value)) => {
            let one = number(&findings.candidates[index]);
            // Of neighbours two are shown, however far away they are.
            index.abs_diff(at) <= 2 || one >= value * WINDOW.0 && one <= value * WINDOW.1
        }
        _ => true,
    };
    let shown: Vec<&CandidateFindings> = (0..findings.candidates.len())
        .filter(|&index| inside(index))
        .map(|index| &findings.candidates[index])
        .collect();
    let (low, high) = (number(shown.first()?), number(shown.last()?));
    if low >= high {
        return None;
    }
    let mut plot = Plot {
        title: format!("{}: the trade-off", head.title),
        subtitle: format!("mean of {} runs or more a value, band p05–p95 of the runs · seed {}", head.runs, head.seed),
        horizontal: Horizontal::Values {
            low,
            high,
            unit: unit_of(knob.unit),
            title: axis_title(&knob.path, knob.unit),
        },
        windows: Vec::new(),
        panels: Vec::new(),
    };
    for index in chosen(findings) {
        let figure = &findings.figures[index];
        let bounds: Vec<f64> = (0..findings.bounds.len())
            .filter(|slo| findings.figures[*slo] == *figure)
            .map(|slo| findings.bounds[slo])
            .collect();
        let color = PALETTE[plot.panels.len() % PALETTE.len()];
        if let Some(panel) = panel(&shown, index, &bounds, findings, (low, high), color) {
            plot.panels.push(panel);
        }
    }
    if let (Some(first), Some(at)) = (plot.panels.first_mut(), findings.answer) {
        let point = first.curves[0].points.iter().find(|point| Some(point.0) == answer).copied();
        let text = format!(
            "{} {}",
            if findings.largest { "largest:" } else { "smallest:" },
            findings.candidates[at].value.text
        );
        first.marks.extend(point.filter(|at| at.1.is_finite()).map(|at| Mark { at, lines: vec![text], color: GREEN }));
    }
    (!plot.panels.is_empty()).then(|| Chart::new("tradeoff".into(), &plot))
}

/// The first few figures that differ, and the cost whatever its place.
fn chosen(findings: &PlanFindings) -> Vec<usize> {
    let is_money = |index: &usize| findings.figures[*index].unit == FigureUnit::Money;
    let differing = (0..findings.figures.len()).filter(|&i| !findings.figures[..i].contains(&findings.figures[i]));
    let (money, mut others): (Vec<usize>, Vec<usize>) = differing.partition(is_money);
    others.truncate(MOST_PANELS - usize::from(!money.is_empty()));
    others.extend(money.first());
    others
}

pub(super) fn unit_of(unit: KnobUnit) -> Unit {
    match unit {
        KnobUnit::Seconds => Unit::Seconds,
        KnobUnit::PerSecond => Unit::Rate,
        KnobUnit::Share => Unit::Share,
        KnobUnit::Plain | KnobUnit::Bytes | KnobUnit::Words => Unit::Count,
    }
}

pub(super) fn axis_title(path: &str, unit: KnobUnit) -> String {
    match unit {
        KnobUnit::PerSecond => format!("{path} (per second)"),
        KnobUnit::Bytes => format!("{path} (bytes)"),
        _ => path.into(),
    }
}

/// One figure; nothing where no value has it or it is zero everywhere.
fn panel(
    shown: &[&CandidateFindings],
    index: usize,
    bounds: &[f64],
    findings: &PlanFindings,
    (low, high): (f64, f64),
    color: super::canvas::Color,
) -> Option<Panel> {
    let figure = &findings.figures[index];
    // Where most runs have no value the mean over the others would look better than it is.
    let seen = |one: &CandidateFindings| one.figures[index].never * 2 < one.runs;
    let at = |one: &CandidateFindings| one.value.number.unwrap_or(f64::NAN);
    let pick = |one: &CandidateFindings, value: Option<f64>| value.filter(|_| seen(one)).unwrap_or(f64::NAN);
    let points: Vec<(f64, f64)> = shown.iter().map(|one| (at(one), pick(one, one.figures[index].value))).collect();
    let edge = |p: fn(&crate::study::Stat) -> f64| -> Vec<f64> {
        shown.iter().map(|one| pick(one, one.figures[index].stat.as_ref().map(p))).collect()
    };
    let values: Vec<f64> = points.iter().map(|point| point.1).filter(|value| *value > 0.0).collect();
    let (least, greatest) = values.iter().fold((f64::INFINITY, 0.0), |(l, g): (f64, f64), v| (l.min(*v), g.max(*v)));
    if greatest <= 0.0 {
        return None;
    }
    let band = Band { label: "p05–p95 of the runs".into(), low: edge(|stat| stat.p05), high: edge(|stat| stat.p95) };
    let mut curves = vec![Curve { band: Some(band), ..Curve::new(&figure.expression, color, points) }];
    for bound in bounds.iter().filter(|bound| **bound > 0.0 && **bound < 100.0 * greatest) {
        let points = vec![(low, *bound), (high, *bound)];
        curves.push(Curve { width: 1.25, dashed: true, ..Curve::new("SLO", INK, points) });
    }
    let (unit, title, log) = match figure.unit {
        FigureUnit::Time => (Unit::Seconds, "time", "time (log scale)"),
        FigureUnit::PerTime => (Unit::Rate, "per second", "per second (log)"),
        FigureUnit::Money => (Unit::Rate, "cost", "cost (log scale)"),
        FigureUnit::Ratio if figure.metric == "utilization" => (Unit::Share, "in use", "in use (log)"),
        _ => (Unit::Count, "count", "count (log scale)"),
    };
    let wide = greatest > WIDE * least;
    Some(Panel {
        title: if wide { log } else { title },
        unit,
        height: 150.0,
        vertical: if wide { Vertical::Log } else { Vertical::FromZero },
        curves,
        marks: Vec::new(),
    })
}
