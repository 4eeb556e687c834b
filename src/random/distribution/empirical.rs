//! Measured lengths, each drawn as often as it was measured.

use super::{Law, Stream};

#[derive(Debug, Clone, PartialEq)]
pub struct Empirical {
    /// Ascending, seconds.
    sorted: Vec<f64>,
}

impl Empirical {
    /// Needs at least one value, in any order.
    pub fn new(mut values: Vec<f64>) -> Empirical {
        values.sort_by(f64::total_cmp);
        Empirical { sorted: values }
    }
}

impl Law for Empirical {
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.sorted[(stream.uniform() * self.sorted.len() as f64) as usize]
    }
    fn mean(&self) -> f64 {
        self.sorted.iter().sum::<f64>() / self.sorted.len() as f64
    }
    fn variance(&self) -> f64 {
        let mean = self.mean();
        self.sorted.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / self.sorted.len() as f64
    }
    fn cdf(&self, x: f64) -> f64 {
        self.sorted.partition_point(|value| *value <= x) as f64 / self.sorted.len() as f64
    }
}
