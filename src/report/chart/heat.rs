//! Heat maps: a figure over two knobs, a cell for each pair of values.

use super::axis::{self, Scale, Unit};
use super::canvas::{Anchor, Color, Label, Point, Scene, Shape, text_width};
use super::layout::{MARGIN, SMALL, TEXT, TITLE, WIDTH, fitted};
use super::plot::{ORANGE, VERMILLION};

/// What is drawn; rows go upwards.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct HeatMap {
    pub(super) title: String,
    pub(super) subtitle: String,
    pub(super) across: Knobs,
    pub(super) up: Knobs,
    pub(super) unit: Unit,
    /// By row, then column; `None` where there is no such point.
    pub(super) cells: Vec<Vec<Option<Cell>>>,
    /// Said below the map, where the line between cells means something.
    pub(super) line: Option<String>,
    /// What it means that no run of a cell has a value, and that only some have.
    pub(super) absent: [&'static str; 2],
}

/// One side of the map.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Knobs {
    pub(super) title: String,
    pub(super) labels: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cell {
    /// Over the runs that have one.
    pub(super) value: Option<f64>,
    /// Written in the cell where there is room.
    pub(super) text: String,
    /// Share of the runs without a value.
    pub(super) never: f64,
    /// Whether the objective on the figure holds.
    pub(super) holds: Option<bool>,
}

/// From little to much, each darker than the one before, so that print in grey and any eye can follow.
const RAMP: [(f64, f64, f64); 5] =
    [(242.0, 247.0, 251.0), (188.0, 219.0, 238.0), (110.0, 178.0, 218.0), (0.0, 114.0, 178.0), (8.0, 48.0, 90.0)];
const EMPTY: Color = Color(0xF3, 0xF3, 0xF3, 1.0);
const SCALE_WIDTH: f64 = 14.0;
/// A map is at most this high; with few rows cells are no higher than this.
const HIGHEST: f64 = 460.0;
const HIGHEST_CELL: f64 = 44.0;
const LOWEST_CELL: f64 = 6.0;
/// Beyond this factor between the least and the greatest value the scale is logarithmic.
const WIDE: f64 = 100.0;

pub(super) fn scene(map: &HeatMap) -> Scene {
    let scale = scale(map);
    let widest = map.up.labels.iter().map(|label| text_width(label, SMALL, false)).fold(0.0, f64::max);
    let ticks = axis::ticks(scale, map.unit, 6.0);
    let legend = ticks.iter().map(|tick| text_width(&tick.label, SMALL, false)).fold(0.0, f64::max);
    let rows = map.up.labels.len().max(1) as f64;
    let cell = (HIGHEST / rows).clamp(LOWEST_CELL, HIGHEST_CELL);
    let top = 78.0;
    let page = Page {
        left: MARGIN + 16.0 + widest.min(150.0) + 8.0,
        right: WIDTH - MARGIN - SCALE_WIDTH - 26.0 - legend,
        top,
        bottom: top + cell * rows,
        columns: map.across.labels.len().max(1) as f64,
        rows,
    };
    let mut shapes = vec![];
    heading(map, &mut shapes);
    page.cells(map, scale, &mut shapes);
    page.line(map, &mut shapes);
    page.labels(map, &mut shapes);
    page.legend(scale, &ticks, &mut shapes);
    let height = page.below(map, &mut shapes);
    shapes.insert(0, Shape::Rect { from: (0.0, 0.0), to: (WIDTH, height), color: Color::PAPER });
    Scene { width: WIDTH, height, shapes }
}

fn values(map: &HeatMap) -> impl Iterator<Item = f64> {
    map.cells.iter().flatten().flatten().filter_map(|cell| cell.value).filter(|value| value.is_finite())
}

fn scale(map: &HeatMap) -> Scale {
    let high = values(map).fold(0.0, f64::max);
    let low = values(map).filter(|value| *value > 0.0).fold(f64::INFINITY, f64::min);
    if high <= 0.0 {
        Scale::Linear { high: 1.0 }
    } else if high / low > WIDE {
        Scale::Log { low: low.max(high / 1e6), high }
    } else {
        Scale::Linear { high }
    }
}

fn shade(share: f64) -> Color {
    let at = share.clamp(0.0, 1.0) * (RAMP.len() - 1) as f64;
    let i = (at as usize).min(RAMP.len() - 2);
    let (a, b, part) = (RAMP[i], RAMP[i + 1], at - i as f64);
    let mix = |a: f64, b: f64| (a + (b - a) * part).round() as u8;
    Color(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2), 1.0)
}

/// Runs that never recover outrank any value: orange where some do not, vermillion where none does.
fn color(cell: &Cell, scale: Scale) -> Color {
    match cell.value {
        None if cell.never > 0.0 => VERMILLION,
        None => EMPTY,
        Some(_) if cell.never > 0.0 => ORANGE,
        Some(value) => shade(scale.share(value)),
    }
}

fn ink_on(ground: Color) -> Color {
    // Rec. 709 luma: what the eye takes for light.
    let luma = 0.2126 * f64::from(ground.0) + 0.7152 * f64::from(ground.1) + 0.0722 * f64::from(ground.2);
    if luma < 140.0 { Color::PAPER } else { Color::INK }
}

fn text(at: Point, text: String, size: f64, anchor: Anchor, color: Color) -> Shape {
    Shape::Text(Label { at, text, size, anchor, color, bold: false, upright: false })
}

fn heading(map: &HeatMap, shapes: &mut Vec<Shape>) {
    let room = WIDTH - 2.0 * MARGIN;
    let title = fitted(&map.title, TITLE, true, room);
    shapes.push(Shape::Text(Label {
        at: (MARGIN, 32.0),
        text: title,
        size: TITLE,
        anchor: Anchor::Start,
        color: Color::INK,
        bold: true,
        upright: false,
    }));
    let subtitle = fitted(&map.subtitle, TEXT, false, room);
    shapes.push(text((MARGIN, 51.0), subtitle, TEXT, Anchor::Start, Color::GREY));
}

/// Where the map lies.
struct Page {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    columns: f64,
    rows: f64,
}

impl Page {
    fn x(&self, column: usize) -> f64 {
        self.left + (self.right - self.left) * column as f64 / self.columns
    }

    /// The lower edge of a row.
    fn y(&self, row: usize) -> f64 {
        self.bottom - (self.bottom - self.top) * row as f64 / self.rows
    }

    fn cells(&self, map: &HeatMap, scale: Scale, shapes: &mut Vec<Shape>) {
        let high = self.y(0) - self.y(1);
        let wide = self.x(1) - self.x(0);
        let cells = || map.cells.iter().flatten().flatten();
        let fits = |cell: &Cell| high >= SMALL + 4.0 && text_width(&cell.text, SMALL, false) + 6.0 <= wide;
        // Numbers in some cells and not in others would look as if they meant something.
        let written = cells().all(fits);
        // A hair of paper between cells, where they are large enough for it.
        let gap = if high > 14.0 && wide > 14.0 { 0.5 } else { 0.0 };
        for (row, line) in map.cells.iter().enumerate() {
            for (column, cell) in line.iter().enumerate() {
                let Some(cell) = cell else { continue };
                let color = color(cell, scale);
                let from = (self.x(column) + gap, self.y(row + 1) + gap);
                let to = (self.x(column + 1) - gap, self.y(row) - gap);
                shapes.push(Shape::Rect { from, to, color });
                if written {
                    let middle = (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1) + 4.0);
                    shapes.push(text(middle, cell.text.clone(), SMALL, Anchor::Middle, ink_on(color)));
                }
            }
        }
    }

    /// Between neighbours of which one keeps the objective and the other does not.
    fn line(&self, map: &HeatMap, shapes: &mut Vec<Shape>) {
        let holds = |row: usize, column: usize| map.cells.get(row)?.get(column)?.as_ref()?.holds;
        let differ = |a: Option<bool>, b: Option<bool>| a.zip(b).is_some_and(|(a, b)| a != b);
        let mut edge = |from: Point, to: Point| {
            shapes.push(Shape::Line { points: vec![from, to], color: Color::INK, width: 2.25, dashed: false });
        };
        for row in 0..map.cells.len() {
            for column in 0..map.cells[row].len() {
                if differ(holds(row, column), holds(row, column + 1)) {
                    edge((self.x(column + 1), self.y(row)), (self.x(column + 1), self.y(row + 1)));
                }
                if differ(holds(row, column), holds(row + 1, column)) {
                    edge((self.x(column), self.y(row + 1)), (self.x(column + 1), self.y(row + 1)));
                }
            }
        }
    }

    fn labels(&self, map: &HeatMap, shapes: &mut Vec<Shape>) {
        let mut free = f64::NEG_INFINITY;
        for (column, label) in map.across.labels.iter().enumerate() {
            let x = f64::midpoint(self.x(column), self.x(column + 1));
            let half = text_width(label, SMALL, false) / 2.0;
            if x - half > free + 6.0 {
                shapes.push(text((x, self.bottom + 16.0), label.clone(), SMALL, Anchor::Middle, Color::GREY));
                free = x + half;
            }
        }
        let mut free = f64::INFINITY;
        for (row, label) in map.up.labels.iter().enumerate() {
            let y = f64::midpoint(self.y(row), self.y(row + 1));
            if y + SMALL / 2.0 + 1.0 < free {
                let label = fitted(label, SMALL, false, 150.0);
                shapes.push(text((self.left - 8.0, y + 4.0), label, SMALL, Anchor::End, Color::GREY));
                free = y - SMALL / 2.0 - 1.0;
            }
        }
        let middle = f64::midpoint(self.left, self.right);
        // A single column has no name of its own: what the rows are is said where there is room for it.
        let lone = map.across.title.is_empty();
        let title = if lone { &map.up.title } else { &map.across.title };
        let y = self.bottom + if lone { 22.0 } else { 36.0 };
        let title = fitted(title, TEXT, false, self.right - self.left);
        shapes.push(text((middle, y), title, TEXT, Anchor::Middle, Color::INK));
        if lone {
            return;
        }
        // A low map has little room beside it: the title is cut rather than run into the heading.
        let room = (self.bottom - self.top).max(140.0);
        shapes.push(Shape::Text(Label {
            at: (MARGIN + 8.0, f64::midpoint(self.top, self.bottom)),
            text: fitted(&map.up.title, TEXT, false, room),
            size: TEXT,
            anchor: Anchor::Middle,
            color: Color::INK,
            bold: false,
            upright: true,
        }));
    }

    /// The scale of colours, to the right of the map.
    fn legend(&self, scale: Scale, ticks: &[axis::Tick], shapes: &mut Vec<Shape>) {
        const STEPS: usize = 64;
        let left = self.right + 12.0;
        let top = self.top.min(self.bottom - 100.0).max(self.top);
        let y = |share: f64| self.bottom - (self.bottom - top) * share;
        for step in 0..STEPS {
            let (low, high) = (step as f64 / STEPS as f64, (step + 1) as f64 / STEPS as f64);
            let (from, to) = ((left, y(high)), (left + SCALE_WIDTH, y(low)));
            shapes.push(Shape::Rect { from, to, color: shade(f64::midpoint(low, high)) });
        }
        let mut free = f64::INFINITY;
        for tick in ticks {
            let at = y(scale.share(tick.value));
            if at + SMALL / 2.0 < free {
                let place = (left + SCALE_WIDTH + 6.0, at + 4.0);
                shapes.push(text(place, tick.label.clone(), SMALL, Anchor::Start, Color::GREY));
                free = at - SMALL / 2.0 - 2.0;
            }
        }
    }

    /// What colours and lines mean, in rows below the map; gives the height of the page.
    fn below(&self, map: &HeatMap, shapes: &mut Vec<Shape>) -> f64 {
        let mut y = self.bottom + 58.0;
        let cells = || map.cells.iter().flatten().flatten();
        let keys = [
            (VERMILLION, map.absent[0], cells().any(|cell| cell.never > 0.0 && cell.value.is_none())),
            (ORANGE, map.absent[1], cells().any(|cell| cell.never > 0.0 && cell.value.is_some())),
        ];
        let mut x = self.left;
        let mut any = false;
        for (color, words, _) in keys.into_iter().filter(|(.., seen)| *seen) {
            shapes.push(Shape::Rect { from: (x, y - 9.0), to: (x + 14.0, y + 2.0), color });
            shapes.push(text((x + 20.0, y), words.into(), TEXT, Anchor::Start, Color::INK));
            x += 44.0 + text_width(words, TEXT, false);
            any = true;
        }
        if any {
            y += 18.0;
        }
        let is_drawn = cells().any(|cell| cell.holds == Some(true)) && cells().any(|cell| cell.holds == Some(false));
        let all = cells().filter_map(|cell| cell.holds).collect::<Vec<bool>>();
        if let Some(line) = &map.line {
            let words = match all.first() {
                _ if is_drawn => format!("line: where {line} begins to hold"),
                Some(true) => format!("{line} holds everywhere"),
                Some(false) => format!("{line} holds nowhere"),
                None => String::new(),
            };
            let mut start = self.left;
            if is_drawn {
                let points = vec![(start, y - 4.0), (start + 14.0, y - 4.0)];
                shapes.push(Shape::Line { points, color: Color::INK, width: 2.25, dashed: false });
                start += 20.0;
            }
            let words = fitted(&words, TEXT, false, WIDTH - MARGIN - start);
            shapes.push(text((start, y), words, TEXT, Anchor::Start, Color::INK));
            y += 18.0;
        }
        (y + 2.0).ceil()
    }
}
