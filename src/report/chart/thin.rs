//! Fewer points without losing a peak: the least and the greatest value of each column two pixels wide.

use super::canvas::Point;

/// Splits a line where values are missing and thins each piece to about one point a pixel.
/// `points` have their horizontal place already in pixels.
pub(super) fn pieces(points: impl IntoIterator<Item = Point>) -> Vec<Vec<Point>> {
    let mut out: Vec<Vec<Point>> = Vec::new();
    let mut open = false;
    for point in points {
        if !(point.0.is_finite() && point.1.is_finite()) {
            open = false;
            continue;
        }
        if !open {
            out.push(Vec::new());
            open = true;
        }
        if let Some(piece) = out.last_mut() {
            piece.push(point);
        }
    }
    out.into_iter().map(|piece| bends(&thin(&piece))).collect()
}

/// Logical pixels.
const COLUMN: f64 = 2.0;
/// Heights closer than this are drawn as one.
const FLAT: f64 = 0.05;

fn thin(piece: &[Point]) -> Vec<Point> {
    let (Some(first), Some(last)) = (piece.first(), piece.last()) else { return Vec::new() };
    if piece.len() as f64 <= (last.0 - first.0).max(1.0) {
        return piece.to_vec();
    }
    let mut out = vec![*first];
    for column in piece.chunk_by(|a, b| (a.0 / COLUMN).floor() == (b.0 / COLUMN).floor()) {
        let by_value = |a: &&Point, b: &&Point| a.1.total_cmp(&b.1);
        let (Some(least), Some(most)) = (column.iter().min_by(by_value), column.iter().max_by(by_value)) else {
            continue;
        };
        out.extend(if least.0 <= most.0 { [*least, *most] } else { [*most, *least] });
    }
    out.push(*last);
    out.dedup();
    out
}

/// Without the points inside a level stretch.
fn bends(piece: &[Point]) -> Vec<Point> {
    let mut out: Vec<Point> = Vec::with_capacity(piece.len());
    for (index, point) in piece.iter().enumerate() {
        let level = |other: Option<&Point>| other.is_some_and(|other| (other.1 - point.1).abs() < FLAT);
        if !(level(out.last()) && level(piece.get(index + 1))) {
            out.push(*point);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_survive() {
        let points = (0..10_000).map(|i| (f64::from(i) / 100.0, if i == 5_432 { 9.0 } else { 1.0 }));
        let pieces = pieces(points);
        assert_eq!(pieces.len(), 1);
        assert!(pieces[0].len() <= 105);
        assert!(pieces[0].contains(&(54.32, 9.0)));
        assert_eq!((pieces[0][0].0, pieces[0].last().unwrap().0), (0.0, 99.99));
    }

    #[test]
    fn level_stretches_keep_their_ends() {
        let pieces = pieces([(0.0, 1.0), (5.0, 1.0), (10.0, 1.0), (11.0, 4.0), (12.0, 1.0), (20.0, 1.0)]);
        assert_eq!(pieces, [vec![(0.0, 1.0), (10.0, 1.0), (11.0, 4.0), (12.0, 1.0), (20.0, 1.0)]]);
    }

    #[test]
    fn gaps_stay_gaps() {
        let pieces = pieces([(0.0, 1.0), (1.0, f64::NAN), (2.0, 1.0), (3.0, 2.0)]);
        assert_eq!(pieces, [vec![(0.0, 1.0)], vec![(2.0, 1.0), (3.0, 2.0)]]);
    }
}
