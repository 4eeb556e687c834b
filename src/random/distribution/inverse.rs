//! Another law, drawn by its quantiles from one uniform number: so evenly spread numbers make evenly spread draws.

use super::{Distribution, Law, Stream};
use std::sync::Arc;

/// Cells of equal probability. Between their edges the quantiles are a straight line; the last is looked up exactly.
const CELLS: usize = 2048;

#[derive(Debug, Clone, PartialEq)]
pub struct Inverse {
    of: Box<Distribution>,
    edges: Arc<[f64]>,
}

impl Inverse {
    pub fn new(of: &Distribution) -> Inverse {
        let edges = (0..CELLS).map(|cell| of.quantile(cell as f64 / CELLS as f64)).collect();
        Inverse { of: Box::new(of.clone()), edges }
    }
}

impl Law for Inverse {
    fn sample(&self, stream: &mut Stream) -> f64 {
        let u = stream.uniform();
        let place = u * CELLS as f64;
        let cell = place as usize;
        match self.edges.get(cell + 1) {
            Some(upper) => {
                let lower = self.edges[cell];
                lower + (upper - lower) * place.fract()
            }
            None => self.of.quantile(u),
        }
    }
    fn mean(&self) -> f64 {
        self.of.mean()
    }
    fn variance(&self) -> f64 {
        self.of.variance()
    }
    fn cdf(&self, x: f64) -> f64 {
        self.of.cdf(x)
    }
}
