//! Pixels as a PNG file.

use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A];
/// Each row as its difference from the one above, which suits charts: most rows repeat.
const FILTER_UP: u8 = 2;

/// 8-bit RGB, without any chunk that could vary between runs.
pub(super) fn png(width: usize, height: usize, rgb: &[u8]) -> Vec<u8> {
    let stride = width * 3;
    let mut rows = Vec::with_capacity((stride + 1) * height);
    let blank = vec![0; stride];
    let mut above = blank.as_slice();
    for row in rgb.chunks_exact(stride) {
        rows.push(FILTER_UP);
        rows.extend(row.iter().zip(above).map(|(here, over)| here.wrapping_sub(*over)));
        above = row;
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(4));
    encoder.write_all(&rows).expect("memory takes every byte");
    let data = encoder.finish().expect("memory takes every byte");

    let mut header = Vec::new();
    header.extend((width as u32).to_be_bytes());
    header.extend((height as u32).to_be_bytes());
    // Eight bits a channel, true colour, the standard's only compression and filter method, not interlaced.
    header.extend([8, 2, 0, 0, 0]);
    let mut out = SIGNATURE.to_vec();
    for (kind, body) in [(b"IHDR", header), (b"IDAT", data), (b"IEND", Vec::new())] {
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
