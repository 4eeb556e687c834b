//! The map of safe operation: a coloured cell a point, and a line around where the objectives hold.

use super::Chart;
use super::canvas::{Anchor, Color, Label, Point, Scene, Shape, text_width};
use super::layout::{MARGIN, SMALL, TEXT, TITLE, WIDTH, fitted};
use super::plot::{GREEN, ORANGE, PURPLE, VERMILLION};
use crate::report::Head;
use crate::report::figures::duration;
use crate::study::{Cell, Class, MapFindings};

/// Logical pixels of the map's height.
const HEIGHT: f64 = 460.0;
const ROW: f64 = 18.0;

pub(in crate::report) fn safe_map(head: &Head, findings: &MapFindings) -> Chart {
    let [across, up] = &findings.lattices;
    let title = format!("{}: the map of safe operation", head.title);
    let widest = up.values.iter().map(|value| text_width(&value.text, SMALL, false)).fold(0.0, f64::max);
    let mut page = Page {
        shapes: vec![Shape::Rect { from: (0.0, 0.0), to: (WIDTH, 0.0), color: Color::PAPER }],
        left: MARGIN + 16.0 + widest + 10.0,
        top: 0.0,
        columns: across.values.len(),
        rows: up.values.len(),
    };
    page.heading(&title, &subtitle(head, findings));
    page.legend(findings);
    page.cells(findings);
    page.frontier(findings);
    page.axes(findings);
    let height = page.top + HEIGHT + 56.0;
    if let Some(Shape::Rect { to, .. }) = page.shapes.first_mut() {
        to.1 = height;
    }
    Chart::of_scene("safe-map".into(), title, Scene { width: WIDTH, height, shapes: page.shapes })
}

fn subtitle(head: &Head, findings: &MapFindings) -> String {
    let edge = match findings.edge_runs {
        more if more > findings.first_runs => format!(", {more} where it changes"),
        _ => String::new(),
    };
    let runs = if findings.first_runs == 1 { "run" } else { "runs" };
    format!("{} {runs} of each point{edge}, the worst of them · seed {}", findings.first_runs, head.seed)
}

fn color(class: Class) -> Color {
    match class {
        Class::Quick => GREEN.faded(0.28),
        Class::Slow => ORANGE.faded(0.55),
        Class::GaveUp => PURPLE.faded(0.75),
        Class::Never => VERMILLION.faded(0.92),
    }
}

/// Runs of more than one class.
fn is_mixed(cell: &Cell) -> bool {
    cell.counts.iter().filter(|count| **count > 0).count() > 1
}

struct Page {
    shapes: Vec<Shape>,
    left: f64,
    top: f64,
    columns: usize,
    rows: usize,
}

impl Page {
    fn text(&mut self, at: Point, text: String, size: f64, anchor: Anchor, color: Color) {
        self.shapes.push(Shape::Text(Label { at, text, size, anchor, color, bold: false, upright: false }));
    }

    fn heading(&mut self, title: &str, subtitle: &str) {
        let room = WIDTH - 2.0 * MARGIN;
        self.shapes.push(Shape::Text(Label {
            at: (MARGIN, 32.0),
            text: fitted(title, TITLE, true, room),
            size: TITLE,
            anchor: Anchor::Start,
            color: Color::INK,
            bold: true,
            upright: false,
        }));
        self.text((MARGIN, 51.0), fitted(subtitle, TEXT, false, room), TEXT, Anchor::Start, Color::GREY);
        self.top = 74.0;
    }

    fn legend(&mut self, findings: &MapFindings) {
        let within = duration(findings.within_s);
        let mut entries = vec![
            (Some(Class::Quick), format!("recovers within {within}")),
            (Some(Class::Slow), "recovers later".into()),
            (Some(Class::GaveUp), "recovers, but gave messages up".into()),
            (Some(Class::Never), "never recovers".into()),
        ];
        if findings.needed.is_some() {
            let slos = if findings.expressions.len() == 1 { "the SLO holds" } else { "all SLOs hold" };
            entries.push((None, format!("where {slos}")));
        }
        let mixed = findings.cells.iter().any(is_mixed).then(|| "• its runs disagree".to_owned());
        let mut x = self.left;
        for (class, words) in entries {
            let width = 26.0 + text_width(&words, TEXT, false);
            if x + width > WIDTH - MARGIN && x > self.left {
                x = self.left;
                self.top += ROW;
            }
            let (from, to) = ((x, self.top - 7.0), (x + 18.0, self.top + 5.0));
            match class {
                Some(class) => self.shapes.push(Shape::Rect { from, to, color: color(class) }),
                None => {
                    let points = vec![(x, self.top - 1.0), (x + 18.0, self.top - 1.0)];
                    self.shapes.push(Shape::Line { points, color: Color::INK, width: 2.5, dashed: false });
                }
            }
            self.text((x + 24.0, self.top + 4.0), words, TEXT, Anchor::Start, Color::INK);
            x += width + 16.0;
        }
        if let Some(words) = mixed {
            if x + text_width(&words, TEXT, false) > WIDTH - MARGIN {
                x = self.left;
                self.top += ROW;
            }
            self.text((x, self.top + 4.0), words, TEXT, Anchor::Start, Color::INK);
        }
        self.top += ROW;
    }

    /// The lower left corner of a cell; of one beyond the last, the end of the map.
    fn corner(&self, column: usize, row: usize) -> Point {
        let wide = (WIDTH - MARGIN - self.left) / self.columns as f64;
        let high = HEIGHT / self.rows as f64;
        ((self.left + wide * column as f64).round(), (self.top + HEIGHT - high * row as f64).round())
    }

    fn cells(&mut self, findings: &MapFindings) {
        for row in 0..self.rows {
            for column in 0..self.columns {
                let cell = findings.cell(column, row);
                let (left, bottom) = self.corner(column, row);
                let (right, top) = self.corner(column + 1, row + 1);
                // A thin gap shows the grid without drawing it over the colours.
                let (from, to) = ((left, top), (right - 1.0, bottom - 1.0));
                self.shapes.push(Shape::Rect { from, to, color: color(cell.class) });
                if is_mixed(cell) {
                    let center = (f64::midpoint(left, right - 1.0), f64::midpoint(top, bottom - 1.0));
                    self.shapes.push(Shape::Dot { center, radius: 1.8, color: Color::INK });
                }
            }
        }
    }

    /// Between cells that survive and those that do not.
    fn frontier(&mut self, findings: &MapFindings) {
        if findings.needed.is_none() {
            return;
        }
        let survives = |column: usize, row: usize| findings.survives(findings.cell(column, row));
        let mut lines = vec![];
        for row in 0..self.rows {
            for column in 0..self.columns {
                if column + 1 < self.columns && survives(column, row) != survives(column + 1, row) {
                    lines.push((self.corner(column + 1, row), self.corner(column + 1, row + 1)));
                }
                if row + 1 < self.rows && survives(column, row) != survives(column, row + 1) {
                    lines.push((self.corner(column, row + 1), self.corner(column + 1, row + 1)));
                }
            }
        }
        for (from, to) in lines {
            self.shapes.push(Shape::Line { points: vec![from, to], color: Color::INK, width: 2.5, dashed: false });
        }
    }

    fn axes(&mut self, findings: &MapFindings) {
        let [across, up] = &findings.lattices;
        let bottom = self.top + HEIGHT;
        let mut end = f64::MIN;
        for (column, value) in across.values.iter().enumerate() {
            let x = f64::midpoint(self.corner(column, 0).0, self.corner(column + 1, 0).0);
            let half = text_width(&value.text, SMALL, false) / 2.0;
            if x - half > end + 8.0 {
                self.text((x, bottom + 16.0), value.text.clone(), SMALL, Anchor::Middle, Color::GREY);
                end = x + half;
            }
        }
        let mut above = f64::MAX;
        for (row, value) in up.values.iter().enumerate() {
            let y = f64::midpoint(self.corner(0, row).1, self.corner(0, row + 1).1);
            if y < above - 14.0 {
                self.text((self.left - 8.0, y + 4.0), value.text.clone(), SMALL, Anchor::End, Color::GREY);
                above = y;
            }
        }
        let middle = f64::midpoint(self.left, WIDTH - MARGIN);
        let path = fitted(&across.path, TEXT, false, WIDTH - MARGIN - self.left);
        self.text((middle, bottom + 38.0), path, TEXT, Anchor::Middle, Color::INK);
        self.shapes.push(Shape::Text(Label {
            at: (MARGIN + 8.0, self.top + HEIGHT / 2.0),
            text: fitted(&up.path, TEXT, false, HEIGHT),
            size: TEXT,
            anchor: Anchor::Middle,
            color: Color::INK,
            bold: false,
            upright: true,
        }));
    }
}
