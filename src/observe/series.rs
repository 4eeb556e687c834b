//! Time series of one component in one run: one column a metric, one row a tick.

use std::borrow::Cow;

/// Columns are named by the CSV's metric names and all have the same length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SeriesSet {
    pub names: Vec<Cow<'static, str>>,
    /// Row after row: `values[row * names.len() + column]`.
    pub values: Vec<f64>,
}

impl SeriesSet {
    pub fn new(names: &[&'static str], rows: usize) -> SeriesSet {
        SeriesSet::named(names.iter().map(|name| Cow::Borrowed(*name)).collect(), rows)
    }

    pub fn named(names: Vec<Cow<'static, str>>, rows: usize) -> SeriesSet {
        let values = Vec::with_capacity(names.len() * rows);
        SeriesSet { names, values }
    }

    pub fn push(&mut self, row: &[f64]) {
        debug_assert_eq!(row.len(), self.names.len());
        self.values.extend_from_slice(row);
    }

    pub fn rows(&self) -> usize {
        if self.names.is_empty() { 0 } else { self.values.len() / self.names.len() }
    }

    pub fn column<'a>(&'a self, name: &str) -> Option<impl Iterator<Item = f64> + use<'a>> {
        let width = self.names.len();
        let index = self.names.iter().position(|n| *n == name)?;
        Some(self.values.iter().skip(index).step_by(width).copied())
    }
}
