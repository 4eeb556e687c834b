//! What a chart shows, before it has a place on the page.

use super::axis::{Tick, Unit};
use super::canvas::{Color, Point};
use crate::study::{ComponentFindings, Findings, Series};

/// Okabe and Ito's palette, which people with any common colour blindness can tell apart; yellow is too pale for lines.
pub(super) const BLUE: Color = Color(0x00, 0x72, 0xB2, 1.0);
pub(super) const ORANGE: Color = Color(0xE6, 0x9F, 0x00, 1.0);
pub(super) const GREEN: Color = Color(0x00, 0x9E, 0x73, 1.0);
pub(super) const VERMILLION: Color = Color(0xD5, 0x5E, 0x00, 1.0);
pub(super) const SKY: Color = Color(0x56, 0xB4, 0xE9, 1.0);
pub(super) const PURPLE: Color = Color(0xCC, 0x79, 0xA7, 1.0);
pub(super) const INK: Color = Color(0x22, 0x22, 0x22, 1.0);
pub(super) const PALETTE: [Color; 7] = [BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, INK];

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plot {
    pub(super) title: String,
    pub(super) subtitle: String,
    pub(super) horizontal: Horizontal,
    /// Shaded spans of time with what happened in them.
    pub(super) windows: Vec<Window>,
    pub(super) panels: Vec<Panel>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Horizontal {
    /// From 0 to so many seconds.
    Clock { end_s: f64 },
    /// Lengths of time on a logarithmic scale.
    Lengths { low: f64, high: f64, title: &'static str },
    /// Values of a parameter, linear between the two.
    Values { low: f64, high: f64, unit: Unit, title: String },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Window {
    pub(super) start_s: f64,
    pub(super) end_s: f64,
    pub(super) label: String,
}

/// A pair of axes; all panels of a plot share the horizontal one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Panel {
    pub(super) title: &'static str,
    pub(super) unit: Unit,
    /// Height of the data area, logical pixels.
    pub(super) height: f64,
    pub(super) vertical: Vertical,
    pub(super) curves: Vec<Curve>,
    pub(super) marks: Vec<Mark>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Vertical {
    /// From zero to just above the data.
    FromZero,
    /// From zero to exactly this.
    Fixed(f64),
    /// Logarithmic, over the positive data.
    Log,
    /// Logarithmic with given ends and ticks.
    LogBetween { low: f64, high: f64, ticks: Vec<Tick> },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    /// In the legend; the same label in two panels is said once.
    pub(super) label: String,
    pub(super) color: Color,
    pub(super) width: f64,
    pub(super) dashed: bool,
    /// Horizontal and vertical value; NaN breaks the line.
    pub(super) points: Vec<Point>,
    /// Lower and upper edge over the same horizontal values, with its label in the legend.
    pub(super) band: Option<Band>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Band {
    pub(super) label: String,
    pub(super) low: Vec<f64>,
    pub(super) high: Vec<f64>,
}

/// A point worth a word.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mark {
    pub(super) at: Point,
    pub(super) lines: Vec<String>,
    pub(super) color: Color,
}

/// A series to be drawn as its mean over the runs: its metric, what the legend calls it, its color.
pub(super) type Line = (&'static str, &'static str, Color);

impl Plot {
    /// A component's series over time in panels of (lines, title, unit, height), those left out in which nothing is seen.
    pub(super) fn of_means(
        title: String,
        part: &ComponentFindings,
        findings: &Findings,
        panels: &[(&[Line], &'static str, Unit, f64)],
    ) -> Option<Plot> {
        let mut plot = Plot::over_time(title, "mean", findings);
        for &(lines, title, unit, height) in panels {
            let seen = lines.iter().filter_map(|(metric, label, color)| {
                let series = part.series(metric).filter(|series| is_seen(series))?;
                let curve = Curve::mean(label, *color, series, findings);
                Some(if *color == BLUE { curve.beneath() } else { curve })
            });
            let curves: Vec<Curve> = seen.collect();
            if !curves.is_empty() {
                plot.panels.push(Panel {
                    title,
                    unit,
                    height,
                    vertical: Vertical::FromZero,
                    curves,
                    marks: Vec::new(),
                });
            }
        }
        (!plot.panels.is_empty()).then_some(plot)
    }

    /// Over the time of the run, with the disturbances shaded.
    pub(super) fn over_time(title: String, statistic: &str, findings: &Findings) -> Plot {
        let windows = findings.disturbances.iter().map(|disturbance| Window {
            start_s: disturbance.start_s,
            end_s: disturbance.end_s,
            label: disturbance.label.clone(),
        });
        Plot {
            title,
            subtitle: subtitle(statistic, findings),
            horizontal: Horizontal::Clock { end_s: findings.duration_s },
            windows: windows.collect(),
            panels: Vec::new(),
        }
    }
}

/// Scenario, statistic, runs and seed, so that a chart alone in a document still says where it comes from.
pub(super) fn subtitle(statistic: &str, findings: &Findings) -> String {
    let runs = match findings.runs {
        1 => "one run".to_owned(),
        n if statistic.is_empty() => format!("{n} runs"),
        n => format!("{statistic} of {n} runs"),
    };
    // Bands mean another thing where the runs differ in what is not known.
    let unknown = match findings.uncertainty.as_ref().map_or(0, |all| all.inputs.len()) {
        0 => String::new(),
        1 => " that differ by chance and 1 unknown value".into(),
        n => format!(" that differ by chance and {n} unknown values"),
    };
    format!("{} · {runs}{unknown} · seed {}", findings.title, findings.seed)
}

impl Curve {
    pub(super) fn new(label: &str, color: Color, points: Vec<Point>) -> Curve {
        Curve { label: label.into(), color, width: 1.75, dashed: false, points, band: None }
    }

    /// The median, with the band between the 5th and 95th percentile of the runs.
    pub(super) fn median(label: &str, color: Color, series: &Series, findings: &Findings) -> Curve {
        let band = (findings.runs > 1).then(|| Band {
            label: "p05–p95 of the runs".into(),
            low: series.p05.clone(),
            high: series.p95.clone(),
        });
        Curve { band, ..Curve::new(label, color, over(&findings.time_s, &series.p50)) }
    }

    pub(super) fn mean(label: &str, color: Color, series: &Series, findings: &Findings) -> Curve {
        Curve::new(label, color, over(&findings.time_s, &series.mean))
    }

    /// Wider, so that it is seen under a curve that runs along it.
    pub(super) fn beneath(self) -> Curve {
        Curve { width: 2.75, ..self }
    }

    /// Each value holds until the next.
    pub(super) fn stepped(self) -> Curve {
        let corner = |pair: &[Point]| [(pair[1].0, pair[0].1), pair[1]];
        let first = self.points.first().copied();
        let points = first.into_iter().chain(self.points.windows(2).flat_map(corner)).collect();
        Curve { points, ..self }
    }

    /// A dashed level from end to end.
    pub(super) fn bound(label: String, value: f64, end_s: f64) -> Curve {
        let points = vec![(0.0, value), (end_s, value)];
        Curve { label, color: Color::INK, width: 1.25, dashed: true, points, band: None }
    }
}

fn over(time_s: &[f64], values: &[f64]) -> Vec<Point> {
    time_s.iter().copied().zip(values.iter().copied()).collect()
}

/// Whether a series has anything to show.
pub(super) fn is_seen(series: &Series) -> bool {
    [&series.mean, &series.p95].into_iter().flatten().any(|value| *value > 0.0)
}
