//! A rate over time, cut into pieces on which it is a straight line.

use super::shape::{Base, Spike};

/// Total rate over time: a base, spikes over it, and factors that faults apply in windows.
#[derive(Debug, Clone, PartialEq)]
pub struct RateCurve {
    pub base: Base,
    pub spikes: Vec<Spike>,
    /// (start, end, factor), seconds: a producer fault.
    pub factors: Vec<(f64, f64, f64)>,
}

/// From `start` to `end` (seconds) the rate runs in a straight line from `from` to `to` (per second).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    pub start: f64,
    pub end: f64,
    pub from: f64,
    pub to: f64,
}

impl Segment {
    /// Expected arrivals in it: its area.
    pub fn area(&self) -> f64 {
        (self.from + self.to) / 2.0 * (self.end - self.start)
    }

    /// The instant at which the area since `start` reaches `area` (root of the quadratic, in the form that does not cancel).
    pub fn time_of_area(&self, area: f64) -> f64 {
        let slope = (self.to - self.from) / (self.end - self.start);
        let root = (self.from * self.from + 2.0 * slope * area).max(0.0).sqrt();
        let denominator = self.from + root;
        if denominator <= 0.0 {
            return self.start;
        }
        (self.start + 2.0 * area / denominator).min(self.end)
    }
}

impl RateCurve {
    pub fn constant(rate: f64) -> RateCurve {
        RateCurve { base: Base::Constant(rate), spikes: vec![], factors: vec![] }
    }

    /// The rate per second at `t` seconds. Of overlapping spikes the highest rules.
    pub fn rate_at(&self, t: f64) -> f64 {
        let base = self.base.rate_at(t);
        let spiked = self.spikes.iter().filter_map(|spike| spike.rate_at(t, base)).reduce(f64::max).unwrap_or(base);
        let factor: f64 = self
            .factors
            .iter()
            .filter(|(start, end, _)| (*start..*end).contains(&t))
            .map(|(_, _, factor)| factor)
            .product();
        spiked.max(0.0) * factor
    }

    /// The same rate with its clock set back: what comes after `by` seconds comes at once, what was before is gone.
    pub fn later(&self, by: f64) -> RateCurve {
        let spikes = self.spikes.iter().filter(|spike| spike.end() > by);
        let factors = self.factors.iter().filter(|(_, end, _)| *end > by);
        RateCurve {
            base: self.base.later(by),
            spikes: spikes.map(|spike| Spike { at: spike.at - by, ..*spike }).collect(),
            factors: factors.map(|(start, end, factor)| (start - by, end - by, *factor)).collect(),
        }
    }

    /// Straight pieces that cover 0 … `end` seconds without a gap.
    ///
    /// Between two neighbouring breaks the curve is a line, except where a ramp crosses a wave or another spike: such
    /// pieces are halved until the line misses the curve's middle by less than 10⁻⁴ of its height.
    pub fn segments(&self, end: f64) -> Vec<Segment> {
        let mut cuts = self.base.breaks(end);
        cuts.extend(self.spikes.iter().flat_map(Spike::breaks));
        cuts.extend(self.factors.iter().flat_map(|(start, stop, _)| [*start, *stop]));
        cuts.extend([0.0, end]);
        cuts.retain(|t| (0.0..=end).contains(t));
        cuts.sort_by(f64::total_cmp);
        cuts.dedup();
        let mut segments: Vec<Segment> = vec![];
        for pair in cuts.windows(2) {
            self.push_pieces(pair[0], pair[1], 0, &mut segments);
        }
        segments
    }

    fn push_pieces(&self, start: f64, end: f64, depth: u32, out: &mut Vec<Segment>) {
        // The rate may jump at either end, so it is read just inside; the ends follow from two inner points.
        let width = end - start;
        let (a, b) = (self.rate_at(start + width * 0.25), self.rate_at(start + width * 0.75));
        let piece = Segment { start, end, from: (a - (b - a) / 2.0).max(0.0), to: (b + (b - a) / 2.0).max(0.0) };
        let middle = self.rate_at(start + width * 0.5);
        if depth < 12 && (middle - (a + b) / 2.0).abs() > 1e-4 * middle.max(a).max(b) {
            self.push_pieces(start, start + width / 2.0, depth + 1, out);
            self.push_pieces(start + width / 2.0, end, depth + 1, out);
            return;
        }
        if let Some(last) = out.last_mut()
            && last.from == last.to
            && piece.from == piece.to
            && last.to == piece.from
        {
            last.end = end;
            return;
        }
        out.push(piece);
    }

    /// Expected arrivals from 0 to `end` seconds.
    pub fn expected(&self, end: f64) -> f64 {
        self.segments(end).iter().map(Segment::area).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::super::shape::{SpikeLevel, Stage};
    use super::*;

    #[test]
    fn a_ramped_spike_has_the_area_of_its_trapezium() {
        let spike = Spike { at: 100.0, lasts: 50.0, level: SpikeLevel::Rate(90.0), ramp: 10.0, fall: 20.0 };
        let curve = RateCurve { base: Base::Constant(10.0), spikes: vec![spike], factors: vec![] };
        // 10/s for 300 s, and 80/s more: half of it in 10 s, all in 40 s, half in 20 s.
        assert!((curve.expected(300.0) - (3000.0 + 80.0 * (5.0 + 40.0 + 10.0))).abs() < 1e-6);
    }

    #[test]
    fn a_clock_set_back_shows_the_same_rate_sooner() {
        let stages = vec![Stage { duration: 10.0, target: 20.0 }, Stage { duration: 30.0, target: 5.0 }];
        let spike = Spike { at: 5.0, lasts: 20.0, level: SpikeLevel::Times(3.0), ramp: 4.0, fall: 2.0 };
        let bases = [
            Base::Constant(7.0),
            Base::Stages { from: 2.0, stages },
            Base::Wave { rate: 9.0, amplitude: 4.0, period: 50.0, phase: 1.0 },
            Base::Trace { steps: vec![(0.0, 3.0), (12.0, 8.0), (20.0, 1.0)], end: 45.0 },
        ];
        for base in bases {
            let curve = RateCurve { base, spikes: vec![spike], factors: vec![(8.0, 16.0, 0.5)] };
            for by in [0.0, 6.0, 15.0, 30.0, 60.0] {
                let later = curve.later(by);
                for t in [0.0, 0.5, 3.0, 11.0, 17.0, 40.0] {
                    assert!((later.rate_at(t) - curve.rate_at(t + by)).abs() < 1e-9, "{curve:?} {by} {t}");
                }
                assert!((later.expected(50.0) - (curve.expected(by + 50.0) - curve.expected(by))).abs() < 1e-3);
            }
        }
    }

    #[test]
    fn stages_jump_and_ramp() {
        let stages = vec![Stage { duration: 10.0, target: 20.0 }, Stage { duration: 0.0, target: 5.0 }];
        let curve = RateCurve { base: Base::Stages { from: 0.0, stages }, spikes: vec![], factors: vec![] };
        assert!((curve.expected(20.0) - (100.0 + 50.0)).abs() < 1e-9);
    }

    #[test]
    fn a_wave_keeps_its_mean() {
        let base = Base::Wave { rate: 100.0, amplitude: 60.0, period: 600.0, phase: 0.0 };
        let curve = RateCurve { base, spikes: vec![], factors: vec![(0.0, 600.0, 2.0)] };
        assert!((curve.expected(1200.0) / 180_000.0 - 1.0).abs() < 1e-5);
    }

    #[test]
    fn a_line_is_inverted_exactly() {
        let line = Segment { start: 10.0, end: 20.0, from: 4.0, to: 8.0 };
        let half = line.time_of_area(line.area() / 2.0);
        let before = Segment { end: half, to: 4.0 + 0.4 * (half - 10.0), ..line };
        assert!((before.area() - line.area() / 2.0).abs() < 1e-9);
    }
}
