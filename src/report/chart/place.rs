//! Where words fit: labels that cover neither the data nor one another.

use super::canvas::Point;

/// The highest thing drawn in each column of pixels, and the words already placed.
pub(super) struct Ground {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    highest: Vec<f64>,
    /// Left, top, right, bottom.
    words: Vec<[f64; 4]>,
    dots: Vec<Point>,
}

/// Space between a label and what it stands above.
const GAP: f64 = 7.0;
/// Half the side of the square that a mark's dot takes up.
const DOT: f64 = 6.0;

impl Ground {
    /// An empty area between `left` and `right`, `top` and `bottom`.
    pub(super) fn new(left: f64, right: f64, top: f64, bottom: f64) -> Ground {
        let columns = (right - left).ceil() as usize + 1;
        Ground { left, right, top, bottom, highest: vec![bottom; columns], words: Vec::new(), dots: Vec::new() }
    }

    fn column(&self, x: f64) -> usize {
        ((x - self.left).max(0.0) as usize).min(self.highest.len() - 1)
    }

    /// Takes up everything below a line.
    pub(super) fn cover(&mut self, line: &[Point]) {
        for pair in line.windows(2) {
            let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
            let (from, to) = (self.column(ax), self.column(bx));
            for column in from..=to {
                let share = if to == from { 0.0 } else { (column - from) as f64 / (to - from) as f64 };
                let y = if to == from { ay.min(by) } else { ay + (by - ay) * share };
                self.highest[column] = self.highest[column].min(y);
            }
        }
    }

    /// Keeps words off the dot of a mark.
    pub(super) fn dot(&mut self, center: Point) {
        self.dots.push(center);
    }

    /// The left end and baseline of a text for `mark`: above all data, as near to the mark as can be.
    pub(super) fn place(&mut self, mark: Point, width: f64, height: f64) -> Point {
        let level = mark.1 + height / 2.0;
        let starts = [mark.0 + GAP, mark.0 - GAP - width, mark.0 - width / 2.0];
        let places = starts.map(|start| {
            let start = start.min(self.right - width - 2.0).max(self.left + 4.0);
            (start, self.clear(start, level, width, height))
        });
        let away = |place: &Point| (place.1 - level).abs();
        let best = places.into_iter().min_by(|a, b| away(a).total_cmp(&away(b))).unwrap_or((self.left, self.bottom));
        self.words.push([best.0, best.1 - height, best.0 + width, best.1]);
        best
    }

    /// The lowest clear baseline over a stretch, no lower than `level`; the top of the area where there is none.
    fn clear(&self, start: f64, level: f64, width: f64, height: f64) -> f64 {
        let columns = self.column(start - 2.0)..=self.column(start + width + 2.0);
        let mut baseline = self.highest[columns].iter().fold(self.bottom, |least, y| least.min(*y)) - GAP;
        baseline = baseline.min(level);
        let dots = self.dots.iter().map(|dot| [dot.0 - DOT, dot.1 - DOT, dot.0 + DOT, dot.1 + DOT]);
        let words = self.words.iter().map(|word| [word[0] - 8.0, word[1] - 3.0, word[2] + 8.0, word[3] + 3.0]);
        let taken: Vec<[f64; 4]> = dots.chain(words).collect();
        // Words move up past what is already there; each step passes at least one of them.
        for _ in 0..=taken.len() {
            let hit = taken.iter().find(|there| {
                start < there[2] && start + width > there[0] && baseline > there[1] && baseline - height < there[3]
            });
            match hit {
                Some(there) => baseline = there[1] - 1.0,
                None => break,
            }
        }
        baseline.max(self.top + height)
    }
}

/// Rows for labels centred over spans, none touching another: for each span its row and the label's left end.
/// `None` where more than `most` rows would be needed.
pub(super) fn rows(spans: &[(f64, f64)], left: f64, right: f64, most: usize) -> Vec<Option<(usize, f64)>> {
    let mut ends: Vec<f64> = Vec::new();
    let place = |&(center, width): &(f64, f64)| {
        let start = (center - width / 2.0).min(right - width).max(left);
        let row = match ends.iter().position(|end| start > end + 10.0) {
            Some(row) => row,
            None if ends.len() < most => {
                ends.push(f64::MIN);
                ends.len() - 1
            }
            None => return None,
        };
        ends[row] = start + width;
        Some((row, start))
    };
    spans.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_above_the_data_and_clear_of_each_other() {
        let mut ground = Ground::new(0.0, 400.0, 0.0, 200.0);
        ground.cover(&[(0.0, 150.0), (200.0, 60.0), (400.0, 150.0)]);
        let first = ground.place((200.0, 60.0), 100.0, 12.0);
        assert!(first.1 <= 66.0);
        let second = ground.place((205.0, 60.0), 100.0, 12.0);
        let apart = (first.0 - second.0).abs() >= 100.0 || (first.1 - second.1).abs() >= 12.0;
        assert!(apart, "{first:?} {second:?}");
    }

    #[test]
    fn words_stay_beside_their_mark() {
        let mut ground = Ground::new(0.0, 400.0, 0.0, 200.0);
        ground.cover(&[(0.0, 200.0), (200.0, 200.0), (201.0, 50.0), (300.0, 50.0), (301.0, 200.0), (400.0, 200.0)]);
        let place = ground.place((201.0, 50.0), 100.0, 12.0);
        assert!((place.1 - 50.0).abs() < 20.0, "{place:?}");
    }

    #[test]
    fn window_labels_take_rows() {
        let rows = rows(&[(50.0, 80.0), (60.0, 80.0), (300.0, 80.0), (390.0, 80.0)], 0.0, 400.0, 2);
        assert_eq!(
            rows.iter().map(|place| place.map(|p| p.0)).collect::<Vec<_>>(),
            [Some(0), Some(1), Some(0), Some(1)]
        );
        assert_eq!(rows[3], Some((1, 320.0)));
    }
}
