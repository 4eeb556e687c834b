//! A drawing as plain shapes, and the only place that knows plotters: shapes to SVG and to pixels.
//!
//! Coordinates are logical pixels, y downwards. plotters' own coordinates are whole numbers, so both outputs are drawn
//! on a finer grid: the SVG through its `viewBox`, the bitmap by averaging blocks of pixels, which also smooths edges.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont};
use plotters::backend::{BitMapBackend, DrawingBackend, RGBPixel, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, FontDesc, FontFamily, FontStyle, FontTransform, RGBAColor, ShapeStyle, TextStyle};

pub(super) type Point = (f64, f64);

/// Red, green, blue and how opaque: 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Color(pub(super) u8, pub(super) u8, pub(super) u8, pub(super) f64);

impl Color {
    pub(super) const INK: Color = Color(0x22, 0x22, 0x22, 1.0);
    pub(super) const GREY: Color = Color(0x59, 0x59, 0x59, 1.0);
    pub(super) const GRID: Color = Color(0xE4, 0xE4, 0xE4, 1.0);
    pub(super) const AXIS: Color = Color(0x8C, 0x8C, 0x8C, 1.0);
    pub(super) const PAPER: Color = Color(0xFF, 0xFF, 0xFF, 1.0);

    pub(super) fn faded(self, alpha: f64) -> Color {
        Color(self.0, self.1, self.2, alpha)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// Text on its baseline.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Label {
    pub(super) at: Point,
    pub(super) text: String,
    /// Height of an em.
    pub(super) size: f64,
    pub(super) anchor: Anchor,
    pub(super) color: Color,
    pub(super) bold: bool,
    /// Read from below upwards.
    pub(super) upright: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Rect {
        from: Point,
        to: Point,
        color: Color,
    },
    /// The area between two lines, both from left to right.
    Band {
        upper: Vec<Point>,
        lower: Vec<Point>,
        color: Color,
    },
    Line {
        points: Vec<Point>,
        color: Color,
        width: f64,
        dashed: bool,
    },
    Dot {
        center: Point,
        radius: f64,
        color: Color,
    },
    Text(Label),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scene {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) shapes: Vec<Shape>,
}

/// Steps of the SVG's grid in a logical pixel.
const FINE: f64 = 10.0;
/// Pixels of the bitmap in a logical pixel: sharp on screens of double density.
const DENSITY: usize = 2;
/// Pixels drawn, in each direction, for one of the bitmap.
const BLOCK: usize = 2;
const DASH: (f64, f64) = (6.0, 4.0);

/// plotters divides a font's size by this on its way into SVG.
const SVG_EM: f64 = 1.24;
/// How far below a text's position plotters' SVG puts the baseline of text anchored at its top, in ems.
const SVG_BASELINE: f64 = 0.76;

/// DejaVu Sans and its bold face.
static FACES: LazyLock<[FontRef<'static>; 2]> = LazyLock::new(|| {
    [dejavu::sans::regular(), dejavu::sans::bold()]
        .map(|bytes| FontRef::try_from_slice(bytes).expect("the embedded font can be read"))
});

fn face(bold: bool) -> &'static FontRef<'static> {
    &FACES[usize::from(bold)]
}

/// ab_glyph scales by the font's whole height; ours are ems.
fn scale_of_em(font: &FontRef<'static>, em: f64) -> PxScale {
    let per_em = f64::from(font.units_per_em().unwrap_or(1.0));
    PxScale::from((em * f64::from(font.height_unscaled()) / per_em) as f32)
}

/// Width of a text in logical pixels. DejaVu runs wide, so what fits here fits in a reader's own font.
pub(super) fn text_width(text: &str, size: f64, bold: bool) -> f64 {
    glyphs(text, size, bold).1
}

/// Each glyph of a text with its place from the text's start, and the width of it all.
fn glyphs(text: &str, em: f64, bold: bool) -> (Vec<(ab_glyph::GlyphId, f64)>, f64) {
    let font = face(bold);
    let scaled = font.as_scaled(scale_of_em(font, em));
    let mut out = Vec::new();
    let mut x = 0.0;
    let mut before = None;
    for character in text.chars() {
        let id = scaled.glyph_id(character);
        x += before.map_or(0.0, |before| f64::from(scaled.kern(before, id)));
        out.push((id, x));
        x += f64::from(scaled.h_advance(id));
        before = Some(id);
    }
    (out, x)
}

/// The drawing as an SVG document whose text stays text.
pub(super) fn svg(scene: &Scene) -> String {
    let size = |scale: f64| ((scene.width * scale) as u32, (scene.height * scale) as u32);
    let mut text = String::new();
    let mut brush = Brush { backend: SVGBackend::with_string(&mut text, size(FINE)), scale: FINE, bitmap: false };
    brush.draw(scene);
    brush.backend.present().expect("memory takes every shape");
    drop(brush);
    let (fine, shown) = (size(FINE), size(1.0));
    text.replacen(
        &format!("width=\"{}\" height=\"{}\"", fine.0, fine.1),
        &format!("width=\"{}\" height=\"{}\"", shown.0, shown.1),
        1,
    )
}

/// The drawing as rows of RGB pixels, with the width and height in pixels.
pub(super) fn pixels(scene: &Scene) -> (usize, usize, Vec<u8>) {
    let (width, height) = (scene.width as usize * DENSITY, scene.height as usize * DENSITY);
    let (wide, high) = (width * BLOCK, height * BLOCK);
    let mut fine = vec![0xFF; wide * high * 3];
    {
        let backend = BitMapBackend::<RGBPixel>::with_buffer(&mut fine, (wide as u32, high as u32));
        let mut brush = Brush { backend, scale: (DENSITY * BLOCK) as f64, bitmap: true };
        brush.draw(scene);
        brush.backend.present().expect("memory takes every shape");
    }
    (width, height, averaged(&fine, wide))
}

/// Each block of two by two pixels as one. Most of a chart is paper or the same as the row above, which costs nothing.
fn averaged(fine: &[u8], wide: usize) -> Vec<u8> {
    let bytes = wide / BLOCK * 3;
    let mut out = vec![0xFF; fine.len() / (BLOCK * BLOCK)];
    let mut before: &[u8] = &[];
    for (index, rows) in fine.chunks_exact(wide * 3 * BLOCK).enumerate() {
        let start = index * bytes;
        if rows == before {
            out.copy_within(start - bytes..start, start);
            continue;
        }
        before = rows;
        let (upper, lower) = rows.split_at(wide * 3);
        let stretches = upper.chunks(STRETCH).zip(lower.chunks(STRETCH));
        for ((above, below), out) in stretches.zip(out[start..start + bytes].chunks_mut(STRETCH / BLOCK)) {
            if *above != PAPER[..above.len()] || *below != PAPER[..below.len()] {
                average(above, below, out);
            }
        }
    }
    out
}

/// Bytes of a row that are looked at together: sixteen pixels.
const STRETCH: usize = 16 * 3;
const PAPER: [u8; STRETCH] = [0xFF; STRETCH];

fn average(above: &[u8], below: &[u8], out: &mut [u8]) {
    let (above, below) = (above.as_chunks::<{ 3 * BLOCK }>().0, below.as_chunks::<{ 3 * BLOCK }>().0);
    for ((above, below), out) in above.iter().zip(below).zip(out.as_chunks_mut::<3>().0) {
        for channel in 0..3 {
            let all = [above[channel], above[channel + 3], below[channel], below[channel + 3]];
            out[channel] = ((all.map(u16::from).iter().sum::<u16>() + 2) / 4) as u8;
        }
    }
}

struct Brush<B> {
    backend: B,
    scale: f64,
    bitmap: bool,
}

impl<B: DrawingBackend> Brush<B> {
    fn draw(&mut self, scene: &Scene) {
        // A bitmap is paper to begin with.
        let bitmap = self.bitmap;
        let is_paper = |shape: &&Shape| matches!(shape, Shape::Rect { color, .. } if *color == Color::PAPER);
        for shape in scene.shapes.iter().skip_while(|shape| bitmap && is_paper(shape)) {
            match shape {
                Shape::Rect { from, to, color } => {
                    let (from, to) = (self.at(*from), self.at(*to));
                    self.done(|backend| backend.draw_rect(from, to, &style(*color, 0), true));
                }
                Shape::Band { upper, lower, color } => self.band(upper, lower, *color),
                Shape::Line { points, color, width, dashed: false } => self.line(points, *color, *width),
                Shape::Line { points, color, width, dashed: true } => {
                    dashes(points).iter().for_each(|dash| self.line(dash, *color, *width));
                }
                Shape::Dot { center, radius, color } => {
                    let (center, radius) = (self.at(*center), (radius * self.scale).round() as u32);
                    self.done(|backend| backend.draw_circle(center, radius, &style(*color, 0), true));
                }
                Shape::Text(label) => self.text(label),
            }
        }
    }

    fn at(&self, (x, y): Point) -> (i32, i32) {
        ((x * self.scale).round() as i32, (y * self.scale).round() as i32)
    }

    /// Drawing into memory with a registered font has nothing that could fail.
    fn done<E: std::fmt::Debug>(&mut self, draw: impl FnOnce(&mut B) -> Result<(), E>) {
        draw(&mut self.backend).expect("memory takes every shape");
    }

    fn line(&mut self, points: &[Point], color: Color, width: f64) {
        let width = width * self.scale;
        let path: Vec<_> = points.iter().map(|&point| self.at(point)).collect();
        if !self.bitmap {
            let stroke = style(color, width.round().max(1.0) as u32);
            self.done(|backend| backend.draw_path(path, &stroke));
            return;
        }
        // plotters outlines a thick path as one polygon, which goes wrong on a noisy line; so piece by piece.
        let radius = width / 2.0;
        for pair in path.windows(2) {
            let [(ax, ay), (bx, by)] = [pair[0], pair[1]].map(|(x, y)| (f64::from(x), f64::from(y)));
            let length = (bx - ax).hypot(by - ay);
            if length == 0.0 {
                continue;
            }
            let (nx, ny) = ((ay - by) / length * radius, (bx - ax) / length * radius);
            let corners = [(ax + nx, ay + ny), (bx + nx, by + ny), (bx - nx, by - ny), (ax - nx, ay - ny)]
                .map(|(x, y)| (x.round() as i32, y.round() as i32));
            self.done(|backend| backend.fill_polygon(corners, &style(color, 0)));
        }
        for &joint in path.iter().take(path.len().saturating_sub(1)).skip(1).filter(|_| radius >= 2.0) {
            self.done(|backend| backend.draw_circle(joint, radius.round() as u32 - 1, &style(color, 0), true));
        }
    }

    fn band(&mut self, upper: &[Point], lower: &[Point], color: Color) {
        let fill = style(color, 1);
        let [upper, lower] = [upper, lower].map(|line| line.iter().map(|&point| self.at(point)).collect::<Vec<_>>());
        if !self.bitmap {
            let outline: Vec<_> = upper.into_iter().chain(lower.into_iter().rev()).collect();
            self.done(|backend| backend.fill_polygon(outline, &fill));
            return;
        }
        // Column by column: no pixel is painted twice, so the tint stays even.
        let (Some(first), Some(last)) = (upper.first(), upper.last()) else { return };
        let (mut above, mut below) = (0, 0);
        for x in first.0..=last.0 {
            let top = height_at(&upper, x, &mut above);
            let bottom = height_at(&lower, x, &mut below);
            self.done(|backend| backend.draw_rect((x, top), (x + 1, bottom.max(top + 1)), &fill, true));
        }
    }

    fn text(&mut self, label: &Label) {
        if self.bitmap {
            return self.glyphs(label);
        }
        // Text hangs from its top in plotters, the baseline a fixed share of an em below.
        let ascent = SVG_BASELINE * label.size * self.scale;
        let (x, y) = (label.at.0 * self.scale, label.at.1 * self.scale);
        let (x, y, turn) = if label.upright {
            (x - ascent, y, FontTransform::Rotate270)
        } else {
            (x, y - ascent, FontTransform::None)
        };
        let across = match label.anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let weight = if label.bold { FontStyle::Bold } else { FontStyle::Normal };
        let font = FontDesc::new(FontFamily::SansSerif, label.size * self.scale * SVG_EM, weight).transform(turn);
        let ink = rgba(label.color);
        let style = TextStyle::from(font).color(&ink).pos(Pos::new(across, VPos::Top));
        self.done(|backend| backend.draw_text(&label.text, &style, (x.round() as i32, y.round() as i32)));
    }

    /// Text as pixels. plotters' own rasteriser drops the space in front of each glyph, which shows.
    fn glyphs(&mut self, label: &Label) {
        let em = label.size * self.scale;
        let font = face(label.bold);
        let (places, width) = glyphs(&label.text, em, label.bold);
        let start = match label.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => -width / 2.0,
            Anchor::End => -width,
        };
        let (x, y) = (label.at.0 * self.scale, label.at.1 * self.scale);
        for (id, along) in places {
            let glyph = id.with_scale_and_position(scale_of_em(font, em), ab_glyph::point((start + along) as f32, 0.0));
            let Some(outline) = font.outline_glyph(glyph) else { continue };
            let bounds = outline.px_bounds();
            let mut inked = Vec::new();
            outline.draw(|dx, dy, cover| inked.push((bounds.min.x + dx as f32, bounds.min.y + dy as f32, cover)));
            for (along, across, cover) in inked.into_iter().filter(|(_, _, cover)| *cover > 0.0) {
                let (along, across) = (f64::from(along), f64::from(across));
                let (px, py) = if label.upright { (x + across, y - along) } else { (x + along, y + across) };
                let ink = rgba(label.color.faded(label.color.3 * f64::from(cover.min(1.0)))).to_backend_color();
                self.done(|backend| backend.draw_pixel((px.round() as i32, py.round() as i32), ink));
            }
        }
    }
}

/// Height of a line at `x`; `from` is the piece to start looking at, for walks from left to right.
fn height_at(line: &[(i32, i32)], x: i32, from: &mut usize) -> i32 {
    while *from + 2 < line.len() && line[*from + 1].0 < x {
        *from += 1;
    }
    let (ax, ay) = line[*from];
    let (bx, by) = line[(*from + 1).min(line.len() - 1)];
    if bx == ax {
        return by;
    }
    let share = f64::from(x - ax) / f64::from(bx - ax);
    (f64::from(ay) + share.clamp(0.0, 1.0) * f64::from(by - ay)).round() as i32
}

fn dashes(points: &[Point]) -> Vec<Vec<Point>> {
    let (mut out, mut dash) = (Vec::new(), Vec::new());
    let (mut drawing, mut left) = (true, DASH.0);
    for pair in points.windows(2) {
        let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
        let length = (bx - ax).hypot(by - ay);
        let mut gone = 0.0;
        if drawing && dash.is_empty() {
            dash.push(pair[0]);
        }
        while length - gone > left {
            gone += left;
            let at = (ax + (bx - ax) * gone / length, ay + (by - ay) * gone / length);
            dash.push(at);
            if drawing {
                out.push(std::mem::take(&mut dash));
            } else {
                dash = vec![at];
            }
            drawing = !drawing;
            left = if drawing { DASH.0 } else { DASH.1 };
        }
        left -= length - gone;
        if drawing {
            dash.push(pair[1]);
        }
    }
    if drawing && dash.len() > 1 {
        out.push(dash);
    }
    out
}

fn rgba(color: Color) -> RGBAColor {
    RGBAColor(color.0, color.1, color.2, color.3)
}

fn style(color: Color, stroke: u32) -> ShapeStyle {
    ShapeStyle { color: rgba(color), filled: true, stroke_width: stroke }
}
