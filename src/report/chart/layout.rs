//! A plot given its place on the page: margins, axes, grid, legend, data, words.

use super::axis::{self, Scale, Tick, Unit};
use super::canvas::{Anchor, Color, Label, Point, Scene, Shape, text_width};
use super::place::{Ground, rows};
use super::plot::{Curve, Horizontal, Mark, ORANGE, Panel, Plot, Vertical};
use super::thin::pieces;

/// Logical pixels.
pub(super) const WIDTH: f64 = 800.0;
pub(super) const MARGIN: f64 = 22.0;
pub(super) const TITLE: f64 = 17.0;
pub(super) const TEXT: f64 = 12.0;
pub(super) const SMALL: f64 = 11.0;
const ROW: f64 = 18.0;
const MARK_ROW: f64 = 15.0;
const BETWEEN_PANELS: f64 = 24.0;
/// Rows of window labels at most; what finds no room is still shaded, and stands in the tables.
const WINDOW_ROWS: usize = 4;
const LONGEST_LABEL: f64 = 260.0;
const SHORTEST_LABEL: f64 = 90.0;

/// Draws a plot 800 logical pixels wide and as high as it needs.
pub(super) fn scene(plot: &Plot) -> Scene {
    let scales: Vec<Scale> = plot.panels.iter().map(vertical).collect();
    let ticks: Vec<Vec<Tick>> =
        plot.panels.iter().zip(&scales).map(|(panel, scale)| panel_ticks(panel, *scale)).collect();
    let widest = ticks.iter().flatten().map(|tick| text_width(&tick.label, SMALL, false)).fold(0.0, f64::max);
    let mut page = Page {
        shapes: vec![Shape::Rect { from: (0.0, 0.0), to: (WIDTH, 0.0), color: Color::PAPER }],
        left: MARGIN + 16.0 + widest + 8.0,
        right: WIDTH - MARGIN,
        y: 0.0,
    };
    page.heading(plot);
    page.legend(plot);
    page.window_labels(plot);
    for (index, (panel, scale)) in plot.panels.iter().zip(&scales).enumerate() {
        let frame =
            Frame { top: page.y, bottom: page.y + panel.height, vertical: *scale, horizontal: &plot.horizontal };
        page.panel(panel, &frame, &ticks[index], plot);
        page.y = frame.bottom + if index + 1 < plot.panels.len() { BETWEEN_PANELS } else { 0.0 };
    }
    page.bottom_axis(plot);
    if let Some(Shape::Rect { to, .. }) = page.shapes.first_mut() {
        to.1 = page.y;
    }
    Scene { width: WIDTH, height: page.y, shapes: page.shapes }
}

/// The scale of a panel's vertical axis, with room above the data for words where there are marks.
fn vertical(panel: &Panel) -> Scale {
    let bands = panel.curves.iter().filter_map(|curve| curve.band.as_ref()).flat_map(|band| &band.high);
    let points = panel.curves.iter().flat_map(|curve| &curve.points).map(|point| &point.1);
    let values = || points.clone().chain(bands.clone()).chain(panel.marks.iter().map(|mark| &mark.at.1)).copied();
    let greatest = values().filter(|value| value.is_finite()).fold(0.0, f64::max);
    match panel.vertical {
        Vertical::Fixed(high) => Scale::Linear { high },
        Vertical::FromZero if greatest <= 0.0 => Scale::Linear { high: 1.0 },
        Vertical::FromZero => Scale::Linear { high: greatest * if panel.marks.is_empty() { 1.06 } else { 1.16 } },
        Vertical::Log => {
            let least = values().filter(|value| *value > 0.0).fold(f64::INFINITY, f64::min);
            let high = if greatest > 0.0 { greatest * 1.3 } else { 1.0 };
            Scale::Log { low: (least / 1.3).min(high / 10.0).max(high / 1e9), high }
        }
        Vertical::LogBetween { low, high, .. } => Scale::Log { low, high },
    }
}

fn panel_ticks(panel: &Panel, scale: Scale) -> Vec<Tick> {
    match &panel.vertical {
        Vertical::LogBetween { ticks, .. } => ticks.clone(),
        _ => axis::ticks(scale, panel.unit, if panel.height < 120.0 { 4.0 } else { 6.0 }),
    }
}

/// A panel's data area and its scales.
struct Frame<'a> {
    top: f64,
    bottom: f64,
    vertical: Scale,
    horizontal: &'a Horizontal,
}

impl Frame<'_> {
    fn y(&self, value: f64) -> f64 {
        if value.is_finite() { self.bottom - self.vertical.share(value) * (self.bottom - self.top) } else { f64::NAN }
    }
}

struct Page {
    shapes: Vec<Shape>,
    left: f64,
    right: f64,
    /// How far down the page is filled.
    y: f64,
}

impl Page {
    fn x(&self, horizontal: &Horizontal, value: f64) -> f64 {
        let scale = match *horizontal {
            Horizontal::Clock { end_s } => Scale::Linear { high: end_s },
            Horizontal::Lengths { low, high, .. } => Scale::Log { low, high },
            Horizontal::Values { low, high, .. } => Scale::Between { low, high },
        };
        if value.is_finite() { self.left + scale.share(value) * (self.right - self.left) } else { f64::NAN }
    }

    fn text(&mut self, at: Point, text: &str, size: f64, anchor: Anchor, color: Color) {
        let label = Label { at, text: text.into(), size, anchor, color, bold: false, upright: false };
        self.shapes.push(Shape::Text(label));
    }

    fn rule(&mut self, from: Point, to: Point, color: Color) {
        self.shapes.push(Shape::Line { points: vec![from, to], color, width: 1.0, dashed: false });
    }

    fn heading(&mut self, plot: &Plot) {
        let room = WIDTH - 2.0 * MARGIN;
        let title = Label {
            at: (MARGIN, 32.0),
            text: fitted(&plot.title, TITLE, true, room),
            size: TITLE,
            anchor: Anchor::Start,
            color: Color::INK,
            bold: true,
            upright: false,
        };
        self.shapes.push(Shape::Text(title));
        self.text((MARGIN, 51.0), &fitted(&plot.subtitle, TEXT, false, room), TEXT, Anchor::Start, Color::GREY);
        self.y = 74.0;
    }

    /// Swatches and names in rows above the data.
    fn legend(&mut self, plot: &Plot) {
        let mut said: Vec<&str> = Vec::new();
        let mut x = self.left;
        let curves = || plot.panels.iter().flat_map(|panel| &panel.curves);
        for curve in curves() {
            let band = curve.band.as_ref().map(|band| (band.label.as_str(), true));
            for (name, is_band) in [Some((curve.label.as_str(), false)), band].into_iter().flatten() {
                if said.contains(&name) {
                    continue;
                }
                said.push(name);
                let name = fitted(name, TEXT, false, self.right - self.left - 40.0);
                let width = 30.0 + text_width(&name, TEXT, false);
                if x + width > self.right && x > self.left {
                    x = self.left;
                    self.y += ROW;
                }
                let mixed = curves().any(|other| other.band.is_some() && other.color != curve.color);
                self.swatch(x, curve, is_band, if mixed { Color::GREY } else { curve.color });
                self.text((x + 30.0, self.y + 4.3), &name, TEXT, Anchor::Start, Color::INK);
                x += width + 20.0;
            }
        }
        self.y += ROW - 2.0;
    }

    fn swatch(&mut self, x: f64, curve: &Curve, is_band: bool, color: Color) {
        self.shapes.push(if is_band {
            Shape::Rect { from: (x, self.y - 5.0), to: (x + 24.0, self.y + 5.0), color: color.faded(0.25) }
        } else {
            let points = vec![(x, self.y), (x + 24.0, self.y)];
            Shape::Line { points, color: curve.color, width: curve.width.max(2.0), dashed: curve.dashed }
        });
    }

    /// What happened, above the shaded spans.
    fn window_labels(&mut self, plot: &Plot) {
        let top = self.y;
        // Many windows get shorter labels, so that about two rows hold them.
        let room = 2.0 * (self.right - self.left) / plot.windows.len().max(1) as f64;
        let room = room.clamp(SHORTEST_LABEL, LONGEST_LABEL);
        let labels: Vec<String> = plot.windows.iter().map(|window| fitted(&window.label, SMALL, false, room)).collect();
        let spans: Vec<(f64, f64)> = (plot.windows.iter().zip(&labels))
            .map(|(window, label)| {
                let middle = f64::midpoint(window.start_s, window.end_s);
                (self.x(&plot.horizontal, middle), text_width(label, SMALL, false))
            })
            .collect();
        let places = rows(&spans, self.left, self.right, WINDOW_ROWS);
        let count = places.iter().flatten().map(|(row, _)| row + 1).max().unwrap_or(0);
        for (place, label) in places.iter().zip(&labels) {
            if let Some((row, start)) = place {
                // Rows fill from below, so that a lone label stands right above its span.
                let baseline = top + 15.0 * (count - row) as f64 - 3.0;
                self.text((*start, baseline), label, SMALL, Anchor::Start, Color::GREY);
            }
        }
        self.y += 15.0 * count as f64 + 3.0;
    }

    fn panel(&mut self, panel: &Panel, frame: &Frame, ticks: &[Tick], plot: &Plot) {
        for window in &plot.windows {
            let (from, to) = (self.x(frame.horizontal, window.start_s), self.x(frame.horizontal, window.end_s));
            let to = to.max(from + 1.0);
            let color = ORANGE.faded(0.14);
            self.shapes.push(Shape::Rect { from: (from, frame.top), to: (to, frame.bottom), color });
        }
        for tick in ticks {
            let y = frame.y(tick.value);
            self.rule((self.left, y), (self.right, y), Color::GRID);
            self.text((self.left - 8.0, y + 4.0), &tick.label, SMALL, Anchor::End, Color::GREY);
        }
        let across = self.horizontal_ticks(frame.horizontal);
        for tick in &across.0 {
            let x = self.x(frame.horizontal, tick.value);
            self.rule((x, frame.top), (x, frame.bottom), Color::GRID);
        }
        self.rule((self.left, frame.bottom), (self.right, frame.bottom), Color::AXIS);
        self.shapes.push(Shape::Text(Label {
            at: (MARGIN + 8.0, f64::midpoint(frame.top, frame.bottom)),
            text: panel.title.into(),
            size: TEXT,
            anchor: Anchor::Middle,
            color: Color::INK,
            bold: false,
            upright: true,
        }));
        let mut ground = Ground::new(self.left, self.right, frame.top, frame.bottom);
        for curve in &panel.curves {
            self.band(curve, frame, &mut ground);
        }
        for curve in &panel.curves {
            self.curve(curve, frame, &mut ground);
        }
        self.marks(panel, frame, &mut ground);
    }

    fn band(&mut self, curve: &Curve, frame: &Frame, ground: &mut Ground) {
        let Some(band) = &curve.band else { return };
        let edge = |values: &[f64]| {
            let points = curve.points.iter().zip(values);
            pieces(points.map(|(point, value)| (self.x(frame.horizontal, point.0), frame.y(*value))))
        };
        let color = curve.color.faded(0.22);
        for (upper, lower) in edge(&band.high).into_iter().zip(edge(&band.low)) {
            ground.cover(&upper);
            self.shapes.push(Shape::Band { upper: envelope(upper, f64::min), lower: envelope(lower, f64::max), color });
        }
    }

    fn curve(&mut self, curve: &Curve, frame: &Frame, ground: &mut Ground) {
        let line = curve.points.iter().map(|point| (self.x(frame.horizontal, point.0), frame.y(point.1)));
        for points in pieces(line) {
            ground.cover(&points);
            self.shapes.push(if let [center] = points[..] {
                Shape::Dot { center, radius: curve.width, color: curve.color }
            } else {
                Shape::Line { points, color: curve.color, width: curve.width, dashed: curve.dashed }
            });
        }
    }

    /// The marks and their places, the rightmost first; one mark for those that lie upon each other.
    fn joined(&self, panel: &Panel, frame: &Frame, ground: &mut Ground) -> Vec<(Point, Mark)> {
        let mut out: Vec<(Point, Mark)> = Vec::new();
        for mark in &panel.marks {
            let at = (self.x(frame.horizontal, mark.at.0), frame.y(mark.at.1));
            let near = out.iter_mut().find(|(there, _)| (there.0 - at.0).abs() < 9.0 && (there.1 - at.1).abs() < 9.0);
            if let Some((_, there)) = near {
                there.lines.extend(mark.lines.iter().cloned());
                continue;
            }
            ground.dot(at);
            out.push((at, mark.clone()));
        }
        // Words stand to the right of their mark where they can, so the last mark goes first: its way is never blocked.
        out.sort_by(|a, b| b.0.0.total_cmp(&a.0.0));
        out
    }

    fn marks(&mut self, panel: &Panel, frame: &Frame, ground: &mut Ground) {
        for (at, mark) in self.joined(panel, frame, ground) {
            let width = mark.lines.iter().map(|line| text_width(line, TEXT, true)).fold(0.0, f64::max);
            let place = ground.place(at, width, MARK_ROW * mark.lines.len() as f64 - (MARK_ROW - TEXT));
            if at.1 - place.1 > 14.0 {
                let x = at.0.clamp(place.0 + 2.0, place.0 + width - 2.0);
                let points = vec![(x, place.1 + 4.0), (at.0, at.1 - 4.0)];
                self.shapes.push(Shape::Line { points, color: mark.color.faded(0.6), width: 1.0, dashed: false });
            }
            self.shapes.push(Shape::Dot { center: at, radius: 4.6, color: Color::PAPER });
            self.shapes.push(Shape::Dot { center: at, radius: 3.6, color: mark.color });
            // Lines lean towards the mark.
            let (x, anchor) =
                if place.0 + width < at.0 { (place.0 + width, Anchor::End) } else { (place.0, Anchor::Start) };
            for (row, line) in mark.lines.iter().rev().enumerate() {
                let label = Label {
                    at: (x, place.1 - MARK_ROW * row as f64),
                    text: line.clone(),
                    size: TEXT,
                    anchor,
                    color: mark.color,
                    bold: true,
                    upright: false,
                };
                self.shapes.push(Shape::Text(label));
            }
        }
    }

    fn horizontal_ticks<'h>(&self, horizontal: &'h Horizontal) -> (Vec<Tick>, &'h str) {
        match horizontal {
            Horizontal::Clock { end_s } => axis::clock(*end_s, 10.0),
            Horizontal::Lengths { low, high, title } => {
                (axis::ticks(Scale::Log { low: *low, high: *high }, Unit::Seconds, 10.0), title)
            }
            Horizontal::Values { low, high, unit, title } => {
                (axis::ticks(Scale::Between { low: *low, high: *high }, *unit, 10.0), title)
            }
        }
    }

    fn bottom_axis(&mut self, plot: &Plot) {
        let (ticks, title) = self.horizontal_ticks(&plot.horizontal);
        let mut end = f64::MIN;
        for tick in &ticks {
            let x = self.x(&plot.horizontal, tick.value);
            let half = text_width(&tick.label, SMALL, false) / 2.0;
            self.rule((x, self.y), (x, self.y + 4.0), Color::AXIS);
            // On a logarithmic axis minutes and tens of seconds may come close.
            if x - half > end + 6.0 && x + half < WIDTH - 2.0 {
                self.text((x, self.y + 17.0), &tick.label, SMALL, Anchor::Middle, Color::GREY);
                end = x + half;
            }
        }
        let middle = f64::midpoint(self.left, self.right);
        self.text((middle, self.y + 37.0), title, TEXT, Anchor::Middle, Color::INK);
        self.y = (self.y + 50.0).ceil();
    }
}

/// The outermost point of each column of pixels.
fn envelope(line: Vec<Point>, outer: fn(f64, f64) -> f64) -> Vec<Point> {
    let columns = line.chunk_by(|a, b| a.0.floor() == b.0.floor());
    columns.map(|column| (column[0].0, column.iter().map(|point| point.1).fold(column[0].1, outer))).collect()
}

/// The text, cut with an ellipsis where it is wider than `room`.
pub(super) fn fitted(text: &str, size: f64, bold: bool, room: f64) -> String {
    if text_width(text, size, bold) <= room {
        return text.into();
    }
    let mut kept: String = text.into();
    while !kept.is_empty() && text_width(&format!("{kept}…"), size, bold) > room {
        kept.pop();
    }
    format!("{}…", kept.trim_end())
}
