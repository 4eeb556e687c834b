//! Which number matters most: for each the figure when it is smaller and when it is larger, the longest bar on top.

use super::Chart;
use super::axis::{self, Scale, Unit, ticks};
use super::canvas::{Anchor, Color, Label, Point, Scene, Shape, text_width};
use super::layout::fitted;
use super::plot::{BLUE, VERMILLION};
use crate::report::figures::Quantity;
use crate::study::{Bar, EndFindings, Tornado};

/// Logical pixels.
const WIDTH: f64 = 800.0;
const MARGIN: f64 = 22.0;
const TITLE: f64 = 17.0;
const TEXT: f64 = 12.0;
const SMALL: f64 = 11.0;
/// Of one knob: its bar down above its bar up.
const ROW: f64 = 34.0;
const BAR: f64 = 12.0;
const LONGEST_NAME: f64 = 330.0;
/// Room for the knob's own value beyond the end of a bar.
const BESIDE: f64 = 74.0;

/// Bars beyond these are short, and stand in the table.
const MOST_BARS: usize = 16;

/// The chart of one figure; `None` where no number has an effect on it, or the file itself has no value to start from.
pub(in crate::report) fn chart(tornado: &Tornado, subtitle: &str) -> Option<Chart> {
    let base = tornado.base.stat.as_ref()?.mean;
    let all: Vec<&Bar> = tornado.bars.iter().filter(|bar| !bar.has_no_effect()).collect();
    if all.is_empty() {
        return None;
    }
    let shown = &all[..all.len().min(MOST_BARS)];
    let title = format!("What moves {}", tornado.figure.expression);
    let mut page = Page::new(shown, base, tornado);
    page.heading(&title, subtitle);
    page.axis(shown.len());
    for (row, bar) in shown.iter().enumerate() {
        page.bar(row, bar);
    }
    page.base_line(shown.len(), tornado);
    page.bottom(shown.len(), all.len() - shown.len());
    let name = super::free_name(format!("{}-sensitivity", tornado.figure.expression), &[]);
    Some(Chart::of_scene(name, title, page.scene()))
}

struct Page {
    shapes: Vec<Shape>,
    /// Of the data area, without the room for words on either side.
    left: f64,
    right: f64,
    top: f64,
    scale: Scale,
    unit: Unit,
    quantity: Quantity,
    base: f64,
    y: f64,
}

/// What stands at a bar.
struct Words<'a> {
    text: &'a str,
    width: f64,
    /// Its baseline.
    at: f64,
}

/// A bar's other end: the value, and the interval of its difference.
fn reach(base: f64, end: &EndFindings) -> Option<(f64, (f64, f64))> {
    let difference = &end.difference.paired.as_ref()?.difference;
    let (low, high) = difference.ci95.unwrap_or((difference.mean, difference.mean));
    Some((base + difference.mean, (base + low, base + high)))
}

/// Runs in which the figure has no value at this end.
fn missing(end: &EndFindings) -> u32 {
    end.difference.presence.runs() - end.difference.presence.second()
}

impl Page {
    fn new(bars: &[&Bar], base: f64, tornado: &Tornado) -> Page {
        let widest =
            bars.iter().flat_map(|bar| name(bar)).map(|line| text_width(&line, TEXT, false)).fold(0.0, f64::max);
        let ends = bars.iter().flat_map(|bar| bar.moved()).filter_map(|end| reach(base, end));
        let points = ends.flat_map(|(at, (low, high))| [at, low, high]);
        let (low, high) = points.fold((base, base), |(low, high), at| (low.min(at), high.max(at)));
        let room = (high - low).max(base.abs() * 1e-3).max(1e-9) * 0.02;
        let quantity = Quantity::of(&tornado.figure.metric);
        Page {
            shapes: vec![Shape::Rect { from: (0.0, 0.0), to: (WIDTH, 0.0), color: Color::PAPER }],
            left: MARGIN + widest.min(LONGEST_NAME) + 12.0 + BESIDE,
            right: WIDTH - MARGIN - BESIDE,
            top: 108.0,
            scale: Scale::Between { low: low - room, high: high + room },
            unit: match quantity {
                Quantity::Count => Unit::Count,
                Quantity::Seconds => Unit::Seconds,
                Quantity::PerSecond => Unit::Rate,
                Quantity::Share => Unit::Share,
            },
            quantity,
            base,
            y: 0.0,
        }
    }

    fn scene(mut self) -> Scene {
        if let Some(Shape::Rect { to, .. }) = self.shapes.first_mut() {
            to.1 = self.y;
        }
        Scene { width: WIDTH, height: self.y, shapes: self.shapes }
    }

    fn x(&self, value: f64) -> f64 {
        self.left + self.scale.share(value) * (self.right - self.left)
    }

    fn text(&mut self, at: Point, text: &str, size: f64, anchor: Anchor, color: Color) {
        let label = Label { at, text: text.into(), size, anchor, color, bold: false, upright: false };
        self.shapes.push(Shape::Text(label));
    }

    fn rule(&mut self, from: Point, to: Point, color: Color, width: f64) {
        self.shapes.push(Shape::Line { points: vec![from, to], color, width, dashed: false });
    }

    fn heading(&mut self, title: &str, subtitle: &str) {
        let room = WIDTH - 2.0 * MARGIN;
        let title = fitted(title, TITLE, true, room);
        let (at, anchor, color) = ((MARGIN, 32.0), Anchor::Start, Color::INK);
        let label = Label { at, text: title, size: TITLE, anchor, color, bold: true, upright: false };
        self.shapes.push(Shape::Text(label));
        self.text((MARGIN, 51.0), &fitted(subtitle, TEXT, false, room), TEXT, Anchor::Start, Color::GREY);
        let mut x = MARGIN;
        for (color, words) in [(BLUE, "number smaller"), (VERMILLION, "number larger")] {
            self.shapes.push(Shape::Rect { from: (x, 68.0), to: (x + 24.0, 78.0), color: color.faded(0.75) });
            self.text((x + 30.0, 77.3), words, TEXT, Anchor::Start, Color::INK);
            x += 50.0 + text_width(words, TEXT, false);
        }
        self.rule((x, 73.0), (x + 24.0, 73.0), Color::INK, 1.25);
        self.text((x + 30.0, 77.3), "95 % interval of the difference", TEXT, Anchor::Start, Color::INK);
    }

    fn axis(&mut self, rows: usize) {
        let bottom = self.top + ROW * rows as f64;
        // Labels of times are wide.
        for tick in ticks(self.scale, self.unit, 6.0) {
            let x = self.x(tick.value);
            self.rule((x, self.top), (x, bottom), Color::GRID, 1.0);
            self.text((x, bottom + 17.0), &tick.label, SMALL, Anchor::Middle, Color::GREY);
        }
        self.rule((self.left, bottom), (self.right, bottom), Color::AXIS, 1.0);
    }

    fn bar(&mut self, row: usize, bar: &Bar) {
        let top = self.top + ROW * row as f64;
        if row > 0 {
            self.rule((MARGIN, top), (WIDTH - MARGIN, top), Color::GRID.faded(0.6), 1.0);
        }
        let room = self.left - BESIDE - MARGIN - 12.0;
        let [path, value] = name(bar);
        self.text((MARGIN, top + 14.5), &fitted(&path, TEXT, false, room), TEXT, Anchor::Start, Color::INK);
        self.text((MARGIN, top + 28.0), &fitted(&value, SMALL, false, room), SMALL, Anchor::Start, Color::GREY);
        for (end, (offset, color)) in bar.ends.iter().zip([(4.0, BLUE), (18.0, VERMILLION)]) {
            match end {
                Ok(end) => self.end(end, top + offset, color),
                Err(_) => {
                    let x = self.x(self.base) + 6.0;
                    self.text((x, top + offset + 10.0), "not moved this way", SMALL, Anchor::Start, Color::GREY);
                }
            }
        }
    }

    fn end(&mut self, end: &EndFindings, top: f64, color: Color) {
        let (from, middle) = (self.x(self.base), top + BAR / 2.0);
        let runs = end.difference.presence.runs();
        let never = match missing(end) {
            0 => String::new(),
            n if n == runs => ": never".into(),
            n => format!(": never in {n} of {runs} runs"),
        };
        let Some((value, (low, high))) = reach(self.base, end) else {
            // Further than any number: to the edge, where it has no end.
            self.shapes.push(Shape::Rect { from: (from, top), to: (self.right, top + BAR), color: color.faded(0.4) });
            let words = format!("{}{never} →", end.text);
            self.text((self.right - 6.0, top + 10.0), &words, SMALL, Anchor::End, Color::INK);
            return;
        };
        let to = self.x(value);
        let (a, b) = if to < from { (to, from) } else { (from, to) };
        self.shapes.push(Shape::Rect { from: (a, top), to: (b.max(a + 1.0), top + BAR), color: color.faded(0.75) });
        let (low, high) = (self.x(low), self.x(high));
        if high - low > 1.0 {
            self.rule((low, middle), (high, middle), Color::INK, 1.25);
            for x in [low, high] {
                self.rule((x, middle - 3.5), (x, middle + 3.5), Color::INK, 1.25);
            }
        }
        let words = format!("{}{never}", end.text);
        let words = Words { text: &words, width: text_width(&words, SMALL, false), at: top + 10.0 };
        let ink = if never.is_empty() { Color::GREY } else { Color::INK };
        self.beside(&words, from, [a.min(low), low, high, b.max(high)], to < from, ink);
    }

    /// Beyond the end of the bar where there is room, else within it, else on the other side of the base.
    fn beside(&mut self, words: &Words<'_>, from: f64, [outer, low, high, end]: [f64; 4], is_left: bool, ink: Color) {
        let (least, most) = (self.left - BESIDE, WIDTH - 8.0);
        let inside = words.width + 18.0;
        let (x, anchor) = if is_left && outer - 6.0 - words.width >= least {
            (outer - 6.0, Anchor::End)
        } else if !is_left && end + 6.0 + words.width <= most {
            (end + 6.0, Anchor::Start)
        } else if is_left && from - high > inside {
            (high + 6.0, Anchor::Start)
        } else if !is_left && low - from > inside {
            (low - 6.0, Anchor::End)
        } else if is_left {
            (from + 6.0, Anchor::Start)
        } else {
            (from - 6.0, Anchor::End)
        };
        self.text((x, words.at), words.text, SMALL, anchor, ink);
    }

    fn base_line(&mut self, rows: usize, tornado: &Tornado) {
        let x = self.x(self.base);
        self.rule((x, self.top - 4.0), (x, self.top + ROW * rows as f64), Color::INK, 1.25);
        let of_runs = if tornado.base.never > 0 { " where there is one" } else { "" };
        let words = format!("as the file has it: {}{of_runs}", self.quantity.text(self.base));
        let half = text_width(&words, SMALL, false) / 2.0;
        let x = x.clamp(MARGIN + half, WIDTH - MARGIN - half);
        self.text((x, self.top - 8.0), &words, SMALL, Anchor::Middle, Color::INK);
    }

    fn bottom(&mut self, rows: usize, more: usize) {
        let bottom = self.top + ROW * rows as f64;
        let middle = f64::midpoint(self.left, self.right);
        let title = "mean over the runs";
        self.text((middle, bottom + 36.0), title, TEXT, Anchor::Middle, Color::INK);
        self.y = bottom + 50.0;
        if more > 0 {
            let words = format!("{} with shorter bars stand in the table", axis::short(more as f64, 3, true));
            self.text((MARGIN, bottom + 17.0), &words, SMALL, Anchor::Start, Color::GREY);
        }
        self.y = self.y.ceil();
    }
}

/// A knob in two lines: where it is, and what it is.
fn name(bar: &Bar) -> [String; 2] {
    let preset = bar.preset.map_or_else(String::new, |broker| format!(" (preset {broker})"));
    [bar.path.clone(), format!("{}{preset}", bar.text)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::{Figure, FigureOverRuns, FigureUnit, difference, stat};

    fn end(text: &str, base: &[f64], values: &[Option<f64>]) -> Result<EndFindings, String> {
        let base: Vec<Option<f64>> = base.iter().copied().map(Some).collect();
        let value = FigureOverRuns { value: None, stat: None, never: 0 };
        Ok(EndFindings { text: text.into(), change: None, value, difference: difference(&base, values) })
    }

    fn bar(path: &str, ends: [Result<EndFindings, String>; 2]) -> Bar {
        Bar { path: path.into(), text: "10".into(), preset: None, ruled: None, ends }
    }

    #[test]
    fn what_has_an_effect_is_drawn_and_never_reaches_the_edge() {
        let base = [600.0, 620.0, 640.0];
        let some = |shift: f64| base.map(|value| Some(value + shift));
        let refused = || Err("no".to_string());
        let bars = vec![
            bar("a.stops", [end("8", &base, &[None, None, None]), end("12", &base, &some(-120.0))]),
            bar("b.moves", [end("9", &base, &[Some(700.0), None, Some(690.0)]), refused()]),
            bar("c.idle", [end("8", &base, &some(0.0)), end("12", &base, &some(0.0))]),
        ];
        let figure = Figure {
            expression: "q.recovery_time".into(),
            component: "q".into(),
            metric: "recovery_time".into(),
            stat: None,
            unit: FigureUnit::Time,
            pooled: false,
        };
        let value = FigureOverRuns { value: Some(620.0), stat: Some(stat(&base)), never: 0 };
        let mut tornado = Tornado { figure, base: value, bars };
        let drawn = chart(&tornado, "twelve runs").unwrap();
        let svg = drawn.svg();
        assert_eq!(drawn.name, "q_recovery_time-sensitivity");
        for text in
            ["8: never →", "as the file has it: 10m 20s", "never in 1 of 3 runs", "not moved this way", "b.moves"]
        {
            assert!(svg.contains(text), "{text}");
        }
        assert!(!svg.contains("c.idle"));
        tornado.bars.retain(Bar::has_no_effect);
        assert!(chart(&tornado, "").is_none());
    }
}
