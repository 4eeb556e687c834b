//! Always the same.

use super::{Law, Stream};

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Constant {
    pub value: f64,
}

impl Law for Constant {
    fn sample(&self, _: &mut Stream) -> f64 {
        self.value
    }
    fn mean(&self) -> f64 {
        self.value
    }
    fn variance(&self) -> f64 {
        0.0
    }
    fn cdf(&self, x: f64) -> f64 {
        if x >= self.value { 1.0 } else { 0.0 }
    }
}
