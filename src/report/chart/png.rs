//! Pixels as a PNG file.

use std::collections::BTreeMap;
use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A];
/// Rows of a palette's indices compress best as they are.
const NO_FILTER: u8 = 0;
const MOST_COLORS: usize = 256;
/// Long runs of one colour compress nearly as well without a search for better matches, in a fraction of the time.
const LEVEL: u32 = 3;

/// Red, green and blue in one number, so that colours are compared in one step.
type Rgb = u32;

fn packed(pixel: &[u8; 3]) -> Rgb {
    u32::from_be_bytes([0, pixel[0], pixel[1], pixel[2]])
}

fn channels(color: Rgb) -> [u8; 3] {
    let [_, channels @ ..] = color.to_be_bytes();
    channels
}

/// An image of at most 256 colours, without any chunk that could vary between runs. A chart has few colours, but for
/// the edges that smoothing shades: there the rarest shades become the most like of the others.
pub(super) fn png(width: usize, height: usize, rgb: &[u8]) -> Vec<u8> {
    let lines = lines(width, rgb);
    let (palette, indices) = palette(&lines);
    let mut rows = Vec::with_capacity((width + 1) * height);
    for line in &lines {
        let start = rows.len();
        rows.push(NO_FILTER);
        for (color, length) in &line.runs {
            rows.resize(rows.len() + length, indices[color]);
        }
        let end = rows.len();
        (1..line.times).for_each(|_| rows.extend_from_within(start..end));
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(LEVEL));
    encoder.write_all(&rows).expect("memory takes every byte");
    let data = encoder.finish().expect("memory takes every byte");

    let mut header = Vec::new();
    header.extend((width as u32).to_be_bytes());
    header.extend((height as u32).to_be_bytes());
    // Eight bits a pixel, a palette, the standard's only compression and filter method, not interlaced.
    header.extend([8, 3, 0, 0, 0]);
    let mut out = SIGNATURE.to_vec();
    for (kind, body) in [
        (b"IHDR", header),
        (b"PLTE", palette.iter().flat_map(|color| channels(*color)).collect()),
        (b"IDAT", data),
        (b"IEND", Vec::new()),
    ] {
        out.extend((body.len() as u32).to_be_bytes());
        let mut crc = Crc::new();
        crc.update(kind);
        crc.update(&body);
        out.extend(kind);
        out.extend(body);
        out.extend(crc.sum().to_be_bytes());
    }
    out
}

/// Rows of pixels that are all the same: the stretches of one colour from left to right.
struct Line {
    runs: Vec<(Rgb, usize)>,
    times: usize,
}

fn lines(width: usize, rgb: &[u8]) -> Vec<Line> {
    let rows: Vec<&[u8]> = rgb.chunks_exact(width * 3).collect();
    let runs = |row: &[u8]| {
        let pixels: Vec<Rgb> = row.as_chunks::<3>().0.iter().map(packed).collect();
        pixels.chunk_by(|a, b| a == b).map(|run| (run[0], run.len())).collect()
    };
    rows.chunk_by(|a, b| a == b).map(|same| Line { runs: runs(same[0]), times: same.len() }).collect()
}

/// The commonest colours, and for every colour its place among them.
fn palette(lines: &[Line]) -> (Vec<Rgb>, BTreeMap<Rgb, u8>) {
    let mut counts: BTreeMap<Rgb, usize> = BTreeMap::new();
    for line in lines {
        for (color, length) in &line.runs {
            *counts.entry(*color).or_default() += length * line.times;
        }
    }
    let mut colors: Vec<(Rgb, usize)> = counts.into_iter().collect();
    colors.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let palette: Vec<Rgb> = colors.iter().take(MOST_COLORS).map(|(color, _)| *color).collect();
    let nearest = |color: Rgb| {
        let far = |other: Rgb| {
            channels(other).iter().zip(channels(color)).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum::<u32>()
        };
        (0..=u8::MAX).zip(&palette).min_by_key(|(_, other)| far(**other)).map_or(0, |(index, _)| index)
    };
    let indices = colors.iter().map(|(color, _)| (*color, nearest(*color))).collect();
    (palette, indices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_become_the_nearest_of_the_commonest() {
        let mut pixels: Vec<u8> = (0..=255).flat_map(|grey| [grey; 6]).collect();
        pixels.extend([9, 9, 8]);
        let (palette, indices) = palette(&lines(pixels.len() / 3, &pixels));
        assert_eq!((palette.len(), indices.len()), (256, 257));
        let shown = |color: [u8; 3]| channels(palette[usize::from(indices[&packed(&color)])]);
        assert_eq!(shown([9, 9, 8]), [9, 9, 9]);
        assert_eq!(shown([200, 200, 200]), [200, 200, 200]);
    }
}
